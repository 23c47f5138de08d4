#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "attack/subject.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "signing/firmware/firmware_key.hpp"
#include "trial/watch.hpp"

// The tamper matrix (docs/threat-model.md, "Attacks on the boot"): what is done to a release, and what has to come of
// it.
namespace reburst::attack {

enum class Outcome {
  kBoots,            // this very release announced its verified root
  kBootsOther,       // another one did
  kRefused,          // reburst-init refused
  kPanics,           // the kernel panicked over a block that is not as signed
  kFirmwareRefuses,  // the firmware started no program
  kNothing,          // none of these in time
};

// What a case wants of the release or of whoever runs it, as bits. Where one is missing the case is not applicable.
namespace need {
inline constexpr unsigned kFirmware = 1U << 0U;   // a signed release, and an NVRAM
inline constexpr unsigned kKey = 1U << 1U;        // the key that signs boot programs
inline constexpr unsigned kSystem = 1U << 2U;     // a system that starts
inline constexpr unsigned kTicket = 1U << 3U;     // a release ticket
inline constexpr unsigned kNoTicket = 1U << 4U;   // none, and none is required
inline constexpr unsigned kScan = 1U << 5U;       // the release's policy "scan: true"
inline constexpr unsigned kPreferred = 1U << 6U;  // "secure_boot: preferred"
inline constexpr unsigned kRequired = 1U << 7U;   // "secure_boot: required"
inline constexpr unsigned kOldStub = 1U << 8U;    // a stub that takes no command line from SMBIOS
inline constexpr unsigned kNewStub = 1U << 9U;    // one that does
inline constexpr unsigned kTpm = 1U << 10U;       // swtpm, and a manifest that says what a TPM holds
}  // namespace need

// What whoever runs the matrix has.
struct Means {
  std::filesystem::path nvram;               // empty: none
  std::optional<firmware::FirmwareKey> key;  // of db
  std::filesystem::path ticket;              // handed to every machine; empty: none
  Epoch now = 0;
  bool tpm = false;  // machines can have one
};

// Where one case is made.
struct Bench {
  const Subject& subject;
  const Means& means;
  std::filesystem::path folder;  // scratch, of this case alone
};

// Changes a machine that would boot the release as it is. kMissing says why this release cannot be attacked so.
using Make = Result<> (*)(const Bench& bench, trial::BareMachine& machine);

enum class By { kDirect, kFirmware };  // QEMU starts kernel and initrd; or UEFI firmware the disk, with Secure Boot
enum class List { kShort, kLong };

// What the registers of the machine's TPM have to be, beside those that the manifest says.
enum class Measured {
  kNotAsked,
  kAsReleased,  // PCR 4 and 11, which are the boot program's
  kOtherKeys,   // the same, and another PCR 7, which is the firmware's keys'
};

struct Case {
  unsigned number = 0;  // in the matrix; 0 for controls and what is beyond it
  std::string_view name;
  List list = List::kLong;
  By by = By::kDirect;
  Outcome expected = Outcome::kBoots;
  std::string_view shows;  // what the console must say on one line; "*" stands for anything
  std::string_view hides;  // what it must not say; empty: nothing
  std::string_view what, why;
  unsigned needs = 0;
  Make make = nullptr;
  Measured measured = Measured::kNotAsked;
};

[[nodiscard]] std::span<const Case> cases();

[[nodiscard]] std::string_view outcome_name(Outcome outcome);  // "refused-by-firmware"

// How the cases are made; cases.cpp says what each is.
namespace make {
Result<> nothing(const Bench&, trial::BareMachine&);
Result<> data_block(const Bench&, trial::BareMachine&);
Result<> super_block(const Bench&, trial::BareMachine&);
Result<> hash_leaf(const Bench&, trial::BareMachine&);
Result<> hash_root_no_scan(const Bench&, trial::BareMachine&);
Result<> hash_root(const Bench&, trial::BareMachine&);
Result<> other_root(const Bench&, trial::BareMachine&);
Result<> other_root_and_tree(const Bench&, trial::BareMachine&);
Result<> other_disk(const Bench&, trial::BareMachine&);
Result<> last_data_block(const Bench&, trial::BareMachine&);
Result<> last_data_block_no_scan(const Bench&, trial::BareMachine&);
Result<> read_error(const Bench&, trial::BareMachine&);
Result<> read_error_of_tree(const Bench&, trial::BareMachine&);
Result<> truncated(const Bench&, trial::BareMachine&);
Result<> no_disk(const Bench&, trial::BareMachine&);
Result<> duplicate_label(const Bench&, trial::BareMachine&);
Result<> duplicate_partuuid(const Bench&, trial::BareMachine&);
Result<> missing_label(const Bench&, trial::BareMachine&);
Result<> primary_gpt(const Bench&, trial::BareMachine&);
Result<> backup_gpt(const Bench&, trial::BareMachine&);
Result<> both_gpts(const Bench&, trial::BareMachine&);
Result<> slack_root(const Bench&, trial::BareMachine&);
Result<> slack_verity(const Bench&, trial::BareMachine&);
Result<> short_root(const Bench&, trial::BareMachine&);
Result<> verity_super_block(const Bench&, trial::BareMachine&);
Result<> second_disk(const Bench&, trial::BareMachine&);
Result<> other_root_hash(const Bench&, trial::BareMachine&);
Result<> unknown_key(const Bench&, trial::BareMachine&);
Result<> old_format(const Bench&, trial::BareMachine&);
Result<> secure_boot_required(const Bench&, trial::BareMachine&);
Result<> command_line(const Bench&, trial::BareMachine&);
Result<> credentials(const Bench&, trial::BareMachine&);
Result<> credentials_heeded(const Bench&, trial::BareMachine&);
Result<> malformed_ticket(const Bench&, trial::BareMachine&);
Result<> expired_ticket(const Bench&, trial::BareMachine&);
Result<> clock_set_back(const Bench&, trial::BareMachine&);

Result<> cmdline_bit(const Bench&, trial::BareMachine&);
Result<> initrd_bit(const Bench&, trial::BareMachine&);
Result<> kernel_bit(const Bench&, trial::BareMachine&);
Result<> signature_bit(const Bench&, trial::BareMachine&);
Result<> appended(const Bench&, trial::BareMachine&);
Result<> unsigned_program(const Bench&, trial::BareMachine&);
Result<> foreign_key(const Bench&, trial::BareMachine&);
Result<> older_release(const Bench&, trial::BareMachine&);
Result<> older_release_pinned(const Bench&, trial::BareMachine&);
Result<> secure_boot_off(const Bench&, trial::BareMachine&);
Result<> setup_mode(const Bench&, trial::BareMachine&);
Result<> unsigned_by_kernel(const Bench&, trial::BareMachine&);
Result<> linux_by_kernel(const Bench&, trial::BareMachine&);
Result<> linux_by_kernel_with_words(const Bench&, trial::BareMachine&);
Result<> command_line_by_firmware(const Bench&, trial::BareMachine&);
Result<> stub_command_line(const Bench&, trial::BareMachine&);
Result<> esp_extra(const Bench&, trial::BareMachine&);
Result<> unsigned_module(const Bench&, trial::BareMachine&);
Result<> other_nvram(const Bench&, trial::BareMachine&);
Result<> unused_tpm(const Bench&, trial::BareMachine&);
Result<> other_registers(const Bench&, trial::BareMachine&);
}  // namespace make

}  // namespace reburst::attack
