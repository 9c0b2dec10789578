#include "models/data/errors.h"

#include <algorithm>
#include <tuple>

namespace models {
namespace {

bool comes_before(const Problem& left, const Problem& right) {
  return std::tie(left.line, left.field) < std::tie(right.line, right.field);
}

std::string worded(std::string_view file, const std::vector<Problem>& shown, std::size_t count,
                   std::string_view hint) {
  std::string text;
  for (const Problem& problem : shown) {
    if (!text.empty()) text += '\n';
    text += location(file, problem.line, problem.field) + ": " + problem.text;
  }
  if (count > shown.size()) {
    text.append("\n").append(std::to_string(count)).append(" problems in all, the first ");
    text.append(std::to_string(shown.size())).append(" are shown");
  }
  if (!hint.empty()) text.append("\n").append(hint);
  return text;
}

}  // namespace

DataError::DataError(std::string_view file, const Problem& problem, std::string_view hint)
    : DataError(file, std::vector<Problem>{problem}, 1, hint) {}

DataError::DataError(std::string_view file, const std::vector<Problem>& shown, std::size_t count,
                     std::string_view hint)
    : std::runtime_error(worded(file, shown, count, hint)) {}

DataError does_not_fit_into_memory(std::string_view file) {
  return {file, {0, 0, "does not fit into memory"}};
}

void Problems::add(std::size_t line, std::size_t field, std::string text) {
  ++count_;
  Problem problem{line, field, std::move(text)};
  if (first_.size() == shown_at_most) {
    if (!comes_before(problem, first_.back())) return;
    first_.pop_back();
  }
  first_.insert(std::upper_bound(first_.begin(), first_.end(), problem, comes_before),
                std::move(problem));
}

void Problems::append(const Problems& later, std::size_t lines) {
  for (const Problem& problem : later.first_)
    add(problem.line + lines, problem.field, problem.text);
  count_ += later.count_ - later.first_.size();
  hint(later.hint_);
}

void Problems::hint(std::string_view text) {
  if (hint_.empty()) hint_ = text;
}

std::string Problems::message() const { return worded(file_, first_, count_, hint_); }

void Problems::throw_if_any() const {
  if (!empty()) throw DataError(file_, first_, count_, hint_);
}

std::string column_prefix(std::string_view name) { return "column " + printable(name) + ": "; }

std::string location(std::string_view file, std::size_t line, std::size_t field) {
  std::string text = file.empty() ? "\"\"" : "";
  autograd::append_escaped(text, file, true);
  if (line > 0) text.append(":").append(std::to_string(line));
  if (line > 0 && field > 0) text.append(":").append(std::to_string(field));
  return text;
}

std::string listed(const std::vector<std::string>& names, std::size_t most) {
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) {
    if (i > 0) out += ", ";
    out += printable(names[i]);
  }
  if (names.size() > most) out += " and " + std::to_string(names.size() - most) + " more";
  return out;
}

}  // namespace models
