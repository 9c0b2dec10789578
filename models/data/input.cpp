#include "models/data/input.h"

#include <fcntl.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkostemp is not in <cstdlib>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "models/data/errors.h"

namespace models {
namespace {

// Like read() and pread(), but neither interrupted nor content with less than there is. Negative
// where it fails.
template <class Read>
ssize_t read_all(std::size_t count, Read read_from) {
  std::size_t done = 0;
  while (done < count) {
    const ssize_t more = read_from(done, count - done);
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) return more;
    if (more == 0) break;
    done += static_cast<std::size_t>(more);
  }
  return static_cast<ssize_t>(done);
}

// A file that is gone as soon as it is closed; negative where there can be none.
int temporary_file() {
  std::error_code none;
  std::string path = (std::filesystem::temp_directory_path(none) / "tapewise-XXXXXX").string();
  const int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
  if (descriptor >= 0) ::unlink(path.c_str());
  return descriptor;
}

}  // namespace

std::size_t TextInput::read(char* to, std::size_t count) {
  const std::string_view next = rest_.substr(0, count);
  std::copy(next.begin(), next.end(), to);
  rest_.remove_prefix(next.size());
  return next.size();
}

void FileDescriptor::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

// --- FileInput --------------------------------------------------------------------------------

FileInput::FileInput(const std::string& path, std::string_view hint)
    : FileInput(::open(path.c_str(), O_RDONLY | O_CLOEXEC), path, hint) {}

FileInput FileInput::standard_input() {
  return {::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0), input_name("-"), {}};
}

FileInput::FileInput(int descriptor, std::string name, std::string_view hint)
    : name_(std::move(name)), hint_(hint), descriptor_(descriptor) {
  if (descriptor < 0 || ::fstat(descriptor, &status_) != 0) throw_cannot_read(errno);
  if (S_ISDIR(status_.st_mode)) throw_cannot_read(EISDIR);
  if (!can_rewind()) return;
  const off_t start = ::lseek(descriptor, 0, SEEK_CUR);
  if (start < 0) throw_cannot_read(errno);
  start_ = static_cast<std::size_t>(start);
}

std::size_t FileInput::read(char* to, std::size_t count) {
  const ssize_t done = read_all(count, [&](std::size_t at, std::size_t rest) {
    return ::read(descriptor_.get(), to + at, rest);
  });
  if (done < 0) throw_cannot_read(errno);
  const auto size = static_cast<std::size_t>(done);
  position_ += size;
  if (size < count) refuse_change();
  return size;
}

void FileInput::rewind() {
  if (::lseek(descriptor_.get(), static_cast<off_t>(start_), SEEK_SET) < 0) {
    throw_cannot_read(errno);
  }
  position_ = 0;
}

std::size_t FileInput::size() const {
  const auto end = static_cast<std::size_t>(can_rewind() ? status_.st_size : 0);
  return end - std::min(start_, end);
}

void FileInput::throw_cannot_read(int error) const {
  throw DataError(name_, {0, 0, std::string("cannot be read: ") + std::strerror(error)}, hint_);
}

// At the end. What was read of a file that somebody writes at the same time is neither its old
// contents nor its new ones.
void FileInput::refuse_change() const {
  if (!can_rewind()) return;
  struct stat after {};
  const bool same = ::fstat(descriptor_.get(), &after) == 0 && after.st_size == status_.st_size &&
                    after.st_mtim.tv_sec == status_.st_mtim.tv_sec &&
                    after.st_mtim.tv_nsec == status_.st_mtim.tv_nsec;
  // Files of the system, such as those below /proc, have no size.
  if (same && (status_.st_size == 0 || position_ == size())) return;
  throw DataError(name_, {0, 0, "changed while it was read"}, "Try again when it is complete.");
}

// --- KeptInput --------------------------------------------------------------------------------

KeptInput::KeptInput(FileInput& input)
    : input_(input), file_(temporary_file()), error_(file_.get() < 0 ? errno : 0) {}

std::size_t KeptInput::read(char* to, std::size_t count) {
  std::size_t size = 0;
  if (position_ < kept_) {
    const ssize_t done =
        read_all(std::min(count, kept_ - position_), [&](std::size_t at, std::size_t rest) {
          return ::pread(file_.get(), to + at, rest, static_cast<off_t>(position_ + at));
        });
    if (done < 0 || static_cast<std::size_t>(done) < std::min(count, kept_ - position_)) {
      throw DataError(input_.name(), {0, 0, "cannot be read again from its temporary file"});
    }
    size = static_cast<std::size_t>(done);
  }
  if (size < count) {
    const std::size_t more = input_.read(to + size, count - size);
    keep({to + size, more});
    size += more;
  }
  position_ += size;
  return size;
}

void KeptInput::rewind() {
  if (error_ != 0) {
    throw DataError(input_.name(),
                    {0, 0,
                     std::string("has to be read twice, and cannot be kept in a temporary file: ") +
                         std::strerror(error_)},
                    "Save it as a file and name that.");
  }
  position_ = 0;
}

void KeptInput::keep(std::string_view bytes) {
  while (error_ == 0 && !bytes.empty()) {
    const ssize_t done = ::write(file_.get(), bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) {
      error_ = errno;
      file_.close();  // Room on the disk is given back.
      return;
    }
    kept_ += static_cast<std::size_t>(done);
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
}

// --- All of it --------------------------------------------------------------------------------

std::string file_contents(const std::string& path, std::string_view hint) {
  return within_memory(path, [&] {
    FileInput input(path, hint);
    if (input.size() >= memory_of_the_machine()) throw does_not_fit_into_memory(path);
    constexpr std::size_t block = std::size_t{1} << 16U;
    std::string text;
    for (std::size_t filled = 0, more = std::max(block, input.size() + 1);; more = filled) {
      if (filled + more > memory_of_the_machine()) throw does_not_fit_into_memory(path);
      text.resize(filled + more);
      const std::size_t count = input.read(text.data() + filled, more);
      filled += count;
      if (count < more) {
        text.resize(filled);
        return text;
      }
    }
  });
}

std::size_t memory_of_the_machine() {
  static const std::size_t memory = [] {
    const long pages = ::sysconf(_SC_PHYS_PAGES);
    const long page = ::sysconf(_SC_PAGESIZE);
    if (pages <= 0 || page <= 0) return std::string().max_size();
    return static_cast<std::size_t>(pages) * static_cast<std::size_t>(page);
  }();
  return memory;
}

std::string input_name(const std::string& path) { return path == "-" ? "<stdin>" : path; }

}  // namespace models
