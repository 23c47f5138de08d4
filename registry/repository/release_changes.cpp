#include <algorithm>

#include "registry/client/release.hpp"
#include "registry/client/verify.hpp"
#include "registry/repository/authority.hpp"
#include "registry/repository/present.hpp"

namespace reburst::registry {

namespace {

using Lines = std::vector<std::string>;
using Releases = std::vector<client::ChannelRelease>;

const client::ChannelRelease* find(const Releases& releases, const std::string& version) {
  const auto found =
      std::find_if(releases.begin(), releases.end(), [&](const auto& one) { return one.version == version; });
  return found == releases.end() ? nullptr : &*found;
}

// By name, deltas too.
std::map<std::string, std::string> files_of(const client::ChannelRelease& release) {
  std::map<std::string, std::string> out;
  for (const auto& file : release.files) out[file.name] = file.sha256.hex();
  for (const auto& delta : release.deltas) out[delta.file.name] = delta.file.sha256.hex();
  return out;
}

std::string identity(const client::ChannelRelease& release) {
  return release.version + ": root hash " + release.root_hash.hex() + ", OCI " + release.oci + ", security epoch " +
         std::to_string(release.security_epoch);
}

bool same_identity(const client::ChannelRelease& a, const client::ChannelRelease& b) {
  return a.root_hash == b.root_hash && a.oci == b.oci && a.chunk_index == b.chunk_index && a.inside == b.inside &&
         a.security_epoch == b.security_epoch && a.architecture == b.architecture;
}

void add_changed(Lines& out, const client::ChannelRelease& was, const client::ChannelRelease& is) {
  const auto before = files_of(was);
  const auto after = files_of(is);
  const bool same_files =
      std::equal(was.files.begin(), was.files.end(), is.files.begin(), is.files.end(),
                 [](const auto& a, const auto& b) { return a.name == b.name && a.sha256 == b.sha256; });
  if (!same_identity(was, is)) out.push_back("before the change " + identity(was));
  if (!same_identity(was, is) || !same_files) out.push_back("changed release " + identity(is));  // not: a delta more
  for (const auto& [name, digest] : after) {
    const auto known = before.find(name);
    if (known == before.end()) {
      out.push_back("new file of " + is.version + ": " + name + " " + digest);
    } else if (known->second != digest) {
      out.push_back("changed file of " + is.version + ": " + name + " " + known->second + " -> " + digest);
    }
  }
  for (const auto& [name, digest] : before) {
    if (!after.contains(name)) out.push_back("file taken out of " + is.version + ": " + name + " " + digest);
  }
}

Result<> add_keys(Lines& out, const ChannelName& name, const tuf::Targets& before, const tuf::Targets& after,
                  const std::string& word) {
  std::vector<signing::PublicKey> known;
  if (!before.targets.empty()) known = REBURST_TRY(client::statement_keys(before, name.role, name.channel));
  for (const auto& key : REBURST_TRY(client::statement_keys(after, name.role, name.channel))) {
    if (std::find(known.begin(), known.end(), key) == known.end())
      out.push_back(word + "key of statements: " + key.id());
  }
  return {};
}

}  // namespace

Result<Lines> release_changes(const std::string& role, const tuf::Targets& proposed, const Present* present) {
  const auto name = split_channel_role(role);
  tuf::Targets before;
  if (present != nullptr) {
    if (const auto found = present->delegated.find(role); found != present->delegated.end()) before = found->second;
  }
  const std::string word = present == nullptr ? "" : "new ";
  const auto was = REBURST_TRY(client::releases_of(before, name.role, name.channel));
  const auto is = REBURST_TRY(client::releases_of(proposed, name.role, name.channel));
  Lines out;
  for (const auto& release : is) {
    if (const auto* known = find(was, release.version)) {
      add_changed(out, *known, release);
    } else {
      out.push_back(word + "release " + identity(release));
    }
  }
  for (const auto& release : was) {
    if (find(is, release.version) == nullptr) out.push_back("release " + release.version + " is taken out");
  }
  REBURST_TRY(add_keys(out, name, before, proposed, word));
  return out;
}

}  // namespace reburst::registry
