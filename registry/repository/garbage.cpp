#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "core/file.hpp"
#include "core/json.hpp"
#include "registry/chunks/chunks.hpp"
#include "registry/oci/oci.hpp"
#include "registry/release/layout.hpp"
#include "registry/release/release.hpp"
#include "registry/repository/channel.hpp"
#include "registry/repository/doors.hpp"
#include "registry/repository/held_files.hpp"
#include "registry/repository/publish.hpp"
#include "registry/repository/upkeep.hpp"

namespace reburst::registry {

namespace {

constexpr std::uint64_t kMaxHolds = 16U << 20U;
constexpr std::string_view kHolds = "holds.json";

// Takes what no rule names out of the channel, and returns it.
Result<std::vector<client::ChannelRelease>> prune(Channel& channel, std::size_t keep, const std::vector<Hold>& holds) {
  auto releases = REBURST_TRY(client::releases_of(channel.targets, channel.role, channel.name));
  const auto current = REBURST_TRY(current_version(channel));
  std::vector<client::ChannelRelease> out;
  for (std::size_t i = 0; i < releases.size(); ++i) {
    const auto& version = releases[i].version;
    const bool newest = releases.size() - i <= keep;  // sorted by version, so by time
    const bool held = std::any_of(holds.begin(), holds.end(), [&](const auto& hold) {
      return hold.role == channel.role && hold.version == version;
    });
    if (newest || held || version == current) continue;
    const auto prefix = target_path(channel.role, channel.name, version, "");
    std::erase_if(channel.targets.targets, [&](const auto& one) { return one.first.starts_with(prefix); });
    out.push_back(releases[i]);
  }
  return out;
}

// What the metadata and the holds name, as paths relative to the registry.
struct Wanted {
  std::set<std::string> files;                        // under targets/, chunks/ and metadata/
  std::map<std::string, std::set<Digest>> manifests;  // of each role's OCI layout
  // What cannot be read may name anything in the same store: file → why.
  std::map<std::string, std::string> unjudged;
  bool every_chunk = false;
  std::set<std::string> whole_layouts;  // roles
};

Result<chunks::Index> read_index(const fs::path& file, const std::string& path, const Digest& digest) {
  const auto text = REBURST_TRY(read_file(file, chunks::kMaxIndexBytes));
  if (sha256(text) == digest) return chunks::parse_index(text, path);
  return fail(ErrorCode::kIntegrity, "\"" + path + "\" has another SHA-256 than its name says");
}

// `path`: of an index, relative to the registry.
void want_chunks(Wanted& wanted, const fs::path& registry, const std::string& path, const Digest& digest) {
  const auto index = read_index(registry / path, path, digest);
  if (!index) {
    wanted.unjudged[path] = index.error().message;
    wanted.every_chunk = true;
    return;
  }
  for (const auto& chunk : index->chunks) wanted.files.insert("chunks/" + chunk.id.path());
}

// What lies in `folder`; nothing where it is none. Paths relative to the registry, sorted.
Result<std::vector<fs::path>> list(const fs::path& registry, const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator at(registry / folder, error), end; !error && at != end; at.increment(error))
    out.push_back(folder / at->path().filename());
  if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory)
    return fail(system_error("cannot list \"" + (registry / folder).string() + "\"", error.value()));
  std::sort(out.begin(), out.end());
  return out;
}

// The files of a held release as they lie on the disk: after a yank no metadata names them. But for deltas, whose other
// end nobody holds.
Result<> want_files(Wanted& wanted, const fs::path& registry, const Hold& hold) {
  for (const auto& channel : REBURST_TRY(list(registry, fs::path("targets") / hold.role))) {
    for (const auto& path : REBURST_TRY(list(registry, channel / hold.version))) {
      const auto stored = path.filename().string();
      const auto name = std::string_view(stored).substr(stored.find('.') + 1);
      const auto digest = Digest::parse(stored.substr(0, stored.find('.')));
      if (!digest || delta_from(name, hold.role, hold.version)) continue;
      wanted.files.insert(path.string());
      if (name.ends_with(".caibx")) want_chunks(wanted, registry, path.string(), *digest);
    }
  }
  return {};
}

