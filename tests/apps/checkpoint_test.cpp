// Training that is killed, again and again, and what is kept of it.
#include "models/training/checkpoint.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <set>
#include <thread>

#include "autograd/random.h"
#include "tests/apps/program.h"
#include "tests/sanitized.h"

namespace apps {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;
using testing::data_file;
using testing::expect_refused;
using testing::expect_wrong_use;
using testing::Folder;
using ::testing::HasSubstr;
using testing::Outcome;

using Words = std::vector<std::string>;

Words joined(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// ---- kills

// A run of the program that says nothing, in a folder.
class Process {
 public:
  Process(const Folder& folder, Words words) {
    words.insert(words.begin(), TAPEWISE_PROGRAM);
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const std::string path = (folder / "").string();
    process_ = ::fork();
    if (process_ != 0) return;
    const int nothing = ::open("/dev/null", O_RDWR);
    for (const int stream : {0, 1, 2}) ::dup2(nothing, stream);
    if (::chdir(path.c_str()) == 0) ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }

  void send(int signal) const { ::kill(process_, signal); }
  // As waitpid() has it.
  [[nodiscard]] int status() const {
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
  }

 private:
  pid_t process_ = -1;
};

// What is trained, each by another part of the trainer.
std::vector<Words> trainings() {
  const Words cancer{"train", data_file("breast_cancer.csv"), "--target", "diagnosis", "--cv",
                     "none"};
  const Words iris{"train", data_file("iris.csv"), "--target", "species", "--cv", "none"};
  return {
      joined(cancer, {"--l2", "0.001", "--every", "1"}),
      joined(cancer, {"--solver", "lbfgs", "--l2", "0.0001", "--every", "2"}),
      joined(cancer, {"--solver", "nesterov", "--l1", "0.01", "--epochs", "200", "--every", "20"}),
      joined(cancer, {"--solver", "newton", "--l1", "0.001", "--every", "1"}),
      joined(cancer, {"--solver", "momentum", "--batch-size", "50", "--validation", "0.2",
                      "--epochs", "20", "--every", "1"}),
      joined(iris, {"--hidden", "6", "--batch-size", "20", "--epochs", "40", "--every", "3"}),
      joined(iris, {"--solver", "adam", "--schedule", "cosine", "--warm-up", "10", "--epochs",
                    "200", "--every", "25"})};
}

// One training with kills in it, until it ends.
class KilledTraining {
 public:
  explicit KilledTraining(Words words) : words_(std::move(words)) {
    Words plain = words_;  // without a checkpoint there is no --every
    plain.resize(plain.size() - 2);
    EXPECT_EQ(Process(folder_, joined(plain, {"-o", "whole.json"})).status(), 0);
    const Clock::time_point begin = Clock::now();
    EXPECT_EQ(
        Process(folder_, joined(words_, {"-o", "kept.json", "--checkpoint", "first"})).status(), 0);
    duration_ = Clock::now() - begin;
    EXPECT_EQ(folder_.get("kept.json"), folder_.get("whole.json"));
  }

  // Returns how many kills there were, `most` of them.
  int train(autograd::Random& random, int most) {
    std::filesystem::remove(folder_ / "killed");
    std::filesystem::remove(folder_ / "model.json");
    for (int kills = 0;; ++kills) {
      if (ended(kills < most ? std::optional(random.uniform() * duration_) : std::nullopt)) {
        EXPECT_EQ(folder_.get("model.json"), folder_.get("whole.json"))
            << ::testing::PrintToString(words_) << " after kills: " << kills;
        EXPECT_EQ(folder_.size(), 5) << "nothing is left behind";
        return kills;
      }
      expect_whole();
    }
  }

 private:
  // Trains on, for so long at most. Whether it came to its end.
  bool ended(std::optional<Seconds> time) {
    const bool begun = folder_.has("killed");
    const Process run(folder_, joined(words_, {"-o", "model.json",
                                               begun ? "--resume" : "--checkpoint", "killed"}));
    if (time) {
      std::this_thread::sleep_for(*time);
      run.send(SIGKILL);
    }
    const int status = run.status();
    if (WIFSIGNALED(status)) return false;
    EXPECT_EQ(status, 0);
    return true;
  }

  // What a kill leaves: files that are whole, and one at most that was being written, of each.
  void expect_whole() const {
    const std::string checkpoint = (folder_ / "killed").string();
    if (folder_.has("killed")) {
      EXPECT_NO_THROW(models::require_usable({"", checkpoint, {}, TAPEWISE_VERSION}));
    }
    if (folder_.has("model.json")) {
      EXPECT_EQ(folder_.get("model.json"), folder_.get("whole.json"));
    }
    const std::set<std::string> expected{
        "first",      "killed",           "kept.json",           "whole.json",
        "model.json", ".killed.tapewise", ".model.json.tapewise"};
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "")) {
      EXPECT_TRUE(expected.contains(entry.path().filename().string())) << entry.path();
    }
  }

