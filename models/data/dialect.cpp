#include "models/data/dialect.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <vector>

#include "models/data/csv_scanner.h"
#include "models/data/errors.h"
#include "models/data/missing_tokens.h"
#include "models/data/number.h"

namespace models {
namespace {

constexpr std::size_t records_looked_at = 100;
constexpr std::array<char, 5> candidates{',', ';', '\t', '|', runs_of_blanks};

// The first records of the text, cut by one delimiter.
struct Sample {
  char delimiter = ',';
  std::vector<std::vector<Cell>> records;
  bool broken = false;     // a quote is out of place
  bool up_to_end = false;  // there may be more where the text goes on

  std::size_t columns() const { return records.empty() ? 0 : records.front().size(); }
  std::size_t first_below() const { return records.size() > 1 ? 1 : 0; }
  bool is_blank() const { return records.empty() && !broken; }
  bool is_even() const {
    return std::all_of(records.begin(), records.end(),
                       [this](const auto& record) { return record.size() == columns(); });
  }
};

// Ends at a NUL byte, behind which the file is not read either, unless bad rows are skipped.
Sample sample_of(std::string_view text, Dialect dialect, char delimiter, bool skips_bad_rows) {
  dialect.delimiter = delimiter;
  Sample sample{delimiter, {}, false, false};
  CsvScanner scanner(text, dialect);
  std::vector<Cell> row;
  while (sample.records.size() < records_looked_at && scanner.next_row(row)) {
    if (is_blank_line(row)) continue;
    if (row.back().fault == CellFault::none) {
      sample.records.push_back(row);
    } else {
      sample.broken = true;
      if (row.back().fault == CellFault::nul_byte && !skips_bad_rows) return sample;
      sample.up_to_end = sample.up_to_end || scanner.at_end();
      scanner.leave_out_line();
    }
  }
  sample.up_to_end = sample.up_to_end || scanner.at_end();
  return sample;
}

bool is_missing(const Cell& cell) {
  static const MissingTokens tokens;
  return cell.quoted ? trimmed(cell.text).empty() : tokens.contains(cell.text);
}

bool is_number(const Cell& cell, char decimal) {
  const NumberStatus status = parse_number(cell.text, decimal).status;
  return status == NumberStatus::number || status == NumberStatus::out_of_range;
}

// Of the cells of a column below the first record (of that, if it is the only one).
struct Count {
  std::size_t present = 0;
  std::size_t points = 0;             // numbers, if the point is the decimal mark
  std::size_t commas = 0;             // numbers, if the comma is
  bool all_thousands = true;          // what is a number only with the comma, looks like 1,234
  bool all_pointed_thousands = true;  // and what is one only with the point, like 1.234
  const Cell* a_point = nullptr;      // the first that is a number with the point only
  const Cell* a_comma = nullptr;      // and with the comma only

