#include "models/data/input.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "models/data/csv.h"
#include "models/data/errors.h"
#include "tests/models/data/support.h"
#include "tests/sanitized.h"

namespace models {
namespace {

using testing::message_of;
using testing::put;
using testing::TemporaryFolder;

std::string next(Input& input, std::size_t count) {
  std::string text(count, '\0');
  text.resize(input.read(text.data(), count));
  return text;
}

// A file, and what happens to it while it is read.
class InputFile : public ::testing::Test {
 protected:
  InputFile() { put(path_, "0123456789"); }

  std::string changed() const {
    return path_ + ": changed while it was read\nTry again when it is complete.";
  }
  void append() const { std::ofstream(path_, std::ios::app) << "more"; }

  TemporaryFolder folder_;
  std::string path_ = folder_ / "f";
};

TEST_F(InputFile, IsReadInOrderAndAgainFromTheBeginning) {
  FileInput input(path_);
  EXPECT_EQ(input.size(), 10U);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(next(input, 4), "0123");
    EXPECT_EQ(next(input, 100), "456789");
    EXPECT_EQ(next(input, 1), "");
    input.rewind();
  }
}

TEST_F(InputFile, ThatGrowsWhileItIsReadIsRefused) {
  FileInput input(path_);
  next(input, 4);
  append();
  EXPECT_EQ(message_of<DataError>([&] { next(input, 100); }), changed());
}

TEST_F(InputFile, ThatShrinksBetweenTwoPiecesIsRefused) {
  FileInput input(path_);
  next(input, 4);
  std::filesystem::resize_file(path_, 6);
  EXPECT_EQ(message_of<DataError>([&] { next(input, 100); }), changed());
}

TEST_F(InputFile, ThatIsEmptiedBetweenTwoPiecesIsRefused) {
  FileInput input(path_);
  next(input, 4);
  std::filesystem::resize_file(path_, 0);
  EXPECT_EQ(message_of<DataError>([&] { next(input, 100); }), changed());
}

TEST_F(InputFile, ThatChangesBetweenTwoReadingsIsRefused) {
  FileInput input(path_);
  next(input, 100);
  append();
  input.rewind();
  EXPECT_EQ(message_of<DataError>([&] { next(input, 100); }), changed());
}

// It is open, and stays what it was.
TEST_F(InputFile, WhoseNameIsTakenAwayOrGivenToAnotherIsReadToItsEnd) {
  FileInput input(path_);
  EXPECT_EQ(next(input, 4), "0123");
  std::filesystem::remove(path_);
  EXPECT_EQ(next(input, 2), "45");
  put(path_, "another");
  EXPECT_EQ(next(input, 100), "6789");
  input.rewind();
  EXPECT_EQ(next(input, 100), "0123456789");
}

// Does something before the n-th reading of a file.
class Interrupted final : public Input {
 public:
  Interrupted(Input& input, int before, std::function<void()> event)
      : input_(input), before_(before), event_(std::move(event)) {}
  std::size_t read(char* to, std::size_t count) override {
    if (--before_ == 0) event_();
    return input_.read(to, count);
  }
  void rewind() override { input_.rewind(); }
  std::size_t size() const override { return input_.size(); }

 private:
  Input& input_;
  int before_;
  std::function<void()> event_;
};

std::string numbers(std::size_t rows, std::string_view last) {
  std::string text = "a,b\n";
  for (std::size_t i = 0; i < rows; ++i) text += std::to_string(i) + ".5,1\n";
  return text.append(last);
}

// Whenever it happens, with one thread or two, there is an error and no table. The last cell makes
// the reader read twice.
TEST_F(InputFile, ThatShrinksAtAnyMomentGivesNoTable) {
  const std::string text = numbers(300, "x,1\n");
  int readings = 0;
  for (const unsigned threads : {1U, 2U}) {
    for (bool interrupted = true; interrupted; ++readings) {
      put(path_, text);
      FileInput file(path_);
      interrupted = false;
      const int before = readings % 100 + 1;
      Interrupted input(file, before, [&] {
        interrupted = true;
        std::filesystem::resize_file(path_, text.size() / 2);
      });
      const CsvOptions options{
          .columns = {{"a", ColumnUse::none}}, .threads = threads, .piece_size = 256};
      if (before == 100) break;
      try {
        EXPECT_EQ(read_csv(input, path_, options).rows(), 301U);
        EXPECT_FALSE(interrupted) << "before reading " << before;
      } catch (const DataError& error) {
        EXPECT_EQ(error.what(), changed()) << "before reading " << before;
      }
    }
    EXPECT_GT(readings, 15);
    readings = 0;
  }
}

TEST_F(InputFile, IsNotReadAgainFromAPipeButFromWhatWasKept) {
  const std::string pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] { put(pipe, "0123456789"); });
  FileInput file(pipe);
  EXPECT_FALSE(file.can_rewind());
  EXPECT_EQ(file.size(), 0U);
  KeptInput kept(file);
  EXPECT_EQ(next(kept, 4), "0123");
  kept.rewind();
  EXPECT_EQ(next(kept, 2), "01");
  EXPECT_EQ(next(kept, 4), "2345");
  EXPECT_EQ(next(kept, 100), "6789");
  kept.rewind();
  EXPECT_EQ(next(kept, 100), "0123456789");
  writer.join();
}

