// What is said of wrong use, word for word: a line as it is typed, the exit code, and all of what
// then stands on standard error, but for "error: " and, after wrong usage, where to read on.
//
// To add a case, add a line to a table, and the file it needs to WrongUse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/apps/program.h"

namespace apps::testing {
namespace {

constexpr int exit_wrong_usage = 2;
constexpr int exit_bad_data = 4;
constexpr int exit_model_mismatch = 5;

struct Case {
  std::string line;  // behind `tapewise`
  int exit_code;
  std::string message;
};

// The files that the lines name.
const std::vector<std::pair<std::string, std::string>> files{
    {"d.csv", "x,y\n1,a\n2,b\n3,a\n4,b\n"},
    {"c.csv", "x,c,y\n1,p,a\n2,q,b\n3,p,a\n4,q,b\n5,p,b\n"},
    {"empty.csv", ""},
    {"header.csv", "x,y\n"},
    {"ragged.csv", "x,y\n1,a\n2\n3,b\n"},
    {"quote.csv", "x,y\n1,a\n\"2,b\n"},
    {"one.csv", "x,y\n1,a\n2,a\n"},
    {"twice.csv", "x,x,y\n1,2,a\n2,3,b\n"},
    {"missing.csv", "x,y\n1,a\n,b\n3,a\n"},
    {"words.csv", "x,y\n1,a\nzwei,b\n3,a\n"},
    {"nolabel.csv", "x,y\n1,\n2,b\n3,a\n"},
    {"big.csv", "x,y\n1,a\n2,b\n1e999,a\n"},
    {"bytes.csv", "x,y\n\xff\xfe,a\n1,b\n"},
    {"nul.csv", std::string("x\0y\n", 4)},
    {"three.csv", "x,y\n1,a\n2,b\n3,c\n2,a\n3,b\n1,c\n"},
    {"other.csv", "z,y\n1,a\n"},
    {"level.csv", "x,c\n1,r\n"},
    {"unlabelled.csv", "x\n1\n2\n"},
    {"broken.json", "{"},
    {"list.json", "[]"},
    {"deep.json", std::string(100000, '[')},
};

class WrongUse : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new Folder;
    for (const auto& [name, text] : files) folder_->put(name, text);
    std::filesystem::create_directory(*folder_ / "folder");
    for (const std::string name : {"d", "c"}) {
      ASSERT_EQ(folder_
                    ->run({"train", name + ".csv", "--target", "y", "--l2", "1", "--cv", "none",
                           "-o", name + ".json"})
                    .exit_code,
                0);
    }
    // One with a number that the next program may write, one that somebody changed.
    const std::string model = folder_->get("d.json");
    folder_->put("newer.json", with(model, "\"version\": ", "\"version\": 99"));
    folder_->put("edited.json", with(model, "\"l2\": 1", "\"l2\": 2"));
  }

  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static std::string with(std::string text, const std::string& old, const std::string& changed) {
    const std::size_t at = text.find(old);
    EXPECT_NE(at, std::string::npos) << old;
    return text.replace(at, old.size(), changed);
  }

  // What is known of the data stands on stdout when a flag does not suit them.
  enum class Report { none, begun };

  static void expect_all(const std::vector<Case>& cases, Report report = Report::none) {
    for (const Case& wrong : cases) {
      SCOPED_TRACE("tapewise " + wrong.line);
      const Outcome outcome = folder_->shell("tapewise " + wrong.line);
      const bool usage = wrong.exit_code == exit_wrong_usage;
      EXPECT_EQ(outcome.exit_code, wrong.exit_code);
      EXPECT_EQ(outcome.err, "error: " + wrong.message + "\n" + (usage ? usage_hint : ""));
      if (usage) {
        EXPECT_EQ(outcome.out.rfind("Data ", 0) == 0, report == Report::begun) << outcome.out;
        EXPECT_TRUE(report == Report::begun || outcome.out.empty()) << outcome.out;
      }
    }
  }

  static Folder* folder_;
};

Folder* WrongUse::folder_ = nullptr;

