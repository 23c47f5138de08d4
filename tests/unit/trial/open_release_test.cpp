#include <gtest/gtest.h>

#include "builder/describe/manifest.hpp"
#include "core/file.hpp"
#include "trial/trial.hpp"

namespace reburst::trial {
namespace {

TEST(OpenRelease, AFolderWithoutAManifestIsMissing) {
  const auto folder = TempDirectory::make(fs::temp_directory_path(), "release").value();
  const auto release = open_release(folder.path(), 1);
  ASSERT_FALSE(release);
  EXPECT_EQ(release.error().code, ErrorCode::kMissing);
}

TEST(OpenRelease, ADamagedManifestIsRefused) {
  const auto folder = TempDirectory::make(fs::temp_directory_path(), "release").value();
  ASSERT_TRUE(write_file_atomic(folder.path() / "manifest.json", "{}"));
  const auto release = open_release(folder.path(), 1);
  ASSERT_FALSE(release);
  EXPECT_EQ(release.error().code, ErrorCode::kIntegrity);
}

// Whatever a manifest says, nothing of a folder is booted that its sums do not name.
TEST(OpenRelease, AChangedFolderIsRefused) {
  const auto folder = TempDirectory::make(fs::temp_directory_path(), "release").value();
  describe::Manifest manifest;
  manifest.role = "web";
  manifest.version = "20260711T101637Z";
  manifest.architecture = "amd64";
  manifest.tool = "reburst 1";
  manifest.artifacts = {{.name = "web.raw", .kind = "disk", .size = 4, .sha256 = sha256("disk")}};
  lock::Lock lock;
  lock.role = "web";
  ASSERT_TRUE(describe::write_descriptions(folder.path(), manifest, lock));
  ASSERT_TRUE(write_file_atomic(folder.path() / "web.raw", "disc"));
  const auto release = open_release(folder.path(), 1);
  ASSERT_FALSE(release);
  EXPECT_EQ(release.error().code, ErrorCode::kIntegrity);
  EXPECT_TRUE(
      release.error().message.starts_with("\"" + (folder.path() / "web.raw").string() + "\" has the wrong SHA-256"))
      << release.error().message;
}

}  // namespace
}  // namespace reburst::trial
