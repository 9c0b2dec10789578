// What is suspicious about features, and what is not.
#include "models/data/checks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/random.h"
#include "models/data/csv.h"
#include "models/data/number.h"

namespace models {
namespace {

using Strings = std::vector<std::string>;

Dataset dataset_of(std::string_view csv) { return make_dataset(parse_csv(csv, "d.csv"), "y"); }

Strings texts_of(const Dataset& data) {
  Strings texts;
  for (const Finding& finding : suspicions_of(data)) texts.push_back(finding.text);
  return texts;
}

// Three columns of random numbers, and more of them made by `more`; the labels follow nothing.
template <class More>
Dataset with_columns(const Strings& names, const More& more, int rows = 1000) {
  std::string text = "a,b,c";
  for (const std::string& name : names) text += "," + name;
  text += ",y\n";
  autograd::Random random(7);
  for (int i = 0; i < rows; ++i) {
    const double a = random.uniform(100.0, 101.0);
    const double b = random.uniform(-1e-3, 1e-3);
    const double c = random.uniform(-5.0, 5.0);
    for (const double x : {a, b, c}) text += shortest(x) + ",";
    for (const double x : more(a, b)) text += shortest(x) + ",";
    text += i % 2 == 0 ? "p\n" : "q\n";
  }
  return dataset_of(text);
}

TEST(Checks, FindNothingWhereThereIsNothing) {
  EXPECT_EQ(texts_of(with_columns({}, [](double, double) { return std::vector<double>{}; })),
            Strings{});
}

TEST(Checks, NameCollinearColumnsAndWhichWithWhich) {
  const auto same = [](double a, double) { return std::vector<double>{1.8 * a + 32}; };
  const std::vector<Finding> findings = suspicions_of(with_columns({"fahrenheit"}, same));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].suspicion, Suspicion::collinear);
  Strings names = findings[0].names;
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (Strings{"a", "fahrenheit"}));

  const auto sum = [](double a, double b) { return std::vector<double>{a + 1000 * b}; };
  const std::vector<Finding> three = suspicions_of(with_columns({"sum"}, sum));
  ASSERT_EQ(three.size(), 1U);
  names = three[0].names;
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (Strings{"a", "b", "sum"}));
}

TEST(Checks, DoNotCallCorrelatedColumnsCollinear) {
  autograd::Random random(9);
  const auto near = [&](double a, double) {
    return std::vector<double>{a + random.uniform(-1e-4, 1e-4)};
  };
  EXPECT_EQ(texts_of(with_columns({"near"}, near)), Strings{});
}

TEST(Checks, SayWhichFeaturesOfCategoriesAreCollinear) {
  // Whoever is in r is in the north, and nobody else.
  const Strings texts = texts_of(
      dataset_of("city,north,x,y\nr,yes,1,a\ns,no,2,b\nr,yes,4,b\ns,no,4,a\nt,no,7,b\nt,no,1,a\n"));
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_TRUE(texts[0].starts_with("feature ")) << texts[0];
  EXPECT_NE(texts[0].find("north=yes"), std::string::npos) << texts[0];
  EXPECT_NE(texts[0].find("city=s"), std::string::npos) << texts[0];
}

TEST(Checks, SayWhereCoefficientsCannotBeDetermined) {
  EXPECT_EQ(texts_of(dataset_of("u,v,w,y\n1,2,1,a\n2,1,5,b\n2,2,1,b\n")).back(),
            "3 features and only 3 rows: the coefficients are not determined");
}

TEST(Checks, NameAColumnThatSeparatesTheClassesAlone) {
  const std::vector<Finding> findings =
      suspicions_of(dataset_of("h,g,y\n1,2,no\n2,1,no\n3.5,2,yes\n9,1,yes\n"));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].suspicion, Suspicion::separating);
  EXPECT_EQ(findings[0].text,
            "column h: it separates the classes alone (AUC 1): up to 2 all are no, from 3.5 on "
            "yes");
  EXPECT_EQ(texts_of(dataset_of("h,g,y\n1,2,yes\n2,1,yes\n3.5,2,no\n9,1,no\n")).at(0),
            "column h: it separates the classes alone (AUC 1): up to 2 all are yes, from 3.5 on "
            "no");
}

