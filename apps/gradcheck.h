// What the parts of `tapewise gradcheck` share.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "apps/csv_flags.h"
#include "autograd/verify/gradient_check.h"

namespace apps {

struct GradcheckFlags {
  std::string operation;           // "" for all of the catalogue
  std::string expression;          // "" where none is given
  std::string at;                  // values of its variables
  std::string wrt;                 // "" for all variables
  std::vector<std::string> model;  // a model file and its data, or nothing
  std::shared_ptr<CsvFlags> csv;   // of its data
  std::string unknown = "error";   // what becomes of categories the model does not know
  std::uint64_t seed = 1;
  int order = 1;
  std::string rtol_complex_step = "1e-12";
  std::string rtol_differences = "1e-6";
  bool every_entry = false;
  bool json = false;
  bool self_test = false;
};

// Each prints its report and returns the exit code.
int check_catalogue(const GradcheckFlags& flags);
int check_expression(const GradcheckFlags& flags);
int check_model(const GradcheckFlags& flags);
int check_the_checker(const GradcheckFlags& flags);

// Throws UsageError for a tolerance that is none.
autograd::CheckOptions check_options(const GradcheckFlags& flags);

// A report for people, with what is wrong, if anything is.
std::string as_text(const autograd::GradientReport& report, bool every_entry);

// A report for programs; apps/README.md has its fields.
nlohmann::ordered_json as_json(const autograd::GradientReport& report, bool every_entry);

}  // namespace apps
