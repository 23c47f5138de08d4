#include "builder/measure/expected.hpp"

#include <array>
#include <string>

#include "builder/measure/pcr.hpp"
#include "builder/measure/section.hpp"
#include "core/text.hpp"
#include "signing/authenticode/authenticode.hpp"

namespace reburst::measure {

namespace {

constexpr std::string_view kMagic = "#### LoaderInfo: systemd-stub ";

// In the stub's order, whatever the program's. Those that no boot program of ours has are left out.
constexpr std::array<std::string_view, 4> kMeasured252 = {".linux", ".osrel", ".cmdline", ".initrd"};
constexpr std::array<std::string_view, 6> kMeasured257 = {".linux", ".osrel", ".cmdline", ".initrd", ".uname", ".sbat"};

}  // namespace

std::span<const std::string_view> measured_sections(unsigned release) {
  if (release == 252) return kMeasured252;
  if (release == 257) return kMeasured257;
  return {};
}

std::optional<unsigned> stub_release(std::string_view program) {
  const auto magic = find_section(program, ".sdmagic");
  if (!magic || !magic->starts_with(kMagic)) return std::nullopt;
  const auto version = magic->substr(kMagic.size());
  const auto number = parse_decimal(version.substr(0, version.find_first_not_of("0123456789")));
  if (!number || *number > 9999) return std::nullopt;
  return static_cast<unsigned>(*number);
}

std::optional<Digest> sections_pcr(std::string_view program) {
  const auto release = stub_release(program);
  const auto measured = release ? measured_sections(*release) : std::span<const std::string_view>{};
  if (measured.empty()) return std::nullopt;
  Pcr pcr;
  for (const std::string_view name : measured) {
    const auto content = find_section(program, name);
    if (!content) continue;
    pcr.extend_with(std::string(name) + '\0');
    pcr.extend_with(*content);
  }
  return pcr.value();
}

Result<std::optional<Expected>> expect(std::string_view program) {
  const auto sections = sections_pcr(program);
  if (!sections) return std::nullopt;
  const Digest digest = REBURST_TRY(authenticode::image_digest(program, "the UKI"));
  return Expected{.boot_program = boot_program_pcr(digest), .secure_boot = {}, .sections = *sections};
}

}  // namespace reburst::measure
