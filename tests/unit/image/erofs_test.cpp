#include "builder/image/erofs.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstring>
#include <map>

#include "tools.hpp"

namespace reburst::image {

using testing::FolderTest;
using testing::make_tree;
using testing::need;
using testing::noise;
using testing::tool;
using testing::write;

constexpr Epoch kEpoch = 1783764997;

class Erofs : public FolderTest {
 protected:
  // Writes `tree` as a file system into `file`, `offset` bytes from its start.
  ErofsPlan make(const tree::Tree& tree, const fs::path& file, std::size_t jobs = 1, std::uint64_t offset = 0) {
    const Walk walk = need(walk_tree(tree));
    ErofsPlan plan = need(plan_erofs(walk, {.epoch = kEpoch, .volume = "test", .uuid_label = "label"}));
    const Fd fd = need(open_write(file));
    EXPECT_EQ(::ftruncate(fd.get(), static_cast<off_t>(offset + plan.blocks * kBlock)), 0);
    need(write_erofs(plan, walk, tree.root, fd.get(), offset, jobs, silent_progress()));
    return plan;
  }

  fs::path extract(const fs::path& file) {
    fs::path out = folder_ / "extracted";
    tool({"fsck.erofs", "--preserve-perms", "--extract=" + out.string(), file.string()});
    return out;
  }

  // Names, links, sizes around every border, attributes; owners and devices where the test may make them.
  fs::path odd_tree() {
    const fs::path root = folder_ / "tree";
    std::uint32_t seed = 0;
    for (const std::size_t size : {0U, 1U, 4063U, 4064U, 4095U, 4096U, 4097U, 12288U, 100000U}) {
      write(root / "sizes" / std::to_string(size), noise(size, ++seed));
    }
    write(root / "names" / std::string(255, 'n'), "long");
    write(root / "names" / "\xff\xfe not utf-8 \n", "odd");
    for (const std::size_t count : {1U, 30U, 70U, 110U}) {  // folders whose last block is inlined, and not
      for (std::size_t i = 0; i < count; ++i)
        write(root / ("folder" + std::to_string(count)) / (std::string(60, 'x') + std::to_string(i)), "");
    }
    fs::create_directories(root / "empty");
    fs::create_symlink("sizes/1", root / "short-link");
    fs::create_symlink(std::string(4095, 'l'), root / "long-link");
    fs::create_hard_link(root / "sizes/4097", root / "names/hard");
    EXPECT_EQ(::mkfifo((root / "fifo").c_str(), 0640), 0);
    fs::permissions(root / "sizes/1", fs::perms{06711});
    fs::permissions(root / "empty", fs::perms{01777});
    set_attributes(root / "sizes/4096");
    set_attributes(root / "empty");
    if (::geteuid() == 0) add_what_root_may(root);
    return root;
  }

  static void set_attributes(const fs::path& path) {
    EXPECT_EQ(::setxattr(path.c_str(), "user.small", "v", 1, 0), 0);
    const std::string large = noise(1500, 7);
    EXPECT_EQ(::setxattr(path.c_str(), "user.large", large.data(), large.size(), 0), 0);
  }

  static void add_what_root_may(const fs::path& root) {
    EXPECT_EQ(::mknod((root / "char").c_str(), S_IFCHR | 0600, makedev(10, 1000)), 0);
    EXPECT_EQ(::mknod((root / "block").c_str(), S_IFBLK | 0600, makedev(259, 1)), 0);
    EXPECT_EQ(::mknod((root / "socket").c_str(), S_IFSOCK | 0600, 0), 0);
    EXPECT_EQ(::chown((root / "sizes/4095").c_str(), 65535, 65536), 0);
    EXPECT_EQ(::lchown((root / "short-link").c_str(), 100000, 5), 0);
    EXPECT_EQ(::chown((root / "empty").c_str(), 70000, 70000), 0);
    const std::string capability("\x01\x00\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
                                 20);
    EXPECT_EQ(::setxattr((root / "sizes/1").c_str(), "security.capability", capability.data(), capability.size(), 0),
              0);
    EXPECT_EQ(::setxattr((root / "sizes/1").c_str(), "trusted.t", "t", 1, 0), 0);
  }
};

using Inodes = std::map<std::pair<dev_t, ino_t>, ino_t>;

static void expect_equal(const fs::path& expected, const fs::path& actual, bool owners) {
  Inodes inodes;
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(expected)) {
    const fs::path other = actual / entry.path().lexically_relative(expected);
    struct stat a {
    }, b{};
    ASSERT_EQ(::lstat(entry.path().c_str(), &a), 0);
    ASSERT_EQ(::lstat(other.c_str(), &b), 0) << other;
    EXPECT_EQ(a.st_mode, b.st_mode) << other;
    if (owners) {
      EXPECT_EQ(a.st_uid, b.st_uid) << other;
      EXPECT_EQ(a.st_gid, b.st_gid) << other;
    }
    if (!S_ISDIR(a.st_mode)) {
      EXPECT_EQ(inodes.emplace(std::pair(a.st_dev, a.st_ino), b.st_ino).first->second, b.st_ino) << other;
    }
    if (S_ISCHR(a.st_mode) || S_ISBLK(a.st_mode)) {
      EXPECT_EQ(a.st_rdev, b.st_rdev) << other;
    }
    if (S_ISLNK(a.st_mode)) {
      EXPECT_EQ(fs::read_symlink(entry.path()), fs::read_symlink(other));
    }
    if (S_ISREG(a.st_mode)) {
      EXPECT_EQ(testing::read(entry.path()), testing::read(other)) << other;
    }
    ++count;
  }
  const auto others = fs::recursive_directory_iterator(actual);
  EXPECT_EQ(std::distance(begin(others), end(others)), static_cast<std::ptrdiff_t>(count));
}

