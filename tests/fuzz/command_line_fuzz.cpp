// links: tl::expected
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

// boot/ makes programs, no library that could be linked.
#include "boot/command_line_compare.cpp"

// The signed line, a newline, what the kernel was told: only the same bytes pass, and a frame shows nothing that could
// steer a terminal.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reburst::boot;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(text.find('\n'), size);
  const std::string_view line = text.substr(0, end);
  const std::string_view found = text.substr(std::min(end + 1, size));
  const auto compared = compare_command_lines(line, found);
  if (compared.has_value() != (line == found)) std::abort();
  if (compared) return 0;
  for (const std::string_view shown : {compared.error().expected.view(), compared.error().found.view()}) {
    if (shown.empty() || std::ranges::any_of(shown, [](char each) { return each < ' ' || each > '~'; })) std::abort();
  }
  if (compared.error().expected.full() || compared.error().found.full()) std::abort();
  return 0;
}
