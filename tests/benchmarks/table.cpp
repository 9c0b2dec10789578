// Makes the table of ratios that are asked of the engine from what the benchmarks found.
//   benchmark_table [--json] [--others N] FILE...
//     FILE        what --benchmark_out wrote
//     --others N  how many processors other programs kept busy meanwhile
// Prints it as text and as JSON, or as JSON alone. Exit code 0; 1 where a ratio is missed; 2 where
// there is nothing to judge: a file cannot be read, a benchmark is not in it, or two sides of a
// ratio did not compute the same.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <initializer_list>
#include <iostream>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/benchmarks/measurements.h"

namespace benchmarks {
namespace {

// ---- rows

struct Asked {
  enum Sense { at_least, at_most, below } sense;
  double bound;
  int digits;  // after the point, here and in what is measured
};

enum class Verdict { met, missed, skipped };

struct Row {
  std::string what;
  Asked asked;
  std::optional<double> measured{};  // nothing where there was nothing to measure
  Json from = Json::object();        // what the measured was made of
  std::string skipped_because = "libtorch is not there";

  [[nodiscard]] Verdict verdict() const {
    if (!measured) return Verdict::skipped;
    const bool met = asked.sense == Asked::at_least  ? *measured >= asked.bound
                     : asked.sense == Asked::at_most ? *measured <= asked.bound
                                                     : *measured < asked.bound;
    return met ? Verdict::met : Verdict::missed;
  }
};

struct Section {
  std::string title;
  std::vector<Row> rows;
};

// Rows of several kinds, each by the names of its two sides.
class Rows {
 public:
  explicit Rows(const Measurements& found) : found_(found) {}

  // Bytes of X per second, through the tape against read and done.
  [[nodiscard]] Row share_of_bandwidth(const std::string& what, const std::string& size,
                                       double bound) const {
    Row row{what, {Asked::at_least, bound, 2}};
    const double epoch = found_.seconds("epoch/gradient/" + size);
    const double reading = found_.seconds_to_read(size);
    row.measured = reading / epoch;
    row.from = {{"seconds", epoch}, {"read_seconds", reading}};
    return row;
  }

  // How many times the time by hand.
  [[nodiscard]] Row against_by_hand(const std::string& what, const std::string& ours,
                                    const std::string& by_hand, double bound) const {
    Row row{what, {Asked::at_most, bound, 2}};
    found_.require_same_result(ours, by_hand);
    row.measured = found_.seconds(ours) / found_.seconds(by_hand);
    row.from = {{"seconds", found_.seconds(ours)}, {"by_hand_seconds", found_.seconds(by_hand)}};
    return row;
  }

  // How many times faster than libtorch.
  [[nodiscard]] Row against_libtorch(const std::string& what, const std::string& ours,
                                     const std::string& theirs, double bound) const {
    Row row{what, {Asked::at_least, bound, 1}};
    if (!found_.has("libtorch")) return row;
    found_.require_same_result(ours, theirs);
    row.measured = found_.seconds(theirs) / found_.seconds(ours);
    row.from = {{"seconds", found_.seconds(ours)}, {"libtorch_seconds", found_.seconds(theirs)}};
    return row;
  }

