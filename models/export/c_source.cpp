#include "models/export/c_source.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <stdexcept>
#include <vector>

#include "models/data/errors.h"
#include "models/data/number.h"
#include "models/export/c_functions.h"
#include "models/export/c_text.h"

namespace models {
namespace {

// A layer as it is written: a row of weights for each number that goes out.
struct Layer {
  std::size_t in = 0;
  std::size_t out = 0;
  std::span<const double> weights;  // [in × out]
  std::span<const double> intercepts;
  std::span<const double> slopes;  // of prelu
};

std::vector<Layer> layers_of(const Classifier& classifier) {
  std::vector<Layer> layers;
  std::span<const double> rest = classifier.parameters;
  const auto take = [&rest](std::size_t count) {
    if (rest.size() < count) throw std::invalid_argument("the model has too few parameters");
    const auto taken = rest.first(count);
    rest = rest.subspan(count);
    return taken;
  };
  for (const ParameterBlock& block : parameter_blocks(classifier.architecture)) {
    const auto values = take(static_cast<std::size_t>(block.shape.size()));
    if (block.penalised) {
      const auto in = static_cast<std::size_t>(block.shape[0]);
      layers.push_back({in, values.size() / in, values, {}, {}});
    } else {
      (layers.back().intercepts.empty() ? layers.back().intercepts : layers.back().slopes) = values;
    }
  }
  if (!rest.empty()) throw std::invalid_argument("the model has too many parameters");
  return layers;
}

// How a unit's number becomes what goes out, in C, from a number `z` that is one already.
std::string activated(const Activation& activation, const std::string& slope) {
  const auto argument = [&] { return c_number(activation.arguments.at(0)); };
  const std::string& name = activation.name;
  if (name == "sigmoid" || name == "tanh" || name == "softplus") return "@" + name + "(z)";
  if (name == "generalized_logistic") return "@generalized_logistic(z, " + argument() + ")";
  if (name == "relu") return "z > 0.0 ? z : 0.0";
  if (name == "leaky_relu") return "z > 0.0 ? z : " + argument() + " * z";
  if (name == "prelu") return "z > 0.0 ? z : " + slope + " * z";
  if (name == "elu") return "z > 0.0 ? z : " + argument() + " * @expm1(z)";
  if (name == "hard_logistic") return "z <= -2.0 ? 0.0 : z >= 2.0 ? 1.0 : 0.25 * z + 0.5";
  if (name == "hard_tanh") return "z <= -1.0 ? -1.0 : z >= 1.0 ? 1.0 : z";
  throw std::invalid_argument("there is no C for the activation " + in_quotes(name));
}

// The function of c_functions() that it needs, or "".
std::string_view function_of(const Activation& activation) {
  for (const std::string_view name : {"sigmoid", "tanh", "softplus", "generalized_logistic"}) {
    if (activation.name == name) return name;
  }
  return activation.name == "elu" ? "expm1" : "";
}

class CSource {
 public:
  CSource(const Classifier& classifier, const CSourceOptions& options)
      : classifier_(classifier),
        options_(options),
        encoding_(classifier.encoding),
        layers_(layers_of(classifier)),
        name_(c_identifier(options.name, "model")),
        order_(sorted_order(classifier.classes, classifier.encoding.decimal)),
        position_(order_.size()) {
    for (std::size_t k = 0; k < order_.size(); ++k) position_[order_[k]] = k;
    CNames names;
    for (const ColumnEncoding& column : encoding_.columns) {
      members_.push_back(names.unique(column.name, "column"));
    }
  }

  std::string write() {
    introduction();
    declarations();
    definitions();
    return with_prefix(text_, name_ + "_");
  }

 private:
  // Text of others, in which an @ is an @.
  static std::string with_literal_at(std::string text) {
    std::replace(text.begin(), text.end(), '@', literal_at);
    return text;
  }
  static std::string comment(std::string_view text) { return with_literal_at(c_comment(text)); }
  static std::string string(std::string_view text) { return with_literal_at(c_string(text)); }

  void add(std::string_view line) { text_.append(line).append("\n"); }

  // --- What the reader sees first --------------------------------------------------------------

