#pragma once

#include <filesystem>

#include "core/result.hpp"

namespace reburst::trial {

// The released initrd with a cpio archive behind it that replaces /init by reburst-init-test and adds /test/agent: the
// same modules, the same /boot.conf, the same root hash.
[[nodiscard]] Result<> write_test_initrd(const std::filesystem::path& released, const std::filesystem::path& out);

}  // namespace reburst::trial
