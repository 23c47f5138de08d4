#include "builder/resolve/dependency.hpp"

#include <gtest/gtest.h>

namespace reburst::resolve {
namespace {

TEST(Dependency, ReadsNamesVersionsAndAlternatives) {
  const auto clauses = parse_dependencies("libc6 (>= 2.34), a | b (<< 1:2~rc1) ,\n c", "amd64").value();
  ASSERT_EQ(clauses.size(), 3U);
  ASSERT_EQ(clauses[0].alternatives.size(), 1U);
  EXPECT_EQ(clauses[0].alternatives[0].name, "libc6");
  EXPECT_EQ(clauses[0].alternatives[0].relation, Relation::kLaterEqual);
  EXPECT_EQ(clauses[0].alternatives[0].version, "2.34");
  ASSERT_EQ(clauses[1].alternatives.size(), 2U);
  EXPECT_EQ(clauses[1].text, "a | b (<< 1:2~rc1)");
  EXPECT_EQ(clauses[1].alternatives[1].version, "1:2~rc1");
  EXPECT_EQ(clauses[2].alternatives[0].name, "c");
  EXPECT_EQ(clauses[2].alternatives[0].relation, Relation::kNone);
}

TEST(Dependency, ReadsEveryRelation) {
  const std::pair<const char*, Relation> table[] = {
      {"a (<< 1)", Relation::kEarlier},   {"a (<= 1)", Relation::kEarlierEqual},
      {"a (= 1)", Relation::kEqual},      {"a (>= 1)", Relation::kLaterEqual},
      {"a (>> 1)", Relation::kLater},     {"a (< 1)", Relation::kEarlierEqual},
      {"a (> 1)", Relation::kLaterEqual}, {"a(=1)", Relation::kEqual}};
  for (const auto& [text, relation] : table) {
    const auto clauses = parse_dependencies(text, "amd64");
    ASSERT_TRUE(clauses) << text;
    EXPECT_EQ((*clauses)[0].alternatives[0].relation, relation) << text;
    EXPECT_EQ((*clauses)[0].alternatives[0].version, "1") << text;
  }
}

TEST(Dependency, DropsOnlyTheNativeQualifier) {
  const auto clauses = parse_dependencies("a:amd64, b:any, c:i386", "amd64").value();
  EXPECT_EQ(clauses[0].alternatives[0].name, "a");
  EXPECT_EQ(clauses[1].alternatives[0].name, "b:any");
  EXPECT_EQ(clauses[2].alternatives[0].name, "c:i386");
}

TEST(Dependency, AllowsACommaTooMany) {
  EXPECT_EQ(parse_dependencies("a, , b,", "amd64").value().size(), 2U);
  EXPECT_TRUE(parse_dependencies("", "amd64").value().empty());
  EXPECT_TRUE(parse_dependencies(" , ", "amd64").value().empty());
}

TEST(Dependency, RefusesWhatIsNone) {
  for (const auto* text : {"a |", "| a", "a || b", "a (>= )", "a (1)", "a (>= 1", "a >= 1", "a (>= 1) b", "a b",
                           "(>= 1)", ":any", "a (>= 1 2)", "\xff", "a ()", "a ((= 1))"}) {
    const auto clauses = parse_dependencies(text, "amd64");
    EXPECT_FALSE(clauses) << text;
  }
  const auto error = parse_dependencies("good, bad  (>=\n )", "amd64").error();
  EXPECT_EQ(error.code, ErrorCode::kIntegrity);
  EXPECT_EQ(error.message, "\"bad (>= )\" is not a dependency");
}

TEST(Dependency, SurvivesAVeryLongClause) {
  std::string text = "a";
  for (int i = 0; i < 200000; ++i) text += "|a";
  EXPECT_EQ(parse_dependencies(text, "amd64").value()[0].alternatives.size(), 200001U);
}

TEST(Dependency, ShowsAFoldedClauseOnOneLine) {
  EXPECT_EQ(plain_text(" a |\n  b (>= 1) "), "a | b (>= 1)");
}

}  // namespace
}  // namespace reburst::resolve
