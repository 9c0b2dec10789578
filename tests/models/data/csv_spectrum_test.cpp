// The cases of csv-spectrum, a public conformance suite: each a CSV, and what is in it as JSON.
// tests/fetch_csv_spectrum.sh fetches it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "models/data/csv.h"
#include "models/data/errors.h"
#include "tests/models/data/support.h"

namespace models {
namespace {

using nlohmann::ordered_json;
using testing::get;
using testing::message_of;

// Its JSON has another telephone number than its CSV.
constexpr const char* contradiction = "location_coordinates";

class CsvSpectrum : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::filesystem::exists(folder_)) return;
    GTEST_SKIP() << folder_.string()
                 << " is not there; bash tests/fetch_csv_spectrum.sh fetches it";
  }

  std::filesystem::path csv(const std::string& name) const {
    return folder_ / "csvs" / (name + ".csv");
  }
  ordered_json json(const std::string& name) const {
    return ordered_json::parse(get(folder_ / "json" / (name + ".json")));
  }
  std::set<std::string> names() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "csvs")) {
      names.insert(entry.path().stem().string());
    }
    return names;
  }

 private:
  std::filesystem::path folder_ = TAPEWISE_CSV_SPECTRUM;
};

std::vector<std::string> keys(const ordered_json& row) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : row.items()) keys.push_back(key);
  return keys;
}

CsvOptions all_text() {
  CsvOptions options;
  options.has_header = true;
  options.other_columns = ColumnUse::text;
  return options;
}

TEST_F(CsvSpectrum, HasTheCellsOfItsJson) {
  std::set<std::string> cases = names();
  EXPECT_EQ(cases.size(), 12U);
  EXPECT_EQ(cases.erase(contradiction), 1U);
  for (const std::string& name : cases) {
    SCOPED_TRACE(name);
    const ordered_json expected = json(name);
    const Table table = read_csv(csv(name), all_text());
    ASSERT_EQ(table.rows(), expected.size());
    for (std::size_t row = 0; row < table.rows(); ++row) {
      ASSERT_EQ(table.names(), keys(expected[row]));
      for (const Column& column : table.columns) {
        const std::string cell = expected[row].at(column.name);
        EXPECT_EQ(column.kind, ColumnKind::text);
        EXPECT_EQ(column.cell(row), cell);
        EXPECT_EQ(column.is_missing(row), cell.empty());
      }
    }
  }
}

// The case has quotes inside cells that do not begin with one, which RFC 4180 forbids; as
// characters like others they give the cells of the JSON but for the one that is not in the CSV.
TEST_F(CsvSpectrum, ContradictsItselfInOneCase) {
  const ordered_json expected = json(contradiction);
  const CsvOptions options = all_text();
  EXPECT_THAT(message_of<DataError>([&] { read_csv(csv(contradiction), options); }),
              ::testing::HasSubstr("a quote inside a cell that does not begin with one"));
  CsvOptions without_quotes = options;
  without_quotes.quote = nothing;
  const Table table = read_csv(csv(contradiction), without_quotes);
  ASSERT_EQ(table.rows(), 1U);
  ASSERT_EQ(table.names(), keys(expected));
  const std::string number = expected.at("Contact Phone Number");
  EXPECT_EQ(number, "1234567890");
  EXPECT_THAT(get(csv(contradiction)), ::testing::Not(::testing::HasSubstr(number)));
  EXPECT_EQ(table.columns[0].cell(0), "2095257564");
  for (std::size_t i = 1; i < table.columns.size(); ++i) {
    EXPECT_EQ(table.columns[i].cell(0), expected.at(table.columns[i].name).get<std::string>());
  }
}

}  // namespace
}  // namespace models
