#include "autograd/readings/formula_element.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "autograd/errors.h"

namespace autograd {
namespace {

using Place = std::vector<Index>;

Place extents_of(const Shape& shape) { return {shape.extents().begin(), shape.extents().end()}; }

Place place_of(const Shape& shape, Index element) {
  Place place(static_cast<std::size_t>(shape.rank()));
  const auto strides = shape.strides();
  for (std::size_t axis = 0; axis < place.size(); ++axis) {
    place[axis] = element / strides[axis] % shape[static_cast<int>(axis)];
  }
  return place;
}

Index element_at(const Shape& shape, const Place& place) {
  const auto strides = shape.strides();
  Index element = 0;
  for (std::size_t axis = 0; axis < place.size(); ++axis) element += place[axis] * strides[axis];
  return element;
}

// Where a larger tensor's place is read in a smaller one that is repeated.
Place repeated_place(const Shape& shape, const Place& place) {
  Place own(static_cast<std::size_t>(shape.rank()));
  const std::size_t missing = place.size() - own.size();
  for (std::size_t axis = 0; axis < own.size(); ++axis) {
    own[axis] = shape[static_cast<int>(axis)] == 1 ? 0 : place[axis + missing];
  }
  return own;
}

const Formula& argument(const Formula& f, std::size_t k) { return f.arguments()[k]; }
std::span<const Index> list_of(const Formula& f, std::size_t k) {
  return argument(f, k).numbers_of_list();
}
Index whole_number(const Formula& f, std::size_t k) {
  return static_cast<Index>(*argument(f, k).number());
}

// Axes are a list; what is no list, such as "units of 3", stands for the last axis, and nothing for
// all axes.
std::vector<Index> reduced_axes(const Formula& f, const Shape& shape) {
  if (f.arguments().size() < 2) {
    std::vector<Index> all(static_cast<std::size_t>(shape.rank()));
    std::iota(all.begin(), all.end(), Index{0});
    return all;
  }
  const auto list = list_of(f, 1);
  if (list.empty() && shape.rank() > 0) return {Index(shape.rank()) - 1};
  // Axes that it lacks have extent 1.
  std::vector<Index> axes(list.begin(), list.end());
  std::erase_if(axes, [&](Index axis) { return axis >= shape.rank(); });
  return axes;
}

Shape broadcast_or_throw(const Shape& a, const Shape& b) {
  const std::optional<Shape> shape = broadcast(a, b);
  if (!shape) {
    throw ArgumentError("a formula cannot be read element by element: shapes " + to_string(a) +
                        " and " + to_string(b) + " do not fit");
  }
  return *shape;
}

Shape product_shape(const Shape& a, const Shape& b) {
  if (a.rank() < 2 || b.rank() < 2 || a[a.rank() - 1] != b[b.rank() - 2]) {
    throw ArgumentError("a formula cannot be read element by element: a product of " +
                        to_string(a) + " and " + to_string(b));
  }
  Place batch = extents_of(broadcast_or_throw(Shape(a.extents().first(a.extents().size() - 2)),
                                              Shape(b.extents().first(b.extents().size() - 2))));
  batch.insert(batch.end(), {a[a.rank() - 2], b[b.rank() - 1]});
  return Shape(std::span<const Index>(batch));
}

Shape permuted_shape(const Shape& x, std::span<const Index> order, bool forwards) {
  Place extents(order.size());
  for (std::size_t k = 0; k < order.size(); ++k) {
    const auto axis = static_cast<std::size_t>(order[k]);
    extents[forwards ? k : axis] = x[static_cast<int>(forwards ? axis : k)];
  }
  return Shape(std::span<const Index>(extents));
}

// The shape of what moves elements of x, or sums them; nothing for all other functions.
std::optional<Shape> shape_after_moving(const Formula& f, const Shape& x) {
  const std::string& name = f.name();
  if (name == "view" || name == "reshape") return Shape(list_of(f, 1));
  if (name == "repeat" || name == "place") return Shape(list_of(f, 2));
  if (name == "part_of") return Shape(list_of(f, 3));
  if (name == "first_maximum") return x;
  if (name == "slice") {
    return Shape(list_of(f, 1).subspan(2 * static_cast<std::size_t>(x.rank())));
  }
  if (name == "permute" || name == "permute_back") {
    return permuted_shape(x, list_of(f, 1), name == "permute");
  }
  if (name == "gather_rows") return x.with_extent(0, Index(list_of(f, 1).size()));
  if (name == "scatter_rows") return x.with_extent(0, whole_number(f, 2));
  if (name == "transpose") {
    Place extents = extents_of(x);
    if (extents.size() > 1) std::swap(extents[extents.size() - 1], extents[extents.size() - 2]);
    return Shape(std::span<const Index>(extents));
  }
  if (name == "sum" || name == "max") {
    Place extents = extents_of(x);
    for (const Index axis : reduced_axes(f, x)) extents[static_cast<std::size_t>(axis)] = 1;
    return Shape(std::span<const Index>(extents));
  }
  return std::nullopt;
}

// Terms of a sum; of very many the first ones, the last one, and all others as one number.
Formula total_of(std::size_t count, const std::function<Formula(std::size_t)>& term) {
  constexpr std::size_t most = 200;
  std::vector<Formula> terms;
  for (std::size_t k = 0; k < std::min(count, most); ++k) terms.push_back(term(k));
  if (count > most) {
    double rest = 0.0;
    for (std::size_t k = most; k + 1 < count; ++k) rest += term(k).evaluate();
    terms.push_back(Formula::symbol("(" + std::to_string(count - most - 1) + " more terms)", rest));
    terms.push_back(term(count - 1));
  }
  return num::total(std::move(terms));
}

Formula largest_of(std::size_t count, const std::function<Formula(std::size_t)>& number) {
  constexpr std::size_t most = 200;
  std::vector<Formula> numbers;
  for (std::size_t k = 0; k < std::min(count, most); ++k) numbers.push_back(number(k));
  if (count > most) {
    double rest = number(most).evaluate();
    for (std::size_t k = most + 1; k < count; ++k) rest = std::max(rest, number(k).evaluate());
    numbers.push_back(Formula::symbol("(" + std::to_string(count - most) + " more numbers)", rest));
  }
  return num::largest(std::move(numbers));
}

class ElementReader {
 public:
  Formula at(const Formula& f, const Place& place) {
    if (f.is_symbol() || f.number()) return leaf(f, place);
    const std::string& name = f.name();
    const Formula& x = argument(f, 0);
    if (name == "matmul" || name == "sum" || name == "max") return reduction(f, place);
    if (name == "first_maximum") return first_maximum(f, place);
    if (name == "concatenate") return concatenated(f, place);
    if (name == "scatter_rows") return scattered(f, place);
    if (name == "place") return placed(f, place);
    if (shape_after_moving(f, shape_of(x))) return at(x, place_before_moving(f, place));
    return element_by_element(f, place);
  }

