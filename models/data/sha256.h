// The SHA-256 digest of bytes (FIPS 180-4), by OpenSSL: what `sha256sum` prints.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "models/data/input.h"

namespace models {

class Sha256 {
 public:
  Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  ~Sha256();

  void update(std::string_view bytes);
  // In hexadecimal digits. To be called once, last.
  std::string digest();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string sha256_of(std::string_view bytes);

// Digests what is read from another input, which must outlive it: each byte once, however often it
// is read again.
class DigestedInput final : public Input {
 public:
  explicit DigestedInput(Input& input) : input_(input) {}

  std::size_t read(char* to, std::size_t count) override;
  void rewind() override;
  std::size_t size() const override { return input_.size(); }
  // Of all that has been read. To be called once, last.
  std::string digest() { return sha256_.digest(); }

 private:
  Input& input_;
  Sha256 sha256_;
  std::size_t position_ = 0;
  std::size_t digested_ = 0;
};

}  // namespace models