TEST_F(Erofs, FsckExtractsWhatTheTreeHolds) {
  const fs::path root = odd_tree();
  // fsck.erofs 1.5 extracts no sockets, no setuid bits, and hard links as files of their own.
  fs::remove(root / "socket");
  fs::permissions(root / "sizes/1", fs::perms{0711});
  fs::remove(root / "names/hard");
  make(make_tree(root), folder_ / "image");
  expect_equal(root, extract(folder_ / "image"), ::geteuid() == 0);
}

// Everything that fsck.erofs does not look at: attributes, link counts, sockets, times.
TEST_F(Erofs, TheKernelSeesWhatTheTreeHolds) {
  const fs::path root = odd_tree();
  const fs::path mount = folder_ / "mount";
  make(make_tree(root), folder_ / "image");
  fs::create_directory(mount);
  // File-backed mounts need root and Linux 6.12; elsewhere fsck.erofs above is the judge.
  if (::mount((folder_ / "image").c_str(), mount.c_str(), "erofs", MS_RDONLY, nullptr) != 0) {
    GTEST_SKIP() << "this machine does not mount an erofs file: " << std::strerror(errno);
  }
  expect_equal(root, mount, true);
  struct stat status {};
  EXPECT_EQ(::lstat((mount / "names/hard").c_str(), &status), 0);
  EXPECT_EQ(status.st_nlink, 2U);
  EXPECT_EQ(status.st_mtime, kEpoch);
  EXPECT_EQ(::lstat((mount / "sizes/4095").c_str(), &status), 0);
  EXPECT_EQ(status.st_mtime, kEpoch) << "an extended inode has a time of its own";
  EXPECT_EQ(::lstat(mount.c_str(), &status), 0);
  EXPECT_EQ(status.st_nlink,
            2U + static_cast<unsigned>(std::distance(fs::directory_iterator(root), fs::directory_iterator()) - 6));
  const Walk before = need(walk_tree(make_tree(root)));
  const Walk after = need(walk_tree(make_tree(mount)));
  ASSERT_EQ(before.nodes.size(), after.nodes.size());
  for (std::size_t i = 0; i < before.nodes.size(); ++i)
    EXPECT_EQ(before.nodes[i].xattrs, after.nodes[i].xattrs) << before.nodes[i].path;
  EXPECT_EQ(::umount(mount.c_str()), 0);
}

