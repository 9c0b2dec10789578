#include "models/export/onnx.h"
namespace models {
std::string onnx_model(const Classifier&, const OnnxOptions&) { return ""; }
}  // namespace models
