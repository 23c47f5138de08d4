#include "builder/image/modules.hpp"

#include "builder/image/module_devices.hpp"
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

constexpr std::string_view kDisks =
    "kernel/virtio.ko:\n"
    "kernel/virtio_pci.ko: kernel/virtio.ko\n"
    "kernel/scsi_mod.ko:\n"
    "kernel/sd_mod.ko: kernel/scsi_mod.ko\n"
    "kernel/virtio_scsi.ko: kernel/virtio.ko kernel/scsi_mod.ko\n"
    "kernel/libata.ko: kernel/scsi_mod.ko\n"
    "kernel/ata_piix.ko: kernel/libata.ko kernel/scsi_mod.ko\n"
    "kernel/hv_vmbus.ko:\n"
    "kernel/hv_storvsc.ko: kernel/hv_vmbus.ko kernel/scsi_mod.ko\n"
    "kernel/nvme.ko:\n";
constexpr std::string_view kAliases =
    "# Aliases extracted from modules themselves.\n"
    "alias virtio:d00000008v* virtio_scsi\n"
    "alias pci:v00008086d00001230sv*sd*bc*sc*i* ata_piix\n"
    "alias pci:v00008086d00007010sv*sd*bc*sc*i* ata_piix\n"
    "alias acpi*:VMBUS:* hv-vmbus\n"
    "alias vmbus:4acc9b2f hv_storvsc\n"
    "alias scsi:t-0x00* sd_mod\n"
    "alias block-major-8-* sd_mod\n"
    "alias pci:v*d*sv*sd*bc06* virtio_pci\n"
    "alias pci:too many words virtio_pci\n";

TEST(ModuleDevices, AreThoseOfTheDriversThatNeedAModule) {
  const ModuleIndex index = need(parse_modules(kDisks, "", "softdep virtio_scsi pre: sd_mod\n"));
  const Names drivers{"virtio_scsi", "ata_piix", "hv_storvsc", "nvme"};
  const Names order = need(load_order(index, {"virtio_pci"}, drivers));
  const DevicePatterns devices = choose_devices(index, order, drivers, parse_device_patterns(kAliases));
  const std::set<std::string> piix{"pci:v00008086d00001230sv*sd*bc*sc*i*", "pci:v00008086d00007010sv*sd*bc*sc*i*"};
  EXPECT_EQ(devices.at("ata_piix"), piix);
  EXPECT_EQ(devices.at("libata"), piix);
  EXPECT_EQ(devices.at("virtio_scsi"), (std::set<std::string>{"virtio:d00000008v*"}));
  EXPECT_EQ(devices.at("sd_mod"), (std::set<std::string>{"virtio:d00000008v*"}));
  EXPECT_EQ(devices.at("hv_storvsc"), (std::set<std::string>{"vmbus:4acc9b2f"}));
  EXPECT_EQ(devices.at("hv_vmbus"), (std::set<std::string>{"acpi*:VMBUS:*", "vmbus:4acc9b2f"}));
  std::set<std::string> every = piix;
  every.insert({"virtio:d00000008v*", "vmbus:4acc9b2f"});
  EXPECT_EQ(devices.at("scsi_mod"), every);
  // For every machine: what is required, what it needs, and a driver of which no pattern is known.
  for (const char* name : {"virtio", "virtio_pci", "nvme"}) EXPECT_FALSE(devices.contains(name)) << name;
}

TEST(ModuleDevices, WithoutPatternsEveryModuleIsForEveryMachine) {
  const ModuleIndex index = need(parse_modules(kDisks, "", ""));
  const Names drivers{"virtio_scsi", "ata_piix"};
  EXPECT_EQ(choose_devices(index, need(load_order(index, {}, drivers)), drivers, parse_device_patterns("")),
            DevicePatterns{});
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
  void install(const std::string& compressor, const std::string& suffix, const std::vector<std::string>& more = {}) {
    const fs::path kernel = folder_ / "usr/lib/modules/6.1.0-1-amd64";
    fs::create_directory_symlink("usr/lib", folder_ / "lib");
    std::string dep;
    std::vector<std::string> names{"virtio_pci", "virtio_blk", "dm-verity", "erofs"};
    names.insert(names.end(), more.begin(), more.end());
    for (const std::string& name : names) {
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

TEST_F(BootModules, NameTheDevicesThatTheyAreFor) {
  install("", "", {"sd_mod", "virtio_scsi", "efivarfs"});
  testing::write(folder_ / "usr/lib/modules/6.1.0-1-amd64/modules.alias",
                 "alias virtio:d00000008v* virtio_scsi\nalias virtio:d00000002v* virtio_blk\n");
  std::map<std::string, std::string> devices;
  Names order;
  for (const BootModule& module : need(boot_modules(folder_, "6.1.0-1-amd64"))) {
    devices[module.name] = module.devices;
    order.push_back(module.name);
  }
  EXPECT_EQ(order, (Names{"virtio_pci", "virtio_blk", "dm-verity", "erofs", "efivarfs", "sd_mod", "virtio_scsi"}));
  EXPECT_EQ(devices["virtio_scsi"], "virtio:d00000008v*\n");
  EXPECT_EQ(devices["sd_mod"], "virtio:d00000008v*\n");
  for (const char* name : {"virtio_pci", "virtio_blk", "efivarfs"}) EXPECT_EQ(devices[name], "") << name;
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