  [[nodiscard]] bool is_binary() const { return classifier_.classes.size() == 2; }
  [[nodiscard]] bool is_sorted() const {
    return std::is_sorted(position_.begin(), position_.end());
  }
  [[nodiscard]] bool fills() const {
    return encoding_.missing == MissingPolicy::mean ||
           encoding_.missing == MissingPolicy::mean_and_flag;
  }
  [[nodiscard]] std::string count_of_classes() const {
    return std::to_string(classifier_.classes.size());
  }
  // A name in capitals that no other file has.
  [[nodiscard]] std::string macro(std::string_view what) const {
    std::string name = name_ + "_" + std::string(what);
    for (char& c : name) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return name;
  }

  void introduction() {
    std::string kind(to_string(classifier_.kind));
    if (!classifier_.is_linear()) {
      kind += " of " + to_string(classifier_.architecture.activation) + " units,";
      for (const std::size_t units : classifier_.architecture.hidden) {
        kind += " " + std::to_string(units);
      }
    }
    add("/* Predicts " + comment(classifier_.target) + " (" + kind + "). Written by tapewise " +
        std::string(options_.program_version) + ".");
    add(R"( *
 *   struct @row row = {0};
 *   double probabilities[@class_count];
 *   int predicted;)");
    for (std::size_t k = 0; k < std::min<std::size_t>(members_.size(), 2); ++k) {
      const ColumnEncoding& column = encoding_.columns[k];
      // What stands here must be a part of a comment.
      add(" *   row." + members_[k] + " = " +
          (column.is_categorical() ? comment(column.levels[column.reference])
                                   : c_number(column.fill_number)) +
          ";");
    }
    if (members_.size() > 2) add(" *   ...");
    add(" *   predicted = @predict(&row, probabilities);");
    add(" *   if (predicted >= 0) puts(@classes[predicted]);");
    add(R"( *
 * C99, and C++; nothing but the C library is needed (link with -lm). Nothing is allocated and no
 * state is kept: any number of threads may predict at once. Other source files see what is declared
 * here by)");
    add(" *   #define " + macro("DECLARATIONS_ONLY"));
    add(" *   #include \"" + name_ + ".c\"");
    add(R"( *
 * Probabilities have the same bits as those of `tapewise predict` where the compiler adds and
 * multiplies as it is told to (-std=c99 or -ffp-contract=off, never -ffast-math), and else differ
 * in their last digits.
 */)");
  }

  // --- Declarations ----------------------------------------------------------------------------