  std::size_t numbers(char decimal) const { return decimal == ',' ? commas : points; }
  bool is_of_numbers(char decimal) const { return present > 0 && 2 * numbers(decimal) >= present; }
};

// One to three digits, the first not 0, the mark and three digits.
bool is_like_a_thousand(std::string_view text, char mark) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  const std::size_t at = text.find(mark);
  return at >= 1 && at <= 3 && text.front() != '0' && text.size() == at + 4;
}

Count count(const Sample& sample, std::size_t column) {
  Count count;
  for (std::size_t i = sample.first_below(); i < sample.records.size(); ++i) {
    const std::vector<Cell>& record = sample.records[i];
    if (column >= record.size() || is_missing(record[column])) continue;
    const Cell& cell = record[column];
    const bool point = is_number(cell, '.');
    const bool comma = is_number(cell, ',');
    ++count.present;
    count.points += point ? 1 : 0;
    count.commas += comma ? 1 : 0;
    if (comma && !point && !is_like_a_thousand(cell.text, ',')) count.all_thousands = false;
    if (point && !comma && !is_like_a_thousand(cell.text, '.')) count.all_pointed_thousands = false;
    if (point && !comma && count.a_point == nullptr) count.a_point = &cell;
    if (comma && !point && count.a_comma == nullptr) count.a_comma = &cell;
  }
  return count;
}

// --- Delimiter --------------------------------------------------------------------------------

bool is_all_numbers(const Count& count) {
  return count.present == std::max(count.points, count.commas);
}

bool has_a_column_of_numbers(const Sample& sample) {
  for (std::size_t column = 0; column < sample.columns(); ++column) {
    const Count found = count(sample, column);
    if (found.present > 0 && is_all_numbers(found)) return true;
  }
  return false;
}

bool has_numbers_only(const Sample& sample) {
  if (sample.records.size() < 2) return false;
  for (std::size_t column = 0; column < sample.columns(); ++column) {
    if (!is_all_numbers(count(sample, column))) return false;
  }
  return true;
}

bool fits(const Sample& sample) {
  if (sample.broken || sample.columns() < 2 || !sample.is_even()) return false;
  return sample.delimiter != runs_of_blanks || has_a_column_of_numbers(sample);
}

bool cuts(const std::vector<Cell>& record) { return record.size() > 1; }

bool is_seen(const Sample& sample) {
  return std::any_of(sample.records.begin(), sample.records.end(), cuts);
}

// Whether tabs cut every record, and the first as blanks do, which would read over a tab too many.
bool are_single_tabs(const std::vector<Sample>& samples) {
  const auto tabs = std::find_if(samples.begin(), samples.end(),
                                 [](const Sample& sample) { return sample.delimiter == '\t'; });
  return tabs->columns() == samples.back().columns() &&
         std::all_of(tabs->records.begin(), tabs->records.end(), cuts);
}

std::string plural(char delimiter) { return std::string(delimiter_name(delimiter)) + "s"; }

// "--delimiter comma or --delimiter tab settles it."
[[noreturn]] void ask_which(const std::string& file, const std::vector<const Sample*>& likely) {
  std::string text = "separated by ";
  std::string hint;
  for (const Sample* sample : likely) {
    text += (sample == likely.front() ? "" : " or by ") + plural(sample->delimiter);
    hint += (sample == likely.front() ? "--delimiter " : " or --delimiter ");
    hint += delimiter_name(sample->delimiter);
  }
  text += "? Each cuts all lines into the same number of fields";
  throw DataError(file, {1, 0, std::move(text)}, hint + " settles it.");
}

// The hint, or what to do first where the first record looks like a comment.
std::string unless_comment(const Sample& sample, const std::string& hint) {
  const std::string_view first = sample.records.front().front().text;
  if (!first.starts_with('#') && !first.starts_with('%')) return hint;
  return "Lines of comments are skipped by --comment \"" + std::string(first.substr(0, 1)) +
         "\". Otherwise " + hint;
}

[[noreturn]] void ask_for_delimiter(const std::string& file, const Sample& sample, bool is_title) {
  const std::size_t line = sample.records.front().front().line;
  const std::string flags =
      "--delimiter comma, semicolon, tab, bar or blank settles it; none, if the file has one "
      "column.";
  std::string hint = unless_comment(sample, flags);
  if (is_title && hint == flags) {
    hint = "Is line " + std::to_string(line) +
           " a title? Lines above the header are to be removed. Otherwise " + flags;
  }
  throw DataError(file, {line, 0, "no delimiter cuts all lines into the same number of fields"},
                  hint);
}

// The line by which a file tells a spreadsheet how it is separated.
void refuse_separator_line(std::string_view text, const std::string& file) {
  std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  if (line.size() > 2 && line.starts_with('"') && line.ends_with('"')) {
    line = line.substr(1, line.size() - 2);
  }
  if (line.size() != 5 || !(line.starts_with("sep=") || line.starts_with("SEP="))) return;
  throw DataError(file, {1, 0, in_quotes(line) + " is for spreadsheets, and no header"},
                  "Remove the line; what it says is found out, or told by --delimiter.");
}

template <class Property>
std::vector<const Sample*> those(const std::vector<const Sample*>& samples, Property is_so) {
  std::vector<const Sample*> chosen;
  std::copy_if(samples.begin(), samples.end(), std::back_inserter(chosen), is_so);
  return chosen;
}

std::vector<const Sample*> without_blanks(std::vector<const Sample*> samples) {
  if (samples.size() > 1) {
    std::erase_if(samples, [](const Sample* s) { return s->delimiter == runs_of_blanks; });
  }
  return samples;
}

// By the rules of the header, in their order.
char choose_delimiter(const std::vector<Sample>& samples, const std::string& file) {
  if (samples.front().is_blank()) return ',';
  std::vector<const Sample*> all;
  all.reserve(samples.size());
  for (const Sample& sample : samples) all.push_back(&sample);
  if (are_single_tabs(samples)) all.pop_back();
  const auto fitting = those(all, [](const Sample* s) { return fits(*s); });
  if (fitting.size() == 1) return fitting.front()->delimiter;
  if (!fitting.empty()) {
    const auto numbers = those(fitting, [](const Sample* s) { return has_numbers_only(*s); });
    const auto likely = numbers.size() == 1 ? numbers : without_blanks(fitting);
    if (likely.size() == 1) return likely.front()->delimiter;
    ask_which(file, likely);
  }
  const auto whole = those(all, [](const Sample* s) { return !s->broken && s->columns() > 1; });
  const bool all_others_broken =
      std::count_if(all.begin(), all.end(), [](const Sample* s) { return s->broken; }) + 1 ==
      static_cast<std::ptrdiff_t>(all.size());
  if (whole.size() == 1 && all_others_broken) return whole.front()->delimiter;
  if (samples.front().records.empty()) return ',';
  const auto first = without_blanks(those(all, [](const Sample* s) { return s->columns() > 1; }));
  const bool words = first.size() == 1 && first.front()->delimiter == runs_of_blanks &&
                     !has_a_column_of_numbers(*first.front());
  if (first.size() == 1 && !words) return first.front()->delimiter;
  const auto seen = without_blanks(those(all, [](const Sample* s) { return is_seen(*s); }));
  if (seen.empty() || seen.front()->delimiter == runs_of_blanks) return nothing;
  const bool is_title = first.empty() || words;  // none is in it, though one is below it
  ask_for_delimiter(file, *all.front(), is_title);
}

// By each delimiter that may be the one.
std::vector<Sample> samples_of(std::string_view text, const Dialect& dialect, bool skips_bad_rows) {
  std::vector<Sample> samples;
  for (const char candidate : candidates) {
    if (candidate == dialect.decimal) continue;
    samples.push_back(sample_of(text, dialect, candidate, skips_bad_rows));
  }
  return samples;
}

// --- Decimal mark -----------------------------------------------------------------------------

[[noreturn]] void ask_for_decimal(const std::string& file, const Cell& comma, std::size_t field,
                                  const Cell* point) {
  const std::string example = "numbers like " + in_quotes(comma.text);
  throw DataError(file,
                  {comma.line, field,
                   point == nullptr ? example + " may have a decimal comma or be thousands"
                                    : example + " have a decimal comma, those like " +
                                          in_quotes(point->text) + " a point"},
                  "--decimal comma or --decimal point settles it.");
}

// Files are separated by semicolons where the comma is the decimal mark; the point is then that of
// thousands, if nothing shows that it is not.
void refuse_pointed_thousands(const std::vector<Count>& counts, const std::string& file) {
  const auto doubtful = std::find_if(counts.begin(), counts.end(), [](const Count& count) {
    return count.is_of_numbers('.') && count.a_point != nullptr;
  });
  const bool all = std::all_of(counts.begin(), counts.end(),
                               [](const Count& count) { return count.all_pointed_thousands; });
  if (doubtful == counts.end() || !all) return;
  throw DataError(file,
                  {doubtful->a_point->line, static_cast<std::size_t>(doubtful - counts.begin()) + 1,
                   "numbers like " + in_quotes(doubtful->a_point->text) +
                       " may have a decimal point or be thousands"},
                  "--decimal point settles it; thousands are to be written without a mark.");
}

char find_decimal(const Sample& sample, const std::vector<Count>& counts, const std::string& file) {
  if (sample.delimiter == ',') return '.';
  const auto speaks_for = [](const Count& c, char mark) {
    return c.is_of_numbers(mark) && c.numbers(mark) > c.numbers(mark == ',' ? '.' : ',');
  };
  const auto comma = std::find_if(counts.begin(), counts.end(),
                                  [&](const Count& count) { return speaks_for(count, ','); });
  if (comma == counts.end()) {
    if (sample.delimiter == ';') refuse_pointed_thousands(counts, file);
    return '.';
  }
  const auto point = std::find_if(counts.begin(), counts.end(),
                                  [&](const Count& count) { return speaks_for(count, '.'); });
  const bool all_thousands = std::all_of(comma, counts.end(), [&](const Count& count) {
    return count.all_thousands || !speaks_for(count, ',');
  });
  if (point != counts.end() || all_thousands) {
    ask_for_decimal(file, *comma->a_comma, static_cast<std::size_t>(comma - counts.begin()) + 1,
                    point == counts.end() ? nullptr : point->a_point);
  }
  return ',';
}

// --- Header -----------------------------------------------------------------------------------

[[noreturn]] void ask_for_header(const std::string& file, const Sample& sample,
                                 const std::string& reason) {
  std::string hint = "--header yes or --header no settles it.";
  const Cell& first = sample.records.front().front();
  const std::size_t mark = first.text.find_first_of(",;\t|");
  if (sample.columns() == 1 && mark != std::string_view::npos) {
    hint = "The line is one field with " + in_quotes(first.text.substr(mark, 1)) +
           " in it: --delimiter or --decimal may not be this file's. Otherwise " + hint;
  }
  throw DataError(file, {first.line, 0, "is this the header? " + reason},
                  unless_comment(sample, hint));
}

bool are_consecutive(const std::vector<double>& numbers) {
  if (numbers.front() != std::floor(numbers.front())) return false;
  return std::adjacent_find(numbers.begin(), numbers.end(), [](double left, double right) {
           return right != left + 1.0;
         }) == numbers.end();
}

// How often each cell is seen below the first record.
std::map<std::string_view, std::size_t> frequencies(const Sample& sample, std::size_t column) {
  std::map<std::string_view, std::size_t> seen;
  for (std::size_t i = 1; i < sample.records.size(); ++i) {
    if (column < sample.records[i].size()) ++seen[sample.records[i][column].text];
  }
  return seen;
}

constexpr std::size_t records_that_tell = 11;

bool repeats_itself(const std::map<std::string_view, std::size_t>& seen) {
  return std::all_of(seen.begin(), seen.end(), [](const auto& each) { return each.second > 1; });
}

bool is_header_of_text(const Sample& sample) {
  if (sample.records.size() < records_that_tell) return false;
  bool some_column_repeats_itself = false;
  for (std::size_t column = 0; column < sample.columns(); ++column) {
    const auto seen = frequencies(sample, column);
    if (seen.contains(sample.records.front()[column].text)) return false;
    some_column_repeats_itself = some_column_repeats_itself || repeats_itself(seen);
  }
  return some_column_repeats_itself;
}

// The first text that is not seen again in its column, though all others there are; or nothing.
const Cell* a_text_like_a_name(const Sample& sample, char decimal) {
  if (sample.records.size() < records_that_tell) return nullptr;
  for (std::size_t column = 0; column < sample.columns(); ++column) {
    const Cell& first = sample.records.front()[column];
    if (is_missing(first) || is_number(first, decimal)) continue;
    const auto seen = frequencies(sample, column);
    if (!seen.contains(first.text) && repeats_itself(seen)) return &first;
  }
  return nullptr;
}

bool has_all(const std::vector<Cell>& record, const std::vector<std::string>& names) {
  return !names.empty() && std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return std::any_of(record.begin(), record.end(),
                       [&](const Cell& cell) { return cell.text == name; });
  });
}

