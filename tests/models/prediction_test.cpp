// What a model says of rows, whichever rows stand beside them.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "models/fit.h"
#include "tests/models/support.h"

namespace models {
namespace {

Features one_row(const Features& all, std::size_t row) {
  Features one;
  one.names = all.names;
  one.file = all.file;
  one.fields = all.fields;
  one.lines = {all.lines[row]};
  const auto begin = all.values.begin() + static_cast<std::ptrdiff_t>(row * all.columns());
  one.values.assign(begin, begin + static_cast<std::ptrdiff_t>(all.columns()));
  return one;
}

// A file may be predicted part by part.
TEST(Probabilities, OfARowHaveTheSameBitsAloneAsAmongOthers) {
  const std::string folder = std::string(TAPEWISE_TEST_DATA) + "/";
  const Dataset iris = make_dataset(read_csv(folder + "iris.csv"), "species");
  const Dataset cancer = testing::breast_cancer();
  FitOptions perceptron;
  perceptron.kind = ModelKind::mlp;
  perceptron.hidden = {5, 3};
  perceptron.minimise.epochs = 20;
  for (const auto& [data, model] : {std::pair(&cancer, testing::fit_by_descent(cancer, 20)),
                                    std::pair(&iris, testing::fit_by_descent(iris, 20)),
                                    std::pair(&cancer, fit(cancer, perceptron).classifier)}) {
    const std::vector<double> all = model.probabilities(data->features);
    const std::size_t classes = data->classes.size();
    for (std::size_t row = 0; row < data->features.rows(); ++row) {
      const std::vector<double> alone = model.probabilities(one_row(data->features, row));
      for (std::size_t k = 0; k < classes; ++k) EXPECT_EQ(alone[k], all[row * classes + k]) << row;
    }
  }
}

}  // namespace
}  // namespace models
