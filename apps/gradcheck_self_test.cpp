// tapewise gradcheck --self-test: the checker is checked, by wrong rules that it must catch.
#include <nlohmann/json.hpp>

#include "apps/command.h"
#include "apps/gradcheck.h"
#include "autograd/verify/mutation.h"

namespace apps {
namespace {

std::string json_of(const autograd::KillMatrix& matrix, bool all_caught) {
  nlohmann::ordered_json root{{"verdict", all_caught ? "PASS" : "FAIL"},
                              {"seed", matrix.seed},
                              {"mutants", matrix.mutants()},
                              {"caught", matrix.caught()},
                              {"survived", nlohmann::ordered_json::array()}};
  for (const autograd::MutationResult& result : matrix.results) {
    if (result.outcome != autograd::Outcome::survived) continue;
    root["survived"].push_back({{"operation", result.rule->info.name},
                                {"reading", to_string(result.reading)},
                                {"operand", result.operand},
                                {"mutation", to_string(result.mutation)}});
  }
  return root.dump(2) + "\n";
}

}  // namespace

int check_the_checker(const GradcheckFlags& flags) {
  const autograd::KillMatrix matrix = autograd::kill_matrix(flags.seed);
  const bool all_caught = matrix.mutants() > 0 && matrix.caught() == matrix.mutants();
  print(flags.json ? json_of(matrix, all_caught) : matrix.text());
  return all_caught ? exit_done : exit_check_failed;
}

}  // namespace apps
