#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "builder/source/archive.hpp"
#include "core/digest.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace reburst::source {

struct ReleaseEntry {
  std::uint64_t size = 0;
  Digest sha256;
};

// What a Release file says. Only its SHA256 section is read: MD5 and SHA-1 prove nothing.
struct ReleaseFile {
  Release release;  // `digest` is left to the caller, who has the signed bytes
  std::vector<std::string> architectures, components;
  bool by_hash = false;
  bool packages_for_all = false;  // Architecture: all packages have an index of their own that must be read as well
  std::map<std::string, ReleaseEntry, std::less<>> files;

  [[nodiscard]] const ReleaseEntry* find(std::string_view path) const;
};

// `text` is signed and verified. kIntegrity, naming `name`, when it lacks a valid Date or a SHA256 section or lists an
// unsafe path.
[[nodiscard]] Result<ReleaseFile> parse_release(std::string_view text, std::string_view name);

}  // namespace reburst::source
