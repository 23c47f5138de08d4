#include "registry/bundle/workplace.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "core/file.hpp"

namespace reburst::bundle {
namespace {

class WorkplaceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDirectory::make(fs::temp_directory_path(), "workplace");
    ASSERT_TRUE(made);
    folder_.emplace(*std::move(made));
  }
  [[nodiscard]] fs::path registry() const { return folder_->path() / "registry"; }
  [[nodiscard]] fs::path work() const { return folder_->path() / ".registry.importing"; }

 private:
  std::optional<TempDirectory> folder_;
};

TEST_F(WorkplaceTest, ReplacesTheRegistryAtOnceAndLeavesNothing) {
  for (const char* text : {"old", "new"}) {
    const auto place = Workplace::open(registry());
    ASSERT_TRUE(place) << place.error().message;
    ASSERT_TRUE(write_file_atomic(place->made() / "file", text));
    ASSERT_TRUE(place->place());
    EXPECT_EQ(*read_file(registry() / "file", 10), text);
  }
  EXPECT_FALSE(fs::exists(work()));
}

TEST_F(WorkplaceTest, WithoutPlacingNothingChanges) {
  ASSERT_TRUE(make_directories(registry()));
  ASSERT_TRUE(write_file_atomic(registry() / "file", "old"));
  {
    const auto place = Workplace::open(registry());
    ASSERT_TRUE(place);
    ASSERT_TRUE(write_file_atomic(place->made() / "file", "new"));
  }
  EXPECT_EQ(*read_file(registry() / "file", 10), "old");
  EXPECT_FALSE(fs::exists(work()));
}

TEST_F(WorkplaceTest, RemovesWhatAKilledImportLeft) {
  ASSERT_TRUE(make_directories(work() / "registry"));
  ASSERT_TRUE(write_file_atomic(work() / "registry/half", "made"));
  const auto place = Workplace::open(registry());
  ASSERT_TRUE(place);
  EXPECT_TRUE(fs::is_empty(place->made()));
}

TEST_F(WorkplaceTest, IsForOneImportAtATime) {
  const auto first = Workplace::open(registry());
  ASSERT_TRUE(first);
  const auto second = Workplace::open(registry());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kUsage);
  EXPECT_EQ(second.error().message, "somebody else is importing into \"" + registry().string() + "\"");
  EXPECT_TRUE(fs::exists(first->made()));
}

TEST_F(WorkplaceTest, FollowsALinkToTheRegistry) {
  ASSERT_TRUE(make_directories(registry()));
  const auto link = registry().parent_path() / "current";
  fs::create_directory_symlink("registry", link);
  const auto place = Workplace::open(link);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->target(), registry());
}

}  // namespace
}  // namespace reburst::bundle
