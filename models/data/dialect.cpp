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
  std::size_t points = 0;     // numbers, if the point is the decimal mark
  std::size_t commas = 0;     // numbers, if the comma is
  bool all_thousands = true;  // what is a number only with the comma, looks like 1,234

  std::size_t numbers(char decimal) const { return decimal == ',' ? commas : points; }
  bool is_of_numbers(char decimal) const { return present > 0 && 2 * numbers(decimal) >= present; }
};

// One to three digits, the first not 0, a comma and three digits.
bool is_like_a_thousand(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  const std::size_t comma = text.find(',');
  return comma >= 1 && comma <= 3 && text.front() != '0' && text.size() == comma + 4;
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
    if (comma && !point && !is_like_a_thousand(cell.text)) count.all_thousands = false;
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
  if (sample.broken || sample.columns() < 2) return false;
  const bool even =
      std::all_of(sample.records.begin(), sample.records.end(),
                  [&](const auto& record) { return record.size() == sample.columns(); });
  return even && (sample.delimiter != runs_of_blanks || has_a_column_of_numbers(sample));
}

bool is_seen(const Sample& sample) {
  return std::any_of(sample.records.begin(), sample.records.end(),
                     [](const auto& record) { return record.size() > 1; });
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

[[noreturn]] void ask_for_delimiter(const std::string& file, const Sample& sample) {
  const std::string_view first = sample.records.front().front().text;
  std::string hint =
      "--delimiter comma, semicolon, tab, bar or blank settles it; none, if the "
      "file has one column.";
  if (first.starts_with('#') || first.starts_with('%')) {
    hint = "Lines of comments are skipped by --comment \"" + std::string(first.substr(0, 1)) +
           "\". Otherwise " + hint;
  }
  throw DataError(file, {1, 0, "no delimiter cuts all lines into the same number of fields"}, hint);
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
  std::vector<const Sample*> all;
  all.reserve(samples.size());
  for (const Sample& sample : samples) all.push_back(&sample);
  const auto fitting = those(all, [](const Sample* s) { return fits(*s); });
  if (fitting.size() == 1) return fitting.front()->delimiter;
  if (!fitting.empty()) {
    const auto numbers = those(fitting, [](const Sample* s) { return has_numbers_only(*s); });
    const auto likely = numbers.size() == 1 ? numbers : without_blanks(fitting);
    if (likely.size() == 1) return likely.front()->delimiter;
    ask_which(file, likely);
  }
  if (samples.front().records.empty()) return ',';
  const auto first = without_blanks(those(all, [](const Sample* s) { return s->columns() > 1; }));
  const bool words = first.size() == 1 && first.front()->delimiter == runs_of_blanks &&
                     !has_a_column_of_numbers(*first.front());
  if (first.size() == 1 && !words) return first.front()->delimiter;
  const auto seen = without_blanks(those(all, [](const Sample* s) { return is_seen(*s); }));
  if (seen.empty() || seen.front()->delimiter == runs_of_blanks) return nothing;
  ask_for_delimiter(file, *all.front());
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

char find_decimal(const Sample& sample, const std::vector<Count>& counts, const std::string& file) {
  if (sample.delimiter == ',') return '.';
  const auto speaks_for = [](const Count& c, char mark) {
    return c.is_of_numbers(mark) && c.numbers(mark) > c.numbers(mark == ',' ? '.' : ',');
  };
  bool comma = false;
  bool point = false;
  bool all_thousands = true;
  for (const Count& count : counts) {
    point = point || speaks_for(count, '.');
    if (!speaks_for(count, ',')) continue;
    comma = true;
    all_thousands = all_thousands && count.all_thousands;
  }
  if (!comma) return '.';
  if (point || all_thousands) {
    throw DataError(file,
                    {1, 0,
                     point ? "some columns have numbers with a decimal comma, some with a point"
                           : "numbers like 1,234 may have a decimal comma or be thousands"},
                    "--decimal comma or --decimal point settles it.");
  }
  return ',';
}

// --- Header -----------------------------------------------------------------------------------

[[noreturn]] void ask_for_header(const std::string& file, std::size_t line, const char* reason) {
  throw DataError(file, {line, 0, std::string("is this the header? ") + reason},
                  "--header yes or --header no settles it.");
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

bool is_header_of_text(const Sample& sample) {
  if (sample.records.size() < 11) return false;
  bool some_column_repeats_itself = false;
  for (std::size_t column = 0; column < sample.columns(); ++column) {
    const auto seen = frequencies(sample, column);
    if (seen.contains(sample.records.front()[column].text)) return false;
    some_column_repeats_itself =
        some_column_repeats_itself ||
        std::all_of(seen.begin(), seen.end(), [](const auto& each) { return each.second > 1; });
  }
  return some_column_repeats_itself;
}

bool find_header(const Sample& sample, const std::vector<Count>& counts, char decimal,
                 const std::string& file) {
  const std::vector<Cell>& first = sample.records.front();
  const std::size_t line = first.front().line;
  std::vector<double> numbers;
  bool text_above_numbers = false;
  for (std::size_t column = 0; column < first.size(); ++column) {
    if (is_number(first[column], decimal)) {
      numbers.push_back(parse_number(first[column].text, decimal).value);
    } else if (!is_missing(first[column]) && counts[column].is_of_numbers(decimal)) {
      text_above_numbers = true;
    }
  }
  if (sample.records.size() == 1) return numbers.empty();
  if (text_above_numbers && numbers.empty()) return true;
  if (text_above_numbers) {
    ask_for_header(file, line, "Some of its cells are numbers, some are text above numbers");
  }
  if (!numbers.empty()) {
    if (!are_consecutive(numbers)) return false;
    ask_for_header(file, line, "Its numbers may be data, or number the columns");
  }
  if (is_header_of_text(sample)) return true;
  ask_for_header(file, line, "It is text, like all below it");
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
  if (!dialect.given.delimiter) {
    dialect.delimiter = choose_delimiter(samples_of(text, dialect, skips), file);
  }
  if (dialect.delimiter == dialect.decimal) {
    throw DataError(file, {0, 0, "the comma cannot be delimiter and decimal mark"},
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
    dialect.has_header = find_header(sample, counts, dialect.decimal, file);
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
