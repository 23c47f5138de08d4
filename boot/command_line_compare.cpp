#include "boot/command_line.hpp"

namespace reburst::boot {

namespace {

// In quotes, as far as there is room for it, and nothing that could steer a terminal.
template <std::size_t N>
void add_quoted(Text<N>& out, std::string_view text) {
  out.add('"');
  for (const char each : text) {
    if (out.view().size() + 8 > N) {
      out.add("...");
      break;
    }
    out.add(each >= ' ' && each <= '~' ? each : '?');
  }
  out.add('"');
}

}  // namespace

Result<> compare_command_lines(std::string_view signed_line, std::string_view found) {
  if (signed_line == found) return {};
  Failure failure;
  failure.what.add("comparing the kernel's command line with the signed one");
  add_quoted(failure.expected, signed_line);
  if (found.starts_with(signed_line)) {
    failure.found.add("the same, and then ");
    found.remove_prefix(signed_line.size());
  }
  add_quoted(failure.found, found);
  failure.advice.add(
      "take the words away that the host adds (SMBIOS strings of type 11, addons on the ESP, another boot loader)");
  return fail(failure);
}

}  // namespace reburst::boot
