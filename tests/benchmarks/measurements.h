// What Google Benchmark wrote to its JSON files: of each benchmark the fastest repetition, which
// was disturbed least.
#pragma once

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace benchmarks {

using Json = nlohmann::ordered_json;

// All that look something up throw std::runtime_error where it is not there.
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

  [[nodiscard]] double seconds(const std::string& name) const { return find(name).seconds; }
  // Of the fastest of read/<way>/<size>.
  [[nodiscard]] double seconds_to_read(const std::string& size) const {
    double fastest = infinity;
    for (const auto& [name, found] : found_) {
      if (name.starts_with("read/") && name.ends_with("/" + size)) {
        fastest = std::min(fastest, found.seconds);
      }
    }
    if (fastest == infinity) throw std::runtime_error("no benchmark reads " + size);
    return fastest;
  }
  [[nodiscard]] double counter(const std::string& name, const std::string& counter) const {
    return find(name).counters.at(counter);
  }
  // Whether there are benchmarks of somebody else's: "libtorch", "pandas", "duckdb".
  [[nodiscard]] bool has(const std::string& other) const {
    return std::any_of(found_.begin(), found_.end(), [&other](const auto& found) {
      return found.first.starts_with(other + "/");
    });
  }
  // Nothing may be measured but different ways to one result.
  void require_same_result(const std::string& one, const std::string& other) const {
    const double a = counter(one, "result");
    const double b = counter(other, "result");
    if (!(std::abs(a - b) <= 1e-12 * std::max(std::abs(a), std::abs(b)))) {
      throw std::runtime_error(one + " and " + other + " do not compute the same: " +
                               Json(a).dump() + " and " + Json(b).dump());
    }
  }

  // What Google Benchmark and main.cpp tell of the machine; null where they do not.
  [[nodiscard]] Json context(const std::string& key) const {
    const auto found = context_.find(key);
    return found == context_.end() ? Json() : found->second;
  }
  // In bytes; 32 MiB where the machine does not tell.
  [[nodiscard]] double last_level_cache() const {
    double largest = 0.0;
    for (const Json& cache : context("caches"))
      largest = std::max<double>(largest, cache.at("size"));
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
    const std::string full_name = run.at("run_name");
    if (run.value("error_occurred", false)) throw std::runtime_error(full_name + " failed");
    // Google Benchmark appends how often it was told to run.
    Found& found = found_[full_name.substr(0, full_name.find("/iterations:"))];
    const double seconds = run.at("real_time").get<double>() * units.at(run.at("time_unit"));
    found.seconds = std::min(found.seconds, seconds);
    for (const char* counter : {"result", "allocations", "MiB", "log_likelihood"}) {
      if (!run.contains(counter)) continue;
      const double value = run[counter];
      double& largest = found.counters.emplace(counter, value).first->second;
      largest = std::max(largest, value);
    }
  }

  [[nodiscard]] const Found& find(const std::string& name) const {
    const auto found = found_.find(name);
    if (found == found_.end()) throw std::runtime_error("there is no benchmark " + name);
    return found->second;
  }

  std::map<std::string, Found> found_;
  std::map<std::string, Json> context_;
};

}  // namespace benchmarks
