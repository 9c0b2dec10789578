#include "models/data/atomic_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/models/data/support.h"

namespace models {
namespace {

namespace fs = std::filesystem;

using testing::get;
using testing::message_of;
using testing::put;
using testing::TemporaryFolder;

std::size_t files_in(const TemporaryFolder& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()));
}

TEST(AtomicFile, WritesANewFileWhole) {
  const TemporaryFolder folder;
  std::string contents(300000, 'x');
  contents[150000] = '\0';
  write_file(folder / "out", contents);
  EXPECT_EQ(get(folder / "out"), contents);
  EXPECT_EQ(files_in(folder), 1U);
}

TEST(AtomicFile, ShowsNothingBeforeItIsCommitted) {
  const TemporaryFolder folder;
  put(folder / "out", "old");
  AtomicFile file(folder / "out");
  file.write("new ");
  file.write(std::string(200000, 'x'));
  EXPECT_EQ(get(folder / "out"), "old");
  file.commit();
  EXPECT_EQ(get(folder / "out"), "new " + std::string(200000, 'x'));
  EXPECT_EQ(files_in(folder), 1U);
}

TEST(AtomicFile, RemovesWhatAKilledProcessLeftBehind) {
  const TemporaryFolder folder;
  put(folder / "out", "old");
  for (int killed = 0; killed < 3; ++killed) {
    const pid_t process = ::fork();
    if (process == 0) {
      AtomicFile file(folder / "out");
      file.write(std::string(200000, 'x'));
      ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(process, &status, 0), process);
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(get(folder / "out"), "old");
    EXPECT_EQ(files_in(folder), 2U) << "one is left behind, not one of each";
  }
  write_file(folder / "out", "new");
  EXPECT_EQ(get(folder / "out"), "new");
  EXPECT_EQ(files_in(folder), 1U);
}

TEST(AtomicFile, LeavesTheFileOfAnotherWriterAlone) {
  const TemporaryFolder folder;
  AtomicFile first(folder / "out");
  AtomicFile second(folder / "out");
  first.write("first");
  second.write("second");
  second.commit();
  EXPECT_EQ(get(folder / "out"), "second");
  first.commit();
  EXPECT_EQ(get(folder / "out"), "first");
  EXPECT_EQ(files_in(folder), 1U);
}

// Its temporary name has more letters than a name may have.
TEST(AtomicFile, MayHaveTheLongestName) {
  const TemporaryFolder folder;
  const std::string name(255, 'n');
  write_file(folder / name, "text");
  EXPECT_EQ(get(folder / name), "text");
  EXPECT_EQ(files_in(folder), 1U);
}

TEST(AtomicFile, LeavesTheOldFileWhenItIsNotCommitted) {
  const TemporaryFolder folder;
  put(folder / "out", "old");
  { AtomicFile(folder / "out").write("new"); }
  EXPECT_EQ(get(folder / "out"), "old");
  EXPECT_EQ(files_in(folder), 1U);
}

TEST(AtomicFile, HasTheUsualPermissionsOrThoseOfTheFileItReplaces) {
  const TemporaryFolder folder;
  const mode_t mask = ::umask(0027);
  write_file(folder / "new", "x");
  ::umask(mask);
  EXPECT_EQ(fs::status(folder / "new").permissions(), static_cast<fs::perms>(0640));
  put(folder / "old", "x");
  fs::permissions(folder / "old", static_cast<fs::perms>(0604));
  write_file(folder / "old", "y");
  EXPECT_EQ(fs::status(folder / "old").permissions(), static_cast<fs::perms>(0604));
  EXPECT_EQ(get(folder / "old"), "y");
}

TEST(AtomicFile, ReplacesWhatASymbolicLinkPointsTo) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "sub");
  put(folder / "sub/real", "old");
  fs::create_symlink("sub/real", folder / "link");
  fs::create_symlink("link", folder / "link2");
  write_file(folder / "link2", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_TRUE(fs::is_symlink(folder / "link2"));
  EXPECT_EQ(get(folder / "sub/real"), "new");
  fs::create_symlink("sub/later", folder / "dangling");
  write_file(folder / "dangling", "there");
  EXPECT_EQ(get(folder / "sub/later"), "there");
}

TEST(AtomicFile, WritesToANameWithoutFolderAndToALongName) {
  const TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  const std::string longest(255, 'n');
  write_file("out", "x");
  write_file(longest, "y");
  fs::current_path(before);
  EXPECT_EQ(get(folder / "out"), "x");
  EXPECT_EQ(get(folder / longest), "y");
  EXPECT_EQ(files_in(folder), 2U);
}

