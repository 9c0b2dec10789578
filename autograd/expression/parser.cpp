#include "autograd/expression/parser.h"

#include <array>
#include <cmath>
#include <map>
#include <span>
#include <utility>

#include "autograd/expression/excerpt.h"
#include "autograd/expression/expression.h"
#include "autograd/expression/lexer.h"
#include "autograd/expression/literal.h"
#include "autograd/quotation.h"

namespace autograd {
namespace {

// Parentheses in parentheses, and powers of powers: the parser calls itself for them alone. Chains
// of other operators are loops.
constexpr int deepest = 500;

// A symbol and the function it stands for.
using Operator = std::pair<std::string_view, std::string_view>;
using Operators = std::span<const Operator>;

constexpr std::array<Operator, 6> comparisons{{{"<", "less"},
                                               {"<=", "less_equal"},
                                               {">", "greater"},
                                               {">=", "greater_equal"},
                                               {"==", "equal"},
                                               {"!=", "not_equal"}}};
constexpr std::array<Operator, 2> sums{{{"+", "add"}, {"-", "subtract"}}};
constexpr std::array<Operator, 3> products{{{"*", "multiply"}, {"/", "divide"}, {"@", "matmul"}}};

// "1 argument", "1 or 2 arguments", "at least 2 arguments".
std::string described(std::size_t at_least, std::size_t at_most) {
  std::string text = std::to_string(at_least);
  if (at_most >= CallableFunction::any) {
    text = "at least " + text;
  } else if (at_most > at_least) {
    text += (at_most == at_least + 1 ? " or " : " to ") + std::to_string(at_most);
  }
  return text + (at_least == 1 && at_most == 1 ? " argument" : " arguments");
}

class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) { parsed_.text = text; }

  ExpressionSteps parse() {
    while (true) {
      const std::size_t at = lexer_.token().at;
      const bool is_named = parse_statement();
      const bool has_more = lexer_.take(";") && !lexer_.is(Token::Kind::end);
      if (!has_more) break;
      if (!is_named) {
        lexer_.fail("only the last statement is a value: name this one, as in a = ..., to use it",
                    at);
      }
    }
    if (!lexer_.is(Token::Kind::end)) refuse_what_follows();
    count_characters();
    return std::move(parsed_);
  }

 private:
  using Place = std::size_t;  // of a step

  [[nodiscard]] ExpressionStep& step(Place place) { return parsed_.steps[place]; }

  Place add(ExpressionStep step) {
    parsed_.steps.push_back(std::move(step));
    return parsed_.steps.size() - 1;
  }

  Place add_call(const CallableFunction& function, std::size_t at,
                 const std::vector<Place>& arguments) {
    ExpressionStep call;
    call.at = at;
    call.function = &function;
    call.first = parsed_.arguments.size();
    call.count = arguments.size();
    parsed_.arguments.insert(parsed_.arguments.end(), arguments.begin(), arguments.end());
    return add(std::move(call));
  }

  // Where each step was written, in characters; all at once, since counting reads the text.
  void count_characters() {
    std::vector<std::uint32_t> characters(parsed_.text.size() + 1);
    std::uint32_t count = 0;
    for (std::size_t at = 0; at < parsed_.text.size(); ++at) {
      if (begins_character(parsed_.text[at])) ++count;
      characters[at] = count;
    }
    for (ExpressionStep& step : parsed_.steps) step.character = characters[step.at];
  }

  [[noreturn]] void refuse_what_follows() const {
    if (lexer_.is("=")) {
      lexer_.fail("only a single name can be given a value; a comparison is written ==",
                  lexer_.token().at);
    }
    lexer_.refuse("an operator, \";\" or the end");
  }

  // `name = expression` or an expression; whether it was the former.
  bool parse_statement() {
    if (!lexer_.is(Token::Kind::name) || !lexer_.is_before("=")) {
      parsed_.result = parse_comparison();
      return false;
    }
    const Token name = lexer_.advance();
    lexer_.require("=");
    parsed_.result = parse_comparison();
    bind(name, parsed_.result);
    return true;
  }

  void bind(const Token& name, Place place) {
    const std::string text(name.text);
    if (find_function(text) != nullptr) {
      lexer_.fail(in_quotes(text) + " is the name of a function: take another one", name.at);
    }
    if (const auto known = places_.find(text); known != places_.end()) {
      lexer_.fail(step(known->second).is_variable && step(known->second).name == text
                      ? in_quotes(text) + " was used before it has a value: it would be two things"
                      : in_quotes(text) + " has a value already: names are given once",
                  name.at);
    }
    places_.emplace(text, place);
    // A second name of the same thing changes nothing.
    if (step(place).name.empty()) step(place).name = text;
  }

  // ---- operators, from the one that binds least

  const CallableFunction* take_operator(Operators operators) {
    for (const auto& [symbol, function] : operators) {
      if (lexer_.take(symbol)) return find_function(function);
    }
    return nullptr;
  }

  Place parse_comparison() {
    const Place left = parse_sum();
    const std::size_t at = lexer_.token().at;
    const CallableFunction* const function = take_operator(comparisons);
    if (function == nullptr) return left;
    const Place right = parse_sum();
    const std::size_t next = lexer_.token().at;
    if (take_operator(comparisons) != nullptr) {
      lexer_.fail("comparisons do not follow each other: set parentheses, or multiply two of them",
                  next);
    }
    return add_call(*function, at, {left, right});
  }

  Place parse_sum() {
    return parse_chain(sums,
                       [this] { return parse_chain(products, [this] { return parse_signed(); }); });
  }

