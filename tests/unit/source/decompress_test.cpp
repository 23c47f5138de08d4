#include "builder/source/decompress.hpp"

#include <gtest/gtest.h>

#include "tests/support/archive/test_archive.hpp"

namespace reburst::source {
namespace {

class DecompressTest : public testing::Test {
 protected:
  Result<std::string> decompressed(const std::string& bytes, std::uint64_t max) {
    test::put_file(from_, bytes);
    if (auto done = decompress(from_, to_, max, "main/Packages.xz"); !done) return fail(done.error());
    return read_file(to_, 1U << 30U);
  }

  Result<TempDirectory> folder_ = TempDirectory::make("/tmp", "decompress-test");
  fs::path from_ = folder_->path() / "from";
  fs::path to_ = folder_->path() / "to";
};

TEST_F(DecompressTest, ReadsEveryForm) {
  const std::string content(300'000, 'x');
  EXPECT_EQ(*decompressed(test::xz(content), content.size()), content);
  EXPECT_EQ(*decompressed(test::gzip(content), content.size()), content);
  EXPECT_EQ(*decompressed(content, content.size()), content);
  EXPECT_EQ(*decompressed(test::xz("a") + test::xz("b"), 2), "ab");
  EXPECT_EQ(*decompressed(test::xz(""), 0), "");
  EXPECT_EQ(*decompressed("", 0), "");
}

TEST_F(DecompressTest, StopsABomb) {
  const auto done = decompressed(test::xz(std::string(50'000'000, '\0')), 1000);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kIntegrity);
  EXPECT_EQ(done.error().message, "cannot decompress \"main/Packages.xz\": it holds more than 1000 bytes");
  EXPECT_EQ(done.error().hint, "the repository's index is broken: tell whoever runs it, or use another mirror");
  EXPECT_EQ(fs::file_size(to_), 0U);
}

TEST_F(DecompressTest, RefusesACutFile) {
  const auto whole = test::xz(std::string(300'000, 'x') + std::string(3000, 'y'));
  const auto done = decompressed(whole.substr(0, whole.size() / 2), 1U << 20U);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kIntegrity);
  EXPECT_TRUE(done.error().message.starts_with("cannot decompress \"main/Packages.xz\": ")) << done.error().message;
}

}  // namespace
}  // namespace reburst::source
