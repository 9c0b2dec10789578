// A classifier as one file of C99 that depends on nothing but the C library.
//
// Rule for callers: the file predicts as models/prediction.h does, with the same bits where the
// machine adds and multiplies doubles by IEEE 754 and has fma(); compiled with -std=c99 or
// -ffp-contract=off it has them whatever else the compiler does.
#pragma once

#include <string>
#include <string_view>

#include "models/classifier.h"

namespace models {

struct CSourceOptions {
  std::string name = "model";  // in front of everything the file declares; made an identifier
  UnknownPolicy unknown = UnknownPolicy::error;  // of categories that no training row had
  std::string_view program_version;              // said in the file
};

// The source. It declares
//
//   struct NAME_row            a member for each column, in the order of the model: double, NaN
//   where
//                              it is missing, or const char *, NULL where it is missing
//   int NAME_predict(const struct NAME_row *row, double probabilities[])
//                              the index of the class, or a negative NAME_… that says why there is
//                              none
//   const char *const NAME_classes[]
//                              as in the training file, in the order in which predict has them
//
// and what it takes is described in the file itself, which is written for its reader. Throws
// std::invalid_argument where the parameters are not those of the architecture.
std::string c_source(const Classifier& classifier, const CSourceOptions& options);

}  // namespace models
