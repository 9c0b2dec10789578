#pragma once
#include <cstdint>
#include <span>
#include <vector>
namespace models {
enum class SeparationKind : std::uint8_t { none, quasi_complete, complete };
struct Separation {
  SeparationKind kind = SeparationKind::none;
  std::vector<std::size_t> columns;
  std::vector<double> direction;
};
Separation find_separation(std::span<const double> features, std::span<const double> labels, std::size_t classes, std::span<const double> weights = {});
}
