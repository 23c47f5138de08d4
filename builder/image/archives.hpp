#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/result.hpp"

// The adapter to libarchive: single members out of packages, and compressed files.
namespace reburst::image {

// Content of the regular file `member` ("usr/lib/…", no leading "./") in the data archive of a .deb. kPackage when the
// package is malformed, the member is missing, not a regular file, or larger than `max_bytes`.
[[nodiscard]] Result<std::string> read_package_member(const std::filesystem::path& package, std::string_view member,
                                                      std::uint64_t max_bytes);

// A file compressed with gzip, xz or zstd, uncompressed to at most `max_bytes`. `name` is quoted in the error
// (kPackage).
[[nodiscard]] Result<std::string> decompress(std::string_view compressed, std::string_view name,
                                             std::uint64_t max_bytes);

}  // namespace reburst::image
