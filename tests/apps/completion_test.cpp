// The completion scripts, driven in the shells they are for. Where a shell is not installed, its
// tests are skipped; tests/run.sh installs them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/apps/program.h"

namespace apps::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

std::vector<std::string> sorted(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  return words;
}

// A folder with the script of a shell, and two files to complete.
class Completion : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (folder_.shell("command -v " + shell()).exit_code != 0) {
      GTEST_SKIP() << shell() << " is not installed";
    }
    const Outcome outcome = folder_.run({"completion", shell()});
    expect_quiet_success(outcome);
    folder_.put("script", outcome.out);
    folder_.put("rows.csv", "a\n");
    folder_.put("rows of 2.csv", "a\n");
    folder_.put("zshrc", zsh_driver());
  }

  static std::string shell() { return GetParam(); }

  // What the shell offers for a line that the cursor stands at the end of.
  [[nodiscard]] std::vector<std::string> offered(const std::string& line) const {
    folder_.put("line", line);
    const Outcome outcome = folder_.shell(driver());
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    std::vector<std::string> words;
    for (const std::string& word : lines_of(outcome.out)) {
      words.push_back(word.substr(0, word.find('\t')));  // fish and zsh have a description there
    }
    return sorted(words);
  }

 private:
  static std::string driver() {
    if (shell() == "bash") {
      // As readline does: the words, = being one of its own, and the function named by `complete`.
      return R"(exec bash --norc --noprofile -c '
        . ./script
        line=$(cat line)
        [[ $(complete -p tapewise) == *"-F _tapewise tapewise" ]] || exit 9
        read -ra COMP_WORDS <<<"${line//=/ = }"
        [[ $line == *" " || $line == *= ]] && COMP_WORDS+=("")
        [[ $line == *= ]] && unset "COMP_WORDS[-1]"
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$line COMP_POINT=${#line}
        compopt() { :; }  # it is for readline alone
        _tapewise tapewise
        ((${#COMPREPLY[@]} == 0)) || printf "%s\n" "${COMPREPLY[@]}"'
      )";
    }
    if (shell() == "fish") {
      return "HOME=$PWD exec fish --no-config -c 'source script; complete -C (cat line)'";
    }
    return "exec zsh -f zshrc";
  }

  // zsh completes at a prompt alone: one is driven through a pseudo-terminal, in which compadd says
  // what it is given.
  static std::string zsh_driver() {
    return R"zsh(
zmodload zsh/zpty
zpty worker zsh -f -i
zpty -w worker 'PS1=; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -D; source ./script'
zpty -w worker 'compadd() {
  if [[ ${@[(r)-O|-A|-D]} ]]; then builtin compadd "$@"; return; fi
  local -a found; builtin compadd -O found "$@"
  local hit; for hit in $found; do print -r -- "hit:$hit" >>hits; done
  builtin compadd "$@"
}'
zpty -w worker 'finish() { print -r -- end >>hits }; offer() { BUFFER=$(<line); CURSOR=$#BUFFER; zle complete-word; finish }'
zpty -w worker 'zstyle ":completion:*" list-grouped false; LISTMAX=0; zle -N offer; zle -C complete-word complete-word _main_complete; bindkey "^X" offer'
: >hits
zpty -w worker 'print ready >>hits'
for ((i = 0; i < 500; ++i)); do [[ $(<hits) == *ready* ]] && break; sleep 0.02; done
zpty -n -w worker $'\x18'
for ((i = 0; i < 500; ++i)); do [[ $(<hits) == *end* ]] && break; sleep 0.02; done
zpty -d worker
for line in ${(f)"$(<hits)"}; do [[ $line == hit:* ]] && print -r -- ${line#hit:}; done
exit 0
)zsh";
  }

  Folder folder_;
};

TEST_P(Completion, OffersTheCommands) {
  EXPECT_THAT(offered("tapewise "), IsSupersetOf({"completion", "describe", "explain", "gradcheck",
                                                  "manual", "predict", "show", "train"}));
  EXPECT_THAT(offered("tapewise tr"), ElementsAre("train"));
  EXPECT_THAT(offered("tapewise --v"), ElementsAre("--version"));
}

TEST_P(Completion, OffersTheFlagsOfTheCommand) {
  EXPECT_THAT(offered("tapewise train --"),
              IsSupersetOf({"--target", "--solver", "--output", "--json", "--skip-bad-rows"}));
  EXPECT_THAT(offered("tapewise train rows.csv --json --so"), ElementsAre("--solver"));
  EXPECT_THAT(offered("tapewise predict --"), Not(Contains("--solver")));
  EXPECT_THAT(offered("tapewise predict --targ"), IsEmpty());
}

TEST_P(Completion, OffersTheChoicesOfAFlag) {
  EXPECT_THAT(offered("tapewise train --loss "), ElementsAre("fused", "textbook"));
  EXPECT_THAT(offered("tapewise train rows.csv --solver ne"), ElementsAre("nesterov", "newton"));
  EXPECT_THAT(offered("tapewise predict --delimiter s"), ElementsAre("semicolon"));
  EXPECT_THAT(offered("tapewise activations sof"), ElementsAre("softmax", "softplus"));
  EXPECT_THAT(offered("tapewise activations sigmoid ta"), ElementsAre("tanh"));
  EXPECT_THAT(offered("tapewise completion "), IsSupersetOf({"bash", "fish", "zsh"}));
}

TEST_P(Completion, OffersFilesWhereAFileBelongs) {
  for (const std::string before :
       {"tapewise describe ", "tapewise train --json ", "tapewise predict script ",
        "tapewise train -o ", "tapewise predict --output ", "tapewise gradcheck --model "}) {
    EXPECT_THAT(offered(before + "ro"),
                ::testing::UnorderedElementsAre(::testing::StartsWith("rows"),
                                                ::testing::HasSubstr("rows.csv")))
        << before;
  }
}

TEST_P(Completion, OffersNothingWhereAnyTextMayStand) {
  EXPECT_THAT(offered("tapewise train rows.csv --target r"), IsEmpty());
  EXPECT_THAT(offered("tapewise train --epochs "), IsEmpty());
}

TEST_P(Completion, OffersChoicesBehindAnEqualsSign) {
  const std::vector<std::string> words = offered("tapewise train --loss=te");
  ASSERT_EQ(words.size(), 1U);
  EXPECT_TRUE(words[0] == "textbook" || words[0] == "--loss=textbook") << words[0];
}

INSTANTIATE_TEST_SUITE_P(Shells, Completion, ::testing::Values("bash", "zsh", "fish"),
                         [](const auto& shell) { return shell.param; });

// All that it says of a flag is said by the flag.
TEST(CompletionScript, HasEveryFlagOfEveryCommand) {
  const Folder folder;
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const std::string script = folder.run({"completion", shell}).out;
    for (const std::string command :
         {"describe", "train", "predict", "evaluate", "gradcheck", "activations"}) {
      for (const std::string& line : lines_of(folder.run({command, "--help"}).out)) {
        const std::size_t at = line.find("--");
        if (!line.starts_with("  -") || at == std::string::npos) continue;
        const std::string flag = line.substr(at + 2, line.find_first_of(" ", at) - at - 2);
        const std::string written = shell == "fish" ? " -l " + flag + " " : "--" + flag;
        EXPECT_NE(script.find(written), std::string::npos)
            << shell << " " << command << " " << flag;
      }
    }
  }
}

TEST(CompletionScript, IsForAShellThatItKnows) {
  const Folder folder;
  expect_wrong_use(folder.run({"completion", "fsh"}),
                   "SHELL: one of bash, zsh, fish is expected, not \"fsh\"; did you mean \"zsh\"?");
  expect_wrong_use(folder.run({"completion"}),
                   "completion: SHELL is missing, as in `eval \"$(tapewise completion bash)\"`");
}

}  // namespace
}  // namespace apps::testing