  void declarations() {
    add("#ifndef " + macro("DECLARED"));
    add("#define " + macro("DECLARED"));
    add("#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
    declare_classes();
    add(R"(
/* Why a row has no prediction. */
enum @error {
  @missing = -1, /* a cell is missing, and the model was not trained to fill it in */
  @unknown = -2, /* a category that no training row had */
  @too_far = -3  /* a number so far from those of the training rows that nothing can be computed */
};
)");
    declare_row();
    add(R"(
/* The predicted class, or a negative @error, and then the probabilities are left as they
 * were. They are in the order of @classes; NULL where they are not needed. */
int @predict(const struct @row *row, double probabilities[@class_count]);
)");
    add("#ifdef __cplusplus\n}\n#endif");
    add("#endif /* " + macro("DECLARED") + " */\n");
  }

  void declare_classes() {
    add("/* The classes, in sorted order. " +
        (is_binary() ? comment(classifier_.positive_class()) +
                           " is predicted where its probability is at least " +
                           shortest(classifier_.threshold) + "."
                     : std::string("The most probable one is predicted.")) +
        " */");
    add("enum @class {");
    CNames names({"@class_count"});
    for (const std::size_t k : order_) {
      const std::string& label = classifier_.classes[k];
      add("  " + names.unique_behind("@class_", label) + " = " + std::to_string(position_[k]) +
          ", /* " + comment(label) + " */");
    }
    add("  @class_count = " + count_of_classes() + "\n};");
    add("/* As they are written in the training file. */");
    add("extern const char *const @classes[@class_count];");
  }

  void declare_row() {
    add("/* A row: a member for each column of the training file that the model uses. Numbers are "
        "NaN,\n"
        " * and categories NULL, where they are missing" +
        std::string(fills() ? "." : ", which is refused.") + " */");
    add("struct @row {");
    for (std::size_t k = 0; k < members_.size(); ++k) {
      const ColumnEncoding& column = encoding_.columns[k];
      add(std::string("  ") + (column.is_categorical() ? "const char *" : "double ") + members_[k] +
          "; /* " + described(column) + " */");
    }
    add("};");
  }

  [[nodiscard]] std::string described(const ColumnEncoding& column) const {
    constexpr std::size_t shown = 8;
    std::string text = comment(column.name);
    if (column.is_categorical()) {
      for (std::size_t i = 0; i < std::min(column.levels.size(), shown); ++i) {
        text += (i == 0 ? ": " : ", ") + comment(column.levels[i]);
        if (i == column.reference) text += " (the reference)";
      }
      if (column.levels.size() > shown) {
        text += " and " + std::to_string(column.levels.size() - shown) + " more";
      }
    }
    if (fills()) {
      text += "; missing: " + (column.is_categorical() ? comment(column.levels[column.fill_level])
                                                       : shortest(column.fill_number));
    }
    return text;
  }

  // --- Definitions -----------------------------------------------------------------------------

  void definitions() {
    add("#ifndef " + macro("DECLARATIONS_ONLY"));
    add(R"(#ifdef __FAST_MATH__
#error "-ffast-math takes away NaN, by which missing values are known, and the digits of sums"
#endif
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif
)");
    std::vector<std::string> labels;
    for (const std::size_t k : order_) labels.push_back(string(classifier_.classes[k]));
    add("const char *const @classes[@class_count] = " + c_list(labels, 4) + ";\n");
    tables();
    text_ += functions();
    add("");
    encode();
    predict();
    add("#endif /* " + macro("DECLARATIONS_ONLY") + " */");
  }

  void table(const std::string& name, std::span<const double> values) {
    std::vector<std::string> numbers;
    for (const double value : values) numbers.push_back(c_number(value));
    add("static const double @" + name + "[" + std::to_string(values.size()) +
        "] = " + c_list(numbers, 4) + ";");
  }

  void tables() {
    add("/* The features of the model, on whose standardised scale the weights are. */");
    add("#define " + macro("FEATURES") + " " + std::to_string(classifier_.features.size()));
    table("mean", classifier_.standardisation.mean);
    table("scale", classifier_.standardisation.scale);
    add("");
    for (std::size_t k = 0; k < layers_.size(); ++k) {
      const Layer& layer = layers_[k];
      const std::string number = std::to_string(k + 1);
      add("static const double @weights_" + number + "[" + std::to_string(layer.out) + "][" +
          std::to_string(layer.in) + "] = {");
      for (std::size_t j = 0; j < layer.out; ++j) {
        std::vector<std::string> row;
        for (std::size_t i = 0; i < layer.in; ++i) {
          row.push_back(c_number(layer.weights[i * layer.out + j]));
        }
        add("    " + c_list(row, 8) + (j + 1 < layer.out ? "," : "};"));
      }
      table("intercepts_" + number, layer.intercepts);
      if (!layer.slopes.empty()) table("slopes_" + number, layer.slopes);
      add("");
    }
    if (!is_binary() && !is_sorted()) {
      std::vector<std::string> positions;
      for (const std::size_t at : position_) positions.push_back(std::to_string(at));
      add("/* Where the classes, in the order of the weights, are in sorted order. */");
      add("static const int @position[@class_count] = " + c_list(positions, 4) + ";\n");
    }
    for (std::size_t k = 0; k < members_.size(); ++k) {
      if (!encoding_.columns[k].is_categorical()) continue;
      std::vector<std::string> levels;
      for (const std::string& level : encoding_.columns[k].levels) {
        levels.push_back(string(level));
      }
      add("static const char *const @levels_" + members_[k] + "[" + std::to_string(levels.size()) +
          "] = " + c_list(levels, 4) + ";\n");
    }
  }

  [[nodiscard]] bool has_numbers(const ColumnEncoding& column) const {
    return std::any_of(
        column.levels.begin(), column.levels.end(), [this](const std::string& level) {
          return parse_number(level, encoding_.decimal).status == NumberStatus::number;
        });
  }

  [[nodiscard]] std::string functions() const {
    std::set<std::string_view> names{"affine", is_binary() ? "sigmoid" : "exp"};
    for (const ColumnEncoding& column : encoding_.columns) {
      if (column.is_categorical()) names.insert(has_numbers(column) ? "number_level" : "level");
    }
    const std::string_view activation = function_of(classifier_.architecture.activation);
    if (!classifier_.is_linear() && !activation.empty()) names.insert(activation);
    std::string source = c_functions(names);
    std::replace(source.begin(), source.end(), '~', encoding_.decimal);
    return source;
  }

  // From a row to its features.
  void encode() {
    add("static int @encode(const struct @row *row, double x[" + macro("FEATURES") + "]) {");
    const bool has_levels =
        std::any_of(encoding_.columns.begin(), encoding_.columns.end(),
                    [](const ColumnEncoding& column) { return column.is_categorical(); });
    if (has_levels) add("  int level;");
    if (!fills()) refuse_missing();
    std::size_t at = 0;
    for (std::size_t k = 0; k < members_.size(); ++k) {
      const ColumnEncoding& column = encoding_.columns[k];
      if (column.is_categorical()) {
        encode_category(column, members_[k], at);
      } else {
        encode_number(column, members_[k], at);
      }
      at += column.features();
    }
    add("  return 0;\n}\n");
  }

  // Before anything else is looked at, as predict does.
  void refuse_missing() {
    for (std::size_t k = 0; k < members_.size(); ++k) {
      const std::string cell = "row->" + members_[k];
      const bool is_categorical = encoding_.columns[k].is_categorical();
      add("  if (" + (is_categorical ? cell + " == NULL" : "isnan(" + cell + ")") +
          ") return @missing;");
    }
  }

  static std::string feature(std::size_t at) { return "  x[" + std::to_string(at) + "] = "; }

  void encode_number(const ColumnEncoding& column, const std::string& member, std::size_t at) {
    const std::string missing = "isnan(row->" + member + ")";
    if (fills()) {
      add(feature(at) + missing + " ? " + c_number(column.fill_number) + " : row->" + member + ";");
    } else {
      add(feature(at) + "row->" + member + ";");
    }
    if (column.flagged) add(feature(at + 1) + missing + " ? 1.0 : 0.0;");
  }

  void encode_category(const ColumnEncoding& column, const std::string& member, std::size_t at) {
    const std::string find = std::string(has_numbers(column) ? "@number_level" : "@level") +
                             "(row->" + member + ", @levels_" + member + ", " +
                             std::to_string(column.levels.size()) + ")";
    const std::string missing = "row->" + member + " == NULL";
    if (fills()) {
      add("  level = " + missing + " ? " + std::to_string(column.fill_level) + " : " + find + ";");
    } else {
      add("  level = " + find + ";");
    }
    if (options_.unknown == UnknownPolicy::error) add("  if (level < 0) return @unknown;");
    for (std::size_t level = 0; level < column.levels.size(); ++level) {
      if (level == column.reference) continue;
      add(feature(at++) + "level == " + std::to_string(level) + " ? 1.0 : 0.0;");
    }
    if (column.flagged) add(feature(at) + missing + " ? 1.0 : 0.0;");
  }

  // From the features to the class.
  void predict() {
    add("int @predict(const struct @row *row, double probabilities[@class_count]) {");
    add("  double x[" + macro("FEATURES") + "];");
    for (std::size_t k = 0; k + 1 < layers_.size(); ++k) {
      add("  double units_" + std::to_string(k + 1) + "[" +
          std::to_string(classifier_.architecture.hidden[k]) + "];");
    }
    add(is_binary() ? "  double z, p;" : "  double z[@class_count];\n  double total = 0.0;");
    if (!is_binary()) add("  int best = 0;");
    const bool is_maxout = !classifier_.is_linear() && pieces() > 1;
    add(std::string("  int i") + (is_maxout ? ", piece;" : ";"));
    add("  const int error = @encode(row, x);");
    add("  if (error != 0) return error;");
    add("  for (i = 0; i < " + macro("FEATURES") + R"(; ++i) {
    x[i] = (x[i] - @mean[i]) / @scale[i];
    if (!isfinite(x[i])) return @too_far;
  })");
    for (std::size_t k = 0; k + 1 < layers_.size(); ++k) hidden_layer(k);
    if (is_binary()) {
      answer_of_two();
    } else {
      answer_of_several();
    }
    add("}");
  }

