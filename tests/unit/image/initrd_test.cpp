#include "builder/image/initrd.hpp"

#include "boot/boot_conf.hpp"
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
  configuration.epoch = 1'783'764'997;
  configuration.command_line = "console=tty0 quiet";
  configuration.state = {{"/var/lib/app", "data"}, {"/var/lib/b", "more"}};
  return configuration;
}

TEST(BootConf, IsTheTextThatInitReads) {
  EXPECT_EQ(boot_conf(sample_configuration()),
            "reburst-boot 3\n"
            "role web\n"
            "version 20260711T101637Z\n"
            "root_hash 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\n"
            "salt -\n"
            "data_partuuid 11112222-3333-4444-5555-666677778888\n"
            "hash_partuuid aaaabbbb-cccc-dddd-eeee-ffff00001111\n"
            "data_blocks 300\n"
            "hash_start 1\n"
            "hash_blocks 5\n"
            "secure_boot preferred\n"
            "scan on\n"
            "ticket optional\n"
            "epoch 1783764997\n"
            "trust_root -\n"
            "command_line console=tty0 quiet\n"
            "state data /var/lib/app\n"
            "state more /var/lib/b\n"
            "on_failure poweroff\n");
}

// The two programs share no code: what one writes, the strict parser of the other must take.
TEST(BootConf, IsReadByInit) {
  BootConfiguration configuration = sample_configuration();
  configuration.boot = {.secure_boot = "required", .scan = false, .ticket = "required", .on_failure = "reboot"};
  configuration.trust_root = sha256("root");
  const auto conf = boot::parse_boot_conf(boot_conf(configuration));
  ASSERT_TRUE(conf) << conf.error().what.view() << ": " << conf.error().found.view();
  EXPECT_EQ(conf->role.view(), "web");
  EXPECT_EQ(conf->data_partuuid.text().view(), configuration.data_partition.text());
  EXPECT_EQ(conf->secure_boot, boot::SecureBootPolicy::kRequired);
  EXPECT_FALSE(conf->scan);
  EXPECT_EQ(conf->ticket, boot::TicketPolicy::kRequired);
  EXPECT_EQ(conf->epoch, 1'783'764'997U);
  EXPECT_TRUE(conf->has_trust_root);
  EXPECT_EQ(conf->trust_root[0], sha256("root").bytes[0]);
  EXPECT_EQ(conf->on_failure, boot::OnFailure::kReboot);
  EXPECT_EQ(conf->state_count, 2U);
  const auto usual = boot::parse_boot_conf(boot_conf(sample_configuration()));
  ASSERT_TRUE(usual);
  EXPECT_EQ(usual->secure_boot, boot::SecureBootPolicy::kPreferred);
  EXPECT_TRUE(usual->scan);
  EXPECT_EQ(usual->ticket, boot::TicketPolicy::kOptional);
  EXPECT_FALSE(usual->has_trust_root);
  EXPECT_EQ(usual->on_failure, boot::OnFailure::kPowerOff);
}

class Initrd : public FolderTest {
 protected:
  // Names in the archive, in its order.
  std::string names() { return tool({"cpio", "-t", "--quiet", "-F", (folder_ / "initrd").string()}); }
};

TEST_F(Initrd, HoldsInitConfigurationAndModulesInLoadingOrder) {
  testing::write(folder_ / "initrd",
                 make_initrd(as_bytes("program"), "conf\n", "", {{"virtio", "one"}, {"dm-mod", "two"}}, 5));
  EXPECT_EQ(names(),
            "boot.conf\ndev\ninit\nmodules\nmodules/01-virtio.ko\nmodules/02-dm-mod.ko\nproc\nrun\nsys\nsysroot\n");
  testing::unpack_cpio(folder_ / "initrd", folder_ / "out");
  EXPECT_EQ(testing::read(folder_ / "out/init"), "program");
  EXPECT_EQ(testing::read(folder_ / "out/boot.conf"), "conf\n");
  EXPECT_EQ(testing::read(folder_ / "out/modules/02-dm-mod.ko"), "two");
}

TEST_F(Initrd, NamesTheDevicesOfAModuleBesideIt) {
  const std::vector<BootModule> modules{{"virtio", "one"}, {"nvme", "two", "pci:a*\npci:b*\n"}};
  testing::write(folder_ / "initrd", make_initrd(as_bytes("program"), "conf\n", "", modules, 5));
  EXPECT_EQ(names(),
            "boot.conf\ndev\ninit\nmodules\nmodules/01-virtio.ko\nmodules/02-nvme.devices\nmodules/02-nvme.ko\nproc\n"
            "run\nsys\nsysroot\n");
  testing::unpack_cpio(folder_ / "initrd", folder_ / "out");
  EXPECT_EQ(testing::read(folder_ / "out/modules/02-nvme.devices"), "pci:a*\npci:b*\n");
}

TEST_F(Initrd, HoldsTheTrustedRootWhereThereIsOne) {
  testing::write(folder_ / "initrd", make_initrd(as_bytes("program"), "conf\n", "{}\n", {}, 5));
  EXPECT_EQ(names(), "boot.conf\ndev\ninit\nmodules\nproc\nroot.json\nrun\nsys\nsysroot\n");
  testing::unpack_cpio(folder_ / "initrd", folder_ / "out");
  EXPECT_EQ(testing::read(folder_ / "out/root.json"), "{}\n");
}

TEST_F(Initrd, ModulesSortInLoadingOrderPastAHundred) {
  const std::vector<BootModule> modules(120, {"m", "x"});
  testing::write(folder_ / "initrd", make_initrd({}, "", "", modules, 5));
  EXPECT_LT(names().find("modules/099-m.ko"), names().find("modules/100-m.ko"));
}

}  // namespace reburst::image
