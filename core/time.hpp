#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reburst {

// Seconds since 1970-01-01T00:00:00Z. The only kind of time that a build knows; the clock is read in cli/ alone.
using Epoch = std::int64_t;

// RFC 3339, UTC only: "2026-01-01T00:00:00Z". Years 1970–9999.
[[nodiscard]] std::optional<Epoch> parse_iso_time(std::string_view text);
// A Release file's Date (RFC 2822 form): "Sat, 11 Jul 2026 10:16:37 UTC" (or GMT, Z, +0000). Independent of locale.
[[nodiscard]] std::optional<Epoch> parse_release_date(std::string_view text);

[[nodiscard]] std::string iso_time(Epoch epoch);      // 2026-07-11T10:16:37Z
[[nodiscard]] std::string version_time(Epoch epoch);  // 20260711T101637Z, sorts by time

}  // namespace reburst
