// The checker is checked: rules whose slopes are wrong on purpose, each of which it must catch.
//
// A mutant is a copy of a rule, wrong in one reading, by one operand, in one way; its value is
// right. What the engine computes with it is wrong indeed: the function the engine calls is the
// mutated one.
// Rule for callers: the rule a mutant is made of must outlive it, and so must the mutant what is
// recorded with it; it holds on to what it was made of, so hand it on by reference.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/rules/rule.h"
#include "autograd/verify/rule_check.h"

namespace autograd {

enum class Mutation : std::uint8_t {
  scaled,          // times 1.0005, or another factor
  negated,         // the sign is wrong
  zeroed,          // never propagated: with two operands, the term of one is dropped
  transposed,      // the entries of a matrix in the order of its transpose, of a vector reversed
  part_dropped,    // the last element of the result that sends anything back sends nothing
  others_dropped,  // of fused rules: what element j sends to entry i ≠ j, such as a softmax's sum
  mean_for_sum,    // divided by the number of parts that are summed up
  sum_for_mean,    // multiplied by it
  overwritten,     // = for +=: what other operations sent back is lost
  said_to_be_one,  // Rule::slope_is_one where it is not
  reads_unsaid,    // Rule::pullback_reads names nothing of what it looks at
};
inline constexpr std::size_t mutation_count = 11;
std::string_view to_string(Mutation mutation);  // "x 1.0005", "negated", …

enum class MutatedReading : std::uint8_t {
  array,
  array_at_once,  // Rule::value_and_slope_block, for the rules that have one
  recorded,
  dual,
};
inline constexpr std::size_t mutated_reading_count = 4;
std::string_view to_string(MutatedReading reading);  // "array reading", …

struct Mutant : Rule {
  const Rule* original = nullptr;
  MutatedReading reading = MutatedReading::array;
  Mutation mutation = Mutation::scaled;
  std::size_t operand = 0;
  double factor = 1.0005;  // of Mutation::scaled
};

// Whether a mutation has a meaning in a reading of a rule: only a pullback adds to what is there,
// only a fused rule whose result is shaped like its operands has other elements' terms, a function
// of one number sums nothing up, what is said of a rule must not be true, and what is computed at
// once is of the first operand, one element at a time.
bool has_meaning(const Rule& rule, MutatedReading reading, std::size_t operand, Mutation mutation);

// The mutant. Throws ArgumentError where that has no meaning.
Mutant mutant_of(const Rule& rule, MutatedReading reading, std::size_t operand, Mutation mutation);

enum class Outcome : std::uint8_t {
  not_applicable,  // it changes no slope at any point that is looked at
  caught,          // the check fails, and its failure names rule, operand and reading
  survived,
};

struct MutationResult {
  const Rule* rule = nullptr;
  MutatedReading reading = MutatedReading::array;
  std::size_t operand = 0;
  Mutation mutation = Mutation::scaled;
  Outcome outcome = Outcome::survived;
  std::string failure;  // what the check said of it
};

struct KillMatrix {
  std::uint64_t seed = 1;
  std::vector<MutationResult> results;

  [[nodiscard]] std::size_t mutants() const;  // that are applicable
  [[nodiscard]] std::size_t caught() const;
  // A table for each reading, a row for each rule and a column for each mutation: caught/applicable
  // over the operands; what survived and what was not applicable; "1234 mutants, 1234 caught
  // (100 %)".
  [[nodiscard]] std::string text() const;
};

using RuleChecker = std::function<RuleReport(const Rule& rule, std::uint64_t seed)>;

// Every mutant that has a meaning, of every rule of the catalogue with a gradient, by every operand
// it is differentiable by, put before a checker: check_rule().
KillMatrix kill_matrix(std::uint64_t seed = 1);
KillMatrix kill_matrix(std::uint64_t seed, const RuleChecker& checker);

}  // namespace autograd
