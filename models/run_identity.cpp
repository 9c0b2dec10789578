#include "models/run_identity.h"

#include <span>

#include "models/data/number.h"
#include "models/data/sha256.h"

namespace models {
namespace {

std::string digest(std::span<const double> numbers) {
  // Bytes are what a digest is of.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  return sha256_of({reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()});
}

// Of texts as they follow each other, each with its length.
std::string digest(const std::vector<std::string>& texts) {
  Sha256 sha256;
  for (const std::string& text : texts) {
    sha256.update(std::to_string(text.size()) + ":");
    sha256.update(text);
  }
  return sha256.digest();
}

std::string units_of(const std::vector<std::size_t>& hidden) {
  std::string text;
  for (const std::size_t units : hidden) text += (text.empty() ? "" : ",") + std::to_string(units);
  return text;
}

std::string or_word(const std::string& text, const char* word) {
  return text.empty() ? word : text;
}

}  // namespace

RunIdentity identity_of(const Dataset& data, const FitOptions& options) {
  const MinimiseOptions& how = options.minimise;
  const LearningRate& rate = how.learning_rate;
  RunIdentity run;
  run.data_file = data.features.file;
  run.data = {{"target", digest({data.target})},         {"classes", digest(data.classes)},
              {"features", digest(data.features.names)}, {"values", digest(data.features.values)},
              {"labels", digest(data.labels)},           {"weights", digest(data.weights)}};
  run.options = {
      {"model", options.kind ? std::string(to_string(*options.kind)) : "automatic"},
      {"hidden", or_word(units_of(options.hidden), "none")},
      {"activation", options.hidden.empty() ? "none" : to_string(options.activation)},
      {"l1", shortest(options.penalty.l1)},
      {"l2", shortest(options.penalty.l2)},
      {"firth", options.firth ? "true" : "false"},
      {"class-weight", or_word(options.class_weight, "none")},
      {"loss", options.cross_entropy == CrossEntropy::fused ? "fused" : "textbook"},
      {"solver", std::string(to_string(how.solver))},
      {"learning-rate", options.learning_rate ? shortest(*options.learning_rate) : "automatic"},
      {"schedule", std::string(to_string(rate.schedule))},
      {"warm-up", std::to_string(rate.warm_up)},
      {"step-every", std::to_string(rate.step_every)},
      {"step-factor", shortest(rate.step_factor)},
      {"momentum", shortest(how.momentum)},
      {"tolerance", shortest(how.tolerance)},
      {"batch-size", std::to_string(how.batch_size)},
      {"seed", std::to_string(how.seed)},
      {"validation", shortest(options.validation_share)},
      {"patience", std::to_string(options.patience)},
      {"report-every", std::to_string(how.report_every)}};
  if (rate.schedule == Schedule::cosine)
    run.options.emplace_back("epochs", std::to_string(how.epochs));
  run.epochs = how.epochs;
  return run;
}

}  // namespace models
