// The text of an input, decoded to UTF-8 while it is read piece by piece, so that only a few pieces
// are in memory at any time.
//
// Rule for callers: look at text(), take() what you are done with, and extend() it where you need
// more. A view of text() lives until the next of these.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "models/data/csv_options.h"
#include "models/data/encoding.h"
#include "models/data/input.h"

namespace models {

// A text and the memory it is in, which is kept when the text changes.
class Piece {
 public:
  std::string_view text() const { return {room_.data() + begin_, end_ - begin_}; }
  // Where so many more bytes can be written behind the text; they are part of it when grow() says
  // so. Throws std::bad_alloc where that is more than the machine has.
  char* room_for(std::size_t count);
  void grow(std::size_t count) { end_ += count; }
  void remove_prefix(std::size_t count) { begin_ += count; }
  void remove_suffix(std::size_t count) { end_ -= count; }
  void clear() { begin_ = end_ = 0; }
  void append(std::string_view more);

 private:
  std::string room_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

class TextPieces {
 public:
  // So many bytes are read at once. Between an eighth of this and four times as much, reading was
  // measured to take the same time.
  static constexpr std::size_t usual_size = std::size_t{1} << 20U;

  // The encoding is the one of the byte order mark unless the options have one; the mark is not
  // part of the text. Throws DataError where they contradict each other. The input must outlive the
  // pieces; `file` is its name in messages.
  TextPieces(Input& input, std::string file, const CsvOptions& options);

  Encoding encoding() const { return encoding_; }
  // What was read and has not been taken.
  std::string_view text() const { return piece_.text(); }
  // Whether nothing comes behind text().
  bool has_all() const { return has_all_; }
  bool is_done() const { return has_all_ && text().empty(); }
  // Reads another piece behind text(), and twice the text where that is longer already, so that a
  // long record takes no more than linear time.
  void extend();

  // The first so many bytes are done with.
  void take(std::size_t size);
  // The same, but the bytes go into a piece of their own, which brings room for the next ones.
  void take(std::size_t size, Piece& piece);

  // restart() comes back to here.
  void set_start() { start_ = taken_; }
  void restart();

  // About how many bytes of text there are from the beginning, by what was read so far; 0 where
  // that is not known.
  double expected_size() const;

 private:
  void begin();

  Input& input_;
  std::string file_;
  std::optional<Encoding> given_;
  std::size_t size_;
  Encoding encoding_ = Encoding::utf8;
  Decoder decoder_;
  std::string bytes_;  // as they were read, where they are not UTF-8
  Piece piece_;
  bool has_all_ = false;
  std::size_t read_ = 0;   // bytes of the input
  std::size_t taken_ = 0;  // bytes of text
  std::size_t start_ = 0;
};

}  // namespace models
