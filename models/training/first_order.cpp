#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "models/training/l1_penalty.h"
#include "models/training/solvers.h"

namespace models {
namespace {

using Parameters = std::span<double>;
using Gradient = std::span<const double>;

class GradientDescent final : public UpdateRule {
 public:
  void step(Parameters w, Gradient dw, double rate) override {
    for (std::size_t k = 0; k < w.size(); ++k) w[k] -= rate * dw[k];
  }
};

class Momentum final : public UpdateRule {
 public:
  Momentum(double momentum, std::size_t parameters) : momentum_(momentum), delta_(parameters) {}

  void step(Parameters w, Gradient dw, double rate) override {
    for (std::size_t k = 0; k < w.size(); ++k) {
      delta_[k] = momentum_ * delta_[k] + rate * dw[k];
      w[k] -= delta_[k];
    }
  }
  void visit(StateVisitor& state) override { state.numbers("delta", delta_); }

 private:
  double momentum_;
  std::vector<double> delta_;
};

// With v the textbook's parameters, Δw := momentum·Δw + rate·∇(v − momentum·Δw), v := v − Δw; what
// is kept is the point ahead, w = v − momentum·Δw.
class Nesterov final : public UpdateRule {
 public:
  Nesterov(double momentum, std::size_t parameters) : momentum_(momentum), delta_(parameters) {}

  void step(Parameters w, Gradient dw, double rate) override {
    for (std::size_t k = 0; k < w.size(); ++k) {
      const double step = rate * dw[k];
      delta_[k] = momentum_ * delta_[k] + step;
      w[k] -= step + momentum_ * delta_[k];
    }
  }
  void visit(StateVisitor& state) override { state.numbers("delta", delta_); }

 private:
  double momentum_;
  std::vector<double> delta_;
};

// Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1. Divisions
// and square roots are in the order that PyTorch has them in.
class Adam final : public UpdateRule {
 public:
  explicit Adam(std::size_t parameters) : m_(parameters), v_(parameters) {}

  void step(Parameters w, Gradient dw, double rate) override {
    ++steps_;
    const double bias1 = 1.0 - std::pow(beta1, steps_);
    const double bias2 = std::sqrt(1.0 - std::pow(beta2, steps_));
    for (std::size_t k = 0; k < w.size(); ++k) {
      m_[k] = beta1 * m_[k] + (1.0 - beta1) * dw[k];
      v_[k] = beta2 * v_[k] + (1.0 - beta2) * dw[k] * dw[k];
      w[k] -= rate / bias1 * m_[k] / (std::sqrt(v_[k]) / bias2 + epsilon);
    }
  }
  void visit(StateVisitor& state) override {
    state.count("steps", steps_, std::numeric_limits<long>::max() - 1);
    state.numbers("m", m_);
    state.numbers("v", v_);
  }

 private:
  static constexpr double beta1 = 0.9;
  static constexpr double beta2 = 0.999;
  static constexpr double epsilon = 1e-8;

  long steps_ = 0;
  std::vector<double> m_;
  std::vector<double> v_;
};

// ISTA: a step of gradient descent, then the proximal operator of the penalty.
class ProximalGradient final : public UpdateRule {
 public:
  explicit ProximalGradient(Gradient l1) : l1_(l1.begin(), l1.end()) {}

  void step(Parameters w, Gradient dw, double rate) override {
    for (std::size_t k = 0; k < w.size(); ++k) {
      w[k] = soft_threshold(w[k] - rate * dw[k], rate * l1_[k]);
    }
  }

 private:
  std::vector<double> l1_;
};

// FISTA: the proximal step from the point ahead, which is what w holds, to x; then ahead by what x
// moved, the more the longer it went well: (t − 1)/t⁺ of it, with t⁺ = (1 + √(1 + 4t²))/2.
class AcceleratedProximalGradient final : public UpdateRule {
 public:
  AcceleratedProximalGradient(Gradient l1, Parameters start)
      : step_(l1), x_(start.begin(), start.end()), ahead_(start.size()) {}

  void step(Parameters w, Gradient dw, double rate) override {
    std::copy(w.begin(), w.end(), ahead_.begin());
    step_.step(w, dw, rate);
    double uphill = 0.0;
    for (std::size_t k = 0; k < w.size(); ++k) uphill += (ahead_[k] - w[k]) * (w[k] - x_[k]);
    if (uphill > 0.0) t_ = 1.0;
    const double next = (1.0 + std::sqrt(1.0 + 4.0 * t_ * t_)) / 2.0;
    const double momentum = (std::exchange(t_, next) - 1.0) / next;
    for (std::size_t k = 0; k < w.size(); ++k) {
      const double x = w[k];
      w[k] = x + momentum * (x - x_[k]);
      x_[k] = x;
    }
  }
  void visit(StateVisitor& state) override {
    state.number("t", t_);
    state.numbers("x", x_);
  }

 private:
  ProximalGradient step_;
  double t_ = 1.0;
  std::vector<double> x_;
  std::vector<double> ahead_;
};

// What epochs move, beside the parameters.
struct Descent {
  UpdateRule& rule;
  std::optional<Batches>& batches;

  void visit(StateVisitor& state) const {
    rule.visit(state);
    if (batches) batches->rows.visit(state);
  }
};

}  // namespace

std::unique_ptr<UpdateRule> update_rule(Solver solver, double momentum, Objective& objective) {
  const std::span<const double> l1 = objective.l1();
  const std::span<double> w = objective.parameters();
  switch (solver) {
    case Solver::momentum:
      return std::make_unique<Momentum>(momentum, w.size());
    case Solver::nesterov:
      if (!l1.empty()) return std::make_unique<AcceleratedProximalGradient>(l1, w);
      return std::make_unique<Nesterov>(momentum, w.size());
    case Solver::adam:
      return std::make_unique<Adam>(w.size());
    default:
      if (!l1.empty()) return std::make_unique<ProximalGradient>(l1);
      return std::make_unique<GradientDescent>();
  }
}

void descend(TrainingRun& run, UpdateRule& rule, long epochs, std::optional<Batches>& batches) {
  Objective& objective = run.objective();
  const Descent descent{rule, batches};
  run.restore(descent);
  while (true) {
    run.keep(descent);
    const bool last = run.epochs() >= epochs;
    if (!batches) {
      run.look(run.observed() || last || run.epochs() == 0);
    } else if (run.due() || last) {
      run.look(true);
    }
    run.validate();
    if (last || run.over()) break;
    const double rate = run.options().learning_rate.of_epoch(run.epochs(), run.options().epochs);
    if (batches) {
      batches->rows.shuffle();
      for (std::size_t batch = 0; batch < batches->rows.count(); ++batch) {
        batches->objective.differentiate_batch(batches->rows[batch]);
        rule.step(objective.parameters(), objective.gradient(), rate);
      }
    } else {
      rule.step(objective.parameters(), objective.gradient(), rate);
    }
    run.next_epoch();
  }
  if (run.over()) run.keep_last(descent);
}

}  // namespace models
