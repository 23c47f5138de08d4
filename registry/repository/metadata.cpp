#include "registry/repository/metadata.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "core/file.hpp"
#include "registry/release/layout.hpp"
#include "registry/repository/held.hpp"
#include "signing/sign/seal.hpp"

namespace reburst::registry {

namespace {

constexpr std::uint64_t kMaxMetadata = 64U << 20U;  // of our own, that a reader is allowed less of
constexpr Epoch kDay = 86400;
constexpr std::string_view kNextTimestamp = ".timestamp.json.next";

Result<Fd> lock_registry(const fs::path& registry, unsigned wait_seconds) {
  const fs::path path = registry / ".lock";
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!fd.valid()) return fail(system_error("cannot open \"" + path.string() + "\"", errno));
  constexpr auto kPause = std::chrono::milliseconds(100);
  for (unsigned tries = 0; ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0; ++tries) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      return fail(system_error("cannot lock \"" + path.string() + "\"", errno));
    if (tries >= wait_seconds * 10) {
      return fail(ErrorCode::kUsage, "somebody else is publishing to \"" + registry.string() + "\"",
                  "try again when that has ended");
    }
    std::this_thread::sleep_for(kPause);
  }
  return fd;
}

// What publications that were killed left; the lock is held, so none is in use.
void sweep_staging(const fs::path& registry) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator at(registry, error), end; !error && at != end; at.increment(error)) {
    if (at->path().filename().string().starts_with(kStagingName)) found.push_back(at->path());
  }
  for (const auto& path : found) (void)remove_tree(path);  // what cannot be removed is found again
}

tuf::MetaFile describe(std::uint64_t version, const std::string& text) {
  return {.version = version, .length = text.size(), .sha256 = sha256(text)};
}

Error below_threshold(const std::string& role, Error error) {
  error.hint =
      "this key folder cannot sign for \"" + role +
      "\" alone: write a proposal with --propose FILE, and let the others sign it with \"reburst approve FILE\"";
  return error;
}

}  // namespace

Result<Metadata> Metadata::open(const fs::path& registry, Publisher publisher, bool create, unsigned wait_seconds) {
  std::error_code ignored;
  const bool is_new = !fs::exists(registry / metadata_path("root", 1), ignored);
  if (is_new && !create) {
    return fail(ErrorCode::kMissing, "there is no registry at \"" + registry.string() + "\"",
                "name it with --registry, or make one with reburst publish");
  }
  REBURST_TRY(make_directories(registry / "metadata"));
  auto lock = REBURST_TRY(lock_registry(registry, wait_seconds));
  sweep_staging(registry);
  Metadata out(registry, std::move(publisher), std::move(lock));
  // Asked again: another publisher may have made it while this one waited.
  if (!fs::exists(registry / metadata_path("root", 1), ignored)) {
    REBURST_TRY(out.begin());
  } else {
    REBURST_TRY(out.load());
  }
  return out;
}

// As a client does, but that nothing expires: a publisher comes to renew what has expired.
Result<client::VerifiedMetadata> Metadata::check(const std::vector<File>& files) const {
  client::TrustedState trusted;
  const auto fetch = [&](const std::string& name, std::uint64_t) -> Result<std::string> {
    for (const auto& file : files) {
      if (file.name + ".json" == name) return file.text;
    }
    return read_file(registry_ / "metadata" / name, kMaxMetadata);
  };
  trusted.root = REBURST_TRY(fetch("1.root.json", kMaxMetadata));
  return client::update(trusted, fetch, {.now = 0, .delegated = {}, .max_targets = kMaxMetadata});
}

Result<> Metadata::load() {
  auto loaded = check({});
  const fs::path next = registry_ / "metadata" / kNextTimestamp;
  std::error_code ignored;
  if (!loaded && fs::exists(next, ignored)) {
    // A commit that was killed between a new root and the timestamp that its keys sign: finished now.
    REBURST_TRY(rename_path(next, registry_ / "metadata/timestamp.json"));
    loaded = check({});
  }
  fs::remove(next, ignored);
  if (!loaded) return with_context(Result<>(tl::unexpected(loaded.error())), "reading \"" + registry_.string() + "\"");
  current_ = std::move(*loaded);
  next_ = current_;
  const auto timestamp = REBURST_TRY(tuf::parse<tuf::Timestamp>(current_.state.timestamp, "timestamp")).body;
  timestamp_expires_ = timestamp.header.expires;
  versions_ = {{"root", current_.root.header.version},
               {"targets", current_.targets.header.version},
               {"snapshot", current_.snapshot.header.version},
               {"timestamp", timestamp.header.version}};
  for (const auto& [role, targets] : current_.delegated) versions_[role] = targets.header.version;
  all_delegated_ = current_.delegated;
  const auto held = REBURST_TRY(read_held(registry_));
  return held ? narrow(*held) : Result<>();
}

