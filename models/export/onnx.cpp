#include "models/export/onnx.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <limits>
#include <set>
#include <span>
#include <stdexcept>
#include <vector>

#include "models/data/errors.h"
#include "models/data/number.h"

namespace models {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

using Shape = std::vector<std::int64_t>;
using Names = std::vector<std::string>;

// A graph, node by node. What a node puts out is known by a name that no column has.
class Graph {
 public:
  Graph(onnx::GraphProto& graph, std::set<std::string> taken)
      : graph_(graph), taken_(std::move(taken)) {}

  std::string fresh(std::string name) {
    while (!taken_.insert(name).second) name += "_";
    return name;
  }

  // A node with one output, of that name where one is given.
  std::string add(const char* operation, const Names& inputs, const std::string& name = "") {
    onnx::NodeProto& node = *graph_.add_node();
    node.set_op_type(operation);
    for (const std::string& input : inputs) node.add_input(input);
    std::string output = name.empty() ? fresh(operation) : name;
    node.add_output(output);
    return output;
  }
  // An attribute of the node that was added last.
  onnx::AttributeProto& attribute(const char* name, onnx::AttributeProto::AttributeType type) {
    onnx::AttributeProto& added = *last().add_attribute();
    added.set_name(name);
    added.set_type(type);
    return added;
  }
  void whole(const char* name, std::int64_t value) {
    attribute(name, onnx::AttributeProto::INT).set_i(value);
  }
  void of_domain(const char* domain) { last().set_domain(domain); }

  std::string numbers(const char* name, std::span<const double> values, const Shape& shape) {
    onnx::TensorProto& tensor = constant(name, onnx::TensorProto::DOUBLE, shape);
    for (const double value : values) tensor.add_double_data(value);
    return tensor.name();
  }
  std::string number(const char* name, double value) { return numbers(name, {&value, 1}, {}); }
  std::string wholes(const char* name, const Shape& values, const Shape& shape) {
    onnx::TensorProto& tensor = constant(name, onnx::TensorProto::INT64, shape);
    for (const std::int64_t value : values) tensor.add_int64_data(value);
    return tensor.name();
  }
  std::string texts(const char* name, const Names& values) {
    onnx::TensorProto& tensor =
        constant(name, onnx::TensorProto::STRING, {static_cast<std::int64_t>(values.size())});
    for (const std::string& value : values) tensor.add_string_data(value);
    return tensor.name();
  }

  std::string cast(const std::string& x, onnx::TensorProto::DataType type) {
    std::string output = add("Cast", {x});
    whole("to", type);
    return output;
  }
  std::string concatenated(const Names& columns, const std::string& name = "") {
    std::string output = add("Concat", columns, name);
    whole("axis", 1);
    return output;
  }

  // A value with a name of its own that has rows: [rows, columns], or [rows] of 0 columns.
  static void declare(onnx::ValueInfoProto& value, const std::string& name,
                      onnx::TensorProto::DataType type, std::size_t columns) {
    value.set_name(name);
    onnx::TypeProto::Tensor& tensor = *value.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(type);
    tensor.mutable_shape()->add_dim()->set_dim_param("rows");
    if (columns == 0) return;
    tensor.mutable_shape()->add_dim()->set_dim_value(static_cast<std::int64_t>(columns));
  }
  onnx::GraphProto& proto() { return graph_; }

 private:
  onnx::NodeProto& last() { return *graph_.mutable_node(graph_.node_size() - 1); }
  onnx::TensorProto& constant(const char* name, onnx::TensorProto::DataType type,
                              const Shape& shape) {
    onnx::TensorProto& tensor = *graph_.add_initializer();
    tensor.set_name(fresh(name));
    tensor.set_data_type(type);
    for (const std::int64_t extent : shape) tensor.add_dims(extent);
    return tensor;
  }

