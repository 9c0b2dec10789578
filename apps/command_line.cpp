#include "apps/command_line.h"

#include <algorithm>
#include <set>
#include <sstream>

namespace apps {
namespace {

// CLI11's name of the group of options for which none was named.
constexpr const char* no_group = "Options";

// "TEXT:{a,b}" is the type TEXT with the choices a and b.
struct TypeText {
  std::string type;
  std::string choices;
};

TypeText type_of(const CLI::Option& option) {
  const std::string text = option.get_type_name();
  const std::size_t colon = text.find(':');
  const std::size_t open = text.find('{');
  const std::size_t close = text.rfind('}');
  if (open == std::string::npos || close == std::string::npos) return {text.substr(0, colon), ""};
  return {text.substr(0, std::min(colon, open)), text.substr(open + 1, close - open - 1)};
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

}  // namespace

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void name_values(CLI::App& command, const std::string& name,
                 const std::vector<std::string>& flags) {
  for (const std::string& flag : flags) command.get_option(flag)->type_name(name);
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<std::string> examples_of(const CLI::App& command) {
  return split(command.get_footer(), '\n');
}

std::vector<const CLI::Option*> positionals_of(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) { return option->get_positional(); });
}

std::vector<FlagGroup> flag_groups(const CLI::App& command) {
  std::vector<FlagGroup> groups;
  FlagGroup others{"Other flags", {}};
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional()) continue;
    const std::string& name = option->get_group();
    if (name == no_group) {
      others.flags.push_back(option);
      continue;
    }
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&name](const FlagGroup& other) { return other.name == name; });
    if (group == groups.end()) group = groups.insert(groups.end(), {name, {}});
    group->flags.push_back(option);
  }
  // CLI11 adds --help first; people look for it last.
  std::stable_partition(
      others.flags.begin(), others.flags.end(),
      [&command](const CLI::Option* option) { return option != command.get_help_ptr(); });
  if (groups.empty()) others.name = "Flags";
  groups.push_back(others);
  return groups;
}

std::vector<const CLI::Option*> flags_of(const CLI::App& command) {
  std::vector<const CLI::Option*> flags;
  for (const FlagGroup& group : flag_groups(command)) {
    flags.insert(flags.end(), group.flags.begin(), group.flags.end());
  }
  return flags;
}

std::vector<std::string> names_of(const CLI::Option& flag) {
  std::vector<std::string> names;
  for (const std::string& name : flag.get_snames()) names.push_back("-" + name);
  for (const std::string& name : flag.get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<std::string> flag_names(const CLI::App& command) {
  std::vector<std::string> all;
  for (const CLI::Option* flag : flags_of(command)) {
    for (const std::string& name : names_of(*flag)) all.push_back(name);
  }
  return all;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

bool is_repeated(const CLI::Option& option) {
  return option.get_positional() && option.get_items_expected_max() > 1;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : commands_of(app)) names.push_back(command->get_name());
  return names;
}

std::vector<std::string> words_without(const CLI::App& command,
                                       const std::vector<std::string>& words,
                                       const std::vector<std::string>& flags) {
  std::set<std::string> alone;
  std::set<std::string> with_value;
  for (const std::string& flag : flags) {
    const CLI::Option& option = *command.get_option(flag);
    for (const std::string& name : names_of(option)) {
      (takes_value(option) ? with_value : alone).insert(name);
    }
  }
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (with_value.contains(word)) {
      ++i;
      continue;
    }
    // "--output=m.json" and "-om.json".
    const std::string name =
        word.starts_with("--") ? word.substr(0, word.find('=')) : word.substr(0, 2);
    if (!with_value.contains(name) && !alone.contains(word)) kept.push_back(word);
  }
  return kept;
}

bool takes_files(const CLI::Option& option) {
  const std::vector<std::string> words = split(value_name(option), ' ');
  return std::any_of(words.begin(), words.end(), [](const std::string& word) {
    return word == "FILE" || word == "MODEL" || word == "DATA";
  });
}

std::vector<std::string> choices_of(const CLI::Option& option) {
  return split(type_of(option).choices, ',');
}

CLI::Validator offers(const std::vector<std::string>& words) {
  return {[](std::string&) { return std::string(); }, CLI::detail::generate_set(words), "offers"};
}

std::string value_name(const CLI::Option& option) {
  if (option.get_positional()) return option.get_name(true);
  std::string type = type_of(option).type;
  if (type == "INT" || type == "UINT" || type == "FLOAT") return "NUMBER";
  if (type != "TEXT" && !type.empty()) return type;
  return choices_of(option).size() > 1 ? "CHOICE" : "VALUE";
}

std::string description_of(const CLI::Option& option) {
  const std::string value = option.get_default_str();
  const std::string& text = option.get_description();
  return value.empty() || text.ends_with("]") ? text : text + " [" + value + "]";
}

}  // namespace apps
