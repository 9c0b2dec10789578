// A trace written down in each format. What other programs make of LaTeX, DOT and JSON is tested
// with the program, in tests/apps/.
#include "autograd/explain/renderers.h"

#include <gtest/gtest.h>

#include "autograd/errors.h"
#include "autograd/operations.h"
#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

Trace sums() {
  Tape tape;
  const Tensor a = named(tape.variable(1.5), "a");
  const Tensor b = named(a + a, "b");
  return trace_of(tape, named(b + b, "c"));
}

// L = Σ (X·w − y)²/2 over two rows.
Trace squares() {
  Tape tape;
  const Tensor X = named(tape.constant({{1.0, 2.0}, {3.0, 4.0}}), "X");
  const Tensor w = named(tape.variable({0.5, -0.25}), "w");
  const Tensor y = named(tape.constant({1.0, 0.0}), "y");
  const Tensor e = named(matmul(X, w) - y, "e");
  TraceOptions options;
  options.learning_rate = 0.1;
  return trace_of(tape, named(sum(square(e)) / 2.0, "L"), options);
}

TEST(Renderers, AsTextShowWhatTheAdjointWasAndIs) {
  EXPECT_EQ(as_text(sections_of(sums())),
            "Forward\n"
            "  b = a + a  = 1.5 + 1.5  = 3\n"
            "  c = b + b  = 3 + 3      = 6\n"
            "\n"
            "Backward (dv is the derivative of c by v)\n"
            "  db += dc  = 1   0 + 1 = 1\n"
            "  db += dc  = 1   1 + 1 = 2\n"
            "  da += db  = 2   0 + 2 = 2\n"
            "  da += db  = 2   2 + 2 = 4\n");
}

TEST(Renderers, AsTextShowTensorsWithTheirShapes) {
  EXPECT_EQ(as_text(sections_of(squares())),
            "Given\n"
            "  X[2×2] = [[1, 2], [3, 4]]\n"
            "  w[2]   = [0.5, -0.25]\n"
            "  y[2]   = [1, 0]\n"
            "\n"
            "Forward\n"
            "  e[2] = X[2×2] · w[2×1] − y[2]  = [-1, 0.5]\n"
            "  L    = Σ(e[2] ⊙ e[2])/2        = 0.625\n"
            "\n"
            "Backward (dv is the derivative of L by v)\n"
            "  de[2] = 1/2 · 2 · e[2]     = [-1, 0.5]\n"
            "  dw[2] = Xᵀ[2×2] · de[2×1]  = [0.5, 0]\n"
            "\n"
            "Update, all at once\n"
            "  w[2] := w[2] − learning_rate · dw[2]  = [0.45, -0.25]\n");
}

TEST(Renderers, AsAsciiHaveNothingElse) {
  for (const char c : as_text(sections_of(squares(), FormulaStyle::ascii))) {
    EXPECT_LT(static_cast<unsigned char>(c), 0x80U);
  }
}

TEST(Renderers, AsMarkdownHaveATableForEachSection) {
  const std::string text = as_markdown(sections_of(sums()));
  EXPECT_TRUE(text.starts_with("### Forward\n\n| | | formula | numbers | value | |\n"));
  EXPECT_NE(text.find("| `db` | `+=` | `dc` |  | `1` | 1 + 1 = 2 |\n"), std::string::npos);
}

TEST(Renderers, AsMarkdownKeepABarInsideItsCell) {
  Tape tape;
  const Tensor x = named(tape.variable(-2.0), "x");
  EXPECT_NE(as_markdown(sections_of(trace_of(tape, abs(x)))).find("`\\|x\\|`"), std::string::npos);
}

TEST(Renderers, AsLatexHaveAnAlignForEachSection) {
  const std::string text = as_latex(sections_of(squares(), FormulaStyle::latex));
  EXPECT_NE(text.find("\\section*{Forward}\n\\begin{align*}\n"), std::string::npos);
  EXPECT_NE(text.find(R"(\underset{2 \times 2}{X} \cdot \underset{2 \times 1}{w})"),
            std::string::npos)
      << text;
}

TEST(Renderers, AsDotShowSharedNodesOnceAndAnArrowForEachUse) {
  EXPECT_EQ(as_dot(sums()),
            "digraph trace {\n"
            "  rankdir=LR;\n"
            "  node [shape=record, fontname=\"monospace\"];\n"
            "  n0 [label=\"{a|1.5|da = 4}\", style=bold];\n"
            "  n1 [label=\"{b = a + a|3|db = 2}\"];\n"
            "  n2 [label=\"{c = b + b|6|dc = 1}\"];\n"
            "  n0 -> n1;\n"
            "  n0 -> n1;\n"
            "  n1 -> n2;\n"
            "  n1 -> n2;\n"
            "}\n");
}

TEST(Renderers, AsJsonGiveEachEventALine) {
  const std::string text = as_json(sums());
  EXPECT_TRUE(text.starts_with("{\"format\": \"tapewise-trace\", \"version\": 1, \"loss\": 2,\n"));
  EXPECT_NE(text.find("{\"node\":2,\"operand\":1,\"ran\":2,\"position\":1,\"name\":\"db\",\"rule\":"
                      "\"dc\",\"numbers\":\"1\",\"upstream\":[1.0],\"slope\":\"1\",\"slope_"
                      "numbers\":[1.0],\"contribution\":[1.0],\"before\":[1.0],\"after\":[2.0]}"),
            std::string::npos)
      << text;
}

TEST(Renderers, AsJsonSayWhatIsNoNumber) {
  Tape tape;
  const Tensor x = named(tape.variable(0.0), "x");
  const std::string text = as_json(trace_of(tape, log(x)));
  EXPECT_NE(text.find("\"value\":[\"-Infinity\"]"), std::string::npos) << text;
}

TEST(TraceLine, OfOneElementShowsWhatItIsTheSumOf) {
  const Trace trace = squares();
  const auto lines = element_lines(trace, *trace.find("w"), true, 1);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].name, "dw[1]");
  EXPECT_EQ(lines[0].symbols, "X[0, 1] · de[0] + X[1, 1] · de[1]");
  EXPECT_EQ(lines[0].numbers, "2 · (-1) + 4 · 0.5");
  EXPECT_EQ(lines[0].value, "0");
  EXPECT_THROW(static_cast<void>(element_lines(trace, *trace.find("w"), true, 2)), ArgumentError);
}

TEST(TraceLine, UsesTheLabelsOfAnAxis) {
  Tape tape;
  const Tensor x = named(tape.constant({2.0, 3.0}), "x");
  const Tensor w = named(tape.variable({0.5, -0.25}), "w");
  TraceOptions options;
  options.labels = {{x.index(), {"age", "height"}}, {w.index(), {"age", "height"}}};
  const Trace trace = trace_of(tape, named(matmul(x, w), "z"), options);
  EXPECT_EQ(element_lines(trace, *trace.find("z"), false, 0)[0].symbols,
            "x[age] · w[age] + x[height] · w[height]");
}

TEST(Shown, NumbersHaveSixDecimalsOrSixDigits) {
  EXPECT_EQ(shown(0.1), "0.1");
  EXPECT_EQ(shown(-0.4750208125), "-0.475021");
  EXPECT_EQ(shown(4.2483542552915889e-18), "4.24835e-18");
  EXPECT_EQ(shown(-1e-9 * 0.0), "0");
  EXPECT_EQ(shown(std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8}, Shape{8}), "[1, 2, 3, 4, …, 8]");
}

}  // namespace
}  // namespace autograd::testing
