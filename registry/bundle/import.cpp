#include <algorithm>
#include <optional>

#include "core/file.hpp"
#include "registry/bundle/bundle.hpp"
#include "registry/bundle/extract.hpp"
#include "registry/bundle/rebuild.hpp"
#include "registry/bundle/workplace.hpp"
#include "registry/client/history.hpp"
#include "registry/release/layout.hpp"
#include "registry/repository/held.hpp"
#include "registry/repository/upkeep.hpp"

namespace reburst::bundle {

namespace {

constexpr std::uint64_t kMaxRoot = 1U << 20U;

client::FetchMetadata from_folder(const fs::path& registry) {
  return
      [registry](const std::string& name, std::uint64_t most) { return read_file(registry / "metadata" / name, most); };
}

std::map<std::string, std::uint64_t> versions_of(const client::VerifiedMetadata& metadata) {
  std::map<std::string, std::uint64_t> out = {{"root", metadata.root.header.version},
                                              {"targets", metadata.targets.header.version},
                                              {"snapshot", metadata.snapshot.header.version},
                                              {"timestamp", 1}};
  for (const auto& [role, targets] : metadata.delegated) out[role] = targets.header.version;
  return out;
}

tl::unexpected<Error> refuse(const std::string& why, const std::string& hint) {
  return fail(ErrorCode::kIntegrity, "cannot import the bundle: " + why, hint);
}

// The registry that stands where the bundle goes, believed as far as its own first root goes.
struct Present {
  fs::path folder;
  client::VerifiedMetadata metadata;
  std::vector<std::string> held;
};

Result<std::optional<Present>> read_present(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder, error) || fs::is_empty(folder, error)) return std::optional<Present>();
  if (!fs::exists(folder / registry::metadata_path("root", 1), error)) {
    return fail(ErrorCode::kUsage, "\"" + folder.string() + "\" is there, and is no registry",
                "name a new folder with --registry");
  }
  Present out{.folder = folder, .metadata = {}, .held = {}};
  client::TrustedState trusted;
  trusted.root = REBURST_TRY(read_file(folder / registry::metadata_path("root", 1), kMaxRoot));
  // Expired or not: it is what may not be gone back from.
  auto metadata = client::update(trusted, from_folder(folder), {.now = 0});
  out.metadata = REBURST_TRY(with_context(std::move(metadata), "reading the registry \"" + folder.string() + "\""));
  const auto held = REBURST_TRY(registry::read_held(folder));
  for (const auto& [role, targets] : out.metadata.delegated) {
    if (!held || std::find(held->begin(), held->end(), role) != held->end()) out.held.push_back(role);
  }
  return std::optional(std::move(out));
}

class Import {
 public:
  Import(const ImportOptions& options, const Workplace& workplace, std::optional<Present> present, Progress& progress)
      : options_(options),
        made_(workplace.made()),
        scratch_(workplace.scratch()),
        present_(std::move(present)),
        progress_(progress) {}

  Result<Imported> run() {
    Imported out;
    out.replaced = present_.has_value();
    std::error_code ignored;
    out.bytes = fs::file_size(options_.file, ignored);
    auto bundle = REBURST_TRY(TarReader::open(options_.file));
    progress_.begin("read", out.bytes, Progress::Unit::kBytes);
    const auto wanted = REBURST_TRY(extract(
        bundle, made_, [this] { return judge(); }, progress_));
    REBURST_TRY(rebuild(made_, wanted, metadata_.delegated, options_.jobs, progress_));
    REBURST_TRY(check_histories());
    for (const auto& name : wanted.channels) {
      out.channels.push_back(name.role + "@" + name.channel);
      out.releases += REBURST_TRY(verify_channel(name));
    }
    out.usable_until = REBURST_TRY(check_doors());
    REBURST_TRY(keep_from_present());
    return out;
  }