TEST(AtomicFile, NamesThePathAndTheReasonWhenItCannotBeWritten) {
  const TemporaryFolder folder;
  const auto message = [&](const fs::path& path) {
    return message_of<WriteError>([&] { write_file(path, "x"); });
  };
  const std::string missing = folder / "no/such/out";
  EXPECT_EQ(message(missing), missing + ": cannot be written: No such file or directory");
  EXPECT_EQ(message(folder.path()), folder.path().string() + ": cannot be written: Is a directory");
  const std::string slash = folder / "out/";
  EXPECT_EQ(message(slash), slash + ": cannot be written: Is a directory");
  put(folder / "file", "x");
  const std::string below = folder / "file/out";
  EXPECT_EQ(message(below), below + ": cannot be written: Not a directory");
  EXPECT_EQ(message(""), "\"\": cannot be written: No such file or directory");
  fs::create_symlink("loop", folder / "loop");
  const std::string loop = folder / "loop";
  EXPECT_EQ(message(loop), loop + ": cannot be written: Too many levels of symbolic links");
  EXPECT_EQ(files_in(folder), 2U);
}

TEST(AtomicFile, KeepsAFileThatIsWriteProtected) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everything";
  const TemporaryFolder folder;
  put(folder / "out", "old");
  fs::permissions(folder / "out", fs::perms::owner_read);
  EXPECT_THROW(write_file(folder / "out", "new"), WriteError);
  EXPECT_EQ(get(folder / "out"), "old");
}

// A limit on the size of files stands for a full disk; the signal that comes with it is ignored.
TEST(AtomicFile, LeavesTheOldFileAndNoOtherWhenTheDiskIsFull) {
  const TemporaryFolder folder;
  put(folder / "out", "old");
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 100000;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string message =
      message_of<WriteError>([&] { write_file(folder / "out", std::string(300000, 'x')); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(message, (folder / "out").string() + ": cannot be written: File too large");
  EXPECT_EQ(get(folder / "out"), "old");
  EXPECT_EQ(files_in(folder), 1U);
}

TEST(AtomicFile, WritesDirectlyToWhatIsNotARegularFile) {
  write_file("/dev/null", "x");
  EXPECT_EQ(fs::status("/dev/null").type(), fs::file_type::character);
  EXPECT_EQ(message_of<WriteError>([] { write_file("/dev/full", "x"); }),
            "/dev/full: cannot be written: No space left on device");
  const TemporaryFolder folder;
  const std::string pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::string received;
  std::thread reader([&] { received = get(pipe); });
  write_file(pipe, "through the pipe");
  reader.join();
  EXPECT_EQ(received, "through the pipe");
  EXPECT_EQ(fs::status(pipe).type(), fs::file_type::fifo);
}

// What was printed before stays, and what is printed afterwards follows.
TEST(AtomicFile, WritesDirectlyToStandardOutputAlsoWhenThatIsAFile) {
  const TemporaryFolder folder;
  put(folder / "out", "");
  const std::string path = folder / "out";
  const int saved = ::dup(STDOUT_FILENO);
  const int redirected = ::open(path.c_str(), O_WRONLY);
  ASSERT_GE(redirected, 0);
  std::fflush(stdout);
  ASSERT_GE(::dup2(redirected, STDOUT_FILENO), 0);
  ::close(redirected);
  ASSERT_EQ(::write(STDOUT_FILENO, "before ", 7), 7);
  write_file("/dev/stdout", "contents ");
  ASSERT_EQ(::write(STDOUT_FILENO, "after", 5), 5);
  ASSERT_GE(::dup2(saved, STDOUT_FILENO), 0);
  ::close(saved);
  EXPECT_EQ(get(path), "before contents after");
  EXPECT_EQ(files_in(folder), 1U);
}

TEST(AtomicFile, MayBeWrittenByManyAtOnce) {
  const TemporaryFolder folder;
  std::vector<std::thread> writers;
  for (char c = 'a'; c < 'i'; ++c) {
    writers.emplace_back([&folder, c] {
      for (int i = 0; i < 10; ++i) write_file(folder / "out", std::string(100000, c));
    });
  }
  for (std::thread& writer : writers) writer.join();
  const std::string contents = get(folder / "out");
  ASSERT_EQ(contents.size(), 100000U);
  EXPECT_EQ(contents, std::string(100000, contents.front()));
  EXPECT_EQ(files_in(folder), 1U);
}

}  // namespace
}  // namespace models
