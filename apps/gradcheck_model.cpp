// tapewise gradcheck --model MODEL DATA: the gradient of a trained model's loss on rows of data.
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "apps/command.h"
#include "apps/data_flags.h"
#include "apps/gradcheck.h"
#include "models/data/dataset.h"
#include "models/data/errors.h"
#include "models/data/input.h"
#include "models/gradient_check.h"
#include "models/model.h"

namespace apps {
namespace {

std::string text_of(const models::ModelGradientCheck& check, const models::Classifier& model,
                    bool every_entry) {
  std::string report = as_text(check.report, every_entry);
  if (!check.closed_form) return report;
  const models::ClosedFormComparison& form = *check.closed_form;
  const bool two = model.classes.size() == 2;
  return report + fmt::format("closed form Xᵀ(a − y)/m{}{}: largest difference {:.1e}, at {}: {}\n",
                              two && model.fit.penalty.l2 > 0.0 ? " + l2 · w" : "",
                              two && model.fit.penalty.l1 > 0.0 ? " + l1 · sign(w)" : "",
                              form.difference, models::printable(form.parameter),
                              form.passed ? "PASS" : "FAIL");
}

nlohmann::ordered_json json_of(const models::ClosedFormComparison& form) {
  return {{"verdict", form.passed ? "PASS" : "FAIL"},
          {"parameter", form.parameter},
          {"analytic", form.analytic},
          {"closed_form", form.closed_form},
          {"difference", form.difference},
          {"tolerance", form.tolerance}};
}

int check_on(const models::Table& table, const models::Classifier& model,
             const GradcheckFlags& flags) {
  warn_of_rows_left_out(table);
  const models::SelectedRows rows = select_rows(table, model.encoding, model.target, model.classes,
                                                unknown_policy(flags.unknown));
  warn_of_unknown(rows.unknown);
  say_what_was_filled(rows.filled, model.encoding);
  if (!rows.ignored.empty()) {
    spdlog::info("columns the model does not use: {}", models::listed(rows.ignored));
  }
  const models::ModelGradientCheck check =
      models::check_gradient(model, rows.data, check_options(flags));
  if (flags.json) {
    nlohmann::ordered_json root = as_json(check.report, flags.every_entry);
    if (check.closed_form) {
      if (!check.closed_form->passed) root["verdict"] = "FAIL";
      root["closed_form"] = json_of(*check.closed_form);
    }
    print(root.dump(2) + "\n");
  } else {
    print(text_of(check, model, flags.every_entry));
  }
  return check.passed() ? exit_done : exit_check_failed;
}

}  // namespace

int check_model(const GradcheckFlags& flags) {
  csv_options(*flags.csv);  // Wrong use is said before a file is read.
  const models::Classifier model = models::read_classifier(flags.model[0]);
  const std::string file = models::input_name(flags.model[1]);
  try {
    return models::within_memory(file, [&] {
      return check_on(read_table(flags.model[1], *flags.csv, model), model, flags);
    });
  } catch (const autograd::NonFiniteError& error) {
    throw models::DataError(file, {0, 0, error.what()});
  }
}

}  // namespace apps
