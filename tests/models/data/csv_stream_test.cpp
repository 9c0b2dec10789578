// A file read part by part is the file read at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "models/data/csv.h"
#include "models/data/errors.h"
#include "tests/models/data/support.h"

namespace models {
namespace {

using ::testing::HasSubstr;

// What becomes of columns: x is a number, kind a category, all others do not matter.
CsvOptions uses() {
  CsvOptions options;
  options.columns = {{"x", ColumnUse::numbers}, {"kind", ColumnUse::text}};
  options.other_columns = ColumnUse::none;
  return options;
}

class CsvStreams : public ::testing::Test {
 protected:
  void put(std::string_view text) const { testing::put(path(), text); }
  [[nodiscard]] std::string path() const { return (folder_ / "d.csv").string(); }

  // Every row as "line: x kind", by both ways of reading; and the number of parts.
  [[nodiscard]] std::vector<std::string> streamed(const CsvOptions& options) {
    std::vector<std::string> rows;
    CsvStream stream(path(), options);
    parts_ = 0;
    while (const std::optional<Table> part = stream.next()) {
      ++parts_;
      add(*part, rows);
    }
    EXPECT_FALSE(stream.next()) << "the end stays the end";
    return rows;
  }
  [[nodiscard]] std::vector<std::string> read(const CsvOptions& options) const {
    std::vector<std::string> rows;
    add(read_csv(path(), options), rows);
    return rows;
  }
  static void add(const Table& table, std::vector<std::string>& rows) {
    for (std::size_t row = 0; row < table.rows(); ++row) {
      std::string text = std::to_string(table.lines[row]) + ":";
      for (const char* name : {"x", "kind"}) {
        if (table.find(name) != nullptr) text.append(" ").append(table.find(name)->cell(row));
      }
      rows.push_back(text);
    }
  }

  std::size_t parts_ = 0;

 private:
  testing::TemporaryFolder folder_;
};

// More than two parts of eight megabytes, with quotes, line breaks in them, blank and CRLF lines.
std::string long_file(std::size_t rows) {
  std::string text = "id,x,kind,note\r\n";
  for (std::size_t row = 0; row < rows; ++row) {
    text += std::to_string(row) + "," + std::to_string(row % 1000) + ".5,";
    text += row % 3 == 0 ? "\"a\nb\"" : "c";
    text += row % 7 == 0 ? ",\"say \"\"no\"\"\"" : ",plain text that takes some room on the line";
    text += row % 2 == 0 ? "\r\n" : "\n";
    if (row % 1000 == 0) text += "\n";
  }
  return text;
}

TEST_F(CsvStreams, GiveTheRowsOfTheWholeFile) {
  put(long_file(320000));
  for (const unsigned threads : {1U, 3U}) {
    CsvOptions options = uses();
    options.threads = threads;
    const std::vector<std::string> rows = streamed(options);
    EXPECT_GT(parts_, 1U);
    EXPECT_EQ(rows.size(), 320000U);
    EXPECT_EQ(rows, read(options));
  }
}

TEST_F(CsvStreams, KeepCellsAsTheyAreWritten) {
  put("x,kind,k\n1.50,\"a, b\",NA\n2,c,\"NA\"\n-3e2,d, padded \n");
  CsvOptions options = uses();
  options.written = {"k", "x,kind"};
  CsvStream stream(path(), options);
  const std::optional<Table> part = stream.next();
  ASSERT_TRUE(part);
  EXPECT_EQ(part->columns[0].written, (std::vector<std::string>{"1.50", "2", "-3e2"}));
  EXPECT_EQ(part->columns[1].written, (std::vector<std::string>{"\"a, b\"", "c", "d"}));
  EXPECT_EQ(part->columns[2].written[0], "NA");
  EXPECT_EQ(part->columns[2].written[1], "\"NA\"") << "text, and not a missing value";
  EXPECT_EQ(part->columns[0].numbers, (std::vector<double>{1.5, 2.0, -300.0}));
}

TEST_F(CsvStreams, SayOfFaultsWhatIsSaidOfTheWholeFile) {
  const auto message_of = [&](const CsvOptions& options) {
    const std::string whole =
        testing::message_of<DataError>([&] { return read_csv(path(), options); });
    const std::string parts = testing::message_of<DataError>([&] { return streamed(options); });
    EXPECT_EQ(parts, whole);
    return parts;
  };
  std::string text = long_file(300000);
  text.insert(text.find("\n250001,") + 1, "7,seven,c,d\n8,1\n");
  text += "9,nine,c,d\n";
  put(text);
  const std::string message = message_of(uses());
  EXPECT_THAT(message, HasSubstr("\"seven\" is not a number"));
  EXPECT_THAT(message, HasSubstr("\"nine\" is not a number"));
  EXPECT_THAT(message, HasSubstr("expected 4 fields, found 2"));
  for (const char* broken : {"x,kind\n", "x,kind\n1\n2\n", "x,kind\n1,\"a\n", "x,kind\n1,a\n2\n",
                             "x,kind\n1,a\"b\n", ""}) {
    put(broken);
    message_of(uses());
  }
}

TEST_F(CsvStreams, LeaveFaultyRowsOut) {
  std::string text = long_file(200000);
  text.insert(text.find("\n150001,") + 1, "7,seven,c,d\n8,1\n\"9,1,c,d\n");
  put(text);
  CsvOptions options = uses();
  options.skip_bad_rows = true;
  EXPECT_EQ(streamed(options), read(options));
}

TEST_F(CsvStreams, TakeBlankLinesOfOneColumnForRowsButNotTheLast) {
  put("x\n1\n\n2\n\n\n");
  CsvOptions options = uses();
  EXPECT_EQ(streamed(options), read(options));
  EXPECT_EQ(streamed(options).size(), 3U);
}

}  // namespace
}  // namespace models
