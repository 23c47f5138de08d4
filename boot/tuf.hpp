#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "boot/json.hpp"
#include "boot/signature.hpp"

// Metadata of The Update Framework 1.0.30 as a ticket holds it: read where it lies, and believed only with the
// signatures of the keys that the step before has named.
namespace reburst::boot {

// One file of metadata, as written by Reburst: {"signatures":[…],"signed":{…}} and a line break. Not yet believed.
struct Metadata {
  std::string_view name;  // for messages: "targets"
  std::string_view file;  // its bytes
  Json signatures;
  Json content;                   // of "signed"
  std::string_view signed_bytes;  // may lie in the scratch memory
  std::uint64_t version = 0;
  std::uint64_t expires = 0;
};

// Of the `_type` that is named; `scratch` must hold the file, and be left alone as long as signatures are checked.
[[nodiscard]] Result<Metadata> read_metadata(std::string_view file, std::string_view name, std::string_view type,
                                             std::span<char> scratch);

// The keys that may sign for a role, and how many of them must.
struct RoleKeys {
  static constexpr std::size_t kMost = 64;
  struct Named {
    std::string_view id;
    PublicKey key;
  };
  std::array<Named, kMost> named;
  std::size_t count = 0;
  std::uint64_t threshold = 0;
  [[nodiscard]] std::span<const Named> all() const { return std::span(named).first(count); }
};

// `role` has "keyids" and "threshold", `keys` the key objects, each under its own SHA-256 (section 4.2).
[[nodiscard]] Result<> read_role(Json role, Json keys, std::string_view name, RoleKeys& out);

// At least `threshold` different keys have signed: a key counts once, whatever its signatures and names.
[[nodiscard]] Result<> check_threshold(const Metadata& metadata, const RoleKeys& role);

// What lists a file ("meta" of timestamp and snapshot): version and, where it has them, length and SHA-256. Checked
// before the file is parsed but for its version, which is checked when it has been.
[[nodiscard]] Result<> check_bytes(Json listed, std::string_view file, std::string_view name);
[[nodiscard]] Result<> check_version(Json listed, const Metadata& metadata);

// A failure about one of a ticket's files.
[[nodiscard]] Failure ticket_failure(std::string_view name, std::string_view expected, std::string_view found);

}  // namespace reburst::boot
