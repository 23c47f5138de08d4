// How the cases are made that boot by firmware.
#include "attack/disk_copy.hpp"
#include "attack/esp_files.hpp"
#include "attack/initrd.hpp"
#include "attack/markers.hpp"
#include "attack/other_release.hpp"
#include "attack/program.hpp"
#include "builder/image/fat.hpp"
#include "core/file.hpp"
#include "signing/authenticode/authenticode.hpp"
#include "signing/firmware/nvram.hpp"
#include "signing/firmware/signature_list.hpp"

namespace reburst::attack::make {

namespace {

constexpr std::uint64_t kMaxNvram = 16U << 20U;
constexpr const char* kStranger = "reburst attack";

// A key that nobody trusts, made for one case.
Result<firmware::FirmwareKey> stranger(const Bench& bench) {
  const auto made = firmware::make_firmware_key(kStranger, bench.means.now, {});
  const auto file = bench.folder / "stranger.pem";
  REBURST_TRY(write_file_atomic(file, made.private_pem, 0600));
  const auto nobody = [](std::string_view) -> Result<std::string> { return std::string(); };
  return firmware::FirmwareKey::open(
      file.string(), REBURST_TRY(authenticode::Certificate::parse(made.certificate_pem, kStranger)), nobody, {});
}

// A change that keeps the program's size is made in the ESP as it is; else the ESP is written again.
Result<> put_program(const Bench& bench, trial::BareMachine& machine, const std::string& program) {
  const auto disk = REBURST_TRY(DiskCopy::make(bench, machine));
  if (program.size() != bench.subject.expected.program.size()) return disk.put_program(program);
  const auto& esp = bench.subject.expected.layout.esp;
  return disk.put(esp.start + image::esp_program_offset(program.size()), std::as_bytes(std::span(program)));
}

Result<> flipped(const Bench& bench, trial::BareMachine& machine, std::string_view section) {
  auto program = bench.subject.expected.program;
  REBURST_TRY(flip_in_section(program, section));
  return put_program(bench, machine, program);
}

// An NVRAM with a stranger's PK and KEK, and `allowed` as db; nothing: his certificate.
Result<> put_nvram(const Bench& bench, trial::BareMachine& machine, const std::vector<Digest>& allowed) {
  const auto key = REBURST_TRY(stranger(bench));
  const auto owner = firmware::owner_of(key.certificate());
  const auto list = firmware::certificate_list(key.certificate(), owner);
  const firmware::Enrolment enrolment{.platform_key = list,
                                      .exchange_keys = list,
                                      .allowed = allowed.empty() ? list : firmware::digest_list(allowed, owner),
                                      .revoked = {},
                                      .time = bench.means.now};
  machine.nvram = bench.folder / "nvram.fd";
  return write_file_atomic(
      machine.nvram, REBURST_TRY(firmware::make_nvram(REBURST_TRY(firmware::blank_nvram()), enrolment, "nvram.fd")));
}

Result<Digest> released_digest(const Bench& bench) {
  return authenticode::image_digest(bench.subject.expected.program, "the boot program");
}

}  // namespace

Result<> cmdline_bit(const Bench& bench, trial::BareMachine& machine) {
  return flipped(bench, machine, ".cmdline");
}
Result<> initrd_bit(const Bench& bench, trial::BareMachine& machine) {
  return flipped(bench, machine, ".initrd");
}
Result<> kernel_bit(const Bench& bench, trial::BareMachine& machine) {
  return flipped(bench, machine, ".linux");
}
Result<> signature_bit(const Bench& bench, trial::BareMachine& machine) {
  auto program = bench.subject.expected.program;
  REBURST_TRY(flip_in_signature(program));
  return put_program(bench, machine, program);
}
Result<> appended(const Bench& bench, trial::BareMachine& machine) {
  return put_program(bench, machine, bench.subject.expected.program + "appended");
}
Result<> unsigned_program(const Bench& bench, trial::BareMachine& machine) {
  return put_program(bench, machine, REBURST_TRY(without_signature(bench.subject.expected.program)));
}
Result<> foreign_key(const Bench& bench, trial::BareMachine& machine) {
  auto bare = REBURST_TRY(without_signature(bench.subject.expected.program));
  return put_program(bench, machine, REBURST_TRY(signed_by(std::move(bare), REBURST_TRY(stranger(bench)))));
}

Result<> older_release(const Bench& bench, trial::BareMachine& machine) {
  (void)REBURST_TRY(put_older_release(bench, REBURST_TRY(DiskCopy::make(bench, machine))));
  return {};
}
Result<> older_release_pinned(const Bench& bench, trial::BareMachine& machine) {
  REBURST_TRY(older_release(bench, machine));
  return put_nvram(bench, machine, {REBURST_TRY(released_digest(bench))});
}

// With its keys, and the switch of the firmware's menu turned: without keys it would be in setup mode.
Result<> secure_boot_off(const Bench& bench, trial::BareMachine& machine) {
  auto bytes = REBURST_TRY(read_file(bench.means.nvram, kMaxNvram));
  const auto name = firmware::utf16("SecureBootEnable") + std::string(2, '\0');
  bool found = false;
  for (auto at = bytes.find(name); at != std::string::npos; at = bytes.find(name, at + 1)) {
    if (at + name.size() == bytes.size()) break;
    bytes[at + name.size()] = '\0';
    found = true;
  }
  if (!found) return fail(ErrorCode::kMissing, "the NVRAM does not say whether Secure Boot is on");
  machine.nvram = bench.folder / "nvram.fd";
  return write_file_atomic(machine.nvram, bytes);
}
Result<> setup_mode(const Bench& bench, trial::BareMachine& machine) {
  machine.nvram = bench.folder / "nvram.fd";
  return write_file_atomic(machine.nvram, REBURST_TRY(firmware::blank_nvram()));
}

Result<> unsigned_by_kernel(const Bench& bench, trial::BareMachine& machine) {
  machine.kernel = bench.folder / "program.efi";
  machine.append = kByCommandLine;
  return write_file_atomic(machine.kernel, REBURST_TRY(without_signature(bench.subject.expected.program)));
}
Result<> linux_by_kernel(const Bench& bench, trial::BareMachine& machine) {
  machine.kernel = bench.subject.release.kernel;
  machine.append = bench.subject.release.cmdline;
  return put_conf(bench, machine, REBURST_TRY(with_line(bench.subject.conf, "scan", "scan off")));
}
Result<> linux_by_kernel_with_words(const Bench& bench, trial::BareMachine& machine) {
  machine.kernel = bench.subject.release.kernel;
  machine.initrd = bench.subject.release.initrd;
  machine.append = bench.subject.release.cmdline + " " + std::string(kByCommandLine);
  return {};
}
Result<> command_line_by_firmware(const Bench& bench, trial::BareMachine& machine) {
  machine.kernel = bench.folder / "program.efi";
  machine.append = "systemd.import_credentials=yes " + std::string(kByCommandLine);
  return write_file_atomic(machine.kernel, bench.subject.expected.program);
}
Result<> stub_command_line(const Bench& /*bench*/, trial::BareMachine& machine) {
  machine.smbios_strings.push_back("io.systemd.stub.kernel-cmdline-extra=" + std::string(kByCommandLine));
  return {};
}

Result<> esp_extra(const Bench& bench, trial::BareMachine& machine) {
  const auto disk = REBURST_TRY(DiskCopy::make(bench, machine));
  const auto& esp = bench.subject.expected.layout.esp;
  const std::string write = "w /dev/kmsg - - - - " + std::string(kByEsp) + "\n";
  return add_esp_files(disk.fd(), esp.start,
                       {{"BOOTX64.EFI.extra.d",
                         {{"tmpfiles.extra.cred", write},
                          {"attack.raw", std::string(4096, 'x')},
                          {"attack.addon.efi", bench.subject.expected.program.substr(0, 4096)}}}});
}

Result<> unsigned_module(const Bench& bench, trial::BareMachine& machine) {
  auto program = bench.subject.expected.program;
  REBURST_TRY(unsign_module(program, "dm-verity"));
  program = REBURST_TRY(without_signature(std::move(program)));
  return put_program(bench, machine, REBURST_TRY(signed_by(std::move(program), *bench.means.key)));
}

Result<> other_nvram(const Bench& bench, trial::BareMachine& machine) {
  return put_nvram(bench, machine, {});
}

Result<> unused_tpm(const Bench& /*bench*/, trial::BareMachine& machine) {
  machine.tpm = true;
  return {};
}
Result<> other_registers(const Bench& bench, trial::BareMachine& machine) {
  machine.tpm = true;
  return put_nvram(bench, machine, {REBURST_TRY(released_digest(bench))});
}

}  // namespace reburst::attack::make
