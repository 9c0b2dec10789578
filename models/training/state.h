// What a run of training must know to go on from where it is: one list of members for each part of
// it, which serves to take them down and to put them back.
//
// Rule for authors: visit() names every member that a later epoch depends on and that cannot be
// computed from the others; names differ within a run.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "autograd/random.h"

namespace models {

// Meets the members: reads them, or gives them the values they had. What it gives keeps the bounds
// that are named here, whoever made it.
class StateVisitor {
 public:
  StateVisitor() = default;
  StateVisitor(const StateVisitor&) = delete;
  StateVisitor& operator=(const StateVisitor&) = delete;
  virtual ~StateVisitor() = default;

  virtual void number(const char* name, double& value) = 0;
  // 0, 1, …, most.
  virtual void count(const char* name, long& value, long most) = 0;
  // As many as there are.
  virtual void numbers(const char* name, std::span<double> values) = 0;
  // Rows of so many numbers, `most` of them or fewer.
  virtual void rows(const char* name, std::vector<double>& values, std::size_t length,
                    std::size_t most) = 0;
  // 0, 1, …, as many as there are, each once.
  virtual void order(const char* name, std::span<std::size_t> order) = 0;
  virtual void generator(const char* name, autograd::Random& random) = 0;
};

// Shows the members to a visitor.
using StateVisit = std::function<void(StateVisitor&)>;

// Where the state of a run is kept.
class StateStore {
 public:
  StateStore() = default;
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;
  virtual ~StateStore() = default;

  // Offered before the first epoch, after each, and, as `last`, at the end; what is not wanted need
  // not be taken.
  virtual void keep(long epoch, bool last, const StateVisit& members) = 0;
  // Gives the members what they had; false where a run begins.
  virtual bool restore(const StateVisit& members) = 0;
};

}  // namespace models
