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

// All the memory of the machine. More than that is not asked for: the system might promise it, and
// then end the program for using it.
std::size_t largest_file() {
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page = ::sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page <= 0) return std::string().max_size();
  return static_cast<std::size_t>(pages) * static_cast<std::size_t>(page);
}

// What was read of a file that somebody writes at the same time is neither its old contents nor its
// new ones.
void refuse_change(const std::string& path, int descriptor, const struct stat& before,
                   std::size_t size) {
  if (!S_ISREG(before.st_mode)) return;
  struct stat after {};
  const bool same = ::fstat(descriptor, &after) == 0 && after.st_size == before.st_size &&
                    after.st_mtim.tv_sec == before.st_mtim.tv_sec &&
                    after.st_mtim.tv_nsec == before.st_mtim.tv_nsec;
  // Files of the system, such as those below /proc, have no size.
  if (same && (before.st_size == 0 || static_cast<std::size_t>(after.st_size) == size)) return;
  throw DataError(path, {0, 0, "changed while it was read"}, "Try again when it is complete.");
}

// A pipe has no size, so the size is a hint only.
std::string contents_of(const std::string& path, std::string_view hint) {
  const FileDescriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.get() < 0) throw_cannot_read(path, hint, errno);
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0) throw_cannot_read(path, hint, errno);
  if (S_ISDIR(status.st_mode)) throw_cannot_read(path, hint, EISDIR);
  constexpr std::size_t block = std::size_t{1} << 16U;
  static const std::size_t limit = largest_file();
  const auto expected = static_cast<std::size_t>(status.st_size);
  if (expected >= limit) throw does_not_fit_into_memory(path);
  std::string text(std::max(block, expected + 1), '\0');
  std::size_t filled = 0;
  while (true) {
    if (filled == text.size()) {
      if (text.size() > limit / 2) throw does_not_fit_into_memory(path);
      text.resize(text.size() * 2);
    }
    const ssize_t count = ::read(descriptor.get(), text.data() + filled, text.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_cannot_read(path, hint, errno);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  text.resize(filled);
  refuse_change(path, descriptor.get(), status, filled);
  return text;
}

}  // namespace

std::string file_contents(const std::string& path, std::string_view hint) {
  return within_memory(path, [&] { return contents_of(path, hint); });
}

}  // namespace models
