// Where bytes come from: a file, standard input, a text in memory.
//
// Rule for callers: bytes come in order, and from the beginning again as often as rewind() is
// called. A file that changes meanwhile is an error: DataError, with the name of the input.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace models {

class Input {
 public:
  Input() = default;
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  virtual ~Input() = default;

  // Reads as many bytes as are asked for, and fewer only at the end.
  virtual std::size_t read(char* to, std::size_t count) = 0;
  virtual void rewind() = 0;
  // Of all bytes, where that is known before they are read; 0 elsewhere.
  virtual std::size_t size() const = 0;
};

// The text must outlive the input.
class TextInput final : public Input {
 public:
  explicit TextInput(std::string_view text) : text_(text), rest_(text) {}

  std::size_t read(char* to, std::size_t count) override;
  void rewind() override { rest_ = text_; }
  std::size_t size() const override { return text_.size(); }

 private:
  std::string_view text_;
  std::string_view rest_;
};

// An open file that is closed in the end.
class FileDescriptor {
 public:
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() { close(); }

  int get() const noexcept { return descriptor_; }
  void close();

 private:
  int descriptor_;
};

// A file, or whatever the system shows as one. It is opened once, so that another file that takes
// its name meanwhile does not matter.
class FileInput final : public Input {
 public:
  // Throw DataError with the system's reason, and the hint, where it cannot be read.
  explicit FileInput(const std::string& path, std::string_view hint = {});
  static FileInput standard_input();

  std::size_t read(char* to, std::size_t count) override;
  // Only where can_rewind(): a pipe cannot.
  void rewind() override;
  std::size_t size() const override;

  bool can_rewind() const { return S_ISREG(status_.st_mode); }
  const std::string& name() const { return name_; }

 private:
  FileInput(int descriptor, std::string name, std::string_view hint);
  [[noreturn]] void throw_cannot_read(int error) const;
  void refuse_change() const;

  std::string name_;
  std::string hint_;
  FileDescriptor descriptor_;
  struct stat status_ {};  // when it was opened
  std::size_t start_ = 0;  // standard input may be a file that somebody has read from before
  std::size_t position_ = 0;
};

// What can be read once only, such as a pipe, as something that can be read again. What came out of
// it is kept in a temporary file without a name, not in memory, which a table is to have for
// itself. Few inputs are read again, so that it does not matter before that if nothing can be kept.
class KeptInput final : public Input {
 public:
  // The input must outlive this.
  explicit KeptInput(FileInput& input);

  std::size_t read(char* to, std::size_t count) override;
  // Throws DataError where not everything could be kept.
  void rewind() override;
  std::size_t size() const override { return 0; }

 private:
  void keep(std::string_view bytes);

  FileInput& input_;
  FileDescriptor file_;
  int error_ = 0;         // why nothing is kept
  std::size_t kept_ = 0;  // bytes
  std::size_t position_ = 0;
};

// Everything up to the end of a file; throws what FileInput throws, and a DataError where it does
// not fit into memory.
std::string file_contents(const std::string& path, std::string_view hint = {});

// All the memory of the machine. More than that is not to be asked for: the system might promise
// it, and then end the program for using it.
std::size_t memory_of_the_machine();

// What messages call a file that the user named so: `-` is standard input.
std::string input_name(const std::string& path);

}  // namespace models
