// `tapewise`: describes data, trains, predicts, checks gradients and explains them.
#include <malloc.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <limits>
#include <sstream>

#include "apps/command.h"
#include "apps/help.h"
#include "apps/wrong_use.h"
#include "autograd/errors.h"
#include "models/data/atomic_file.h"
#include "models/data/errors.h"

namespace {

using apps::ExitCode;

// The log: on stderr, in colour on a terminal unless NO_COLOR is set (no-color.org).
void start_log() {
  const char* no_color = std::getenv("NO_COLOR");
  const bool plain = no_color != nullptr && *no_color != '\0';
  auto log = spdlog::stderr_color_st(
      "tapewise", plain ? spdlog::color_mode::never : spdlog::color_mode::automatic);
  log->set_pattern("%^%l%$: %v");
  spdlog::set_default_logger(std::move(log));
}

int run(int argc, char** argv) {
  CLI::App app(
      "Small classifiers from CSV files that can be trusted, and the gradients behind them.",
      "tapewise");
  app.formatter_fn(apps::help_text);
  apps::set_examples(app, {"tapewise describe passengers.csv --target survived",
                           "tapewise train hours.csv --target pass -o hours.json",
                           "tapewise predict hours.json hours.csv -o predictions.csv",
                           "tapewise export hours.json --to c -o hours.c",
                           "tapewise gradcheck \"log(1 + exp(-y*w*x))\" --at w=0.5,x=1,y=1"});
  app.set_version_flag("--version", TAPEWISE_VERSION);
  app.require_subcommand(1);
  app.set_help_flag("-h,--help", "Show this help");
  app.get_version_ptr()->description("Show the version");

  apps::Command chosen;
  apps::add_describe(app, chosen);
  std::vector<std::string> words = apps::words_of(argc, argv);
  apps::add_train(app, chosen, words);
  apps::add_predict(app, chosen);
  apps::add_export(app, chosen);
  apps::add_evaluate(app, chosen);
  apps::add_show(app, chosen);
  apps::add_gradcheck(app, chosen);
  apps::add_explain(app, chosen);
  apps::add_lesson(app, chosen);
  apps::add_activations(app, chosen);
  apps::add_completion(app, chosen);
  apps::add_manual(app, chosen);
  apps::require_known_words(app, words);
  try {
    std::reverse(words.begin(), words.end());  // as CLI11 takes them
    app.parse(std::move(words));
  } catch (const CLI::Success& help) {
    std::ostringstream text;
    const int code = app.exit(help, text, text);
    apps::print(text.str());
    return code;
  } catch (const CLI::ParseError& error) {
    throw apps::wrong_use(app, error);
  }
  return chosen();
}

int report(const std::exception& error, ExitCode code) {
  spdlog::error("{}", error.what());
  return code;
}

int run_and_report(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const apps::UsageError& error) {
    report(error, apps::exit_wrong_usage);
    spdlog::info("`tapewise --help` and `tapewise COMMAND --help` show what is possible");
    return apps::exit_wrong_usage;
  } catch (const models::ModelDataMismatch& error) {
    return report(error, apps::exit_model_mismatch);
  } catch (const models::DataError& error) {
    return report(error, apps::exit_bad_data);
  } catch (const apps::BadInput& error) {
    return report(error, apps::exit_bad_data);
  } catch (const models::ClosedPipe&) {
    return apps::exit_closed_pipe;
  } catch (const models::WriteError& error) {
    return report(error, apps::exit_bad_data);
  } catch (const std::exception& error) {
    report(error, apps::exit_our_bug);
    spdlog::error("this is a bug in tapewise {}; please report it with the command that led here",
                  TAPEWISE_VERSION);
    return apps::exit_our_bug;
  }
}

// Memory that is given back to the system is cleared again, page by page, when the next table asks
// for some: that takes longer than reading a file. It is kept until the program ends.
void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_TRIM_THRESHOLD, -1);
}

// A pipe that nobody reads any longer, as `| head` leaves it, is then an error like others of
// writing, which ends the program on its usual way out: files that are half written go.
void take_closed_pipes_for_errors() { std::signal(SIGPIPE, SIG_IGN); }

}  // namespace

int main(int argc, char** argv) {
  try {
    keep_freed_memory();
    take_closed_pipes_for_errors();
    start_log();
    return run_and_report(argc, argv);
  } catch (...) {
    return apps::exit_our_bug;
  }
}
