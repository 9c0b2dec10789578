// What is wrong with a command line, and what to write instead.
//
// Rule for authors: the words are those behind the program's name, in their order.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <vector>

#include "apps/command.h"

namespace apps {

// Throws UsageError for what is best seen in the words before they are parsed: a command or a flag
// that there is not, a flag without its value or with one it does not take.
void require_known_words(const CLI::App& app, std::span<const std::string> words);

// What to say where CLI11 refused the rest.
UsageError wrong_use(const CLI::App& app, const CLI::ParseError& error);

// `one of a, b is expected, not "c"`, and which of them may have been meant.
std::string fault_of_choice(const std::string& text, const std::vector<std::string>& choices);

}  // namespace apps
