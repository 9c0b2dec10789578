#include "apps/wrong_use.h"

#include <algorithm>
#include <limits>

#include "apps/command_line.h"
#include "autograd/suggestion.h"
#include "models/data/errors.h"

namespace apps {
namespace {

using models::in_quotes;

std::string listed(const std::vector<std::string>& names) {
  return models::listed(names, std::numeric_limits<std::size_t>::max());
}

// "a", "a and b", "a, b and c".
std::string in_a_sentence(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

std::string behind_semicolon(const std::string& text) { return text.empty() ? "" : "; " + text; }

std::string name_of(const CLI::App& command) {
  return command.get_parent() == nullptr ? "tapewise" : command.get_name();
}

const CLI::App* command_named(const CLI::App& app, const std::string& name) {
  for (const CLI::App* command : commands_of(app)) {
    if (command->get_name() == name) return command;
  }
  return nullptr;
}

// --- Before parsing -----------------------------------------------------------------------------

bool looks_like_flag(const std::string& word) {
  return word.size() > 1 && word.front() == '-' &&
         std::string_view("0123456789.").find(word[1]) == std::string_view::npos;
}

// The flag a word begins with: "--rows" of "--rows=3", "-o" of "-ofile".
std::string flag_in(const std::string& word) {
  return word.starts_with("--") ? word.substr(0, word.find('=')) : word.substr(0, 2);
}

// Who types the beginning of a long name means that one; else the nearest.
std::string name_meant(const std::string& word, const std::vector<std::string>& names) {
  const auto longer = std::find_if(names.begin(), names.end(), [&word](const std::string& name) {
    return word.size() > 3 && name.starts_with(word);
  });
  return longer != names.end() ? autograd::did_you_mean(*longer, std::vector{*longer})
                               : autograd::did_you_mean(word, names);
}

// "describe and train have it" of a flag of other commands.
std::string who_has(const CLI::App& command, const std::string& flag) {
  const CLI::App* const parent = command.get_parent();
  std::vector<std::string> others;
  for (const CLI::App* other : commands_of(parent == nullptr ? command : *parent)) {
    if (contains(flag_names(*other), flag)) others.push_back(other->get_name());
  }
  if (others.empty()) return "";
  return in_a_sentence(others) + (others.size() == 1 ? " has it" : " have it");
}

UsageError no_such_flag(const CLI::App& command, const std::string& word) {
  const std::string flag = word.starts_with("--") ? flag_in(word) : word;
  std::string hint = who_has(command, flag);
  if (!hint.empty() && command.get_parent() == nullptr) hint = "flags stand behind the command";
  if (hint.empty() && flag.size() > 2) hint = name_meant(flag, flag_names(command));
  return UsageError(name_of(command) + " has no flag " + models::printable(flag) +
                    behind_semicolon(hint));
}

// The words of one command, from its flags on.
class Words {
 public:
  Words(const CLI::App& command, std::span<const std::string> words)
      : command_(command), names_(flag_names(command)), words_(words) {}

  void require_known() const {
    for (std::size_t at = 0; at < words_.size() && words_[at] != "--"; ++at) {
      const std::string& word = words_[at];
      if (!looks_like_flag(word)) continue;
      const CLI::Option* const flag = command_.get_option_no_throw(flag_in(word));
      if (flag == nullptr) throw no_such_flag(command_, word);
      if (flag == command_.get_help_ptr()) return;
      at += values_behind(*flag, at);
    }
  }

 private:
  // The number of words behind a flag that are its values. Throws where they are not there.
  [[nodiscard]] std::size_t values_behind(const CLI::Option& flag, std::size_t at) const {
    const std::string& word = words_[at];
    const std::size_t length = flag_in(word).size();
    const bool is_long = word.starts_with("--");
    if (!takes_value(flag)) {
      if (is_long && word.size() > length) throw UsageError(flag_in(word) + ": takes no value");
      return 0;
    }
    // CLI11 reads -output as -o with the value utput.
    if (!is_long && contains(names_, "-" + word)) throw no_such_flag(command_, word);
    if (word.size() == length) return required_values(flag, at);
    if (is_long && word.size() == length + 1) {
      throw UsageError(flag_in(word) + ": a value is expected, not \"\"");
    }
    return 0;
  }

  [[nodiscard]] std::size_t required_values(const CLI::Option& flag, std::size_t at) const {
    const auto values = static_cast<std::size_t>(flag.get_items_expected_min());
    const std::string name = value_name(flag);
    const std::string what =
        flag.get_name() + ": " + (name == "VALUE" ? "a value" : name) + " is expected behind it";
    for (std::size_t next = at + 1; next <= at + values; ++next) {
      if (next == words_.size()) throw UsageError(what);
      const bool is_flag = looks_like_flag(words_[next]) &&
                           contains(names_, words_[next].substr(0, words_[next].find('=')));
      if (is_flag) throw UsageError(what + ", not the flag " + words_[next]);
    }
    return values;
  }

  const CLI::App& command_;
  std::vector<std::string> names_;
  std::span<const std::string> words_;
};

// --- After CLI11 has refused
// ----------------------------------------------------------------------

template <class Kind>
bool is(const CLI::ParseError& error) {
  return dynamic_cast<const Kind*>(&error) != nullptr;
}

// Where CLI11 "could not convert" what one of its own numbers was given.
std::string fault_of_number(const CLI::App& command, const std::string& otherwise) {
  for (const CLI::Option* option : command.get_options()) {
    if (otherwise.find(": " + option->get_name() + " = ") == std::string::npos) continue;
    return option->get_name() + ": " + in_quotes(option->results().back()) +
           " is not a number that can stand here";
  }
  return otherwise;
}

std::string fault_of_value(const CLI::App& command, const std::string& otherwise) {
  for (const CLI::Option* option : command.get_options()) {
    const std::vector<std::string> choices = choices_of(*option);
    const std::string& name = option->get_name();
    if (!otherwise.starts_with(name + ": ") || otherwise.find(" not in {") == std::string::npos) {
      continue;
    }
    for (const std::string& text : option->results()) {
      if (!contains(choices, text)) return name + ": " + fault_of_choice(text, choices);
    }
  }
  return otherwise;
}

std::string missing_parts(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_required() || option->count() > 0) continue;
    names.push_back(option->get_positional() ? option->get_name()
                                             : option->get_name() + " " + value_name(*option));
  }
  const std::vector<std::string> examples = examples_of(command);
  return name_of(command) + ": " + in_a_sentence(names) +
         (names.size() == 1 ? " is missing" : " are missing") +
         (examples.empty() ? "" : ", as in `" + examples.front() + "`");
}

std::string words_too_many(const CLI::App& app, const CLI::App& command) {
  std::string word;
  for (const std::string& extra : app.remaining(true)) {
    if (extra != "--" && word.empty()) word = extra;
  }
  std::vector<std::string> places;
  for (const CLI::Option* option : positionals_of(command)) places.push_back(option->get_name());
  const std::string flag = "--" + word;
  const std::string hint =
      contains(flag_names(command), flag)
          ? "did you mean " + in_quotes(flag) + "?"
          : (places.empty() ? "it takes flags only"
                            : "it takes " + in_a_sentence(places) + " and flags");
  return name_of(command) + ": " + in_quotes(word) + " is one word too many; " + hint;
}

std::string given_twice(const CLI::App& command, const std::string& otherwise) {
  for (const CLI::Option* option : command.get_options()) {
    const auto count = static_cast<int>(option->count());
    if (count > std::max(option->get_items_expected_max(), 1) &&
        otherwise.starts_with(option->get_name() + ": ")) {
      return option->get_name() + ": is given more than once, as " + listed(option->results());
    }
  }
  return otherwise;
}

// The first option that wants another, or wants it away.
std::string clash(const CLI::App& command, const std::string& otherwise) {
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() == 0) continue;
    for (const CLI::Option* other : option->get_needs()) {
      if (other->count() == 0) {
        return option->get_name() + ": only together with " + other->get_name();
      }
    }
    for (const CLI::Option* other : option->get_excludes()) {
      if (other->count() > 0) {
        return option->get_name() + " and " + other->get_name() + ": only one of them can be given";
      }
    }
  }
  return otherwise;
}

}  // namespace