  onnx::GraphProto& graph_;
  std::set<std::string> taken_;
};

// --- From columns to features -------------------------------------------------------------------

bool fills(const FeatureEncoding& encoding) {
  return encoding.missing == MissingPolicy::mean ||
         encoding.missing == MissingPolicy::mean_and_flag;
}

// The features of a column of numbers: itself and, where it has one, its flag.
void encode_number(Graph& graph, const ColumnEncoding& column, const std::string& input,
                   bool is_filled, Names& features) {
  if (!is_filled) {
    features.push_back(input);  // NaN stays NaN, and so does everything that comes of it
    return;
  }
  const std::string missing = graph.add("IsNaN", {input});
  features.push_back(
      graph.add("Where", {missing, graph.number("fill", column.fill_number), input}));
  if (column.flagged) features.push_back(graph.cast(missing, onnx::TensorProto::DOUBLE));
}

// The features of a level: 0 or 1 for each but the reference, and the flag.
std::vector<double> features_of_level(const ColumnEncoding& column, std::size_t level,
                                      bool missing) {
  std::vector<double> features;
  for (std::size_t k = 0; k < column.levels.size(); ++k) {
    if (k != column.reference) features.push_back(k == level ? 1.0 : 0.0);
  }
  if (column.flagged) features.push_back(missing ? 1.0 : 0.0);
  return features;
}

// A table with the features of each level, of a missing cell and of an unknown category, and the
// row of it that belongs to a text.
void encode_category(Graph& graph, const ColumnEncoding& column, const std::string& input,
                     bool is_filled, UnknownPolicy unknown, Names& features) {
  const std::size_t levels = column.levels.size();
  std::vector<double> table;
  const auto append = [&table](const std::vector<double>& row) {
    table.insert(table.end(), row.begin(), row.end());
  };
  const std::vector<double> none(column.features(), nan);
  for (std::size_t level = 0; level < levels; ++level) {
    append(features_of_level(column, level, false));
  }
  append(is_filled ? features_of_level(column, column.fill_level, true) : none);
  append(unknown == UnknownPolicy::ignore ? features_of_level(column, column.reference, false)
                                          : none);
  Names keys = column.levels;
  if (std::find(keys.begin(), keys.end(), "") == keys.end()) keys.emplace_back();

  const std::string row = graph.add("LabelEncoder", {input});
  graph.of_domain("ai.onnx.ml");
  auto& texts = graph.attribute("keys_strings", onnx::AttributeProto::STRINGS);
  for (const std::string& key : keys) texts.add_strings(key);
  auto& rows = graph.attribute("values_int64s", onnx::AttributeProto::INTS);
  for (std::size_t k = 0; k < keys.size(); ++k) rows.add_ints(static_cast<std::int64_t>(k));
  graph.whole("default_int64", static_cast<std::int64_t>(levels + 1));

  const auto width = static_cast<std::int64_t>(column.features());
  const std::string found = graph.add(
      "Gather",
      {graph.numbers("levels", table, {static_cast<std::int64_t>(levels + 2), width}), row});
  // [rows, 1, features] as [rows, features].
  features.push_back(graph.add("Reshape", {found, graph.wholes("shape", {0, width}, {2})}));
}

std::string standardised_features(Graph& graph, const Classifier& classifier, const Names& inputs,
                                  UnknownPolicy unknown) {
  const FeatureEncoding& encoding = classifier.encoding;
  Names features;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    const ColumnEncoding& column = encoding.columns[k];
    if (column.is_categorical()) {
      encode_category(graph, column, inputs[k], fills(encoding), unknown, features);
    } else {
      encode_number(graph, column, inputs[k], fills(encoding), features);
    }
  }
  const Shape one_row{1, static_cast<std::int64_t>(classifier.features.size())};
  const auto& [mean, scale] = classifier.standardisation;
  const std::string centred =
      graph.add("Sub", {graph.concatenated(features), graph.numbers("mean", mean, one_row)});
  return graph.add("Div", {centred, graph.numbers("scale", scale, one_row)});
}

// --- From features to logits --------------------------------------------------------------------

std::string softplus(Graph& graph, const std::string& z) {
  const std::string tail = graph.add("Exp", {graph.add("Neg", {graph.add("Abs", {z})})});
  const std::string small = graph.add("Log", {graph.add("Add", {graph.number("one", 1.0), tail})});
  return graph.add("Add", {graph.add("Relu", {z}), small});
}

// z where it is positive, else what is given.
std::string rectified(Graph& graph, const std::string& z, const std::string& otherwise) {
  return graph.add("Where", {graph.add("Greater", {z, graph.number("zero", 0.0)}), z, otherwise});
}

