#include "core/digest.hpp"

#include <gtest/gtest.h>

#include "core/file.hpp"

namespace reburst {

// FIPS 180-4 / NIST examples.
TEST(Digest, AgreesWithThePublishedVectors) {
  EXPECT_EQ(sha256("").hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc").hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, IsTheSameInPieces) {
  Hasher hasher;
  hasher.update("a");
  hasher.update("");
  hasher.update("bc");
  EXPECT_EQ(hasher.finish(), sha256("abc"));
}

TEST(Digest, Sha1AgreesWithThePublishedVectors) {
  Sha1Hasher empty;
  EXPECT_EQ(empty.finish().hex(), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  Sha1Hasher hasher;
  const std::string text = "abc";
  hasher.update(std::as_bytes(std::span(text)).first(1));
  hasher.update(std::as_bytes(std::span(text)).subspan(1));
  EXPECT_EQ(hasher.finish().hex(), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(Digest, SaltComesFirst) {
  const std::string salt = "salt";
  const std::string block = "block";
  EXPECT_EQ(sha256_salted(std::as_bytes(std::span(salt)), std::as_bytes(std::span(block))), sha256("saltblock"));
}

TEST(Digest, ParsesOnlySixtyFourHexDigits) {
  const auto hex = sha256("abc").hex();
  EXPECT_EQ(Digest::parse(hex), sha256("abc"));
  EXPECT_EQ(Digest::parse("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"), sha256("abc"));
  for (const std::string& bad : {std::string(), hex.substr(1), hex + "0", "g" + hex.substr(1), " " + hex.substr(1)}) {
    EXPECT_FALSE(Digest::parse(bad)) << bad;
  }
}

TEST(Digest, OfAFileIsThatOfItsContent) {
  const auto folder = TempDirectory::make(testing::TempDir(), "digest").value();
  const std::string large(3'000'000, 'x');
  ASSERT_TRUE(write_file_atomic(folder.path() / "f", large));
  EXPECT_EQ(sha256_file(folder.path() / "f").value(), sha256(large));
  EXPECT_FALSE(sha256_file(folder.path() / "none"));
}

}  // namespace reburst
