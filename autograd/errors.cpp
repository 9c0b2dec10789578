#include "autograd/errors.h"

#include <string_view>

namespace autograd {

std::string to_string(SourceLine where) {
  const std::string_view path(where.file);
  if (path.empty()) return "";
  const auto slash = path.find_last_of('/');
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  return std::string(name) + ":" + std::to_string(where.line);
}

}  // namespace autograd