 private:
  static Formula leaf(const Formula& f, const Place& place) {
    const FormulaTensor* const tensor = f.tensor();
    if (tensor == nullptr) return f;
    const Index element = element_at(tensor->shape, place);
    return Formula::symbol(element_name(f.name(), *tensor, element),
                           tensor->elements[static_cast<std::size_t>(element)]);
  }

  Formula element_by_element(const Formula& f, const Place& place) {
    std::vector<Formula> arguments;
    for (const Formula& one : f.arguments()) {
      arguments.push_back(at(one, repeated_place(shape_of(one), place)));
    }
    // As a person would: without factors 1 and terms 0.
    if (f.name() == "*" && arguments.size() == 2) return arguments[0] * arguments[1];
    if (f.name() == "+" && arguments.size() == 2) return arguments[0] + arguments[1];
    if (f.name() == "-" && arguments.size() == 2) return arguments[0] - arguments[1];
    return Formula::call(f.name(), std::move(arguments));
  }

  // Inside another one, a sum is one number with its formula for a name: nobody reads sums of sums.
  Formula reduction(const Formula& f, const Place& place) {
    const auto written = [&] {
      return f.name() == "matmul" ? product(f, place) : reduced(f, place);
    };
    if (!is_inside_) {
      is_inside_ = true;
      Formula whole = written();
      is_inside_ = false;
      return whole;
    }
    const Shape shape = shape_of(f);
    const Index element = element_at(shape, place);
    const auto [known, is_new] = inner_.try_emplace({&f.node(), element}, 0.0);
    if (is_new) {
      Formula inner = written();
      if (inner.size() > longest_inner) {
        const std::string where = shape.size() > 1 ? position(shape, element) : "";
        inner = Formula::symbol(f.text() + where, inner.evaluate());
      }
      known->second = inner;
    }
    return known->second;
  }

