#include <gtest/gtest.h>

#include "core/file.hpp"
#include "trial/trial.hpp"

namespace reburst::trial {
namespace {

TEST(OpenRelease, AFolderWithoutAManifestIsMissing) {
  const auto folder = TempDirectory::make(fs::temp_directory_path(), "release").value();
  const auto release = open_release(folder.path());
  ASSERT_FALSE(release);
  EXPECT_EQ(release.error().code, ErrorCode::kMissing);
}

TEST(OpenRelease, ADamagedManifestIsRefused) {
  const auto folder = TempDirectory::make(fs::temp_directory_path(), "release").value();
  ASSERT_TRUE(write_file_atomic(folder.path() / "manifest.json", "{}"));
  const auto release = open_release(folder.path());
  ASSERT_FALSE(release);
  EXPECT_EQ(release.error().code, ErrorCode::kIntegrity);
}

}  // namespace
}  // namespace reburst::trial