 private:
  // Everything that the signatures say, before a byte of a release is read.
  Result<Wanted> judge() {
    held_ = REBURST_TRY(registry::parse_held(REBURST_TRY(read_file(made_ / registry::kHeldName, registry::kMaxHeld)),
                                             std::string(registry::kHeldName)));
    REBURST_TRY(check_root());
    client::TrustedState trusted;
    trusted.root = options_.root;
    const auto step = "reading the bundle \"" + options_.file.string() + "\"";
    metadata_ = REBURST_TRY(with_context(client::update(trusted, from_folder(made_), {.now = 0}), step));
    REBURST_TRY(with_context(check_fresh(trusted), step));
    if (present_) REBURST_TRY(check_present());
    auto wanted = REBURST_TRY(want(metadata_.targets, metadata_.delegated, versions_of(metadata_), held_));
    REBURST_TRY(check_metadata_files(wanted));
    return wanted;
  }

  // As a client that asks for the channels that are here; of the others the bundle has no releases.
  Result<> check_fresh(const client::TrustedState& trusted) {
    client::UpdateOptions options{.now = options_.now};
    for (const auto& role : held_) {
      if (metadata_.delegated.contains(role)) options.delegated.push_back(role);  // want() tells of one that is not
    }
    auto fresh = client::update(trusted, from_folder(made_), options);
    if (fresh || fresh.error().code != ErrorCode::kExpired) return fresh.map([](const auto&) {});
    fresh.error().hint =
        "run reburst registry refresh where the bundle comes from, and export it again; for bundles that travel for "
        "days, give timestamp and snapshot longer lives in its keys.json";
    return fail(std::move(fresh).error());
  }

  // The root that is trusted is one of the bundle's: else clients that begin with another would see another chain.
  Result<> check_root() {
    const auto version = REBURST_TRY(tuf::parse<tuf::Root>(options_.root, "root.json")).body.header.version;
    const auto own = read_file(made_ / registry::metadata_path("root", version), kMaxRoot);
    if (!own && own.error().code == ErrorCode::kMissing)
      return refuse("it has no version " + std::to_string(version) + " of root, which is the trusted one",
                    "export a newer bundle");
    if (own && *own == options_.root) return {};
    return fail(
        ErrorCode::kSignature, "cannot import the bundle: its root is not the one that is trusted",
        "give the root.json of this registry's publisher with --root: you get it from the publisher, and not with "
        "the bundle");
  }

  Result<> check_metadata_files(const Wanted& wanted) {
    std::error_code error;
    for (fs::directory_iterator at(made_ / "metadata", error), end; !error && at != end; at.increment(error)) {
      const auto name = "metadata/" + at->path().filename().string();
      if (!wanted.metadata.contains(name)) return refuse("nothing names its \"" + name + "\"", "export it again");
    }
    for (const auto& name : wanted.metadata) {
      if (!fs::exists(made_ / name, error)) return refuse("\"" + name + "\" is not in it", "export it again");
    }
    return {};
  }

  // The rules of a client that has seen the registry that is there, and every root of it again.
  Result<> check_present() {
    const auto& folder = present_->folder.string();
    for (std::uint64_t version = 1; version <= present_->metadata.root.header.version; ++version) {
      const auto path = registry::metadata_path("root", version);
      const auto there = REBURST_TRY(read_file(present_->folder / path, kMaxRoot));
      const auto here = read_file(made_ / path, kMaxRoot);
      if (!here && version > 1) {
        return refuse("it is older than the registry \"" + folder + "\", which has \"" + path + "\" already",
                      "export a newer bundle");
      }
      if (here && *here == there) continue;
      return fail(ErrorCode::kSignature, "the registry \"" + folder + "\" has another \"" + path + "\" than the bundle",
                  "they are different registries: name another folder with --registry");
    }
    REBURST_TRY(with_context(client::update(present_->metadata.state, from_folder(made_), {.now = options_.now}),
                             "comparing the bundle with the registry \"" + folder + "\""));
    for (const auto& role : present_->held) {
      if (std::find(held_.begin(), held_.end(), role) != held_.end()) continue;
      return fail(ErrorCode::kUsage, "the bundle does not have \"" + role + "\", which \"" + folder + "\" has",
                  "export it with every channel that this site uses, or import into another folder");
    }
    return {};
  }

