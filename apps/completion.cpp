// tapewise completion: scripts that complete its commands, flags, choices and files in a shell,
// made of the flags themselves.
#include <algorithm>
#include <map>
#include <memory>

#include "apps/command.h"
#include "apps/command_line.h"

namespace apps {
namespace {

// Texts joined with blanks.
std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : " ") + text;
  return all;
}

// With a backslash before each of the characters.
std::string escaped(const std::string& text, std::string_view characters) {
  std::string out;
  for (const char c : text) {
    if (characters.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

// Whether a file may stand anywhere but behind a flag's name: as the command's own or as the second
// value of a flag.
bool has_places_for_files(const CLI::App& command) {
  const std::vector<const CLI::Option*> options = command.get_options();
  return std::any_of(options.begin(), options.end(), [](const CLI::Option* option) {
    const bool place = option->get_positional() || option->get_items_expected_min() > 1;
    return place && takes_files(*option);
  });
}

std::vector<std::string> choices_of_places(const CLI::App& command) {
  for (const CLI::Option* option : positionals_of(command)) {
    if (!choices_of(*option).empty()) return choices_of(*option);
  }
  return {};
}

// --- bash ---------------------------------------------------------------------------------------

// Between the command and the flags of every command, which are the branches of a case.
constexpr const char* bash_head = R"(_tapewise() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words= files=
  # bash takes --flag=value apart at the sign.
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD-2]}
  fi
  COMPREPLY=()
)";

constexpr const char* bash_tail = R"(  if [[ $files ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  fi
}
complete -F _tapewise tapewise
)";

// What follows a flag that takes a value.
std::string bash_values(const CLI::Option& flag) {
  std::string pattern;
  for (const std::string& name : names_of(flag)) pattern += (pattern.empty() ? "" : "|") + name;
  if (takes_files(flag)) return "        " + pattern + ") files=1 ;;\n";
  return "        " + pattern + ") words=" + shell_quoted(joined(choices_of(flag))) + " ;;\n";
}

std::string bash_command(const CLI::App& command) {
  std::string text = "    " + command.get_name() + ")\n      case $before in\n";
  for (const CLI::Option* flag : flags_of(command)) {
    if (takes_value(*flag)) text += bash_values(*flag);
  }
  const std::vector<std::string> choices = choices_of_places(command);
  const std::string flags = shell_quoted(joined(flag_names(command)));
  text += "        *)\n          if [[ $word == -* ]]; then words=" + flags + "\n          else ";
  if (has_places_for_files(command)) {
    text += "files=1\n";
  } else {
    text += "words=" + (choices.empty() ? flags : shell_quoted(joined(choices))) + "\n";
  }
  return text + "          fi ;;\n      esac ;;\n";
}

std::string bash_script(const CLI::App& app) {
  std::string text = bash_head;
  text += "  if ((COMP_CWORD == 1)); then\n    words=" +
          shell_quoted(joined(command_names(app)) + " " + joined(flag_names(app))) +
          "\n  else case ${COMP_WORDS[1]} in\n";
  for (const CLI::App* command : commands_of(app)) text += bash_command(*command);
  return text + "  esac; fi\n" + bash_tail;
}

// --- zsh ----------------------------------------------------------------------------------------

// ":FILE:_files", ":CHOICE:(a b)", ":NUMBER: ".
std::string zsh_value(const CLI::Option& option) {
  std::string action = " ";
  const std::vector<std::string> choices = choices_of(option);
  if (takes_files(option)) action = "_files";
  if (!choices.empty()) action = "(" + joined(choices) + ")";
  std::string text;
  for (int i = 0; i < option.get_items_expected_min(); ++i) {
    text += ":" + escaped(value_name(option), ":\\") + ":" + action;
  }
  return text;
}

// One line of _arguments for each name of a flag.
std::string zsh_flag(const CLI::Option& flag) {
  const std::vector<std::string> names = names_of(flag);
  const bool repeats = flag.get_expected_max() > flag.get_items_expected_min();
  std::string text;
  for (const std::string& name : names) {
    std::string line = repeats ? "*" : names.size() > 1 ? "(" + joined(names) + ")" : "";
    line += name;
    if (takes_value(flag)) line += name.starts_with("--") ? "=" : "+";
    line += "[" + escaped(flag.get_description(), "[]\\:") + "]";
    if (takes_value(flag)) line += zsh_value(flag);
    text += " \\\n        " + shell_quoted(line);
  }
  return text;
}

