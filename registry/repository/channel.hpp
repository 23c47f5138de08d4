#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "registry/client/history.hpp"
#include "registry/client/release.hpp"
#include "registry/repository/metadata.hpp"

namespace reburst::registry {

// A channel of a role, open for change: what its delegated role names, and the history of its moves.
struct Channel {
  std::string role, name;
  tuf::Targets targets;
  std::string history;                             // the text of history.jsonl
  std::vector<signing::PublicKey> statement_keys;  // all that ever signed statements about its releases

  [[nodiscard]] std::string metadata_role() const;
};

// The channel as the registry has it, its history verified against the metadata; an empty one when it is new.
[[nodiscard]] Result<Channel> read_channel(const Metadata& metadata, const std::string& role, const std::string& name);

// What the channel points to; empty: nothing.
[[nodiscard]] Result<std::string> current_version(const Channel& channel);

// What a channel with these moves points to when `version` is taken out of it: what it points to now, or the latest
// version before that was neither yanked nor this one and that is among `named`, those that its targets still name;
// empty when there is none.
[[nodiscard]] std::string version_without(const std::vector<client::Move>& moves, const std::string& version,
                                          const std::set<std::string>& named);

// The versions that any channel of the role says were yanked, and why: a yank is about the release, and a channel that
// never had it has no move that says so.
[[nodiscard]] Result<std::map<std::string, std::string>> yanked_versions(const Metadata& metadata,
                                                                         const std::string& role);

// kUsage unless a text that somebody gave is fit to be signed and shown: one line of UTF-8, not empty, at most 4096
// bytes, nothing that printable() escapes. `what` is for the message: "the reason".
[[nodiscard]] Result<> check_line(std::string_view text, const std::string& what);

// Lists a key among the channel's statement keys.
void add_statement_key(Channel& channel, const signing::PublicKey& key);

// Adds a line, signed by the channel's first key that is here; `move`'s role, channel, from, at and by are filled in.
[[nodiscard]] Result<> add_move(Channel& channel, client::Move move, const Publisher& publisher);

// The path patterns of a channel's delegation.
[[nodiscard]] std::vector<std::string> channel_paths(const std::string& role, const std::string& name);

// Stores the history under its digest and hands the channel's targets to the metadata; commit() makes it visible.
[[nodiscard]] Result<> save_channel(Metadata& metadata, Channel channel);

// The names of a role's channels, sorted; only those that are held (Metadata::narrow).
[[nodiscard]] std::vector<std::string> channels_of(const Metadata& metadata, const std::string& role);
// All roles with such a channel, sorted.
[[nodiscard]] std::vector<std::string> roles_of(const Metadata& metadata);

// The key that signs statements and moves of a channel: the first ECDSA key that is here, as sigstore's clients want
// it, else the first. kSignature when none is here.
[[nodiscard]] Result<std::unique_ptr<signing::Signer>> statement_signer(const Publisher& publisher,
                                                                        const std::string& metadata_role);

}  // namespace reburst::registry
