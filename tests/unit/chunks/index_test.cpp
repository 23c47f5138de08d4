#include <gtest/gtest.h>

#include <cstring>

#include "tests/unit/chunks/images.hpp"

namespace reburst::chunks {
namespace {

constexpr std::size_t kHeader = 48, kTable = 16, kItem = 40;

ChunkId id(unsigned char first) {
  ChunkId out;
  out.bytes[0] = first;
  return out;
}

Index sample() {
  return {.size = 300, .chunks = {{0, 100, id(1)}, {100, 50, id(2)}, {150, 150, id(1)}}};
}

std::string with_number(std::string bytes, std::size_t at, std::uint64_t value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
  return bytes;
}

void expect_refused(const std::string& bytes, const std::string& why) {
  const auto result = parse_index(bytes, "web.caibx");
  ASSERT_FALSE(result) << why;
  EXPECT_EQ(result.error().code, ErrorCode::kIntegrity);
  EXPECT_EQ(result.error().message, "the chunk index \"web.caibx\" " + why);
}

TEST(ChunkIndex, ComesBackAsItWas) {
  const auto bytes = to_bytes(sample());
  EXPECT_EQ(bytes.size(), kHeader + kTable + 3 * kItem + kItem);
  const auto read = parse_index(bytes, "x");
  ASSERT_TRUE(read) << read.error().render();
  EXPECT_EQ(*read, sample());
  EXPECT_EQ(to_bytes(*read), bytes);
}

TEST(ChunkIndex, OfAnEmptyImageComesBackToo) {
  const auto read = parse_index(to_bytes({}), "x");
  ASSERT_TRUE(read) << read.error().render();
  EXPECT_EQ(*read, Index{});
}

TEST(ChunkIndex, RefusesAnotherHeader) {
  const auto good = to_bytes(sample());
  expect_refused("", "is no .caibx file");
  expect_refused("not an index, but long enough to be taken for one: " + std::string(200, 'x'), "is no .caibx file");
  expect_refused(with_number(good, 8, 7), "is no .caibx file");
  expect_refused(with_number(good, 16, 0), "names its chunks by another digest than SHA-512/256");
  expect_refused(with_number(good, 16, 0x2000000000000001), "has flags that are not known");
  expect_refused(with_number(good, kHeader + 8, 7), "has no table of chunks");
}

TEST(ChunkIndex, RefusesSizesOutOfBounds) {
  const auto good = to_bytes(sample());
  expect_refused(with_number(good, 24, 0), "has chunk sizes out of bounds: 0, 98304, 524288");
  expect_refused(with_number(good, 32, 1U << 30U), "has chunk sizes out of bounds: 1, 1073741824, 524288");
  expect_refused(with_number(good, 40, 65U << 20U), "has chunk sizes out of bounds: 1, 98304, 68157440");
  expect_refused(with_number(with_number(good, 32, 1), 40, 120),
                 "has a chunk out of its own bounds: chunk 2 has 150 bytes");
  expect_refused(with_number(good, 24, 60), "has a chunk out of its own bounds: chunk 1 has 50 bytes");
}

TEST(ChunkIndex, RefusesEndsThatDoNotAscend) {
  const auto good = to_bytes(sample());
  const auto second = kHeader + kTable + kItem;
  expect_refused(with_number(good, second, 100), "is not ascending: chunk 1 ends before it begins");
  expect_refused(with_number(good, second, 0), "is not ascending: chunk 1 ends before it begins");
  expect_refused(with_number(good, second, ~std::uint64_t{0}), "is of an image larger than 2^40 bytes");
}

TEST(ChunkIndex, RefusesEveryLengthButItsOwn) {
  const auto good = to_bytes(sample());
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(parse_index(std::string_view(good).substr(0, size), "x")) << size;
  expect_refused(good + "x", "is cut short or has bytes too many: its tail does not fit");
  expect_refused(good + good, "is cut short or has bytes too many: its tail does not fit");
}

// No byte of the frame around ids and ends is free; a flipped bit in those gives another index.
TEST(ChunkIndex, NoByteIsIgnored) {
  const auto good = to_bytes(sample());
  const auto original = parse_index(good, "x").value();
  for (std::size_t at = 0; at < good.size(); ++at) {
    const bool size_bounds = at >= 24 && at < kHeader;  // others' indexes have other bounds
    const bool flags = at == 23;                        // casync sets some that say nothing of a blob
    if (size_bounds || flags) continue;
    auto bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    const auto read = parse_index(bad, "x");
    EXPECT_FALSE(read && *read == original) << at;
  }
}

TEST(ChunkIndex, NamesAChunksFile) {
  auto chunk = id(0xab);
  chunk.bytes[1] = 0xcd;
  const std::string hex = "abcd" + std::string(60, '0');
  EXPECT_EQ(chunk.hex(), hex);
  EXPECT_EQ(chunk.path(), "abcd/" + hex + ".cacnk");
}

}  // namespace
}  // namespace reburst::chunks