  // Operators that are taken from the left.
  template <class ParseOperand>
  Place parse_chain(Operators operators, const ParseOperand& parse_operand) {
    Place left = parse_operand();
    while (true) {
      const std::size_t at = lexer_.token().at;
      const CallableFunction* const function = take_operator(operators);
      if (function == nullptr) return left;
      const Place right = parse_operand();
      left = add_call(*function, at, {left, right});
    }
  }

  // Signs bind less than a power: -x^2 is -(x^2). A number takes its sign with it.
  Place parse_signed() {
    std::vector<std::size_t> minuses;
    while (lexer_.is("-") || lexer_.is("+")) {
      if (lexer_.is("-")) minuses.push_back(lexer_.token().at);
      lexer_.advance();
    }
    const bool begins_with_number = lexer_.is(Token::Kind::number);
    Place place = parse_power();
    if (!minuses.empty() && begins_with_number && step(place).is_number()) {
      step(place).number = -step(place).number;
      minuses.pop_back();
    }
    for (; !minuses.empty(); minuses.pop_back()) {
      place = add_call(*find_function("negate"), minuses.back(), {place});
    }
    return place;
  }

  Place parse_power() {
    const Place base = parse_primary();
    const std::size_t at = lexer_.token().at;
    if (!lexer_.take("^")) return base;
    const Place exponent = deeper(at, [this] { return parse_signed(); });
    return add_call(*find_function("power"), at, {base, exponent});
  }

  template <class Parse>
  Place deeper(std::size_t at, const Parse& parse) {
    if (depth_ == deepest) {
      lexer_.fail("nested more than " + std::to_string(deepest) +
                      " deep: give parts of the expression a name",
                  at);
    }
    ++depth_;
    const Place place = parse();
    --depth_;
    return place;
  }

  // ---- what operators stand between

  Place parse_primary() {
    ExpressionStep constant;
    constant.at = lexer_.token().at;
    if (lexer_.is(Token::Kind::number)) {
      constant.number = lexer_.advance().number;
      return add(std::move(constant));
    }
    if (lexer_.is("[")) {
      constant.is_list = true;
      constant.first = parsed_.lists.size();
      parsed_.lists.push_back(parse_list(lexer_));
      return add(std::move(constant));
    }
    if (lexer_.is(Token::Kind::name)) return parse_name();
    if (!lexer_.is("(")) lexer_.refuse("an expression");
    const std::size_t at = lexer_.advance().at;
    const Place inside = deeper(at, [this] { return parse_comparison(); });
    if (!lexer_.is(")")) lexer_.refuse("an operator or \")\"");
    lexer_.advance();
    return inside;
  }

  Place parse_name() {
    const Token name = lexer_.advance();
    const CallableFunction* const function = find_function(name.text);
    if (lexer_.is("(")) {
      if (function == nullptr) refuse_call(name);
      return parse_call(*function, name.at);
    }
    if (function != nullptr) {
      lexer_.fail(in_quotes(name.text) + " is a function: " + std::string(function->usage),
                  name.at);
    }
    const std::string text(name.text);
    if (const auto known = places_.find(text); known != places_.end()) return known->second;
    ExpressionStep variable;
    variable.at = name.at;
    variable.is_variable = true;
    variable.name = text;
    parsed_.variables.push_back(text);
    return places_.emplace(text, add(std::move(variable))).first->second;
  }

  [[noreturn]] void refuse_call(const Token& name) const {
    if (places_.contains(std::string(name.text))) {
      lexer_.fail(in_quotes(name.text) + " is not a function; a product is written " +
                      printable(name.text) + " * (...)",
                  name.at);
    }
    const std::string guess = function_meant(name.text);
    lexer_.fail(
        "there is no function " + in_quotes(name.text) + (guess.empty() ? "" : "; " + guess),
        name.at);
  }

  Place parse_call(const CallableFunction& function, std::size_t at) {
    lexer_.require("(");
    std::vector<Place> arguments;
    std::vector<std::size_t> begins;
    if (!lexer_.is(")")) {
      do {
        begins.push_back(lexer_.token().at);
        arguments.push_back(deeper(begins.back(), [this] { return parse_comparison(); }));
      } while (lexer_.take(","));
    }
    if (!lexer_.is(")")) lexer_.refuse("an operator, \",\" or \")\"");
    lexer_.advance();
    require_count(function, arguments.size(), at);
    for (std::size_t k = function.operand_count(arguments.size()); k < arguments.size(); ++k) {
      require_whole(function, arguments[k], begins[k]);
    }
    return add_call(function, at, arguments);
  }

  void require_count(const CallableFunction& function, std::size_t count, std::size_t at) const {
    const std::size_t at_least = function.operands.at_least + function.whole_numbers.at_least;
    const std::size_t at_most = function.operands.at_most + function.whole_numbers.at_most;
    if (count >= at_least && count <= at_most) return;
    lexer_.fail(std::string(function.name()) + " takes " + described(at_least, at_most) + ", not " +
                    std::to_string(count) + ": " + std::string(function.usage),
                at);
  }

  // Axes and extents are part of what is recorded: a number that is written there, or its name.
  void require_whole(const CallableFunction& function, Place place, std::size_t at) {
    constexpr double largest = 9007199254740992.0;  // 2^53: all smaller ones are exact
    const ExpressionStep& argument = step(place);
    const double number = argument.number;
    if (argument.is_number() && number == std::trunc(number) && std::abs(number) <= largest) return;
    lexer_.fail("a whole number is expected here: " + std::string(function.usage) +
                    (function.advice.empty() ? "" : ". " + std::string(function.advice)),
                at);
  }

  Lexer lexer_;
  ExpressionSteps parsed_;
  std::map<std::string, Place> places_;  // of variables and of intermediate results
  int depth_ = 0;
};

}  // namespace

ExpressionSteps parse_expression(std::string_view text) { return Parser(text).parse(); }

}  // namespace autograd