bool find_header(const Sample& sample, const std::vector<Count>& counts, char decimal,
                 bool faulty_anyway, const std::string& file) {
  const std::vector<Cell>& first = sample.records.front();
  std::vector<double> numbers;
  const Cell* number = nullptr;
  const Cell* text_above_numbers = nullptr;
  for (std::size_t column = 0; column < first.size(); ++column) {
    if (is_number(first[column], decimal)) {
      numbers.push_back(parse_number(first[column].text, decimal).value);
      number = &first[column];
    } else if (!is_missing(first[column]) && counts[column].is_of_numbers(decimal)) {
      text_above_numbers = &first[column];
    }
  }
  if (sample.records.size() == 1) return number == nullptr;
  if (text_above_numbers != nullptr && number == nullptr) return true;
  if (text_above_numbers != nullptr) {
    ask_for_header(file, sample,
                   in_quotes(text_above_numbers->text) + " is text above numbers, but " +
                       in_quotes(number->text) + " is a number");
  }
  if (number != nullptr) {
    if (are_consecutive(numbers)) {
      ask_for_header(file, sample, "Its numbers may be data, or number the columns");
    }
    const Cell* name = a_text_like_a_name(sample, decimal);
    if (name == nullptr) return false;
    ask_for_header(file, sample,
                   in_quotes(name->text) + " is like a name, not seen again below it, but " +
                       in_quotes(number->text) + " is a number");
  }
  if (faulty_anyway || is_header_of_text(sample)) return true;
  ask_for_header(file, sample, "It is text, like all below it");
}

