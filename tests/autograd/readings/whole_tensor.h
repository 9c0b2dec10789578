// Formulas worked out on whole tensors, by plain loops that share nothing with the engine: what a
// rule prints can then be compared with what it computes.
//
// Rule for callers: sums and maxima keep their axes with extent 1, as fused rules are written; an
// operation without an evaluation here throws std::logic_error, so that a new one is not passed
// over.
#pragma once

#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <stdexcept>

#include "tests/autograd/support.h"

namespace autograd::testing {

struct Array {
  Position extents;
  std::vector<double> elements;

  Array() = default;
  explicit Array(Position shape)
      : extents(std::move(shape)), elements(static_cast<std::size_t>(count(extents))) {}
  Array(Position shape, std::vector<double> values)
      : extents(std::move(shape)), elements(std::move(values)) {}

  static Index count(const Position& shape) {
    return std::accumulate(shape.begin(), shape.end(), Index{1}, std::multiplies<>());
  }
  [[nodiscard]] std::size_t flat(const Position& at) const {
    Index index = 0;
    for (std::size_t axis = 0; axis < extents.size(); ++axis) {
      index = index * extents[axis] + at[axis];
    }
    return static_cast<std::size_t>(index);
  }
  // The element a larger shape repeats at a position of it.
  [[nodiscard]] double repeated(const Position& at) const {
    Position own(extents.size());
    const std::size_t missing = at.size() - own.size();
    for (std::size_t axis = 0; axis < own.size(); ++axis) {
      own[axis] = extents[axis] == 1 ? 0 : at[axis + missing];
    }
    return elements[flat(own)];
  }
};

// Calls visit(position) for every position of a shape, in memory order.
inline void for_each_position(const Position& extents,
                              const std::function<void(const Position&)>& visit) {
  Position at(extents.size(), 0);
  for (Index n = Array::count(extents); n > 0; --n) {
    visit(at);
    for (std::size_t axis = extents.size(); axis-- > 0;) {
      if (++at[axis] < extents[axis]) break;
      at[axis] = 0;
    }
  }
}

inline Array filled(const Position& extents, const std::function<double(const Position&)>& f) {
  Array result(extents);
  for_each_position(extents, [&](const Position& at) { result.elements[result.flat(at)] = f(at); });
  return result;
}

inline Position broadcast_extents(const Position& a, const Position& b) {
  Position longer = a.size() < b.size() ? b : a;
  const Position& shorter = a.size() < b.size() ? a : b;
  const std::size_t missing = longer.size() - shorter.size();
  for (std::size_t axis = 0; axis < shorter.size(); ++axis) {
    Index& extent = longer[axis + missing];
    if (shorter[axis] != 1 && extent != 1 && shorter[axis] != extent) {
      throw std::logic_error("shapes do not broadcast");
    }
    extent = std::max(extent, shorter[axis]);
  }
  return longer;
}

class WholeTensors {
 public:
  void set(const std::string& name, Array value) { values_[name] = std::move(value); }

  [[nodiscard]] Array evaluate(const Formula& f) const {
    if (const auto number = f.number()) return Array({}, {*number});
    if (f.is_symbol()) return values_.at(f.name());
    const std::string& name = f.name();
    if (name == "sum" || name == "max") return reduced(f);
    if (name == "first_maximum") return first_maximum(f);
    if (name == "repeat") return repeat(f);
    if (name == "view") return viewed(argument(f, 0), list(f, 1));
    if (name == "matmul") return product(argument(f, 0), argument(f, 1));
    if (name == "transpose") return transposed(argument(f, 0));
    if (moves_elements(name)) return moved(f);
    return element_by_element(f);
  }

 private:
  [[nodiscard]] Array argument(const Formula& f, std::size_t k) const {
    return evaluate(f.arguments()[k]);
  }
  static Position list(const Formula& f, std::size_t k) {
    const auto numbers = f.arguments()[k].numbers_of_list();
    return {numbers.begin(), numbers.end()};
  }
  static Index whole(const Formula& f, std::size_t k) {
    return static_cast<Index>(*f.arguments()[k].number());
  }

