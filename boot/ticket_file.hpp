#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "boot/result.hpp"
#include "boot/text.hpp"

namespace reburst::boot {

inline constexpr std::size_t kMaxTicket = 4U << 20U;
inline constexpr std::size_t kMaxTicketHead = 4096;

// A release ticket (docs/formats/ticket.md) taken apart. Nothing of it is signed but what its files hold.
struct TicketFile {
  static constexpr std::size_t kMostRoots = 64;
  Text<65> clone, channel;
  std::array<std::string_view, kMostRoots> roots;  // the one after the first trusted root, and so on
  std::size_t root_count = 0;
  std::string_view timestamp, snapshot, targets, delegation;

  [[nodiscard]] std::span<const std::string_view> root_chain() const { return std::span(roots).first(root_count); }
};

// The whole size that a ticket's first bytes tell, at most kMaxTicket; `start` has as many as there are, up to
// kMaxTicketHead.
[[nodiscard]] Result<std::size_t> ticket_size(std::string_view start);

// Exactly one ticket, and nothing behind it.
[[nodiscard]] Result<TicketFile> parse_ticket(std::string_view bytes);

}  // namespace reburst::boot
