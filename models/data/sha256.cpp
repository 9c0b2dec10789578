#include "models/data/sha256.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace models {
namespace {

void require_done(int result) {
  if (result != 1) throw std::runtime_error("OpenSSL cannot compute SHA-256");
}

}  // namespace

struct Sha256::Context {
  EVP_MD_CTX* md = EVP_MD_CTX_new();
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  require_done(context_->md == nullptr ? 0 : 1);
  require_done(EVP_DigestInit_ex(context_->md, EVP_sha256(), nullptr));
}

Sha256::~Sha256() { EVP_MD_CTX_free(context_->md); }

void Sha256::update(std::string_view bytes) {
  require_done(EVP_DigestUpdate(context_->md, bytes.data(), bytes.size()));
}

std::string Sha256::digest() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  require_done(EVP_DigestFinal_ex(context_->md, bytes.data(), &size));
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += digits[bytes.at(i) >> 4U];
    text += digits[bytes.at(i) & 15U];
  }
  return text;
}

std::string sha256_of(std::string_view bytes) {
  Sha256 sha256;
  sha256.update(bytes);
  return sha256.digest();
}

std::size_t DigestedInput::read(char* to, std::size_t count) {
  const std::size_t got = input_.read(to, count);
  const std::size_t known = std::min(got, digested_ - std::min(digested_, position_));
  sha256_.update({to + known, got - known});
  position_ += got;
  digested_ = std::max(digested_, position_);
  return got;
}

void DigestedInput::rewind() {
  input_.rewind();
  position_ = 0;
}

}  // namespace models
