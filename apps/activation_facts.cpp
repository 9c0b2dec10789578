#include "apps/activation_facts.h"

#include <algorithm>
#include <array>

namespace apps {
namespace {

constexpr std::array<ActivationFacts, 13> all_activations{{
    {"sigmoid", "", "(0, 1)",
     "The output of a binary classifier, where it is the probability of the positive class; gates "
     "between 0 and 1.",
     "In hidden layers it saturates: its slope is 1/4 at most, at 0, and falls to 0 on both sides, "
     "so that gradients vanish over many layers. Outputs are above 0 throughout, not centred on "
     "it: the mean of what the next layer gets is shifted (bias shift)."},
    {"generalized_logistic", "alpha", "(0, 1)",
     "A sigmoid, which it is at alpha = 1, whose slope is largest at x = ln(alpha) instead of 0.",
     "It saturates on both sides and is not centred on 0, as a sigmoid is not."},
    {"tanh", "", "(-1, 1)",
     "Hidden layers of shallow and of recurrent networks: centred on 0, which spares the next "
     "layer the bias shift of a sigmoid. The output of a binary classifier stays a sigmoid.",
     "It saturates: its slope is 1 at 0 and falls to 0 on both sides, so that gradients vanish "
     "over "
     "many layers."},
    {"relu", "", "[0, inf)",
     "Hidden layers of deep networks: cheap, and where x > 0 its slope stays 1 however large x is.",
     "A unit whose x is 0 or below in every row gets no gradient and stays as it is (dead unit). "
     "Outputs are never below 0, not centred on it (bias shift). A kink at 0."},
    {"leaky_relu", "slope", "(-inf, inf) for a slope > 0",
     "Hidden layers in which relu leaves dead units: some slope remains where x is below 0.",
     "The slope is chosen, not learned; a small one passes little of the gradient. A kink at 0."},
    {"prelu", "slope", "(-inf, inf) for a slope > 0",
     "A leaky relu that learns its slope, one for all units or one for each.",
     "More parameters, which may overfit few rows. A kink at 0."},
    {"elu", "alpha", "(-alpha, inf)",
     "Hidden layers: outputs below 0 bring their mean near 0, which lessens the bias shift, and "
     "units with x below 0 go on learning.",
     "It takes an exponential, and saturates where x is far below 0. A kink at 0 unless alpha is "
     "1."},
    {"hard_logistic", "", "[0, 1]", "A sigmoid without an exponential: its tangent at 0, clipped.",
     "From |x| = 2 on its slope is 0: a unit that is there in every row gets no gradient. Not "
     "centred on 0. Kinks at -2 and 2. PyTorch's Hardsigmoid is another function: x/6 + 1/2, "
     "clipped."},
    {"hard_tanh", "", "[-1, 1]",
     "A tanh without an exponential: its tangent at 0, clipped. Centred on 0.",
     "From |x| = 1 on its slope is 0: a unit that is there in every row gets no gradient. Kinks at "
     "-1 and 1."},
    {"softplus", "", "(0, inf)",
     "Outputs that must be above 0, such as a scale; a relu without its kink.",
     "It takes an exponential and a logarithm, and saturates where x is far below 0. Outputs are "
     "above 0 throughout, not centred on it (bias shift)."},
    {"softmax", "", "(0, 1), with sum 1",
     "The output of a classifier of several classes: a probability for each.",
     "It saturates where one x is far above the others. Only differences count: the same number "
     "added to every x changes nothing. For its logarithm take log_softmax, which keeps the "
     "digits."},
    {"log_softmax", "", "(-inf, 0)",
     "Logarithms of the probabilities of several classes, as a log-likelihood needs them.",
     "Only differences of x count. What is below 0 is not a probability yet: exp(y) is."},
    {"maxout", "pieces", "(-inf, inf)",
     "Hidden layers whose units learn a convex function of their own, the largest of some affine "
     "pieces: relu is that of two of which one is 0. It does not saturate.",
     "As many times the weights as there are pieces; only the largest piece gets a gradient. A "
     "kink wherever two are equal: the first of them takes it all."},
}};

}  // namespace

std::span<const ActivationFacts> activation_facts() { return all_activations; }

const ActivationFacts* find_activation_facts(std::string_view name) {
  const auto* const at =
      std::find_if(all_activations.begin(), all_activations.end(),
                   [name](const ActivationFacts& facts) { return facts.name == name; });
  return at == all_activations.end() ? nullptr : at;
}

std::vector<std::string> names_of_activations() {
  std::vector<std::string> names;
  names.reserve(all_activations.size());
  for (const ActivationFacts& facts : all_activations) names.emplace_back(facts.name);
  return names;
}

}  // namespace apps
