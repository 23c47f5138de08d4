#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "signing/verify/members.hpp"
#include "signing/verify/tuf.hpp"

// The parts of parse() that its files share.
namespace reburst::tuf {

using signing::Document;
using signing::Members;

inline constexpr std::size_t kMaxSignatures = 64;
inline constexpr std::size_t kMaxRoleKeys = 64;
inline constexpr std::size_t kMaxKeys = 1024;
inline constexpr std::size_t kMaxMetaFiles = 4096;
inline constexpr std::size_t kMaxDelegations = 1024;
inline constexpr std::size_t kMaxPatterns = 64;
inline constexpr std::size_t kMaxMembers = 64;  // of an object that has few
inline constexpr std::size_t kMaxTargets = 1U << 17U;
inline constexpr std::size_t kMaxPath = 1024;
inline constexpr std::size_t kMaxName = 128;
// What every reader of JSON holds exactly (RFC 8785, appendix D).
inline constexpr std::uint64_t kMaxNumber = (std::uint64_t{1} << 53U) - 1;

// "keys" of root and of delegations: each under its own id.
[[nodiscard]] Result<std::map<std::string, PublicKey>> read_keys(const Document& document, Members& members);
// "keyids" and "threshold".
[[nodiscard]] Result<RoleKeys> read_role(const Document& document, Members& members,
                                         const std::map<std::string, PublicKey>& keys);
[[nodiscard]] Result<MetaFile> read_meta_file(const Document& document, const Json& json, const std::string& place);

[[nodiscard]] Result<> read_targets(const Document& document, Members& members, Targets& out);

// Whether a string is a key id: 64 lower-case hexadecimal digits.
[[nodiscard]] bool is_keyid(std::string_view text);
// [a-z0-9.-]+, no leading ".", not one of the four top roles.
[[nodiscard]] bool is_delegated_name(std::string_view name);
// Relative, printable ASCII, no "\", no part that is empty or begins with ".": what every client and file system takes
// for the same path.
[[nodiscard]] bool is_target_path(std::string_view path);
// The same, without what some clients take for more than "*" and "?": brackets, braces, "!", "#", "|", "+(" and the
// like.
[[nodiscard]] bool is_pattern(std::string_view pattern);

}  // namespace reburst::tuf
