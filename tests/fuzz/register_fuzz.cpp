// links: tl::expected
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

// boot/ makes programs, no library that could be linked.
#include "boot/files.cpp"
#include "boot/parse.cpp"
#include "boot/registers.cpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::array<std::uint8_t, 32> value{};
  const bool good = reburst::boot::parse_register({reinterpret_cast<const char*>(data), size}, value);
  if (good && size != 65) std::abort();
  return 0;
}
