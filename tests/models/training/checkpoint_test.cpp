#include "models/training/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "autograd/random.h"
#include "models/data/atomic_file.h"
#include "models/data/errors.h"
#include "models/data/sha256.h"
#include "models/fit.h"
#include "tests/models/support.h"
#include "tests/sanitized.h"

namespace models {
namespace {

using testing::get;
using ::testing::HasSubstr;
using testing::message_of;
using testing::put;
using testing::TemporaryFolder;

constexpr const char* again = "\nRestore the file, or train from the beginning.";

struct Stop {};

// Two classes with numbers, or seven.
Dataset data_of(const std::string& file) {
  return make_dataset(read_csv(std::string(TAPEWISE_TEST_DATA) + "/" + file), "last");
}

std::vector<std::uint64_t> bits_of(const Classifier& c) {
  std::vector<std::uint64_t> bits;
  for (const double w : c.parameters) bits.push_back(std::bit_cast<std::uint64_t>(w));
  bits.push_back(std::bit_cast<std::uint64_t>(c.fit.training.loss));
  bits.push_back(std::bit_cast<std::uint64_t>(c.fit.training.gradient_norm));
  bits.push_back(static_cast<std::uint64_t>(c.fit.training.epochs));
  bits.push_back(c.fit.training.converged ? 1 : 0);
  return bits;
}

FitOptions options_of(Solver solver, long epochs = 10000) {
  FitOptions options;
  options.minimise.solver = solver;
  options.minimise.epochs = epochs;
  return options;
}

FitOptions kept_in(FitOptions options, const std::filesystem::path& file,
                   const std::string& resume = "", long every = 1000) {
  options.checkpoint = {file.string(), resume, every, "1.0"};
  return options;
}

// A file that fit() left behind when it was stopped after some epochs.
void stop_after(long epoch, const Dataset& data, const FitOptions& options) {
  EXPECT_THROW(fit(data, options,
                   [&](const EpochReport& report) {
                     if (report.epoch == epoch) throw Stop{};
                   }),
               Stop);
}

void expect_goes_on(const Dataset& data, const FitOptions& options) {
  const TemporaryFolder folder;
  const std::string file = (folder / "checkpoint").string();
  const Fit whole = fit(data, options);
  EXPECT_EQ(bits_of(fit(data, kept_in(options, file)).classifier), bits_of(whole.classifier));
  EXPECT_EQ(bits_of(fit(data, kept_in(options, file, file)).classifier), bits_of(whole.classifier));
  for (const long epoch : {1L, 4L}) {
    stop_after(epoch, data, kept_in(options, file, "", 1));
    const Fit rest = fit(data, kept_in(options, file, file));
    EXPECT_EQ(bits_of(rest.classifier), bits_of(whole.classifier));
    EXPECT_EQ(rest.covariance, whole.covariance);
    EXPECT_EQ(rest.withheld, whole.withheld);
  }
}

TEST(Checkpoint, LetsEveryLinearFitGoOn) {
  const Dataset spector = data_of("spector.csv");
  expect_goes_on(spector, options_of(Solver::automatic));
  FitOptions firth = options_of(Solver::automatic);
  firth.firth = true;
  expect_goes_on(spector, firth);
  FitOptions penalised = options_of(Solver::newton);
  penalised.penalty = {0.01, 0.01};
  expect_goes_on(data_of("iris.csv"), penalised);
}

TEST(Checkpoint, LetsAPerceptronGoOn) {
  const Dataset spector = data_of("spector.csv");
  FitOptions perceptron = options_of(Solver::automatic, 12);
  perceptron.kind = ModelKind::mlp;
  perceptron.hidden = {5, 3};
  expect_goes_on(spector, perceptron);
  perceptron.minimise.batch_size = 7;
  perceptron.validation_share = 0.25;
  expect_goes_on(spector, perceptron);
}

TEST(Checkpoint, IsOneFileAfterEachEpoch) {
  const TemporaryFolder folder;
  const std::string file = (folder / "checkpoint").string();
  const Dataset data = data_of("spector.csv");
  const auto states = [&](long every) {
    std::set<std::string> contents;
    fit(data, kept_in(options_of(Solver::gd, 10), file, "", every), [&](const EpochReport&) {
      contents.insert(get(file));
      EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
    });
    contents.insert(get(file));
    return contents.size();
  };
  EXPECT_EQ(states(1), 11U);
  EXPECT_EQ(states(4), 4U) << "0, 4, 8 and 10";
}

TEST(Checkpoint, MayHaveFewerEpochsBehindItThanAreAskedForNow) {
  const TemporaryFolder folder;
  const std::string file = (folder / "checkpoint").string();
  const Dataset data = data_of("spector.csv");
  fit(data, kept_in(options_of(Solver::momentum, 20), file));
  EXPECT_EQ(bits_of(fit(data, kept_in(options_of(Solver::momentum, 50), file, file)).classifier),
            bits_of(fit(data, options_of(Solver::momentum, 50)).classifier));
}

// ---- what it is not of

class OfTenEpochs : public ::testing::Test {
 protected:
  OfTenEpochs() { fit(data, kept_in(options, file)); }

