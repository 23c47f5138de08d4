#include "attack/program.hpp"

#include <algorithm>

#include "builder/inspect/initrd.hpp"
#include "builder/measure/section.hpp"
#include "signing/authenticode/authenticode.hpp"
#include "signing/authenticode/pe.hpp"

namespace reburst::attack {

namespace {

constexpr std::string_view kName = "the boot program";
constexpr std::string_view kModuleSignature = "~Module signature appended~\n";  // Linux, kernel/module_signature.c

tl::unexpected<Error> missing(std::string_view part) {
  return fail(ErrorCode::kMissing, "its boot program has no " + std::string(part));
}

Result<std::string_view> initrd_of(const std::string& program) {
  const auto initrd = measure::find_section(program, ".initrd");
  if (!initrd) return missing("initrd");
  return *initrd;
}

void flip(std::string& program, std::size_t at) {
  program[at] = static_cast<char>(static_cast<unsigned char>(program[at]) ^ 1U);
}

}  // namespace

Result<std::size_t> section_offset(const std::string& program, std::string_view section) {
  const auto found = measure::find_section(program, section);
  if (!found || found->empty()) return missing(section);
  return static_cast<std::size_t>(found->data() - program.data());
}

Result<> flip_in_section(std::string& program, std::string_view section) {
  const auto start = REBURST_TRY(section_offset(program, section));
  flip(program, start + measure::find_section(program, section)->size() / 2);
  return {};
}

Result<> flip_in_signature(std::string& program) {
  const auto layout = REBURST_TRY(authenticode::read_layout(program, kName));
  if (layout.certificates + 8 > program.size()) return missing("signature");
  const std::size_t size = authenticode::number(program, layout.certificates, 4);
  if (size < 8 || size > program.size() - layout.certificates) return missing("signature");
  flip(program, layout.certificates + size - 1);
  return {};
}

Result<> replace_member(std::string& program, std::string_view member, std::string_view content) {
  const auto found = inspect::find_member(REBURST_TRY(initrd_of(program)), member);
  if (!found) return missing(std::string(member) + " in its initrd");
  if (found->size() != content.size())
    return fail(ErrorCode::kMissing, "another " + std::string(member) + " would have another size");
  program.replace(static_cast<std::size_t>(found->data() - program.data()), content.size(), content);
  return {};
}

Result<> unsign_module(std::string& program, std::string_view module) {
  const auto initrd = REBURST_TRY(initrd_of(program));
  for (unsigned place = 0; place < 100; ++place) {
    const std::string name =
        "modules/" + std::string(place < 10 ? "0" : "") + std::to_string(place) + "-" + std::string(module) + ".ko";
    const auto found = inspect::find_member(initrd, name);
    if (!found) continue;
    if (!found->ends_with(kModuleSignature)) return missing("signature in the module " + std::string(module));
    const auto end = static_cast<std::size_t>(found->data() - program.data()) + found->size();
    flip(program, end - 2);
    return {};
  }
  return missing("module " + std::string(module));
}

Result<std::string> without_signature(std::string program) {
  const auto layout = REBURST_TRY(authenticode::read_layout(program, kName));
  program.resize(layout.certificates);
  authenticode::put_number(program, layout.directory, 0);
  authenticode::put_number(program, layout.directory + 4, 0);
  const auto bare = REBURST_TRY(authenticode::read_layout(program, kName));
  authenticode::put_number(program, bare.checksum, authenticode::checksum(program, bare));
  return program;
}

Result<std::string> signed_by(std::string program, const firmware::FirmwareKey& key) {
  return authenticode::sign_program(std::move(program), key.certificate(), key, kName);
}

}  // namespace reburst::attack
