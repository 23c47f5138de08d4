#include "core/place_folder.hpp"

#include <gtest/gtest.h>

#include "core/file.hpp"

namespace reburst {
namespace {

class Place : public ::testing::Test {
 protected:
  TempDirectory temp_ = *TempDirectory::make("/tmp", "reburst-place-test");
  fs::path out_ = temp_.path() / "some" / "out";
  fs::path target_ = out_ / "web" / "1";
};

TEST_F(Place, LeavesNoFolderWhereNothingCame) {
  {
    const auto made = prepare_place(target_);
    ASSERT_TRUE(made) << made.error().render();
    EXPECT_TRUE(fs::is_directory(out_ / "web"));
  }
  EXPECT_TRUE(fs::is_empty(temp_.path()));
}

TEST_F(Place, LeavesTheFoldersThatWereThere) {
  fs::create_directories(out_);
  { ASSERT_TRUE(prepare_place(target_)); }
  EXPECT_TRUE(fs::is_empty(out_));
  fs::create_directories(out_ / "web");
  { ASSERT_TRUE(prepare_place(target_)); }
  EXPECT_TRUE(fs::is_directory(out_ / "web"));
}

TEST_F(Place, KeepsWhatCame) {
  fs::create_directories(temp_.path() / "made");
  {
    const auto made = prepare_place(target_);
    ASSERT_TRUE(made);
    ASSERT_TRUE(place_folder(temp_.path() / "made", target_));
  }
  EXPECT_TRUE(fs::is_directory(target_));
}

TEST_F(Place, ASweepRemovesWhatAKilledProcessMade) {
  const Before before(out_);
  fs::create_directories(out_ / "web" / ".reburst-incoming-abcdef" / "release");
  before.sweep();
  EXPECT_TRUE(fs::is_empty(temp_.path()));
}

TEST_F(Place, ASweepLeavesWhatWasThereAndWhatIsNotEmpty) {
  fs::create_directories(out_ / "mine");
  const Before before(out_ / "");
  fs::create_directories(out_ / "web");
  fs::create_directories(out_ / "mail" / "1");
  before.sweep();
  EXPECT_TRUE(fs::is_directory(out_ / "mine"));
  EXPECT_TRUE(fs::is_directory(out_ / "mail" / "1"));
  EXPECT_FALSE(fs::exists(out_ / "web"));
}

}  // namespace
}  // namespace reburst
