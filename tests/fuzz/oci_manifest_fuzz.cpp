// links: reburst_oci
// Hostile manifests and indexes: refused, or what was read comes back from its own text; no text is both.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "registry/oci/manifest.hpp"
#include "registry/oci/upload.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace oci = reburst::oci;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto manifest = oci::parse_manifest(text, "fuzz");
  const auto index = oci::parse_index(text, "fuzz");
  if (manifest && index) std::abort();
  if (manifest) {
    const auto again = oci::parse_manifest(oci::to_text(*manifest), "fuzz");
    if (!again || oci::to_text(*again) != oci::to_text(*manifest)) std::abort();
  }
  if (index) {
    const auto again = oci::parse_index(oci::to_text(*index), "fuzz");
    if (!again || oci::to_text(*again) != oci::to_text(*index)) std::abort();
  }
  const oci::Descriptor ours{"a/b", reburst::sha256("x"), 1};
  if (const auto merged = oci::merge_fallback(text, {ours}, "fuzz")) {
    const auto again = oci::merge_fallback(*merged, {ours}, "fuzz");
    if (!again || *again != *merged) std::abort();
  }
  return 0;
}