  // Axes named by numbers; "units of k" is the last axis of what the caller has split into units;
  // all of them where none is named.
  static Position axes_of(const Formula& f, const Array& x) {
    if (f.arguments().size() > 1 && !list(f, 1).empty()) {
      Position axes = list(f, 1);
      // Axes that it lacks have extent 1.
      std::erase_if(axes, [&](Index axis) { return axis >= Index(x.extents.size()); });
      return axes;
    }
    if (f.arguments().size() > 1) return {Index(x.extents.size()) - 1};
    Position all(x.extents.size());
    std::iota(all.begin(), all.end(), Index{0});
    return all;
  }
  static Position without(Position extents, const Position& axes) {
    for (const Index axis : axes) extents.at(static_cast<std::size_t>(axis)) = 1;
    return extents;
  }

  [[nodiscard]] Array reduced(const Formula& f) const {
    const Array x = argument(f, 0);
    const bool is_sum = f.name() == "sum";
    Array result(without(x.extents, axes_of(f, x)));
    std::fill(result.elements.begin(), result.elements.end(), is_sum ? 0.0 : -infinity);
    for_each_position(x.extents, [&](const Position& at) {
      Position to = at;
      for (const Index axis : axes_of(f, x)) to[static_cast<std::size_t>(axis)] = 0;
      double& so_far = result.elements[result.flat(to)];
      const double element = x.elements[x.flat(at)];
      so_far = is_sum ? so_far + element : std::max(so_far, element);
    });
    return result;
  }

  [[nodiscard]] Array first_maximum(const Formula& f) const {
    const Array x = argument(f, 0);
    const auto axis = static_cast<std::size_t>(axes_of(f, x).at(0));
    return filled(x.extents, [&](const Position& at) {
      bool first = true;
      for (Index other = 0; other < x.extents[axis]; ++other) {
        Position there = at;
        there[axis] = other;
        const double rival = x.elements[x.flat(there)];
        const double own = x.elements[x.flat(at)];
        first = first && (other < at[axis] ? rival < own : rival <= own);
      }
      return first ? 1.0 : 0.0;
    });
  }

  // Repeated along axes of the result, which x has with extent 1 or has not.
  [[nodiscard]] Array repeat(const Formula& f) const {
    Array x = argument(f, 0);
    const Position axes = list(f, 1);
    const Position to = list(f, 2);
    if (x.extents.size() < to.size()) x.extents = without(to, axes);
    if (Array::count(x.extents) != Index(x.elements.size())) throw std::logic_error("repeat");
    return filled(to, [&](const Position& at) { return x.repeated(at); });
  }

  static Array viewed(Array x, const Position& extents) {
    const auto count = static_cast<std::size_t>(Array::count(extents));
    if (x.elements.size() == 1) x.elements.assign(count, x.elements[0]);
    if (x.elements.size() != count) throw std::logic_error("view");
    return {extents, x.elements};
  }

  static Array transposed(Array x) {
    if (x.extents.size() < 2) return x;
    Position extents = x.extents;
    std::swap(extents[extents.size() - 1], extents[extents.size() - 2]);
    return filled(extents, [&](Position at) {
      std::swap(at[at.size() - 1], at[at.size() - 2]);
      return x.elements[x.flat(at)];
    });
  }

  static Array product(const Array& a, const Array& b) {
    const std::size_t n = a.extents.size();
    const std::size_t m = b.extents.size();
    const Index inner = a.extents[n - 1];
    if (inner != b.extents[m - 2]) throw std::logic_error("inner dimensions differ");
    Position extents = broadcast_extents(Position(a.extents.begin(), a.extents.end() - 2),
                                         Position(b.extents.begin(), b.extents.end() - 2));
    extents.insert(extents.end(), {a.extents[n - 2], b.extents[m - 1]});
    return filled(extents, [&](const Position& at) {
      double total = 0.0;
      for (Index k = 0; k < inner; ++k) {
        Position left = at;
        Position right = at;
        left.back() = k;
        right[right.size() - 2] = k;
        total += a.repeated(left) * b.repeated(right);
      }
      return total;
    });
  }

