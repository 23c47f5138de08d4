#include "builder/image/sha256_lanes.hpp"

#include "core/digest.hpp"
#include "core/text.hpp"
#include "tools.hpp"

namespace reburst::image {

// Around every number of blocks that is hashed side by side.
TEST(Sha256Lanes, EveryWayGivesOpenSslsDigests) {
  for (const std::size_t count : {0U, 1U, 7U, 8U, 9U, 15U, 16U, 17U, 24U, 41U, 128U}) {
    const std::string data = testing::noise(count * kBlock, static_cast<std::uint32_t>(count));
    std::string expected;
    for (std::size_t i = 0; i < count; ++i) expected += sha256(std::string_view(data).substr(i * kBlock, kBlock)).hex();
    for (const Lanes lanes : {Lanes::kOne, Lanes::kEight, Lanes::kSixteen}) {
      Bytes digests(count * 32);
      sha256_blocks(as_bytes(data), digests, lanes);
      EXPECT_EQ(to_hex(digests), expected) << count << " blocks, way " << static_cast<int>(lanes);
    }
    Bytes digests(count * 32);
    sha256_blocks(as_bytes(data), digests);
    EXPECT_EQ(to_hex(digests), expected);
  }
}

// Lengths around every padding rule, more of them than there are lanes, and one that outlasts all others.
TEST(Sha256Lanes, MessagesOfAnyLengthGetOpenSslsDigests) {
  std::vector<std::size_t> lengths = {0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 4096, 4097, 300'000};
  for (std::size_t i = 0; i < 90; ++i) lengths.push_back(i * 37 % 2000);
  std::vector<std::string> texts;
  for (const std::size_t length : lengths) texts.push_back(testing::noise(length, static_cast<std::uint32_t>(length)));
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{9}, texts.size()}) {
    std::vector<Message> messages;
    std::vector<Digest> expected;
    for (std::size_t i = 0; i < count; ++i) {
      messages.push_back(as_bytes(texts[i]));
      expected.push_back(sha256(texts[i]));
    }
    for (const Lanes lanes : {Lanes::kOne, Lanes::kEight, Lanes::kSixteen}) {
      std::vector<Digest> digests(count);
      sha256_messages(messages, digests, lanes);
      EXPECT_EQ(digests, expected) << count << " messages, way " << static_cast<int>(lanes);
    }
    std::vector<Digest> digests(count);
    sha256_messages(messages, digests);
    EXPECT_EQ(digests, expected);
  }
}

// The digest of 4096 zeros, known to everyone who has looked at a hash tree.
TEST(Sha256Lanes, ZerosHaveTheirWellKnownDigest) {
  const Bytes zeros(16 * kBlock);
  Bytes digests(16 * 32);
  sha256_blocks(zeros, digests);
  EXPECT_EQ(to_hex(std::span(digests).last(32)), "ad7facb2586fc6e966c004d7d1d16b024f5805ff7cb47c7a85dabd8b48892ca7");
}

}  // namespace reburst::image
