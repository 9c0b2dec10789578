#include "models/data/file_contents.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "models/data/errors.h"

namespace models {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

[[noreturn]] void throw_cannot_read(const std::string& path, std::string_view hint, int error) {
  throw DataError(path, {0, 0, std::string("cannot be read: ") + std::strerror(error)}, hint);
}

}  // namespace

// A pipe has no size, so the size is a hint only.
std::string file_contents(const std::string& path, std::string_view hint) {
  const FileDescriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.get() < 0) throw_cannot_read(path, hint, errno);
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0) throw_cannot_read(path, hint, errno);
  if (S_ISDIR(status.st_mode)) throw_cannot_read(path, hint, EISDIR);
  constexpr std::size_t block = std::size_t{1} << 16U;
  std::string text(std::max(block, static_cast<std::size_t>(status.st_size) + 1), '\0');
  std::size_t filled = 0;
  while (true) {
    if (filled == text.size()) text.resize(text.size() * 2);
    const ssize_t count = ::read(descriptor.get(), text.data() + filled, text.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_cannot_read(path, hint, errno);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  text.resize(filled);
  return text;
}

}  // namespace models
