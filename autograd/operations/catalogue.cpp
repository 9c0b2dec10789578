#include "autograd/rules/catalogue.h"

#include <algorithm>
#include <vector>

#include "autograd/operations/families.h"

namespace autograd {

std::span<const Rule* const> catalogue() {
  static const std::vector<const Rule*> all = [] {
    std::vector<const Rule*> rules;
    for (const auto family :
         {operations::arithmetic_rules(), operations::elementary_rules(),
          operations::activation_rules(), operations::axis_rules(), operations::structure_rules(),
          operations::product_rules(), operations::loss_rules()}) {
      rules.insert(rules.end(), family.begin(), family.end());
    }
    return rules;
  }();
  return all;
}

const Rule* find_rule(std::string_view name) {
  const auto all = catalogue();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Rule* rule) { return rule->info.name == name; });
  return found == all.end() ? nullptr : *found;
}

}  // namespace autograd