Result<> Metadata::narrow(const std::vector<std::string>& roles) {
  std::map<std::string, tuf::Targets> kept;
  for (const auto& role : roles) {
    const auto found = current_.delegated.find(role);
    if (found == current_.delegated.end())
      return fail(ErrorCode::kMissing, "the registry has no \"" + role + "\"", "reburst list shows what there is");
    kept.insert(*found);
  }
  narrowed_ = narrowed_ || kept.size() != current_.delegated.size();
  current_.delegated = kept;
  next_.delegated = std::move(kept);
  return {};
}

Result<> Metadata::begin() {
  for (const char* role : {"root", "targets", "snapshot", "timestamp"}) {
    next_.root.roles[role] = REBURST_TRY(keys_of(role, next_.root.keys));
  }
  changed_ = {"root", "targets"};
  return {};
}

// The keys that the key folder gives a role, added to `keys`.
Result<tuf::RoleKeys> Metadata::keys_of(const std::string& role,
                                        std::map<std::string, signing::PublicKey>& keys) const {
  const auto& setup = signing::role_setup(publisher_.keys, role);
  tuf::RoleKeys out{.keyids = {}, .threshold = setup.threshold};
  for (auto& key : REBURST_TRY(signing::public_keys(publisher_.keys, setup, publisher_.ask))) {
    out.keyids.push_back(key.id());
    keys.emplace(key.id(), std::move(key));
  }
  return out;
}

tuf::Header Metadata::next_header(const std::string& role) const {
  const auto present = versions_.find(role);
  const auto days = signing::role_setup(publisher_.keys, role).expires_days;
  return {.version = present == versions_.end() ? 1 : present->second + 1,
          .expires = publisher_.now + static_cast<Epoch>(days) * kDay};
}

Result<> Metadata::delegate(const std::string& role, const std::vector<std::string>& paths) {
  auto& delegations = next_.targets.delegations;
  const bool known =
      std::any_of(delegations.begin(), delegations.end(), [&](const auto& one) { return one.name == role; });
  if (known) return {};
  delegations.push_back(
      {.name = role, .keys = REBURST_TRY(keys_of(role, next_.targets.keys)), .paths = paths, .terminating = true});
  changed_.insert("targets");
  return {};
}

Result<> Metadata::set_delegated(const std::string& role, const std::vector<std::string>& paths, tuf::Targets targets) {
  REBURST_TRY(delegate(role, paths));
  next_.delegated[role] = std::move(targets);
  changed_.insert(role);
  return {};
}

Result<> Metadata::set_sealed(const std::string& role, const std::vector<std::string>& paths, std::string sealed) {
  auto parsed = REBURST_TRY(tuf::parse<tuf::Targets>(sealed, role));
  const auto expected = next_header(role).version;
  if (parsed.body.header.version != expected) {
    return fail(ErrorCode::kUsage,
                "the proposal for \"" + role + "\" is out of date\n  proposed: version " +
                    std::to_string(parsed.body.header.version) + "\n  next:     version " + std::to_string(expected),
                "make it again: the channel has changed since");
  }
  REBURST_TRY(delegate(role, paths));
  next_.delegated[role] = std::move(parsed.body);
  sealed_[role] = std::move(sealed);
  changed_.insert(role);
  return {};
}

Result<> Metadata::rotate_keys(std::vector<std::unique_ptr<signing::Signer>> old_root_keys) {
  old_root_keys_ = std::move(old_root_keys);
  next_.root.keys.clear();
  next_.targets.keys.clear();
  for (auto& [role, keys] : next_.root.roles) keys = REBURST_TRY(keys_of(role, next_.root.keys));
  for (auto& one : next_.targets.delegations) {
    one.keys = REBURST_TRY(keys_of(one.name, next_.targets.keys));
    changed_.insert(one.name);
  }
  changed_.insert({"root", "targets"});
  return {};
}

