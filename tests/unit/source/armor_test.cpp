#include "builder/source/armor.hpp"

#include <gtest/gtest.h>

#include "tests/support/archive/test_archive.hpp"

namespace reburst::source {
namespace {

TEST(Armor, IsWhatGpgWouldMakeOfIt) {
  test::Signer signer;
  const auto one = signer.make_key("one@example.org");
  const auto two = signer.make_key("two@example.org");
  const std::string armored = "some text\n" + signer.export_key(one, true) + "\nmore\n" + signer.export_key(two, true);
  EXPECT_TRUE(is_armored(armored));
  const auto keys = dearmor_keys(armored, "x");
  ASSERT_TRUE(keys) << keys.error().render();
  EXPECT_EQ(*keys, signer.export_key(one, false) + signer.export_key(two, false));
}

TEST(Armor, RefusesWhatIsDamaged) {
  const std::string begin = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n";
  const std::string end = "-----END PGP PUBLIC KEY BLOCK-----\n";
  struct Case {
    std::string text, why;
  };
  for (const auto& each : {
           Case{"", "there is no key block"},
           Case{begin, "a key block is cut short"},
           Case{begin + "\nAAAA\n", "a key block is cut short"},
           Case{begin + "\nAA!A\n" + end, "a key block is not base64"},
           Case{begin + "\nAAAAA\n" + end, "a key block is not base64"},
           Case{begin + "\n" + end, "a key block is not base64"},
           Case{begin + "Version: 1\n\nAAAA\n=AAAA\n" + end, "a key block's checksum does not fit"},
           Case{begin + "\nAAAA\n=AAAA\nAAAA\n" + end, "text after the checksum of a key block"},
       }) {
    const auto keys = dearmor_keys(each.text, "x.asc");
    ASSERT_FALSE(keys) << each.text;
    EXPECT_EQ(keys.error().code, ErrorCode::kSignature);
    EXPECT_EQ(keys.error().message, "cannot read the keys in \"x.asc\": " + each.why);
    EXPECT_EQ(keys.error().hint, "get the key file again from whoever runs the repository");
  }
}

TEST(Armor, PaddingGivesTheExactBytes) {
  const std::string begin = "-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: x\n\n";
  const std::string end = "\n-----END PGP PUBLIC KEY BLOCK-----";
  EXPECT_EQ(*dearmor_keys(begin + "YWJj" + end, "x"), "abc");
  EXPECT_EQ(*dearmor_keys(begin + "YWI=" + end, "x"), "ab");
  EXPECT_EQ(*dearmor_keys(begin + "YQ==" + end, "x"), "a");
  EXPECT_EQ(*dearmor_keys(begin + "YWJj\nYWI=" + end, "x"), "abcab");
}

}  // namespace
}  // namespace reburst::source
