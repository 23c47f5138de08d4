#include "builder/source/release_file.hpp"

#include <gtest/gtest.h>

namespace reburst::source {
namespace {

const std::string kDigest(64, 'a');

std::string release(const std::string& fields, const std::string& files) {
  return "Origin: Debian\nSuite: stable\nCodename: trixie\nDate: Sat, 11 Jul 2026 10:16:37 UTC\n" + fields +
         "SHA256:\n" + files;
}

TEST(ReleaseFile, IsRead) {
  const auto file = parse_release(
      release("Valid-Until: Sun, 12 Jul 2026 10:16:37 UTC\nArchitectures: all amd64\nComponents: main contrib\n"
              "Acquire-By-Hash: yes\nNo-Support-for-Architecture-all: Packages\nVersion: 13.1\nLabel: D\n",
              " " + kDigest + "  12 main/binary-amd64/Packages.xz\n"),
      "x");
  ASSERT_TRUE(file) << file.error().render();
  EXPECT_EQ(file->release.origin, "Debian");
  EXPECT_EQ(file->release.label, "D");
  EXPECT_EQ(file->release.codename, "trixie");
  EXPECT_EQ(file->release.version, "13.1");
  EXPECT_EQ(iso_time(file->release.date), "2026-07-11T10:16:37Z");
  EXPECT_EQ(iso_time(*file->release.valid_until), "2026-07-12T10:16:37Z");
  EXPECT_EQ(file->components, (std::vector<std::string>{"main", "contrib"}));
  EXPECT_TRUE(file->by_hash);
  EXPECT_FALSE(file->packages_for_all);
  ASSERT_NE(file->find("main/binary-amd64/Packages.xz"), nullptr);
  EXPECT_EQ(file->find("main/binary-amd64/Packages.xz")->size, 12U);
  EXPECT_EQ(file->find("main/binary-amd64/Packages"), nullptr);
}

TEST(ReleaseFile, SaysWhichPriorityAptGivesIt) {
  const std::string files = " " + kDigest + " 1 a\n";
  EXPECT_EQ(parse_release(release("", files), "x")->release.priority, 500);
  EXPECT_EQ(parse_release(release("NotAutomatic: yes\n", files), "x")->release.priority, 1);
  EXPECT_EQ(parse_release(release("NotAutomatic: yes\nButAutomaticUpgrades: yes\n", files), "x")->release.priority,
            100);
  EXPECT_TRUE(parse_release(release("Architectures: all amd64\n", files), "x")->packages_for_all);
}

TEST(ReleaseFile, RefusesWhatItCannotTrust) {
  const std::string good = " " + kDigest + " 1 a\n";
  struct Case {
    std::string text, why;
  };
  for (const auto& each : {
           Case{"", "it is empty"},
           Case{"Suite: x\nSHA256:\n" + good, "its Date is \"\", not a time in UTC"},
           Case{"Date: Sat, 11 Jul 2026 10:16:37 CEST\nSHA256:\n" + good,
                "its Date is \"Sat, 11 Jul 2026 10:16:37 CEST\", not a time in UTC"},
           Case{release("Valid-Until: never\n", good), "its Valid-Until is \"never\", not a time in UTC"},
           Case{"Date: Sat, 11 Jul 2026 10:16:37 UTC\nMD5Sum:\n 0cc175b9c0f1b6a831c399e269772661 1 a\n",
                "it has no SHA256 section"},
           Case{release("", " " + kDigest + " 1\n"),
                "its SHA256 section has the line \"" + kDigest + " 1\", not a digest, a size and a relative path"},
           Case{release("", " " + kDigest + " -1 a\n"),
                "its SHA256 section has the line \"" + kDigest + " -1 a\", not a digest, a size and a relative path"},
           Case{release("", " abcd 1 a\n"),
                "its SHA256 section has the line \"abcd 1 a\", not a digest, a size and a relative path"},
           Case{release("", " " + kDigest + " 1 /a\n"),
                "its SHA256 section has the line \"" + kDigest + " 1 /a\", not a digest, a size and a relative path"},
           Case{release("", " " + kDigest + " 1 a/../../b\n"),
                "its SHA256 section has the line \"" + kDigest +
                    " 1 a/../../b\", not a digest, a size and a relative path"},
       }) {
    const auto file = parse_release(each.text, "x");
    ASSERT_FALSE(file) << each.text;
    EXPECT_EQ(file.error().code, ErrorCode::kIntegrity);
    EXPECT_EQ(file.error().message, "cannot use \"x\": " + each.why);
    EXPECT_EQ(file.error().hint,
              "the repository is not made as Debian's are: tell whoever runs it, or use another mirror");
  }
}

}  // namespace
}  // namespace reburst::source
