// What the commands and flags of the program are, read from its CLI::App: for the help, the manual
// page, the completions, and the messages about wrong use. None of them can forget a flag.
//
// Rule for authors: give a flag that takes a file the type name FILE or MODEL, so that shells
// complete files there; its choices, if it has any, by CLI::IsMember or offers().
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace apps {

struct FlagGroup {
  std::string name;
  std::vector<const CLI::Option*> flags;
};

// Flags that are added while it lives stand in that group.
class InGroup {
 public:
  InGroup(CLI::App& command, const std::string& name)
      : command_(command), before_(command.option_defaults()->get_group()) {
    command_.option_defaults()->group(name);
  }
  // Out of memory here is the end of the program.
  // NOLINTNEXTLINE(bugprone-exception-escape)
  ~InGroup() { command_.option_defaults()->group(before_); }
  InGroup(const InGroup&) = delete;
  InGroup& operator=(const InGroup&) = delete;

 private:
  CLI::App& command_;
  std::string before_;
};

bool contains(const std::vector<std::string>& names, const std::string& name);

// The words of a command line without these flags of a command, in any spelling, and their values.
std::vector<std::string> words_without(const CLI::App& command,
                                       const std::vector<std::string>& words,
                                       const std::vector<std::string>& flags);

// Says what the values of these flags are called.
void name_values(CLI::App& command, const std::string& name, const std::vector<std::string>& flags);

// In the order they were added.
std::vector<const CLI::App*> commands_of(const CLI::App& app);
std::vector<std::string> command_names(const CLI::App& app);

// What set_examples() was given.
std::vector<std::string> examples_of(const CLI::App& command);

// What stands on the line without a flag: FILE, MODEL.
std::vector<const CLI::Option*> positionals_of(const CLI::App& command);

// The flags in their groups: first those of groups with a name, last those without one, among them
// --help.
std::vector<FlagGroup> flag_groups(const CLI::App& command);

// The same without the groups.
std::vector<const CLI::Option*> flags_of(const CLI::App& command);

// As they are typed: "-o", "--output".
std::vector<std::string> names_of(const CLI::Option& flag);
std::vector<std::string> flag_names(const CLI::App& command);

bool takes_value(const CLI::Option& option);
// Whether several values may stand one after the other without a flag: NAME... on the line.
bool is_repeated(const CLI::Option& option);
bool takes_files(const CLI::Option& option);

// The values there are; none where any text or number may be one.
std::vector<std::string> choices_of(const CLI::Option& option);

// For CLI11's check(): words that completions offer and that something else checks.
CLI::Validator offers(const std::vector<std::string>& words);

// What a value is called: COLUMN, FILE, NUMBER, CHOICE; VALUE where it has no name of its own.
std::string value_name(const CLI::Option& option);

// The description, with the default in brackets where there is one.
std::string description_of(const CLI::Option& option);

}  // namespace apps