TEST_F(Erofs, TenThousandSmallFiles) {
  for (int i = 0; i < 10'000; ++i)
    write(folder_ / "tree" / std::to_string(i), noise(static_cast<std::size_t>(i % 50), 3));
  make(make_tree(folder_ / "tree"), folder_ / "image", 2);
  expect_equal(folder_ / "tree", extract(folder_ / "image"), false);
}

TEST_F(Erofs, HolesStayHoles) {
  const fs::path file = folder_ / "tree/sparse";
  write(file, "start");
  const Fd out(::open(file.c_str(), O_WRONLY));
  ASSERT_EQ(::ftruncate(out.get(), 3LL << 30U), 0);
  need(write_at(out.get(), 2ULL << 30U, as_bytes("middle"), "sparse"));
  make(make_tree(folder_ / "tree"), folder_ / "image", 2);
  struct stat status {};
  ASSERT_EQ(::stat((folder_ / "image").c_str(), &status), 0);
  EXPECT_GT(status.st_size, 3LL << 30U);
  EXPECT_LT(status.st_blocks * 512, 1 << 20U);
  tool({"fsck.erofs", (folder_ / "image").string()});
}

TEST_F(Erofs, TheBytesDoNotDependOnJobs) {
  const tree::Tree tree = make_tree(odd_tree());
  for (int i = 0; i < 20; ++i)
    write(folder_ / "tree/more" / std::to_string(i), noise(1'000'000, static_cast<std::uint32_t>(i)));
  make(make_tree(folder_ / "tree"), folder_ / "one", 1);
  make(make_tree(folder_ / "tree"), folder_ / "two", 2);
  make(make_tree(folder_ / "tree"), folder_ / "eight", 8);
  EXPECT_TRUE(testing::read(folder_ / "one") == testing::read(folder_ / "two"));
  EXPECT_TRUE(testing::read(folder_ / "one") == testing::read(folder_ / "eight"));
}

TEST_F(Erofs, TheBytesDoNotDependOnOrderOrTimesOfTheSource) {
  for (const bool backwards : {false, true}) {
    const fs::path root = folder_ / (backwards ? "b" : "a");
    for (int i = 0; i < 300; ++i) {
      const int number = backwards ? 299 - i : i;
      write(root / "d" / std::to_string(number), noise(static_cast<std::size_t>(number) * 40, 5));
    }
    make(make_tree(root), root.string() + ".erofs");
  }
  EXPECT_TRUE(testing::read(folder_ / "a.erofs") == testing::read(folder_ / "b.erofs"));
}

TEST_F(Erofs, APackageHasTheSameDataBytesInEveryImage) {
  const auto region = [&](const std::string& name, const std::vector<std::string>& others) {
    const fs::path root = folder_ / name;
    for (int i = 0; i < 50; ++i)
      write(root / "usr/share/p" / std::to_string(i), noise(static_cast<std::size_t>(i) * 777, 9));
    std::vector<tree::Tree::PackageFiles> packages;
    for (const std::string& other : others) {
      write(root / "usr/bin" / other, noise(5000 + other.size() * 100, 11));
      packages.push_back({other, {"/usr/bin/" + other}});
    }
    auto& package = packages.emplace_back(tree::Tree::PackageFiles{"p", {}});
    for (int i = 0; i < 50; ++i) package.paths.push_back("/usr/share/p/" + std::to_string(i));
    const tree::Tree tree = make_tree(root, packages);
    const ErofsPlan plan = make(tree, folder_ / (name + ".erofs"));
    const std::uint64_t first = plan.extents[others.size()].block * kBlock;
    return testing::read(folder_ / (name + ".erofs")).substr(first);
  };
  const std::string alone = region("one", {});
  EXPECT_GT(alone.size(), 900'000U);
  EXPECT_TRUE(alone == region("two", {"x", "long-name", "another"}));
}

TEST_F(Erofs, WritesAtAnOffset) {
  const tree::Tree tree = make_tree(odd_tree());
  make(tree, folder_ / "plain");
  make(tree, folder_ / "disk", 2, kMebibyte);
  EXPECT_TRUE(testing::read(folder_ / "disk").substr(kMebibyte) == testing::read(folder_ / "plain"));
}

TEST_F(Erofs, AFileThatChangesIsAnError) {
  write(folder_ / "tree/f", noise(10'000, 1));
  const tree::Tree tree = make_tree(folder_ / "tree");
  const Walk walk = need(walk_tree(tree));
  const ErofsPlan plan = need(plan_erofs(walk, {.epoch = kEpoch, .volume = "", .uuid_label = ""}));
  const Fd fd = need(open_write(folder_ / "image"));
  for (const std::size_t size : {9'999U, 10'001U, 0U}) {
    write(folder_ / "tree/f", noise(size, 1));
    const auto done = write_erofs(plan, walk, tree.root, fd.get(), 0, 1, silent_progress());
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().message, "\"" + (folder_ / "tree/f").string() + "\" changed while the image was written");
  }
  fs::remove(folder_ / "tree/f");
  fs::create_symlink("/etc/passwd", folder_ / "tree/f");
  EXPECT_FALSE(write_erofs(plan, walk, tree.root, fd.get(), 0, 1, silent_progress()).has_value());
}

TEST_F(Erofs, AFileSystemBeyondTheFormatIsRefused) {
  Walk walk;
  walk.nodes.resize(2);
  walk.nodes[0].mode = S_IFDIR | 0755;
  walk.nodes[0].entries = {{"huge", 1}};
  walk.nodes[1].mode = S_IFREG | 0644;
  walk.nodes[1].size = 1ULL << 45U;
  walk.data = {{1}};
  EXPECT_EQ(plan_erofs(walk, {}).error().message, "the root file system is larger than 16 TiB");
}

}  // namespace reburst::image