TEST_F(WrongUse, OfCommandsAndFlags) {
  expect_all({
      {"", exit_wrong_usage,
       "a command is missing: one of describe, train, predict, export, evaluate, show, gradcheck, "
       "explain, lesson, activations, completion, manual"},
      {"trian d.csv", exit_wrong_usage, "there is no command \"trian\"; did you mean \"train\"?"},
      {"train", exit_wrong_usage,
       "train: FILE and --target COLUMN are missing, as in `tapewise train hours.csv --target pass "
       "-o hours.json`"},
      {"train d.csv", exit_wrong_usage,
       "train: --target COLUMN is missing, as in `tapewise train hours.csv --target pass -o "
       "hours.json`"},
      {"train d.csv --targt y", exit_wrong_usage,
       "train has no flag --targt; did you mean \"--target\"?"},
      {"train d.csv --target", exit_wrong_usage, "--target: COLUMN is expected behind it"},
      {"train d.csv --target --json", exit_wrong_usage,
       "--target: COLUMN is expected behind it, not the flag --json"},
      {"train d.csv --target=", exit_wrong_usage, "--target: a value is expected, not \"\""},
      {"train d.csv --target y --target x", exit_wrong_usage,
       "--target: is given more than once, as y, x"},
      {"train d.csv other.csv --target y", exit_wrong_usage,
       "train: \"other.csv\" is one word too many; it takes FILE and flags"},
      {"train d.csv target y --target y", exit_wrong_usage,
       "train: \"target\" is one word too many; did you mean \"--target\"?"},
      {"train d.csv --target y --json=yes", exit_wrong_usage, "--json: takes no value"},
      {"train d.csv --target y -output d.json", exit_wrong_usage,
       "train has no flag -output; did you mean \"--output\"?"},
      {"train d.csv --target y -q -v", exit_wrong_usage,
       "--quiet and --verbose: only one of them can be given"},
      {"predict d.json", exit_wrong_usage,
       "predict: FILE is missing, as in `tapewise predict hours.json hours.csv -o "
       "predictions.csv`"},
      {"predict d.json d.csv --json", exit_wrong_usage,
       "predict has no flag --json; describe, train, evaluate, show and gradcheck have it"},
      {"evaluate d.json d.csv --threshold 0.3", exit_wrong_usage,
       "evaluate has no flag --threshold; train has it"},
      {"pred", exit_wrong_usage, "there is no command \"pred\"; did you mean \"predict\"?"},
      {"show", exit_wrong_usage, "show: MODEL is missing, as in `tapewise show hours.json`"},
      {"gradcheck 'x*x' --at x=1 --op exp", exit_wrong_usage,
       "EXPRESSION and --op: only one of them can be given"},
      {"gradcheck --at x=1", exit_wrong_usage, "--at: only together with EXPRESSION"},
      {"gradcheck --model d.json", exit_wrong_usage, "--model: MODEL DATA is expected behind it"},
      {"explain 7", exit_wrong_usage, "nothing happens in \"7\": there is no operation to explain"},
      {"explain x y", exit_wrong_usage,
       "explain: \"y\" is one word too many; it takes EXPRESSION and flags"},
      {"explain --at x=1", exit_wrong_usage, "--at: only together with EXPRESSION"},
      {"explain --row 2", exit_wrong_usage, "--row: only together with --model"},
      {"explain xx --at xx=1 --bias 2", exit_wrong_usage,
       "EXPRESSION and --bias: only one of them can be given"},
      {"explain xx --at xx=1 --unfused", exit_wrong_usage,
       "EXPRESSION and --unfused: only one of them can be given"},
      {"explain --format png", exit_wrong_usage,
       "--format: one of text, markdown, latex, dot, json is expected, not \"png\""},
      {"explain --zoom q", exit_wrong_usage, "there is no value or adjoint \"q\""},
      {"explain --zoom z --format json", exit_wrong_usage,
       "--zoom and --format: only one of them can be given"},
      {"activations --csv", exit_wrong_usage, "--csv: only together with NAME"},
      {"activations --at 1", exit_wrong_usage, "--at: only together with NAME"},
      {"activations tanh --points 9", exit_wrong_usage, "--points: only together with --csv"},
      {"activations tanh --csv --at 1", exit_wrong_usage,
       "--at and --csv: only one of them can be given"},
      {"activations tanh --csv --ascii", exit_wrong_usage,
       "--csv and --ascii: only one of them can be given"},
      {"completion", exit_wrong_usage,
       "completion: SHELL is missing, as in `eval \"$(tapewise completion bash)\"`"},
      {"manual 1", exit_wrong_usage, "manual: \"1\" is one word too many; it takes flags only"},
      {"export d.json", exit_wrong_usage,
       "export: --to CHOICE is missing, as in `tapewise export hours.json --to c -o hours.c`"},
      {"export d.json d.csv --to c", exit_wrong_usage,
       "export: \"d.csv\" is one word too many; it takes MODEL and flags"},
      {"predict d.json d.csv --keep", exit_wrong_usage, "--keep: COLUMNS is expected behind it"},
      {"help trian", exit_wrong_usage, "there is no command \"trian\"; did you mean \"train\"?"},
      {"--targt", exit_wrong_usage, "tapewise has no flag --targt"},
      {"--json train", exit_wrong_usage,
       "tapewise has no flag --json; flags stand behind the command"},
      {"-v train", exit_wrong_usage, "tapewise has no flag -v; flags stand behind the command"},
      {"train d.csv --target y --missing-tokens", exit_wrong_usage,
       "--missing-tokens: a value is expected behind it"},
      {"train d.csv --target y -x", exit_wrong_usage, "train has no flag -x"},
      {"train d.csv --target y -1", exit_wrong_usage,
       "train: \"-1\" is one word too many; it takes FILE and flags"},
  });
}

