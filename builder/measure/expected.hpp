#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "core/digest.hpp"
#include "core/result.hpp"

namespace reburst::measure {

// What a TPM's registers hold when reburst-init runs, on a machine whose Secure Boot is on (docs/formats/manifest.md).
struct Expected {
  Digest boot_program;                // PCR 4
  std::optional<Digest> secure_boot;  // PCR 7; nothing where the firmware's keys are not known
  Digest sections;                    // PCR 11
};

// The release of systemd whose stub a boot program has: 252 of "#### LoaderInfo: systemd-stub 252.39-1~deb12u2 ####" in
// its section ".sdmagic".
[[nodiscard]] std::optional<unsigned> stub_release(std::string_view program);

// The sections that a stub of that release measures, in its order; none for a release that is not known.
[[nodiscard]] std::span<const std::string_view> measured_sections(unsigned release);

// PCR 11: what the stub extends of the program's sections, each by its name with a NUL and then by its content; nothing
// for a stub that is not of the releases 252 and 257, since each measures sections of its own choice.
[[nodiscard]] std::optional<Digest> sections_pcr(std::string_view program);

// PCR 4 and 11 of a boot program, signed or not: nothing for a stub that is not known.
[[nodiscard]] Result<std::optional<Expected>> expect(std::string_view program);

}  // namespace reburst::measure