  static bool moves_elements(const std::string& name) {
    for (const char* one : {"reshape", "permute", "permute_back", "concatenate", "part_of", "slice",
                            "place", "gather_rows", "scatter_rows"}) {
      if (name == one) return true;
    }
    return false;
  }

  [[nodiscard]] Array moved(const Formula& f) const {
    const std::string& name = f.name();
    const Array x = argument(f, 0);
    if (name == "reshape") return {list(f, 1), x.elements};
    if (name == "permute" || name == "permute_back") return permuted(x, list(f, 1), name);
    if (name == "concatenate") return concatenated(x, argument(f, 1), whole(f, 2));
    if (name == "part_of") {
      return filled(list(f, 3), [&](Position at) {
        at[static_cast<std::size_t>(whole(f, 1))] += whole(f, 2);
        return x.elements[x.flat(at)];
      });
    }
    if (name == "slice" || name == "place") return windowed(f, x);
    return rows(f, x);
  }

  static Array permuted(const Array& x, const Position& order, const std::string& name) {
    const bool forwards = name == "permute";
    Position extents(order.size());
    for (std::size_t k = 0; k < order.size(); ++k) {
      const auto axis = static_cast<std::size_t>(order[k]);
      extents[forwards ? k : axis] = x.extents[forwards ? axis : k];
    }
    return filled(extents, [&](const Position& at) {
      Position from(at.size());
      for (std::size_t k = 0; k < order.size(); ++k) {
        const auto axis = static_cast<std::size_t>(order[k]);
        from[forwards ? axis : k] = at[forwards ? k : axis];
      }
      return x.elements[x.flat(from)];
    });
  }

  static Array concatenated(const Array& x, const Array& z, Index along) {
    const auto axis = static_cast<std::size_t>(along);
    Position extents = x.extents;
    extents[axis] += z.extents[axis];
    return filled(extents, [&](Position at) {
      if (at[axis] < x.extents[axis]) return x.elements[x.flat(at)];
      at[axis] -= x.extents[axis];
      return z.elements[z.flat(at)];
    });
  }

  // Starts and steps of each axis, and for slice extents.
  static Array windowed(const Formula& f, const Array& x) {
    const Position window = list(f, 1);
    const bool slices = f.name() == "slice";
    const std::size_t rank = x.extents.size();
    const auto outside = [&](Position at) {
      for (std::size_t axis = 0; axis < rank; ++axis) {
        at[axis] = window[axis] + at[axis] * window[rank + axis];
      }
      return at;
    };
    if (slices) {
      return filled(Position(window.begin() + Index(2 * rank), window.end()),
                    [&](const Position& at) { return x.elements[x.flat(outside(at))]; });
    }
    Array result(list(f, 2));
    for_each_position(x.extents, [&](const Position& at) {
      result.elements[result.flat(outside(at))] = x.elements[x.flat(at)];
    });
    return result;
  }

  static Array rows(const Formula& f, const Array& x) {
    const Position chosen = list(f, 1);
    const bool gathers = f.name() == "gather_rows";
    Position extents = x.extents;
    extents[0] = gathers ? Index(chosen.size()) : whole(f, 2);
    Array result(extents);
    for (std::size_t r = 0; r < chosen.size(); ++r) {
      Position row = extents;
      row[0] = 1;
      for_each_position(row, [&](Position at) {
        Position to = at;
        at[0] = gathers ? chosen[r] : Index(r);
        to[0] = gathers ? Index(r) : chosen[r];
        result.elements[result.flat(to)] += x.elements[x.flat(at)];
      });
    }
    return result;
  }

  // One element at a time, by the formula's own evaluation over numbers.
  [[nodiscard]] Array element_by_element(const Formula& f) const {
    std::vector<Array> arguments;
    Position extents;
    for (std::size_t k = 0; k < f.arguments().size(); ++k) {
      arguments.push_back(argument(f, k));
      extents = broadcast_extents(extents, arguments.back().extents);
    }
    return filled(extents, [&](const Position& at) {
      std::vector<Formula> numbers;
      for (const Array& argument : arguments) numbers.emplace_back(argument.repeated(at));
      return Formula::call(f.name(), numbers).evaluate();
    });
  }

  std::map<std::string, Array> values_;
};

}  // namespace autograd::testing
