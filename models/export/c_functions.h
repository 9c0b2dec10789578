// The functions that an exported model brings along, as C source: what prediction computes with,
// statement by statement, so that the model has the same bits.
//
// Rule for authors: @ stands for the model's name and an underscore. A function here and its
// original (autograd/readings/kernels.h, models/accurate_product.cpp) are changed together;
// tests/models/export/ holds them against each other.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace models {

// The source of these functions ("tanh", "affine", …), each behind those it calls. Throws
// std::invalid_argument for a name it does not have.
std::string c_functions(const std::set<std::string_view>& names);

// `text` with `prefix` for every @, and @ for every literal_at.
inline constexpr char literal_at = '\1';
std::string with_prefix(std::string_view text, std::string_view prefix);

}  // namespace models
