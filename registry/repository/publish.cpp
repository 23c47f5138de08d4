#include "registry/repository/publish.hpp"

#include <unistd.h>

#include <algorithm>
#include <set>

#include "core/file.hpp"
#include "registry/release/layout.hpp"
#include "registry/repository/channel.hpp"
#include "registry/repository/delta.hpp"
#include "registry/repository/doors.hpp"
#include "registry/repository/openpgp.hpp"
#include "registry/repository/parcel.hpp"

namespace reburst::registry {

namespace {

// A release that a channel of the role has.
struct Known {
  std::string channel;
  client::ChannelRelease release;
};

Result<std::vector<Known>> known_releases(const Metadata& metadata, const std::string& role) {
  std::vector<Known> out;
  for (const auto& name : channels_of(metadata, role)) {
    const auto& targets = metadata.delegated().at(channel_role(role, name));
    for (auto& release : REBURST_TRY(client::releases_of(targets, role, name)))
      out.push_back({name, std::move(release)});
  }
  return out;
}

const Known* find_version(const std::vector<Known>& known, const std::string& version, std::string_view channel = {}) {
  const auto found = std::find_if(known.begin(), known.end(), [&](const auto& one) {
    return one.release.version == version && (channel.empty() || one.channel == channel);
  });
  return found == known.end() ? nullptr : &*found;
}

// Every file that was built is one of those that were published.
Result<> require_same(const Release& built, const client::ChannelRelease& published) {
  for (const auto& file : built.files) {
    const auto same = std::any_of(published.files.begin(), published.files.end(),
                                  [&](const auto& one) { return one.name == file.name && one.sha256 == file.sha256; });
    if (same) continue;
    return fail(ErrorCode::kUsage,
                "\"" + built.role + "\" " + built.version + " is published already, with another \"" + file.name + "\"",
                "a published release never changes: renew the lock, so that the new build gets a version of its own");
  }
  return {};
}

Result<> require_label(const std::string& channel) {
  if (is_label(channel) && channel.find('-') == std::string::npos) return {};
  return fail(ErrorCode::kUsage, "\"" + channel + "\" is not a channel's name",
              "lower-case letters and digits, starting with a letter, such as dev or stable");
}

Result<> require_not_yanked(const Metadata& metadata, const std::string& role, const std::string& version) {
  const auto yanked = REBURST_TRY(yanked_versions(metadata, role));
  const auto found = yanked.find(version);
  if (found == yanked.end()) return {};
  return fail(ErrorCode::kUsage, "\"" + role + "\" " + version + " was yanked: " + found->second,
              "build and publish another version");
}

std::uint64_t highest_epoch(const std::vector<Known>& known) {
  std::uint64_t out = 0;
  for (const auto& one : known) out = std::max(out, one.release.security_epoch);
  return out;
}

// A lower one would give back their standing to the releases that lost it.
Result<std::uint64_t> next_epoch(const std::vector<Known>& known, const std::string& role,
                                 std::optional<std::uint64_t> wanted) {
  const auto highest = highest_epoch(known);
  if (wanted.value_or(highest) >= highest) return wanted.value_or(highest);
  return fail(ErrorCode::kUsage,
              "the security epoch " + std::to_string(*wanted) + " is below " + std::to_string(highest) +
                  ", which a release of \"" + role + "\" has",
              "leave --security-epoch out to publish with " + std::to_string(highest));
}

// What reburst pull would refuse. Only a yank lets a channel fall back below what it had.
Result<> require_epoch(const Channel& channel, const client::ChannelRelease& release) {
  for (const auto& other : REBURST_TRY(client::releases_of(channel.targets, channel.role, channel.name))) {
    if (other.security_epoch <= release.security_epoch) continue;
    return fail(ErrorCode::kUsage,
                "\"" + release.role + "\" " + release.version + " has the security epoch " +
                    std::to_string(release.security_epoch) + ", and the channel \"" + channel.name + "\" has " +
                    other.version + " with " + std::to_string(other.security_epoch) + ": nobody could pull it there",
                "build and publish another version: it gets that epoch");
  }
  return {};
}

Result<> place_targets(Metadata& metadata, Channel& channel, const Parcel& parcel, const Json& custom) {
  for (std::size_t i = 0; i < parcel.release.files.size(); ++i) {
    const auto& file = parcel.release.files[i];
    const auto path = target_path(channel.role, channel.name, parcel.release.version, file.name);
    REBURST_TRY(metadata.place(parcel.paths[i], metadata.registry() / stored_path(path, file.sha256)));
    channel.targets.targets[path] = {.length = file.size, .sha256 = file.sha256, .custom = custom};
  }
  return {};
}

// The same files under another channel's names.
Result<> copy_targets(Metadata& metadata, const Channel& from, Channel& to, const std::string& version) {
  const auto& registry = metadata.registry();
  const auto prefix = target_path(from.role, from.name, version, "");
  for (const auto& [path, file] : from.targets.targets) {
    if (!path.starts_with(prefix)) continue;
    const auto other = target_path(to.role, to.name, version, path.substr(prefix.size()));
    REBURST_TRY(metadata.place(registry / stored_path(path, file.sha256), registry / stored_path(other, file.sha256)));
    to.targets.targets[other] = file;
  }
  for (const auto& key : from.statement_keys) add_statement_key(to, key);
  return {};
}

client::Move move_of(const std::string& kind, const std::string& to, const std::string& reason) {
  client::Move move;
  move.kind = kind;
  move.to = to;
  move.reason = reason;
  return move;
}

Result<> let_doors_follow(const Metadata& metadata) {
  auto doors = REBURST_TRY(Doors::prepare(metadata, metadata.snapshot_expires(), silent_progress()));
  return doors.open();
}

Result<> save(Metadata& metadata, Channel channel, client::Move move) {
  REBURST_TRY(add_move(channel, std::move(move), metadata.publisher()));
  return save_channel(metadata, std::move(channel));
}

}  // namespace

Result<Metadata> open_to_change(const fs::path& registry, Publisher publisher, bool create, Progress& progress) {
  auto out = REBURST_TRY(Metadata::open(registry, std::move(publisher), create));
  sweep_openpgp();
  if (out.narrowed() || out.versions().empty()) return out;
  if (out.has_other_roots()) {
    progress.note("note: \"" + registry.string() + "\" has another root than \"" +
                  (out.publisher().keys.path / "root.json").string() +
                  "\": its readers need its own metadata/1.root.json");
  }
  if (out.roots_ahead() > 0) {
    progress.note("note: \"" + registry.string() + "\" gets version " + std::to_string(out.root().header.version) +
                  " of its root, which another registry of these keys has already");
  }
  const auto followed = let_doors_follow(out);
  if (!followed) progress.note("note: oci/ or images/ may be behind the metadata: " + followed.error().message);
  return out;
}

Result<std::vector<std::string>> versions_of(const Metadata& metadata, const std::string& role) {
  std::set<std::string> out;
  for (const auto& one : REBURST_TRY(known_releases(metadata, role))) out.insert(one.release.version);
  return std::vector<std::string>(out.begin(), out.end());
}

Result<Published> publish(Metadata& metadata, const fs::path& folder, const PublishOptions& options,
                          Progress& progress) {
  REBURST_TRY(require_label(options.channel));
  progress.begin("read", 0, Progress::Unit::kItems);
  const auto release = REBURST_TRY(read_release(folder, options.root_hash, options.jobs));
  const auto known = REBURST_TRY(known_releases(metadata, release.role));
  const auto epoch = REBURST_TRY(next_epoch(known, release.role, options.security_epoch));
  auto channel = REBURST_TRY(read_channel(metadata, release.role, options.channel));
  REBURST_TRY(require_not_yanked(metadata, release.role, release.version));
  Published out{.release = release, .channel = options.channel};
  auto move = move_of("publish", release.version, options.reason);
  if (const auto* same = find_version(known, release.version)) {
    REBURST_TRY(require_same(release, same->release));
    if (REBURST_TRY(current_version(channel)) == release.version) {
      out.unchanged = true;
      return out;
    }
    REBURST_TRY(require_epoch(channel, same->release));
    const auto from = REBURST_TRY(read_channel(metadata, release.role, same->channel));
    REBURST_TRY(copy_targets(metadata, from, channel, release.version));
    out.delta_bytes = REBURST_TRY(add_delta(metadata, channel, release.version, options.jobs, progress));
    REBURST_TRY(save(metadata, std::move(channel), std::move(move)));
    return out;
  }

  const auto& registry = metadata.registry();
  const auto signer = REBURST_TRY(statement_signer(metadata.publisher(), channel.metadata_role()));
  const auto staging = REBURST_TRY(TempDirectory::make(registry, kStagingName));
  for (const auto& folder : {registry / "chunks", registry / "oci" / release.role}) metadata.place_tree(folder);
  const auto parcel = REBURST_TRY(make_parcel(release, folder, *signer,
                                              {.builder_id = options.builder_id,
                                               .staging = staging.path(),
                                               .store = registry / "chunks",
                                               .layout = registry / "oci" / release.role,
                                               .jobs = options.jobs},
                                              progress));
  add_statement_key(channel, signer->public_key());
  REBURST_TRY(place_targets(metadata, channel, parcel, custom_of(parcel, epoch)));
  out.delta_bytes = REBURST_TRY(add_delta(metadata, channel, release.version, options.jobs, progress));
  REBURST_TRY(save(metadata, std::move(channel), std::move(move)));
  out.new_bytes = parcel.stored.new_bytes;
  out.total_bytes = parcel.stored.total_bytes;
  out.new_chunks = parcel.stored.new_chunks;
  return out;
}

Result<bool> promote(Metadata& metadata, const Promotion& promotion, Progress& progress) {
  REBURST_TRY(require_label(promotion.channel));
  const auto known = REBURST_TRY(known_releases(metadata, promotion.role));
  const auto* release = find_version(known, promotion.version);
  if (release == nullptr) {
    return fail(ErrorCode::kMissing,
                "no channel of \"" + promotion.role + "\" has the version \"" + promotion.version + "\"",
                "reburst list shows what there is");
  }
  auto channel = REBURST_TRY(read_channel(metadata, promotion.role, promotion.channel));
  REBURST_TRY(require_not_yanked(metadata, promotion.role, promotion.version));
  if (REBURST_TRY(current_version(channel)) == promotion.version) return false;
  REBURST_TRY(require_epoch(channel, release->release));
  if (release->channel != promotion.channel) {
    const auto from = REBURST_TRY(read_channel(metadata, promotion.role, release->channel));
    REBURST_TRY(copy_targets(metadata, from, channel, promotion.version));
  }
  REBURST_TRY(add_delta(metadata, channel, promotion.version, promotion.jobs, progress));
  auto move = move_of("promote", promotion.version, promotion.reason);
  REBURST_TRY(save(metadata, std::move(channel), std::move(move)));
  return true;
}

Result<Yanked> yank(Metadata& metadata, const std::string& role, const std::string& version,
                    const std::string& reason) {
  Yanked out;
  std::optional<Error> unsigned_for;
  for (const auto& name : channels_of(metadata, role)) {
    auto channel = REBURST_TRY(read_channel(metadata, role, name));
    const auto prefix = target_path(role, name, version, "");
    const auto had =
        std::erase_if(channel.targets.targets, [&](const auto& one) { return one.first.starts_with(prefix); });
    if (had == 0) continue;
    if (auto signer = statement_signer(metadata.publisher(), channel.metadata_role()); !signer) {
      if (signer.error().code != ErrorCode::kSignature) return fail(std::move(signer).error());
      unsigned_for = std::move(signer).error();
      out.left.push_back(name);
      continue;
    }
    const auto moves = REBURST_TRY(client::parse_history(channel.history, role, name, {}));
    std::set<std::string> named;  // what gc took is in the history still
    for (const auto& release : REBURST_TRY(client::releases_of(channel.targets, role, name)))
      named.insert(release.version);
    auto move = move_of("yank", version_without(moves, version, named), reason);
    move.version = version;
    REBURST_TRY(save(metadata, std::move(channel), std::move(move)));
    out.channels.push_back(name);
  }
  if (!out.channels.empty()) return out;
  if (unsigned_for) return fail(std::move(*unsigned_for));
  return fail(ErrorCode::kMissing, "no channel of \"" + role + "\" has the version \"" + version + "\"",
              "reburst list shows what there is");
}

Result<> commit(Metadata& metadata, Progress& progress) {
  for (const auto& role : roles_of(metadata)) metadata.place_tree(metadata.registry() / "images" / role);
  auto doors = REBURST_TRY(Doors::prepare(metadata, metadata.next_snapshot_expires(), progress));
  REBURST_TRY(metadata.commit());
  return doors.open();
}

}  // namespace reburst::registry
