// The gradient check is checked: every rule of the catalogue, wrong on purpose in every reading
// that has a slope, must fail by name; and a checker that is no good must not pass for one.
#include "autograd/verify/mutation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "autograd/errors.h"
#include "autograd/rules/catalogue.h"
#include "tests/sanitized.h"

namespace autograd {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

const KillMatrix& matrix() {
  static const KillMatrix whole = kill_matrix(1);
  return whole;
}

std::vector<const MutationResult*> results_of(const KillMatrix& m, Outcome outcome) {
  std::vector<const MutationResult*> found;
  for (const MutationResult& result : m.results) {
    if (result.outcome == outcome) found.push_back(&result);
  }
  return found;
}

std::string name_of(const MutationResult& result) {
  return std::string(result.rule->info.name) + ", operand " + std::to_string(result.operand + 1) +
         ", " + std::string(to_string(result.reading)) + ": " +
         std::string(to_string(result.mutation));
}

void expect_every_mutant_caught() {
  for (const MutationResult* survivor : results_of(matrix(), Outcome::survived)) {
    ADD_FAILURE() << name_of(*survivor) << " survived: " << survivor->failure;
  }
  EXPECT_EQ(matrix().caught(), matrix().mutants());
  EXPECT_GT(matrix().mutants(), 1500U);
}

void expect_every_rule_with_a_gradient_in_every_reading() {
  for (const Rule* rule : catalogue()) {
    for (std::size_t k = 0; k < max_operands; ++k) {
      for (const auto reading :
           {MutatedReading::array, MutatedReading::recorded, MutatedReading::dual}) {
        for (const auto mutation : {Mutation::scaled, Mutation::negated, Mutation::zeroed,
                                    Mutation::transposed, Mutation::part_dropped}) {
          const auto is_it = [&](const MutationResult& r) {
            return r.rule == rule && r.operand == k && r.reading == reading &&
                   r.mutation == mutation;
          };
          EXPECT_EQ(std::any_of(matrix().results.begin(), matrix().results.end(), is_it),
                    rule->differentiable[k])
              << rule->info.name;
        }
      }
    }
  }
}

// What changes nothing is counted and listed, and there is a reason for each.
void expect_only_known_ones_not_applicable() {
  for (const MutationResult* result : results_of(matrix(), Outcome::not_applicable)) {
    const std::string_view rule = result->rule->info.name;
    const bool slope_is_one = result->mutation == Mutation::said_to_be_one && rule == "guard_nan";
    const bool slopes_are_equal = result->mutation == Mutation::transposed && rule == "negate";
    // Neither broadcast nor reduced: one part is all there is.
    const bool nothing_is_summed_up =
        (result->mutation == Mutation::mean_for_sum ||
         result->mutation == Mutation::sum_for_mean) &&
        (rule == "reshape" || rule == "permute" || rule == "binary_cross_entropy" ||
         rule == "binary_cross_entropy_with_logits" || rule == "squared_error");
    EXPECT_TRUE(slope_is_one || slopes_are_equal || nothing_is_summed_up) << name_of(*result);
  }
}

void expect_printed_as_counted() {
  const std::string text = matrix().text();
  const std::string n = std::to_string(matrix().mutants());
  EXPECT_THAT(text, EndsWith("\n" + n + " mutants, " + n + " caught (100 %)\n"));
  EXPECT_THAT(text, HasSubstr("\n\narray reading\noperation "));
  EXPECT_THAT(text, HasSubstr("\nmultiply                          2/2      2/2      2/2 "));
  EXPECT_THAT(text, HasSubstr("\ndual reading\n"));
  EXPECT_THAT(text, HasSubstr("negate, operand 1, transposed: array reading, recorded reading"));
  EXPECT_EQ(text.find("Survived"), std::string::npos);
}

// One test, since each is a process of its own and would work out the matrix again.
TEST(KillMatrix, HasEveryRuleInEveryReadingAndEveryMutantIsCaughtByName) {
  expect_every_mutant_caught();
  expect_every_rule_with_a_gradient_in_every_reading();
  expect_only_known_ones_not_applicable();
  expect_printed_as_counted();
}

TEST(KillMatrix, EveryMutantIsCaughtWithAnotherSeed) {
  SKIP_IF_SANITIZED("HasEveryRuleInEveryReadingAndEveryMutantIsCaughtByName");
  const KillMatrix other = kill_matrix(151);
  EXPECT_EQ(other.caught(), other.mutants());
}

// ---- a checker that is no good

TEST(KillMatrix, NothingIsCaughtByACheckerThatPassesEverything) {
  const KillMatrix none = kill_matrix(1, [](const Rule& rule, std::uint64_t) {
    RuleReport report;
    report.rule = &rule;
    return report;
  });
  EXPECT_GT(none.mutants(), 1500U);
  EXPECT_EQ(none.caught(), 0U);
  EXPECT_THAT(none.text(), HasSubstr("\nSurvived:\n  add, operand 1, x 1.0005: array reading"));
  EXPECT_THAT(none.text(), EndsWith(" mutants, 0 caught (0 %)\n"));
}

TEST(KillMatrix, NothingIsCaughtByACheckerThatFailsEverythingAndNamesNothing) {
  const KillMatrix none = kill_matrix(1, [](const Rule& rule, std::uint64_t) {
    RuleReport report;
    report.passed = false;
    report.failure = std::string(rule.info.name) + ": something is wrong";
    return report;
  });
  EXPECT_EQ(none.caught(), 0U);
}

TEST(KillMatrix, ACheckerThatLooksAtOneReadingCatchesNoMutantOfAnother) {
  SKIP_IF_SANITIZED("HasEveryRuleInEveryReadingAndEveryMutantIsCaughtByName");
  const KillMatrix half = kill_matrix(1, [](const Rule& rule, std::uint64_t seed) {
    RuleReport report = check_rule(rule, seed);
    if (report.failed_reading != "recorded reading") report.passed = true;
    return report;
  });
  for (const MutationResult& result : half.results) {
    if (result.outcome == Outcome::not_applicable) continue;
    EXPECT_EQ(result.outcome == Outcome::caught, result.reading == MutatedReading::recorded)
        << name_of(result);
  }
}

// ---- mutants

TEST(Mutant, HasTheValueOfItsOriginal) {
  const Rule& tanh = *find_rule("tanh");
  const Mutant mutant = mutant_of(tanh, MutatedReading::array, 0, Mutation::negated);
  EXPECT_EQ(mutant.forward, tanh.forward);
  EXPECT_EQ(mutant.value_block, tanh.value_block);
  EXPECT_EQ(mutant.forward_complex, tanh.forward_complex);
  EXPECT_EQ(mutant.record_pullback, tanh.record_pullback);
  EXPECT_NE(mutant.pullback, tanh.pullback);
}

TEST(Mutant, IsRefusedWhereAMutationHasNoMeaning) {
  const Rule& tanh = *find_rule("tanh");
  try {
    static_cast<void>(mutant_of(tanh, MutatedReading::dual, 0, Mutation::overwritten));
    FAIL() << "a tangent does not add to anything";
  } catch (const ArgumentError& error) {
    EXPECT_STREQ(error.what(),
                 "mutant_of(tanh): overwritten has no meaning in the dual reading by operand 1.");
  }
  EXPECT_FALSE(has_meaning(tanh, MutatedReading::array, 1, Mutation::scaled));
  EXPECT_FALSE(has_meaning(*find_rule("relu"), MutatedReading::array_at_once, 0, Mutation::scaled));
  EXPECT_FALSE(has_meaning(*find_rule("less"), MutatedReading::array, 0, Mutation::scaled));
}

}  // namespace
}  // namespace autograd
