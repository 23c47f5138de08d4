#include "registry/repository/metadata.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "core/file.hpp"
#include "registry/release/layout.hpp"
#include "registry/repository/held.hpp"

namespace reburst::registry {

namespace {

constexpr std::uint64_t kMaxMetadata = 64U << 20U;  // of our own, that a reader is allowed less of
constexpr Epoch kDay = 86400;

// Whoever can open it can lock it, and keep others from publishing: nobody but those who may write here.
void close_to_others(int fd) {
  constexpr mode_t kGroup = 0060;
  struct stat status {};
  if (::fstat(fd, &status) != 0 || status.st_uid != ::geteuid()) return;
  const mode_t mode = status.st_mode & 0777;
  const mode_t wanted = 0600 | ((mode & kGroup) == kGroup ? kGroup : 0U);
  if (mode != wanted) (void)::fchmod(fd, wanted);
}

Result<Fd> open_lock(const fs::path& registry, int flags) {
  const fs::path path = registry / ".lock";
  Fd fd(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0660));  // by the umask, the group may publish too
  if (!fd.valid()) return fail(system_error("cannot open \"" + path.string() + "\"", errno));
  if ((flags & O_CREAT) != 0) close_to_others(fd.get());
  return fd;
}

Result<> lock_registry(const Fd& fd, int operation, const fs::path& registry, unsigned wait_seconds) {
  constexpr auto kPause = std::chrono::milliseconds(100);
  for (unsigned tries = 0; ::flock(fd.get(), operation | LOCK_NB) != 0; ++tries) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      return fail(system_error("cannot lock \"" + (registry / ".lock").string() + "\"", errno));
    if (tries >= wait_seconds * 10) {
      return fail(ErrorCode::kUsage, "somebody else is publishing to \"" + registry.string() + "\"",
                  "try again when that has ended");
    }
    std::this_thread::sleep_for(kPause);
  }
  return {};
}

// Not so when a publication that was refused took its new registry away again.
bool is_lock_of(const Fd& fd, const fs::path& registry) {
  struct stat held {
  }, named{};
  return ::fstat(fd.get(), &held) == 0 && ::lstat((registry / ".lock").c_str(), &named) == 0 &&
         held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

// The folders of a registry that are not there yet, the innermost last.
std::vector<fs::path> missing_folders(const fs::path& registry) {
  std::vector<fs::path> out;
  std::error_code ignored;
  for (auto at = fs::absolute(registry).lexically_normal() / "metadata";
       !fs::exists(at, ignored) && at.has_relative_path(); at = at.parent_path()) {
    if (at.has_filename()) out.insert(out.begin(), at);
  }
  return out;
}

Error no_registry(const fs::path& registry) {
  return {ErrorCode::kMissing,
          "there is no registry at \"" + registry.string() + "\"",
          "name it with --registry, or make one with reburst publish",
          {}};
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

}  // namespace

Result<Metadata> Metadata::open(const fs::path& registry, Publisher publisher, bool create, unsigned wait_seconds) {
  std::error_code ignored;
  const bool is_new = !fs::exists(registry / metadata_path("root", 1), ignored);
  if (is_new && !create) return fail(no_registry(registry));
  for (;;) {
    auto made = missing_folders(registry);
    REBURST_TRY(make_directories(registry / "metadata"));
    auto lock = open_lock(registry, O_RDWR | O_CREAT);
    if (!lock && lock.error().code == ErrorCode::kMissing) continue;
    if (!lock) return fail(std::move(lock).error());
    REBURST_TRY(lock_registry(*lock, LOCK_EX, registry, wait_seconds));
    if (!is_lock_of(*lock, registry)) continue;
    sweep_staging(registry);
    Metadata out(registry, std::move(publisher), *std::move(lock));
    // Asked again: another publisher may have made it while this one waited.
    if (fs::exists(registry / metadata_path("root", 1), ignored)) {
      REBURST_TRY(out.load());
      return out;
    }
    out.placed_.add_registry(std::move(made));
    REBURST_TRY(out.begin());
    return out;
  }
}

Result<Metadata> Metadata::open_to_read(const fs::path& registry, Publisher publisher, unsigned wait_seconds) {
  std::error_code ignored;
  if (!fs::exists(registry / metadata_path("root", 1), ignored)) return fail(no_registry(registry));
  auto lock = open_lock(registry, O_RDONLY);
  if (lock) REBURST_TRY(lock_registry(*lock, LOCK_SH, registry, wait_seconds));
  Metadata out(registry, std::move(publisher), lock ? *std::move(lock) : Fd());
  out.read_only_ = true;
  REBURST_TRY(out.load());
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
  const fs::path next = registry_ / "metadata" / kNextTimestampName;
  std::error_code ignored;
  if (!loaded && fs::exists(next, ignored)) {
    // A commit that was killed between a new root and the timestamp that its keys sign: finished now.
    const auto text = REBURST_TRY(read_file(next, kMaxMetadata));
    if (!read_only_) REBURST_TRY(rename_path(next, registry_ / "metadata/timestamp.json"));
    loaded = check({{"timestamp", text}});
  }
  if (!read_only_) fs::remove(next, ignored);
  if (!loaded) return with_context(Result<>(tl::unexpected(loaded.error())), "reading \"" + registry_.string() + "\"");
  REBURST_TRY(finish_root(*loaded));
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
  base_ = current_.root;
  const auto held = REBURST_TRY(read_held(registry_));
  if (held) return narrow(*held);
  if (read_only_) return {};
  sweep_roots();
  return follow_key_folder();
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
  const auto before = (present == versions_.end() ? 0 : present->second) + (role == "root" ? ahead_.size() : 0);
  return {.version = before + 1, .expires = publisher_.now + static_cast<Epoch>(days) * kDay};
}

}  // namespace reburst::registry