TEST_F(WrongUse, OfTheValuesOfFlags) {
  expect_all({
      {"train d.csv --target y --solver newtn", exit_wrong_usage,
       "--solver: one of auto, gd, sgd, momentum, nesterov, adam, lbfgs, newton is expected, not "
       "\"newtn\"; did you mean \"newton\"?"},
      {"train d.csv --target y --missing skip", exit_wrong_usage,
       "--missing: one of error, drop, mean, mean+flag is expected, not \"skip\""},
      {"train d.csv --target y --epochs ten", exit_wrong_usage,
       "--epochs: a whole number, 0 or more, is expected, not \"ten\""},
      {"train d.csv --target y --epochs 1e3", exit_wrong_usage,
       "--epochs: a whole number, 0 or more, is expected, not \"1e3\""},
      {"train d.csv --target y --seed -1", exit_wrong_usage,
       "--seed: a whole number, 0 or more, is expected, not \"-1\""},
      {"train d.csv --target y --learning-rate 0", exit_wrong_usage,
       "--learning-rate: must be greater than 0, not 0"},
      {"train d.csv --target y --learning-rate fast", exit_wrong_usage,
       "--learning-rate: \"fast\" is not a number"},
      {"train d.csv --target y --l2 -1", exit_wrong_usage, "--l2: must be 0 or more, not -1"},
      {"train d.csv --target y --cv 1", exit_wrong_usage,
       "--cv: none or a number of folds, 2 or more, is expected, not \"1\""},
      {"train d.csv --target y --cv many", exit_wrong_usage,
       "--cv: none or a number of folds, 2 or more, is expected, not \"many\""},
      {"train d.csv --target y --holdout 1.5", exit_wrong_usage,
       "--holdout: a share between 0 and 1 is expected, not 1.5"},
      {"train d.csv --target y --cv 3 --holdout 0.5", exit_wrong_usage,
       "--cv and --holdout: one estimate for new rows is enough; leave one out"},
      {"train d.csv --target y --threshold 2", exit_wrong_usage,
       "--threshold: \"2\" is none of a probability between 0 and 1, f1, youden and cost=1:5, what "
       "a false positive and a false negative cost"},
      {"train d.csv --target y --threshold f2", exit_wrong_usage,
       "--threshold: \"f2\" is none of a probability between 0 and 1, f1, youden and cost=1:5, "
       "what a false positive and a false negative cost"},
      {"train d.csv --target y --threshold cost=1", exit_wrong_usage,
       "--threshold: \"cost=1\" is none of a probability between 0 and 1, f1, youden and cost=1:5, "
       "what a false positive and a false negative cost"},
      {"train d.csv --target y --batch-size 9", exit_wrong_usage,
       "--batch-size: 9 is more than the 4 rows of d.csv"},
      {"train d.csv --target y --validation 1.5", exit_wrong_usage,
       "--validation: a share less than 1 is expected, not 1.5"},
      {"train d.csv --target y --patience 3", exit_wrong_usage,
       "--patience: only with --validation"},
      {"train d.csv --target y --momentum 0.5", exit_wrong_usage,
       "--momentum: only with --solver momentum or nesterov"},
      {"train d.csv --target y --hidden 0", exit_wrong_usage,
       "--hidden: 0 is not a number of units, 1 to 10000, such as in 16,8"},
      {"train d.csv --target y --activation tanh", exit_wrong_usage,
       "--activation: only with --model mlp"},
      {"train d.csv --target y --model mlp --activation tan", exit_wrong_usage,
       "there is no activation \"tan\"; did you mean \"tanh\"?"},
      {"train d.csv --target y --l1 1 --solver lbfgs", exit_wrong_usage,
       "lbfgs cannot minimise an L1 penalty: newton can, and on all rows gd and nesterov"},
      {"train d.csv --target y --delimiter dot", exit_wrong_usage,
       "--delimiter: one of bar, blank, comma, none, semicolon, tab is expected, not \"dot\""},
      {"train d.csv --target y --header maybe", exit_wrong_usage,
       "--header: one of no, yes is expected, not \"maybe\""},
      {"train d.csv --target y --delimiter comma --decimal comma", exit_wrong_usage,
       "--delimiter and --decimal: the comma cannot be both"},
      {"train d.csv --target y --quote '#' --comment '#'", exit_wrong_usage,
       "--quote and --comment: one character cannot be both"},
      {"predict d.json d.csv --unknown drop", exit_wrong_usage,
       "--unknown: one of error, ignore is expected, not \"drop\""},
      {"describe d.csv --positive a", exit_wrong_usage,
       "--positive: there are no classes without --target"},
      {"gradcheck --op sigmod", exit_wrong_usage,
       "--op: there is no operation \"sigmod\"; did you mean \"sigmoid\"?"},
      {"gradcheck 'x*x'", exit_wrong_usage,
       "--at is required: the values of the variables, as in --at x=0.5"},
      {"gradcheck 'x +' --at x=1", exit_wrong_usage,
       "an expression is expected, not the end\n"
       "  x +\n"
       "     ^"},
      {"gradcheck 'x' --at x=1 --order 3", exit_wrong_usage,
       "--order: one of 1, 2 is expected, not \"3\""},
      {"explain --weights 1,2,3", exit_wrong_usage,
       "--weights has 3 numbers and --input 2; each input needs its weight"},
      {"explain --label 2", exit_wrong_usage, "--label: must be 0 or 1, not 2"},
      {"completion tcsh", exit_wrong_usage,
       "SHELL: one of bash, zsh, fish is expected, not \"tcsh\""},
      {"export d.json --to jason", exit_wrong_usage,
       "--to: one of c, onnx is expected, not \"jason\""},
      {"export d.json --to rust", exit_wrong_usage,
       "--to: one of c, onnx is expected, not \"rust\""},
      {"predict d.json d.csv --keep x,x", exit_wrong_usage,
       "--keep: two columns of the output would have the name \"x\""},
      {"train d.csv --target y --cv none --out-of-fold f.csv", exit_wrong_usage,
       "--out-of-fold: only with --cv or --holdout"},
      {"train d.csv --target y --model logistc", exit_wrong_usage,
       "--model: one of logistic, softmax, mlp is expected, not \"logistc\"; did you mean "
       "\"logistic\"?"},
      {"train d.csv --target y --hidden 8 --solver newton", exit_wrong_usage,
       "newton needs a Hessian, which this model does not have or has too many parameters for: "
       "take lbfgs"},
      {"train d.csv --target y --encoding ebcdic", exit_wrong_usage,
       "--encoding: one of latin-1, latin1, utf-16be, utf-16le, utf-8, windows-1252 is expected, "
       "not \"ebcdic\""},
      {"train d.csv --target y -o \"\"", exit_wrong_usage,
       "--output: a value is expected, not \"\""},
  });
}

