// The subcommands of `tapewise`, one file each, and what they share.
//
// Rule for authors: results go to stdout, everything else to stderr through the log; wrong use is a
// UsageError, never an exit() of its own.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/utf8.h"
#include "models/data/text.h"

namespace apps {

// What a process ends with.
enum ExitCode : int {
  exit_done = 0,
  exit_check_failed = 1,
  exit_wrong_usage = 2,
  exit_not_converged = 3,
  exit_bad_data = 4,
  exit_model_mismatch = 5,
  exit_our_bug = 70,
  exit_closed_pipe = 141,  // what a shell shows of a program that SIGPIPE ended
};

// The command line asks for something that cannot be: exit code 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What was given has no result: a value that is not finite, more than fits into memory. Exit
// code 4.
class BadInput : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Runs a subcommand that was parsed; returns its exit code.
using Command = std::function<int()>;

// Each adds its subcommand, and sets `chosen` when the command line picks it. `words` are those of
// the command line, which train keeps in the model.
void add_train(CLI::App& app, Command& chosen, const std::vector<std::string>& words);
void add_describe(CLI::App& app, Command& chosen);
void add_predict(CLI::App& app, Command& chosen);
void add_export(CLI::App& app, Command& chosen);
void add_evaluate(CLI::App& app, Command& chosen);
void add_show(CLI::App& app, Command& chosen);
void add_gradcheck(CLI::App& app, Command& chosen);
void add_explain(CLI::App& app, Command& chosen);
void add_lesson(CLI::App& app, Command& chosen);
void add_activations(CLI::App& app, Command& chosen);
void add_completion(CLI::App& app, Command& chosen);
void add_manual(CLI::App& app, Command& chosen);

// States the examples a command's help begins with: two to four lines that run, one after the other
// over all commands, in a folder with the files of tests/data/.
void set_examples(CLI::App& command, const std::vector<std::string>& lines);

// The words of the command line after the program's name, in their order. An expression may begin
// with a minus, -log(a) or -x: it gets a blank in front, so that it is not taken for a flag. `help
// train` is `train --help`.
std::vector<std::string> words_of(int argc, char** argv);

// Numbers separated by commas: "0.5,-0.25". Throws UsageError naming the flag and the part that is
// not a finite number.
std::vector<double> parse_numbers(std::string_view flag, std::string_view text);

// One finite number, as above.
double parse_number_flag(std::string_view flag, std::string_view text);

// For CLI11's check(): what is wrong with a flag that is a whole number of 0 or more; "" if
// nothing.
std::string fault_of_count(const std::string& text);

// For CLI11's check(): what is wrong with a flag that is given and empty, where leaving it out
// means something else; "" if it is not.
std::string fault_of_empty(const std::string& text);

// Between single quotes, as a shell takes it.
std::string shell_quoted(const std::string& text);

// A field of RFC 4180: in quotes where it needs them, and where it would be read as missing.
std::string csv_field(const std::string& text);

// Throws UsageError where a flag of an output file, such as --output, leads to a regular file that
// is an input, which it would replace: by whatever spelling, symbolic or hard link, since device
// and inode are compared. An input "-" is standard input, which may come from a file.
void require_other_than_inputs(std::string_view flag, const std::string& output,
                               std::initializer_list<std::string> inputs);

// A flag and the file that it says is to be written; "" where it was not given.
struct OutputFile {
  std::string_view flag;
  std::string path;
};

// Throws UsageError where two of them name the same file: one of both would be lost.
void require_different(const std::vector<OutputFile>& outputs);

using autograd::padded;
using autograd::width_of;
using models::counted;

// The words in lines of 80 columns, all but the first behind that many blanks.
std::string wrapped(const std::string& text, std::size_t indent);

// Writes a result to stdout. Throws models::WriteError where it cannot be written; ClosedPipe,
// which is one, where nobody reads any longer: the program then ends without a word.
void print(std::string_view text);

// Adds --quiet (warnings and errors alone) and --verbose (what is done, step by step), which are
// about what stderr shows: results stay as they are. For every command that may take long.
void add_log_flags(CLI::App& command);

// True where stderr is a terminal on which a line can be redrawn, and neither flag was given:
// somebody watches.
bool progress_is_visible();

// The columns of the terminal that a descriptor leads to; 80 where it leads to none.
std::size_t terminal_width(int descriptor);

}  // namespace apps
