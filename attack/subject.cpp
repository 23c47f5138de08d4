#include "attack/subject.hpp"

#include "builder/inspect/initrd.hpp"
#include "builder/measure/section.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "trial/start.hpp"

namespace reburst::attack {

namespace {

constexpr std::uint64_t kMaxManifest = 16U << 20U;

// "#### LoaderInfo: systemd-stub 252.39-1~deb12u1 ####", in systemd's section .sdmagic.
unsigned stub_version(std::string_view program) {
  constexpr std::string_view kName = "LoaderInfo: systemd-stub ";
  const auto at = program.find(kName);
  if (at == std::string_view::npos) return 0;
  const auto version = program.substr(at + kName.size(), 8);
  return static_cast<unsigned>(parse_decimal(version.substr(0, version.find_first_not_of("0123456789"))).value_or(0));
}

}  // namespace

std::string_view Subject::told(std::string_view key) const {
  for (const auto line : split(conf, '\n')) {
    if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ' ')
      return line.substr(key.size() + 1);
  }
  return {};
}

std::string Subject::announcement() const {
  return "reburst: " + manifest.role + " " + manifest.version + " " + manifest.root_hash.hex() + " " +
         std::string(trial::kVerifiedRoot);
}

Result<Subject> open_subject(const std::filesystem::path& folder, std::size_t jobs) {
  auto release = REBURST_TRY(trial::open_release(folder, jobs));
  const auto file = folder / describe::kManifestName;
  auto manifest = REBURST_TRY(describe::parse(REBURST_TRY(read_file(file, kMaxManifest)), file.string()));
  auto expected = REBURST_TRY(inspect::read_expected(folder, manifest));
  const auto initrd = measure::find_section(expected.program, ".initrd");
  const auto conf = initrd ? inspect::find_member(*initrd, "boot.conf") : std::nullopt;
  if (!conf) return fail(ErrorCode::kIntegrity, "the boot program of \"" + folder.string() + "\" has no boot.conf");
  Subject out{
      .manifest = std::move(manifest), .release = std::move(release), .expected = {}, .conf = std::string(*conf)};
  out.has_system = expected.files && expected.files->find("\"path\":\"/usr/lib/systemd/systemd\"") != std::string::npos;
  out.stub_version = stub_version(expected.program);
  out.expected = std::move(expected);
  return out;
}

}  // namespace reburst::attack