void require_known_words(const CLI::App& app, std::span<const std::string> words) {
  if (words.empty()) return;
  if (looks_like_flag(words.front())) {
    if (app.get_option_no_throw(words.front()) == nullptr) throw no_such_flag(app, words.front());
    return;
  }
  const CLI::App* const command = command_named(app, words.front());
  if (command == nullptr) {
    throw UsageError("there is no command " + in_quotes(words.front()) +
                     behind_semicolon(name_meant(words.front(), command_names(app))));
  }
  Words(*command, words.subspan(1)).require_known();
}

UsageError wrong_use(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  if (chosen.empty()) {
    return UsageError("a command is missing: one of " + listed(command_names(app)));
  }
  const CLI::App& command = *chosen.front();
  const std::string said = error.what();
  if (is<CLI::RequiredError>(error)) return UsageError(missing_parts(command));
  if (is<CLI::ExtrasError>(error)) return UsageError(words_too_many(app, command));
  if (is<CLI::ArgumentMismatch>(error)) return UsageError(given_twice(command, said));
  if (is<CLI::ValidationError>(error)) return UsageError(fault_of_value(command, said));
  if (is<CLI::ConversionError>(error)) return UsageError(fault_of_number(command, said));
  return UsageError(clash(command, said));
}

std::string fault_of_choice(const std::string& text, const std::vector<std::string>& choices) {
  return "one of " + listed(choices) + " is expected, not " + in_quotes(text) +
         behind_semicolon(autograd::did_you_mean(text, choices));
}

}  // namespace apps
