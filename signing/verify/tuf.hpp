#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/digest.hpp"
#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "signing/verify/key.hpp"

// Metadata of The Update Framework, specification 1.0.30 (section 4), as values.
namespace reburst::tuf {

using signing::PublicKey;

struct RoleKeys {
  std::vector<std::string> keyids;  // each once
  unsigned threshold = 1;           // 1 … keyids.size()
};

// What every kind of metadata has. Times are whole seconds, UTC.
struct Header {
  std::uint64_t version = 1;  // from 1
  Epoch expires = 0;
};

struct Root {
  static constexpr std::string_view kType = "root";
  Header header;
  std::map<std::string, PublicKey> keys;  // by PublicKey::id()
  std::map<std::string, RoleKeys> roles;  // exactly root, targets, snapshot, timestamp
};

struct MetaFile {
  std::uint64_t version = 1;
  std::optional<std::uint64_t> length;
  std::optional<Digest> sha256;
};

struct Timestamp {
  static constexpr std::string_view kType = "timestamp";
  Header header;
  MetaFile snapshot;  // of "snapshot.json"
};

struct Snapshot {
  static constexpr std::string_view kType = "snapshot";
  Header header;
  std::map<std::string, MetaFile> meta;  // "targets.json", "web-stable.json"
};

struct TargetFile {
  std::uint64_t length = 0;
  Digest sha256;
  Json custom = Json::object();
};

struct Delegation {
  std::string name;  // web-stable
  RoleKeys keys;
  std::vector<std::string> paths;  // patterns: "*" and "?" match no slash
  bool terminating = true;
};

struct Targets {
  static constexpr std::string_view kType = "targets";
  Header header;
  std::map<std::string, TargetFile> targets;  // by path
  std::map<std::string, PublicKey> keys;      // of the delegations
  std::vector<Delegation> delegations;        // in order of priority
};

struct Signature {
  std::string keyid;
  std::string value;  // bytes
};

// Metadata as received: `signed_bytes` is the canonical form of what was signed (OLPC canonical JSON, as
// canonical_metadata() writes it), `body` the same as a value.
template <class Body>
struct Signed {
  Body body;
  std::string signed_bytes;
  std::vector<Signature> signatures;
};

// kIntegrity for anything that section 4 does not allow, another `_type`, another major version, a member outside what
// is signed, a key whose id is not its digest, a name or path with a control character or "..", and more than 64
// signatures. Unknown members of what is signed are kept out of the value but stay in signed_bytes (section 4.1). Body:
// Root, Timestamp, Snapshot or Targets. docs/formats/tuf-metadata.md lists what is refused.
template <class Body>
[[nodiscard]] Result<Signed<Body>> parse(std::string_view text, std::string_view name);

// The object that is signed, and its bytes: canonical_json() of it without the final newline, but for the line breaks
// of a PEM key, which stand as they are (OLPC canonical JSON, section 4.1). What has a string with any other control
// character is refused by parse().
[[nodiscard]] Json to_json(const Root& root);
[[nodiscard]] Json to_json(const Timestamp& timestamp);
[[nodiscard]] Json to_json(const Snapshot& snapshot);
[[nodiscard]] Json to_json(const Targets& targets);
[[nodiscard]] std::string signed_bytes(const Json& body);

// kSignature unless at least `role.threshold` different keys of `role` signed the bytes; a key counts once whatever the
// number of its signatures or names. The message says how many of how many, and `name`.
[[nodiscard]] Result<> check_threshold(std::string_view signed_bytes, const std::vector<Signature>& signatures,
                                       const RoleKeys& role, const std::map<std::string, PublicKey>& keys,
                                       std::string_view name);

// Whether a delegation's pattern covers a target path (section 4.5, "paths"): "*" and "?" within a part, and as many
// parts as the pattern has.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view path);

}  // namespace reburst::tuf