  [[nodiscard]] std::size_t pieces() const {
    const Activation& activation = classifier_.architecture.activation;
    return activation.name == "maxout" ? static_cast<std::size_t>(activation.arguments.at(0)) : 1;
  }

  static std::string input_of(std::size_t layer) {
    return layer == 0 ? "x" : "units_" + std::to_string(layer);
  }
  // b + w·x of the unit of a layer.
  [[nodiscard]] std::string affine(std::size_t layer, const std::string& unit) const {
    const std::string number = std::to_string(layer + 1);
    return "@affine(@intercepts_" + number + "[" + unit + "], @weights_" + number + "[" + unit +
           "], " + input_of(layer) + ", " + std::to_string(layers_[layer].in) + ")";
  }

  void hidden_layer(std::size_t layer) {
    const std::string number = std::to_string(layer + 1);
    const std::string units = std::to_string(classifier_.architecture.hidden[layer]);
    const std::string target = "    units_" + number + "[i]";
    add("  for (i = 0; i < " + units + "; ++i) {");
    if (pieces() > 1) {
      const std::string count = std::to_string(pieces());
      add("    for (piece = 0; piece < " + count + "; ++piece) {");
      add("      const double z = " + affine(layer, count + " * i + piece") + ";");
      add("      if (!isfinite(z)) return @too_far;");
      add("      if (piece == 0 || z > units_" + number + "[i]) units_" + number + "[i] = z;");
      add("    }");
    } else {
      add("    const double z = " + affine(layer, "i") + ";");
      add("    if (!isfinite(z)) return @too_far;");
      add(target + " = " +
          activated(classifier_.architecture.activation, "@slopes_" + number + "[i]") + ";");
    }
    add("  }");
  }

