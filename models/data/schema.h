// What each column of a table is good for: a number, a category, a yes or no, or nothing a
// classifier can learn from, with the reason in words.
//
// Rule for callers: a role is found by the rules below and nothing else, the same for every file;
// whoever knows better says so in SchemaOptions. What is unusable is left out by name, never
// silently: show `reason`.
//
// The rules, in their order; cells that are missing are left aside:
//  1. no cell at all, or the same in every row: unusable, constant;
//  2. of numbers: a whole one beyond 2^53 among them: unusable, an identifier; two values, 0 and 1:
//     boolean; whole numbers, one in each of 20 rows or more, no
//     two alike and without a gap between them, in any order: unusable, a running number;
//     otherwise numeric;
//  3. of text: two levels that are yes and no in one of the ways of writing them (yes/no, y/n,
//     true/false, t/f, on/off, in any case): boolean;
//  4. all dates (2026-01-31, 31.1.2026, 1/31/2026, with a time or not): unusable, a date;
//  5. no two cells alike: unusable, an identifier;
//  6. more than 5 levels, and more than half as many as cells: unusable, free text; more than 100
//     levels: unusable, too many;
//  7. otherwise categorical.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/data/table.h"

namespace models {

enum class Role : std::uint8_t { numeric, boolean, categorical, unusable };

// "numeric", "boolean", "categorical", "unusable".
std::string_view to_string(Role role);

// One spelling in a column, and the number of its rows.
struct LevelCount {
  std::string name;
  std::size_t rows = 0;
};

// The levels of a column that occur, sorted: as numbers if all are numbers, so that 2 comes before
// 10, by bytes otherwise. Numbers whose spelling is not known are in their shortest form.
std::vector<LevelCount> count_levels(const Column& column);

// One column as it was understood.
struct ColumnSchema {
  std::string name;
  std::size_t index = 0;  // of the column in the table
  Role role = Role::numeric;
  std::string reason;              // why it has this role where that needs saying, or ""
  std::vector<LevelCount> levels;  // categorical and boolean: sorted; otherwise empty
  double smallest = 0.0;           // of numbers: their range; 0 where there are none
  double largest = 0.0;
  std::size_t missing = 0;  // cells without a value
};

// Names of columns whose role is not to be found but is known. Where no column has a name with
// commas, it is a list of names.
struct SchemaOptions {
  std::vector<std::string> categorical;  // its spellings are categories, numbers or not
  std::vector<std::string> numeric;      // its cells are numbers, or faults
  std::vector<std::string> drop;         // it is left out
  std::vector<std::string> keep;  // numeric or categorical, though rules 1, 2, 4, 5, 6 say no
  std::vector<std::string> weight = {};  // at most one: what each row counts, and no feature
};

// What the reader of the file has to know of them. Where one name is in several, infer_schema says
// so.
std::map<std::string, ColumnUse> uses_of(const SchemaOptions& options);

// Whether a column is left out because an option says so: --drop or --weight.
bool is_left_out_by_wish(const ColumnSchema& column);

// The order in which levels are sorted: as numbers if all are numbers, by bytes otherwise. Indices
// into `levels`.
std::vector<std::size_t> sorted_order(std::span<const std::string> levels, char decimal);

// The roles of all columns but `target` ("": there is none), in the order of the table.
//
// Throws DataError where an option names no column, the target, or a column that another option
// names too.
std::vector<ColumnSchema> infer_schema(const Table& table, std::string_view target = {},
                                       const SchemaOptions& options = {});

}  // namespace models
