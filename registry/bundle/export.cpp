#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "core/file.hpp"
#include "registry/bundle/bundle.hpp"
#include "registry/bundle/contents.hpp"
#include "registry/bundle/leftovers.hpp"
#include "registry/bundle/tar.hpp"
#include "registry/oci/layout.hpp"
#include "registry/oci/oci.hpp"
#include "registry/release/layout.hpp"
#include "registry/release/release.hpp"
#include "registry/repository/channel.hpp"
#include "registry/repository/held.hpp"
#include "registry/repository/upkeep.hpp"

namespace reburst::bundle {

namespace {

constexpr std::size_t kFaultsShown = 10;

struct Part {
  std::string entry;
  fs::path file;
  std::uint64_t size = 0;
};

// "web" or "web@stable" as delegated roles.
Result<std::vector<std::string>> select(const registry::Metadata& metadata, const std::vector<std::string>& selection) {
  std::set<std::string> out;
  for (const auto& text : selection) {
    const auto at = text.find('@');
    const auto role = text.substr(0, at);
    const auto before = out.size();
    bool known = false;
    for (const auto& channel : registry::channels_of(metadata, role)) {
      if (at != std::string::npos && channel != text.substr(at + 1)) continue;
      out.insert(registry::channel_role(role, channel));
      known = true;
    }
    if (known || out.size() > before) continue;
    return fail(ErrorCode::kMissing, "the registry has no \"" + text + "\"",
                "name a ROLE or a ROLE@CHANNEL: reburst list shows what there is");
  }
  if (selection.empty()) {
    for (const auto& [role, targets] : metadata.delegated()) out.insert(role);
  }
  return std::vector<std::string>(out.begin(), out.end());
}

// What the bundle is to have; no site could import it otherwise. Other channels may have expired.
Result<Epoch> require_fresh(const registry::Metadata& metadata, const std::vector<std::string>& held, Epoch now) {
  auto expiries = registry::expiries(metadata);
  std::erase_if(expiries, [&](const auto& one) {
    return metadata.delegated().contains(one.role) && std::find(held.begin(), held.end(), one.role) == held.end();
  });
  std::string others;
  for (const auto& role : held) {
    if (metadata.delegated().at(role).header.expires <= now) continue;
    const auto dash = role.rfind('-');
    others += " " + role.substr(0, dash) + "@" + role.substr(dash + 1);
  }
  std::string hint = "sign it again with reburst registry refresh, and export it then";
  if (!others.empty()) hint += "; or export the others by name:" + others;
  REBURST_TRY(registry::require_fresh(expiries, now, hint));
  return expiries.front().expires;
}

Result<> require_whole(const registry::Metadata& metadata, const ExportOptions& options, Progress& progress) {
  const auto faults = REBURST_TRY(registry::check(metadata, options.root_hash, options.jobs, progress));
  if (faults.empty()) return {};
  std::string text;
  for (std::size_t i = 0; i < std::min(faults.size(), kFaultsShown); ++i)
    text += "\n  " + faults[i].file + " " + faults[i].what;
  return fail(ErrorCode::kIntegrity, "the registry shows something else than its metadata names" + text,
              "mend it first: reburst registry check tells all of it");
}

// What the layout's index leads on through.
bool is_document(const oci::Descriptor& descriptor) {
  return descriptor.media_type == oci::kManifestType || descriptor.media_type == oci::kIndexType;
}

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

// In the registry, or beside FILE where that cannot be written. What killed exports left goes first; in the registry it
// is told from a publication's folder by the registry's lock.
Result<LockedDirectory> make_staging(const registry::Metadata& metadata, const fs::path& file) {
  const auto& registry = metadata.registry();
  if (metadata.locked()) sweep_leftovers(registry, std::string(registry::kStagingName) + "-");
  sweep_leftovers(folder_of(file), leftover_prefix(file));
  auto out = make_locked_directory(registry, std::string(registry::kStagingName));
  return out ? std::move(out) : make_locked_directory(folder_of(file), leftover_prefix(file) + "staging");
}

class Collection {
 public:
  Collection(const registry::Metadata& metadata, const Wanted& wanted, fs::path staging)
      : metadata_(metadata), registry_(metadata.registry()), wanted_(wanted), staging_(std::move(staging)) {}

  Result<std::vector<Part>> run(const std::string& held) {
    REBURST_TRY(write_file_atomic(staging_ / registry::kHeldName, held));
    REBURST_TRY(add(std::string(registry::kHeldName), staging_ / registry::kHeldName));
    for (const auto& path : wanted_.metadata) REBURST_TRY(add(path, registry_ / path));
    for (const auto& [path, target] : wanted_.targets) REBURST_TRY(add(path, registry_ / path));
    for (const auto& channel : wanted_.channels) REBURST_TRY(add_images(channel));
    for (const auto& role : registry::roles_of(metadata_)) REBURST_TRY(add_oci(role));
    for (const auto& [path, size] : REBURST_TRY(want_chunks(registry_, wanted_)))
      REBURST_TRY(add(path, registry_ / path));
    std::sort(parts_.begin(), parts_.end(),
              [](const auto& a, const auto& b) { return comes_before(a.entry, b.entry); });
    return std::move(parts_);
  }

 private:
  Result<> add(const std::string& entry, const fs::path& file) {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    if (error) return fail(system_error("cannot read \"" + file.string() + "\"", error.value()));
    parts_.push_back({entry, file, size});
    return {};
  }

