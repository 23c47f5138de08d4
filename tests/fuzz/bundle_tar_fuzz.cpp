// links: reburst_bundle
// Hostile tars: refused, or plain files whose names stay beneath a folder and whose bytes are as many as they say.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "core/text.hpp"
#include "registry/bundle/contents.hpp"
#include "registry/bundle/tar.hpp"
#include "registry/repository/held.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reburst;
  auto tar = bundle::TarReader::over(std::as_bytes(std::span(data, size)), "fuzz");
  if (!tar) return 0;
  std::array<std::byte, 4096> buffer{};
  std::string last;
  for (;;) {
    const auto entry = tar->next();
    if (!entry || !*entry) break;
    const auto& name = (*entry)->name;
    if (!stays_beneath(name) || name.size() > bundle::TarReader::kMaxName) std::abort();
    if (bundle::comes_before(last, name) && bundle::comes_before(name, last)) std::abort();
    last = name;
    std::uint64_t total = 0;
    for (;;) {
      const auto got = tar->read(buffer);
      if (!got) return 0;
      if (*got == 0) break;
      total += *got;
    }
    if (total != (*entry)->size) std::abort();
  }
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto held = registry::parse_held(text, "fuzz");
  if (held && registry::held_text(*held) != text) std::abort();
  return 0;
}
