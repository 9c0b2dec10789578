// What --help prints: examples, usage, what it does, then what stands without a flag and the flags
// in their groups, no line wider than 80 columns but an example.
//
// Rule for callers: the formatter is set before the commands are added, since they inherit it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace apps {

// For CLI::App::formatter_fn().
std::string help_text(const CLI::App* command, const std::string& name, CLI::AppFormatMode mode);

// "tapewise train FILE --target COLUMN [FLAGS]".
std::string usage_of(const CLI::App& command, const std::string& name);

}  // namespace apps
