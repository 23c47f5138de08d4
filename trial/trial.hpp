#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "builder/measure/expected.hpp"
#include "builder/recipe/recipe.hpp"
#include "core/progress.hpp"
#include "core/result.hpp"
#include "trial/tpm.hpp"

namespace reburst::trial {

// What is booted. `kernel`, `initrd` and `cmdline` serve the direct boot; a firmware boot takes all from the disk.
struct Release {
  std::filesystem::path disk, kernel, initrd;
  std::string cmdline;
  std::vector<recipe::ImageTest> tests;
  std::vector<recipe::StateVolume> state = {};
  std::optional<measure::Expected> measured_boot = {};
};

// Reads an output folder: manifest.json, its artifacts by kind, and the command line out of the UKI. The manifest's
// tests and state volumes are taken. First every file is checked (kIntegrity), on `jobs` threads: what is booted is the
// release, and not something that lies in its folder.
[[nodiscard]] Result<Release> open_release(const std::filesystem::path& folder, std::size_t jobs);

struct Options {
  Release release;
  std::filesystem::path work;      // scratch
  unsigned timeout_seconds = 600;  // for the boot and all tests together
  unsigned memory_mib = 1024;
  // Boot the disk by OVMF through its UKI instead of handing QEMU the kernel. The released initrd has no door: `http`
  // tests run, `command` tests are skipped.
  bool firmware = false;
  // The same with Secure Boot: the firmware that enforces it, with a copy of this NVRAM. Empty: without.
  std::filesystem::path nvram = {};
  bool tpm = false;  // give it a TPM, and read its registers when its root is verified (boot by firmware)
};
[[nodiscard]] bool by_firmware(const Options& options);

enum class Outcome { kPassed, kFailed, kSkipped };

struct TestResult {
  std::string name;
  Outcome outcome = Outcome::kFailed;
  std::string detail;  // of a failure: expected and found, on aligned lines; of a skipped test: why
};

struct Report {
  std::string accelerator;  // "kvm" or "emulation"
  std::vector<TestResult> results;
  double boot_seconds = 0;  // until systemd has no job left, or with firmware until the verified root was announced
  std::string console;

  [[nodiscard]] bool passed() const;
  // The failed and skipped tests with their details, then, when one failed, the console's last 30 lines.
  [[nodiscard]] std::string failures() const;
};

// How far a boot by firmware came.
struct FirmwareBoot {
  std::string accelerator;
  bool verified = false;     // reburst-init announced a verified root
  bool refused = false;      // the firmware said "Access Denied", and nothing else came up
  bool secure_boot = false;  // reburst-init says that Secure Boot is on
  double seconds = 0;        // until that was known
  std::string console;
  Registers registers = {};  // of its TPM, at the end of a boot that verified its root
};

// Boots the release by firmware until its root is verified, the firmware refuses it, the machine ends, or the time is
// over. All of these are values; a missing QEMU or OVMF is kEnvironment.
[[nodiscard]] Result<FirmwareBoot> boot_by_firmware(const Options& options, Progress& progress);

// Boots the release in QEMU, with a fresh state volume for each that it wants, and runs its tests. The disk is never
// changed; QEMU ends with this call, and with this
// process. A guest that does not come up in time is kTest, with the console's last 30 lines; a missing QEMU or OVMF is
// kEnvironment.
[[nodiscard]] Result<Report> run(const Options& options, Progress& progress);

}  // namespace reburst::trial
