#include <gtest/gtest.h>

#include <set>

#include "tests/unit/chunks/images.hpp"

namespace reburst::chunks {
namespace {

constexpr std::size_t kMiB = 1U << 20U;

std::set<ChunkId> ids(const Index& index) {
  std::set<ChunkId> out;
  for (const auto& chunk : index.chunks) out.insert(chunk.id);
  return out;
}

std::uint64_t bytes_not_in(const Index& index, const std::set<ChunkId>& known) {
  std::uint64_t out = 0;
  for (const auto& chunk : index.chunks) out += known.contains(chunk.id) ? 0 : chunk.size;
  return out;
}

TEST(Cut, CoversTheImageWithoutGapsWithinItsBounds) {
  const Bench bench;
  const auto image = bench.put("image", noise(1, 5 * kMiB + 123));
  const auto index = cut(image, {}, 2, silent_progress()).value();
  EXPECT_EQ(index.size, 5 * kMiB + 123);
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < index.chunks.size(); ++i) {
    const auto& chunk = index.chunks[i];
    EXPECT_EQ(chunk.offset, at);
    EXPECT_LE(chunk.size, kMaxChunk);
    const bool last = i + 1 == index.chunks.size();
    EXPECT_TRUE(last || chunk.size > kMinChunk) << chunk.size;
    at += chunk.size;
  }
  EXPECT_EQ(at, index.size);
  EXPECT_GT(index.chunks.size(), 20U);
}

TEST(Cut, IsTheSameWhateverTheJobs) {
  const Bench bench;
  const auto image = bench.put("image", noise(2, 6 * kMiB));
  const Boundaries boundaries = {4096, 3 * kMiB, 5 * kMiB};
  EXPECT_EQ(cut(image, boundaries, 1, silent_progress()).value(), cut(image, boundaries, 7, silent_progress()).value());
}

TEST(Cut, EndsAtEveryBoundary) {
  const Bench bench;
  const auto image = bench.put("image", noise(3, 2 * kMiB));
  const Boundaries boundaries = {0, 4096, 4096, 8192, kMiB, 9 * kMiB};  // twice, at the start, and behind the end
  std::set<std::uint64_t> starts;
  const auto index = cut(image, boundaries, 2, silent_progress()).value();
  for (const auto& chunk : index.chunks) starts.insert(chunk.offset);
  for (const std::uint64_t wanted : {0UL, 4096UL, 8192UL, kMiB}) EXPECT_TRUE(starts.contains(wanted)) << wanted;
}

// The reason for boundaries: a package has the same chunks wherever it stands.
TEST(Cut, APackageThatMovedHasTheSameChunks) {
  const Bench bench;
  const auto package = noise(4, 3 * kMiB + 4096);
  const auto one = bench.put("one", noise(5, kMiB) + package + noise(6, kMiB));
  const auto two = bench.put("two", noise(7, 2 * kMiB + 8192) + package + noise(8, kMiB));
  const auto known = ids(cut(one, {kMiB, 4 * kMiB + 4096}, 2, silent_progress()).value());
  const auto other = cut(two, {2 * kMiB + 8192, 5 * kMiB + 12288}, 2, silent_progress()).value();
  EXPECT_EQ(bytes_not_in(other, known), 3 * kMiB + 8192) << "only what is around the package";
}

TEST(Cut, ByContentAnInsertedByteCostsAChunkOrTwo) {
  const Bench bench;
  const auto content = noise(9, 8 * kMiB);
  const auto known = ids(cut(bench.put("one", content), {}, 2, silent_progress()).value());
  auto changed = content;
  changed.insert(4 * kMiB, "x");
  const auto other = cut(bench.put("two", changed), {}, 2, silent_progress()).value();
  EXPECT_LE(bytes_not_in(other, known), 3 * kMaxChunk);
  EXPECT_GT(bytes_not_in(other, known), 0U);
}

TEST(Cut, OfAnEmptyImageIsNothing) {
  const Bench bench;
  const auto index = cut(bench.put("image", ""), {}, 2, silent_progress()).value();
  EXPECT_EQ(index.size, 0U);
  EXPECT_TRUE(index.chunks.empty());
}

TEST(Cut, SaysThatTheImageIsNotThere) {
  const auto result = cut("/nowhere/image", {}, 1, silent_progress());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kMissing);
  EXPECT_NE(result.error().message.find("\"/nowhere/image\""), std::string::npos) << result.error().message;
}

// Pinned: were the rule to change, every clone would fetch everything again.
TEST(Cut, TheRuleNeverChanges) {
  const Bench bench;
  const auto index = cut(bench.put("image", noise(10, 2 * kMiB)), {}, 1, silent_progress()).value();
  std::vector<std::uint64_t> sizes;
  for (const auto& chunk : index.chunks) sizes.push_back(chunk.size);
  EXPECT_EQ(sizes,
            (std::vector<std::uint64_t>{225514, 54145, 118042, 35848, 90215,  161708, 74435, 254400, 80553,  45933,
                                        69120,  81350, 84787,  67688, 173679, 32844,  76015, 68641,  105509, 196726}));
  EXPECT_EQ(index.chunks.front().id.hex(), "31dbea88f61e811f57cd4ed1ecadd223e9201545da88f0ddd222044dd9c2335f");
}

}  // namespace
}  // namespace reburst::chunks
