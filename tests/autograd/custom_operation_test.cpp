// A user's own operations, one in each shape, declared here and nowhere else.
#include "autograd/custom_operation.h"

#include <gtest/gtest.h>

#include "autograd/program.h"
#include "autograd/rules/arithmetic.h"
#include "autograd/rules/losses.h"
#include "autograd/verify/expect_gradients.h"
#include "autograd/verify/rule_check.h"
#include "tests/autograd/support.h"

namespace {

// The user's namespace is not ours; only the engine's names are brought in.
using autograd::Elementwise;
using autograd::Fused;
using autograd::Geometry;
using autograd::Index;
using autograd::Linear;
using autograd::RuleInfo;
using autograd::Shape;
using autograd::Transfer;
using autograd::Wrt;
namespace num = autograd::num;

// y = x·σ(x)      y' = y + σ(x)(1 − y)
struct Swish : Elementwise<1> {
  static constexpr RuleInfo info{"swish", "x sigmoid(x)"};
  template <class V>
  static V value(const V& x) {
    return x * num::sigmoid(x);
  }
  template <class V>
  static V slope(const V& x, const V& y) {
    return y + num::sigmoid(x) * (1.0 - y);
  }
};

// z = √(x² + y²)      ∂z/∂x = x/z      ∂z/∂y = y/z
struct Hypotenuse : Elementwise<2> {
  static constexpr RuleInfo info{"hypotenuse", "sqrt(x^2 + y^2)"};
  template <class V>
  static V value(const V& x, const V& y) {
    return num::sqrt(x * x + y * y);
  }
  template <class V>
  static V slope(Wrt<0> /*x*/, const V& x, const V& /*y*/, const V& z) {
    return x / z;
  }
  template <class V>
  static V slope(Wrt<1> /*y*/, const V& /*x*/, const V& y, const V& z) {
    return y / z;
  }
};

// y = x read backwards; its own adjoint.
struct Reverse : Linear<1> {
  static constexpr RuleInfo info{"reverse", "the elements of a vector in reverse order"};
  static Shape result_shape(const Geometry& g) {
    if (g.operand(0).rank() != 1) throw autograd::ShapeMismatch{"only vectors turn around", ""};
    return g.operand(0);
  }
  static Transfer transfer(std::size_t /*operand*/, const Geometry& g) {
    Transfer t;
    t.walk.append(g.result->size(), {1, -1});
    t.offset[1] = g.result->size() - 1;
    return t;
  }
  template <class V>
  static V value(const V& x, const Geometry& /*g*/) {
    return num::transpose(x);
  }
  template <class V>
  static V adjoint(Wrt<0> /*x*/, const V& upstream, const Geometry& /*g*/) {
    return num::transpose(upstream);
  }
  static std::vector<autograd::Example> examples() { return {{{{5}}}}; }
};

// y = x/Σx      x̄ = (ḡ − Σ ḡ⊙y)/Σx
struct Shares : Fused<1> {
  static constexpr RuleInfo info{"shares", "x as shares of its sum along an axis"};
  template <class V>
  static V value(const V& x) {
    return x / num::sum(x);
  }
  template <class V>
  static V pullback(Wrt<0> /*x*/, const V& x, const V& y, const V& upstream) {
    return (upstream - num::sum(upstream * y)) / num::sum(x);
  }
};

// y = ln x₁·x₂·… = Σ ln x, one element a fibre
struct LogProduct : Fused<1> {
  static constexpr RuleInfo info{"log_product", "sum of logarithms along an axis"};
  static constexpr bool reduces = true;
  template <class V>
  static V value(const V& x) {
    return num::sum(num::log(x));
  }
  template <class V>
  static V pullback(Wrt<0> /*x*/, const V& x, const V& /*y*/, const V& upstream) {
    return upstream / x;
  }
};

}  // namespace