  // The slowest time per row to the fastest, of the sizes that are at least four times the last
  // cache. What it takes to read them stands beside: not every machine's memory is flat itself.
  [[nodiscard]] Row flatness(const std::string& what, double bound) const {
    Row row{what, {Asked::at_most, bound, 2}};
    int counted = 0;
    double slowest = 0.0;
    double fastest = std::numeric_limits<double>::infinity();
    Json sizes;
    for (const int rows : {10'000, 100'000, 500'000, 1'000'000, 2'000'000, 4'000'000}) {
      const std::string size = std::to_string(rows) + "/32";
      const double per_row = found_.seconds("epoch/gradient/" + size) / rows;
      Json& entry = sizes.emplace_back();
      entry = {{"rows", rows}, {"seconds_per_row", per_row}};
      if (rows * 32.0 * sizeof(double) < 4.0 * found_.last_level_cache()) continue;
      entry["read_seconds_per_row"] = found_.seconds_to_read(size) / rows;
      ++counted;
      slowest = std::max(slowest, per_row);
      fastest = std::min(fastest, per_row);
    }
    if (counted < 2) {
      row.skipped_because = "fewer than two sizes are out of cache";
      return row;
    }
    row.measured = slowest / fastest;
    row.from = {{"slowest_seconds", slowest}, {"fastest_seconds", fastest}, {"sizes", sizes}};
    return row;
  }

  // How many times faster than the best of another program's ways to read the same file.
  [[nodiscard]] Row against_reader(const std::string& other, const std::string& name,
                                   std::initializer_list<const char*> ways, double bound) const {
    Row row{"than " + name, {Asked::at_least, bound, 1}};
    row.skipped_because = other + " is not there";
    if (!found_.has(other)) return row;
    const std::string ours = "csv/read/500000";
    Json by_way;
    for (const char* way : ways) {
      const std::string theirs = other + "/csv/" + way;
      found_.require_same_result(ours, theirs);
      by_way[way] = found_.seconds(theirs);
    }
    const double best = *std::min_element(by_way.begin(), by_way.end());
    row.measured = best / found_.seconds(ours);
    row.from = {{"seconds", found_.seconds(ours)}, {other + "_seconds", best}, {"ways", by_way}};
    return row;
  }

  // How many times faster than a process of Python's on the same file.
  [[nodiscard]] Row against_command(const std::string& what, const std::string& file,
                                    double bound) const {
    Row row{what, {Asked::at_least, bound, 1}};
    row.skipped_because = "scikit-learn is not there";
    if (!found_.has("sklearn")) return row;
    const double ours = found_.seconds("command/" + file);
    const double theirs = found_.seconds("sklearn/command/" + file);
    row.measured = theirs / ours;
    row.from = {{"seconds", ours}, {"sklearn_seconds", theirs}};
    return row;
  }

  // By how much our mean log-likelihood is above theirs, without what sums of rows round.
  [[nodiscard]] Row above_log_likelihood(const std::string& what, const std::string& file) const {
    Row row{what, {Asked::at_least, 0.0, 13}};
    row.skipped_because = "scikit-learn is not there";
    if (!found_.has("sklearn")) return row;
    const double ours = found_.counter("command/" + file, "log_likelihood");
    const double theirs = found_.counter("sklearn/command/" + file, "log_likelihood");
    row.measured = std::round((ours - theirs) * 1e13) / 1e13;
    row.from = {{"log_likelihood", ours}, {"sklearn_log_likelihood", theirs}};
    return row;
  }

  // The reader's speed is 1: predicting reads the file, too, and writes as many lines.
  [[nodiscard]] Row share_of_reader(const std::string& what, const std::string& name,
                                    double bound) const {
    Row row{what, {Asked::at_least, bound, 2}};
    row.skipped_because = "Python's packages are not there";
    if (!found_.has("sklearn")) return row;
    const double reading = found_.seconds("csv/read/500000");
    row.measured = reading / found_.seconds(name);
    row.from = {{"reading_seconds", reading}, {"seconds", found_.seconds(name)}};
    return row;
  }

  [[nodiscard]] Row milliseconds(const std::string& what, const std::string& name,
                                 double bound) const {
    Row row{what, {Asked::below, bound, 1}};
    row.skipped_because = "Python's packages are not there";
    if (found_.has("sklearn")) row.measured = 1e3 * found_.seconds(name);
    return row;
  }

  // The slowest time per byte to the fastest.
  [[nodiscard]] Row linearity(const std::string& what, double bound) const {
    Row row{what, {Asked::at_most, bound, 2}};
    double slowest = 0.0;
    double fastest = std::numeric_limits<double>::infinity();
    Json sizes;
    for (const int lines : {100'000, 1'000'000, 4'000'000}) {
      const std::string name = "csv/read/" + std::to_string(lines);
      const double per_mebibyte = found_.seconds(name) / found_.counter(name, "MiB");
      sizes.push_back({{"lines", lines}, {"seconds_per_MiB", per_mebibyte}});
      slowest = std::max(slowest, per_mebibyte);
      fastest = std::min(fastest, per_mebibyte);
    }
    row.measured = slowest / fastest;
    row.from = {{"slowest_seconds", slowest}, {"fastest_seconds", fastest}, {"sizes", sizes}};
    return row;
  }

  [[nodiscard]] Row allocations(const std::string& what, const std::string& name) const {
    return {what, {Asked::at_most, 0.0, 0}, found_.counter(name, "allocations")};
  }
  [[nodiscard]] Row memory(const std::string& what, const std::string& name, double bound) const {
    return {what, {Asked::below, bound, 1}, found_.counter(name, "MiB")};
  }

 private:
  const Measurements& found_;
};

// 569/30 as 569×30.
std::string times(std::string size) { return size.replace(size.find('/'), 1, "×"); }

std::vector<Section> table_of(const Measurements& found) {
  const Rows rows(found);
  const std::string ours = "logistic_regression/";
  Section by_hand{"Loss and gradient, one thread: times the time of a fused Eigen loop", {}};
  for (const auto& [side, name, bound] : {std::tuple{"replay", "replay, ", 1.10},
                                          std::tuple{"recording", "recording anew, ", 1.25}}) {
    for (const char* size : {"100/4", "569/30", "1000/64"}) {
      by_hand.rows.push_back(rows.against_by_hand(name + times(size), ours + side + "/" + size,
                                                  ours + "by_hand/" + size, bound));
    }
  }
  Section libtorch{"Loss and gradient, one thread, recorded anew: times faster than libtorch", {}};
  for (const auto& [size, bound] : {std::pair{"1/2", 300.0}, std::pair{"100/4", 50.0},
                                    std::pair{"569/30", 12.0}, std::pair{"1000/64", 4.0}}) {
    Row row = rows.against_libtorch(times(size), ours + "recording/" + size,
                                    "libtorch/" + ours + size, bound);
    if (row.measured) row.from["replayed_in"] = found.seconds(ours + "replay/" + size);
    libtorch.rows.push_back(row);
  }
  libtorch.rows.push_back(rows.against_libtorch("perceptron 569×30 → 16 tanh → 1",
                                                "perceptron/recording", "libtorch/perceptron", 3));
  return {
      {"Logistic regression, one full-batch epoch, two threads",
       {rows.share_of_bandwidth("gradient, 500000×32, of the read bandwidth", "500000/32", 0.70),
        rows.share_of_bandwidth("gradient, 500000×128, of the read bandwidth", "500000/128", 0.80),
        rows.against_libtorch("with loss, 500000×32, times faster than libtorch",
                              "epoch/loss/500000/32", "libtorch/epoch/500000/32", 4)}},
      by_hand,
      libtorch,
      {"Chain of 3000 scalar operations, forward and backward: times the time by hand",
       {rows.against_by_hand("recording anew", "chain/recording", "chain/by_hand", 4),
        rows.against_by_hand("replay", "chain/replay", "chain/by_hand", 2)}},
      {"Time per row and epoch, 10⁴ to 4·10⁶ rows of 32 features",
       {rows.flatness("slowest to fastest, once out of cache", 1.15)}},
      {"Heap allocations in 100 training steps after the first",
       {rows.allocations("recorded", "allocations/recording"),
        rows.allocations("replayed", "allocations/replay"),
        rows.allocations("sum over rows, two threads", "allocations/over_rows")}},
      {"Memory while training, beyond the data",
       {rows.memory("500000×32, MiB", "memory/training", 16)}},
      {"CSV of 500000 rows of 32 numbers and a label, two threads: times faster",
       {rows.against_reader("pandas", "pandas' C reader", {"read"}, 5),
        rows.against_reader("duckdb", "DuckDB, two threads", {"found", "given"}, 3)}},
      {"Whole command, 500000 rows of 32 numbers: reading, fitting, writing the model",
       {rows.against_command("random labels, times faster than scikit-learn", "noise", 4),
        rows.above_log_likelihood("  mean log-likelihood, above its", "noise"),
        rows.against_command("labels that can be learned, times faster", "signal", 4),
        rows.above_log_likelihood("  mean log-likelihood, above its", "signal"),
        rows.share_of_reader("predicting, of the reader's speed", "command/predict", 0.5),
        rows.milliseconds("iris, milliseconds", "command/iris", 50)}},
      {"Time per MiB of CSV, 10⁵ to 4·10⁶ rows", {rows.linearity("slowest to fastest", 1.25)}},
  };
}

int count(const std::vector<Section>& table, Verdict verdict) {
  long total = 0;
  for (const Section& section : table) {
    total += std::count_if(section.rows.begin(), section.rows.end(),
                           [verdict](const Row& row) { return row.verdict() == verdict; });
  }
  return static_cast<int>(total);
}

// ---- as text

std::string number(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

// "6.35 µs"
std::string duration(double seconds) {
  const auto [scale, unit] = seconds < 1e-6   ? std::pair{1e9, " ns"}
                             : seconds < 1e-3 ? std::pair{1e6, " µs"}
                                              : std::pair{1e3, " ms"};
  const double value = seconds * scale;
  return number(value, value < 10.0 ? 2 : value < 100.0 ? 1 : 0) + unit;
}

// What fills text up to so many columns; a character may take several bytes.
std::string fill(const std::string& text, std::size_t columns) {
  const auto characters = static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
  return std::string(columns > characters ? columns - characters : 0, ' ');
}
std::string left(const std::string& text, std::size_t columns) {
  return text + fill(text, columns);
}
std::string right(const std::string& text, std::size_t columns) {
  return fill(text, columns) + text;
}

// "6.42 µs : 5.75 µs", ours and the other side's; log-likelihoods likewise.
std::string sides_of(const Row& row) {
  std::string sides;
  for (const auto& [key, value] : row.from.items()) {
    const bool is_time = key.ends_with("seconds");
    if (!is_time && !key.ends_with("log_likelihood")) continue;
    sides += (sides.empty() ? "" : " : ") + (is_time ? duration(value) : number(value, 13));
  }
  return sides;
}

void print_text(const std::vector<Section>& table, const Measurements& found,
                std::optional<double> others) {
  const auto told = [&found](const char* key) {
    const Json value = found.context(key);
    return value.is_string() ? value.get<std::string>() : "unknown";
  };
  std::cout << told("processor") << ", " << found.context("num_cpus") << " processors; "
            << told("compiler") << '\n';
  if (found.has("libtorch")) std::cout << "libtorch multiplies with " << told("blas") << '\n';
  if (found.has("pandas")) std::cout << "pandas " << told("pandas") << '\n';
  if (found.has("sklearn")) std::cout << "scikit-learn " << told("sklearn") << '\n';
  if (found.has("duckdb")) std::cout << "DuckDB " << told("duckdb") << '\n';
  std::cout << left("", 51) << right("measured", 9) << right("asked", 9) << left("", 11)
            << "ours : other side\n";
  for (const Section& section : table) {
    std::cout << section.title << '\n';
    for (const Row& row : section.rows) {
      static constexpr std::array signs{"≥ ", "≤ ", "< "};
      static constexpr std::array verdicts{"met", "missed", "skipped"};
      const std::string asked = signs[row.asked.sense] + number(row.asked.bound, row.asked.digits);
      std::cout << left("  " + row.what, 51)
                << right(row.measured ? number(*row.measured, row.asked.digits) : "–", 9)
                << right(asked, 9) << "  "
                << left(verdicts[static_cast<std::size_t>(row.verdict())], 9) << sides_of(row)
                << '\n';
    }
  }
  std::cout << '\n'
            << count(table, Verdict::met) << " met, " << count(table, Verdict::missed)
            << " missed\n";
  for (const Section& section : table) {
    for (const Row& row : section.rows) {
      if (row.verdict() != Verdict::skipped) continue;
      std::cout << "SKIPPED: " << section.title << ": " << row.what << ": " << row.skipped_because
                << '\n';
    }
  }
  if (others && *others > 0.1) {
    std::cout << "DISTURBED: other programs kept " << number(*others, 2)
              << " processors busy meanwhile. Do not trust rows of two threads.\n";
  }
}

// ---- as JSON

Json json_of(const std::vector<Section>& table, const Measurements& found,
             std::optional<double> others) {
  Json json;
  for (const char* key :
       {"date", "processor", "num_cpus", "compiler", "blas", "pandas", "sklearn", "duckdb"}) {
    json[key] = found.context(key);
  }
  json["processors_busy_with_others"] = others ? Json(*others) : Json();
  json["last_level_cache_bytes"] = found.last_level_cache();
  json["met"] = count(table, Verdict::met);
  json["missed"] = count(table, Verdict::missed);
  json["skipped"] = count(table, Verdict::skipped);
  for (const Section& section : table) {
    for (const Row& row : section.rows) {
      static constexpr std::array signs{">=", "<=", "<"};
      static constexpr std::array verdicts{"met", "missed", "skipped"};
      Json& entry = json["rows"].emplace_back();
      entry = {{"section", section.title},
               {"what", row.what},
               {"measured", row.measured ? Json(*row.measured) : Json()},
               {"asked", {{"is", signs[row.asked.sense]}, {"bound", row.asked.bound}}},
               {"verdict", verdicts[static_cast<std::size_t>(row.verdict())]}};
      if (row.verdict() == Verdict::skipped) entry["reason"] = row.skipped_because;
      if (!row.from.empty()) entry["from"] = row.from;
    }
  }
  return json;
}

int run(std::span<char* const> arguments) {
  Measurements found;
  bool json_alone = false;
  std::optional<double> others;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string argument = arguments[i];
    if (argument == "--json") {
      json_alone = true;
    } else if (argument == "--others" && i + 1 < arguments.size()) {
      others = std::stod(arguments[++i]);
    } else {
      found.add(argument);
    }
  }
  const std::vector<Section> table = table_of(found);
  if (!json_alone) {
    print_text(table, found, others);
    std::cout << '\n';
  }
  std::cout << json_of(table, found, others).dump(2) << '\n';
  return count(table, Verdict::missed) > 0 ? 1 : 0;
}

}  // namespace
}  // namespace benchmarks

int main(int argc, char** argv) {
  try {
    return benchmarks::run(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
    return 2;
  }
}
