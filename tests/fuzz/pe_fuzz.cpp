// links: reburst_image
// Any bytes as a boot stub: make_uki refuses them, or makes a program that holds every section.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "builder/image/uki.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reburst::image;
  const std::array<UkiSection, 2> sections{{{".cmdline", "console=ttyS0"}, {".linux", "the kernel"}}};
  const auto made = make_uki(std::string_view(reinterpret_cast<const char*>(data), size), sections);
  if (!made) {
    if (made.error().message.empty()) __builtin_trap();
    return 0;
  }
  for (const UkiSection& section : sections) {
    if (made->find(section.content) == std::string::npos) __builtin_trap();
  }
  // The sections are there now: adding them once more must be refused.
  if (make_uki(*made, sections)) __builtin_trap();
  return 0;
}