namespace autograd::testing {
namespace {

constexpr double step = 1e-20;

TEST(CustomOperation, ElementwiseOfOneOperandHasValueGradientAndComplexReading) {
  Tape tape;
  const std::vector<double> points{-3.0, -0.5, 0.0, 1.0, 6.0};
  const Tensor x = tape.variable(Values(points, Shape{5}));
  const Tensor y = apply<Swish>(x);
  tape.backward(sum(y));
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_DOUBLE_EQ(y.values()[i], points[i] / (1.0 + std::exp(-points[i])));
    const Complex z(points[i], step);
    const Complex witness = rule_of<Swish>.complex_element(&z);
    EXPECT_NEAR(x.adjoint_values()[i], witness.imaginary() / step, 4.0 * epsilon);
  }
}

TEST(CustomOperation, ElementwiseOfTwoOperandsBroadcastsAndTakesNumbers) {
  Tape tape;
  const Tensor x = tape.variable({{3.0}, {5.0}});
  const Tensor y = tape.variable({4.0, 12.0});
  const Tensor z = apply<Hypotenuse>(x, y);
  tape.backward(sum(z));
  EXPECT_EQ(values(z), (std::vector<double>{5.0, std::sqrt(153.0), std::sqrt(41.0), 13.0}));
  EXPECT_DOUBLE_EQ(x.adjoint_values()[0], 3.0 / 5.0 + 3.0 / std::sqrt(153.0));
  EXPECT_DOUBLE_EQ(y.adjoint_values()[1], 12.0 / 13.0 + 12.0 / std::sqrt(153.0));
  EXPECT_EQ(apply<Hypotenuse>(x, 4.0).values()[0], 5.0);
}

TEST(CustomOperation, LinearMovesElementsAndTheirAdjointsBack) {
  Tape tape;
  const Tensor x = tape.variable({1.0, 2.0, 3.0});
  const Tensor y = apply<Reverse>(x);
  tape.backward(sum(y * tape.constant({10.0, 20.0, 30.0})));
  EXPECT_EQ(values(y), (std::vector<double>{3.0, 2.0, 1.0}));
  EXPECT_EQ(adjoint(x), (std::vector<double>{30.0, 20.0, 10.0}));
}

TEST(CustomOperation, FusedWorksAlongTheAxisGivenAsAttribute) {
  Tape tape;
  const Tensor x = tape.variable({{1.0, 2.0}, {3.0, 6.0}});
  const std::array<Index, 1> first_axis{0};
  const Tensor y = apply(rule_of<Shares>, {x}, first_axis);
  EXPECT_EQ(values(y), (std::vector<double>{0.25, 0.25, 0.75, 0.75}));
  tape.backward(sum(y * tape.constant({{1.0, 0.0}, {0.0, 8.0}})));
  // (g − Σ g·y)/Σx, column by column.
  EXPECT_EQ(adjoint(x), (std::vector<double>{0.1875, -0.75, -0.0625, 0.25}));
}

TEST(CustomOperation, FusedMayReduceItsAxisAndKeepIt) {
  Tape tape;
  const Tensor x = tape.variable({{1.0, 2.0}, {4.0, 5.0}});
  const Tensor y = apply(rule_of<LogProduct>, {x}, std::array<Index, 2>{1, 1});
  EXPECT_EQ(y.shape(), (Shape{2, 1}));
  EXPECT_EQ(apply(rule_of<LogProduct>, {x}, std::array<Index, 2>{1, 0}).shape(), Shape{2});
  tape.backward(sum(y));
  EXPECT_EQ(adjoint(x), (std::vector<double>{1.0, 0.5, 0.25, 0.2}));
}

TEST(CustomOperation, FusedWithoutItsAxisIsAnErrorNotACrash) {
  Tape tape;
  const Tensor x = named(tape.variable({1.0, 2.0}), "x");
  const std::string message = message_of<ShapeError>([&] { apply<Shares>(x); });
  const std::string line = the_line_above();
  EXPECT_EQ(message, "shares(x: [2]): it works along an axis and none was given (" + line +
                         "). Give the axis (from 0) and whether it is kept as attributes {axis, "
                         "0}.");
}

TEST(CustomOperation, PrintsItsFormulas) {
  EXPECT_EQ(formula_of<Swish>().text(), "x · σ(x)");
  EXPECT_EQ(slope_formula_of<Swish>().text(), "y + σ(x) · (1 − y)");
  EXPECT_EQ(formula_of<Hypotenuse>().text(), "√(x · x + y · y)");
  EXPECT_EQ(slope_formula_of<Hypotenuse>(1).text(), "y/z");
  EXPECT_EQ(formula_of<Reverse>().text(), "xᵀ");
  EXPECT_EQ(slope_formula_of<Reverse>().text(), "dyᵀ");
  EXPECT_EQ(formula_of<Shares>().text(), "x/Σ(x)");
  EXPECT_EQ(slope_formula_of<Shares>().text(), "(dy − Σ(dy · y))/Σ(x)");
}

TEST(CustomOperation, PrintsItsFormulasOverTheNamesGiven) {
  EXPECT_EQ(formula_of<Swish>({"z"}).text(), "z · σ(z)");
  EXPECT_EQ(slope_formula_of<Swish>(0, {"z"}, "a").text(FormulaStyle::latex),
            R"(a + \sigma\left(z\right) \cdot \left(1 - a\right))");
  EXPECT_EQ(message_of<ArgumentError>([] { formula_of<Hypotenuse>({"a"}); }),
            "hypotenuse: it has 2 operands, and 1 names are given for them");
  EXPECT_EQ(message_of<ArgumentError>([] { slope_formula_of<Swish>(1); }),
            "swish: it has no slope by operand 1 (counted from 0)");
}

TEST(CustomOperation, TakesItsAttributesAsTheLastArgument) {
  Tape tape;
  const Tensor x = tape.variable({{1.0, 2.0}, {3.0, 6.0}});
  EXPECT_EQ(values(apply<Shares>(x, {0})), (std::vector<double>{0.25, 0.25, 0.75, 0.75}));
  EXPECT_EQ(apply<LogProduct>(x, {1, 1}).shape(), (Shape{2, 1}));
  EXPECT_EQ(apply<LogProduct>(x, {1, 0}).shape(), Shape{2});
}

TEST(CustomOperation, IsNamedInErrorsLikeABuiltInOne) {
  Tape tape;
  const Tensor x = named(tape.variable({1.0, 2.0}), "x");
  const Tensor y = named(tape.variable({1.0, 2.0, 3.0}), "y");
  std::string message = message_of<ShapeError>([&] { apply<Hypotenuse>(x, y); });
  std::string line = the_line_above();
  EXPECT_EQ(message, "hypotenuse(x: [2], y: [3]): shapes [2] and [3] do not broadcast (" + line +
                         "). From the last axis backwards, extents must be equal or 1; reshape() "
                         "or transpose() one of them.");
  message = message_of<ShapeError>([&] { apply<Reverse>(tape.constant({{1.0}})); });
  EXPECT_TRUE(message.starts_with("reverse(1×1): only vectors turn around (")) << message;
  tape.detect_anomalies(true);
  message = message_of<NonFiniteError>([&] {
    const Tensor zero = named(tape.variable(0.0), "zero");
    tape.backward(apply<Hypotenuse>(zero, zero));
  });
  EXPECT_TRUE(message.starts_with("backward of hypotenuse(zero: scalar, zero: scalar): dzero is"))
      << message;
}

TEST(CustomOperation, IsNotInTheCatalogueOfTheEngine) { EXPECT_EQ(find_rule("swish"), nullptr); }

// ---- derived from a rule of the engine

// x + 2y
struct AddTwice : autograd::rules::Add {
  static constexpr RuleInfo info{"add_twice", "x + 2y"};
  template <class V>
  static V value(const V& x, const V& y) {
    return x + 2.0 * y;
  }
  using autograd::rules::Add::slope;
  template <class V>
  static V slope(Wrt<1> /*y*/, const V& /*x*/, const V& /*y*/, const V& /*z*/) {
    return V(2.0);
  }
};

TEST(CustomOperation, DerivedFromASumHasASlopeOfItsOwn) {
  autograd::Tape tape;
  const autograd::Tensor x = tape.variable({1.0, 2.0, 3.0});
  const autograd::Tensor y = tape.variable(5.0);
  tape.backward(sum(autograd::apply<AddTwice>(x, y)));
  EXPECT_EQ(y.adjoint_item(), 6.0);
  const autograd::Tensor z = tape.variable({5.0, 6.0, 7.0});
  autograd::Program program(sum(autograd::apply<AddTwice>(x, z)), {z});
  program.evaluate();
  for (const double adjoint : program.adjoint(0)) EXPECT_EQ(adjoint, 2.0);
}

TEST(CustomOperation, PassesTheGradientCheckOfAWholeFunctionInBothOrders) {
  using Inputs = std::span<const autograd::Tensor>;
  autograd::CheckOptions second;
  second.order = 2;
  EXPECT_GRADIENTS_OK([](Inputs v) { return autograd::apply<Swish>(v[0]); },
                      {{"x", {-40.0, -1.0, 0.0, 2.5}}}, second);
  EXPECT_GRADIENTS_OK([](Inputs v) { return autograd::apply<Hypotenuse>(v[0], v[1]); },
                      {{"x", {{3.0, -1.0}, {5.0, 2.0}}}, {"y", {4.0, 12.0}}}, second);
  EXPECT_GRADIENTS_OK([](Inputs v) { return square(autograd::apply<Reverse>(v[0])) * v[0]; },
                      {{"x", {1.0, 2.0, 3.0}}}, second);
  EXPECT_GRADIENTS_OK([](Inputs v) { return autograd::apply<Shares>(v[0], {0}); },
                      {{"x", {{1.0, 2.0}, {3.0, 6.0}}}}, second);
  EXPECT_GRADIENTS_OK(
      [](Inputs v) {
        return autograd::apply<LogProduct>(v[0], {1, 1});
      },
      {{"x", {{1.0, 2.0}, {4.0, 5.0}}}}, second);
}

// Twice the cross-entropy.
struct TwiceTheLoss : autograd::rules::BinaryCrossEntropyWithLogits {
  using Once = autograd::rules::BinaryCrossEntropyWithLogits;
  static constexpr RuleInfo info{"twice_the_loss", "twice the cross-entropy"};
  template <class V>
  static V value(const V& z, const V& y) {
    return 2.0 * Once::value(z, y);
  }
  template <std::size_t k, class V>
  static V slope(Wrt<k> by, const V& z, const V& y, const V& loss) {
    return 2.0 * Once::slope(by, z, y, loss);
  }
};

TEST(CustomOperation, DerivedFromALossHasAValueAndASlopeOfItsOwn) {
  autograd::Tape tape;
  const autograd::Tensor z = tape.variable({0.0, 1.0, -2.0});
  const autograd::Tensor y = tape.constant({1.0, 0.0, 1.0});
  const autograd::Tensor once = sum(binary_cross_entropy_with_logits(z, y));
  tape.backward(once);
  const std::vector<double> slopes = autograd::testing::adjoint(z);
  const autograd::Tensor twice = sum(autograd::apply<TwiceTheLoss>(z, y));
  EXPECT_DOUBLE_EQ(twice.item(), 2.0 * once.item());
  tape.backward(twice);
  autograd::Program program(twice, {z});
  EXPECT_EQ(program.evaluate(), twice.item());
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    EXPECT_EQ(z.adjoint_values()[i], 2.0 * slopes[i]);
    EXPECT_EQ(program.adjoint(0)[i], 2.0 * slopes[i]);
  }
}