  // The sums and their signature; the disks are among the targets.
  Result<> add_images(const client::ChannelName& name) {
    const auto path = "images/" + name.role + "/" + name.channel;
    std::error_code error;
    for (fs::directory_iterator at(registry_ / path, error), end; !error && at != end; at.increment(error)) {
      const auto file = at->path().filename().string();
      if (file.starts_with("SHA256SUMS") || file.starts_with("BEST-BEFORE-"))
        REBURST_TRY(add(path + "/" + file, at->path()));
    }
    if (error && error != std::errc::no_such_file_or_directory)
      return fail(system_error("cannot list \"" + (registry_ / path).string() + "\"", error.value()));
    return {};
  }

  // Everything but the layers, which are targets.
  Result<> add_oci(const std::string& role) {
    const auto layout = REBURST_TRY(prune(role));
    const auto path = "oci/" + role + "/";
    REBURST_TRY(add(path + "oci-layout", layout / "oci-layout"));
    REBURST_TRY(add(path + "index.json", layout / "index.json"));
    const auto reached = REBURST_TRY(oci::reach(layout, REBURST_TRY(oci::read_layout(layout))));
    for (const auto& [digest, descriptor] : reached.blobs) {
      if (wanted_.digests.contains(digest)) continue;
      const auto& place = is_document(descriptor) ? layout : registry_ / "oci" / role;
      REBURST_TRY(add(path + "blobs/sha256/" + digest.hex(), oci::blob_path(place, digest)));
    }
    return {};
  }

  // The layout's documents, without the releases and tags of channels that stay here.
  Result<fs::path> prune(const std::string& role) {
    const auto from = registry_ / "oci" / role;
    const auto to = staging_ / "oci" / role;
    REBURST_TRY(make_directories(oci::blobs_folder(to)));
    for (const char* name : {"oci-layout", "index.json"}) REBURST_TRY(clone_file(from / name, to / name));
    const auto reached = REBURST_TRY(oci::reach(from, REBURST_TRY(oci::read_layout(from))));
    for (const auto& [digest, descriptor] : reached.blobs) {
      if (is_document(descriptor)) REBURST_TRY(share_file(oci::blob_path(from, digest), oci::blob_path(to, digest)));
    }
    std::set<std::string> manifests;
    std::set<std::string> tags;
    for (const auto& name : registry::channels_of(metadata_, role)) {
      const auto channel = REBURST_TRY(registry::read_channel(metadata_, role, name));
      if (!REBURST_TRY(registry::current_version(channel)).empty()) tags.insert(name);
      for (const auto& release : REBURST_TRY(client::releases_of(channel.targets, role, name))) {
        manifests.insert(release.oci);
        tags.insert(release.version);
      }
    }
    auto gone = REBURST_TRY(oci::list_releases(to));
    std::erase_if(gone, [&](const auto& digest) { return manifests.contains("sha256:" + digest.hex()); });
    if (!gone.empty()) REBURST_TRY(oci::remove_from_layout(to, gone));
    for (const auto& [tag, digest] : REBURST_TRY(oci::read_tags(to))) {
      const bool ours = registry::is_version(tag) || registry::is_label(tag);
      if (ours && !tags.contains(tag)) REBURST_TRY(oci::set_tag(to, tag, std::nullopt));
    }
    return to;
  }

  const registry::Metadata& metadata_;
  const fs::path& registry_;
  const Wanted& wanted_;
  fs::path staging_;
  std::vector<Part> parts_;
};

Result<> put(int fd, const fs::path& file, const std::vector<Part>& parts, Progress& progress) {
  auto tar = REBURST_TRY(TarWriter::open(fd, file.string()));
  for (const auto& part : parts) {
    REBURST_TRY(tar.add(part.entry, part.file, part.size));
    progress.advance(part.size);
  }
  REBURST_TRY(tar.close());
  if (::fsync(fd) != 0) return fail(system_error("cannot write \"" + file.string() + "\"", errno));
  return {};
}

// A reader of FILE sees the old bundle or the new one.
Result<> write_bundle(const fs::path& file, const std::vector<Part>& parts, Progress& progress) {
  const auto folder = folder_of(file);
  // Not write_file_atomic(): what is gigabytes is written piece by piece.
  auto name = folder;
  Fd fd = REBURST_TRY(make_locked_file(name, leftover_prefix(file)));
  auto done = put(fd.get(), file, parts, progress);
  if (done) done = rename_path(name, file);  // while it is locked, and flushed already
  if (done) done = close_checked(std::move(fd), file.string());
  if (!done) {
    ::unlink(name.c_str());
    return done;
  }
  return sync_directory(folder);
}

}  // namespace

Result<Exported> export_bundle(registry::Metadata& metadata, const ExportOptions& options, Progress& progress) {
  Exported out;
  const auto held = REBURST_TRY(select(metadata, options.selection));
  if (held.empty()) return fail(ErrorCode::kMissing, "the registry has no channel: there is nothing to export");
  out.usable_until = REBURST_TRY(require_fresh(metadata, held, options.now));
  REBURST_TRY(require_whole(metadata, options, progress));  // before: the doors show every channel
  REBURST_TRY(metadata.narrow(held));
  const auto wanted = REBURST_TRY(want(metadata.targets(), metadata.all_delegated(), metadata.versions(), held));
  for (const auto& name : wanted.channels) {
    const auto& targets = metadata.delegated().at(registry::channel_role(name.role, name.channel));
    out.channels.push_back(name.role + "@" + name.channel);
    out.releases += REBURST_TRY(client::releases_of(targets, name.role, name.channel)).size();
  }
  const auto staging = REBURST_TRY(make_staging(metadata, options.file));
  const auto parts = REBURST_TRY(Collection(metadata, wanted, staging.folder.path()).run(registry::held_text(held)));
  for (const auto& part : parts) out.bytes += part.size;
  if (options.dry_run) return out;
  progress.begin("export", out.bytes, Progress::Unit::kBytes);
  REBURST_TRY(write_bundle(options.file, parts, progress));
  return out;
}

}  // namespace reburst::bundle
