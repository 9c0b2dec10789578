#include "models/training/checkpoint.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "models/data/atomic_file.h"
#include "models/data/errors.h"
#include "models/data/input.h"
#include "models/data/sha256.h"

namespace models {
namespace {

using nlohmann::ordered_json;

constexpr const char* format_name = "tapewise-checkpoint";
constexpr std::size_t format_version = 1;

[[noreturn]] void fail(const std::string& file, const std::string& what) {
  throw DataError(file, Problem{0, 0, what}, "Restore the file, or train from the beginning.");
}

std::string text_of(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

// Decimal digits keep every bit of a finite number; JSON has no other numbers.
ordered_json exact(double value) {
  if (std::isfinite(value)) return value;
  return std::isnan(value) ? "nan" : value > 0.0 ? "inf" : "-inf";
}

class StateWriter final : public StateVisitor {
 public:
  [[nodiscard]] std::string text() const { return text_of(json_); }

  void number(const char* name, double& value) override { json_[name] = exact(value); }
  void count(const char* name, long& value, long /*most*/) override { json_[name] = value; }
  void numbers(const char* name, std::span<double> values) override {
    ordered_json::array_t list;
    list.reserve(values.size());
    for (const double value : values) list.push_back(exact(value));
    json_[name] = std::move(list);
  }
  void rows(const char* name, std::vector<double>& values, std::size_t /*length*/,
            std::size_t /*most*/) override {
    numbers(name, values);
  }
  void order(const char* name, std::span<std::size_t> order) override {
    json_[name] = ordered_json::array_t(order.begin(), order.end());
  }
  void generator(const char* name, autograd::Random& random) override {
    std::ostringstream text;
    text << random;
    json_[name] = text.str();
  }

 private:
  ordered_json json_ = ordered_json::object();
};

// Believes nothing: the file may be anybody's.
class StateReader final : public StateVisitor {
 public:
  StateReader(std::string file, const ordered_json& json) : file_(std::move(file)), json_(json) {}

  void number(const char* name, double& value) override { value = number_in(at(name), name); }
  void count(const char* name, long& value, long most) override {
    const ordered_json& json = at(name);
    const bool whole = json.is_number_unsigned();
    if (!whole || json.get<std::uint64_t>() > static_cast<std::uint64_t>(most)) {
      refuse(name, "is not a whole number from 0 to " + std::to_string(most));
    }
    value = json.get<long>();
  }
  void numbers(const char* name, std::span<double> values) override {
    const ordered_json& json = list(name, values.size(), values.size());
    for (std::size_t k = 0; k < values.size(); ++k) values[k] = number_in(json[k], name);
  }
  void rows(const char* name, std::vector<double>& values, std::size_t length,
            std::size_t most) override {
    const ordered_json& json = list(name, 0, length * most);
    if (json.size() % length != 0) {
      refuse(name, "is not a number of rows of " + std::to_string(length));
    }
    values.resize(json.size());
    numbers(name, values);
  }
  void order(const char* name, std::span<std::size_t> order) override {
    const ordered_json& json = list(name, order.size(), order.size());
    std::vector<bool> seen(order.size(), false);
    for (std::size_t k = 0; k < order.size(); ++k) {
      const bool whole = json[k].is_number_unsigned();
      const auto index = whole ? json[k].get<std::uint64_t>() : order.size();
      if (index >= order.size() || seen[index]) refuse(name, "is not an order of the rows");
      seen[index] = true;
      order[k] = index;
    }
  }
  void generator(const char* name, autograd::Random& random) override {
    const ordered_json& json = at(name);
    if (!json.is_string()) refuse(name, "is not text");
    std::istringstream text(json.get<std::string>());
    if (!(text >> random)) refuse(name, "is not the state of the generator");
  }

 private:
  [[noreturn]] void refuse(const std::string& name, const std::string& why) const {
    fail(file_, "the field " + in_quotes(name) + " " + why);
  }
  [[nodiscard]] const ordered_json& at(const char* name) const {
    if (!json_.is_object() || !json_.contains(name)) {
      fail(file_, "the field " + in_quotes(name) + " is missing");
    }
    return json_.at(name);
  }
  [[nodiscard]] const ordered_json& list(const char* name, std::size_t least,
                                         std::size_t most) const {
    const ordered_json& json = at(name);
    if (!json.is_array() || json.size() < least || json.size() > most) {
      refuse(name, "is not a list of " + std::to_string(most) + " numbers" +
                       (least < most ? " or fewer" : ""));
    }
    return json;
  }
  [[nodiscard]] double number_in(const ordered_json& json, const char* name) const {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (json.is_number()) return json.get<double>();
    if (json == "inf") return infinity;
    if (json == "-inf") return -infinity;
    if (json == "nan") return std::numeric_limits<double>::quiet_NaN();
    refuse(name, "has something that is not a number");
  }

  std::string file_;
  const ordered_json& json_;
};

// ---- the file: a line that says what it is and has the digest of all that follows, then JSON

ordered_json parsed(const std::string& text, const std::string& file) {
  try {
    return ordered_json::parse(text);
  } catch (const ordered_json::exception& error) {
    fail(file, std::string("not a checkpoint: ") + error.what());
  }
}

std::string first_line(const std::string& body) {
  return std::string(format_name) + " " + std::to_string(format_version) + " " + sha256_of(body) +
         "\n";
}

// Format and version, then whether it is all there, as it was written.
std::string body_of(const std::string& file) {
  const std::string all = file_contents(file, "Is the path right? --checkpoint writes one.");
  const std::string line = all.substr(0, std::min(all.find('\n'), all.size()));
  std::istringstream words(line);
  std::string format;
  std::size_t version = 0;
  words >> format >> version;
  if (!words || format != format_name) fail(file, "not a checkpoint of Tapewise");
  if (version != format_version) {
    fail(file, "the checkpoint has version " + std::to_string(version) +
                   "; this program reads version " + std::to_string(format_version));
  }
  std::string body = all.size() > line.size() ? all.substr(line.size() + 1) : "";
  if (!all.starts_with(first_line(body))) {
    fail(file, "the checkpoint is not whole: its digest is not that of its contents");
  }
  return body;
}

// The version of the program, what identifies the run, and the state.
ordered_json contents_of(const CheckpointOptions& options) {
  const std::string& file = options.resume;
  ordered_json json = parsed(body_of(file), file);
  const auto lacks = [&](const char* name) { return !json.is_object() || !json.contains(name); };
  for (const char* name : {"program_version", "data", "options", "state"}) {
    if (lacks(name)) fail(file, "the field " + in_quotes(name) + " is missing");
  }
  const ordered_json& version = json["program_version"];
  if (version != options.program_version) {
    fail(file, "the checkpoint is of program version " +
                   (version.is_string() ? printable(version.get<std::string>()) : "?") +
                   "; this is " + options.program_version + ", which may round differently");
  }
  return json;
}

ordered_json json_of(const std::vector<std::pair<std::string, std::string>>& identity) {
  ordered_json json = ordered_json::object();
  for (const auto& [name, value] : identity) json[name] = value;
  return json;
}

std::string value_in(const ordered_json& identity, const std::string& name) {
  const bool has = identity.is_object() && identity.contains(name) && identity[name].is_string();
  return has ? identity[name].get<std::string>() : "unknown";
}

// Throws where what was kept is not of this run, naming what differs.
void require_same_run(const std::string& file, const ordered_json& contents,
                      const RunIdentity& run) {
  const std::string beginning = location(file) + ": the checkpoint is of ";
  std::vector<std::string> others;
  for (const auto& [name, value] : run.data) {
    if (value_in(contents["data"], name) != value) others.push_back(name);
  }
  if (!others.empty()) {
    throw ModelDataMismatch(beginning + "other data than " + location(run.data_file) +
                                "; what differs: " + listed(others),
                            {});
  }
  std::string options;
  const auto add = [&](const std::string& text) {
    options.append(options.empty() ? "" : "; ").append(text);
  };
  for (const auto& [name, value] : run.options) {
    const std::string was = value_in(contents["options"], name);
    if (was == value) continue;
    std::string difference = name;
    add(difference.append(" ").append(printable(was)).append(", not ").append(value));
  }
  const ordered_json& state = contents["state"];
  if (state.is_object() && state.contains("epochs") && state["epochs"].is_number_unsigned() &&
      state["epochs"].get<std::uint64_t>() > static_cast<std::uint64_t>(run.epochs)) {
    add("more epochs than " + std::to_string(run.epochs));
  }
  if (!options.empty()) throw std::invalid_argument(beginning + "training with " + options);
}

void require_writable(const std::string& file) {
  std::error_code ignored;
  const auto status = std::filesystem::status(file, ignored);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    throw WriteError(location(file) +
                     ": is not a regular file: a checkpoint replaces the one before");
  }
  AtomicFile{file};
}

}  // namespace

void require_usable(const CheckpointOptions& options) {
  if (!options.resume.empty()) contents_of(options);
  if (!options.file.empty()) require_writable(options.file);
}

Checkpoint::Checkpoint(CheckpointOptions options, RunIdentity run)
    : options_(std::move(options)), run_(std::move(run)) {
  if (options_.every && *options_.every < 1) {
    throw std::invalid_argument("the epochs between two checkpoints must be 1 or more, not " +
                                std::to_string(*options_.every));
  }
  if (!options_.file.empty()) require_writable(options_.file);
  if (options_.resume.empty()) return;
  const ordered_json contents = contents_of(options_);
  require_same_run(options_.resume, contents, run_);
  state_ = text_of(contents["state"]);
}

bool Checkpoint::is_due(long epoch) const {
  return options_.every ? epoch % *options_.every == 0 : Clock::now() >= next_;
}

void Checkpoint::keep(long epoch, bool last, const StateVisit& members) {
  if (options_.file.empty() || epoch == kept_) return;
  // The first shows whether one can be written at all.
  if (kept_ >= 0 && !last && !is_due(epoch)) return;
  const Clock::time_point begin = Clock::now();
  const std::string body = "{\"program_version\":" + text_of(options_.program_version) +
                           ",\"data\":" + text_of(json_of(run_.data)) +
                           ",\"options\":" + text_of(json_of(run_.options)) +
                           ",\"state\":" + state_as_json(members) + "}\n";
  AtomicFile file(options_.file);
  file.write(first_line(body));
  file.write(body);
  file.commit();
  kept_ = epoch;
  const Clock::time_point end = Clock::now();
  next_ = end + std::max<Clock::duration>(std::chrono::seconds(1), 20 * (end - begin));
}

bool Checkpoint::restore(const StateVisit& members) {
  if (state_.empty()) return false;
  restore_state(state_, options_.resume, members);
  return true;
}

std::string state_as_json(const StateVisit& members) {
  StateWriter writer;
  members(writer);
  return writer.text();
}

void restore_state(const std::string& json, const std::string& file, const StateVisit& members) {
  const ordered_json parsed_json = parsed(json, file);
  StateReader reader(file, parsed_json);
  members(reader);
}

}  // namespace models
