#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reburst {

[[nodiscard]] std::string to_hex(std::span<const std::byte> bytes);
[[nodiscard]] int hex_value(char digit);  // 0–15, or -1

// Without leading and trailing blanks, tabs, CR and LF.
[[nodiscard]] std::string_view trim(std::string_view text);

// Splits at every `separator`; an empty text gives one empty field.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

// Splits at runs of blanks, tabs and newlines; no empty words.
[[nodiscard]] std::vector<std::string_view> split_words(std::string_view text);

[[nodiscard]] std::string join(std::span<const std::string> parts, std::string_view separator);

// Decimal, digits only, no sign; nothing when it does not fit.
[[nodiscard]] std::optional<std::uint64_t> parse_decimal(std::string_view text);

// "384.2 MiB": binary units, one decimal from KiB on.
[[nodiscard]] std::string human_size(std::uint64_t bytes);

// `text` with what a terminal obeys, or does not show as it is, escaped: controls ("\x1b", but for line breaks and
// tabs), bytes that are no UTF-8 ("\xff"), and C1 controls, overrides of direction, zero-width and other characters
// without a shape ("\u202e"). JSON stays the same JSON.
[[nodiscard]] std::string printable(std::string_view text);

// A path that stays beneath the folder it is relative to: no empty, "." or ".." part, and no backslash.
[[nodiscard]] bool stays_beneath(std::string_view path);

// `text` as one word of a POSIX shell's command line: as it is, or in single quotes.
[[nodiscard]] std::string shell_word(std::string_view text);

// Prefixes every line with `prefix` (for quoting a child's output in an error).
[[nodiscard]] std::string indent(std::string_view text, std::string_view prefix);

// The last `lines` lines of `text`.
[[nodiscard]] std::string_view tail_lines(std::string_view text, std::size_t lines);

}  // namespace reburst
