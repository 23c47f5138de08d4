#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "boot/result.hpp"
#include "boot/text.hpp"

namespace reburst::boot {

// What a boot knows before it reads a ticket: all of it from the signed initrd, but for the clock.
struct TicketQuestion {
  std::string_view root;  // the trusted root.json
  std::string_view role, version;
  std::array<std::uint8_t, 32> root_hash{};
  std::uint64_t epoch = 0;  // seconds since 1970: when the image's inputs were made
  std::uint64_t clock = 0;  // the machine's, believed only where it is the latest of all
  std::uint64_t floor = 0;  // the lowest security epoch that may boot
};

// What a good ticket says.
struct TicketAnswer {
  Text<65> clone;                         // not signed: whom the ticket was made for
  Text<65> channel;                       // "stable"
  std::array<std::uint8_t, 32> digest{};  // of the ticket
  std::uint64_t security_epoch = 0;
  std::uint64_t time = 0;   // the latest time known: clock, image or ticket
  std::uint64_t until = 0;  // when the first of its files expires
};

// The client workflow of TUF 1.0.30 (section 5) on what a ticket holds, from the trusted root to the release that
// boots; docs/formats/ticket.md has the rules in their order. `scratch` must have as many bytes as the
// ticket or the root, whichever has more.
[[nodiscard]] Result<TicketAnswer> check_ticket(std::string_view ticket, const TicketQuestion& question,
                                                std::span<char> scratch);

}  // namespace reburst::boot
