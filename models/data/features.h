// What a model computes with: a matrix of numbers that knows which cell each of them came from.
//
// Rule for callers: what views these vectors lives as long as the object; keep the object while a
// tape reads from it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace models {

// The features, a row per row of the file, and where each of them came from. A column of categories
// gives several features, all of one field.
struct Features {
  std::vector<std::string> names;   // in the order of the columns of `values`
  std::vector<double> values;       // rows x columns, row-major; all finite
  std::string file;                 // for messages
  std::vector<std::size_t> lines;   // per row, its line in the file
  std::vector<std::size_t> fields;  // per feature, the position of its column in the line

  std::size_t rows() const noexcept { return lines.size(); }
  std::size_t columns() const noexcept { return names.size(); }

  // `data.csv:52:3: column gpa`: where a value came from, for a message about it.
  std::string where(std::size_t row, std::size_t column) const;
};

}  // namespace models
