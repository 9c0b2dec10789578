// Reads what the benchmarks found and prints the table of ratios that are asked of the engine.
//   benchmark_table [--json] FILE...        FILE: what --benchmark_out wrote
// Exit code 0, or 1 where a ratio is missed, or 2 where there is nothing to judge: a file that
// cannot be read, a benchmark that is not in it, two sides that did not compute the same.
//
// To add a row, see add_... below; each takes the fastest repetition of both its sides.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Json = nlohmann::ordered_json;

// ---- what was measured

class Measurements {
 public:
  void add(const std::string& file) {
    std::ifstream in(file);
    if (!in) throw std::runtime_error(file + " cannot be read");
    const Json json = Json::parse(in);
    for (const auto& [key, value] : json.at("context").items()) context_.emplace(key, value);
    for (const Json& run : json.at("benchmarks")) {
      if (run.at("run_type") == "iteration") add(run);
    }
  }

  // Seconds of the fastest repetition.
  [[nodiscard]] double seconds(const std::string& name) const { return find(name).seconds; }
  // Of the fastest of the benchmarks read/WAY/SIZE.
  [[nodiscard]] double seconds_to_read(const std::string& size) const {
    double fastest = infinity;
    for (const auto& [name, found] : found_) {
      if (name.starts_with("read/") && name.ends_with("/" + size)) {
        fastest = std::min(fastest, found.seconds);
      }
    }
    if (fastest == infinity) throw std::runtime_error("no benchmark read/…/" + size);
    return fastest;
  }
  [[nodiscard]] double counter(const std::string& name, const std::string& counter) const {
    return find(name).counters.at(counter);
  }
  [[nodiscard]] bool has_libtorch() const {
    return std::any_of(found_.begin(), found_.end(),
                       [](const auto& found) { return found.first.starts_with("libtorch/"); });
  }
  // Both sides of a ratio must have computed the same.
  void require_same_result(const std::string& one, const std::string& other) const {
    const double a = counter(one, "result");
    const double b = counter(other, "result");
    if (!(std::abs(a - b) <= 1e-12 * std::max(std::abs(a), std::abs(b)))) {
      throw std::runtime_error(one + " and " + other + " do not compute the same: " +
                               Json(a).dump() + " and " + Json(b).dump());
    }
  }
  [[nodiscard]] const Json& context(const std::string& key) const { return context_.at(key); }
  // Bytes of the largest cache.
  [[nodiscard]] double last_level_cache() const {
    double largest = 0.0;
    for (const Json& cache : context("caches")) {
      largest = std::max(largest, cache.at("size").get<double>());
    }
    return largest > 0.0 ? largest : 32.0 * 1024 * 1024;
  }

 private:
  static constexpr double infinity = std::numeric_limits<double>::infinity();
  struct Found {
    double seconds = infinity;
    std::map<std::string, double> counters;
  };