std::string zsh_command(const CLI::App& command) {
  std::string text = "    " + command.get_name() + ")\n      _arguments -s -S";
  for (const CLI::Option* flag : flags_of(command)) text += zsh_flag(*flag);
  int place = 0;
  for (const CLI::Option* option : positionals_of(command)) {
    ++place;
    const std::string where = is_repeated(*option) ? "*" : std::to_string(place);
    text += " \\\n        " + shell_quoted(where + zsh_value(*option));
  }
  return text + " ;;\n";
}

std::string zsh_script(const CLI::App& app) {
  std::string text = "#compdef tapewise\n_tapewise() {\n  local -a commands=(\n";
  for (const CLI::App* command : commands_of(app)) {
    text += "    " +
            shell_quoted(command->get_name() + ":" + escaped(command->get_description(), ":\\")) +
            "\n";
  }
  text += "  )\n  if ((CURRENT == 2)); then\n    if [[ $words[2] == -* ]]; then\n      _arguments";
  for (const CLI::Option* flag : flags_of(app)) text += zsh_flag(*flag);
  text +=
      "\n    else\n      _describe command commands\n    fi\n    return\n  fi\n"
      "  shift words\n  ((CURRENT -= 1))\n  case $words[1] in\n";
  for (const CLI::App* command : commands_of(app)) text += zsh_command(*command);
  return text +
         "  esac\n}\n"
         "# The first time it is loaded from fpath it is called at once; a script that is sourced "
         "is "
         "not.\n"
         "if [[ $funcstack[1] == _tapewise ]]; then _tapewise \"$@\"; "
         "else compdef _tapewise tapewise; fi\n";
}

// --- fish ---------------------------------------------------------------------------------------

std::string fish_quoted(const std::string& text) { return "'" + escaped(text, "'\\") + "'"; }

// What completes a value, or a place: files, choices, or nothing.
std::string fish_value(const CLI::Option& option) {
  if (takes_files(option)) return " -r -F";
  const std::vector<std::string> choices = choices_of(option);
  return choices.empty() ? " -x" : " -x -a " + fish_quoted(joined(choices));
}

std::string fish_flag(const std::string& condition, const CLI::Option& flag) {
  std::string text = "complete -c tapewise -n " + fish_quoted(condition);
  for (const std::string& name : flag.get_snames()) text += " -s " + name;
  for (const std::string& name : flag.get_lnames()) text += " -l " + name;
  if (takes_value(flag)) text += fish_value(flag);
  return text + " -d " + fish_quoted(flag.get_description()) + "\n";
}

std::string fish_command(const CLI::App& command) {
  const std::string condition = "__tapewise_command " + command.get_name();
  const std::string prefix = "complete -c tapewise -n " + fish_quoted(condition);
  std::string text = "complete -c tapewise -n '__tapewise_command' -a " + command.get_name() +
                     " -d " + fish_quoted(command.get_description()) + "\n";
  if (has_places_for_files(command)) text += prefix + " -F\n";
  const std::vector<std::string> choices = choices_of_places(command);
  if (!choices.empty()) text += prefix + " -a " + fish_quoted(joined(choices)) + "\n";
  for (const CLI::Option* flag : flags_of(command)) text += fish_flag(condition, *flag);
  return text;
}

std::string fish_script(const CLI::App& app) {
  std::string text =
      "# True where the command is the one named, or where there is none yet and none is named.\n"
      "function __tapewise_command\n  set -l words (commandline -opc)\n"
      "  test \"$words[2]\" = \"$argv[1]\"\nend\n"
      "complete -c tapewise -f\n";
  for (const CLI::Option* flag : flags_of(app)) text += fish_flag("__tapewise_command", *flag);
  for (const CLI::App* command : commands_of(app)) text += fish_command(*command);
  return text;
}

using Script = std::string (*)(const CLI::App&);
const std::map<std::string, Script>& scripts() {
  static const std::map<std::string, Script> all{
      {"bash", bash_script}, {"fish", fish_script}, {"zsh", zsh_script}};
  return all;
}

}  // namespace

void add_completion(CLI::App& app, Command& chosen) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("completion", "A script that completes tapewise's flags in a shell");
  set_examples(*command,
               {"eval \"$(tapewise completion bash)\"", "tapewise completion zsh > _tapewise",
                "tapewise completion fish > tapewise.fish"});
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([shell, &app, &chosen] {
    chosen = [shell, &app] {
      print(scripts().at(*shell)(app));
      return exit_done;
    };
  });
}

}  // namespace apps
