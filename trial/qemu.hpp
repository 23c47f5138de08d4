#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "trial/accelerator.hpp"
#include "trial/trial.hpp"

namespace reburst::trial {

// Where the guest's parts meet the host's: files in the scratch folder, and ports of the loopback interface.
struct Wiring {
  std::filesystem::path console, initrd, firmware_variables;
  int agent = -1;                                // QEMU's end of the agent's socket
  std::map<std::uint16_t, std::uint16_t> ports;  // the guest's → the host's
  std::filesystem::path state = {};              // a second disk; empty: none
  int tpm = -1;                                  // QEMU's end of a Tpm; -1: none
};

// One host port for each port that an http test names.
[[nodiscard]] Result<std::map<std::uint16_t, std::uint16_t>> choose_ports(const std::vector<recipe::ImageTest>& tests);

// The whole command line. The release's disk is opened as a snapshot; the guest reaches nothing outside.
[[nodiscard]] Result<std::vector<std::string>> qemu_arguments(const Options& options, Accelerator accelerator,
                                                              const Wiring& wiring);

// The part of it that boots by firmware, with its variables in the file `variables`, which is made: with Secure Boot
// and a copy of `nvram`, or without either where that is empty.
[[nodiscard]] Result<std::vector<std::string>> firmware_arguments(const std::filesystem::path& nvram,
                                                                  const std::filesystem::path& variables);
// A TPM behind that end of a Tpm.
[[nodiscard]] std::vector<std::string> tpm_arguments(int machine_end);
// `path` as QEMU's option lists want it: a comma stands for itself when doubled.
[[nodiscard]] std::string option(const std::filesystem::path& path);

}  // namespace reburst::trial
