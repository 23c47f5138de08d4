// links: reburst_client
// Hostile histories: parse_history() refuses, or the moves that it gives are a chain of this channel's, and the text is
// one that goes on from its own beginnings.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "registry/client/history.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reburst::client;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto moves = parse_history(text, "web", "stable", {});
  if (!moves) return 0;
  std::string at;
  for (const auto& move : *moves) {
    if (move.from != at || move.role != "web" || move.channel != "stable") std::abort();
    at = move.to;
  }
  const auto first = text.substr(0, text.find('\n') + 1);
  if (!check_continues(first, text) || !parse_history(first, "web", "stable", {})) std::abort();
  return 0;
}
