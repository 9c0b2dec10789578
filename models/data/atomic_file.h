// Output files that are written whole or not at all.
//
// Rule for callers: nothing is at the path before commit() has returned. An AtomicFile that is
// destroyed without it, by an exception for instance, leaves what was there before.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace models {

// An output file cannot be written. The message has its path and the system's reason.
class WriteError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What was written to is a pipe that nobody reads any longer, as `| head` leaves it. Seen only by a
// program that ignores SIGPIPE; others are ended by it.
class ClosedPipe : public WriteError {
 public:
  using WriteError::WriteError;
};

// Writes to a new file in the folder of the destination and, at commit(), flushes it to the disk
// and gives it the destination's name, which replaces an old file in one step and keeps its
// permissions. A symbolic link stays one: what it points to is replaced.
//
// The new file of `model.json` is called `.model.json.tapewise`. A process that is killed leaves it
// behind, and the next one that writes to the same destination removes it: there is never more than
// one. A process that writes there at the same time takes another name.
//
// A destination that is not a regular file (/dev/stdout, /dev/null, a named pipe), or that is the
// program's own standard output or error, cannot be replaced and is written to directly.
class AtomicFile {
 public:
  // Throws WriteError, also for a folder or a file without permission to write.
  explicit AtomicFile(const std::filesystem::path& path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  // Appends bytes. Throws WriteError, ClosedPipe where a pipe is written to directly.
  void write(std::string_view bytes);
  // Makes it all visible at the path. Throws WriteError, and then nothing has changed there. To be
  // called once, last.
  void commit();

 private:
  void open_beside(const std::filesystem::path& destination, unsigned permissions);
  bool create(const std::filesystem::path& temporary);
  bool lock_of(const std::filesystem::path& temporary);
  void flush_buffer();
  void close_descriptor();
  [[noreturn]] void fail(int error);

  std::string named_;                  // the path as the user wrote it
  std::filesystem::path destination_;  // behind symbolic links
  std::filesystem::path temporary_;    // empty when written to directly, or committed
  std::string buffer_;
  int descriptor_ = -1;
};

// All of a file at once. Throws WriteError.
void write_file(const std::filesystem::path& path, std::string_view contents);

// Throws WriteError where a file could not be written at the path, before what takes long is done.
// A pipe or a device is not looked at.
void require_writable(const std::filesystem::path& path);

}  // namespace models
