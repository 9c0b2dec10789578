#include "autograd/expression/lexer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

#include "autograd/expression/excerpt.h"
#include "autograd/expression/expression.h"
#include "autograd/quotation.h"

namespace autograd {
namespace {

// Longer ones first.
constexpr std::array<std::string_view, 20> symbols{"<=", ">=", "==", "!=", "<", ">", "=",
                                                   "+",  "-",  "*",  "/",  "@", "^", "(",
                                                   ")",  "[",  "]",  ",",  ";", ""};

// What is written in books and cannot be typed, and what other languages write.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> spelled_otherwise{{
    {"**", "^"},
    {"\u2212", "-"},
    {"\u00B7", "*"},
    {"\u00D7", "*"},
    {"\u00F7", "/"},
    {"\u2264", "<="},
    {"\u2265", ">="},
    {"\u2260", "!="},
}};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

std::string_view symbol_at(std::string_view text) {
  return *std::find_if(symbols.begin(), symbols.end(),
                       [&](std::string_view symbol) { return text.starts_with(symbol); });
}

// Whether two bytes are a letter beyond ASCII that formulas use, of the Latin, Greek or Cyrillic
// alphabets: U+00C0 to U+052F but × and ÷.
bool is_two_byte_letter(std::string_view text) {
  if (text.size() < 2) return false;
  const auto first = static_cast<unsigned char>(text[0]);
  const auto second = static_cast<unsigned char>(text[1]);
  const bool in_range = first >= 0xC3 && first <= 0xD4 && (second & 0xC0U) == 0x80U;
  return in_range && !text.starts_with("\u00D7") && !text.starts_with("\u00F7");
}

}  // namespace

std::size_t Lexer::after_blanks(std::size_t at) const {
  while (at < text_.size() && is_blank(text_[at])) ++at;
  return at;
}

bool Lexer::is_before(std::string_view symbol) const {
  const std::size_t next = after_blanks(token_.at + token_.text.size());
  return symbol_at(text_.substr(next)) == symbol;
}

std::size_t Lexer::end_of_name(std::size_t at) const {
  while (at < text_.size()) {
    if (is_letter(text_[at]) || is_digit(text_[at])) {
      ++at;
    } else if (is_two_byte_letter(text_.substr(at))) {
      at += 2;
    } else {
      break;
    }
  }
  return at;
}

// Takes all that a number may be meant to be, and refuses what is one by half.
Token Lexer::read_number(std::size_t at) const {
  std::size_t end = at;
  const auto is_sign_of_exponent = [&] {
    const std::string_view before = text_.substr(at, end - at);
    return (text_[end] == '+' || text_[end] == '-') && end + 1 < text_.size() &&
           is_digit(text_[end + 1]) && (before.back() == 'e' || before.back() == 'E') &&
           before.find_first_not_of("0123456789.") == before.size() - 1;
  };
  while (end < text_.size() && (is_digit(text_[end]) || is_letter(text_[end]) ||
                                text_[end] == '.' || is_sign_of_exponent())) {
    ++end;
  }
  const std::string_view written = text_.substr(at, end - at);
  double number = 0.0;
  const char* const last = written.data() + written.size();
  const auto [stop, error] = std::from_chars(written.data(), last, number);
  if (error == std::errc::result_out_of_range) {
    fail(in_quotes(written) + " is beyond the range of a double", at);
  }
  if (error != std::errc{} || stop != last) {
    const auto read = static_cast<std::size_t>(stop - written.data());
    const bool is_product = read > 0 && end_of_name(at + read) == end && is_letter(*stop);
    fail(in_quotes(written) + " is not a number" +
             (is_product ? "; a product is written " + std::string(written.substr(0, read)) + "*" +
                               std::string(written.substr(read))
                         : ""),
         at);
  }
  return {Token::Kind::number, written, at, number};
}

void Lexer::refuse_character(std::size_t at) const {
  for (const auto& [character, ours] : spelled_otherwise) {
    if (!text_.substr(at).starts_with(character)) continue;
    fail("write " + std::string(ours) + " for " + std::string(character), at);
  }
  std::size_t end = at + 1;
  while (end < text_.size() && !begins_character(text_[end])) ++end;
  fail("the character " + in_quotes(text_.substr(at, end - at)) + " has no meaning here", at);
}

Token Lexer::read(std::size_t at) const {
  if (at == text_.size()) return {Token::Kind::end, {}, at};
  const std::string_view rest = text_.substr(at);
  if (is_digit(rest[0]) || (rest[0] == '.' && rest.size() > 1 && is_digit(rest[1]))) {
    return read_number(at);
  }
  if (const std::size_t end = end_of_name(at); end > at) {
    return {Token::Kind::name, text_.substr(at, end - at), at};
  }
  const std::string_view symbol = symbol_at(rest);
  if (symbol.empty() || rest.starts_with("**")) refuse_character(at);
  return {Token::Kind::symbol, symbol, at};
}

Token Lexer::advance() {
  return std::exchange(token_, read(after_blanks(token_.at + token_.text.size())));
}

bool Lexer::take(std::string_view symbol) {
  if (!is(symbol)) return false;
  advance();
  return true;
}

void Lexer::require(std::string_view symbol) {
  if (!take(symbol)) refuse(in_quotes(symbol));
}

void Lexer::refuse(const std::string& expected) const {
  const std::string seen = is(Token::Kind::end) ? "the end" : in_quotes(token_.text);
  fail(expected + " is expected, not " + seen, token_.at);
}

void Lexer::fail(const std::string& message, std::size_t at) const {
  throw ExpressionError(message, text_, at);
}

}  // namespace autograd
