#include "attack/judge.hpp"

#include "builder/image/bytes.hpp"
#include "core/text.hpp"
#include "trial/start.hpp"

namespace reburst::attack {

namespace {

constexpr std::string_view kPanic = "Kernel panic - not syncing: dm-verity device";
constexpr std::string_view kAnyPanic = "Kernel panic - not syncing";
constexpr std::string_view kRefusal = "==== reburst: boot refused ====";
constexpr std::string_view kRefusalEnd = "==== reburst ====";
constexpr std::string_view kAccessDenied = "Access Denied";  // EFI_SECURITY_VIOLATION, as OVMF's boot manager says it
constexpr double kPanicSeconds = 1;  // until its reason stands there whole; the restart comes half a minute later
// After a refusal the firmware tries what else it can boot from; where that is expected, it gets the time.
constexpr double kSettleSeconds = 10, kFallbackSeconds = 120;

bool has(std::string_view text, std::string_view words) {
  return text.find(words) != std::string_view::npos;
}

bool is_up(std::string_view console) {
  return has(console, "Multi-User System") || has(console, "login: ");
}

std::string filled_in(std::string_view pattern, const Subject& subject) {
  const auto blocks = subject.expected.verity.data_blocks;
  std::string out(pattern);
  for (const auto& [name, value] : {std::pair<std::string_view, std::uint64_t>{"@LAST@", (blocks - 1) * image::kBlock},
                                    {"@MIDDLE@", blocks / 2 * image::kBlock}}) {
    if (const auto at = out.find(name); at != std::string::npos) out.replace(at, name.size(), std::to_string(value));
  }
  return out;
}

bool matches(std::string_view line, std::string_view pattern) {
  for (const auto piece : split(pattern, '*')) {
    const auto at = line.find(piece);
    if (at == std::string_view::npos) return false;
    line.remove_prefix(at + piece.size());
  }
  return true;
}

}  // namespace

std::string lacking(const Case& attack, const Subject& subject, const Means& means) {
  constexpr unsigned kOldestNewStub = 254;
  const auto wants = [&](unsigned what) { return (attack.needs & what) != 0; };
  const bool required = subject.told("secure_boot") == "required";
  const bool ticket_required = subject.told("ticket") == "required";
  if (wants(need::kTpm) && !means.tpm) return "needs a TPM, and swtpm is not installed";
  if (wants(need::kTpm) && !subject.release.measured_boot) return "the manifest does not say what a TPM should hold";
  if (wants(need::kFirmware) && !subject.expected.signature) return "the release's boot program is not signed";
  if (wants(need::kFirmware) && means.nvram.empty()) return "there is no NVRAM with keys";
  if (wants(need::kKey) && !means.key) return "needs the key that signs boot programs, and it is not here";
  if (wants(need::kSystem) && !subject.has_system) return "the release has no system that starts";
  if (wants(need::kTicket) && means.ticket.empty()) return "needs a release ticket, and none was named";
  if (wants(need::kNoTicket) && (ticket_required || !means.ticket.empty()))
    return "the clones are asked for a ticket, which is of this release alone";
  if (wants(need::kScan) && subject.told("scan") != "on")
    return "the release's policy is \"scan: false\": a block is verified when it is read";
  if (wants(need::kPreferred) && required) return "the release's policy is \"secure_boot: required\"";
  if (wants(need::kRequired) && !required) return "the release's policy is \"secure_boot: preferred\"";
  if (wants(need::kOldStub) && subject.stub_version >= kOldestNewStub) return "its stub is systemd's 254 or later";
  if (wants(need::kNewStub) && subject.stub_version < kOldestNewStub) return "its stub is older than systemd's 254";
  return {};
}

std::optional<double> enough(const Case& attack, std::string_view console) {
  if (has(console, kRefusalEnd)) return 0;
  if (!attack.hides.empty() && has(console, attack.hides)) return 0;
  if (has(console, kAnyPanic)) return kPanicSeconds;
  if (has(console, trial::kVerifiedRoot)) {
    if ((attack.needs & need::kSystem) == 0 || is_up(console)) return 0;
    return std::nullopt;
  }
  if (!has(console, kAccessDenied)) return std::nullopt;
  return attack.expected == Outcome::kFirmwareRefuses ? kSettleSeconds : kFallbackSeconds;
}

Outcome outcome_of(std::string_view console, const Subject& subject) {
  if (has(console, subject.announcement())) return Outcome::kBoots;
  if (has(console, trial::kVerifiedRoot)) return Outcome::kBootsOther;
  if (has(console, kPanic)) return Outcome::kPanics;
  if (has(console, kRefusal) && has(console, "\n  do        ") && !has(console, kAnyPanic)) return Outcome::kRefused;
  if (has(console, kAccessDenied) && !has(console, "reburst: ")) return Outcome::kFirmwareRefuses;
  return Outcome::kNothing;
}

std::optional<std::string> matching_line(std::string_view console, std::string_view pattern, const Subject& subject) {
  const auto wanted = filled_in(pattern, subject);
  for (const auto line : split(console, '\n')) {
    if (matches(line, wanted)) return std::string(trim(line));
  }
  return std::nullopt;
}

std::string measured_otherwise(Measured wanted, const trial::Registers& found, const Subject& subject) {
  if (wanted == Measured::kNotAsked) return {};
  const auto& expected = *subject.release.measured_boot;
  for (const auto& [number, digest] : {std::pair(4U, expected.boot_program), std::pair(11U, expected.sections)}) {
    if (found.at(number) != digest)
      return "PCR " + std::to_string(number) + "\nexpected: " + digest.hex() + "\nfound:    " + found.at(number).hex();
  }
  if (wanted == Measured::kOtherKeys && expected.secure_boot == found.at(7))
    return "PCR 7 is what the manifest says, with other keys in the firmware";
  return {};
}

}  // namespace reburst::attack