std::string clipped(Graph& graph, const std::string& z, double low, double high) {
  return graph.add("Clip", {z, graph.number("low", low), graph.number("high", high)});
}

std::string maxout(Graph& graph, const std::string& z, std::int64_t pieces) {
  // [rows, units · pieces] as [rows, units, pieces].
  const std::string units = graph.add("Reshape", {z, graph.wholes("shape", {0, -1, pieces}, {3})});
  std::string largest = graph.add("ReduceMax", {units});
  graph.attribute("axes", onnx::AttributeProto::INTS).add_ints(2);
  graph.whole("keepdims", 0);
  return largest;
}

// From operators that runtimes have for doubles: Elu, LeakyRelu, Softplus and HardSigmoid are often
// for floats alone.
std::string activated(Graph& graph, const Activation& activation, const std::string& z,
                      const std::string& slopes) {
  const std::string& name = activation.name;
  const auto argument = [&] { return activation.arguments.at(0); };
  const auto times = [&](const std::string& x, double factor) {
    return graph.add("Mul", {x, graph.number("factor", factor)});
  };
  if (name == "sigmoid") return graph.add("Sigmoid", {z});
  if (name == "tanh") return graph.add("Tanh", {z});
  if (name == "relu") return graph.add("Relu", {z});
  if (name == "softplus") return softplus(graph, z);
  if (name == "generalized_logistic") {
    return graph.add("Exp", {times(softplus(graph, graph.add("Neg", {z})), -argument())});
  }
  if (name == "leaky_relu") return rectified(graph, z, times(z, argument()));
  if (name == "prelu") return rectified(graph, z, graph.add("Mul", {z, slopes}));
  if (name == "elu") {
    const std::string fall = graph.add("Exp", {graph.add("Min", {z, graph.number("zero", 0.0)})});
    return rectified(graph, z,
                     times(graph.add("Sub", {fall, graph.number("one", 1.0)}), argument()));
  }
  if (name == "hard_logistic") {
    const std::string line = graph.add("Add", {times(z, 0.25), graph.number("half", 0.5)});
    return clipped(graph, line, 0.0, 1.0);
  }
  if (name == "hard_tanh") return clipped(graph, z, -1.0, 1.0);
  if (name == "maxout") return maxout(graph, z, static_cast<std::int64_t>(argument()));
  throw std::invalid_argument("there is no ONNX for the activation " + in_quotes(name));
}

// The logits [rows, outputs].
std::string logits(Graph& graph, const Classifier& classifier, std::string x) {
  const std::vector<ParameterBlock> blocks = parameter_blocks(classifier.architecture);
  std::span<const double> rest = classifier.parameters;
  // As matrices: a slope or intercept for each column.
  const auto take = [&](const ParameterBlock& block) {
    const auto size = static_cast<std::size_t>(block.shape.size());
    if (rest.size() < size) throw std::invalid_argument("the model has too few parameters");
    const std::int64_t rows = block.penalised ? block.shape[0] : 1;
    std::string name = graph.numbers(block.name.c_str(), rest.first(size),
                                     {rows, static_cast<std::int64_t>(size) / rows});
    rest = rest.subspan(size);
    return name;
  };
  const bool learns_slopes = classifier.architecture.activation.name == "prelu";
  for (std::size_t k = 0; k < blocks.size();) {
    const std::string product = graph.add("MatMul", {x, take(blocks[k++])});
    x = graph.add("Add", {product, take(blocks[k++])});
    if (k == blocks.size()) break;
    const std::string slopes = learns_slopes ? take(blocks[k++]) : "";
    x = activated(graph, classifier.architecture.activation, x, slopes);
  }
  if (!rest.empty()) throw std::invalid_argument("the model has too many parameters");
  return x;
}

// --- From logits to answers ---------------------------------------------------------------------

// 0 for a row with an answer and NaN for one without: 0·∞ is NaN. Operators need not hand NaN on.
std::string guard(Graph& graph, const Names& tables) {
  std::string all;
  for (const std::string& table : tables) {
    const std::string zeros = graph.add("Mul", {table, graph.number("zero", 0.0)});
    const std::string sum = graph.add("ReduceSum", {zeros, graph.wholes("axes", {1}, {1})});
    all = all.empty() ? sum : graph.add("Add", {all, sum});
  }
  return all;
}