TEST_F(WrongUse, OfFlagsThatDoNotSuitTheData) {
  expect_all(
      {
          {"train d.csv --target y --model softmax --firth", exit_wrong_usage,
           "Firth's correction is that of logistic regression"},
          {"train d.csv --target y --class-weight a=2,c=1", exit_wrong_usage,
           "--class-weight: no class is \"c\"; they are a, b"},
          {"train d.csv --target y --class-weight a", exit_wrong_usage,
           "--class-weight: \"a\" is neither balanced nor a list such as yes=3,no=1"},
      },
      Report::begun);
}

TEST_F(WrongUse, OfDataThatCannotBeUsed) {
  expect_all({
      {"train d.csv --target y --positive c", exit_bad_data,
       "d.csv:1:2: column y: --positive: no class is \"c\"; they are \"a\" and \"b\""},
      {"train no.csv --target y", exit_bad_data,
       "no.csv: cannot be read: No such file or directory"},
      {"train folder --target y", exit_bad_data, "folder: cannot be read: Is a directory"},
      {"train empty.csv --target y", exit_bad_data, "empty.csv: the file is empty"},
      {"train header.csv --target y", exit_bad_data, "header.csv: a header and no rows below it"},
      {"train ragged.csv --target y", exit_bad_data,
       "ragged.csv:3:2: expected 2 fields, found 1: nothing for column y\n"
       "--skip-bad-rows leaves rows with faults out and lists them."},
      {"train quote.csv --target y", exit_bad_data,
       "quote.csv:3:1: column x: the quote that opens here is never closed\n"
       "A cell with quotes in it is written in quotes, its own quotes doubled: \"6\"\" nail\" "
       "stands for 6\" nail. --quote none takes quotes as they are."},
      {"train one.csv --target y", exit_bad_data,
       "one.csv:1:2: column y: the only class is \"a\" (2 rows)\n"
       "A classifier needs rows of at least two classes to tell apart."},
      {"train twice.csv --target y", exit_bad_data,
       "twice.csv:1:2: column x: the name is already that of field 1\n"
       "Give each column a name of its own, or say --header no if this line holds data."},
      {"train missing.csv --target y", exit_bad_data,
       "missing.csv:3:1: column x: missing value\n"
       "Missing cells, of 3 rows: x 1. --missing drop, mean or mean+flag says what to do with "
       "them. A cell such as NA, none or - stands for a missing value, unless it is in quotes: "
       "--missing-tokens lists what does."},
      {"train words.csv --target y", exit_bad_data,
       "words.csv:1: no column is left to learn from: x (an identifier: its 3 texts all differ; "
       "all but \"zwei\" on ...\n"
       "--keep uses a column all the same, but for a constant one."},
      {"train nolabel.csv --target y", exit_bad_data,
       "nolabel.csv:2:2: column y: missing label\n"
       "Fill the labels in, or remove their rows from the file. A cell such as NA, none or - "
       "stands for a missing value, unless it is in quotes: --missing-tokens lists what does."},
      {"train big.csv --target y", exit_bad_data,
       "big.csv:4:1: column x: \"1e999\" is out of the range of a double\n"
       "If x is no column of numbers, --categorical x reads it as text; --missing-tokens lists "
       "what stands for a missing value."},
      {"train bytes.csv --target y", exit_bad_data,
       "bytes.csv:2:1: column x: \"\\xff\\xfe\" is not UTF-8\n"
       "Save the file as CSV UTF-8, or read it as it is: --encoding latin-1."},
      {"train nul.csv --target y", exit_bad_data,
       "nul.csv:1:1: a NUL byte\n"
       "Is this a text file? A spreadsheet must be saved as CSV (UTF-8) first; UTF-16 without its "
       "mark is read by --encoding utf-16le or utf-16be."},
      {"train d.csv --target z", exit_bad_data,
       "d.csv:1: no column is named \"z\"; the columns are x, y"},
      {"train d.csv --target 7", exit_bad_data,
       "d.csv:1: no column is named \"7\", and there are 2; the columns are x, y"},
      {"train d.csv --target y --drop z", exit_bad_data,
       "d.csv:1: --drop: no column is named \"z\"; the columns are x, y"},
      {"train d.csv --target y --drop x", exit_bad_data,
       "d.csv:1: no column is left to learn from: x (--drop)\n"
       "--keep uses a column all the same, but for a constant one."},
      {"train d.csv --target y --weight z", exit_bad_data,
       "d.csv:1: --weight: no column is named \"z\"; the columns are x, y"},
      {"train d.csv --target y --weight y", exit_bad_data,
       "d.csv:2:2: column y: \"a\" is not a number\n"
       "d.csv:3:2: column y: \"b\" is not a number\n"
       "d.csv:4:2: column y: \"a\" is not a number\n"
       "d.csv:5:2: column y: \"b\" is not a number\n"
       "The column is to hold numbers; --missing-tokens lists what stands for a missing value."},
      {"train c.csv --target y --reference c=r", exit_bad_data,
       "c.csv:1: --reference: the column \"c\" has no level \"r\"; its levels are p, q"},
      {"train c.csv --target y --reference c", exit_bad_data,
       "c.csv:1: --reference: \"c\" is not COLUMN=LEVEL of a column that is used; those are x, c"},
      {"train c.csv --target y --numeric c", exit_bad_data,
       "c.csv:2:2: column c: \"p\" is not a number\n"
       "c.csv:3:2: column c: \"q\" is not a number\n"
       "c.csv:4:2: column c: \"p\" is not a number\n"
       "c.csv:5:2: column c: \"q\" is not a number\n"
       "c.csv:6:2: column c: \"p\" is not a number\n"
       "The column is to hold numbers; --missing-tokens lists what stands for a missing value."},
      {"predict d.json missing.csv", exit_bad_data,
       "missing.csv:3:1: column x: missing value\n"
       "Fill them in; a model trained with --missing mean fills such cells itself."},
      {"predict d.json words.csv", exit_bad_data,
       "words.csv:3:1: column x: \"zwei\" is not a number\n"
       "The column is to hold numbers; --missing-tokens lists what stands for a missing value."},
      {"predict d.json - < empty.csv", exit_bad_data, "<stdin>: the file is empty"},
      {"gradcheck 'log(x)' --at x=-1", exit_bad_data,
       "log(x: scalar): the value is NaN (expression:1). There x is -1.\n"
       "  log(x)\n"
       "  ^"},
      {"predict d.json d.csv --keep z", exit_bad_data,
       "d.csv:1: --keep: no column is named \"z\"; the columns are x, y"},
      {"train - --target y < ragged.csv", exit_bad_data,
       "<stdin>:3:2: expected 2 fields, found 1: nothing for column y\n"
       "--skip-bad-rows leaves rows with faults out and lists them."},
      {"train d.csv --target y --test no.csv -o new.json", exit_bad_data,
       "no.csv: cannot be read: No such file or directory"},
      {"train d.csv --target y --delimiter ';'", exit_bad_data,
       "d.csv:1: is this the header? It is text, like all below it\n"
       "The line is one field with \",\" in it: --delimiter or --decimal may not be this file's. "
       "Otherwise --header yes or --header no settles it."},
      {"train d.csv --target y --cv 20", exit_bad_data,
       "d.csv: column y: the class \"a\" has 2 rows, fewer than the 20 folds\n"
       "Ask for fewer folds or none, or add rows of that class."},
      {"train d.csv --target y --l2 1 --cv 2 --threshold f1", exit_bad_data,
       "d.csv: column y: the class \"a\" has 1 row, fewer than the 2 folds of these 2 rows of a "
       "fold, "
       "which choose its threshold\n"
       "Ask for fewer folds, or give the threshold as a number."},
      {"train d.csv --target y --test no.csv", exit_bad_data,
       "no.csv: cannot be read: No such file or directory"},
      {"train d.csv --target y --categorical x --numeric x", exit_bad_data,
       "d.csv:1: --numeric: \"x\" is named by --categorical too"},
      {"train d.csv --target y --keep y", exit_bad_data, "d.csv:1: --keep: \"y\" is the target"},
      {"train d.csv --target y --drop y", exit_bad_data, "d.csv:1: --drop: \"y\" is the target"},
      {"evaluate d.json d.csv --weight z", exit_bad_data,
       "d.csv:1: --weight: no column is named \"z\"; the columns are x, y"},
  });
}

