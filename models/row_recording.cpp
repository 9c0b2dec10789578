#include "models/row_recording.h"

#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "autograd/operations.h"

namespace models {
namespace {

using autograd::Tape;
using autograd::Tensor;
using autograd::Values;

void require_row(const Classifier& classifier, const Dataset& data, std::size_t row,
                 CrossEntropy form) {
  if (data.classes != classifier.classes || data.features.names != classifier.features) {
    throw std::invalid_argument("the rows have other classes or features than the classifier");
  }
  if (row >= data.rows()) throw std::invalid_argument("there is no such row");
  if (form == CrossEntropy::textbook && classifier.classes.size() != 2) {
    throw std::invalid_argument("the textbook's form is of two classes");
  }
}

class Recorder {
 public:
  Recorder(Tape& tape, const Classifier& classifier) : tape_(tape), classifier_(classifier) {}

  RowRecording record(const Dataset& data, std::size_t row, CrossEntropy form) {
    const std::size_t columns = classifier_.features.size();
    const Tensor raw =
        feature_row("raw", std::span(data.features.values).subspan(row * columns, columns));
    const Tensor mean = feature_row("mean", classifier_.standardisation.mean);
    const Tensor scale = feature_row("scale", classifier_.standardisation.scale);
    const Tensor x = labelled(named((raw - mean) / scale, "x"), classifier_.features);
    const Tensor z = logits(classifier_.architecture, x, parameters());
    const auto label = static_cast<std::size_t>(data.labels[row]);
    result_.loss = named(classifier_.classes.size() == 2 && classifier_.architecture.outputs == 1
                             ? loss_of_two(named(z, "z"), label, form)
                             : loss_of_several(z, label),
                         "L");
    return std::move(result_);
  }

 private:
  Tensor labelled(const Tensor& tensor, const std::vector<std::string>& names) {
    result_.trace.labels.push_back({tensor.index(), names});
    return tensor;
  }

  Tensor feature_row(const char* name, std::span<const double> values) {
    return labelled(named(tape_.constant(Values(values, {Index(values.size())})), name),
                    classifier_.features);
  }

  // What each logit belongs to.
  [[nodiscard]] std::vector<std::string> outputs() const {
    const std::size_t skipped = classifier_.classes.size() - classifier_.architecture.outputs;
    return {classifier_.classes.begin() + std::ptrdiff_t(skipped), classifier_.classes.end()};
  }

  std::vector<Tensor> parameters() {
    std::vector<Tensor> tensors;
    std::span<const double> rest(classifier_.parameters);
    const std::vector<ParameterBlock> blocks = parameter_blocks(classifier_.architecture);
    for (std::size_t k = 0; k < blocks.size(); ++k) {
      const auto& [name, shape, penalised] = blocks[k];
      const auto size = static_cast<std::size_t>(shape.size());
      tensors.push_back(named(tape_.variable(Values(rest.first(size), shape)), name));
      rest = rest.subspan(size);
      const bool is_last_layer = k + 2 >= blocks.size();
      if (shape.rank() == 1 && k == 0 && classifier_.is_linear()) {
        labelled(tensors.back(), classifier_.features);
      } else if (is_last_layer && classifier_.architecture.outputs > 1) {
        labelled(tensors.back(), outputs());
      }
    }
    return tensors;
  }

  Tensor loss_of_two(const Tensor& z, std::size_t label, CrossEntropy form) {
    const Tensor a = named(sigmoid(z), "a");
    const Tensor y = named(tape_.constant(static_cast<double>(label)), "y");
    return form == CrossEntropy::fused ? binary_cross_entropy_with_logits(z, y)
                                       : binary_cross_entropy(a, y);
  }

  Tensor loss_of_several(const Tensor& logits, std::size_t label) {
    const std::size_t classes = classifier_.classes.size();
    Tensor z = labelled(named(logits, "z"), outputs());
    if (classifier_.architecture.outputs < classes) {
      // The logit of the first class is 0.
      const Tensor zero = named(tape_.constant(Values(std::vector<double>{0.0}, {1})), "zero");
      z = labelled(named(autograd::concatenate({zero, z}, 0), "logits"), classifier_.classes);
    }
    labelled(named(softmax(z, 0), "a"), classifier_.classes);
    std::vector<double> one_hot(classes, 0.0);
    one_hot[label] = 1.0;
    const Tensor y = labelled(named(tape_.constant(Values(one_hot, {Index(classes)})), "y"),
                              classifier_.classes);
    return cross_entropy_with_logits(z, y);
  }

  using Index = autograd::Index;

  Tape& tape_;
  const Classifier& classifier_;
  RowRecording result_;
};

}  // namespace

RowRecording record_row(Tape& tape, const Classifier& classifier, const Dataset& data,
                        std::size_t row, CrossEntropy form) {
  require_row(classifier, data, row, form);
  return Recorder(tape, classifier).record(data, row, form);
}

}  // namespace models
