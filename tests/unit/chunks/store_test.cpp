#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/unit/chunks/images.hpp"

namespace reburst::chunks {
namespace {

constexpr std::size_t kPart = 512U << 10U;

std::size_t count_files(const std::filesystem::path& folder) {
  std::size_t out = 0;
  for (const auto& one : std::filesystem::recursive_directory_iterator(folder)) out += one.is_regular_file() ? 1 : 0;
  return out;
}

TEST(ChunkStore, HoldsEveryChunkOnce) {
  const Bench bench;
  const auto part = noise(1, kPart);
  const auto image = bench.put("image", part + part + std::string(3 * kPart, '\0'));
  const auto index = bench.publish(image, {kPart, 2 * kPart});
  std::set<ChunkId> different;
  for (const auto& chunk : index.chunks) different.insert(chunk.id);
  EXPECT_LT(different.size(), index.chunks.size());
  EXPECT_EQ(count_files(bench.store()), different.size());
  EXPECT_TRUE(check_store(index, bench.store(), 2, silent_progress()));
}

TEST(ChunkStore, WritesOnlyWhatItLacks) {
  const Bench bench;
  const auto base = noise(2, 4 * kPart);
  const auto one = bench.put("one", base);
  const auto first = cut(one, {}, 2, silent_progress()).value();
  const auto all = store_chunks(first, one, bench.store(), 2, silent_progress()).value();
  EXPECT_EQ(all.new_chunks, first.chunks.size());
  EXPECT_EQ(all.new_bytes, all.total_bytes);
  const auto again = store_chunks(first, one, bench.store(), 2, silent_progress()).value();
  EXPECT_EQ(again.new_chunks, 0U);
  EXPECT_EQ(again.new_bytes, 0U);
  EXPECT_EQ(again.total_bytes, all.total_bytes);
  const auto two = bench.put("two", base + noise(3, kPart / 2));
  const auto more =
      store_chunks(cut(two, {4 * kPart}, 2, silent_progress()).value(), two, bench.store(), 2, silent_progress())
          .value();
  EXPECT_GE(more.new_bytes, kPart / 2);
  EXPECT_LT(more.new_bytes, kPart / 2 + kPart / 16);
}

TEST(ChunkStore, AnImageThatChangedSinceItWasCutIsRefused) {
  const Bench bench;
  const auto image = bench.put("image", noise(4, kPart));
  const auto index = cut(image, {}, 1, silent_progress()).value();
  bench.put("image", noise(5, kPart));
  const auto result = store_chunks(index, image, bench.store(), 1, silent_progress());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kIntegrity);
  EXPECT_EQ(result.error().message,
            "\"" + image.string() + "\" is not what its chunk index says, or changed since: the chunk at 0 differs");
  EXPECT_EQ(count_files(bench.store()), 0U) << "nothing half-written";
}

TEST(ChunkStore, WhatAKilledWriterLeftIsRemoved) {
  const Bench bench;
  const auto image = bench.put("image", noise(6, kPart));
  const auto left = bench.store() / ".incoming-dead";
  std::filesystem::create_directories(left);
  ASSERT_TRUE(write_file_atomic(left / "x", "part of a chunk"));
  (void)bench.publish(image);
  EXPECT_FALSE(std::filesystem::exists(left));
}

TEST(ChunkStore, ADamagedChunkIsNamed) {
  const Bench bench;
  const auto index = bench.publish(bench.put("image", noise(7, kPart)));
  const auto by_size = [](const Chunk& a, const Chunk& b) { return a.size < b.size; };
  const auto& victim = *std::max_element(index.chunks.begin(), index.chunks.end(), by_size);
  const auto& smaller = *std::min_element(index.chunks.begin(), index.chunks.end(), by_size);
  ASSERT_NE(victim.size, smaller.size);
  const auto good = read_file(bench.chunk(victim), 1U << 30U).value();
  const auto what = "the chunk \"" + victim.id.hex() + "\" ";
  const auto expect = [&](const std::string& content, const std::string& message) {
    ASSERT_TRUE(write_file_atomic(bench.chunk(victim), content));
    const auto result = check_store(index, bench.store(), 2, silent_progress());
    ASSERT_FALSE(result) << message;
    EXPECT_EQ(result.error().code, ErrorCode::kIntegrity);
    EXPECT_EQ(result.error().message.substr(0, message.size()), message);
  };
  const auto size = std::to_string(victim.size);
  auto flipped = good;
  flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 1);
  expect(flipped, what);
  expect("", what + "is no zstd frame");
  expect("nonsense", what + "is no zstd frame");
  expect(good.substr(0, good.size() - 1), what + "is damaged: it is not one whole zstd frame of " + size + " bytes");
  expect(good + "x", what + "is damaged: it is not one whole zstd frame of " + size + " bytes");
  expect(read_file(bench.chunk(smaller), 1U << 30U).value(), what + "does not hold " + size + " bytes");
  expect(std::string("\xfd"
                     "7zXZ\0rest",
                     10),
         what + "is compressed by xz; only zstd is read");
}

TEST(ChunkStore, AFileLargerThanItsChunkCanBeIsNotRead) {
  const Bench bench;
  const auto index = bench.publish(bench.put("image", noise(9, kPart)));
  const auto& victim = index.chunks.at(1);
  ASSERT_TRUE(write_file_atomic(bench.chunk(victim), noise(10, frame_bound(victim.size) + 1)));
  const auto result = check_store(index, bench.store(), 2, silent_progress());
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find(victim.id.hex()), std::string::npos) << result.error().message;
  EXPECT_NE(result.error().message.find("larger than"), std::string::npos) << result.error().message;
}

TEST(ChunkStore, AMissingChunkIsNamed) {
  const Bench bench;
  const auto index = bench.publish(bench.put("image", noise(8, kPart)));
  std::filesystem::remove(bench.chunk(index.chunks.at(1)));
  const auto result = check_store(index, bench.store(), 2, silent_progress());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kMissing);
  EXPECT_EQ(result.error().message,
            "the chunk store \"" + bench.store().string() + "\" has no chunk \"" + index.chunks.at(1).id.hex() + "\"");
}

}  // namespace
}  // namespace reburst::chunks
