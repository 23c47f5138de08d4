#include "boot/boot_conf.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reburst::boot {
namespace {

const std::string kGood =
    "reburst-boot 3\n"
    "role web\n"
    "version 20260711T101637Z\n"
    "root_hash 7cc914d27eae61a89919fe23d779a443a8a0b3f263318eec6325da703243ef14\n"
    "salt 00112233\n"
    "data_partuuid 7cc914d2-7eae-61a8-9919-fe23d779a443\n"
    "hash_partuuid a8a0b3f2-6331-8eec-6325-da703243ef14\n"
    "data_blocks 64860\n"
    "hash_start 1\n"
    "hash_blocks 513\n"
    "secure_boot preferred\n"
    "scan on\n"
    "ticket optional\n"
    "epoch 1783764997\n"
    "trust_root 1f0c2d7a1d4b0a8b5b0d4f3e0c9a7c6f5e4d3c2b1a09182736455463728190af\n"
    "command_line console=tty0 quiet\n"
    "state data /var/lib/app\n"
    "on_failure poweroff\n";

std::string changed(const std::string& from, const std::string& to) {
  std::string text = kGood;
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(BootConf, ReadsEveryField) {
  const auto conf = parse_boot_conf(kGood);
  ASSERT_TRUE(conf);
  EXPECT_EQ(conf->role.view(), "web");
  EXPECT_EQ(conf->version.view(), "20260711T101637Z");
  EXPECT_EQ(conf->root_hash[0], 0x7c);
  EXPECT_EQ(conf->root_hash[31], 0x14);
  EXPECT_EQ(conf->salt_size, 4U);
  EXPECT_EQ(conf->salt[3], 0x33);
  EXPECT_EQ(conf->data_partuuid.text().view(), "7cc914d2-7eae-61a8-9919-fe23d779a443");
  EXPECT_EQ(conf->data_blocks, 64860U);
  EXPECT_EQ(conf->hash_start, 1U);
  EXPECT_EQ(conf->hash_blocks, 513U);
  EXPECT_EQ(conf->secure_boot, SecureBootPolicy::kPreferred);
  EXPECT_TRUE(conf->scan);
  EXPECT_EQ(conf->ticket, TicketPolicy::kOptional);
  EXPECT_EQ(conf->epoch, 1'783'764'997U);
  EXPECT_TRUE(conf->has_trust_root);
  EXPECT_EQ(conf->trust_root[31], 0xaf);
  EXPECT_EQ(conf->command_line.view(), "console=tty0 quiet");
  ASSERT_EQ(conf->state_count, 1U);
  EXPECT_EQ(conf->state[0].volume.view(), "data");
  EXPECT_EQ(conf->state[0].mount.view(), "/var/lib/app");
  EXPECT_EQ(conf->on_failure, OnFailure::kPowerOff);
}

TEST(BootConf, ReadsAnEmptySaltNoStateAndReboot) {
  std::string text = changed("salt 00112233", "salt -");
  text.erase(text.find("state data"), std::string("state data /var/lib/app\n").size());
  text.replace(text.find("poweroff"), 8, "reboot");
  const auto conf = parse_boot_conf(text);
  ASSERT_TRUE(conf);
  EXPECT_EQ(conf->salt_size, 0U);
  EXPECT_EQ(conf->state_count, 0U);
  EXPECT_EQ(conf->on_failure, OnFailure::kReboot);
}

TEST(BootConf, ReadsTheStrictPolicy) {
  EXPECT_EQ(parse_boot_conf(changed("secure_boot preferred", "secure_boot required"))->secure_boot,
            SecureBootPolicy::kRequired);
  EXPECT_FALSE(parse_boot_conf(changed("scan on", "scan off"))->scan);
  EXPECT_EQ(parse_boot_conf(changed("ticket optional", "ticket required"))->ticket, TicketPolicy::kRequired);
}

TEST(BootConf, ReadsAnImageWithoutATrustedRoot) {
  const std::string root = "trust_root 1f0c2d7a1d4b0a8b5b0d4f3e0c9a7c6f5e4d3c2b1a09182736455463728190af";
  const auto conf = parse_boot_conf(changed(root, "trust_root -"));
  ASSERT_TRUE(conf);
  EXPECT_FALSE(conf->has_trust_root);
  const auto bad = parse_boot_conf(changed(root, "trust_root 1f"));
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().what.view(), "reading line 15 of /boot.conf");
  EXPECT_EQ(bad.error().expected.view(), "64 lower-case hexadecimal digits, or \"-\"");
  const auto late = parse_boot_conf(changed("epoch 1783764997", "epoch 253402300800"));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().expected.view(), "seconds since 1970");
}

TEST(BootConf, TellsLineExpectedAndFound) {
  const auto conf = parse_boot_conf(changed("salt 0011", "salt 001"));
  ASSERT_FALSE(conf);
  EXPECT_EQ(conf.error().what.view(), "reading line 5 of /boot.conf");
  EXPECT_EQ(conf.error().expected.view(), "at most 512 lower-case hexadecimal digits, or \"-\"");
  EXPECT_EQ(conf.error().found.view(), "\"salt 0012233\"");
  const auto policy = parse_boot_conf(changed("secure_boot preferred", "secure_boot off"));
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().what.view(), "reading line 11 of /boot.conf");
  EXPECT_EQ(policy.error().expected.view(), "preferred or required");
  EXPECT_EQ(policy.error().found.view(), "\"secure_boot off\"");
}