// A product of one's own, of the shape that carries products.
struct Product : autograd::Bilinear {
  static constexpr RuleInfo info{"product", "matrix product"};
  template <class A, class B>
  static auto value(const A& a, const B& b) {
    return num::matmul(a, b);
  }
  template <class A, class B, class G>
  static auto adjoint(Wrt<0> /*a*/, const A& /*a*/, const B& b, const G& upstream) {
    return num::matmul(upstream, num::transpose(b));
  }
  template <class A, class B, class G>
  static auto adjoint(Wrt<1> /*b*/, const A& a, const B& /*b*/, const G& upstream) {
    return num::matmul(num::transpose(a), upstream);
  }
};

TEST(CustomOperation, CanBeAProduct) {
  const autograd::RuleReport report = autograd::check_rule(autograd::rule_of<Product>);
  EXPECT_TRUE(report.passed) << report.failure;
  autograd::Tape tape;
  const autograd::Tensor a = tape.variable({{1.0, 2.0}, {3.0, 4.0}});
  const autograd::Tensor x = tape.variable({1.0, -1.0});
  tape.backward(sum(autograd::apply<Product>(a, x)));
  EXPECT_EQ(x.adjoint_values()[0], 4.0);
  EXPECT_EQ(x.adjoint_values()[1], 6.0);
}

}  // namespace
}  // namespace autograd::testing