// Probabilities in the order of the model, and the class [rows, 1].
struct Answer {
  std::string probabilities;
  std::string cls;
};

Answer answer_of_two(Graph& graph, const std::string& z, double threshold) {
  const std::string positive = graph.add("Sigmoid", {z});
  const std::string negative = graph.add("Sigmoid", {graph.add("Neg", {z})});
  const std::string reaches =
      graph.add("GreaterOrEqual", {positive, graph.number("threshold", threshold)});
  return {graph.concatenated({negative, positive}), graph.cast(reaches, onnx::TensorProto::INT64)};
}

Answer answer_of_several(Graph& graph, std::string z, bool first_is_0) {
  if (first_is_0) {
    const std::string pad = graph.wholes("pads", {0, 1, 0, 0}, {4});
    z = graph.add("Pad", {z, pad});
  }
  const std::string probabilities = graph.add("Softmax", {z});
  graph.whole("axis", 1);
  const std::string cls = graph.add("ArgMax", {probabilities});
  graph.whole("axis", 1);
  return {probabilities, cls};
}

void put_out(Graph& graph, const Classifier& classifier, const Answer& answer,
             const std::string& guarded) {
  const std::size_t classes = classifier.classes.size();
  Shape order;
  for (const std::size_t k : sorted_order(classifier.classes, classifier.encoding.decimal)) {
    order.push_back(static_cast<std::int64_t>(k));
  }
  const std::string label = graph.fresh("label");
  const std::string probabilities = graph.fresh("probabilities");
  const std::string sorted = graph.add(
      "Gather",
      {answer.probabilities, graph.wholes("order", order, {static_cast<std::int64_t>(classes)})});
  graph.whole("axis", 1);
  graph.add("Add", {sorted, guarded}, probabilities);
  // Behind the labels stands that of a row without an answer.
  Names labels = classifier.classes;
  labels.emplace_back();
  const std::string none = graph.wholes("none", {static_cast<std::int64_t>(classes)}, {1});
  const std::string cls = graph.add("Where", {graph.add("IsNaN", {guarded}), none, answer.cls});
  const std::string found = graph.add("Gather", {graph.texts("labels", labels), cls});
  graph.add("Squeeze", {found, graph.wholes("axes", {1}, {1})}, label);
  Graph::declare(*graph.proto().add_output(), label, onnx::TensorProto::STRING, 0);
  Graph::declare(*graph.proto().add_output(), probabilities, onnx::TensorProto::DOUBLE, classes);
}

void fill(onnx::GraphProto& proto, const Classifier& classifier, const OnnxOptions& options) {
  const FeatureEncoding& encoding = classifier.encoding;
  const Names columns = encoding.column_names();
  Graph graph(proto, {columns.begin(), columns.end()});
  for (const ColumnEncoding& column : encoding.columns) {
    Graph::declare(*proto.add_input(), column.name,
                   column.is_categorical() ? onnx::TensorProto::STRING : onnx::TensorProto::DOUBLE,
                   1);
  }
  const std::string x = standardised_features(graph, classifier, columns, options.unknown);
  const std::string z = logits(graph, classifier, x);
  const bool first_is_0 = classifier.architecture.outputs + 1 == classifier.classes.size();
  put_out(graph, classifier,
          classifier.classes.size() == 2 ? answer_of_two(graph, z, classifier.threshold)
                                         : answer_of_several(graph, z, first_is_0),
          guard(graph, {x, z}));
}

}  // namespace

std::string onnx_model(const Classifier& classifier, const OnnxOptions& options) {
  onnx::ModelProto model;
  model.set_ir_version(onnx::IR_VERSION_2020_5_8);  // the one that operators 13 came with
  model.set_producer_name("tapewise");
  model.set_producer_version(std::string(options.program_version));
  onnx::OperatorSetIdProto& operators = *model.add_opset_import();
  operators.set_domain("");
  operators.set_version(13);
  onnx::OperatorSetIdProto& of_labels = *model.add_opset_import();
  of_labels.set_domain("ai.onnx.ml");
  of_labels.set_version(2);
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.set_name(options.name);
  graph.set_doc_string(std::string(to_string(classifier.kind)) + ": predicts " +
                       in_quotes(classifier.target));
  fill(graph, classifier, options);
  return model.SerializeAsString();
}

}  // namespace models
