// Training that was ended at some epoch and taken up again ends with the bits of one that was not.
#include <gtest/gtest.h>

#include <bit>
#include <map>
#include <optional>
#include <stdexcept>
#include <vector>

#include "models/training/checkpoint.h"
#include "tests/models/training/objectives.h"

namespace models {
namespace {

using testing::by;
using testing::in_batches;
using testing::LogisticFit;

// Keeps the state of every epoch that it is offered, the first of each, as a file would.
class Memory final : public StateStore {
 public:
  Memory() = default;
  explicit Memory(std::string state) : state_(std::move(state)) {}

  void keep(long epoch, bool /*last*/, const StateVisit& members) override {
    states.try_emplace(epoch, state_as_json(members));
  }
  bool restore(const StateVisit& members) override {
    if (state_.empty()) return false;
    restore_state(state_, "memory", members);
    return true;
  }

  std::map<long, std::string> states;

 private:
  std::string state_;
};

struct Case {
  MinimiseOptions options;
  double l1 = 0.0;
  bool has_hessian = true;
  bool validates = false;
};

struct Outcome {
  std::vector<std::uint64_t> parameters;  // their bits
  TrainingResult result;
};

struct Cut {};

// Ends with Cut after so many epochs, if any.
Outcome outcome_of(const Case& of, StateStore* store, std::optional<long> stop = {}) {
  LogisticFit objective(testing::random_rows(5, 60, 4), of.l1);
  objective.has_a_hessian = of.has_hessian;
  const testing::Rows aside = testing::random_rows(6, 25, 4);
  LogisticFit judge(aside);
  const Validation validation{[&](std::span<const double> w) {
                                std::copy(w.begin(), w.end(), judge.parameters().begin());
                                return judge.evaluate();
                              },
                              3};
  MinimiseOptions options = of.options;
  options.store = store;
  const EpochObserver observer = [&](const EpochReport& report) {
    if (stop && report.epoch >= *stop) throw Cut{};
  };
  Outcome outcome;
  outcome.result = minimise(objective, objective.rows(), options, stop ? observer : EpochObserver{},
                            of.validates ? &validation : nullptr);
  for (const double w : objective.parameters()) {
    outcome.parameters.push_back(std::bit_cast<std::uint64_t>(w));
  }
  return outcome;
}

void expect_same(const Outcome& a, const Outcome& b) {
  EXPECT_EQ(a.parameters, b.parameters);
  EXPECT_EQ(a.result.solver, b.result.solver);
  EXPECT_EQ(a.result.epochs, b.result.epochs);
  EXPECT_EQ(a.result.first_loss, b.result.first_loss);
  EXPECT_EQ(a.result.loss, b.result.loss);
  EXPECT_EQ(a.result.gradient_norm, b.result.gradient_norm);
  EXPECT_EQ(a.result.converged, b.result.converged);
  EXPECT_EQ(a.result.stopped_early, b.result.stopped_early);
}

// Stops in some eight epochs, the first and the last among them, and goes on from each. Returns
// how many epochs there were.
long expect_resumes(const Case& of) {
  const Outcome whole = outcome_of(of, nullptr);
  const long epochs = whole.result.epochs;
  const long stride = std::max(1L, epochs / 8);
  for (long stop = 0; stop <= epochs;
       stop += stop + stride > epochs && stop < epochs ? epochs - stop : stride) {
    SCOPED_TRACE("stopped after epoch " + std::to_string(stop));
    Memory first;
    try {
      expect_same(whole, outcome_of(of, &first, stop));  // Not every solver tells of its last.
    } catch (const Cut&) {
    }
    if (first.states.empty()) continue;
    Memory second(first.states.rbegin()->second);
    expect_same(whole, outcome_of(of, &second));
  }
  Memory store;
  expect_same(whole, outcome_of(of, &store));
  Memory finished(store.states.rbegin()->second);
  SCOPED_TRACE("finished");
  EXPECT_EQ(store.states.rbegin()->first, epochs);
  expect_same(whole, outcome_of(of, &finished));
  EXPECT_LE(finished.states.size(), 1U) << "there was nothing left to do";
  return epochs;
}

TEST(Resume, GoesOnWithTheSameBitsByEverySolver) {
  EXPECT_GT(expect_resumes({by(Solver::automatic)}), 6);
  EXPECT_GT(expect_resumes({by(Solver::gd, 0.2, 200)}), 30);
  EXPECT_GT(expect_resumes({by(Solver::momentum, 0.1, 200)}), 30);
  EXPECT_GT(expect_resumes({by(Solver::nesterov, 0.1, 200)}), 30);
  EXPECT_GT(expect_resumes({by(Solver::adam, 0.1, 300)}), 30);
  EXPECT_GT(expect_resumes({by(Solver::lbfgs)}), 8);
  EXPECT_GT(expect_resumes({by(Solver::newton)}), 4);
}

TEST(Resume, GoesOnInTheSecondPartOfAPlan) {
  Case quasi_newton{by(Solver::automatic)};
  quasi_newton.has_hessian = false;
  EXPECT_GT(expect_resumes(quasi_newton), 8);
  // A rate that leads uphill: the second part begins at the start.
  EXPECT_GT(expect_resumes({by(Solver::automatic, 100.0)}), 6);
  EXPECT_EQ(expect_resumes({by(Solver::automatic, 0.1, 3)}), 3);
  EXPECT_EQ(expect_resumes({by(Solver::automatic, 0.1, 5)}), 5);
  EXPECT_EQ(expect_resumes({by(Solver::automatic, 0.1, 0)}), 0);
}

TEST(Resume, GoesOnWithAnL1Penalty) {
  EXPECT_GT(expect_resumes({by(Solver::newton), 0.02}), 3);
  EXPECT_GT(expect_resumes({by(Solver::gd, 0.2, 100), 0.02}), 20);
  EXPECT_GT(expect_resumes({by(Solver::nesterov, 0.1, 300), 0.02}), 20);
  EXPECT_GT(expect_resumes({by(Solver::automatic), 0.02}), 6);
}

TEST(Resume, GoesOnInTheSameOrderOfBatches) {
  for (const Solver solver :
       {Solver::automatic, Solver::sgd, Solver::momentum, Solver::nesterov, Solver::adam}) {
    EXPECT_EQ(expect_resumes({in_batches(by(solver, 0.05, 40), 7, 3)}), 40);
    EXPECT_EQ(expect_resumes({in_batches(by(solver, 0.05, 40, 1e-8, 7), 7, 3)}), 40);
  }
}

TEST(Resume, GoesOnAlongTheSchedule) {
  MinimiseOptions options = by(Solver::momentum, 0.2, 60);
  options.learning_rate.warm_up = 10;
  options.learning_rate.schedule = Schedule::cosine;
  EXPECT_EQ(expect_resumes({options}), 60);
  options.learning_rate.schedule = Schedule::step;
  EXPECT_EQ(expect_resumes({options}), 60);
}

TEST(Resume, RemembersTheBestEpochOfEarlyStopping) {
  for (const Solver solver : {Solver::gd, Solver::adam, Solver::lbfgs, Solver::newton}) {
    Case of{by(solver, 0.5, 300)};
    of.validates = true;
    expect_resumes(of);
    if (uses_learning_rate(solver)) {
      EXPECT_TRUE(outcome_of(of, nullptr).result.stopped_early);
      of.options = in_batches(by(Solver::adam, 0.1, 100), 7, 3);
      expect_resumes(of);
    }
  }
}

// Each part after two epochs.
TEST(Resume, MayHappenInEveryEpoch) {
  for (const Case& of :
       {Case{by(Solver::automatic)}, Case{by(Solver::lbfgs)}, Case{by(Solver::newton), 0.02},
        Case{in_batches(by(Solver::momentum, 0.05, 20), 7, 3)}}) {
    const Outcome whole = outcome_of(of, nullptr);
    std::string state;
    Outcome part;
    for (long epochs = 1; epochs <= whole.result.epochs; ++epochs) {
      Case shorter = of;
      shorter.options.epochs = epochs;
      Memory store(state);
      part = outcome_of(shorter, &store);
      state = store.states.rbegin()->second;
    }
    expect_same(whole, part);
  }
}

TEST(Resume, GoesOnAfterAnInterruption) {
  for (const Case& of : {Case{by(Solver::automatic)}, Case{by(Solver::lbfgs)},
                         Case{by(Solver::newton)}, Case{by(Solver::adam, 0.1, 100)}}) {
    const Outcome whole = outcome_of(of, nullptr);
    for (int after = 1; after <= 8; ++after) {
      Case interrupted = of;
      int epochs = 0;
      interrupted.options.interrupted = [&] { return ++epochs >= after; };
      Memory store;
      outcome_of(interrupted, &store);
      Memory rest(store.states.rbegin()->second);
      expect_same(whole, outcome_of(of, &rest));
    }
  }
}

}  // namespace
}  // namespace models