TEST(Checks, NameCategoriesThatMayBeOne) {
  const auto texts = [](const char* csv) {
    return texts_of(make_dataset(parse_csv(csv, "d.csv"), "y", {{{"c"}, {}, {}, {}}, {}, ""}));
  };
  EXPECT_EQ(texts("c,g,y\n1,2,p\n1.0,1,q\n1,3,q\n1.0,7,p\n2,1,p\n2,4,q\n"),
            Strings{"column c: \"1\" and \"1.0\" are two categories, though they may be spellings "
                    "of one"});
  EXPECT_EQ(texts("c,g,y\ntrue,2,p\nTrue,1,q\ntrue,3,q\nTrue,7,p\nno,1,p\nno,4,q\n"),
            Strings{"column c: \"True\" and \"true\" are two categories, though they may be "
                    "spellings of one"});
}

TEST(Checks, NameANumberWithOneLabelOnEitherSide) {
  EXPECT_EQ(texts_of(dataset_of("h,g,y\n1,2,no\n2,1,no\n2,2,yes\n9,1,yes\n")),
            Strings{"column h: all below 2 are no, all above 2 are yes, so that there are no "
                    "best coefficients without a penalty (--l2)"});
  const std::vector<Finding> bits =
      suspicions_of(dataset_of("b,g,y\n1,2,yes\n1,1,yes\n0,2,yes\n0,1,yes\n0,3,no\n0,1,no\n"));
  ASSERT_EQ(bits.size(), 1U);
  EXPECT_EQ(bits[0].suspicion, Suspicion::one_sided);
  EXPECT_EQ(bits[0].names, Strings{"b"});
  EXPECT_EQ(texts_of(dataset_of("b,g,y\n1,2,yes\n0,2,yes\n0,1,yes\n0,3,no\n0,1,no\n")), Strings{})
      << "a single row is no rule";
  EXPECT_EQ(texts_of(dataset_of("h,g,y\n1,2,no\n2,1,no\n2,2,yes\n1.5,1,yes\n")), Strings{});
}

TEST(Checks, NameAColumnThatIsMissingWhereTheTargetIsOne) {
  DatasetOptions options;
  options.encoding.missing = MissingPolicy::mean_and_flag;
  const auto findings = [&](const char* csv) {
    return suspicions_of(make_dataset(parse_csv(csv, "d.csv"), "y", options));
  };
  const std::vector<Finding> number =
      findings("died,g,y\n1990,2,dead\n2001,1,dead\n,3,alive\n,1,alive\n2010,1,dead\n");
  ASSERT_EQ(number.size(), 1U);
  EXPECT_EQ(number[0].suspicion, Suspicion::target_in_disguise);
  EXPECT_EQ(number[0].text,
            "column died is missing: it is the target in other words: 0 is dead, 1 is alive");
  const std::vector<Finding> words =
      findings("boat,g,y\nA,2,yes\nB,1,yes\nA,7,yes\n,3,no\n,1,no\nB,4,no\nA,4,no\n");
  ASSERT_EQ(words.size(), 1U);
  EXPECT_EQ(words[0].text,
            "column boat is missing: all above 0 are no, so that there are no best coefficients "
            "without a penalty (--l2)");
}

TEST(Checks, NameAColumnThatIsTheTargetInOtherWords) {
  const std::vector<Finding> numbers =
      suspicions_of(dataset_of("t,g,y\n4,2,no\n4,1,no\n9,2,yes\n9,1,yes\n"));
  ASSERT_EQ(numbers.size(), 1U);
  EXPECT_EQ(numbers[0].suspicion, Suspicion::target_in_disguise);
  EXPECT_EQ(numbers[0].text, "column t: it is the target in other words: 4 is no, 9 is yes");
  const std::vector<Finding> words =
      suspicions_of(dataset_of("t,g,y\ndead,2,no\ndead,1,no\nalive,2,yes\nalive,1,yes\n"));
  ASSERT_EQ(words.size(), 1U);
  EXPECT_EQ(words[0].suspicion, Suspicion::target_in_disguise);
  EXPECT_EQ(words[0].text,
            "column t: it is the target in other words: all rows of a category have the same "
            "label");
}

TEST(Checks, NameCategoriesThatKnowTheTarget) {
  EXPECT_EQ(texts_of(dataset_of("t,g,y\nu,2,no\nu,1,no\nv,2,yes\nv,1,yes\nw,1,no\nw,2,no\n")),
            Strings{"column t: it separates the classes alone (AUC 1): all rows of a category have "
                    "the same label"});
  const std::vector<Finding> one =
      suspicions_of(dataset_of("t,g,y\nu,2,no\nu,1,yes\nv,2,yes\nv,1,yes\nu,1,no\nu,2,no\n"));
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0].suspicion, Suspicion::one_sided);
  EXPECT_EQ(one[0].text,
            "column t: all 2 rows with \"v\" are yes, so that there are no best coefficients "
            "without a penalty (--l2)");
}

}  // namespace
}  // namespace models
