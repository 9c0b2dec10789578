#include "models/data/atomic_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <system_error>

#include "models/data/errors.h"
#include "models/data/input.h"

namespace models {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t buffer_size = std::size_t{1} << 16U;

[[noreturn]] void throw_write_error(const std::string& path, int error) {
  const std::string message = location(path) + ": cannot be written: " + std::strerror(error);
  if (error == EPIPE) throw ClosedPipe(message);
  throw WriteError(message);
}

// Where a chain of symbolic links ends, whether or not anything is there. ELOOP after 40 links, as
// the system has it.
fs::path behind_links(const fs::path& path) {
  constexpr int links_at_most = 40;
  fs::path end = path;
  std::error_code error;
  for (int links = 0; fs::is_symlink(end, error); ++links) {
    if (links == links_at_most) throw_write_error(path.string(), ELOOP);
    const fs::path next = fs::read_symlink(end, error);
    if (error) throw_write_error(path.string(), error.value());
    end = next.is_absolute() ? next : end.parent_path() / next;
  }
  return end;
}

// The descriptor of standard output or error if that is what the path leads to.
std::optional<int> own_stream(const struct stat& status) {
  for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
    struct stat own {};
    if (::fstat(descriptor, &own) == 0 && own.st_dev == status.st_dev &&
        own.st_ino == status.st_ino) {
      return descriptor;
    }
  }
  return std::nullopt;
}

// A name no other process or call makes at the same time; O_EXCL sees to it that nothing is lost if
// one does.
std::string unique_name() {
  static std::atomic<unsigned> counter{0};
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  return ".tapewise-" + std::to_string(::getpid()) + "-" + std::to_string(now) + "-" +
         std::to_string(counter++) + ".tmp";
}

// Whether the file that is open is still the one of that name.
bool is_at(int descriptor, const fs::path& path) {
  struct stat own {};
  struct stat named {};
  return ::fstat(descriptor, &own) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         own.st_dev == named.st_dev && own.st_ino == named.st_ino;
}

// Whoever writes to a temporary file holds a lock on it, which ends with the process.
bool lock(int descriptor) { return ::flock(descriptor, LOCK_EX | LOCK_NB) == 0; }

// Removes what a killed process left behind. Nobody else removes it meanwhile, or takes its name,
// since that needs the lock.
void remove_leftover(const fs::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (file.get() >= 0 && lock(file.get()) && is_at(file.get(), path)) ::unlink(path.c_str());
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// So that the new name, too, survives a power cut. Not every file system can; it is not an error.
void flush_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

AtomicFile::AtomicFile(const fs::path& path) : named_(path.string()) {
  if (!path.has_filename()) fail(path.empty() ? ENOENT : EISDIR);
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (!exists && errno != ENOENT) fail(errno);
  if (exists && S_ISDIR(status.st_mode)) fail(EISDIR);
  buffer_.reserve(buffer_size);
  const std::optional<int> own = exists ? own_stream(status) : std::nullopt;
  if (own) {
    descriptor_ = ::fcntl(*own, F_DUPFD_CLOEXEC, 0);
  } else if (exists && !S_ISREG(status.st_mode)) {
    descriptor_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
  } else {
    if (exists && ::access(path.c_str(), W_OK) != 0) fail(errno);
    open_beside(behind_links(path), exists ? status.st_mode & 07777U : 0U);
  }
  if (descriptor_ < 0) fail(errno);
}

AtomicFile::~AtomicFile() {
  close_descriptor();
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

// `permissions` are those of the file to be replaced, 0 if there is none.
void AtomicFile::open_beside(const fs::path& destination, unsigned permissions) {
  destination_ = destination;
  const fs::path folder = folder_of(destination_);
  const fs::path usual = folder / ("." + destination_.filename().string() + ".tapewise");
  remove_leftover(usual);
  // The usual name may be taken or too long, and file systems without locks have no use for it.
  if (!create(usual) || !lock_of(usual)) {
    constexpr int attempts = 100;
    int attempt = 0;
    while (!create(folder / unique_name()) && errno == EEXIST && ++attempt < attempts) {
    }
  }
  if (descriptor_ < 0) fail(errno);
  if (permissions != 0 && ::fchmod(descriptor_, permissions) != 0) fail(errno);
}

// Whether the new file of that name is this object's alone; without a lock it is closed again.
bool AtomicFile::lock_of(const fs::path& temporary) {
  if (lock(descriptor_)) {
    if (is_at(descriptor_, temporary)) return true;
  } else if (errno != EWOULDBLOCK) {
    ::unlink(temporary.c_str());  // Where there are no locks, nobody else removes it.
  }
  close_descriptor();
  return false;
}

// A file of that name, unless there is one.
bool AtomicFile::create(const fs::path& temporary) {
  descriptor_ = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  const int error = errno;
  temporary_ = descriptor_ < 0 ? fs::path() : temporary;
  errno = error;
  return descriptor_ >= 0;
}

void AtomicFile::write(std::string_view bytes) {
  if (buffer_.size() + bytes.size() > buffer_size) flush_buffer();
  buffer_ += bytes;
  if (buffer_.size() >= buffer_size) flush_buffer();
}

void AtomicFile::flush_buffer() {
  std::string_view left = buffer_;
  while (!left.empty()) {
    const ssize_t count = ::write(descriptor_, left.data(), left.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(errno);
    left.remove_prefix(static_cast<std::size_t>(count));
  }
  buffer_.clear();
}

void AtomicFile::commit() {
  flush_buffer();
  if (temporary_.empty()) {
    close_descriptor();
    return;
  }
  if (::fsync(descriptor_) != 0) fail(errno);
  const FileDescriptor keeps_the_lock(::fcntl(descriptor_, F_DUPFD_CLOEXEC, 0));
  // close() may report a write that failed late (network file systems).
  const int descriptor = descriptor_;
  descriptor_ = -1;
  if (::close(descriptor) != 0) fail(errno);
  if (::rename(temporary_.c_str(), destination_.c_str()) != 0) fail(errno);
  temporary_.clear();
  flush_folder(folder_of(destination_));
}

void AtomicFile::close_descriptor() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

// The destructor of a half-built object is not called, so everything is put back here.
void AtomicFile::fail(int error) {
  close_descriptor();
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  temporary_.clear();
  throw_write_error(named_, error);
}

void write_file(const fs::path& path, std::string_view contents) {
  AtomicFile file(path);
  file.write(contents);
  file.commit();
}

void require_writable(const std::filesystem::path& path) {
  std::error_code none_there;
  const auto status = std::filesystem::status(path, none_there);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status) &&
      !std::filesystem::is_directory(status)) {
    return;
  }
  const AtomicFile never_committed(path);
}

}  // namespace models