void keep_layout(Wanted& wanted, const std::string& role, const std::string& file, const Error& why) {
  wanted.unjudged[file] = why.message;
  wanted.whole_layouts.insert(role);
}

// By its version in the manifest: a yank takes the tag away. A manifest that is damaged may be the one.
void want_manifests(Wanted& wanted, const fs::path& registry, const Hold& hold) {
  const auto layout = fs::path("oci") / hold.role;
  const auto releases = oci::list_releases(registry / layout);
  if (!releases) return keep_layout(wanted, hold.role, layout / "index.json", releases.error());
  bool listed = false;
  for (const auto& digest : *releases) {
    const auto version = oci::version_of(registry / layout, digest);
    if (!version) {
      keep_layout(wanted, hold.role, layout / "blobs/sha256" / digest.hex(), version.error());
      listed = true;  // it may be this one
    } else if (*version == hold.version) {
      wanted.manifests[hold.role].insert(digest);
      listed = true;
    }
  }
  if (!listed && has_files(registry, hold))
    keep_layout(wanted, hold.role, layout / "index.json", {ErrorCode::kIntegrity, unlisted(hold), {}, {}});
}

Result<Wanted> find_wanted(const fs::path& registry, const std::map<std::string, tuf::Targets>& delegated,
                           const std::vector<Hold>& holds) {
  Wanted out;
  for (const auto& hold : holds) {
    if (!is_label(hold.role) || !is_plain_name(hold.version)) continue;  // no release, and no folder's name
    REBURST_TRY(want_files(out, registry, hold));
    want_manifests(out, registry, hold);
  }
  for (const auto& [role, targets] : delegated) {
    for (const auto& [path, target] : targets.targets) {
      const auto stored = stored_path(path, target.sha256);
      out.files.insert(stored);
      if (path.ends_with(".caibx")) want_chunks(out, registry, stored, target.sha256);
      const auto oci = target.custom.value("oci", "");
      const auto manifest = Digest::parse(std::string_view(oci).substr(oci.find(':') + 1));
      if (manifest) out.manifests[path.substr(0, path.find('/'))].insert(*manifest);
    }
  }
  return out;
}

// Readers that began before the last commit may still want the metadata of then: the newest few of each role stay, and
// every root.
constexpr std::uint64_t kKeptMetadata = 8;

bool is_old_metadata(const std::string& name, const std::map<std::string, std::uint64_t>& newest) {
  const auto dot = name.find('.');
  const auto version = name.substr(0, dot);
  const auto role = fs::path(name.substr(dot + 1)).stem().string();
  const auto found = newest.find(role);
  if (role == "root" || version.empty() || version.find_first_not_of("0123456789") != std::string::npos) return false;
  std::uint64_t number = 0;
  const auto read = std::from_chars(version.data(), version.data() + version.size(), number);
  if (read.ec != std::errc()) return false;  // no number that this registry ever had
  return found == newest.end() || (found->second >= kKeptMetadata && number <= found->second - kKeptMetadata);
}

class Sweep {
 public:
  Sweep(const fs::path& registry, bool dry_run, Collected& collected)
      : registry_(registry), dry_run_(dry_run), collected_(collected) {}

  // Every file below `folder` that `keep` does not want.
  Result<> run(const std::string& folder, const std::function<bool(const std::string&)>& keep) {
    std::error_code error;
    std::vector<fs::path> found;
    for (fs::recursive_directory_iterator at(registry_ / folder, error), end; !error && at != end;
         at.increment(error)) {
      if (!at->is_directory() || at->is_symlink()) found.push_back(at->path());
    }
    if (error && error != std::errc::no_such_file_or_directory)
      return fail(system_error("cannot list \"" + (registry_ / folder).string() + "\"", error.value()));
    std::sort(found.begin(), found.end());
    for (const auto& path : found) {
      const auto name = path.lexically_relative(registry_).string();
      if (!keep(name)) REBURST_TRY(remove(path, name));
    }
    return {};
  }