TEST_F(WrongUse, OfModels) {
  expect_all({
      {"train d.csv --target y --cv none --test other.csv", exit_model_mismatch,
       "other.csv:1: a column the model was trained on is not in the file: x"},
      {"predict no.json d.csv", exit_bad_data,
       "no.json: cannot be read: No such file or directory\n"
       "Is the path right? `tapewise train DATA.csv --target COLUMN -o MODEL.json` writes one."},
      {"predict folder d.csv", exit_bad_data,
       "folder: cannot be read: Is a directory\n"
       "Is the path right? `tapewise train DATA.csv --target COLUMN -o MODEL.json` writes one."},
      {"predict empty.csv d.csv", exit_bad_data,
       "empty.csv: the file is empty\n"
       "Train the model again with `tapewise train`, or restore the file."},
      {"predict d.csv d.json", exit_bad_data,
       "d.csv: not a model file: parse error at line 1, column 1: syntax error while parsing value "
       "- invalid literal; last read: 'x'\n"
       "A model is what `tapewise train DATA.csv --target COLUMN -o MODEL.json` writes, whole; it "
       "stands before the data."},
      {"predict broken.json d.csv", exit_bad_data,
       "broken.json: not a model file: parse error at line 1, column 2: syntax error while parsing "
       "object key - unexpected end of input; expected string literal\n"
       "A model is what `tapewise train DATA.csv --target COLUMN -o MODEL.json` writes, whole; it "
       "stands before the data."},
      {"predict list.json d.csv", exit_bad_data,
       "list.json: not a complete model file: the field \"format\" is missing\n"
       "Train the model again with `tapewise train`, or restore the file."},
      {"predict newer.json d.csv", exit_bad_data,
       "newer.json: the model file has version 994; this program reads versions 1 to 4\n"
       "A newer program has written it: use that one, or train the model again."},
      {"predict edited.json d.csv", exit_bad_data,
       "edited.json: the file was changed after it was written: its checksum is another one\n"
       "Train the model again with `tapewise train`, or restore the file."},
      {"predict d.json other.csv", exit_model_mismatch,
       "other.csv:1: a column the model was trained on is not in the file: x"},
      {"predict c.json level.csv", exit_model_mismatch,
       "level.csv:2:2: column c: no training row has \"r\"; they have p, q\n"
       "--unknown ignore takes such cells for the reference level and counts them."},
      {"evaluate d.json other.csv", exit_model_mismatch,
       "other.csv:1: a column the model was trained on is not in the file: x"},
      {"evaluate d.json unlabelled.csv", exit_model_mismatch,
       "unlabelled.csv:1: a column the model was trained on is not in the file: y"},
      {"show d.csv", exit_bad_data,
       "d.csv: not a model file: parse error at line 1, column 1: syntax error while parsing value "
       "- invalid literal; last read: 'x'\n"
       "A model is what `tapewise train DATA.csv --target COLUMN -o MODEL.json` writes, whole; it "
       "stands before the data."},
      {"gradcheck --model d.json other.csv", exit_model_mismatch,
       "other.csv:1: a column the model was trained on is not in the file: x"},
      {"predict deep.json d.csv", exit_bad_data,
       "deep.json: not a model file: parse error at line 1, column 100001: syntax error while "
       "parsing value - unexpected end of input; expected '[', '{', or a literal\n"
       "A model is what `tapewise train DATA.csv --target COLUMN -o MODEL.json` writes, whole; it "
       "stands before the data."},
      {"predict - d.csv < d.json", exit_bad_data,
       "-: cannot be read: No such file or directory\n"
       "Is the path right? `tapewise train DATA.csv --target COLUMN -o MODEL.json` writes one."},
  });
}

