// What is known of each activation beyond its formula: its range, what it is for, where it fails.
//
// Rule for authors: formulas and slopes are printed by the rules; here stand plain sentences, true
// of the function as autograd/rules/ has it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace apps {

struct ActivationFacts {
  std::string_view name;       // of its rule
  std::string_view parameter;  // what may stand behind a colon; "" where nothing may
  std::string_view range;
  std::string_view use;
  std::string_view weakness;
};

// All activations: first those of one number, then those of several.
std::span<const ActivationFacts> activation_facts();

// Null where there is no such activation.
const ActivationFacts* find_activation_facts(std::string_view name);

std::vector<std::string> names_of_activations();

}  // namespace apps
