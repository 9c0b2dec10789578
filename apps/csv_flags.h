// The flags that say how a CSV file is written, the same for every command that reads one.
//
// Rule for authors: call csv_options() before the file is read, so that wrong use is said first.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "apps/command.h"
#include "models/data/csv_options.h"

namespace apps {

// The group of these flags in the help.
constexpr const char* csv_flag_group = "How the file is written";

// As given; empty where the file is to tell.
struct CsvFlags {
  std::string delimiter;
  std::string header;
  std::string decimal;
  std::string quote;
  std::string comment;
  std::string encoding;
  std::optional<std::string> missing_tokens;
  bool skip_bad_rows = false;
};

// Adds --delimiter, --header, --decimal, --quote, --comment, --encoding, --missing-tokens
// and --skip-bad-rows to a command.
std::shared_ptr<CsvFlags> add_csv_flags(CLI::App& command);

// What they mean. Throws UsageError where a value stands for nothing.
models::CsvOptions csv_options(const CsvFlags& flags);

}  // namespace apps
