#pragma once
#include <optional>
#include <span>
#include <vector>
namespace models {
struct Metrics { double accuracy = 0, log_loss = 0, brier = 0; std::optional<double> auc; std::optional<double> f1; std::vector<std::vector<double>> confusion; };
Metrics metrics_of(std::span<const double> labels, std::span<const double> log_probabilities, std::size_t classes, std::span<const double> weights = {});
}