  void add(const Json& run) {
    static const std::map<std::string, double> units{
        {"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1.0}};
    std::string name = run.at("run_name");
    if (run.value("error_occurred", false)) throw std::runtime_error(name + " failed");
    // Google Benchmark appends how often it was asked to run.
    name = name.substr(0, name.find("/iterations:"));
    Found& found = found_[name];
    const double unit = units.at(run.at("time_unit"));
    found.seconds = std::min(found.seconds, run.at("real_time").get<double>() * unit);
    for (const auto& [key, value] : run.items()) {
      if (value.is_number()) found.counters[key] = value;
    }
  }

  [[nodiscard]] const Found& find(const std::string& name) const {
    const auto found = found_.find(name);
    if (found == found_.end()) throw std::runtime_error("no benchmark " + name);
    return found->second;
  }

  std::map<std::string, Found> found_;
  std::map<std::string, Json> context_;
};

// ---- the table

enum class Asked { at_least, at_most, less_than };

struct Row {
  std::string what;
  std::optional<double> measured;  // nothing where a side is missing
  Asked asked = Asked::at_least;
  double bound = 0.0;
  int digits = 2;
  Json from = Json::object();  // what the ratio was made of

  [[nodiscard]] std::string verdict() const {
    if (!measured) return "skipped";
    const bool met = asked == Asked::at_least  ? *measured >= bound
                     : asked == Asked::at_most ? *measured <= bound
                                               : *measured < bound;
    return met ? "met" : "missed";
  }
};

struct Section {
  std::string title;
  std::vector<Row> rows;
};

std::string ratio_name(const std::string& size) {  // 569/30 as 569×30
  return size.substr(0, size.find('/')) + "×" + size.substr(size.find('/') + 1);
}

Row share_of_bandwidth(const Measurements& found, const std::string& size, double bound) {
  const double epoch = found.seconds("epoch/gradient/" + size);
  const double reading = found.seconds_to_read(size);
  return {"gradient, " + ratio_name(size) + ": share of the read bandwidth",
          reading / epoch,
          Asked::at_least,
          bound,
          2,
          {{"epoch_seconds", epoch}, {"read_seconds", reading}}};
}

// How many times `ours` is faster than libtorch's.
Row against_libtorch(const Measurements& found, const std::string& what, const std::string& ours,
                     const std::string& theirs, double bound) {
  Row row{what, {}, Asked::at_least, bound, 1, {}};
  if (!found.has_libtorch()) return row;
  found.require_same_result(ours, theirs);
  row.from = {{"seconds", found.seconds(ours)}, {"libtorch_seconds", found.seconds(theirs)}};
  row.measured = found.seconds(theirs) / found.seconds(ours);
  return row;
}

// How many times the time by hand.
Row against_by_hand(const Measurements& found, const std::string& what, const std::string& ours,
                    const std::string& by_hand, double bound) {
  found.require_same_result(ours, by_hand);
  const double mine = found.seconds(ours);
  const double theirs = found.seconds(by_hand);
  return {what,
          mine / theirs,
          Asked::at_most,
          bound,
          2,
          {{"seconds", mine}, {"by_hand_seconds", theirs}}};
}

Row flatness(const Measurements& found) {
  constexpr std::array<long, 6> sizes{10'000, 100'000, 500'000, 1'000'000, 2'000'000, 4'000'000};
  Row row{"slowest ÷ fastest time per row, out of cache", {}, Asked::at_most, 1.15, 2, {}};
  double fastest = std::numeric_limits<double>::infinity();
  double slowest = 0.0;
  for (const long rows : sizes) {
    const auto count = static_cast<double>(rows);
    const double per_row = found.seconds("epoch/gradient/" + std::to_string(rows) + "/32") / count;
    const bool out_of_cache = count * 32 * sizeof(double) >= 4.0 * found.last_level_cache();
    row.from["nanoseconds_per_row"][std::to_string(rows)] = per_row * 1e9;
    if (!out_of_cache) continue;
    row.from["out_of_cache"].push_back(rows);
    fastest = std::min(fastest, per_row);
    slowest = std::max(slowest, per_row);
  }
  row.measured = slowest / fastest;
  return row;
}

Row count_of(const Measurements& found, const std::string& what, const std::string& name,
             const std::string& counter, Asked asked, double bound, int digits) {
  return {what, found.counter(name, counter), asked, bound, digits, {}};
}

std::vector<Section> table_of(const Measurements& found) {
  std::vector<Section> table;
  const std::string lr = "logistic_regression/";
  const std::array<std::string, 3> by_hand_sizes{"100/4", "569/30", "1000/64"};

  table.push_back(
      {"Logistic regression, one full-batch epoch, two threads",
       {share_of_bandwidth(found, "500000/32", 0.70), share_of_bandwidth(found, "500000/128", 0.80),
        against_libtorch(found, "with the loss, 500000×32: times faster than libtorch",
                         "epoch/loss/500000/32", "libtorch/epoch/500000/32", 4.0)}});
  Section& by_hand = table.emplace_back(
      Section{"Loss and gradient, one thread: times the time of a fused Eigen loop", {}});
  for (const auto& size : by_hand_sizes) {
    by_hand.rows.push_back(against_by_hand(found, "replay, " + ratio_name(size),
                                           lr + "replay/" + size, lr + "by_hand/" + size, 1.10));
  }
  for (const auto& size : by_hand_sizes) {
    by_hand.rows.push_back(against_by_hand(found, "recording anew, " + ratio_name(size),
                                           lr + "recording/" + size, lr + "by_hand/" + size, 1.25));
  }
  Section& libtorch = table.emplace_back(
      Section{"Loss and gradient, one thread, recorded anew: times faster than libtorch", {}});
  const std::array<std::pair<std::string, double>, 4> libtorch_sizes{
      {{"1/2", 300.0}, {"100/4", 50.0}, {"569/30", 12.0}, {"1000/64", 4.0}}};
  for (const auto& [size, bound] : libtorch_sizes) {
    Row row = against_libtorch(found, ratio_name(size), lr + "recording/" + size,
                               "libtorch/" + lr + size, bound);
    if (row.measured) row.from["replay_seconds"] = found.seconds(lr + "replay/" + size);
    libtorch.rows.push_back(row);
  }
  libtorch.rows.push_back(against_libtorch(found, "perceptron 569×30 → 16 tanh → 1",
                                           "perceptron/recording", "libtorch/perceptron", 3.0));
  table.push_back(
      {"Chain of 3000 scalar operations: times the time by hand",
       {against_by_hand(found, "recording anew", "chain/recording", "chain/by_hand", 4.0),
        against_by_hand(found, "replay", "chain/replay", "chain/by_hand", 2.0)}});
  table.push_back({"Time per row and epoch, 10⁴ to 4·10⁶ rows of 32 features", {flatness(found)}});
  table.push_back(
      {"Heap allocations in 100 training steps after the first",
       {count_of(found, "recorded", "allocations/recording", "allocations", Asked::at_most, 0, 0),
        count_of(found, "replayed", "allocations/replay", "allocations", Asked::at_most, 0, 0),
        count_of(found, "sum over rows, two threads", "allocations/over_rows", "allocations",
                 Asked::at_most, 0, 0)}});
  table.push_back(
      {"Memory while training, beyond the data",
       {count_of(found, "500000×32, MiB", "memory/training", "MiB", Asked::less_than, 16, 1)}});
  return table;
}

// ---- how it is printed

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
  return number(value, value < 10 ? 2 : value < 100 ? 1 : 0) + unit;
}

// To that many columns; a character may be several bytes.
std::string padded(const std::string& text, std::size_t columns, bool to_the_right = false) {
  const auto characters = static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
  const std::string space(columns > characters ? columns - characters : 0, ' ');
  return to_the_right ? space + text : text + space;
}

std::string asked_of(const Row& row) {
  const std::string sign = row.asked == Asked::at_least  ? "≥ "
                           : row.asked == Asked::at_most ? "≤ "
                                                         : "< ";
  return sign + number(row.bound, row.digits);
}

// "6.42 µs, 5.75 µs": what a ratio was made of.
std::string times_of(const Row& row) {
  std::string text;
  for (const auto& [key, value] : row.from.items()) {
    if (key.ends_with("seconds") && key != "replay_seconds") {
      text += (text.empty() ? "" : " : ") + duration(value);
    }
  }
  return text;
}

void print_text(const std::vector<Section>& table, const Measurements& found) {
  std::cout << found.context("processor").get<std::string>() << ", " << found.context("num_cpus")
            << " processors, load " << number(found.context("load_avg").at(0), 1)
            << " at the start; " << found.context("compiler").get<std::string>() << "\n\n";
  std::cout << padded("", 56) << padded("measured", 9, true) << padded("asked", 9, true) << '\n';
  int missed = 0;
  int skipped = 0;
  for (const Section& section : table) {
    std::cout << section.title << '\n';
    for (const Row& row : section.rows) {
      const std::string verdict = row.verdict();
      std::cout << padded("  " + row.what, 56)
                << padded(row.measured ? number(*row.measured, row.digits) : "–", 9, true)
                << padded(asked_of(row), 9, true) << "  " << padded(verdict, 8) << times_of(row)
                << '\n';
      missed += verdict == "missed" ? 1 : 0;
      skipped += verdict == "skipped" ? 1 : 0;
    }
  }
  std::cout << '\n' << missed << " missed";
  if (skipped > 0) std::cout << ", " << skipped << " SKIPPED: libtorch was not found";
  std::cout << '\n';
}

Json json_of(const std::vector<Section>& table, const Measurements& found) {
  Json json;
  for (const char* key : {"date", "processor", "num_cpus", "caches", "load_avg", "compiler"}) {
    json[key] = found.context(key);
  }
  json["threads"] = 2;
  static constexpr std::array signs{">=", "<=", "<"};
  for (const Section& section : table) {
    for (const Row& row : section.rows) {
      Json entry{{"section", section.title}, {"what", row.what}};
      entry["measured"] = row.measured ? Json(*row.measured) : Json();
      entry["asked"] = std::string(signs[static_cast<std::size_t>(row.asked)]) + " " +
                       number(row.bound, row.digits);
      entry["verdict"] = row.verdict();
      if (!row.measured) entry["reason"] = "libtorch was not found";
      if (!row.from.empty()) entry["from"] = row.from;
      json["rows"].push_back(entry);
    }
  }
  return json;
}

int run(const std::vector<std::string>& arguments) {
  Measurements found;
  bool only_json = false;
  for (const std::string& argument : arguments) {
    if (argument == "--json") {
      only_json = true;
    } else {
      found.add(argument);
    }
  }
  const auto table = table_of(found);
  if (!only_json) {
    print_text(table, found);
    std::cout << '\n';
  }
  std::cout << json_of(table, found).dump(2) << '\n';
  const bool missed = std::any_of(table.begin(), table.end(), [](const Section& section) {
    return std::any_of(section.rows.begin(), section.rows.end(),
                       [](const Row& row) { return row.verdict() == "missed"; });
  });
  return missed ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
    return 2;
  }
}