// --- Memory -----------------------------------------------------------------------------------

// The largest memory that a process of its own has had in use, in KiB, after it has called work().
template <class Work>
long memory_in_use(Work work) {
  const pid_t process = ::fork();
  if (process == 0) {
    work();
    ::_exit(0);
  }
  int status = 0;
  rusage usage{};
  ::wait4(process, &status, 0, &usage);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  return usage.ru_maxrss;
}

// A text of so many bytes, of which nothing is in memory: one record over and over.
class Repeated final : public Input {
 public:
  Repeated(std::string header, std::string record, std::size_t size)
      : header_(std::move(header)), record_(std::move(record)), size_(size) {}
  std::size_t read(char* to, std::size_t count) override {
    std::size_t done = 0;
    for (; done < count && at_ < size_; ++done, ++at_) {
      to[done] =
          at_ < header_.size() ? header_[at_] : record_[(at_ - header_.size()) % record_.size()];
    }
    return done;
  }
  void rewind() override { at_ = 0; }
  std::size_t size() const override { return size_; }

 private:
  std::string header_;
  std::string record_;
  std::size_t size_;
  std::size_t at_ = 0;
};

// Of long texts that repeat themselves the table has a code, a number with its code, and the line
// per row: 24 bytes for 4 KB.
TEST(CsvMemory, DoesNotGrowWithAFileWhoseTableDoesNot) {
#ifdef TAPEWISE_SANITIZED
  GTEST_SKIP() << "AddressSanitizer keeps what was freed";
#endif
  const std::string record = std::string(4000, 'x') + ",1\n" + std::string(4000, 'y') + ",2\n";
  const auto read = [&](std::size_t records, unsigned threads) {
    return memory_in_use([&] {
      Repeated input("text,n\n", record, 7 + records * record.size());
      const CsvOptions options{.threads = threads};
      if (read_csv(input, "f", options).rows() != 2 * records) ::_exit(1);
    });
  };
  for (const unsigned threads : {1U, 2U}) {
    const long small = read(1000, threads);   // 8 MB
    const long large = read(20000, threads);  // 160 MB
    EXPECT_LT(large - small, 8 * 1024) << threads << " threads, in KiB";
  }
}

// Eight bytes per number, and a line number per row.
TEST(CsvMemory, OfNumbersIsThatOfTheTable) {
#ifdef TAPEWISE_SANITIZED
  GTEST_SKIP() << "AddressSanitizer keeps what was freed";
#endif
  std::string record;
  for (int i = 0; i < 100; ++i) {
    for (int j = 0; j < 20; ++j)
      record += "0." + std::to_string(100000 + 100 * i + j) + (j < 19 ? "," : "\n");
  }
  constexpr std::size_t rows = 200000;
  constexpr long table = rows * 8 * 21 / 1024;  // in KiB
  const long nothing_yet = memory_in_use([] {});
  const long all = memory_in_use([&] {
    Repeated input("", record, rows / 100 * record.size());
    if (read_csv(input, "f", {.has_header = false, .threads = 2}).rows() != rows) ::_exit(1);
  });
  EXPECT_LT(all - nothing_yet, table + table / 4 + 16 * 1024);
}

// Four bytes per cell, whatever it looked like at first.
TEST(CsvMemory, OfAColumnOfTextIsFourBytesPerCell) {
#ifdef TAPEWISE_SANITIZED
  GTEST_SKIP() << "AddressSanitizer keeps what was freed";
#endif
  constexpr std::size_t rows = 1000000;
  constexpr long columns = 10;
  constexpr long table = rows * (columns * 4 + 8) / 1024;  // in KiB
  const long nothing_yet = memory_in_use([] {});
  const long all = memory_in_use([&] {
    Repeated input("", "1,2,3,4,5,6,7,8,9,1\na,b,c,d,e,f,g,h,i,j\n", rows / 2 * 40);
    if (read_csv(input, "f", {.has_header = false, .threads = 2}).rows() != rows) ::_exit(1);
  });
  EXPECT_LT(all - nothing_yet, table + table / 4 + 16 * 1024);
}

}  // namespace
}  // namespace models
