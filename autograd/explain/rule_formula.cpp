#include "autograd/explain/rule_formula.h"

#include "autograd/errors.h"

namespace autograd {
namespace {

// The operands of a rule as symbols, and shapes for them.
class Shown {
 public:
  Shown(const Rule& rule, const std::vector<std::string>& names) : rule_(rule) {
    if (!names.empty() && names.size() != rule.arity) {
      throw ArgumentError(std::string(rule.info.name) + ": it has " + std::to_string(rule.arity) +
                          " operands, and " + std::to_string(names.size()) +
                          " names are given for them");
    }
    choose_shapes();
    for (std::size_t k = 0; k < rule.arity; ++k) {
      symbols_.push_back(Formula::symbol(names.empty() ? letter(k) : names[k]));
    }
  }

  [[nodiscard]] Formula value() const { return rule_.formula(symbols_, geometry()); }

  [[nodiscard]] Formula slope(std::size_t operand, const std::string& result) const {
    if (operand >= rule_.arity || !rule_.differentiable[operand]) {
      throw ArgumentError(std::string(rule_.info.name) + ": it has no slope by operand " +
                          std::to_string(operand) + " (counted from 0)");
    }
    const std::string name = result.empty() ? letter(rule_.arity) : result;
    const Formula upstream =
        rule_.shape == RuleShape::elementwise ? Formula(1.0) : Formula::symbol("d" + name);
    return rule_.pullback_formula(operand, symbols_, Formula::symbol(name), upstream, geometry());
  }

 private:
  // x, y, z and then u: the result of one operand is y, of two z.
  static std::string letter(std::size_t k) { return std::string(1, "xyzu"[k]); }

  void choose_shapes() {
    if (rule_.shape == RuleShape::elementwise) {
      example_.operands.assign(rule_.arity, Shape{});
    } else {
      const auto all = rule_.examples == nullptr ? std::vector<Example>{} : rule_.examples();
      if (all.empty()) {
        throw ArgumentError(std::string(rule_.info.name) +
                            ": its examples() are empty; its formula is shown at the first one");
      }
      example_ = all.front();
    }
    result_ = rule_.result_shape(geometry());
  }

  [[nodiscard]] Geometry geometry() const {
    Geometry g;
    for (std::size_t k = 0; k < rule_.arity; ++k) g.operands[k] = &example_.operands[k];
    g.result = &result_;
    g.attributes = example_.attributes;
    return g;
  }

  const Rule& rule_;
  Example example_;
  Shape result_;
  std::vector<Formula> symbols_;
};

}  // namespace

Formula formula_of(const Rule& rule, const std::vector<std::string>& names) {
  return Shown(rule, names).value();
}

Formula slope_formula_of(const Rule& rule, std::size_t operand,
                         const std::vector<std::string>& names, const std::string& result) {
  return Shown(rule, names).slope(operand, result);
}

}  // namespace autograd
