#pragma once

#include <span>
#include <string_view>

#include "boot/result.hpp"

// Where a machine is handed its release ticket (docs/formats/ticket.md). Empty text: there is none.
namespace reburst::boot {

// QEMU's firmware configuration.
[[nodiscard]] Result<std::string_view> ticket_from_firmware(std::span<char> buffer);
// A partition labelled "reburst-ticket", the ticket from its first byte. With `wait`, waits ten seconds for it.
[[nodiscard]] Result<std::string_view> ticket_from_disk(bool wait, std::span<char> buffer);

// A file or device that begins with a ticket, which is all that is read of it.
[[nodiscard]] Result<std::string_view> read_ticket(const char* path, std::span<char> buffer);

}  // namespace reburst::boot