  Formula product(const Formula& f, const Place& place) {
    const Formula& a = argument(f, 0);
    const Formula& b = argument(f, 1);
    const Shape left = shape_of(a);
    const Shape right = shape_of(b);
    const Index inner = left[left.rank() - 1];
    return total_of(static_cast<std::size_t>(inner), [&](std::size_t k) {
      Place at_left = place;
      Place at_right = place;
      at_left.back() = Index(k);
      at_right[at_right.size() - 2] = Index(k);
      return at(a, repeated_place(left, at_left)) * at(b, repeated_place(right, at_right));
    });
  }

  // The places of x that a sum or maximum at a place looks at.
  static Place within(const Shape& x, const std::vector<Index>& axes, Place place, std::size_t k) {
    auto rest = Index(k);
    for (std::size_t n = axes.size(); n-- > 0;) {
      const Index extent = x[static_cast<int>(axes[n])];
      place[static_cast<std::size_t>(axes[n])] = rest % extent;
      rest /= extent;
    }
    return place;
  }
  static std::size_t count_of(const Shape& x, const std::vector<Index>& axes) {
    Index count = 1;
    for (const Index axis : axes) count *= x[static_cast<int>(axis)];
    return static_cast<std::size_t>(count);
  }

  Formula reduced(const Formula& f, const Place& place) {
    const Formula& x = argument(f, 0);
    const Shape shape = shape_of(x);
    const std::vector<Index> axes = reduced_axes(f, shape);
    const std::size_t count = count_of(shape, axes);
    const auto term = [&](std::size_t k) { return at(x, within(shape, axes, place, k)); };
    if (f.name() == "sum") return total_of(count, term);
    return largest_of(count, term);
  }

  // 1 where the element is the first of the largest ones, else 0; printed as that question.
  Formula first_maximum(const Formula& f, const Place& place) {
    const Formula& x = argument(f, 0);
    const Shape shape = shape_of(x);
    const std::vector<Index> axes = reduced_axes(f, shape);
    const Formula own = at(x, place);
    bool is_first = true;
    std::vector<Formula> all;
    for (std::size_t k = 0; k < count_of(shape, axes); ++k) {
      const Place there = within(shape, axes, place, k);
      all.push_back(at(x, there));
      const double rival = all.back().evaluate();
      if (there < place ? rival >= own.evaluate() : rival > own.evaluate()) is_first = false;
    }
    std::string question("[");
    question += own.text() + " is the first " + num::largest(std::move(all)).text() + "]";
    return Formula::symbol(std::move(question), is_first ? 1.0 : 0.0);
  }

  Formula concatenated(const Formula& f, Place place) {
    const auto axis = static_cast<std::size_t>(whole_number(f, 2));
    const Index first = shape_of(argument(f, 0))[static_cast<int>(axis)];
    if (place[axis] < first) return at(argument(f, 0), place);
    place[axis] -= first;
    return at(argument(f, 1), place);
  }

  Formula scattered(const Formula& f, Place place) {
    const auto rows = list_of(f, 1);
    std::vector<Formula> terms;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      if (rows[r] != place[0]) continue;
      Place from = place;
      from[0] = Index(r);
      terms.push_back(at(argument(f, 0), from));
    }
    return terms.empty() ? Formula(0.0) : num::total(std::move(terms));
  }

  Formula placed(const Formula& f, Place place) {
    const auto window = list_of(f, 1);
    const Shape x = shape_of(argument(f, 0));
    for (std::size_t axis = 0; axis < place.size(); ++axis) {
      const Index step = window[place.size() + axis];
      const Index offset = place[axis] - window[axis];
      if (offset % step != 0 || offset / step < 0 || offset / step >= x[static_cast<int>(axis)]) {
        return {0.0};
      }
      place[axis] = offset / step;
    }
    return at(argument(f, 0), place);
  }