TEST(BootConf, RefusesWhatIsNotStrictlyRight) {
  const std::string role = "role web\n";
  const std::string state = "state data /var/lib/app\n";
  std::string seventeen;
  for (char each = 'a'; each <= 'q'; ++each) seventeen += std::string("state ") + each + " /mnt/" + each + "\n";
  const std::vector<std::string> bad = {
      "",
      "\n",
      changed("reburst-boot 3", "reburst-boot 2"),
      changed("reburst-boot 3", "reburst-boot 4"),
      changed("reburst-boot 3\n", ""),
      changed(role, ""),
      changed(role, role + role),
      changed(role, "role  web\n"),
      changed(role, "role web \n"),
      changed(role, "role\n"),
      changed(role, "role \n"),
      changed(role, "role web\r\n"),
      changed(role, "role we\"b\n"),
      changed(role, "role " + std::string(65, 'a') + "\n"),
      changed(role, role + "color red\n"),
      changed("root_hash 7", "root_hash "),
      changed("root_hash 7cc9", "root_hash 7CC9"),
      changed("root_hash 7cc9", "root_hash 7cg9"),
      changed("salt 00112233", "salt " + std::string(514, '0')),
      changed("salt 00112233", "salt"),
      changed("data_partuuid 7cc914d2-7eae", "data_partuuid 7cc914d27-eae"),
      changed("a8a0b3f2-6331-8eec-6325-da703243ef14", "7cc914d2-7eae-61a8-9919-fe23d779a443"),
      changed("data_blocks 64860", "data_blocks 0"),
      changed("command_line console=tty0 quiet\n", ""),
      changed("quiet", "quiet "),
      changed("command_line console", "command_line  console"),
      changed("quiet", "qui\tet"),
      changed("quiet", "qui\x7f"),
      changed("quiet", std::string(2047 - 12, 'q')),
      changed("data_blocks 64860", "data_blocks 064860"),
      changed("data_blocks 64860", "data_blocks -1"),
      changed("data_blocks 64860", "data_blocks 0x10"),
      changed("data_blocks 64860", "data_blocks 4294967297"),
      changed("data_blocks 64860", "data_blocks 99999999999999999999999"),
      changed("hash_start 1", "hash_start 2"),  // the tree of 64860 blocks takes 512, so 513 no longer hold it
      changed("hash_blocks 513", "hash_blocks 512"),
      changed("hash_blocks 513", "hash_blocks 514"),  // nothing covers the last block
      changed("secure_boot preferred\n", ""),
      changed("secure_boot preferred", "secure_boot none"),
      changed("scan on", "scan true"),
      changed("scan on\n", ""),
      changed("scan on\nticket optional\n", "ticket optional\nscan on\n"),
      changed("ticket optional", "ticket off"),
      changed("ticket optional\n", "ticket optional\nticket optional\n"),
      changed(state, "state data\n"),
      changed(state, "state data var/lib\n"),
      changed(state, "state data /\n"),
      changed(state, "state data /var/\n"),
      changed(state, "state data /var//lib\n"),
      changed(state, "state data /var/../etc\n"),
      changed(state, "state data /var/./etc\n"),
      changed(state, "state data /var/lib app\n"),
      changed(state, "state da/ta /var/lib\n"),
      changed(state, state + "state data /srv\n"),
      changed(state, state + "state other /var/lib/app\n"),
      changed(state, seventeen),
      changed("on_failure poweroff", "on_failure shell"),
      changed("on_failure poweroff\n", "on_failure poweroff"),
      changed("on_failure poweroff\n", ""),
      kGood + "\n",
      kGood + "on_failure poweroff\n",
      kGood + std::string("\0", 1),
  };
  for (const std::string& text : bad) EXPECT_FALSE(parse_boot_conf(text)) << text;
}

TEST(BootConf, EveryCutIsRefused) {
  for (std::size_t size = 0; size < kGood.size(); ++size) {
    EXPECT_FALSE(parse_boot_conf(std::string_view(kGood).substr(0, size))) << size;
  }
}

// Against veritysetup: 64860 blocks made a hash file of 513 blocks, one of them the superblock.
TEST(BootConf, CountsTheBlocksOfAVerityTree) {
  const std::vector<std::pair<std::uint64_t, std::uint64_t>> cases = {{1, 0},       {2, 1},       {128, 1},    {129, 3},
                                                                      {16384, 129}, {16385, 132}, {64860, 512}};
  for (const auto& [data, tree] : cases) EXPECT_EQ(verity_tree_blocks(data), tree) << data;
}

}  // namespace
}  // namespace reburst::boot
