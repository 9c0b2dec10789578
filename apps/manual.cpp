// tapewise manual: its manual page, made of the flags themselves, in the macros of man(7).
#include <array>
#include <string>

#include "apps/command.h"
#include "apps/command_line.h"
#include "apps/help.h"

namespace apps {
namespace {

// What groff would take for something else, by its name; see groff_char(7).
std::string ascii_escaped(char c) {
  switch (c) {
    case '\\':
      return "\\(rs";
    case '-':
      return "\\-";
    case '\'':
      return "\\(aq";
    case '`':
      return "\\(ga";
    case '^':
      return "\\(ha";
    case '~':
      return "\\(ti";
    default:
      return {c};
  }
}

// A character of more than one byte is named by its number, so that the page is plain ASCII.
std::string roff(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto first = static_cast<unsigned char>(text[i]);
    if (first < 0x80U) {
      out += ascii_escaped(text[i]);
      continue;
    }
    const std::size_t more = first >= 0xF0U ? 3 : first >= 0xE0U ? 2 : 1;
    unsigned code = first & (0x3FU >> more);
    for (std::size_t k = 0; k < more && i + 1 < text.size(); ++k) {
      code = (code << 6U) | (static_cast<unsigned char>(text[++i]) & 0x3FU);
    }
    std::array<char, 16> name{};
    std::snprintf(name.data(), name.size(), "\\[u%04X]", code);
    out += name.data();
  }
  return out.starts_with('.') ? "\\&" + out : out;
}

std::string bold(const std::string& text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + roff(text) + "\\fR"; }

std::string item(const std::string& name, const std::string& description) {
  return ".TP\n" + name + "\n" + roff(description) + "\n";
}

std::string usage(const CLI::App& command) {
  std::string text = bold("tapewise " + command.get_name());
  for (const CLI::Option* option : positionals_of(command)) {
    const std::string place = italic(option->get_name()) + (is_repeated(*option) ? "..." : "");
    text += option->get_required() ? " " + place : " [" + place + "]";
  }
  for (const CLI::Option* option : flags_of(command)) {
    if (!option->get_required()) continue;
    text += " " + bold(option->get_name()) + " " + italic(value_name(*option));
  }
  return text + " [" + italic("FLAGS") + "]\n";
}

std::string flag_item(const CLI::Option& flag) {
  std::string name;
  for (const std::string& part : names_of(flag)) name += (name.empty() ? "" : ", ") + bold(part);
  if (takes_value(flag)) name += " " + italic(value_name(flag));
  return item(name, description_of(flag));
}

std::string examples(const std::vector<std::string>& lines) {
  std::string text = ".PP\n.EX\n";
  for (const std::string& line : lines) text += roff(line) + "\n";
  return text + ".EE\n";
}

std::string command_text(const CLI::App& command) {
  std::string text = ".SS " + roff(command.get_name()) + "\n" + usage(command) + ".PP\n" +
                     roff(command.get_description()) + ".\n";
  for (const CLI::Option* option : positionals_of(command)) {
    text += item(italic(option->get_name()), description_of(*option));
  }
  for (const FlagGroup& group : flag_groups(command)) {
    text += ".PP\n" + roff(group.name) + ":\n";
    for (const CLI::Option* flag : group.flags) text += flag_item(*flag);
  }
  return text;
}

struct Meaning {
  ExitCode code;
  const char* text;
};

constexpr std::array exit_codes{
    Meaning{exit_done, "Done."},
    Meaning{exit_check_failed, "A check failed, or checked nothing (gradcheck)."},
    Meaning{exit_wrong_usage, "Wrong usage; the message says what to write instead."},
    Meaning{exit_not_converged,
            "With train --strict: the fit has not converged, or the classes can be separated."},
    Meaning{exit_bad_data,
            "Bad data, named by file, line and field; or a file that does not fit into memory, an "
            "output that cannot be written, a point where a value is not finite."},
    Meaning{exit_model_mismatch, "Model and data do not match."},
    Meaning{exit_our_bug, "A bug of tapewise; please report it."},
    Meaning{exit_closed_pipe,
            "Standard output is a pipe that nobody reads any longer; nothing is said."},
};

std::string exit_status() {
  std::string text = ".SH EXIT STATUS\n";
  for (const Meaning& meaning : exit_codes) {
    text += item(bold(std::to_string(meaning.code)), meaning.text);
  }
  text += item(bold("130") + ", " + bold("143"),
               "train was interrupted by Ctrl-C or SIGTERM; the model so far is written.");
  return text;
}

std::string manual(const CLI::App& app) {
  std::string text = ".TH TAPEWISE 1 \"\" \"tapewise " TAPEWISE_VERSION "\" \"User Commands\"\n";
  text +=
      ".SH NAME\ntapewise \\- small classifiers from CSV files, and the gradients behind them\n";
  text += ".SH SYNOPSIS\n";
  for (const CLI::App* command : commands_of(app)) text += usage(*command) + ".br\n";
  text += bold("tapewise") + " " + bold("--help") + " | " + bold("--version") + "\n";
  text +=
      ".SH DESCRIPTION\n" + roff(app.get_description()) + "\n.PP\n" +
      roff(
          "Results go to standard output, all else to standard error. A file of data named - "
          "is standard input. A flag and its value may be written --flag value or --flag=value; "
          "what stands behind -- is no flag.") +
      "\n";
  text += ".SH COMMANDS\n";
  for (const CLI::App* command : commands_of(app)) text += command_text(*command);
  text += exit_status() + ".SH ENVIRONMENT\n" +
          item(bold("NO_COLOR"), "If it is set and not empty, nothing is coloured.") +
          ".SH EXAMPLES\n";
  for (const CLI::App* command : commands_of(app)) text += examples(examples_of(*command));
  return text;
}

}  // namespace

void add_manual(CLI::App& app, Command& chosen) {
  CLI::App* command = app.add_subcommand("manual", "The manual page");
  set_examples(*command, {"tapewise manual | man -l -", "tapewise manual > tapewise.1"});
  command->callback([&app, &chosen] {
    chosen = [&app] {
      print(manual(app));
      return exit_done;
    };
  });
}

}  // namespace apps
