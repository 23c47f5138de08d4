#include "boot/agent_protocol.hpp"

namespace reburst::boot {

namespace {

// Takes a decimal number of at most `max` off the front of `text`.
bool take_number(std::string_view& text, std::uint64_t max, std::uint64_t& number) {
  std::size_t digits = 0;
  number = 0;
  while (digits < text.size() && digits < 10 && text[digits] >= '0' && text[digits] <= '9') {
    number = number * 10 + static_cast<std::uint64_t>(text[digits++] - '0');
  }
  text.remove_prefix(digits);
  return digits > 0 && number <= max;
}

bool take_word(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

}  // namespace

bool parse_run(std::string_view line, RunRequest& request) {
  std::uint64_t length = 0;
  if (!take_word(line, "RUN ") || !take_number(line, kMaxTimeout, request.timeout_seconds) || !take_word(line, " ") ||
      !take_number(line, kMaxCommand, length)) {
    return false;
  }
  request.length = static_cast<std::size_t>(length);
  return line.empty() && request.timeout_seconds > 0 && length > 0;
}

Text<kMaxHeader> exit_line(unsigned status, std::size_t out, std::size_t error) {
  Text<kMaxHeader> line("EXIT ");
  return line.add_number(status).add(' ').add_number(out).add(' ').add_number(error).add('\n');
}

}  // namespace reburst::boot