  [[nodiscard]] std::string fault(const FitOptions& others) const {
    return message_of<std::invalid_argument>(
        [&] { return fit(data, kept_in(others, file, file)); });
  }
  [[nodiscard]] std::string of_data(const Dataset& others) const {
    return message_of<ModelDataMismatch>([&] { return fit(others, kept_in(options, file, file)); });
  }
  // The message about such a file, without its name and the advice.
  [[nodiscard]] std::string of_file(const std::string& text) const {
    put(file, text);
    const std::string message =
        message_of<DataError>([&] { return fit(data, kept_in(options, "", file)); });
    EXPECT_TRUE(message.starts_with(file + ": ")) << message;
    EXPECT_TRUE(message.ends_with(again)) << message;
    if (message.size() < file.size() + 2 + std::string(again).size()) return message;
    return message.substr(file.size() + 2,
                          message.size() - file.size() - 2 - std::string(again).size());
  }

  TemporaryFolder folder;
  std::string file = (folder / "checkpoint").string();
  Dataset data = data_of("spector.csv");
  FitOptions options = options_of(Solver::momentum, 10);
};

TEST_F(OfTenEpochs, IsNotThatOfOtherOptions) {
  const std::string beginning = file + ": the checkpoint is of training with ";
  const auto with = [&](auto change) {
    FitOptions others = options;
    change(others);
    const std::string message = fault(others);
    EXPECT_TRUE(message.starts_with(beginning)) << message;
    return message.substr(std::min(beginning.size(), message.size()));
  };
  EXPECT_EQ(with([](FitOptions& o) { o.minimise.solver = Solver::adam; }),
            "solver momentum, not adam");
  EXPECT_EQ(with([](FitOptions& o) { o.minimise.momentum = 0.5; }), "momentum 0.9, not 0.5");
  EXPECT_EQ(with([](FitOptions& o) { o.learning_rate = 0.25; }),
            "learning-rate automatic, not 0.25");
  EXPECT_EQ(with([](FitOptions& o) { o.minimise.learning_rate.warm_up = 2; }), "warm-up 0, not 2");
  EXPECT_EQ(with([](FitOptions& o) { o.penalty.l2 = 0.5; }), "l2 0, not 0.5");
  EXPECT_EQ(with([](FitOptions& o) { o.class_weight = "balanced"; }),
            "class-weight none, not balanced");
  EXPECT_EQ(with([](FitOptions& o) { o.minimise.tolerance = 0.0; }), "tolerance 1e-08, not 0");
  EXPECT_EQ(with([](FitOptions& o) {
              o.minimise.batch_size = 4;
              o.minimise.seed = 9;
            }),
            "batch-size 0, not 4; seed 0, not 9");
  EXPECT_EQ(with([](FitOptions& o) { o.validation_share = 0.25; }), "validation 0, not 0.25");
  EXPECT_EQ(with([](FitOptions& o) { o.minimise.epochs = 9; }), "more epochs than 9");
  EXPECT_EQ(with([](FitOptions& o) { o.kind = ModelKind::softmax; }),
            "model automatic, not softmax");
  EXPECT_EQ(with([](FitOptions& o) {
              o.kind = ModelKind::mlp;
              o.hidden = {4, 2};
            }),
            "model automatic, not mlp; hidden none, not 4,2; activation none, not tanh");
}

TEST_F(OfTenEpochs, IsNotThatOfOtherData) {
  const std::string beginning =
      file + ": the checkpoint is of other data than " + data.features.file + "; what differs: ";
  Dataset others = data;
  others.features.values[17] = std::nextafter(others.features.values[17], 100.0);
  EXPECT_EQ(of_data(others), beginning + "values");
  others = data;
  others.labels[3] = 1.0 - others.labels[3];
  EXPECT_EQ(of_data(others), beginning + "labels");
  others = data;
  others.weights.assign(others.rows(), 1.0);
  EXPECT_EQ(of_data(others), beginning + "weights");
  others = data;
  std::swap(others.classes[0], others.classes[1]);
  others.features.names[0] = "gpa";
  EXPECT_EQ(of_data(others), beginning + "classes, features");
}

TEST_F(OfTenEpochs, IsNotThatOfAnotherProgramOrFormat) {
  FitOptions newer = kept_in(options, file, file);
  newer.checkpoint.program_version = "1.1";
  EXPECT_EQ(message_of<DataError>([&] { return fit(data, newer); }),
            file +
                ": the checkpoint is of program version 1.0; this is 1.1, which may round "
                "differently" +
                again);
  const std::string text = get(file);
  EXPECT_EQ(of_file("tapewise-checkpoint 2 " + text.substr(22)),
            "the checkpoint has version 2; this program reads version 1");
  EXPECT_EQ(of_file(""), "not a checkpoint of Tapewise");
  EXPECT_EQ(of_file("{\"format\": \"tapewise-model\"}"), "not a checkpoint of Tapewise");
  EXPECT_EQ(of_file("tapewise-checkpoint 1"),
            "the checkpoint is not whole: its digest is not that of its contents");
}

TEST_F(OfTenEpochs, IsRefusedWhenABitOfItIsNotAsItWas) {
  const std::string text = get(file);
  autograd::Random random(3);
  for (int trial = 0; trial < (tests::is_sanitized ? 20 : 100); ++trial) {
    std::string changed = text;
    const std::size_t at = random.below(text.size());
    changed[at] = static_cast<char>(changed[at] ^ (1 << random.below(8)));
    EXPECT_NE(of_file(changed), "");
    EXPECT_NE(of_file(text.substr(0, at)), "");
  }
  put(file, text);
  EXPECT_NO_THROW(fit(data, kept_in(options, file, file)));
}

// ---- what is made to look whole

std::string forged(const std::string& body) {
  return "tapewise-checkpoint 1 " + sha256_of(body) + "\n" + body;
}

TEST_F(OfTenEpochs, DoesNotBelieveWhatIsForged) {
  const std::string text = get(file);
  const auto body = nlohmann::ordered_json::parse(text.substr(text.find('\n')));
  const auto with = [&](const char* member, const nlohmann::ordered_json& value) {
    auto changed = body;
    changed["state"][member] = value;
    return of_file(forged(changed.dump()));
  };
  EXPECT_EQ(with("parameters", {1.0, 2.0}), "the field \"parameters\" is not a list of 4 numbers");
  EXPECT_EQ(with("delta", {1.0, 2.0, 3.0, "4"}),
            "the field \"delta\" has something that is not a number");
  EXPECT_EQ(with("epochs", -1), "the field \"epochs\" is not a whole number from 0 to 10");
  EXPECT_EQ(with("epochs", 2.5), "the field \"epochs\" is not a whole number from 0 to 10");
  EXPECT_EQ(with("phase", 1), "the field \"phase\" is not a whole number from 0 to 0");
  EXPECT_EQ(with("best_parameters", {1.0}),
            "the field \"best_parameters\" is not a number of rows of 4");
  EXPECT_EQ(with("lowest_validation_loss", nullptr),
            "the field \"lowest_validation_loss\" has something that is not a number");
  EXPECT_EQ(of_file(forged("{}")), "the field \"program_version\" is missing");
  EXPECT_THAT(of_file(forged(std::string(1000000, '['))), HasSubstr("not a checkpoint: "));
  EXPECT_THAT(of_file(forged("{\"state\": 1e999}")), HasSubstr("not a checkpoint: "));
  for (const auto& [name, member] : body["state"].items()) {
    auto changed = body;
    changed["state"].erase(name);
    EXPECT_EQ(of_file(forged(changed.dump())), "the field \"" + name + "\" is missing");
  }
}

TEST(CheckpointState, DoesNotBelieveAnOrderOrAGenerator) {
  std::vector<std::size_t> order{2, 0, 1};
  autograd::Random random(1);
  const auto fault = [&](const std::string& json) {
    return message_of<DataError>([&] {
      restore_state(json, "f", [&](StateVisitor& state) {
        state.generator("g", random);
        state.order("o", order);
      });
    });
  };
  EXPECT_EQ(fault(R"({"g": "1 2 3"})"),
            std::string("f: the field \"g\" is not the state of the generator") + again);
  EXPECT_EQ(fault(R"({"g": 7})"), std::string("f: the field \"g\" is not text") + again);
  const std::string state = state_as_json([&](StateVisitor& s) { s.generator("g", random); });
  const auto with_order = [&](const std::string& o) {
    return fault(state.substr(0, state.size() - 1) + ", \"o\": " + o + "}");
  };
  const std::string no_order =
      std::string("f: the field \"o\" is not an order of the rows") + again;
  EXPECT_EQ(with_order("[0, 1, 3]"), no_order);
  EXPECT_EQ(with_order("[0, 1, 1]"), no_order);
  EXPECT_EQ(with_order("[0, 1, -1]"), no_order);
  EXPECT_EQ(with_order("[0, 1]"),
            std::string("f: the field \"o\" is not a list of 3 numbers") + again);
}

TEST(CheckpointState, KeepsEveryBit) {
  using Limits = std::numeric_limits<double>;
  std::vector<double> numbers{0.0,
                              -0.0,
                              0.1,
                              1.0 / 3.0,
                              Limits::min(),
                              Limits::denorm_min(),
                              Limits::max(),
                              -1e-300,
                              Limits::infinity(),
                              -Limits::infinity()};
  autograd::Random random(4);
  for (int k = 0; k < 1000; ++k) {
    const auto bits = (random.below(1ULL << 32U) << 32U) | random.below(1ULL << 32U);
    const auto number = std::bit_cast<double>(bits);
    if (!std::isnan(number)) numbers.push_back(number);
  }
  autograd::Random generator(5);
  generator.uniform();
  const std::string json = state_as_json([&](StateVisitor& state) {
    state.numbers("numbers", numbers);
    state.generator("generator", generator);
  });
  std::vector<double> read(numbers.size(), 7.0);
  autograd::Random other(6);
  restore_state(json, "f", [&](StateVisitor& state) {
    state.numbers("numbers", read);
    state.generator("generator", other);
  });
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(read[k]), std::bit_cast<std::uint64_t>(numbers[k]));
  }
  for (int k = 0; k < 400; ++k) EXPECT_EQ(other.below(1000), generator.below(1000));
}

TEST(Checkpoint, SaysBeforeTrainingThatItCannotBeWritten) {
  const TemporaryFolder folder;
  const Dataset data = data_of("spector.csv");
  const auto fault = [&](const std::string& file) {
    return message_of<WriteError>([&] {
      fit(data, kept_in(options_of(Solver::gd), file),
          [](const EpochReport&) { ADD_FAILURE() << "trains"; });
    });
  };
  const std::string nowhere = (folder / "no" / "checkpoint").string();
  EXPECT_EQ(fault(nowhere), nowhere + ": cannot be written: No such file or directory");
  EXPECT_EQ(fault("/dev/null"),
            "/dev/null: is not a regular file: a checkpoint replaces the one before");
}

}  // namespace
}  // namespace models