  // `name`, relative to the registry, and all below it; of a link, the link.
  Result<> take(const std::string& name) {
    const auto path = registry_ / name;
    std::error_code ignored;
    if (!fs::is_directory(fs::symlink_status(path, ignored))) return remove(path, name);
    REBURST_TRY(run(name, [](const auto&) { return false; }));
    return dry_run_ ? Result<>() : remove_tree(path);
  }

 private:
  Result<> remove(const fs::path& path, const std::string& name) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0 && status.st_nlink == 1)
      collected_.bytes += static_cast<std::uint64_t>(status.st_blocks) * 512;
    collected_.files.push_back(name);
    if (dry_run_) return {};
    std::error_code error;
    fs::remove(path, error);
    if (error) return fail(system_error("cannot remove \"" + path.string() + "\"", error.value()));
    fs::remove(path.parent_path(), error);  // when nothing else is in it
    return {};
  }

  const fs::path& registry_;
  bool dry_run_;
  Collected& collected_;
};

// A role or a channel that the metadata does not know, and nobody holds, has no place in oci/ and images/: a
// publication that was killed has left it. A channel's folders have its name in theirs: ".stable-N".
Result<> sweep_strangers(Sweep& sweep, const Metadata& metadata, const std::vector<Hold>& holds) {
  auto roles = roles_of(metadata);
  const auto look = [&](const fs::path& folder, const std::vector<std::string>& known) -> Result<> {
    for (const auto& path : REBURST_TRY(list(metadata.registry(), folder))) {
      const auto name = path.filename().string();
      const bool named = std::any_of(known.begin(), known.end(), [&](const auto& one) {
        return name == one || name == "." + one + ".new" || name.starts_with("." + one + "-");
      });
      if (!named) REBURST_TRY(sweep.take(path.string()));
    }
    return {};
  };
  for (const auto& role : roles) REBURST_TRY(look(fs::path("images") / role, channels_of(metadata, role)));
  REBURST_TRY(look("images", roles));
  for (const auto& hold : holds) roles.push_back(hold.role);
  return look("oci", roles);
}

// What a layout that cannot be read would lose by it, nobody knows.
Result<> sweep_oci(const fs::path& registry, Wanted& wanted, const std::string& role, bool dry_run,
                   Collected& collected) {
  if (wanted.whole_layouts.contains(role)) return {};
  const auto layout = fs::path("oci") / role;
  const auto releases = oci::list_releases(registry / layout);
  if (!releases) {
    keep_layout(wanted, role, layout / "index.json", releases.error());
    return {};
  }
  for (const auto& digest : wanted.manifests[role]) {
    if (std::find(releases->begin(), releases->end(), digest) != releases->end()) continue;
    keep_layout(wanted, role, layout / "index.json",
                {ErrorCode::kIntegrity, "lists no sha256:" + digest.hex() + ", which the metadata names", {}, {}});
    return {};
  }
  std::vector<Digest> gone;
  for (const auto& digest : *releases) {
    if (!wanted.manifests[role].contains(digest)) gone.push_back(digest);
  }
  if (gone.empty()) return {};
  const auto blobs = oci::remove_from_layout(registry / layout, gone, dry_run);
  if (!blobs && blobs.error().code == ErrorCode::kIntegrity) {  // said before anything was removed
    keep_layout(wanted, role, layout, blobs.error());
    return {};
  }
  for (const auto& blob : REBURST_TRY(blobs)) collected.files.push_back(layout / blob);
  return {};
}

// What the channel's folder for systemd shows of releases that go; commit() makes it anew without them.
void list_images(const fs::path& registry, const Channel& channel, const std::vector<client::ChannelRelease>& gone,
                 Collected& collected) {
  const auto folder = fs::path("images") / channel.role / channel.name;
  for (const auto& release : gone) {
    for (const auto& file : release.files) {
      std::error_code ignored;
      if (fs::exists(registry / folder / file.name, ignored)) collected.files.push_back(folder / file.name);
    }
  }
}

