#include <array>

#include "attack/case.hpp"
#include "attack/markers.hpp"

namespace reburst::attack {

namespace {

constexpr auto kShort = List::kShort;
constexpr auto kLong = List::kLong;
constexpr auto kDirect = By::kDirect;
constexpr auto kFirmware = By::kFirmware;
using enum Outcome;
namespace n = need;

constexpr std::string_view kVerified = "verified root, handing over";
constexpr std::string_view kNoRoot = "looking for the root partition";
constexpr std::string_view kDenied = "Access Denied";
constexpr std::string_view kScanned = "scanned the root";
constexpr std::string_view kSecure = "reburst: Secure Boot is on";

// number, name, list, by, expected, shows, hides; what, why; needs, make
// One row a case, denser than the formatter would have it.
// clang-format off
constexpr std::array kCases = {
    Case{0, "released", kShort, kDirect, kBoots, "WARNING: Secure Boot is absent", {}, "nothing",
         "the control: what follows fails for its own reason", 0, make::nothing},
    Case{0, "released-by-firmware", kLong, kFirmware, kBoots, kSecure, {}, "nothing",
         "the control of what is booted by firmware", n::kFirmware, make::nothing},
    Case{0, "credentials-heeded", kLong, kDirect, kBoots, kAnyMarker, {},
         "credentials from the host, and \"systemd.import_credentials=yes\" by a direct start",
         "the control of 24 and 25: who starts a kernel directly chooses its command line, and then a credential shows",
         n::kSystem, make::credentials_heeded},
    Case{1, "cmdline-bit", kLong, kFirmware, kFirmwareRefuses, kDenied, {},
         "a bit of the boot program's command line flipped", "the signature covers it", n::kFirmware,
         make::cmdline_bit},
    Case{2, "initrd-bit", kShort, kFirmware, kFirmwareRefuses, kDenied, {}, "a bit of its initrd flipped",
         "the signature covers it", n::kFirmware, make::initrd_bit},
    Case{3, "kernel-bit", kLong, kFirmware, kFirmwareRefuses, kDenied, {}, "a bit of its kernel flipped",
         "the signature covers it", n::kFirmware, make::kernel_bit},
    Case{4, "signature-bit", kLong, kFirmware, kFirmwareRefuses, kDenied, {}, "a bit of its signature flipped",
         "it is no signature by db's key any more", n::kFirmware, make::signature_bit},
    Case{5, "appended", kLong, kFirmware, kFirmwareRefuses, kDenied, {}, "eight bytes appended to it",
         "what follows the signature is hashed, too", n::kFirmware, make::appended},
    Case{6, "unsigned", kLong, kFirmware, kFirmwareRefuses, kDenied, {}, "its signature taken away",
         "Secure Boot starts nothing unsigned", n::kFirmware, make::unsigned_program},
    Case{7, "foreign-key", kLong, kFirmware, kFirmwareRefuses, kDenied, {}, "signed by somebody else",
         "db has one certificate, and it is not his", n::kFirmware, make::foreign_key},
    Case{8, "data-block", kShort, kDirect, kRefused, "at byte @MIDDLE@: other bytes", {},
         "one byte of a data block changed", "its hash differs, and the scan reads every block", n::kScan,
         make::data_block},
    Case{9, "super-block", kLong, kDirect, kRefused, "at byte 0: other bytes", {},
         "one byte of the file system's super block changed", "block 0 is a data block like any other", n::kScan,
         make::super_block},
    Case{10, "hash-leaf", kLong, kDirect, kRefused, "at byte *: other bytes", {},
         "one byte of the last block of the tree changed", "the level above holds its hash", n::kScan, make::hash_leaf},
    Case{11, "hash-root", kShort, kDirect, kRefused, "at byte 0: other bytes", {},
         "one byte of the tree's first block changed", "the root hash in the signed boot program is of that block",
         n::kScan, make::hash_root},
    Case{11, "hash-root-no-scan", kLong, kDirect, kPanics, "metadata block 1 is corrupted", {},
         "one byte of the tree's first block changed, with \"scan off\" in boot.conf",
         "without a scan the first read through the tree is the file system's, and nobody is left to show a frame", 0,
         make::hash_root_no_scan},
    Case{12, "other-root", kLong, kDirect, kRefused, "at byte *: other bytes", {},
         "the root of another release in the place of this one's", "the tree is of this release's root", n::kScan,
         make::other_root},
    Case{12, "other-root-and-tree", kLong, kDirect, kRefused, "at byte 0: other bytes", {},
         "root and tree of another release, which fit each other", "the root hash is of neither", n::kScan,
         make::other_root_and_tree},
    Case{12, "other-release", kLong, kDirect, kRefused, kNoRoot, {}, "the whole disk of another release",
         "the partitions' names are of another root hash", 0, make::other_disk},
    Case{13, "last-data-block", kShort, kDirect, kRefused, "at byte @LAST@: other bytes", {},
         "one byte of the last data block changed", "the scan reads every block before the hand-over", n::kScan,
         make::last_data_block},
    Case{13, "last-data-block-no-scan", kLong, kDirect, kBoots, kVerified, {},
         "one byte of the last data block changed, with \"scan off\" in boot.conf",
         "the signed policy took the block for verified when it is read, and no boot reads it", 0,
         make::last_data_block_no_scan},
    Case{14, "read-error", kShort, kDirect, kRefused, "at byte @MIDDLE@: EIO", {}, "a sector that the disk cannot read",
         "the scan reads every block", n::kScan, make::read_error},
    Case{14, "read-error-of-tree", kLong, kDirect, kRefused, "reading all of the root", {},
         "a sector of the tree that the disk cannot read", "what the block covers cannot be verified", n::kScan,
         make::read_error_of_tree},
    Case{15, "truncated", kLong, kDirect, kRefused, kNoRoot, {}, "the disk ends a mebibyte early",
         "the kernel takes no table that reaches beyond the disk", 0, make::truncated},
    Case{15, "no-disk", kLong, kDirect, kRefused, kNoRoot, {}, "no disk at all", "there is nothing to verify", 0,
         make::no_disk},
    Case{16, "duplicate-label", kLong, kDirect, kRefused, "exactly one partition with PARTLABEL reburst-attack", {},
         "two disks with a state volume of one name", "nothing tells which of them is this clone's", 0,
         make::duplicate_label},
    Case{16, "duplicate-partuuid", kLong, kDirect, kRefused, "found     2, one of them /dev/vda", {},
         "a second partition with the root's PARTUUID in the table",
         "two that match could be swapped between look and use", 0, make::duplicate_partuuid},
    Case{16, "missing-label", kLong, kDirect, kRefused, "exactly one partition with PARTLABEL reburst-attack", {},
         "no partition with the state volume's name", "a clone without its state is not what was released", 0,
         make::missing_label},
    Case{17, "primary-gpt", kLong, kDirect, kRefused, kNoRoot, {}, "the primary partition table's header damaged",
         "the kernel looks for no backup by itself; UEFI firmware repairs the table first, and then it boots", 0,
         make::primary_gpt},
    Case{17, "primary-gpt-by-firmware", kLong, kFirmware, kBoots, kSecure, {},
         "the primary partition table's header damaged, booted by firmware",
         "the firmware repairs the table; it only says where to look", n::kFirmware, make::primary_gpt},
    Case{17, "backup-gpt", kLong, kDirect, kBoots, kVerified, {}, "the backup partition table's header damaged",
         "the primary one is whole, and only says where to look", 0, make::backup_gpt},
    Case{17, "both-gpts", kLong, kDirect, kRefused, kNoRoot, {}, "both headers damaged", "no table, no partition", 0,
         make::both_gpts},
    Case{18, "slack-root", kShort, kDirect, kRefused, "checking the size of /dev/vda1", {},
         "the root partition is longer than the file system", "no hash covers the bytes behind it", 0,
         make::slack_root},
    Case{18, "slack-verity", kLong, kDirect, kRefused, "checking the size of /dev/vda2", {},
         "the verity partition is longer than the tree", "no hash covers the bytes behind it", 0, make::slack_verity},
    Case{18, "short-root", kLong, kDirect, kRefused, "checking the size of /dev/vda1", {},
         "the root partition is a block shorter", "it is not what the root hash was made of", 0, make::short_root},
    Case{19, "verity-super-block", kLong, kDirect, kBoots, kVerified, {},
         "every byte of the verity partition's first block changed",
         "nothing reads it: offset and sizes come from the signed boot.conf", 0, make::verity_super_block},
    Case{20, "older-release-pinned", kLong, kFirmware, kFirmwareRefuses, kDenied, {},
         "an older release, whole and well signed, and an NVRAM that is pinned to this one",
         "a pinned NVRAM knows one program", n::kFirmware | n::kKey, make::older_release_pinned},
    Case{20, "older-release", kLong, kFirmware, kBootsOther, kVerified, {},
         "an older release, whole and well signed, and an NVRAM that is not pinned",
         "it is a release that the key's owner signed: against it stand a pin, dbx, or a ticket", n::kFirmware |
         n::kKey | n::kNoTicket, make::older_release},
    Case{21, "secure-boot-required", kShort, kDirect, kRefused,
         "absent: this machine was not started by UEFI firmware", {}, "\"secure_boot required\", and no firmware",
         "the signed policy says so", 0, make::secure_boot_required},
    Case{21, "secure-boot-off", kLong, kFirmware, kBoots, "WARNING: Secure Boot is off", {},
         "firmware with your keys and Secure Boot switched off",
         "the release's policy is \"preferred\": it boots everywhere, and says loudly where nothing was checked before it",
         n::kFirmware | n::kPreferred, make::secure_boot_off},
    Case{21, "secure-boot-off-required", kLong, kFirmware, kRefused, "found     off: the firmware starts", {},
         "firmware with your keys and Secure Boot switched off", "the release's policy is \"required\"",
         n::kFirmware | n::kRequired, make::secure_boot_off},
    Case{21, "setup-mode", kLong, kFirmware, kBoots, "WARNING: Secure Boot is in setup mode", {}, "firmware that knows no key",
         "the release's policy is \"preferred\": it boots everywhere, and says loudly where nothing was checked before it",
         n::kPreferred, make::setup_mode},
    Case{21, "setup-mode-required", kLong, kFirmware, kRefused, "found     in setup mode", {}, "firmware that knows no key",
         "the release's policy is \"required\"", n::kRequired, make::setup_mode},
    Case{22, "unsigned-by-kernel", kLong, kFirmware, kBoots, kSecure, kByCommandLine,
         "the boot program without its signature and a command line, handed to the firmware by \"-kernel\"",
         "the firmware refuses it, and goes on to the disk", n::kFirmware, make::unsigned_by_kernel},
    Case{22, "linux-by-kernel", kLong, kFirmware, kBoots, kSecure, kScanned,
         "a Linux kernel that db's key did not sign and an initrd with \"scan off\", handed to the firmware by \"-kernel\"",
         "OVMF 2022.11 gives a Linux kernel that Secure Boot refuses to its older loader, which checks nothing: the "
         "host chooses what boots, not protected; here the release's own initrd without its scan",
         n::kFirmware | n::kScan, make::linux_by_kernel},
    Case{22, "linux-by-kernel-with-words", kLong, kFirmware, kRefused, "comparing the kernel's command line", {},
         "the same kernel with the release's own initrd, and a word more on the command line",
         "the kernel says that Secure Boot is on, and then the command line has to be the signed one", n::kFirmware,
         make::linux_by_kernel_with_words},
    Case{23, "command-line", kLong, kDirect, kBoots, kVerified, {},
         "\"roothash=\", \"systemd.verity=no\", \"root=\" and \"init=\" appended to the command line",
         "reburst-init reads nothing from it", 0, make::command_line},
    Case{23, "command-line-by-firmware", kLong, kFirmware, kBoots, kSecure, kByCommandLine,
         "the release's own boot program started with a command line", "with Secure Boot on its stub drops it",
         n::kFirmware, make::command_line_by_firmware},
    Case{24, "credentials", kLong, kDirect, kBoots, kVerified, kAnyMarker,
         "credentials from the host, by SMBIOS and by fw_cfg", "the command line forbids to import them", n::kSystem,
         make::credentials},
    Case{24, "credentials-by-firmware", kLong, kFirmware, kBoots, kSecure, kAnyMarker,
         "credentials from the host, by SMBIOS and by fw_cfg, booted by firmware",
         "the signed command line forbids to import them", n::kFirmware | n::kSystem, make::credentials},
    Case{24, "stub-command-line", kLong, kFirmware, kBoots, kSecure, kByCommandLine,
         "words for the command line by SMBIOS", "this stub knows no such string", n::kFirmware | n::kOldStub,
         make::stub_command_line},
    Case{24, "stub-command-line-refused", kLong, kFirmware, kRefused, "comparing the kernel's command line", {},
         "words for the command line by SMBIOS",
         "systemd's stub from 254 on appends them, and the signed command line stands in boot.conf, too",
         n::kFirmware | n::kNewStub, make::stub_command_line},
    Case{25, "esp-extra", kLong, kFirmware, kBoots, kSecure, kAnyMarker,
         "a credential, an extension and an addon beside the program on the ESP",
         "the stub passes on what is unsigned, reburst-init does not open it, and the command line forbids to import it",
         n::kFirmware | n::kSystem, make::esp_extra},
    Case{26, "unsigned-module", kLong, kFirmware, kRefused, "cannot load the module *dm-verity*", {},
         "a module without a signature, in a boot program that db's key signed",
         "with Secure Boot on Debian's kernel loads no module that Debian did not sign", n::kFirmware | n::kKey,
         make::unsigned_module},
    Case{27, "tpm-reset", kLong, kFirmware, kBoots, kSecure, {}, "a TPM that knows nothing of any boot before",
         "nothing of the chain is kept in it, and it measures the same program again", n::kFirmware | n::kTpm,
         make::unused_tpm, Measured::kAsReleased},
    Case{27, "tpm-other-registers", kLong, kFirmware, kBoots, kSecure, {},
         "a TPM, and somebody else's keys in a firmware whose db has this one program",
         "the clone does not look at its registers: who asks the TPM sees that PCR 7 is not the manifest's",
         n::kFirmware | n::kTpm, make::other_registers, Measured::kOtherKeys},
    Case{28, "other-nvram", kLong, kFirmware, kFirmwareRefuses, kDenied, {}, "an NVRAM with somebody else's keys",
         "the firmware believes what its NVRAM says", n::kFirmware, make::other_nvram},
    Case{29, "expired-ticket", kLong, kDirect, kRefused, "an expiry after", {},
         "the machine's clock fifteen years later", "the ticket has expired by then", n::kTicket, make::expired_ticket},
    Case{29, "malformed-ticket", kLong, kDirect, kRefused, "release ticket", {}, "a ticket that is none",
         "what is handed over has to be good, required or not", 0, make::malformed_ticket},
    Case{30, "clock-set-back", kLong, kDirect, kBoots, "good until", {}, "the machine's clock in the year 2001",
         "the time is no earlier than the image's epoch and the newest release in the ticket, and this ticket is good then",
         n::kTicket, make::clock_set_back},
    Case{31, "second-disk", kShort, kDirect, kRefused, "found     2, one of them /dev/vd", {},
         "a second disk with the same partitions", "two that match could be swapped between look and use", 0,
         make::second_disk},
    Case{0, "other-root-hash", kLong, kDirect, kRefused, "at byte 0: other bytes", {},
         "another root hash in boot.conf", "the tree is not of it", n::kScan, make::other_root_hash},
    Case{0, "unknown-key", kLong, kDirect, kRefused, "reading line 5 of /boot.conf", {},
         "a key in boot.conf that nobody knows", "what is not understood is not passed over", 0, make::unknown_key},
    Case{0, "old-format", kLong, kDirect, kRefused, "reading line 1 of /boot.conf", {}, "a boot.conf of format 1",
         "an older format had no policy", 0, make::old_format},
};
// clang-format on

}  // namespace

std::span<const Case> cases() {
  return kCases;
}

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case kBoots: return "boots";
    case kBootsOther: return "boots-another-release";
    case kRefused: return "refused";
    case kPanics: return "panics";
    case kFirmwareRefuses: return "refused-by-firmware";
    case kNothing: break;
  }
  return "nothing";
}

}  // namespace reburst::attack
