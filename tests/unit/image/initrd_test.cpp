#include "builder/image/initrd.hpp"

#include "builder/image/bytes.hpp"
#include "tools.hpp"

namespace reburst::image {

using testing::FolderTest;
using testing::tool;

static BootConfiguration sample_configuration() {
  BootConfiguration configuration;
  configuration.role = "web";
  configuration.version = "20260711T101637Z";
  configuration.verity = {.root_hash = sha256("x"), .data_blocks = 300, .hash_start = 1, .hash_blocks = 5};
  configuration.data_partition = "11112222-3333-4444-5555-666677778888"_uuid;
  configuration.hash_partition = "aaaabbbb-cccc-dddd-eeee-ffff00001111"_uuid;
  configuration.state = {{"/var/lib/app", "data"}, {"/var/lib/b", "more"}};
  return configuration;
}

TEST(BootConf, IsTheTextThatInitReads) {
  EXPECT_EQ(boot_conf(sample_configuration()),
            "reburst-boot 1\n"
            "role web\n"
            "version 20260711T101637Z\n"
            "root_hash 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\n"
            "salt -\n"
            "data_partuuid 11112222-3333-4444-5555-666677778888\n"
            "hash_partuuid aaaabbbb-cccc-dddd-eeee-ffff00001111\n"
            "data_blocks 300\n"
            "hash_start 1\n"
            "hash_blocks 5\n"
            "state data /var/lib/app\n"
            "state more /var/lib/b\n"
            "on_failure poweroff\n");
}

class Initrd : public FolderTest {
 protected:
  // Names in the archive, in its order.
  std::string names() { return tool({"cpio", "-t", "--quiet", "-F", (folder_ / "initrd").string()}); }
};

TEST_F(Initrd, HoldsInitConfigurationAndModulesInLoadingOrder) {
  testing::write(folder_ / "initrd",
                 make_initrd(as_bytes("program"), "conf\n", {{"virtio", "one"}, {"dm-mod", "two"}}, 5));
  EXPECT_EQ(names(),
            "boot.conf\ndev\ninit\nmodules\nmodules/01-virtio.ko\nmodules/02-dm-mod.ko\nproc\nrun\nsys\nsysroot\n");
  testing::unpack_cpio(folder_ / "initrd", folder_ / "out");
  EXPECT_EQ(testing::read(folder_ / "out/init"), "program");
  EXPECT_EQ(testing::read(folder_ / "out/boot.conf"), "conf\n");
  EXPECT_EQ(testing::read(folder_ / "out/modules/02-dm-mod.ko"), "two");
}

TEST_F(Initrd, ModulesSortInLoadingOrderPastAHundred) {
  const std::vector<BootModule> modules(120, {"m", "x"});
  testing::write(folder_ / "initrd", make_initrd({}, "", modules, 5));
  EXPECT_LT(names().find("modules/099-m.ko"), names().find("modules/100-m.ko"));
}

}  // namespace reburst::image
