#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "trial/accelerator.hpp"
#include "trial/tpm.hpp"

// A machine that is put together by hand, of which nothing but the console counts. Unlike trial::run() it boots what a
// release's own initrd is, and has no door into the guest.
namespace reburst::trial {

struct BareDisk {
  std::filesystem::path file;                         // raw; opened as a snapshot, so it is never written
  std::optional<std::uint64_t> unreadable_byte = {};  // its sector cannot be read; then the disk is read-only
};

struct BareMachine {
  std::vector<BareDisk> disks;
  // With a kernel and no firmware that is what boots; by firmware a kernel is tried before the disks.
  std::filesystem::path kernel, initrd;
  std::string append;
  bool firmware = false;
  std::filesystem::path nvram = {};              // empty: firmware without Secure Boot, with blank variables
  std::vector<std::string> smbios_strings = {};  // type 11
  std::vector<std::pair<std::string, std::string>> firmware_files = {};  // QEMU's fw_cfg: name and content
  std::filesystem::path ticket = {};                                     // as docs/formats/ticket.md hands it over
  std::string clock = {};  // "2026-11-22T08:00:00", UTC; empty: the host's
  bool tpm = false;        // one that was never used
  unsigned memory_mib = 768;
};
// `tpm`: QEMU's end of a Tpm; -1: none.
[[nodiscard]] Result<std::vector<std::string>> qemu_arguments(const BareMachine& machine, Accelerator accelerator,
                                                              const std::filesystem::path& folder, int tpm = -1);

// How much longer to watch, in seconds since this was first known; nothing while the console tells nothing.
using Decide = std::function<std::optional<double>(std::string_view console)>;

struct Watched {
  std::string console;
  double seconds = 0;  // until the machine ended, or what decides was there
  bool timed_out = false;
  Registers registers = {};  // of its TPM, when decided
};

// Starts the machine and watches its console until `decide` has heard enough, it ends by itself, or the time is over;
// all three are values. Scratch files go to `folder`.
[[nodiscard]] Result<Watched> watch(const BareMachine& machine, const std::filesystem::path& folder,
                                    Accelerator accelerator, unsigned timeout_seconds, const Decide& decide);

}  // namespace reburst::trial