  Words words_;
  Folder folder_;
  Seconds duration_{};
};

// TAPEWISE_KILLS says how many; the long tests ask for a thousand.
TEST(Kills, AtRandomTimesChangeNoBitOfTheModel) {
  const char* asked = std::getenv("TAPEWISE_KILLS");
  const int kills = asked != nullptr ? std::atoi(asked) : tests::is_sanitized ? 10 : 50;
  autograd::Random random(20);
  std::vector<std::unique_ptr<KilledTraining>> trainings;
  for (const Words& words : apps::trainings()) {
    trainings.push_back(std::make_unique<KilledTraining>(words));
  }
  int done = 0;
  for (std::size_t round = 0; done < kills && !::testing::Test::HasFailure(); ++round) {
    done += trainings[round % trainings.size()]->train(random, std::min(10, kills - done));
  }
  RecordProperty("kills", done);
  EXPECT_EQ(done, kills);
}

TEST(Kills, OfAnInterruptedTrainingLetItGoOn) {
  const Folder folder;
  const Words words{"train",       data_file("breast_cancer.csv"),
                    "--target",    "diagnosis",
                    "--cv",        "none",
                    "--solver",    "momentum",
                    "--tolerance", "0",
                    "--epochs",    "3000",
                    "--every",     "100"};
  const Words plain(words.begin(), words.end() - 2);
  ASSERT_EQ(Process(folder, joined(plain, {"-o", "whole.json"})).status(), 0);
  const Process run(folder, joined(words, {"-o", "part.json", "--checkpoint", "c"}));
  while (!folder.has("c")) std::this_thread::yield();
  run.send(SIGINT);
  EXPECT_EQ(WEXITSTATUS(run.status()), 130);
  EXPECT_NE(folder.get("part.json"), folder.get("whole.json"));
  EXPECT_EQ(Process(folder, joined(words, {"-o", "rest.json", "--resume", "c"})).status(), 0);
  EXPECT_EQ(folder.get("rest.json"), folder.get("whole.json"));
}

// ---- flags and files

class Training : public ::testing::Test {
 protected:
  [[nodiscard]] Outcome train(const Words& more) const {
    return folder.run(joined(
        {"train", data_file("spector.csv"), "--target", "GRADE", "--cv", "none", "--json"}, more));
  }

  Folder folder;
};

TEST_F(Training, GoesOnInTheSameFileUnlessAnotherIsNamed) {
  ASSERT_EQ(train({"--epochs", "4", "--checkpoint", "c", "--every", "1"}).exit_code, 0);
  const std::string after_4 = folder.get("c");
  ASSERT_EQ(train({"--epochs", "6", "--resume", "c", "--checkpoint", "d"}).exit_code, 0);
  EXPECT_EQ(folder.get("c"), after_4);
  EXPECT_NE(folder.get("d"), after_4);
  ASSERT_EQ(train({"--epochs", "6", "--resume", "c", "-o", "resumed.json"}).exit_code, 0);
  EXPECT_EQ(folder.get("c"), folder.get("d"));
  ASSERT_EQ(train({"--epochs", "6", "-o", "whole.json"}).exit_code, 0);
  EXPECT_EQ(folder.get("resumed.json"), folder.get("whole.json"));
}

