#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/unit/chunks/images.hpp"

namespace reburst::chunks {
namespace {

constexpr std::size_t kPart = 256U << 10U;

class Assemble : public testing::Test {
 protected:
  Result<Assembled> assemble_to(const std::string& name, const Index& index, const std::vector<Seed>& seeds = {}) {
    asked_ = 0;
    return assemble(index, bench_.path(name), seeds, {}, counting(from_folder(bench_.store(), 2), asked_), 2,
                    silent_progress());
  }

  Bench bench_;
  std::size_t asked_ = 0;  // chunks that the store was asked for
  std::string content_ = noise(1, 3 * kPart) + std::string(4 * kPart, '\0') + noise(2, kPart) + noise(1, kPart);
  Index index_ = bench_.publish(bench_.put("image", content_));
};

TEST_F(Assemble, FromTheStoreAlone) {
  const auto done = assemble_to("new", index_);
  ASSERT_TRUE(done) << done.error().render();
  EXPECT_EQ(bench_.read("new"), content_);
  EXPECT_EQ(done->from_seeds + done->from_target + done->from_delta + done->fetched, index_.size);
  EXPECT_LT(asked_, index_.chunks.size()) << "what stands twice comes once";
}

TEST_F(Assemble, ZerosAreLeftAHole) {
  ASSERT_TRUE(assemble_to("new", index_));
  struct stat status {};
  ASSERT_EQ(::stat(bench_.path("new").c_str(), &status), 0);
  EXPECT_LE(static_cast<std::uint64_t>(status.st_blocks) * 512, 5 * kPart + kPart / 2);
}

TEST_F(Assemble, FromASeedWhatItHas) {
  const auto seed = bench_.put("seed", noise(9, 12345) + content_.substr(0, 3 * kPart) + noise(8, kPart));
  const auto done = assemble_to("new", index_, {{.image = seed}});
  ASSERT_TRUE(done) << done.error().render();
  EXPECT_EQ(bench_.read("new"), content_);
  EXPECT_GT(done->from_seeds, 2 * kPart);
  EXPECT_GT(done->fetched, 0U);
}

TEST_F(Assemble, FromAnEqualSeedEverything) {
  const auto done = assemble_to("new", index_, {{.image = bench_.path("image"), .index = index_}});
  ASSERT_TRUE(done) << done.error().render();
  EXPECT_EQ(bench_.read("new"), content_);
  EXPECT_EQ(asked_, 0U);
  EXPECT_EQ(done->from_seeds, index_.size);
}

// The index beside a seed comes from anywhere.
TEST_F(Assemble, AnIndexThatLiesAboutASeedCostsOnlyTime) {
  auto lie = index_;
  std::swap(lie.chunks.at(0).id, lie.chunks.at(1).id);
  const auto shorter = bench_.put("shorter", content_.substr(0, kPart));
  const auto done =
      assemble_to("new", index_, {{.image = bench_.path("image"), .index = lie}, {.image = shorter, .index = lie}});
  ASSERT_TRUE(done) << done.error().render();
  EXPECT_EQ(bench_.read("new"), content_);
  EXPECT_EQ(asked_, 1U) << "the second chunk; the first stands a second time in the seed";
}

TEST_F(Assemble, GoesOnWhereItWasInterrupted) {
  auto part = content_;
  part.resize(content_.size() / 2);
  part[100] = static_cast<char>(part[100] ^ 1);
  bench_.put("new", part);
  const auto done = assemble_to("new", index_);
  ASSERT_TRUE(done) << done.error().render();
  EXPECT_EQ(bench_.read("new"), content_);
  EXPECT_GT(done->from_target, kPart);
  EXPECT_LT(done->fetched, index_.size / 2);
}

TEST_F(Assemble, WhatWasLongerIsCut) {
  bench_.put("new", content_ + "and more");
  ASSERT_TRUE(assemble_to("new", index_));
  EXPECT_EQ(bench_.read("new"), content_);
}

TEST_F(Assemble, AWrongChunkIsNamedAndStaysOut) {
  ASSERT_TRUE(write_file_atomic(bench_.chunk(index_.chunks.front()),
                                read_file(bench_.chunk(index_.chunks.at(1)), kPart).value()));
  const auto done = assemble_to("new", index_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kIntegrity);
  EXPECT_NE(done.error().message.find(index_.chunks.front().id.hex()), std::string::npos) << done.error().message;
}

TEST_F(Assemble, AStoreThatGivesLessThanItWasAskedForIsSeen) {
  const Fetch nothing = [](auto, const auto&) -> Result<> { return {}; };
  const auto done = assemble(index_, bench_.path("new"), {}, {}, nothing, 2, silent_progress());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "the chunk \"" + index_.chunks.front().id.hex() + "\" did not come");
}

TEST_F(Assemble, ASeedThatIsNotThereIsNamedBeforeAnythingIsWritten) {
  const auto done = assemble_to("new", index_, {{.image = bench_.path("nowhere")}});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kMissing);
  EXPECT_FALSE(std::filesystem::exists(bench_.path("new")));
}

TEST_F(Assemble, ALinkIsNotWrittenThrough) {
  std::filesystem::create_symlink(bench_.path("elsewhere"), bench_.path("new"));
  ASSERT_FALSE(assemble_to("new", index_));
  EXPECT_FALSE(std::filesystem::exists(bench_.path("elsewhere")));
}

TEST_F(Assemble, AnIndexWithTwoSizesForOneIdIsRefused) {
  auto index = index_;
  index.chunks.at(1).id = index.chunks.at(0).id;
  const auto done = assemble_to("new", index);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message.substr(0, 32), "the chunk index gives the chunk ");
}

}  // namespace
}  // namespace reburst::chunks
