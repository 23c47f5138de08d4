#include "builder/image/modules.hpp"

#include "tools.hpp"

namespace reburst::image {

using testing::FolderTest;
using testing::need;
using testing::tool;

constexpr std::string_view kDep =
    "kernel/drivers/virtio/virtio_ring.ko:\n"
    "kernel/drivers/virtio/virtio.ko: kernel/drivers/virtio/virtio_ring.ko\n"
    "kernel/drivers/virtio/virtio_pci.ko: kernel/drivers/virtio/virtio.ko kernel/drivers/virtio/virtio_ring.ko\n"
    "kernel/drivers/block/virtio_blk.ko: kernel/drivers/virtio/virtio.ko kernel/drivers/virtio/virtio_ring.ko\n"
    "kernel/lib/libcrc32c.ko:\n"
    "kernel/crypto/crc32c_generic.ko:\n"
    "kernel/fs/erofs/erofs.ko: kernel/lib/libcrc32c.ko\n"
    "kernel/drivers/md/dm-verity.ko: kernel/drivers/md/dm-bufio.ko kernel/drivers/md/dm-mod.ko\n"
    "kernel/drivers/md/dm-bufio.ko: kernel/drivers/md/dm-mod.ko\n"
    "kernel/drivers/md/dm-mod.ko:\n";
constexpr std::string_view kSoft = "# a comment\nsoftdep libcrc32c pre: crc32c-generic absent post: dm-mod\n";

using Names = std::vector<std::string>;

TEST(Modules, DependenciesAndSoftDependenciesComeFirst) {
  const ModuleIndex index = need(parse_modules(kDep, "", kSoft));
  EXPECT_EQ(need(load_order(index, {"virtio_pci", "virtio_blk", "erofs", "dm_verity"}, {})),
            (Names{"virtio_ring", "virtio", "virtio_pci", "virtio_blk", "crc32c_generic", "libcrc32c", "erofs",
                   "dm_mod", "dm_bufio", "dm_verity"}));
}

TEST(Modules, OptionalOnesThatAreMissingAreSkipped) {
  const ModuleIndex index = need(parse_modules(kDep, "", ""));
  EXPECT_EQ(need(load_order(index, {}, {"nvme", "virtio"})), (Names{"virtio_ring", "virtio"}));
}

TEST(Modules, WhatIsBuiltInNeedsNoModule) {
  const ModuleIndex index = need(parse_modules("", "kernel/fs/erofs/erofs.ko\nkernel/drivers/md/dm-verity.ko\n", ""));
  EXPECT_EQ(need(load_order(index, {"erofs", "dm_verity"}, {})), Names{});
}

TEST(Modules, ARequiredOneThatIsMissingIsNamed) {
  const Error error = load_order(need(parse_modules(kDep, "", "")), {"erofs", "nvme"}, {}).error();
  EXPECT_EQ(error.code, ErrorCode::kMissing);
  EXPECT_EQ(error.message, "the kernel has no module \"nvme\", which an image needs to boot");
  EXPECT_EQ(error.hint, "choose another kernel package, such as linux-image-cloud-amd64 or linux-image-amd64");
}

TEST(Modules, ACycleEnds) {
  const ModuleIndex index =
      need(parse_modules("kernel/a.ko: kernel/b.ko\nkernel/b.ko: kernel/a.ko\n", "", "softdep a pre: a b\n"));
  EXPECT_EQ(need(load_order(index, {"a"}, {})), (Names{"b", "a"}));
}

TEST(Modules, NamesAreTheKernels) {
  EXPECT_EQ(module_name("kernel/drivers/md/dm-verity.ko.xz"), "dm_verity");
  EXPECT_EQ(module_name("kernel/fs/erofs/erofs.ko"), "erofs");
  EXPECT_EQ(module_name("kernel/fs/erofs/erofs"), "");
}

TEST(Modules, RefusesWhatDepmodWouldNotWrite) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"kernel/a.ko\n", "a line of modules.dep has no colon"},
      {"/etc/a.ko:\n", "modules.dep names \"/etc/a.ko\""},
      {"kernel/../../a.ko:\n", "modules.dep names \"kernel/../../a.ko\""},
      {"kernel/a\x01.ko:\n", "modules.dep names \"kernel/a\x01.ko\""},
      {"kernel/.ko:\n", "modules.dep names \"kernel/.ko\""},
      {"kernel/a.ko: b.ko\n", "modules.dep names \"b.ko\""},
      {"kernel/a.ko:\nkernel/x/a.ko:\n", "modules.dep names the module \"a\" twice"},
      {"kernel/a.ko: kernel/b.ko\n", "\"a\" needs \"b\", which it does not list"}};
  for (const auto& [text, why] : cases) {
    const auto parsed = parse_modules(text, "", "");
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().message, "cannot read the kernel's module index: " + why);
    EXPECT_EQ(parsed.error().code, ErrorCode::kPackage);
  }
}

class BootModules : public FolderTest {
 protected:
  // A kernel as Debian ships it, the modules compressed by `compressor`.
  void install(const std::string& compressor, const std::string& suffix) {
    const fs::path kernel = folder_ / "usr/lib/modules/6.1.0-1-amd64";
    fs::create_directory_symlink("usr/lib", folder_ / "lib");
    std::string dep;
    for (const std::string name : {"virtio_pci", "virtio_blk", "dm-verity", "erofs"}) {
      const fs::path file = kernel / "kernel" / (name + ".ko");
      testing::write(file,
                     "\x7f"
                     "ELF of " +
                         name);
      if (!compressor.empty()) tool({compressor, "-q", "--force", file.string()});
      if (compressor == "zstd") fs::remove(file);
      dep += "kernel/" + name + ".ko" + suffix + ":\n";
    }
    testing::write(kernel / "modules.dep", dep);
  }
};

TEST_F(BootModules, AreUncompressedWhateverTheKernelPackageDoes) {
  for (const auto& [compressor, suffix] :
       std::vector<std::pair<std::string, std::string>>{{"", ""}, {"xz", ".xz"}, {"gzip", ".gz"}, {"zstd", ".zst"}}) {
    SCOPED_TRACE(compressor);
    install(compressor, suffix);
    const auto modules = need(boot_modules(folder_, "6.1.0-1-amd64"));
    ASSERT_EQ(modules.size(), 4U);
    EXPECT_EQ(modules[2].name, "dm-verity");
    EXPECT_EQ(modules[2].content,
              "\x7f"
              "ELF of dm-verity");
    need(remove_tree(folder_ / "usr"));
    fs::remove(folder_ / "lib");
  }
}

TEST_F(BootModules, NeverReadOutsideTheTree) {
  install("", "");
  testing::write(folder_ / "outside", "secret");
  const fs::path module = folder_ / "usr/lib/modules/6.1.0-1-amd64/kernel/erofs.ko";
  fs::remove(module);
  fs::create_symlink(folder_ / "outside", module);  // inside the image this path leads nowhere
  const auto modules = boot_modules(folder_, "6.1.0-1-amd64");
  ASSERT_FALSE(modules.has_value());
  EXPECT_EQ(modules.error().message,
            "cannot open \"/lib/modules/6.1.0-1-amd64/kernel/erofs.ko\" of the image: No such file or directory");
}

TEST_F(BootModules, AKernelWithoutItsIndexIsNamed) {
  EXPECT_EQ(boot_modules(folder_, "6.1").error().message,
            "cannot open \"/lib/modules/6.1/modules.dep\" of the image: No such file or directory");
}

}  // namespace reburst::image