  void answer_of_two() {
    add("  z = " + affine(layers_.size() - 1, "0") + ";");
    add("  if (!isfinite(z)) return @too_far;");
    add("  p = @sigmoid(z);");
    add("  if (probabilities != NULL) {");
    add("    probabilities[" + std::to_string(position_[0]) + "] = @sigmoid(-z);");
    add("    probabilities[" + std::to_string(position_[1]) + "] = p;");
    add("  }");
    add("  return p >= " + c_number(classifier_.threshold) + " ? " + std::to_string(position_[1]) +
        " : " + std::to_string(position_[0]) + ";");
  }

  // Logits are in the order of the model, in which the first of equals is the one predicted; the
  // logit of its first class may be 0 by definition.
  void answer_of_several() {
    const std::string first =
        classifier_.architecture.outputs + 1 == classifier_.classes.size() ? "1" : "0";
    if (first == "1") add("  z[0] = 0.0;");
    add("  for (i = " + first + "; i < @class_count; ++i) {");
    add("    z[i] = " + affine(layers_.size() - 1, first == "1" ? "i - 1" : "i") + ";");
    add("    if (!isfinite(z[i])) return @too_far;\n  }");
    add(R"(  for (i = 1; i < @class_count; ++i) {
    if (z[i] > z[best]) best = i;
  }
  {
    const double largest = z[best];
    for (i = 0; i < @class_count; ++i) {
      z[i] = @exp(z[i] - largest);
      total += z[i];
    }
  })");
    add("  for (i = 0; i < @class_count; ++i) z[i] /= total;");
    // Logits that differ may have the same probability, of which the first is the one predicted.
    add("  for (i = best; i-- > 0;) {\n    if (z[i] == z[best]) best = i;\n  }");
    const std::string at = is_sorted() ? "i" : "@position[i]";
    add("  for (i = 0; i < @class_count; ++i) {");
    add("    if (probabilities != NULL) probabilities[" + at + "] = z[i];\n  }");
    add(is_sorted() ? "  return best;" : "  return @position[best];");
  }

  const Classifier& classifier_;
  const CSourceOptions& options_;
  const FeatureEncoding& encoding_;
  std::vector<Layer> layers_;
  std::string name_;
  std::vector<std::size_t> order_;     // the classes in sorted order
  std::vector<std::size_t> position_;  // where each is in it
  std::vector<std::string> members_;   // of the row, one for each column
  std::string text_;
};

}  // namespace

std::string c_source(const Classifier& classifier, const CSourceOptions& options) {
  return CSource(classifier, options).write();
}

}  // namespace models
