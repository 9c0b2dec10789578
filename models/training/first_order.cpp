#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "models/training/l1_penalty.h"
#include "models/training/solvers.h"

namespace models {
namespace {

using Parameters = std::span<double>;
using Gradient = std::span<const double>;

void gradient_descent(Parameters w, Gradient dw, double rate) {
  for (std::size_t k = 0; k < w.size(); ++k) w[k] -= rate * dw[k];
}

class Momentum {
 public:
  explicit Momentum(double momentum) : momentum_(momentum) {}

  void operator()(Parameters w, Gradient dw, double rate) {
    delta_.resize(w.size());
    for (std::size_t k = 0; k < w.size(); ++k) {
      delta_[k] = momentum_ * delta_[k] + rate * dw[k];
      w[k] -= delta_[k];
    }
  }

 private:
  double momentum_;
  std::vector<double> delta_;
};

// With v the textbook's parameters, Δw := momentum·Δw + rate·∇(v − momentum·Δw), v := v − Δw; what
// is kept is the point ahead, w = v − momentum·Δw.
class Nesterov {
 public:
  explicit Nesterov(double momentum) : momentum_(momentum) {}

  void operator()(Parameters w, Gradient dw, double rate) {
    delta_.resize(w.size());
    for (std::size_t k = 0; k < w.size(); ++k) {
      const double step = rate * dw[k];
      delta_[k] = momentum_ * delta_[k] + step;
      w[k] -= step + momentum_ * delta_[k];
    }
  }

 private:
  double momentum_;
  std::vector<double> delta_;
};

// Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1. Divisions
// and square roots are in the order that PyTorch has them in.
class Adam {
 public:
  void operator()(Parameters w, Gradient dw, double rate) {
    m_.resize(w.size());
    v_.resize(w.size());
    ++steps_;
    const double bias1 = 1.0 - std::pow(beta1, steps_);
    const double bias2 = std::sqrt(1.0 - std::pow(beta2, steps_));
    for (std::size_t k = 0; k < w.size(); ++k) {
      m_[k] = beta1 * m_[k] + (1.0 - beta1) * dw[k];
      v_[k] = beta2 * v_[k] + (1.0 - beta2) * dw[k] * dw[k];
      w[k] -= rate / bias1 * m_[k] / (std::sqrt(v_[k]) / bias2 + epsilon);
    }
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
class ProximalGradient {
 public:
  explicit ProximalGradient(Gradient l1) : l1_(l1.begin(), l1.end()) {}

  void operator()(Parameters w, Gradient dw, double rate) const {
    for (std::size_t k = 0; k < w.size(); ++k) {
      w[k] = soft_threshold(w[k] - rate * dw[k], rate * l1_[k]);
    }
  }

 private:
  std::vector<double> l1_;
};

// FISTA: the proximal step from the point ahead, which is what w holds, to x; then ahead by what x
// moved, the more the longer it went well: (t − 1)/t⁺ of it, with t⁺ = (1 + √(1 + 4t²))/2.
class AcceleratedProximalGradient {
 public:
  explicit AcceleratedProximalGradient(Gradient l1) : step_(l1) {}

  void operator()(Parameters w, Gradient dw, double rate) {
    if (x_.empty()) x_.assign(w.begin(), w.end());
    ahead_.assign(w.begin(), w.end());
    step_(w, dw, rate);
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

 private:
  ProximalGradient step_;
  double t_ = 1.0;
  std::vector<double> x_;
  std::vector<double> ahead_;
};

}  // namespace

Update update_rule(Solver solver, double momentum, std::span<const double> l1) {
  switch (solver) {
    case Solver::momentum:
      return Momentum(momentum);
    case Solver::nesterov:
      if (!l1.empty()) return AcceleratedProximalGradient(l1);
      return Nesterov(momentum);
    case Solver::adam:
      return Adam();
    default:
      if (!l1.empty()) return ProximalGradient(l1);
      return gradient_descent;
  }
}

void descend(TrainingRun& run, const Update& update, long epochs, std::optional<Batches>& batches) {
  Objective& objective = run.objective();
  while (true) {
    const bool last = run.epochs() == epochs;
    if (!batches) {
      run.look(run.observed() || last || run.epochs() == 0);
    } else if (run.due() || last) {
      run.look(true);
    }
    run.validate();
    if (last || run.over()) return;
    const double rate = run.options().learning_rate.of_epoch(run.epochs(), run.options().epochs);
    if (batches) {
      batches->rows.shuffle();
      for (std::size_t batch = 0; batch < batches->rows.count(); ++batch) {
        batches->objective.differentiate_batch(batches->rows[batch]);
        update(objective.parameters(), objective.gradient(), rate);
      }
    } else {
      update(objective.parameters(), objective.gradient(), rate);
    }
    run.next_epoch();
  }
}

}  // namespace models