  // Where an element comes from that is moved and not changed.
  static Place place_before_moving(const Formula& f, Place place) {
    const std::string& name = f.name();
    const Shape x = shape_of(argument(f, 0));
    if (name == "view" || name == "reshape") {
      return place_of(x, element_at(Shape(list_of(f, 1)), place));
    }
    if (name == "repeat") return place_before_repeating(f, x, place);
    if (name == "part_of") {
      place[static_cast<std::size_t>(whole_number(f, 1))] += whole_number(f, 2);
    } else if (name == "slice") {
      const auto window = list_of(f, 1);
      for (std::size_t axis = 0; axis < place.size(); ++axis) {
        place[axis] = window[axis] + place[axis] * window[place.size() + axis];
      }
    } else if (name == "gather_rows") {
      place[0] = list_of(f, 1)[static_cast<std::size_t>(place[0])];
    } else if (name == "transpose") {
      if (place.size() > 1) std::swap(place[place.size() - 1], place[place.size() - 2]);
    } else {
      const auto order = list_of(f, 1);
      Place from(place.size());
      for (std::size_t k = 0; k < order.size(); ++k) {
        const auto axis = static_cast<std::size_t>(order[k]);
        const bool forwards = name == "permute";
        from[forwards ? axis : k] = place[forwards ? k : axis];
      }
      return from;
    }
    return place;
  }

  // Along axes that x has with extent 1, or has not.
  static Place place_before_repeating(const Formula& f, const Shape& x, const Place& place) {
    if (static_cast<std::size_t>(x.rank()) == place.size()) return repeated_place(x, place);
    const auto axes = list_of(f, 1);
    Place kept;
    for (std::size_t axis = 0; axis < place.size(); ++axis) {
      if (std::find(axes.begin(), axes.end(), Index(axis)) == axes.end()) {
        kept.push_back(place[axis]);
      }
    }
    return kept.size() == static_cast<std::size_t>(x.rank()) ? kept : repeated_place(x, place);
  }

  // Of so many parts, a sum inside another one is written out all the same.
  static constexpr std::size_t longest_inner = 20;
  bool is_inside_ = false;
  std::map<std::pair<const Formula::Node*, Index>, Formula> inner_;
};

}  // namespace

Shape shape_of(const Formula& formula) {
  if (formula.tensor() != nullptr) return formula.tensor()->shape;
  if (formula.is_symbol() || formula.number()) return {};
  const Shape x = shape_of(argument(formula, 0));
  if (const auto moved = shape_after_moving(formula, x)) return *moved;
  if (formula.name() == "matmul") return product_shape(x, shape_of(argument(formula, 1)));
  if (formula.name() == "concatenate") {
    const auto axis = static_cast<int>(whole_number(formula, 2));
    return x.with_extent(axis, x[axis] + shape_of(argument(formula, 1))[axis]);
  }
  Shape shape = x;
  for (const Formula& other : formula.arguments().subspan(1)) {
    shape = broadcast_or_throw(shape, shape_of(other));
  }
  return shape;
}

Formula element_of(const Formula& formula, Index element) {
  const Shape shape = shape_of(formula);
  if (element < 0 || element >= shape.size()) {
    throw ArgumentError("there is no element " + std::to_string(element) + " of " +
                        to_string(shape));
  }
  return ElementReader().at(formula, place_of(shape, element));
}

std::string element_name(const std::string& name, const FormulaTensor& tensor, Index element) {
  if (tensor.labels.empty()) return name + position(tensor.shape, element);
  const Place place = place_of(tensor.shape, element);
  std::string text;
  for (std::size_t axis = 0; axis + 1 < place.size(); ++axis) {
    if (tensor.shape[static_cast<int>(axis)] != 1) text += std::to_string(place[axis]) + ", ";
  }
  std::string all = name;
  all += "[" + text + tensor.labels[static_cast<std::size_t>(place.back())] + "]";
  return all;
}

}  // namespace autograd
