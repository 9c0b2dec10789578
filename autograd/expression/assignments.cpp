// "X=[[1,2],[3,4]],v=[0.1,-0.4],b=2".
#include <algorithm>
#include <utility>

#include "autograd/expression/expression.h"
#include "autograd/expression/lexer.h"
#include "autograd/expression/literal.h"
#include "autograd/quotation.h"

namespace autograd {
namespace {

NamedValue parse_assignment(Lexer& lexer) {
  if (!lexer.is(Token::Kind::name)) lexer.refuse("a name");
  std::string name(lexer.advance().text);
  lexer.require("=");
  if (lexer.is("[")) return {std::move(name), parse_list(lexer)};
  return {std::move(name), parse_signed_number(lexer)};
}

}  // namespace

std::vector<NamedValue> parse_assignments(std::string_view text) {
  Lexer lexer(text);
  std::vector<NamedValue> all;
  do {
    const std::size_t at = lexer.token().at;
    NamedValue assigned = parse_assignment(lexer);
    const bool is_known = std::any_of(all.begin(), all.end(), [&](const NamedValue& other) {
      return other.name == assigned.name;
    });
    if (is_known) lexer.fail(in_quotes(assigned.name) + " has a value already", at);
    all.push_back(std::move(assigned));
  } while (lexer.take(","));
  if (!lexer.is(Token::Kind::end)) lexer.refuse("\",\" or the end");
  return all;
}

}  // namespace autograd
