#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "builder/image/erofs.hpp"
#include "core/result.hpp"

namespace reburst::image {

// A compressed root file system ("lz4" or "lz4hc") of the folder `root` by the build machine's mkfs.erofs, copied into
// `fd` at `offset`; returns its blocks. Unlike plan_erofs() its bytes depend on the version of erofs-utils. `work`
// takes a scratch file. kEnvironment without mkfs.erofs.
[[nodiscard]] Result<std::uint64_t> write_compressed(const std::filesystem::path& root,
                                                     const std::filesystem::path& work, const std::string& compression,
                                                     const ErofsOptions& options, int fd, std::uint64_t offset);

// What `mkfs.erofs --version` says: the one input of a compressed image that no lock covers, so it is part of the build
// key.
[[nodiscard]] Result<std::string> compressor_version();

}  // namespace reburst::image
