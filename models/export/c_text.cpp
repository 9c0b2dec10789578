#include "models/export/c_text.h"

#include <algorithm>
#include <array>

#include "models/data/errors.h"
#include "models/data/number.h"

namespace models {
namespace {

// Keywords of C99 to C23 and of C++20, and names that usual headers and compilers make macros of,
// sorted.
constexpr std::array<std::string_view, 110> reserved{"alignas",
                                                     "alignof",
                                                     "and",
                                                     "and_eq",
                                                     "asm",
                                                     "assert",
                                                     "auto",
                                                     "bitand",
                                                     "bitor",
                                                     "bool",
                                                     "break",
                                                     "case",
                                                     "catch",
                                                     "char",
                                                     "char16_t",
                                                     "char32_t",
                                                     "char8_t",
                                                     "class",
                                                     "co_await",
                                                     "co_return",
                                                     "co_yield",
                                                     "compl",
                                                     "complex",
                                                     "concept",
                                                     "const",
                                                     "const_cast",
                                                     "consteval",
                                                     "constexpr",
                                                     "constinit",
                                                     "continue",
                                                     "decltype",
                                                     "default",
                                                     "delete",
                                                     "do",
                                                     "double",
                                                     "dynamic_cast",
                                                     "else",
                                                     "enum",
                                                     "errno",
                                                     "explicit",
                                                     "export",
                                                     "extern",
                                                     "false",
                                                     "far",
                                                     "float",
                                                     "for",
                                                     "fortran",
                                                     "friend",
                                                     "goto",
                                                     "i386",
                                                     "if",
                                                     "imaginary",
                                                     "inline",
                                                     "int",
                                                     "linux",
                                                     "long",
                                                     "mutable",
                                                     "namespace",
                                                     "near",
                                                     "new",
                                                     "noexcept",
                                                     "noreturn",
                                                     "not",
                                                     "not_eq",
                                                     "nullptr",
                                                     "offsetof",
                                                     "operator",
                                                     "or",
                                                     "or_eq",
                                                     "private",
                                                     "protected",
                                                     "public",
                                                     "register",
                                                     "reinterpret_cast",
                                                     "requires",
                                                     "restrict",
                                                     "return",
                                                     "short",
                                                     "signed",
                                                     "sizeof",
                                                     "static",
                                                     "static_assert",
                                                     "static_cast",
                                                     "stderr",
                                                     "stdin",
                                                     "stdout",
                                                     "struct",
                                                     "switch",
                                                     "template",
                                                     "this",
                                                     "thread_local",
                                                     "throw",
                                                     "true",
                                                     "try",
                                                     "typedef",
                                                     "typeid",
                                                     "typename",
                                                     "typeof",
                                                     "typeof_unqual",
                                                     "union",
                                                     "unix",
                                                     "unsigned",
                                                     "using",
                                                     "virtual",
                                                     "void",
                                                     "volatile",
                                                     "wchar_t",
                                                     "while",
                                                     "xor",
                                                     "xor_eq"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_reserved(std::string_view name) {
  return std::binary_search(reserved.begin(), reserved.end(), name);
}

// Constants that <math.h>, <stdint.h>, <string.h> and those one has beside them are full of.
bool may_be_macro(std::string_view name) {
  constexpr std::array<std::string_view, 8> names{"NULL", "NAN",      "INFINITY", "EOF",
                                                  "I",    "HUGE_VAL", "BUFSIZ",   "RAND_MAX"};
  constexpr std::array<std::string_view, 20> beginnings{
      "M_",   "FP_",  "MATH_", "HUGE_", "INT_",  "INT8_",  "INT16_", "INT32_", "INT64_", "INTMAX_",
      "UINT", "DBL_", "FLT_",  "LDBL_", "CHAR_", "SCHAR_", "SHRT_",  "LONG_",  "SIZE_",  "WCHAR_"};
  return std::find(names.begin(), names.end(), name) != names.end() ||
         std::any_of(beginnings.begin(), beginnings.end(),
                     [&](std::string_view beginning) { return name.starts_with(beginning); });
}

// Letters and digits, and one _ between them for whatever else there is.
std::string cleaned(std::string_view text) {
  std::string name;
  for (const char c : text) {
    if (is_letter(c) || is_digit(c)) {
      name += c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  return name;
}

}  // namespace

std::string c_identifier(std::string_view text, std::string_view otherwise) {
  const std::string name = cleaned(text);
  if (name.empty()) return std::string(otherwise);
  return is_digit(name.front()) ? std::string(otherwise) + "_" + name : name;
}

std::string CNames::unique(std::string_view text, std::string_view otherwise) {
  const std::string name = c_identifier(text, otherwise);
  return take(is_reserved(name) || may_be_macro(name) ? name + "_" : name);
}

std::string CNames::unique_behind(std::string_view beginning, std::string_view text) {
  const std::string name = cleaned(text);
  return take(std::string(beginning) + (name.empty() ? "unnamed" : name));
}

std::string CNames::take(const std::string& name) {
  std::string tried = name;
  for (std::size_t number = 2; !taken_.insert(tried).second; ++number) {
    tried = name + (name.back() == '_' ? "" : "_") + std::to_string(number);
  }
  return tried;
}

std::string c_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\' || c == '?') {
      out.append("\\").append(1, c);
    } else if (byte >= 0x20 && byte < 0x7F) {
      out += c;
    } else {
      // Three digits always, so that a digit that follows is none of them.
      out += '\\';
      for (const unsigned shift : {6U, 3U, 0U}) {
        out += static_cast<char>('0' + ((byte >> shift) & 7U));
      }
    }
  }
  return out + "\"";
}

std::string c_number(double number) {
  std::string text = shortest(number);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

std::string c_comment(std::string_view text) {
  std::string out;
  for (const char c : in_quotes(text)) {
    const bool joins =
        !out.empty() && ((out.back() == '*' && c == '/') || (out.back() == '/' && c == '*'));
    if (joins) out += ' ';
    out += c;
  }
  return out;
}

std::string c_list(const std::vector<std::string>& items, std::size_t indent) {
  constexpr std::size_t columns = 100;
  constexpr std::size_t on_one_line = 60;
  std::size_t size = 0;
  for (const std::string& item : items) size += item.size() + 2;
  const std::string margin(indent, ' ');
  std::string out = "{";
  std::size_t width = size <= on_one_line ? 0 : columns;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string item = items[i] + (i + 1 < items.size() ? "," : "");
    if (width + 1 + item.size() > columns) {
      out.append("\n").append(margin).append(item);
      width = indent + item.size();
    } else {
      out.append(i == 0 ? "" : " ").append(item);
      width += 1 + item.size();
    }
  }
  return out + "}";
}

}  // namespace models
