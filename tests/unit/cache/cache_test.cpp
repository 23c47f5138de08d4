#include "cache/cache.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace reburst::cache {
namespace {

class CacheTest : public testing::Test {
 protected:
  fs::path write(const std::string& name, const std::string& content) {
    const fs::path path = folder_->path() / name;
    EXPECT_TRUE(write_file_atomic(path, content));
    return path;
  }

  Result<TempDirectory> folder_ = TempDirectory::make("/tmp", "cache-test");
  Result<Cache> cache_ = Cache::open(folder_->path() / "cache");
};

TEST_F(CacheTest, FindsABlobThatWasPut) {
  EXPECT_FALSE(cache_->find_blob(sha256("hello")));
  const auto path = cache_->put_blob("hello");
  ASSERT_TRUE(path);
  EXPECT_EQ(cache_->find_blob(sha256("hello")), *path);
  EXPECT_EQ(*read_file(*path, 100), "hello");
  EXPECT_EQ(*path, fs::canonical(folder_->path()) / "cache/blobs/2c" / sha256("hello").hex());
}

TEST_F(CacheTest, EntriesAreReadOnlyAndAppearOnce) {
  const auto path = cache_->put_blob("hello");
  struct stat status {};
  ASSERT_EQ(::stat(path->c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0444U);
  const auto inode = status.st_ino;
  ASSERT_TRUE(cache_->put_blob("hello"));
  ASSERT_EQ(::stat(path->c_str(), &status), 0);
  EXPECT_EQ(status.st_ino, inode);
}

TEST_F(CacheTest, AdoptsAFileThatHashesToItsDigest) {
  const auto file = write("file", "content");
  const auto blob = cache_->adopt_blob(file, sha256("content"));
  ASSERT_TRUE(blob);
  EXPECT_FALSE(fs::exists(file));
  EXPECT_EQ(*read_file(*blob, 100), "content");
}

TEST_F(CacheTest, RefusesAFileThatDoesNot) {
  const auto file = write("file", "other");
  const auto blob = cache_->adopt_blob(file, sha256("content"));
  ASSERT_FALSE(blob);
  EXPECT_EQ(blob.error().code, ErrorCode::kIntegrity);
  EXPECT_EQ(blob.error().message, "\"" + file.string() + "\" has the wrong SHA-256\n  expected " +
                                      sha256("content").hex() + "\n  actual   " + sha256("other").hex());
  EXPECT_TRUE(fs::exists(file));
  EXPECT_FALSE(cache_->find_blob(sha256("content")));
}

TEST_F(CacheTest, VerifyRemovesADamagedBlob) {
  const auto path = *cache_->put_blob("hello");
  EXPECT_EQ(*cache_->verify_blob(sha256("hello")), path);
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  ASSERT_TRUE(write_file_atomic(path, "hellO"));
  EXPECT_EQ(*cache_->verify_blob(sha256("hello")), std::nullopt);
  EXPECT_FALSE(fs::exists(path));
  EXPECT_EQ(*cache_->verify_blob(sha256("hello")), std::nullopt);
}

TEST_F(CacheTest, ALinkIsNoBlob) {
  const auto path = *cache_->put_blob("hello");
  fs::remove(path);
  fs::create_symlink("/etc/hostname", path);
  EXPECT_FALSE(cache_->find_blob(sha256("hello")));
}

TEST_F(CacheTest, DerivedContentIsKeptByKindAndKey) {
  const Digest key = sha256("key");
  EXPECT_EQ(*cache_->read_derived("solv", key, 100), std::nullopt);
  ASSERT_TRUE(cache_->write_derived("solv", key, "one"));
  EXPECT_EQ(*cache_->read_derived("solv", key, 100), "one");
  EXPECT_EQ(*cache_->read_derived("build", key, 100), std::nullopt);
  ASSERT_TRUE(cache_->adopt_derived("solv", key, write("file", "two")));
  EXPECT_EQ(*cache_->read_derived("solv", key, 100), "two");
  EXPECT_EQ(cache_->read_derived("solv", key, 2).error().code, ErrorCode::kIntegrity);
}

TEST_F(CacheTest, OpenSaysWhyItCannot) {
  const auto file = write("occupied", "");
  const auto cache = Cache::open(file / "cache");
  ASSERT_FALSE(cache);
  EXPECT_EQ(cache.error().code, ErrorCode::kIo);
  EXPECT_EQ(cache.error().message, "cannot create the folder \"" + (file / "cache").string() + "\": Not a directory");
}

}  // namespace
}  // namespace reburst::cache
