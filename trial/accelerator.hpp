#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace reburst::trial {

enum class Accelerator { kKvm, kEmulation };

// KVM where it really runs a guest: a machine may have /dev/kvm and not be able to. Boots a sector of eight bytes of
// code that ends QEMU with a status of its own.
[[nodiscard]] Result<Accelerator> probe_accelerator(const std::filesystem::path& work);

// The first line of what QEMU says of itself; kEnvironment without one.
[[nodiscard]] Result<std::string> qemu_version();

[[nodiscard]] std::string accelerator_name(Accelerator accelerator);
// The part of QEMU's command line that depends on it.
[[nodiscard]] std::vector<std::string> accelerator_arguments(Accelerator accelerator);

}  // namespace reburst::trial
