#include "house.hpp"

namespace reburst::registry {
namespace {

// Who only looks needs no right to write, and changes nothing.
class ReaderTest : public House {
 protected:
  void SetUp() override {
    House::SetUp();
    begin();
  }
  [[nodiscard]] Result<Metadata> read(unsigned wait = 0) const { return Metadata::open_to_read(registry(), {}, wait); }
};

TEST_F(ReaderTest, ReadersShareTheLockAndKeepPublishersOut) {
  const auto one = read();
  ASSERT_TRUE(one);
  EXPECT_TRUE(one->locked());
  ASSERT_TRUE(read());
  refused(Metadata::open(registry(), who("keys"), false, 0), ErrorCode::kUsage,
          "somebody else is publishing to \"" + registry().string() + "\"");
}

TEST_F(ReaderTest, AReaderWaitsForAPublisher) {
  const auto publisher = open();
  refused(read(), ErrorCode::kUsage, "somebody else is publishing to \"" + registry().string() + "\"");
}

TEST_F(ReaderTest, WithoutALockFileItIsDoneWithout) {
  fs::remove(registry() / ".lock");
  const auto one = read();
  ASSERT_TRUE(one);
  EXPECT_FALSE(one->locked());
  EXPECT_FALSE(fs::exists(registry() / ".lock"));
}

TEST_F(ReaderTest, CommitsNothing) {
  auto one = read().value();
  refused(one.commit(), ErrorCode::kUsage, "\"" + registry().string() + "\" was opened to be read");
}

TEST_F(ReaderTest, WhatAKilledCommitLeftIsReadAndLeft) {
  const auto timestamp = registry() / "metadata/timestamp.json";
  const auto next = registry() / "metadata" / kNextTimestampName;
  fs::rename(timestamp, next);
  ASSERT_TRUE(write_file_atomic(timestamp, "{}"));
  fs::create_directory(registry() / ".staging-left");
  ASSERT_TRUE(read());
  EXPECT_EQ(read_file(timestamp, 100).value(), "{}");
  EXPECT_TRUE(fs::exists(next));
  EXPECT_TRUE(fs::exists(registry() / ".staging-left"));
  ASSERT_TRUE(Metadata::open(registry(), who("keys"), false));
  EXPECT_FALSE(fs::exists(next));
  EXPECT_FALSE(fs::exists(registry() / ".staging-left"));
}

TEST_F(ReaderTest, WithoutARegistryItSaysSo) {
  refused(Metadata::open_to_read(at("none"), {}), ErrorCode::kMissing,
          "there is no registry at \"" + at("none").string() + "\"");
}

}  // namespace
}  // namespace reburst::registry
