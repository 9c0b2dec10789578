#include "apps/csv_flags.h"

#include <map>

#include "apps/command_line.h"
#include "apps/wrong_use.h"
#include "autograd/utf8.h"
#include "models/data/errors.h"
#include "models/data/number.h"

namespace apps {
namespace {

// The value of a flag by its name; nothing where it was not given.
template <class Value>
std::optional<Value> chosen(std::string_view flag, const std::string& text,
                            const std::map<std::string, Value>& values) {
  if (text.empty()) return std::nullopt;
  const auto at = values.find(models::in_lower_case(text));
  if (at != values.end()) return at->second;
  std::vector<std::string> names;
  for (const auto& [name, value] : values) {
    if (name.size() > 1) names.push_back(name);
  }
  throw UsageError(std::string(flag) + ": " + fault_of_choice(text, names));
}

// One character that can neither be part of a number nor end a line; nothing for "none".
std::optional<char> mark(std::string_view flag, const std::string& text) {
  if (text.empty()) return std::nullopt;
  if (text == "none") return models::nothing;
  const bool usable = text.size() == 1 && text.find_first_of("!\"#$%&'*/:;<=>@\\^_`|~") == 0;
  if (usable) return text.front();
  throw UsageError(std::string(flag) +
                   ": one character such as \" or #, or none, is expected, not " +
                   models::in_quotes(text));
}

}  // namespace

std::shared_ptr<CsvFlags> add_csv_flags(CLI::App& command) {
  const std::string group = csv_flag_group;
  auto flags = std::make_shared<CsvFlags>();
  const auto add = [&](const std::string& name, std::string& value, const std::string& text,
                       const std::vector<std::string>& words) {
    command.add_option(name, value, text)
        ->check(fault_of_empty)
        ->check(offers(words))
        ->group(group);
  };
  add("--delimiter", flags->delimiter, "comma, semicolon, tab, bar, blank or none [found]",
      {"comma", "semicolon", "tab", "bar", "blank", "none"});
  add("--header", flags->header, "yes or no: is the first line one of names? [found]",
      {"yes", "no"});
  add("--decimal", flags->decimal, "point or comma [found]", {"point", "comma"});
  add("--quote", flags->quote, "The character around text, or none [\"]", {"none"});
  add("--comment", flags->comment, "Lines that begin with this character are skipped [none]",
      {"none"});
  add("--encoding", flags->encoding,
      "utf-8, utf-16le, utf-16be or latin-1, which takes in windows-1252 "
      "[utf-8, or by its mark]",
      {"utf-8", "utf-16le", "utf-16be", "latin-1"});
  command
      .add_option("--missing-tokens", flags->missing_tokens,
                  "What stands for a missing value, separated by commas "
                  "[NA,N/A,NaN,null,none,?,-,.]")
      ->group(group);
  command
      .add_flag("--skip-bad-rows", flags->skip_bad_rows,
                "Leave faulty rows out and list them, instead of stopping")
      ->group(group);
  return flags;
}

models::CsvOptions csv_options(const CsvFlags& flags) {
  models::CsvOptions options;
  options.delimiter = chosen<char>("--delimiter", flags.delimiter,
                                   {{"comma", ','},
                                    {",", ','},
                                    {"semicolon", ';'},
                                    {";", ';'},
                                    {"tab", '\t'},
                                    {"\t", '\t'},
                                    {"bar", '|'},
                                    {"|", '|'},
                                    {"blank", models::runs_of_blanks},
                                    {" ", models::runs_of_blanks},
                                    {"none", models::nothing}});
  options.has_header = chosen<bool>("--header", flags.header, {{"yes", true}, {"no", false}});
  options.decimal = chosen<char>("--decimal", flags.decimal,
                                 {{"point", '.'}, {".", '.'}, {"comma", ','}, {",", ','}});
  options.quote = mark("--quote", flags.quote);
  options.comment = mark("--comment", flags.comment);
  using models::Encoding;
  options.encoding = chosen<Encoding>("--encoding", flags.encoding,
                                      {{"utf-8", Encoding::utf8},
                                       {"utf-16le", Encoding::utf16_le},
                                       {"utf-16be", Encoding::utf16_be},
                                       {"latin-1", Encoding::latin1},
                                       {"latin1", Encoding::latin1},
                                       {"windows-1252", Encoding::latin1}});
  if (flags.missing_tokens) {
    if (!autograd::is_utf8(*flags.missing_tokens)) {
      throw UsageError("--missing-tokens: " + models::in_quotes(*flags.missing_tokens) +
                       " is not UTF-8");
    }
    options.missing_tokens = models::between_commas(*flags.missing_tokens);
  }
  options.skip_bad_rows = flags.skip_bad_rows;
  if (options.delimiter && options.delimiter == options.decimal) {
    throw UsageError("--delimiter and --decimal: the comma cannot be both");
  }
  if (options.quote.value_or('"') != models::nothing &&
      options.quote.value_or('"') == options.comment) {
    throw UsageError("--quote and --comment: one character cannot be both");
  }
  return options;
}

}  // namespace apps
