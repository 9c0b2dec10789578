// Text cut into numbers, names and symbols.
//
// Rule for callers: tokens point into the text, which must outlive them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace autograd {

struct Token {
  enum class Kind : std::uint8_t { number, name, symbol, end };

  Kind kind = Kind::end;
  std::string_view text;  // "" at the end
  std::size_t at = 0;     // its first byte
  double number = 0.0;    // of a number: finite
};

class Lexer {
 public:
  // Reads the first token.
  explicit Lexer(std::string_view text) : text_(text) { advance(); }

  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] const Token& token() const { return token_; }
  [[nodiscard]] bool is(std::string_view symbol) const {
    return token_.kind == Token::Kind::symbol && token_.text == symbol;
  }
  [[nodiscard]] bool is(Token::Kind kind) const { return token_.kind == kind; }
  // Whether the next character that is no blank begins with this symbol and not with a longer one.
  [[nodiscard]] bool is_before(std::string_view symbol) const;

  // Goes on to the next token and returns the one that was there. Throws ExpressionError for a
  // character that begins none, and for a number that is half one.
  Token advance();
  // Goes on if this symbol is there.
  bool take(std::string_view symbol);
  // Throws ExpressionError where another token is there.
  void require(std::string_view symbol);
  // Throws: this was expected, and something else is there.
  [[noreturn]] void refuse(const std::string& expected) const;
  [[noreturn]] void fail(const std::string& message, std::size_t at) const;

 private:
  [[nodiscard]] std::size_t after_blanks(std::size_t at) const;
  [[nodiscard]] Token read(std::size_t at) const;
  [[nodiscard]] Token read_number(std::size_t at) const;
  [[nodiscard]] std::size_t end_of_name(std::size_t at) const;
  [[noreturn]] void refuse_character(std::size_t at) const;

  std::string_view text_;
  Token token_;
};

}  // namespace autograd
