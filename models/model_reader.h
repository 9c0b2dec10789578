// Reads fields of one model file and says which one is wrong.
#pragma once

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/data/errors.h"

namespace models {

inline constexpr const char* train_again =
    "Train the model again with `tapewise train`, or restore the file.";

class ModelReader {
 public:
  ModelReader(std::string file, const nlohmann::ordered_json& root)
      : file_(std::move(file)), root_(root) {}

  [[noreturn]] void fail(const std::string& what, std::string_view hint = train_again) const {
    throw DataError(file_, Problem{0, 0, what}, hint);
  }

  [[nodiscard]] bool has(const char* name) const {
    return root_.is_object() && root_.contains(name);
  }
  [[nodiscard]] const nlohmann::ordered_json& at(const char* name) const {
    if (!has(name)) {
      fail("not a complete model file: the field " + in_quotes(name) + " is missing");
    }
    return root_.at(name);
  }
  [[nodiscard]] bool is_null(const char* name) const { return at(name).is_null(); }
  [[nodiscard]] double number(const char* name) const { return number(at(name), name); }
  [[nodiscard]] std::optional<double> number_or_null(const char* name) const {
    return is_null(name) ? std::nullopt : std::optional(number(name));
  }
  [[nodiscard]] std::string text(const char* name) const { return text(at(name), name); }
  [[nodiscard]] std::vector<double> numbers(const char* name) const {
    std::vector<double> result;
    for (const nlohmann::ordered_json& entry : list(name)) result.push_back(number(entry, name));
    return result;
  }
  [[nodiscard]] std::vector<std::string> texts(const char* name) const {
    std::vector<std::string> result;
    for (const nlohmann::ordered_json& entry : list(name)) result.push_back(text(entry, name));
    return result;
  }
  [[nodiscard]] std::size_t count(const char* name) const { return count(at(name), name); }
  [[nodiscard]] std::vector<std::vector<double>> matrix(const char* name) const {
    std::vector<std::vector<double>> rows;
    for (const nlohmann::ordered_json& row : list(name)) {
      if (!row.is_array()) fail("the field " + in_quotes(name) + " is not a list of lists");
      std::vector<double>& numbers = rows.emplace_back();
      for (const nlohmann::ordered_json& entry : row) numbers.push_back(number(entry, name));
    }
    return rows;
  }
  [[nodiscard]] long epochs(const char* name) const {
    const std::size_t value = count(name);
    constexpr auto most = static_cast<std::size_t>(std::numeric_limits<long>::max());
    if (value > most) fail("the field " + in_quotes(name) + " is out of range");
    return static_cast<long>(value);
  }
  [[nodiscard]] bool flag(const char* name) const {
    const nlohmann::ordered_json& value = at(name);
    if (!value.is_boolean()) fail("the field " + in_quotes(name) + " is not true or false");
    return value.get<bool>();
  }
  [[nodiscard]] ModelReader inside(const char* name) const { return {file_, at(name)}; }
  [[nodiscard]] std::vector<ModelReader> all_inside(const char* name) const {
    std::vector<ModelReader> readers;
    for (const nlohmann::ordered_json& entry : list(name)) readers.emplace_back(file_, entry);
    return readers;
  }

 private:
  [[nodiscard]] std::size_t count(const nlohmann::ordered_json& value, const char* name) const {
    if (!value.is_number_unsigned())
      fail("the field " + in_quotes(name) + " is not a whole number");
    return value.get<std::size_t>();
  }
  [[nodiscard]] const nlohmann::ordered_json& list(const char* name) const {
    const nlohmann::ordered_json& value = at(name);
    if (!value.is_array()) fail("the field " + in_quotes(name) + " is not a list");
    return value;
  }
  [[nodiscard]] double number(const nlohmann::ordered_json& value, const char* name) const {
    if (!value.is_number()) fail("the field " + in_quotes(name) + " is not a number");
    const auto result = value.get<double>();
    if (!std::isfinite(result)) fail("the field " + in_quotes(name) + " is not finite");
    return result;
  }
  [[nodiscard]] std::string text(const nlohmann::ordered_json& value, const char* name) const {
    if (!value.is_string()) fail("the field " + in_quotes(name) + " is not text");
    return value.get<std::string>();
  }

  std::string file_;
  const nlohmann::ordered_json& root_;
};

}  // namespace models
