#include "builder/image/mkfs_erofs.hpp"

#include <unistd.h>

#include "tools.hpp"

namespace reburst::image {

using testing::FolderTest;
using testing::need;

class Compressed : public FolderTest {
 protected:
  std::uint64_t make(const fs::path& root, const std::string& compression, const fs::path& file,
                     std::uint64_t offset = 0) {
    const Fd fd = need(open_write(file));
    return need(write_compressed(root, folder_ / "work", compression, {.epoch = 5, .volume = "v", .uuid_label = "l"},
                                 fd.get(), offset));
  }
  fs::path tree(const std::string& name, bool backwards) {
    for (int i = 0; i < 200; ++i) {
      const int number = backwards ? 199 - i : i;
      testing::write(folder_ / name / "d" / std::to_string(number),
                     std::string(9000, static_cast<char>('a' + number % 26)));
    }
    return folder_ / name;
  }
};

TEST_F(Compressed, IsSmallerAndFsckAcceptsIt) {
  for (const std::string compression : {"lz4", "lz4hc"}) {
    const std::uint64_t blocks = make(tree("t", false), compression, folder_ / "image");
    EXPECT_LT(blocks, 400U);
    EXPECT_EQ(fs::file_size(folder_ / "image"), blocks * kBlock);
    testing::tool({"fsck.erofs", "--extract", (folder_ / "image").string()});
  }
}

TEST_F(Compressed, TheBytesDoNotDependOnTheOrderOfTheSource) {
  make(tree("a", false), "lz4hc", folder_ / "a.erofs");
  make(tree("b", true), "lz4hc", folder_ / "b.erofs", kMebibyte);
  EXPECT_TRUE(testing::read(folder_ / "a.erofs") == testing::read(folder_ / "b.erofs").substr(kMebibyte));
}

TEST_F(Compressed, AFailureShowsWhatMkfsSaid) {
  const Fd fd = need(open_write(folder_ / "image"));
  const auto made = write_compressed(folder_ / "absent", folder_ / "work", "lz4", {}, fd.get(), 0);
  ASSERT_FALSE(made.has_value());
  EXPECT_THAT(made.error().message, ::testing::HasSubstr("mkfs.erofs failed with status 1:\n  "));
}

}  // namespace reburst::image
