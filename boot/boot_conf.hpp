#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "boot/result.hpp"
#include "boot/text.hpp"

namespace reburst::boot {

inline constexpr std::uint64_t kBlockSize = 4096;
inline constexpr std::size_t kMaxConfSize = 16U << 10U;
inline constexpr std::size_t kMaxCommandLine = 2047;  // what Linux takes on x86-64

// A GUID in the byte order of its text form.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};
  [[nodiscard]] Text<40> text() const;
  bool operator==(const Uuid&) const = default;
};

struct StateMount {
  Text<40> volume;  // GPT partition name
  Path mount;       // absolute, no "." or ".." in it
};

enum class SecureBootPolicy { kPreferred, kRequired };
enum class TicketPolicy { kOptional, kRequired };
enum class OnFailure { kPowerOff, kReboot };

// What the initrd is told to boot (docs/formats/boot-conf.md).
struct BootConf {
  Text<65> role, version;
  std::array<std::uint8_t, 32> root_hash{};
  std::array<std::uint8_t, 256> salt{};
  std::size_t salt_size = 0;
  Uuid data_partuuid, hash_partuuid;
  std::uint64_t data_blocks = 0;  // of the file system
  std::uint64_t hash_start = 0;   // block of the hash partition where the tree begins
  std::uint64_t hash_blocks = 0;  // of the whole hash partition
  SecureBootPolicy secure_boot = SecureBootPolicy::kPreferred;
  bool scan = true;  // read the whole root before it is mounted
  TicketPolicy ticket = TicketPolicy::kOptional;
  std::uint64_t epoch = 0;                    // seconds since 1970: when the image's inputs were made
  bool has_trust_root = false;                // whether a ticket can be checked
  std::array<std::uint8_t, 32> trust_root{};  // SHA-256 of /root.json
  Text<kMaxCommandLine + 1> command_line;     // the signed program's
  std::array<StateMount, 16> state;
  std::size_t state_count = 0;
  OnFailure on_failure = OnFailure::kPowerOff;

  [[nodiscard]] std::span<const std::uint8_t> salt_bytes() const { return std::span(salt).first(salt_size); }
  [[nodiscard]] std::span<const StateMount> state_mounts() const { return std::span(state).first(state_count); }
};

// Strict: every key once, in order, nothing else; a failure names the line.
[[nodiscard]] Result<BootConf> parse_boot_conf(std::string_view text);

// Blocks of the dm-verity tree (SHA-256, 4096-byte blocks) over `data_blocks` blocks.
[[nodiscard]] std::uint64_t verity_tree_blocks(std::uint64_t data_blocks);

}  // namespace reburst::boot