TEST_F(WrongUse, OfWhereThingsAreWritten) {
  expect_all({
      {"train d.csv --target y -o d.csv", exit_wrong_usage,
       "--output: \"d.csv\" is a file that is read; it would be lost"},
      {"train d.csv --target y -o n.json --history n.json", exit_wrong_usage,
       "--history: \"n.json\" is the file of --output, too"},
      {"train d.csv --target y -o n.json --out-of-fold ./n.json", exit_wrong_usage,
       "--out-of-fold: \"./n.json\" is the file of --output, too"},
      {"train d.csv --target y --history h --out-of-fold h", exit_wrong_usage,
       "--history: \"h\" is the file of --out-of-fold, too"},
      {"train d.csv --target y --checkpoint c --history c", exit_wrong_usage,
       "--checkpoint: \"c\" is the file of --history, too"},
      {"train d.csv --target y --resume d.csv", exit_wrong_usage,
       "--resume: \"d.csv\" is a file that is read; it would be lost"},
      {"train d.csv --target y --resume d.json --history d.json", exit_wrong_usage,
       "--resume: \"d.json\" is the file of --history, too"},
      {"train d.csv --target y -o -", exit_wrong_usage,
       "--output: standard output has the report; ./- is a file of the name -"},
      {"train d.csv --target y --history no/h.csv", exit_bad_data,
       "no/h.csv: cannot be written: No such file or directory"},
      {"train d.csv --target y -o no/n.json", exit_bad_data,
       "no/n.json: cannot be written: No such file or directory"},
      {"train - --target y --test - < d.csv", exit_wrong_usage,
       "--test: standard input has the rows to train on"},
      {"train three.csv --target y --threshold 0.3", exit_wrong_usage,
       "--threshold: there are more than two classes; the most probable one is predicted"},
      {"train d.csv --target y --cv none -o folder", exit_bad_data,
       "folder: cannot be written: Is a directory"},
      {"train d.csv --target y --cv none -o no/d.json", exit_bad_data,
       "no/d.json: cannot be written: No such file or directory"},
      {"train d.csv --target y --cv none -o /dev/full", exit_bad_data,
       "/dev/full: cannot be written: No space left on device"},
      {"train d.csv --target y --cv none > /dev/full", exit_bad_data,
       "standard output cannot be written: No space left on device"},
      {"predict d.json d.csv -o d.json", exit_wrong_usage,
       "--output: \"d.json\" is a file that is read; it would be lost"},
      {"predict d.json d.csv > /dev/full", exit_bad_data,
       "standard output cannot be written: No space left on device"},
      {"export d.json --to c -o d.json", exit_wrong_usage,
       "--output: \"d.json\" is a file that is read; it would be lost"},
      {"export d.json --to c -o no/m.c", exit_bad_data,
       "no/m.c: cannot be written: No such file or directory"},
      {"train d.csv --target y --history folder", exit_bad_data,
       "folder: cannot be written: Is a directory"},
      {"train d.csv --target y --out-of-fold no/f.csv", exit_bad_data,
       "no/f.csv: cannot be written: No such file or directory"},
  });
}