// --- All of it --------------------------------------------------------------------------------

Dialect given_dialect(const CsvOptions& options) {
  Dialect dialect;
  const auto take = [](const auto& option, auto& value, bool& given) {
    given = option.has_value();
    if (given) value = *option;
  };
  take(options.delimiter, dialect.delimiter, dialect.given.delimiter);
  take(options.quote, dialect.quote, dialect.given.quote);
  take(options.decimal, dialect.decimal, dialect.given.decimal);
  take(options.comment, dialect.comment, dialect.given.comment);
  take(options.has_header, dialect.has_header, dialect.given.has_header);
  take(options.encoding, dialect.encoding, dialect.given.encoding);
  return dialect;
}

}  // namespace

Dialect find_dialect(std::string_view text, const std::string& file, const CsvOptions& options) {
  Dialect dialect = given_dialect(options);
  const bool skips = options.skip_bad_rows;
  refuse_separator_line(text, file);
  if (!dialect.given.delimiter) {
    dialect.delimiter = choose_delimiter(samples_of(text, dialect, skips), file);
  }
  if (dialect.delimiter == dialect.decimal) {
    throw DataError(file, {0, 0, "the comma cannot be delimiter and decimal mark"},
                    "--delimiter settles what it is separated by.");
  }
  for (const auto& [mark, flag] :
       {std::pair{dialect.quote, "quote"}, {dialect.comment, "comment"}}) {
    if (mark == nothing || mark != dialect.delimiter) continue;
    throw DataError(file,
                    {0, 0,
                     "the " + std::string(delimiter_name(mark)) +
                         " cannot be delimiter and mark of " + flag + "s"},
                    "--delimiter settles what it is separated by.");
  }
  const Sample sample = sample_of(text, dialect, dialect.delimiter, skips);
  // Broken quotes end most readings whatever the rest is, and say better what is wrong.
  if (sample.records.empty() || (sample.broken && !skips)) return dialect;
  std::vector<Count> counts;
  for (std::size_t column = 0; column < sample.columns(); ++column) {
    counts.push_back(count(sample, column));
  }
  if (!dialect.given.decimal) dialect.decimal = find_decimal(sample, counts, file);
  if (!dialect.given.has_header) {
    // So do rows of another length.
    const bool faulty = !sample.is_even() && !options.skip_bad_rows;
    dialect.has_header = has_all(sample.records.front(), options.known_names) ||
                         find_header(sample, counts, dialect.decimal, faulty, file);
  }
  return dialect;
}