  Result<std::string> history_of(const fs::path& folder, const client::VerifiedMetadata& metadata,
                                 const client::ChannelName& name) {
    const auto& targets = metadata.delegated.at(registry::channel_role(name.role, name.channel)).targets;
    const auto path = registry::history_path(name.role, name.channel);
    const auto found = targets.find(path);
    if (found == targets.end()) return std::string();
    return read_file(folder / registry::stored_path(path, found->second.sha256), client::kMaxHistory);
  }

  Result<> check_histories() {
    if (!present_) return {};
    for (const auto& delegation : present_->metadata.targets.delegations) {
      const auto name = client::channel_name(delegation);
      if (!name) continue;
      const auto seen = REBURST_TRY(history_of(present_->folder, present_->metadata, *name));
      REBURST_TRY(client::check_continues(seen, REBURST_TRY(history_of(made_, metadata_, *name))));
    }
    return {};
  }

  // Manifest, provenance and root hash, as pull checks them.
  Result<std::size_t> verify_channel(const client::ChannelName& name) {
    const auto& targets = metadata_.delegated.at(registry::channel_role(name.role, name.channel));
    const auto keys = REBURST_TRY(client::statement_keys(targets, name.role, name.channel));
    const auto releases = REBURST_TRY(client::releases_of(targets, name.role, name.channel));
    for (const auto& release : releases) {
      const auto folder = scratch_ / "release";
      REBURST_TRY(remove_tree(folder));
      for (const auto& file : release.files) {
        const auto path = registry::target_path(name.role, name.channel, release.version, file.name);
        REBURST_TRY(share_file(made_ / registry::stored_path(path, file.sha256), folder / file.name));
      }
      const auto verified = client::verify_release(release, folder, keys, options_.root_hash, options_.jobs, progress_);
      REBURST_TRY(with_context(verified.map([](const auto&) {}),
                               "verifying \"" + name.role + "\" " + release.version + " of the bundle"));
    }
    return releases.size();
  }

  // Every door shows what the metadata names; returns when the first of it expires.
  Result<Epoch> check_doors() {
    std::error_code error;
    if (held_.size() == metadata_.delegated.size()) fs::remove(made_ / registry::kHeldName, error);
    const auto metadata =
        REBURST_TRY(registry::Metadata::open(made_, {.keys = {}, .ask = {}, .now = options_.now}, false));
    // verify_channel() has computed the root hashes.
    const auto faults = REBURST_TRY(registry::check(metadata, {}, options_.jobs, progress_));
    if (faults.empty()) return registry::expiries(metadata).front().expires;
    return refuse("\"" + faults.front().file + "\" in it " + faults.front().what, "export it again");
  }

  // Readers that began before still ask for the metadata of then; and holds are the keeper's own.
  Result<> keep_from_present() {
    if (!present_) return {};
    std::error_code ignored;
    for (const auto& [role, version] : versions_of(present_->metadata)) {
      const auto path = registry::metadata_path(role, version);
      if (role != "timestamp") REBURST_TRY(share_file(present_->folder / path, made_ / path));
    }
    if (fs::exists(present_->folder / "holds.json", ignored))
      return clone_file(present_->folder / "holds.json", made_ / "holds.json");
    return {};
  }

  const ImportOptions& options_;
  fs::path made_, scratch_;
  std::optional<Present> present_;
  Progress& progress_;
  std::vector<std::string> held_;
  client::VerifiedMetadata metadata_;
};

}  // namespace

Result<Imported> import_bundle(const ImportOptions& options, Progress& progress) {
  const auto workplace = REBURST_TRY(Workplace::open(options.registry));
  auto present = REBURST_TRY(read_present(workplace.target()));
  auto imported = REBURST_TRY(Import(options, workplace, std::move(present), progress).run());
  if (!options.dry_run) REBURST_TRY(workplace.place());
  return imported;
}

}  // namespace reburst::bundle
