// The optimisers by their names, and the choice among them.
//
// Rule for callers: TrainingResult says whether the tolerance was reached; a small loss alone does
// not. Every loss and gradient norm that is told is that of all rows, with the whole penalty.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "models/training/learning_rate.h"
#include "models/training/objective.h"
#include "models/training/state.h"
#include "models/training/training_result.h"

namespace models {

// dw is the gradient: of all rows, or of one batch after the other.
enum class Solver : std::uint8_t {
  automatic,  // the documented gradient descent within a small budget, finished by Newton steps
              // where there is a Hessian, else by L-BFGS (nesterov where there is an L1 penalty);
              // sgd on batches; Adam where the objective is not convex
  gd,         // w := w − learning_rate · dw
  sgd,        // the same; the name of gd on batches
  momentum,   // Δw := momentum · Δw + learning_rate · dw, w := w − Δw
  nesterov,   // Δw as above, w := w − (momentum · Δw + learning_rate · dw)
  adam,       // w := w − learning_rate · m / (√v + 1e-8), of running means m of dw and v of
              // dw², by 0.9 and 0.999, without their bias towards 0
  lbfgs,      // quasi-Newton steps from the last 10 gradients, with a Wolfe line search
  newton,     // w := w − step · H⁻¹ dw, the step halved until the loss falls; H is kept
              // while the gradient falls tenfold
};

// "auto", "gd", "sgd", …: the name of the flag.
std::string_view to_string(Solver solver);
std::optional<Solver> solver_named(std::string_view name);
// Whether there is a learning rate to choose: all but newton and lbfgs have one.
bool uses_learning_rate(Solver solver);

struct MinimiseOptions {
  Solver solver = Solver::automatic;
  LearningRate learning_rate;  // newton and lbfgs have none
  double momentum = 0.9;       // of momentum and nesterov, >= 0 and < 1
  long epochs = 10000;         // passes over all rows at most; of newton and lbfgs, iterations
  double tolerance = 1e-8;     // on the largest entry of the (sub)gradient, >= 0
  long report_every = 1;       // epochs between two calls of the observer, >= 1
  long batch_size = 0;         // rows of an update; 0: all
  std::uint64_t seed = 0;      // of the order of rows in batches
  bool convex = true;          // what automatic goes by
  // Asked after each epoch; training ends where it says true. May be empty.
  std::function<bool()> interrupted;
  // Keeps the state of the run, and has that which it goes on from, if there is one. May be null.
  StateStore* store = nullptr;
};

// What solvers must know of an objective.
struct Abilities {
  bool has_hessian = false;
  bool has_l1 = false;
};
// Throws what minimise() throws of such an objective and these options, without one.
void require_possible(const MinimiseOptions& options, const Abilities& objective);

// Early stopping: the loss of rows that are not trained on, at given parameters.
struct Validation {
  std::function<double(std::span<const double> parameters)> loss;
  long patience = 10;  // epochs without a new lowest loss after which training ends, >= 1
};

// Minimises from the parameters as they are; they end where TrainingResult says.
//
// Epochs. One update of gd, momentum, nesterov and adam on all rows; the loss is computed in the
// first and the last epoch and in those the observer sees, the others need the gradient alone. On
// batches, one update for each batch: the loss and the gradient of all rows cost about as much as
// the updates, and are computed every `report_every` epochs, from the first on, and after the last;
// convergence is judged there and nowhere else, whether or not somebody observes. At a constant
// rate batches end in a neighbourhood of the minimum, seldom within a tight tolerance. newton and
// lbfgs know loss and gradient after every iteration. Both go on beyond the tolerance as far as
// rounding lets them: newton while the H it has makes the gradient fall tenfold, lbfgs to a
// hundredth.
//
// Momentum. With a schedule Δw remembers steps and not gradients: where the rate falls, the steps
// that were taken at a higher one still count in full. PyTorch's buffer holds gradients, which it
// multiplies by the rate of the day; at a constant rate both are the same. nesterov is the form in
// which w is the point ahead, where the next gradient is taken, as PyTorch's is.
//
// An L1 penalty (Objective::l1) is minimised by newton (a quadratic model and the penalty, by
// coordinate descent; Lee, Sun and Saunders, "Proximal Newton-type methods for minimizing composite
// functions", SIAM J. Optim. 24, 2014), and on all rows by gd (ISTA) and by nesterov (FISTA, which
// has its own momentum and starts it anew where it leads uphill; Beck and Teboulle, SIAM J. Imaging
// Sci. 2, 2009; O'Donoghue and Candès, Found. Comput. Math. 15, 2015).
//
// With `validation` the parameters end as they were in the epoch of its lowest loss;
// TrainingResult::stopped_early says whether that is not the last.
//
// Whether somebody observes or not, the parameters end with the same bits; and whether the run was
// ended and taken up again, from whichever epoch it was kept in, or not: the objective, its
// parameters at the beginning, the options and the validation must be the same. `epochs` may be
// more than before, unless the schedule goes by them. The observer is told of the epochs from
// there on.
//
// Where the loss leaves the numbers the first-order solvers throw autograd::NonFiniteError, with
// the parameters of the step that failed; newton and lbfgs shorten the step. Where neither loss nor
// gradient can fall any further for rounding, these end, converged or not.
//
// Throws std::invalid_argument for options outside their ranges or that the objective does not
// allow, and what the objective, the observer, the validation and the store throw.
TrainingResult minimise(RowObjective& objective, std::size_t rows, const MinimiseOptions& options,
                        const EpochObserver& observer = {}, const Validation* validation = nullptr);
// The same for what has no rows to make batches of.
TrainingResult minimise(Objective& objective, const MinimiseOptions& options,
                        const EpochObserver& observer = {}, const Validation* validation = nullptr);

}  // namespace models
