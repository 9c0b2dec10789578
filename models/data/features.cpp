#include "models/data/features.h"

#include "models/data/errors.h"

namespace models {

std::string Features::where(std::size_t row, std::size_t column) const {
  return location(file, lines[row], fields[column]) + ": column " + printable(names[column]);
}

}  // namespace models