Result<std::string> Metadata::seal(const std::string& role, const Json& body) const {
  const auto keys =
      REBURST_TRY(signing::signers(publisher_.keys, signing::role_setup(publisher_.keys, role), publisher_.ask));
  signing::Signers all;
  for (const auto& key : keys) all.push_back(key.get());
  if (role == "root") {
    for (const auto& key : old_root_keys_) all.push_back(key.get());
  }
  return signing::seal_metadata(body, all);
}

Result<std::map<std::string, std::string>> Metadata::seal_delegated() const {
  std::map<std::string, std::string> out;
  for (const auto& role : changed_) {
    const auto found = next_.delegated.find(role);
    if (found == next_.delegated.end()) continue;
    auto body = found->second;
    body.header = next_header(role);
    out[role] = REBURST_TRY(seal(role, tuf::to_json(body)));
  }
  return out;
}

// Everything that changed, sealed; snapshot and timestamp name it. check() then decides as a client would.
Result<std::vector<Metadata::File>> Metadata::seal_all() {
  std::vector<File> files;
  auto& snapshot = next_.snapshot;
  const auto add = [&](const std::string& role, std::uint64_t version, std::string text) {
    if (role != "root") snapshot.meta[role + ".json"] = describe(version, text);
    files.push_back({std::to_string(version) + "." + role, std::move(text)});
  };
  const auto seal_body = [&](const std::string& role, auto& body) -> Result<> {
    body.header = next_header(role);
    add(role, body.header.version, REBURST_TRY(seal(role, tuf::to_json(body))));
    return {};
  };
  for (const auto& role : changed_) {
    if (const auto ready = sealed_.find(role); ready != sealed_.end()) {
      add(role, next_.delegated.at(role).header.version, ready->second);
    } else if (role == "root") {
      REBURST_TRY(seal_body(role, next_.root));
    } else {
      REBURST_TRY(seal_body(role, role == "targets" ? next_.targets : next_.delegated.at(role)));
    }
  }
  snapshot.header = next_header("snapshot");
  const auto text = REBURST_TRY(seal("snapshot", tuf::to_json(snapshot)));
  files.push_back({std::to_string(snapshot.header.version) + ".snapshot", text});
  const tuf::Timestamp timestamp{next_header("timestamp"), describe(snapshot.header.version, text)};
  files.push_back({"timestamp", REBURST_TRY(seal("timestamp", tuf::to_json(timestamp)))});
  return files;
}

// The timestamp is what readers see, and comes last. A new root is seen the moment that it is there: just before, and
// with the timestamp at hand for whoever finds this half done.
Result<> Metadata::write(const std::vector<File>& files) const {
  const fs::path folder = registry_ / "metadata";
  const auto is_root = [](const File& file) { return file.name.ends_with(".root"); };
  const auto& timestamp = files.back();
  for (const auto& file : files) {
    if (!is_root(file) && &file != &timestamp)
      REBURST_TRY(write_file_atomic(folder / (file.name + ".json"), file.text));
  }
  REBURST_TRY(write_file_atomic(folder / kNextTimestamp, timestamp.text));
  for (const auto& file : files) {
    if (is_root(file)) REBURST_TRY(write_file_atomic(folder / (file.name + ".json"), file.text));
  }
  REBURST_TRY(rename_path(folder / kNextTimestamp, folder / "timestamp.json"));
  return sync_directory(folder);
}

Result<> Metadata::commit() {
  if (narrowed_) {
    return fail(ErrorCode::kUsage, "\"" + registry_.string() + "\" holds only some channels of a registry",
                "publish to the registry that it was exported from, and import a newer bundle");
  }
  const auto files = REBURST_TRY(seal_all());
  auto checked = check(files);
  if (!checked) {
    const bool keys = checked.error().code == ErrorCode::kSignature && sealed_.empty();
    const std::string role = changed_.size() == 1 ? *changed_.begin() : "every role that changed";
    return fail(keys ? below_threshold(role, std::move(checked.error())) : std::move(checked.error()));
  }
  REBURST_TRY(write(files));
  changed_.clear();
  sealed_.clear();
  old_root_keys_.clear();
  return load();
}

}  // namespace reburst::registry
