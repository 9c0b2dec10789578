#include "apps/command.h"

#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>
#include <map>
#include <sstream>

#include "models/data/atomic_file.h"
#include "models/data/errors.h"
#include "models/data/missing_tokens.h"
#include "models/data/number.h"

namespace apps {

std::vector<std::string> words_of(int argc, char** argv) {
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (!words.empty() && words[0] == "help") {
    words.erase(words.begin());
    words.insert(words.begin() + (words.empty() ? 0 : 1), "--help");
  }
  const bool takes_expressions =
      !words.empty() && (words[0] == "gradcheck" || words[0] == "explain");
  for (std::string& word : words) {
    const bool is_flag = word == "-v" || word == "-h" || word.starts_with("--");
    const bool is_number = word.find_first_not_of("-+.,0123456789eE") == std::string::npos;
    if (takes_expressions && word.starts_with('-') && !is_flag && !is_number) {
      word.insert(word.begin(), ' ');
    }
  }
  return words;
}

std::vector<double> parse_numbers(std::string_view flag, std::string_view text) {
  std::vector<double> numbers;
  for (const std::string& part : models::between_commas(text)) {
    const models::ParsedNumber parsed = models::parse_number(part);
    if (parsed.status != models::NumberStatus::number) {
      throw UsageError(std::string(flag) + ": " + models::in_quotes(part) + " " +
                       std::string(models::reproach(parsed.status)));
    }
    numbers.push_back(parsed.value);
  }
  return numbers;
}

double parse_number_flag(std::string_view flag, std::string_view text) {
  const std::vector<double> numbers = parse_numbers(flag, text);
  if (numbers.size() != 1) {
    throw UsageError(std::string(flag) + ": one number is expected, not " +
                     std::to_string(numbers.size()));
  }
  return numbers[0];
}

std::string fault_of_count(const std::string& text) {
  long count = -1;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, count);
  if (error == std::errc{} && stop == end && count >= 0) return "";
  if (error == std::errc::result_out_of_range && stop == end && text.front() != '-') {
    return text + " is more than the largest number taken, " +
           std::to_string(std::numeric_limits<long>::max());
  }
  return "a whole number, 0 or more, is expected, not " + models::in_quotes(text);
}

std::string fault_of_empty(const std::string& text) {
  return text.empty() ? "a value is expected, not \"\"" : "";
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos &&
      models::trimmed(text).size() == text.size() && !models::MissingTokens().contains(text)) {
    return text;
  }
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string shell_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

void require_other_than_inputs(std::string_view flag, const std::string& output,
                               std::initializer_list<std::string> inputs) {
  std::error_code none_there;
  for (const std::string& named : inputs) {
    const std::string input = named == "-" ? "/dev/stdin" : named;
    if (std::filesystem::is_regular_file(input, none_there) &&
        std::filesystem::equivalent(output, input, none_there)) {
      throw UsageError(std::string(flag) + ": " + models::in_quotes(output) +
                       " is a file that is read; it would be lost");
    }
  }
}

void require_different(const std::vector<OutputFile>& outputs) {
  std::error_code none_there;
  std::map<std::filesystem::path, std::string_view> flag_of;
  for (const auto& [flag, path] : outputs) {
    if (path.empty() || std::filesystem::is_character_file(path, none_there)) continue;
    const auto place =
        std::filesystem::weakly_canonical(std::filesystem::absolute(path, none_there), none_there);
    const auto [first, is_new] = flag_of.emplace(place, flag);
    if (place.empty() || is_new) continue;
    throw UsageError(std::string(flag).append(": ").append(models::in_quotes(path)) +
                     " is the file of " + std::string(first->second) + ", too");
  }
}

std::string wrapped(const std::string& text, std::size_t indent) {
  constexpr std::size_t line_width = 80;
  std::string out;
  std::size_t column = indent;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const bool first = column == indent;
    if (!first && column + 1 + width_of(word) > line_width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!first) {
      out += " ";
      ++column;
    }
    out += word;
    column += width_of(word);
  }
  return out + "\n";
}

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    const int error = errno;
    const std::string message =
        std::string("standard output cannot be written: ") + std::strerror(error);
    if (error == EPIPE) throw models::ClosedPipe(message);
    throw models::WriteError(message);
  }
}

void add_log_flags(CLI::App& command) {
  CLI::Option* quiet = command.add_flag_callback(
      "-q,--quiet", [] { spdlog::set_level(spdlog::level::warn); },
      "On stderr warnings and errors alone, and no progress");
  command
      .add_flag_callback(
          "-v,--verbose", [] { spdlog::set_level(spdlog::level::debug); },
          "On stderr what is done, step by step")
      ->excludes(quiet);
}

bool progress_is_visible() {
  const char* kind = std::getenv("TERM");
  const bool can_redraw = kind == nullptr || std::string_view(kind) != "dumb";
  return can_redraw && spdlog::get_level() == spdlog::level::info && isatty(STDERR_FILENO) != 0;
}

std::size_t terminal_width(int descriptor) {
  constexpr std::size_t usual = 80;
  winsize size{};
  return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual;
}

}  // namespace apps
