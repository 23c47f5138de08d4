#include "trial/qemu.hpp"

#include <algorithm>
#include <array>

#include "core/file.hpp"
#include "trial/http_probe.hpp"

namespace reburst::trial {

namespace {

constexpr std::array kFirmwareCode = {"/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_CODE.fd"};
constexpr const char* kSecureCode = "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd";
constexpr std::array kFirmwareVariables = {"/usr/share/OVMF/OVMF_VARS_4M.fd", "/usr/share/OVMF/OVMF_VARS.fd"};

std::string network(const Wiring& wiring) {
  std::string out = "user,model=virtio-net-pci,restrict=on";
  for (const auto& [guest, host] : wiring.ports) {
    out += ",hostfwd=tcp:127.0.0.1:" + std::to_string(host) + "-:" + std::to_string(guest);
  }
  return out;
}

void add_flash(std::vector<std::string>& arguments, const char* code, const Wiring& wiring) {
  arguments.insert(arguments.end(), {"-drive", "if=pflash,format=raw,unit=0,readonly=on,file=" + option(code), "-drive",
                                     "if=pflash,format=raw,unit=1,file=" + option(wiring.firmware_variables)});
}

tl::unexpected<Error> no_firmware(const std::string& path) {
  return fail(ErrorCode::kEnvironment, "cannot boot by firmware: \"" + path + "\" is not there",
              "install the package ovmf");
}

// Only what runs in system management mode may change its NVRAM: a guest cannot switch Secure Boot off.
Result<> add_secure_firmware(std::vector<std::string>& arguments, const std::filesystem::path& nvram,
                             const Wiring& wiring) {
  std::error_code error;
  if (!std::filesystem::exists(kSecureCode, error)) return no_firmware(kSecureCode);
  REBURST_TRY(reburst::clone_file(nvram, wiring.firmware_variables));
  arguments.insert(arguments.end(), {"-global", "driver=cfi.pflash01,property=secure,value=on"});
  add_flash(arguments, kSecureCode, wiring);
  return {};
}

Result<> add_firmware(std::vector<std::string>& arguments, const Wiring& wiring) {
  for (std::size_t i = 0; i < kFirmwareCode.size(); ++i) {
    std::error_code error;
    if (!std::filesystem::exists(kFirmwareCode[i], error)) continue;
    REBURST_TRY(reburst::clone_file(kFirmwareVariables[i], wiring.firmware_variables));
    add_flash(arguments, kFirmwareCode[i], wiring);
    return {};
  }
  return no_firmware(kFirmwareCode[0]);
}

// The console that the host reads is the last one named, which the kernel makes /dev/console.
void add_kernel(std::vector<std::string>& arguments, const Options& options, const Wiring& wiring) {
  arguments.insert(arguments.end(), {"-kernel", options.release.kernel.string(), "-initrd", wiring.initrd.string(),
                                     "-append", options.release.cmdline + " console=ttyS0"});
}

}  // namespace

std::vector<std::string> tpm_arguments(int machine_end) {
  return {"-chardev", "socket,id=tpm,fd=" + std::to_string(machine_end),
          "-tpmdev",  "emulator,id=tpm0,chardev=tpm",
          "-device",  "tpm-crb,tpmdev=tpm0"};
}

std::string option(const std::filesystem::path& path) {
  std::string out;
  for (const char each : path.string()) out += each == ',' ? std::string(",,") : std::string(1, each);
  return out;
}

Result<std::vector<std::string>> firmware_arguments(const std::filesystem::path& nvram,
                                                    const std::filesystem::path& variables) {
  Wiring wiring;
  wiring.firmware_variables = variables;
  std::vector<std::string> arguments;
  if (nvram.empty()) {
    REBURST_TRY(add_firmware(arguments, wiring));
  } else {
    REBURST_TRY(add_secure_firmware(arguments, nvram, wiring));
  }
  return arguments;
}

Result<std::map<std::uint16_t, std::uint16_t>> choose_ports(const std::vector<recipe::ImageTest>& tests) {
  std::map<std::uint16_t, std::uint16_t> ports;
  for (const recipe::ImageTest& test : tests) {
    const auto* http = std::get_if<recipe::HttpTest>(&test.check);
    if (http == nullptr || ports.contains(http->port)) continue;
    std::uint16_t host = 0;
    const auto taken = [&](const auto& pair) { return pair.second == host; };
    do {
      host = REBURST_TRY(free_port());
    } while (std::ranges::any_of(ports, taken));
    ports[http->port] = host;
  }
  return ports;
}

Result<std::vector<std::string>> qemu_arguments(const Options& options, Accelerator accelerator, const Wiring& wiring) {
  std::vector<std::string> arguments = {"qemu-system-x86_64",
                                        "-nodefaults",
                                        "-no-user-config",
                                        "-no-reboot",
                                        "-display",
                                        "none",
                                        "-M",
                                        options.nvram.empty() ? "q35" : "q35,smm=on",
                                        "-smp",
                                        "2",
                                        "-m",
                                        std::to_string(options.memory_mib)};
  const auto speed = accelerator_arguments(accelerator);
  arguments.insert(arguments.end(), speed.begin(), speed.end());
  arguments.insert(arguments.end(),
                   {"-chardev", "file,id=console,path=" + option(wiring.console), "-serial", "chardev:console",   //
                    "-chardev", "socket,id=agent,fd=" + std::to_string(wiring.agent),                             //
                    "-device", "virtio-serial-pci", "-device", "virtserialport,chardev=agent,name=reburst.test",  //
                    "-drive", "if=virtio,format=raw,snapshot=on,file=" + option(options.release.disk),            //
                    "-nic", network(wiring), "-device", "virtio-rng-pci"});
  if (!wiring.state.empty()) {
    arguments.insert(arguments.end(), {"-drive", "if=virtio,format=raw,cache=unsafe,file=" + option(wiring.state)});
  }
  if (wiring.tpm >= 0) {
    const auto tpm = tpm_arguments(wiring.tpm);
    arguments.insert(arguments.end(), tpm.begin(), tpm.end());
  }
  if (!options.nvram.empty()) {
    REBURST_TRY(add_secure_firmware(arguments, options.nvram, wiring));
  } else if (options.firmware) {
    REBURST_TRY(add_firmware(arguments, wiring));
  } else {
    add_kernel(arguments, options, wiring);
  }
  return arguments;
}

}  // namespace reburst::trial
