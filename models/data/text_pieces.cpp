#include "models/data/text_pieces.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "models/data/dialect.h"
#include "models/data/errors.h"

namespace models {
namespace {

constexpr std::size_t longest_mark = 3;

}  // namespace

char* Piece::room_for(std::size_t count) {
  if (end_ + count > room_.size() && begin_ > 0) {
    std::memmove(room_.data(), room_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ + count > room_.size()) {
    // For a while there are the old room and the new one.
    if (end_ + count > memory_of_the_machine() / 2) throw std::bad_alloc();
    room_.resize(end_ + count);
  }
  return room_.data() + end_;
}

void Piece::append(std::string_view more) {
  std::copy(more.begin(), more.end(), room_for(more.size()));
  grow(more.size());
}

TextPieces::TextPieces(Input& input, std::string file, const CsvOptions& options)
    : input_(input),
      file_(std::move(file)),
      given_(options.encoding),
      size_(options.piece_size > 0 ? options.piece_size : usual_size) {
  begin();
}

void TextPieces::begin() {
  piece_.clear();
  taken_ = 0;
  read_ = input_.read(piece_.room_for(longest_mark), longest_mark);
  piece_.grow(read_);
  has_all_ = read_ < longest_mark;
  const std::optional<Encoding> marked = marked_encoding(text());
  encoding_ = given_.value_or(marked.value_or(Encoding::utf8));
  if (marked && *marked != encoding_) {
    throw DataError(file_,
                    {1, 1,
                     "the byte order mark is that of " + std::string(encoding_name(*marked)) +
                         ", not of " + std::string(encoding_name(encoding_))},
                    "Leave --encoding out.");
  }
  piece_.remove_prefix(text().size() - without_mark(text(), encoding_).size());
  decoder_ = Decoder(encoding_);
  if (encoding_ == Encoding::utf8) return;
  const std::string first(text());
  piece_.clear();
  piece_.append(decoder_.decoded(first, has_all_));
}

void TextPieces::extend() {
  if (has_all_) return;
  const std::size_t count = std::max(size_, text().size());
  const bool is_utf8 = encoding_ == Encoding::utf8;
  if (!is_utf8) bytes_.resize(count);
  char* const to = is_utf8 ? piece_.room_for(count) : bytes_.data();
  const std::size_t more = input_.read(to, count);
  read_ += more;
  has_all_ = more < count;
  if (is_utf8) {
    piece_.grow(more);
  } else {
    piece_.append(decoder_.decoded(std::string_view(bytes_).substr(0, more), has_all_));
  }
}

void TextPieces::take(std::size_t size) {
  piece_.remove_prefix(size);
  taken_ += size;
}

void TextPieces::take(std::size_t size, Piece& piece) {
  piece.clear();
  piece.append(text().substr(size));
  std::swap(piece, piece_);
  piece.remove_suffix(text().size());
  taken_ += size;
}

void TextPieces::restart() {
  input_.rewind();
  begin();
  while (text().size() < start_ && !has_all_) extend();
  take(std::min(start_, text().size()));
}

double TextPieces::expected_size() const {
  const auto decoded = static_cast<double>(taken_ + text().size());
  return static_cast<double>(input_.size()) * decoded /
         static_cast<double>(std::max<std::size_t>(read_, 1));
}

}  // namespace models
