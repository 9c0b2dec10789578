// Memory of a tape: blocks of 64-byte aligned elements that are handed out one after the other and
// taken back all at once.
//
// Rule for callers: what allocate() returns stays where it is until rewind() or clear() passes it;
// capacity is kept, so that the second training step allocates nothing on the heap.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <vector>

namespace autograd {

template <class T>
class Arena {
 public:
  static constexpr std::size_t alignment = 64;

  struct Mark {
    std::size_t block = 0;
    std::size_t used = 0;
  };

  // Room for `count` elements, not initialised. Aligned to 64 bytes from 64 bytes on, so that a
  // long run of scalars stays dense and everything larger starts a cache line.
  T* allocate(std::size_t count) {
    constexpr std::size_t line = alignment / sizeof(T);
    const bool aligned = count >= line;
    std::size_t start = aligned ? (used_ + line - 1) / line * line : used_;
    if (blocks_.empty() || start + count > blocks_[block_].size) {
      next_block(count);
      start = 0;
    }
    used_ = start + count;
    return blocks_[block_].data.get() + start;
  }

  [[nodiscard]] Mark mark() const { return {block_, used_}; }
  void rewind(Mark mark) {
    block_ = mark.block;
    used_ = mark.used;
  }
  void clear() { rewind({}); }

  // Elements that fit into the memory held.
  [[nodiscard]] std::size_t capacity() const {
    std::size_t total = 0;
    for (const Block& block : blocks_) total += block.size;
    return total;
  }

 private:
  struct Free {
    void operator()(T* data) const { ::operator delete (data, std::align_val_t{alignment}); }
  };
  struct Block {
    std::unique_ptr<T, Free> data;
    std::size_t size = 0;
  };

  // Rare, and kept out of the way of allocate().
  [[gnu::noinline]] void next_block(std::size_t count) {
    const std::size_t next = blocks_.empty() ? 0 : block_ + 1;
    // A kept block may be too small for what comes now; a larger one takes its place in line.
    if (next == blocks_.size() || blocks_[next].size < count) {
      constexpr std::size_t smallest = 4096;
      const std::size_t size = std::max({count, smallest, capacity()});
      void* memory = ::operator new (size * sizeof(T), std::align_val_t{alignment});
      Block block{std::unique_ptr<T, Free>(static_cast<T*>(memory)), size};
      blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(next), std::move(block));
    }
    block_ = next;  // Only now: where memory ran out, nothing has changed.
    used_ = 0;
  }

  std::vector<Block> blocks_;
  std::size_t block_ = 0;
  std::size_t used_ = 0;
};

}  // namespace autograd
