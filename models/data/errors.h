// What can be wrong with the data, said so that its owner can put it right.
//
// Everything in models/data that finds fault with a file throws one of these two types; the program
// turns them into exit codes 4 and 5. Rule for whoever throws: give the line and the field where
// the fault is, quote what was seen there through in_quotes(), and say what to do next where there
// is something to do.
#pragma once

#include <cstddef>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autograd/quotation.h"

namespace models {

using autograd::in_quotes;
using autograd::printable;

// One fault in a file. Lines and fields are counted from 1, as editors and spreadsheets do; 0 means
// "no line in particular" or "the whole line".
struct Problem {
  std::size_t line = 0;
  std::size_t field = 0;
  std::string text;  // what was seen, such as `column gpa: "3.6l" is not a number`
};

// The data cannot be used: the message has a line per problem,
// `data.csv:52:3: column gpa: "3.6l" is not a number`, at most ten of them with the number of all,
// then the hint, if any, on a line of its own.
class DataError : public std::runtime_error {
 public:
  // The whole message.
  explicit DataError(const std::string& message) : std::runtime_error(message) {}
  DataError(std::string_view file, const Problem& problem, std::string_view hint = {});
  // `shown` are the problems to be printed, in the order of the file, out of `count` in all.
  DataError(std::string_view file, const std::vector<Problem>& shown, std::size_t count,
            std::string_view hint = {});
};

// What is said of a file where memory for it ran out.
DataError does_not_fit_into_memory(std::string_view file);

// Calls work(), which reads the file or computes with what was in it, and says of the file that it
// is too large where that runs out of memory.
template <class Work>
auto within_memory(std::string_view file, const Work& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    throw does_not_fit_into_memory(file);
  } catch (const std::length_error&) {  // more elements than a container can count
    throw does_not_fit_into_memory(file);
  }
}

// The data may be good, but it is not what the model was trained on. The message names the columns,
// and so does columns().
class ModelDataMismatch : public std::runtime_error {
 public:
  ModelDataMismatch(const std::string& message, std::vector<std::string> columns)
      : std::runtime_error(message), columns_(std::move(columns)) {}

  const std::vector<std::string>& columns() const noexcept { return columns_; }

 private:
  std::vector<std::string> columns_;
};

// Collects the problems of one file, so that a reader can find them all and report them at once.
// Keeps the ten that come first in the file and counts the others, however many there are.
class Problems {
 public:
  static constexpr std::size_t shown_at_most = 10;

  explicit Problems(std::string file) : file_(std::move(file)) {}

  void add(std::size_t line, std::size_t field, std::string text);
  // Those found in a later part of the file that begins behind so many lines.
  void append(const Problems& later, std::size_t lines);
  // What to do next; the hint that was given first stays.
  void hint(std::string_view text);

  const std::string& file() const noexcept { return file_; }
  bool empty() const noexcept { return count_ == 0; }
  std::size_t count() const noexcept { return count_; }
  // The first ten in the order of the file: by line, then by field.
  const std::vector<Problem>& first() const noexcept { return first_; }

  // What a DataError says of all that was collected.
  std::string message() const;
  // Throws a DataError with all that was collected, if anything was.
  void throw_if_any() const;

 private:
  std::string file_;
  std::vector<Problem> first_;
  std::size_t count_ = 0;
  std::string hint_;
};

// "column gpa: ", the beginning of what is said of a column.
std::string column_prefix(std::string_view name);

// `data.csv:52:3`, or less of it where line or field are 0.
std::string location(std::string_view file, std::size_t line = 0, std::size_t field = 0);

// The names separated by commas, at most `most` of them: `a, b, c and 7 more`.
std::string listed(const std::vector<std::string>& names,
                   std::size_t most = Problems::shown_at_most);

}  // namespace models