// Before what no index.json names is taken for garbage. Where it cannot be done, the layout stays whole, as check
// tells.
Result<> mend_oci(const Metadata& metadata, Progress& progress) {
  if (const auto complete = complete_oci(metadata); !complete)
    progress.note("note: an OCI layout lacks what the metadata names: " + complete.error().message);
  auto doors = Doors::prepare(metadata, metadata.snapshot_expires(), silent_progress());
  return doors ? doors->open() : Result<>();
}

}  // namespace

Result<std::vector<Hold>> read_holds(const fs::path& registry) {
  const auto path = registry / kHolds;
  std::error_code ignored;
  std::vector<Hold> out;
  if (!fs::exists(path, ignored)) return out;
  const auto json = REBURST_TRY(parse_json(REBURST_TRY(read_file(path, kMaxHolds)), path.string()));
  if (!json.is_array()) return fail(ErrorCode::kIntegrity, "\"" + path.string() + "\" is not a list of holds");
  for (const auto& one : json) {
    out.push_back({REBURST_TRY(json_string(one, "role", path.string())),
                   REBURST_TRY(json_string(one, "version", path.string())),
                   REBURST_TRY(json_string(one, "reason", path.string()))});
  }
  return out;
}

Result<> write_holds(const fs::path& registry, const std::vector<Hold>& holds) {
  Json json = Json::array();
  for (const auto& hold : holds)
    json.push_back({{"role", hold.role}, {"version", hold.version}, {"reason", hold.reason}});
  return write_file_atomic(registry / kHolds, canonical_json(json));
}

Result<Collected> collect_garbage(Metadata& metadata, std::size_t keep, bool dry_run, Progress& progress) {
  Collected out;
  const fs::path registry = metadata.registry();
  if (metadata.narrowed()) {
    return fail(ErrorCode::kUsage, "\"" + registry.string() + "\" holds only some channels of a registry",
                "every import leaves what its bundle has, and nothing else: import a newer bundle");
  }
  const auto holds = REBURST_TRY(read_holds(registry));
  progress.begin("collect", 0, Progress::Unit::kItems);
  if (!dry_run) REBURST_TRY(mend_oci(metadata, progress));
  auto delegated = metadata.delegated();
  for (const auto& role : roles_of(metadata)) {
    for (const auto& name : channels_of(metadata, role)) {
      auto channel = REBURST_TRY(read_channel(metadata, role, name));
      auto gone = REBURST_TRY(prune(channel, keep, holds));
      if (gone.empty()) continue;
      if (!REBURST_TRY(metadata.can_sign(channel.metadata_role()))) {
        progress.note("note: \"" + channel.metadata_role() +
                      "\" keeps what it has: it wants signatures by keys that are not here");
        continue;
      }
      for (const auto& one : gone) out.releases.push_back(channel.role + "@" + channel.name + " " + one.version);
      list_images(registry, channel, gone, out);
      delegated[channel.metadata_role()] = channel.targets;
      if (!dry_run) REBURST_TRY(save_channel(metadata, std::move(channel)));
    }
  }
  if (!dry_run && !out.releases.empty()) REBURST_TRY(commit(metadata, progress));
  // Files go last: what no metadata names, no reader asks for.
  auto wanted = REBURST_TRY(find_wanted(registry, delegated, holds));
  const auto named = [&](const std::string& name) { return wanted.files.contains(name); };
  Sweep sweep(registry, dry_run, out);
  for (const auto& role : roles_of(metadata)) REBURST_TRY(sweep_oci(registry, wanted, role, dry_run, out));
  REBURST_TRY(sweep_strangers(sweep, metadata, holds));
  REBURST_TRY(sweep.run("targets", named));
  if (!wanted.every_chunk) REBURST_TRY(sweep.run("chunks", named));
  REBURST_TRY(sweep.run("metadata", [&](const std::string& name) {
    return !is_old_metadata(fs::path(name).filename().string(), metadata.versions());
  }));
  for (const auto& [file, why] : wanted.unjudged) out.unjudged.push_back({file, why});
  return out;
}

}  // namespace reburst::registry
