// links: reburst_release
// Hostile manifests: parse_manifest() refuses, or every name that it gives is safe as a file's name.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "registry/release/release.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reburst::registry;
  const auto release = parse_manifest({reinterpret_cast<const char*>(data), size}, "manifest.json");
  if (!release) return 0;
  if (!is_label(release->role) || !is_plain_name(release->version)) std::abort();
  for (const auto& file : release->files) {
    if (!is_plain_name(file.name)) std::abort();
  }
  return 0;
}
