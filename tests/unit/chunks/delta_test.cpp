#include "registry/chunks/delta.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "registry/chunks/delta_file.hpp"
#include "tests/unit/chunks/images.hpp"

namespace reburst::chunks {
namespace {

constexpr std::size_t kPart = 256U << 10U;
constexpr std::size_t kHead = 56;  // magic, index, count

// Two images that differ as two builds do: every so often a few bytes, something inserted, something gone.
std::string edited(std::string text) {
  for (std::size_t at = 1000; at < text.size(); at += 3000) text[at] = static_cast<char>(text[at] ^ 0x55);
  text.insert(kPart + 77, noise(70, 5000));
  text.erase(2 * kPart, 3000);
  return text;
}

class Delta : public testing::Test {
 protected:
  Delta() {
    old_ = noise(1, 2 * kPart) + noise(2, 3 * kPart) + noise(3, kPart);
    new_ = noise(1, 2 * kPart) + edited(noise(2, 3 * kPart)) + noise(3, kPart);
    from_ = bench_.publish(bench_.put("old", old_), {2 * kPart, 5 * kPart});
    to_ = bench_.publish(bench_.put("new", new_), {2 * kPart, new_.size() - kPart});
    written_ =
        write_delta({from_, bench_.path("old")}, {to_, bench_.path("new")}, bench_.path("delta"), 2, silent_progress())
            .value();
  }

  Result<Assembled> assemble_to(const std::string& name, const std::string& seed, const std::string& delta) {
    asked_ = 0;
    return assemble(to_, bench_.path(name), {{.image = bench_.path(seed), .index = from_}}, {bench_.path(delta)},
                    counting(from_folder(bench_.store(), 2), asked_), 2, silent_progress());
  }

  // `edit` changes a copy of the delta; refused by name, and the target untouched.
  void expect_refused(const std::string& bytes, const std::string& why) {
    bench_.put("bad", bytes);
    const auto result = assemble_to("x", "old", "bad");
    ASSERT_FALSE(result) << why;
    EXPECT_EQ(result.error().code, ErrorCode::kIntegrity);
    EXPECT_EQ(result.error().message, "the delta \"" + bench_.path("bad").string() + "\" " + why);
    EXPECT_FALSE(std::filesystem::exists(bench_.path("x")));
  }

  Bench bench_;
  std::string old_, new_;
  Index from_, to_;
  DeltaWritten written_;
  std::size_t asked_ = 0;
};

TEST_F(Delta, MakesTheNewImageWithoutAnyChunk) {
  const auto done = assemble_to("made", "old", "delta");
  ASSERT_TRUE(done) << done.error().render();
  EXPECT_EQ(bench_.read("made"), new_);
  EXPECT_EQ(asked_, 0U);
  EXPECT_EQ(done->fetched_compressed, 0U);
  EXPECT_EQ(done->from_seeds + done->from_delta, to_.size);
}

TEST_F(Delta, IsSmallAndSaysItsSizes) {
  EXPECT_EQ(written_.bytes, std::filesystem::file_size(bench_.path("delta")));
  EXPECT_GE(written_.plain, 3 * kPart);
  EXPECT_LT(written_.bytes, kPart / 4) << "noise that does not compress by itself";
}

TEST_F(Delta, IsTheSameWhateverTheJobs) {
  ASSERT_TRUE(
      write_delta({from_, bench_.path("old")}, {to_, bench_.path("new")}, bench_.path("other"), 1, silent_progress()));
  EXPECT_EQ(bench_.read("other"), bench_.read("delta"));
}

TEST_F(Delta, WithAnotherSeedTheChunksAreFetched) {
  bench_.put("another", noise(99, 6 * kPart));
  const auto done = assemble_to("made", "another", "delta");
  ASSERT_TRUE(done) << done.error().render();
  EXPECT_EQ(bench_.read("made"), new_);
  EXPECT_EQ(done->from_delta, 0U);
  EXPECT_GT(asked_, 0U);
}

TEST_F(Delta, ADamagedFrameCostsOnlyItsChunks) {
  auto bytes = bench_.read("delta");
  bytes[bytes.size() - 100] = static_cast<char>(bytes[bytes.size() - 100] ^ 1);
  bench_.put("bad", bytes);
  const auto done = assemble_to("made", "old", "bad");
  ASSERT_TRUE(done) << done.error().render();
  EXPECT_EQ(bench_.read("made"), new_);
}

TEST_F(Delta, BetweenEqualImagesIsEmptyAndWorks) {
  const auto written =
      write_delta({from_, bench_.path("old")}, {from_, bench_.path("old")}, bench_.path("none"), 2, silent_progress());
  ASSERT_TRUE(written);
  EXPECT_EQ(written->plain, 0U);
  EXPECT_EQ(written->bytes, kHead);
}

TEST_F(Delta, RefusesWhatIsNoDelta) {
  const auto good = bench_.read("delta");
  expect_refused("", "is no delta");
  expect_refused(std::string(100, 'x'), "is no delta");
  auto other = good;
  other[20] = static_cast<char>(other[20] ^ 1);
  expect_refused(other, "is for another image");
  expect_refused(good + "x", "has bytes after its last frame");
  expect_refused(good.substr(0, good.size() - 1), "is cut short");
  expect_refused(good.substr(0, kHead + 8), "has more segments than the image has chunks, or is cut short");
}

TEST_F(Delta, RefusesSegmentsBeyondTheirLimits) {
  const auto good = bench_.read("delta");
  const auto change = [&](std::size_t field, std::uint64_t value) {
    auto bytes = good;
    std::memcpy(bytes.data() + kHead + field * 8, &value, sizeof value);
    return bytes;
  };
  const std::string ascend = "has segments that do not ascend within the image";
  expect_refused(change(0, to_.chunks.size()), ascend);
  expect_refused(change(0, ~std::uint64_t{0}), ascend);
  expect_refused(change(1, 0), ascend);
  expect_refused(change(1, ~std::uint64_t{0}), ascend);
  expect_refused(change(3, kMaxBase + 1), "has a segment larger than its limits");
  expect_refused(change(4, std::uint64_t{1} << 40U), "has a segment larger than its limits");
  auto count = good;
  const std::uint64_t many = ~std::uint64_t{0};
  std::memcpy(count.data() + kHead - 8, &many, sizeof many);
  expect_refused(count, "has more segments than the image has chunks, or is cut short");
}

TEST_F(Delta, ABaseBehindTheSeedsEndIsNoUse) {
  auto bytes = bench_.read("delta");
  const std::uint64_t far = std::uint64_t{1} << 39U;
  std::memcpy(bytes.data() + kHead + 16, &far, sizeof far);
  bench_.put("bad", bytes);
  const auto done = assemble_to("made", "old", "bad");
  ASSERT_TRUE(done) << done.error().render();
  EXPECT_EQ(bench_.read("made"), new_);
}

TEST_F(Delta, RefusesAnImageThatIsNotItsIndexs) {
  const auto result =
      write_delta({from_, bench_.path("new")}, {to_, bench_.path("new")}, bench_.path("x"), 2, silent_progress());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kIntegrity);
  EXPECT_FALSE(std::filesystem::exists(bench_.path("x")));
}

}  // namespace
}  // namespace reburst::chunks