TEST_F(Training, IsOverAtOnceWhereTheCheckpointIsThatOfItsEnd) {
  ASSERT_EQ(train({"--checkpoint", "c", "-o", "first.json"}).exit_code, 0);
  const std::string end = folder.get("c");
  ASSERT_EQ(train({"--resume", "c", "-o", "second.json"}).exit_code, 0);
  EXPECT_EQ(folder.get("c"), end);
  EXPECT_EQ(folder.get("first.json"), folder.get("second.json"));
}

TEST_F(Training, RefusesACheckpointOfAnother) {
  ASSERT_EQ(train({"--checkpoint", "c"}).exit_code, 0);
  expect_wrong_use(train({"--resume", "c", "--solver", "adam", "--seed", "4"}),
                   "c: the checkpoint is of training with solver auto, not adam; seed 0, not 4");
  const std::string hours = data_file("hours.csv");
  expect_refused(
      folder.run({"train", hours, "--target", "pass", "--cv", "none", "--json", "--resume", "c"}),
      5,
      "c: the checkpoint is of other data than " + hours +
          "; what differs: target, features, values, labels");
  folder.put("half", folder.get("c").substr(0, 1000));
  expect_refused(train({"--resume", "half"}), 4,
                 "half: the checkpoint is not whole: its digest is not that of its contents\n"
                 "Restore the file, or train from the beginning.");
  expect_refused(train({"--resume", "none"}), 4,
                 "none: cannot be read: No such file or directory\n"
                 "Is the path right? --checkpoint writes one.");
}

TEST_F(Training, RefusesFlagsThatDoNotFit) {
  expect_wrong_use(train({"--every", "3"}), "--every: only with --checkpoint and --resume");
  expect_wrong_use(train({"--checkpoint", "c", "--every", "0"}),
                   "--every: a number of epochs, 1 or more, is expected, not 0");
  expect_wrong_use(train({"--checkpoint", "c", "-o", "c"}),
                   "--checkpoint: \"c\" is the file of --output, too");
  const std::string data = data_file("spector.csv");
  expect_wrong_use(train({"--checkpoint", data}),
                   "--checkpoint: \"" + data + "\" is a file that is read; it would be lost");
}

TEST_F(Training, SaysAtOnceThatTheCheckpointCannotBeWritten) {
  expect_refused(train({"--checkpoint", "no/c"}), 4,
                 "no/c: cannot be written: No such file or directory");
  expect_refused(train({"--checkpoint", "/dev/full"}), 4,
                 "/dev/full: is not a regular file: a checkpoint replaces the one before");
}

// A limit on the size of files stands for a full disk. The memory of L-BFGS makes the state grow.
TEST_F(Training, LeavesTheOldCheckpointWhenTheDiskIsFull) {
  const std::string train = "tapewise train " + data_file("breast_cancer.csv") +
                            " --target diagnosis --cv none --json --solver lbfgs --every 1";
  const Outcome outcome = folder.shell("trap '' XFSZ; ulimit -f 8; " + train + " --checkpoint c");
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_EQ(outcome.err, "error: c: cannot be written: File too large\n");
  EXPECT_EQ(folder.size(), 1);
  const Outcome rest = folder.shell(train + " --resume c -o rest.json");
  EXPECT_EQ(rest.exit_code, 0);
  EXPECT_EQ(folder.shell(train.substr(0, train.size() - 10) + " -o whole.json").exit_code, 0);
  EXPECT_EQ(folder.get("rest.json"), folder.get("whole.json"));
}

}  // namespace
}  // namespace apps