// Root may read and write everything.
TEST_F(WrongUse, OfWhatMayNotBeReadOrWritten) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read and write everything";
  namespace fs = std::filesystem;
  folder_->put("secret.csv", "x,y\n1,a\n");
  folder_->put("secret.json", "{}");
  fs::create_directory(*folder_ / "locked");
  for (const char* name : {"secret.csv", "secret.json"}) {
    fs::permissions(*folder_ / name, fs::perms::none);
  }
  fs::permissions(*folder_ / "locked", fs::perms::owner_read | fs::perms::owner_exec);
  expect_all({
      {"describe secret.csv", exit_bad_data, "secret.csv: cannot be read: Permission denied"},
      {"train secret.csv --target y", exit_bad_data,
       "secret.csv: cannot be read: Permission denied"},
      {"show secret.json", exit_bad_data,
       "secret.json: cannot be read: Permission denied\nIs the path right? `tapewise train "
       "DATA.csv "
       "--target COLUMN -o MODEL.json` writes one."},
      {"predict d.json d.csv -o locked/p.csv", exit_bad_data,
       "locked/p.csv: cannot be written: Permission denied"},
  });
  fs::permissions(*folder_ / "locked", fs::perms::owner_all);
}

TEST_F(WrongUse, OfActivations) {
  expect_all({
      {"activations sigmod", exit_wrong_usage,
       "there is no activation \"sigmod\"; did you mean \"sigmoid\"?"},
      {"activations Hard-Tanh", exit_wrong_usage,
       "there is no activation \"Hard_Tanh\"; did you mean \"hard_tanh\"?"},
      {"activations xyz", exit_wrong_usage,
       "there is no activation \"xyz\"; they are sigmoid, generalized_logistic, tanh, relu, "
       "leaky_relu, prelu, elu, hard_logistic, hard_tanh, softplus, softmax, log_softmax, maxout"},
      {"activations sigmoid:2", exit_wrong_usage,
       "sigmoid has no number behind a colon, such as \"2\""},
      {"activations softmax:3", exit_wrong_usage,
       "softmax has no number behind a colon, such as \"3\""},
      {"activations leaky_relu:-1", exit_wrong_usage,
       "leaky_relu: its slope must be a number above 0, not \"-1\""},
      {"activations elu:", exit_wrong_usage, "elu: its alpha must be a number above 0, not \"\""},
      {"activations prelu:x", exit_wrong_usage, "prelu: its slope \"x\" is not a number"},
      {"activations maxout:1", exit_wrong_usage,
       "maxout: its pieces must be a whole number from 2 to 100, not \"1\""},
      {"activations tanh relu tanh", exit_wrong_usage, "NAME: tanh is named twice"},
      {"activations elu elu:1", exit_wrong_usage, "NAME: elu:1 is named twice"},
      {"activations tanh softmax", exit_wrong_usage, "NAME: softmax takes rows; show it alone"},
      {"activations relu tanh elu prelu", exit_wrong_usage,
       "NAME: 3 activations at most can be told apart in one drawing, not 4"},
      {"activations tanh --at 1,x", exit_wrong_usage, "--at: \"x\" is not a number"},
      {"activations tanh --at nan", exit_wrong_usage, "--at: \"nan\" is not a finite number"},
      {"activations tanh --at=", exit_wrong_usage, "--at: a value is expected, not \"\""},
      {"activations tanh --from 3 --to 1", exit_wrong_usage, "--from and --to: 3 is not below 1"},
      {"activations tanh --from 4", exit_wrong_usage, "--from and --to: 4 is not below 4"},
      {"activations tanh --from low", exit_wrong_usage, "--from: \"low\" is not a number"},
      {"activations tanh --to 1e10", exit_wrong_usage,
       "--to: must be between -1e9 and 1e9, not 1e10"},
      {"activations tanh --csv --points 1", exit_wrong_usage,
       "--points: must be between 2 and 1000000, not 1"},
      {"activations tanh --csv --points 1000001", exit_wrong_usage,
       "--points: must be between 2 and 1000000, not 1000001"},
      {"activations tanh --csv --points ten", exit_wrong_usage,
       "--points: a whole number, 0 or more, is expected, not \"ten\""},
      {"activations maxout --at 1,2,3", exit_wrong_usage,
       "--at: maxout takes 2 numbers for each unit, which 3 numbers do not make; maxout:3 takes "
       "them for one unit"},
      {"activations maxout --at 1", exit_wrong_usage,
       "--at: maxout takes 2 numbers for each unit, and there is 1"},
      {"activations softmax --at 1$(printf %100s | tr \" \" , | sed s/,/,1/g)", exit_wrong_usage,
       "--at: 100 numbers at most make a row for softmax, not 101"},
      {"activations softmax --csv", exit_wrong_usage,
       "--csv: softmax takes rows and has no curve; --at gives it a row"},
      {"activations softmax --to 1", exit_wrong_usage,
       "--to: softmax takes rows and has no curve; --at gives it a row"},
  });
}

}  // namespace
}  // namespace apps::testing