bool is_enough_for_dialect(std::string_view text, const CsvOptions& options) {
  const Dialect dialect = given_dialect(options);
  const bool skips = options.skip_bad_rows;
  if (dialect.given.delimiter) {
    return !sample_of(text, dialect, dialect.delimiter, skips).up_to_end;
  }
  const std::vector<Sample> samples = samples_of(text, dialect, skips);
  return std::none_of(samples.begin(), samples.end(), [](const Sample& s) { return s.up_to_end; });
}

std::string_view delimiter_name(char delimiter) {
  switch (delimiter) {
    case ',':
      return "comma";
    case ';':
      return "semicolon";
    case '\t':
      return "tab";
    case '|':
      return "bar";
    case runs_of_blanks:
      return "blank";
    default:
      return "none";
  }
}

std::string_view encoding_name(Encoding encoding) {
  switch (encoding) {
    case Encoding::utf8:
      return "UTF-8";
    case Encoding::utf16_le:
      return "UTF-16 (little endian)";
    case Encoding::utf16_be:
      return "UTF-16 (big endian)";
    case Encoding::latin1:
      return "Latin-1";
  }
  return "";
}

std::string described(const Dialect& dialect) {
  const auto origin = [](bool given) { return std::string(given ? " (given)" : ""); };
  const Dialect::Given& given = dialect.given;
  std::string text =
      dialect.delimiter == nothing ? "one column" : "separated by " + plural(dialect.delimiter);
  text += origin(given.delimiter);
  if (dialect.decimal == ',' || given.decimal) {
    text += dialect.decimal == ',' ? ", decimal comma" : ", decimal point";
    text += origin(given.decimal);
  }
  if (given.quote) {
    text += dialect.quote == nothing ? ", no quotes (given)"
                                     : std::string(", quotes ") + dialect.quote + " (given)";
  }
  if (given.comment) text += std::string(", comments after ") + dialect.comment + " (given)";
  text += dialect.has_header ? ", with a header" : ", without header";
  text += origin(given.has_header) + ", " + std::string(encoding_name(dialect.encoding));
  return text + origin(given.encoding);
}

}  // namespace models
