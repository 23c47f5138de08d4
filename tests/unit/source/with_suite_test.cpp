#include <gtest/gtest.h>

#include "builder/source/open_archive.hpp"

namespace reburst::source {
namespace {

Repository repository(const std::string& uri, const std::string& suite, const std::string& component = "main") {
  return {.uri = uri, .suite = suite, .components = {component}, .keyrings = {"/k.gpg"}, .check_valid_until = false};
}

const std::vector<Repository> kBookworm = {repository("http://e/debian", "bookworm"),
                                           repository("http://e/debian", "bookworm-updates"),
                                           repository("http://e/debian-security", "bookworm-security"),
                                           repository("http://e/debian", "bookworm-backports"),
                                           repository("http://third/debian", "bookworm", "stable"),
                                           repository("http://third/pg", "bookworm-pgdg")};

// Where what is left out is no matter.
Result<std::vector<Repository>> change(const std::vector<Repository>& repositories, const std::string& suite) {
  std::vector<std::string> notes;
  return with_suite(repositories, suite, notes);
}

std::string dump(const Result<std::vector<Repository>>& repositories) {
  if (!repositories) return repositories.error().render();
  std::string out;
  for (const auto& each : *repositories) out += each.uri + " " + each.suite + "\n";
  return out;
}

TEST(WithSuite, TakesTheDistributionsMirrorsAlong) {
  const auto trixie = change(kBookworm, "trixie");
  EXPECT_EQ(dump(trixie),
            "http://e/debian trixie\nhttp://e/debian trixie-updates\nhttp://e/debian-security trixie-security\n");
  EXPECT_EQ(trixie->at(0).keyrings, kBookworm[0].keyrings);
  EXPECT_FALSE(trixie->at(0).check_valid_until);
  EXPECT_EQ(trixie->at(0).components, kBookworm[0].components);
}

TEST(WithSuite, TakesLinesWithoutMainAlong) {
  const auto contrib = repository("http://e/debian", "bookworm", "contrib");
  const auto firmware = repository("http://e/debian-security", "bookworm-security", "non-free-firmware");
  const auto third = repository("http://third/debian", "bookworm", "contrib");
  const auto trixie = change({contrib, kBookworm[0], firmware, kBookworm[2], third}, "trixie");
  EXPECT_EQ(dump(trixie),
            "http://e/debian trixie\nhttp://e/debian trixie\nhttp://e/debian-security trixie-security\n"
            "http://e/debian-security trixie-security\n");
  EXPECT_EQ(trixie->at(0).components, contrib.components);
  EXPECT_EQ(trixie->at(2).components, firmware.components);
}

TEST(WithSuite, TellsWhatItLeavesOut) {
  auto third = repository("http://user:secret@third/debian", "bookworm", "contrib");
  third.components.emplace_back("non-free");
  std::vector<std::string> notes;
  const auto trixie = with_suite({third, kBookworm[0], kBookworm[3], kBookworm[5]}, "trixie", notes);
  EXPECT_EQ(dump(trixie), "http://e/debian trixie\n");
  const std::string why =
      "\" is left out: only mirrors of the distribution's \"main\" are followed to another release; name it in the "
      "recipe's sources: to have it";
  // Nothing of bookworm-backports, on a mirror that is followed.
  EXPECT_EQ(notes, (std::vector<std::string>{
                       "warning: for suite \"trixie\" the source \"http://third/debian bookworm contrib non-free" + why,
                       "warning: for suite \"trixie\" the source \"http://third/pg bookworm-pgdg main" + why}));
}

TEST(WithSuite, TheMachinesOwnChangesNothing) {
  std::vector<std::string> notes;
  EXPECT_EQ(dump(with_suite(kBookworm, "bookworm", notes)), dump(kBookworm));
  EXPECT_EQ(notes, std::vector<std::string>{});
}

TEST(WithSuite, KnowsReleasesThatDifferInTheirSuites) {
  EXPECT_EQ(dump(change(kBookworm, "sid")), "http://e/debian sid\n");
  EXPECT_EQ(dump(change(kBookworm, "buster")),
            "http://e/debian buster\nhttp://e/debian buster-updates\nhttp://e/debian-security buster/updates\n");
  EXPECT_EQ(
      dump(change({repository("http://e/debian", "buster"), repository("http://e/debian-security", "buster/updates")},
                  "bookworm")),
      "http://e/debian bookworm\nhttp://e/debian-security bookworm-security\n");
}

TEST(WithSuite, SaysWhenThereIsNoMirror) {
  EXPECT_EQ(
      dump(change({repository("http://third/x", "nodistro", "stable")}, "trixie")),
      "no configured source is the distribution's own (with a component \"main\"), so suite \"trixie\" has no mirror\n"
      "  hint: list the mirror in the recipe's sources:");
}

}  // namespace
}  // namespace reburst::source
