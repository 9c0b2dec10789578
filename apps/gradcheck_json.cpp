// Reports of gradient checks as JSON. Numbers that are not finite become null.
#include <nlohmann/json.hpp>

#include "apps/gradcheck.h"

namespace apps {
namespace {

using nlohmann::ordered_json;

std::string_view name_of(autograd::WitnessKind witness) {
  switch (witness) {
    case autograd::WitnessKind::complex_step:
      return "complex step";
    case autograd::WitnessKind::differences:
      return "differences";
    case autograd::WitnessKind::one_sided:
      return "one-sided";
  }
  return "";
}

ordered_json entry_json(const autograd::EntryReport& entry) {
  return {{"entry", entry.entry},
          {"value", entry.value},
          {"analytic", entry.analytic},
          {"numeric", entry.numeric},
          {"error", entry.error},
          {"tolerance", entry.tolerance},
          {"left", entry.left},
          {"right", entry.right},
          {"differences", entry.differences},
          {"differences_error", entry.differences_error},
          {"central_difference", entry.central_difference},
          {"witness", name_of(entry.witness)},
          {"reading", entry.reading},
          {"verdict", to_string(entry.verdict)}};
}

ordered_json inputs_json(const std::vector<autograd::InputReport>& inputs, bool every_entry) {
  ordered_json list = ordered_json::array();
  for (const autograd::InputReport& input : inputs) {
    const auto extents = input.shape.extents();
    ordered_json one{{"name", input.name},
                     {"shape", std::vector<autograd::Index>(extents.begin(), extents.end())},
                     {"verdict", to_string(input.verdict)},
                     {"entries_checked", input.entries_checked},
                     {"projections", input.projections},
                     {"verified_beside", input.verified_beside}};
    if (every_entry) {
      one["entries"] = ordered_json::array();
      for (const autograd::EntryReport& entry : input.entries) {
        one["entries"].push_back(entry_json(entry));
      }
    }
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace

ordered_json as_json(const autograd::GradientReport& report, bool every_entry) {
  ordered_json root{{"verdict", to_string(report.verdict)},
                    {"value", report.value},
                    {"taylor_rate", report.taylor_rate},
                    {"seed", report.seed},
                    {"inputs", inputs_json(report.inputs, every_entry)}};
  if (!report.second_order.empty()) {
    root["second_order"] = inputs_json(report.second_order, every_entry);
  }
  root["failure"] = report.failure;
  return root;
}

}  // namespace apps
