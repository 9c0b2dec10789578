#include "autograd/expression/literal.h"

#include <vector>

#include "autograd/shape.h"

namespace autograd {
namespace {

// The elements of a list, and the extents of its first element, which all others must have.
class ListParser {
 public:
  explicit ListParser(Lexer& lexer) : lexer_(lexer) {}

  Values parse() {
    const std::vector<Index> extents = parse_level(1);
    return {elements_, Shape(std::span<const Index>(extents))};
  }

 private:
  // The extents of the list at the bracket, outermost first.
  std::vector<Index> parse_level(int depth) {
    if (depth > Shape::max_rank) {
      lexer_.fail("lists are at most " + std::to_string(Shape::max_rank) + " deep",
                  lexer_.token().at);
    }
    lexer_.require("[");
    std::vector<Index> inner;
    Index count = 0;
    do {
      const std::size_t at = lexer_.token().at;
      const std::vector<Index> extents = parse_element(depth);
      if (count == 0) inner = extents;
      if (extents != inner) refuse_ragged(extents, inner, at);
      ++count;
    } while (lexer_.take(","));
    if (!lexer_.is("]")) lexer_.refuse("\",\" or \"]\"");
    lexer_.advance();
    inner.insert(inner.begin(), count);
    return inner;
  }

  std::vector<Index> parse_element(int depth) {
    if (lexer_.is("[")) return parse_level(depth + 1);
    elements_.push_back(parse_signed_number(lexer_));
    return {};
  }

  [[noreturn]] void refuse_ragged(const std::vector<Index>& extents,
                                  const std::vector<Index>& expected, std::size_t at) const {
    const auto described = [](const std::vector<Index>& shape) {
      return shape.empty() ? std::string("a number")
                           : "a list of " + std::to_string(shape.front()) +
                                 (shape.size() > 1 ? " lists" : "");
    };
    lexer_.fail("all rows must be alike: this is " + described(extents) + ", the first one is " +
                    described(expected),
                at);
  }

  Lexer& lexer_;
  std::vector<double> elements_;
};

}  // namespace

double parse_signed_number(Lexer& lexer) {
  const bool is_negative = lexer.is("-");
  if (!lexer.take("-")) lexer.take("+");
  if (!lexer.is(Token::Kind::number)) lexer.refuse("a number");
  const double number = lexer.advance().number;
  return is_negative ? -number : number;
}

Values parse_list(Lexer& lexer) { return ListParser(lexer).parse(); }

}  // namespace autograd
