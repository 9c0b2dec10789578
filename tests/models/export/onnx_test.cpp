// Models as ONNX: what ONNX's own library makes of them. What they compute is tested with a
// runtime, in tests/long/onnx.sh.
#include "models/export/onnx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

#include "tests/models/export/examples.h"

namespace models::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

onnx::ModelProto parsed(const Classifier& classifier, const OnnxOptions& options = {}) {
  onnx::ModelProto model;
  EXPECT_TRUE(model.ParseFromString(onnx_model(classifier, options)));
  return model;
}

std::string type_of(const onnx::ValueInfoProto& value) {
  std::string text = onnx::TensorProto::DataType_Name(
      static_cast<onnx::TensorProto::DataType>(value.type().tensor_type().elem_type()));
  for (const auto& dim : value.type().tensor_type().shape().dim()) {
    text += " " + (dim.has_dim_param() ? dim.dim_param() : std::to_string(dim.dim_value()));
  }
  return text;
}

TEST(Onnx, OfEveryKindAndActivationIsSound) {
  const FeatureEncoding encoding = odd_encoding(MissingPolicy::mean_and_flag);
  for (const Classifier& classifier : models_of_all_kinds(encoding)) {
    onnx::ModelProto model = parsed(classifier);
    EXPECT_NO_THROW(onnx::checker::check_model(model));
    // Throws where an operator does not take what it is given, types and shapes that follow from
    // the operators among it.
    EXPECT_NO_THROW(onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(),
                                                       {true, 1, false}));
  }
}

TEST(Onnx, HasTheColumnsAsInputsAndLabelsAndProbabilitiesAsOutputs) {
  const FeatureEncoding encoding = odd_encoding(MissingPolicy::error);
  const onnx::ModelProto model = parsed(drawn_model(encoding, {"b", "a", "c"}, 2, {}, "tanh", 1),
                                        {"odd", UnknownPolicy::error, "1.2.3"});
  EXPECT_EQ(model.producer_name(), "tapewise");
  EXPECT_EQ(model.producer_version(), "1.2.3");
  EXPECT_EQ(model.graph().name(), "odd");
  std::vector<std::string> names;
  for (const auto& input : model.graph().input()) names.push_back(input.name());
  EXPECT_THAT(names, ElementsAreArray(encoding.column_names()));
  EXPECT_EQ(type_of(model.graph().input(0)), "DOUBLE rows 1");
  EXPECT_EQ(type_of(model.graph().input(10)), "STRING rows 1");
  ASSERT_EQ(model.graph().output_size(), 2);
  EXPECT_EQ(model.graph().output(0).name(), "label");
  EXPECT_EQ(type_of(model.graph().output(0)), "STRING rows");
  EXPECT_EQ(model.graph().output(1).name(), "probabilities");
  EXPECT_EQ(type_of(model.graph().output(1)), "DOUBLE rows 3");
}

TEST(Onnx, KeepsItsNamesApartFromThoseOfColumns) {
  const std::vector<std::string> columns{"label", "probabilities", "MatMul", "W1", "mean", "mean_"};
  onnx::ModelProto model =
      parsed(drawn_model(encoding_of_numbers(columns), {"a", "b"}, 1, {2}, "tanh", 1));
  EXPECT_NO_THROW(onnx::checker::check_model(model));
  EXPECT_EQ(model.graph().output(0).name(), "label_");
  EXPECT_EQ(model.graph().output(1).name(), "probabilities_");
}

TEST(Onnx, HasTheSameBytesEachTime) {
  const FeatureEncoding encoding = odd_encoding(MissingPolicy::mean);
  const Classifier classifier = drawn_model(encoding, {"a", "b"}, 1, {3}, "elu", 1);
  EXPECT_EQ(onnx_model(classifier, {}), onnx_model(classifier, {}));
}

TEST(Onnx, RefusesParametersThatAreNotThoseOfTheArchitecture) {
  Classifier model = drawn_model(encoding_of_numbers(std::vector<std::string>{"x"}), {"a", "b"}, 1,
                                 {2}, "tanh", 1);
  model.parameters.push_back(1.0);
  EXPECT_THROW(onnx_model(model, {}), std::invalid_argument);
  model.parameters.resize(3);
  EXPECT_THROW(onnx_model(model, {}), std::invalid_argument);
}

}  // namespace
}  // namespace models::testing
