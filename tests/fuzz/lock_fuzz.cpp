// links: reburst_lock
// Hostile locks: parse() refuses, or what it accepts is its own canonical text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "builder/lock/lock.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto lock = reburst::lock::parse(text, "fuzz.lock");
  if (lock && reburst::lock::to_text(*lock) != text) std::abort();
  return 0;
}
