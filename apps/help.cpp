#include "apps/help.h"

#include "apps/command.h"
#include "apps/command_line.h"

namespace apps {
namespace {

constexpr std::size_t description_column = 28;

// "  -o, --output FILE       Write to this file".
std::string entry(const std::string& name, const std::string& description) {
  const std::string left = "  " + name;
  const bool fits = width_of(left) + 2 <= description_column;
  return (fits ? padded(left, description_column)
               : left + "\n" + std::string(description_column, ' ')) +
         wrapped(description, description_column);
}

std::string flag_entry(const CLI::Option& flag) {
  std::string name;
  for (const std::string& part : names_of(flag)) name += (name.empty() ? "" : ", ") + part;
  if (takes_value(flag)) name += " " + value_name(flag);
  return entry(name, description_of(flag));
}

std::string commands_text(const CLI::App& app) {
  std::string text;
  for (const CLI::App* command : commands_of(app)) {
    text += entry(command->get_name(), command->get_description());
  }
  return text.empty() ? "" : "\nCommands\n" + text;
}

}  // namespace

void set_examples(CLI::App& command, const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  command.footer(text);
}

std::string usage_of(const CLI::App& command, const std::string& name) {
  std::string text = name;
  for (const CLI::Option* option : positionals_of(command)) {
    const std::string place = option->get_name() + (is_repeated(*option) ? "..." : "");
    text += option->get_required() ? " " + place : " [" + place + "]";
  }
  for (const CLI::Option* option : flags_of(command)) {
    if (option->get_required()) text += " " + option->get_name() + " " + value_name(*option);
  }
  return text + (commands_of(command).empty() ? " [FLAGS]" : " COMMAND [FLAGS]");
}

std::string help_text(const CLI::App* command, const std::string& name, CLI::AppFormatMode) {
  std::string text = "Examples\n";
  for (const std::string& example : examples_of(*command)) text += "  " + example + "\n";
  text += "\nUsage: " + usage_of(*command, name) + "\n" + wrapped(command->get_description(), 0);
  text += commands_text(*command);
  std::string places;
  for (const CLI::Option* option : positionals_of(*command)) {
    places += entry(option->get_name(), description_of(*option));
  }
  if (!places.empty()) text += "\n" + places;
  for (const FlagGroup& group : flag_groups(*command)) {
    text += "\n" + group.name + "\n";
    for (const CLI::Option* flag : group.flags) text += flag_entry(*flag);
  }
  return text;
}

}  // namespace apps
