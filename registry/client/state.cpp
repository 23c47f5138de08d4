#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>

#include "core/file.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "registry/client/memory.hpp"

// The folder's form: docs/formats/trust-state.md.
namespace reburst::client {

namespace {

constexpr std::uint64_t kMaxFile = kMaxTopMetadata;
constexpr std::size_t kMaxRoles = 4096;
constexpr std::string_view kEpochs = "security-epochs.json";
constexpr std::string_view kIncoming = ".reburst-trust";  // what bears it and is not in use is removed
constexpr std::string_view kDamaged =
    "the trusted state is damaged: remove its folder, and give the registry's root again with --root";

struct Part {
  const char* name;
  std::string TrustedState::*text;
  std::uint64_t most;
};
constexpr Part kParts[] = {{"root.json", &TrustedState::root, kMaxFile},
                           {"timestamp.json", &TrustedState::timestamp, kMaxFile},
                           {"snapshot.json", &TrustedState::snapshot, kMaxFile},
                           {"targets.json", &TrustedState::targets, kMaxTargetsMetadata}};

Result<std::string> read_part(const fs::path& file, std::uint64_t most) {
  auto text = read_regular_file(file, most);
  std::error_code ignored;
  const bool missing = !text && text.error().code == ErrorCode::kMissing;
  if (missing && fs::symlink_status(file, ignored).type() == fs::file_type::not_found) return std::string();
  // Something else than a file, or a link to nothing: what was seen is not to be forgotten.
  if (missing) text.error().code = ErrorCode::kIntegrity;
  if (!text && text.error().code == ErrorCode::kIntegrity) text.error().hint = kDamaged;
  return text;
}

// A folder of one file per role.
struct Shelf {
  const char* name;
  const char* extension;
  std::map<std::string, std::string> TrustedState::*texts;
  std::uint64_t most;
};
constexpr Shelf kShelves[] = {{"delegated", ".json", &TrustedState::delegated, kMaxTargetsMetadata},
                              {"histories", ".jsonl", &TrustedState::histories, kMaxHistory}};

Result<> read_shelf(const fs::path& folder, const Shelf& shelf, std::map<std::string, std::string>& texts) {
  std::error_code error;
  if (!fs::exists(folder, error)) return {};
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() != shelf.extension) continue;
    if (texts.size() == kMaxRoles) {
      return fail(ErrorCode::kIntegrity,
                  "\"" + folder.string() + "\" holds more than " + std::to_string(kMaxRoles) + " files",
                  std::string(kDamaged));
    }
    texts[at->path().stem()] = REBURST_TRY(read_part(at->path(), shelf.most));
  }
  if (error) return fail(system_error("cannot list \"" + folder.string() + "\"", error.value()));
  return {};
}

Result<Epoch> read_time(const fs::path& file) {
  const std::string text = REBURST_TRY(read_part(file, kMaxFile));
  const auto time = parse_iso_time(trim(text));
  if (time) return *time;
  return fail(ErrorCode::kIntegrity, "\"" + file.string() + "\" holds no time such as \"2026-01-01T00:00:00Z\"",
              std::string(kDamaged));
}

Result<std::map<std::string, std::uint64_t>> read_epochs(const fs::path& file) {
  std::map<std::string, std::uint64_t> out;
  const std::string text = REBURST_TRY(read_part(file, kMaxFile));
  if (text.empty()) return out;
  const auto read = [&]() -> Result<> {
    const auto json = REBURST_TRY(parse_json(text, file.string()));
    if (!json.is_object()) return fail(ErrorCode::kIntegrity, "\"" + file.string() + "\" is no JSON object");
    for (const auto& [role, epoch] : json.items()) out[role] = REBURST_TRY(json_unsigned(json, role, file.string()));
    return {};
  };
  auto done = read();
  if (done) return out;
  done.error().hint = kDamaged;
  return fail(std::move(done).error());
}

Result<> write_part(const fs::path& file, std::string_view text) {
  if (text.empty()) return {};
  return write_file_atomic(file, text);
}

Result<> fill_shelf(const fs::path& folder, const Shelf& shelf, const std::map<std::string, std::string>& texts) {
  REBURST_TRY(make_directories(folder));
  for (const auto& [role, text] : texts) REBURST_TRY(write_part(folder / (role + shelf.extension), text));
  return sync_directory(folder);
}

Result<> fill(const fs::path& folder, const TrustedState& state) {
  for (const auto& part : kParts) REBURST_TRY(write_part(folder / part.name, state.*part.text));
  REBURST_TRY(write_part(folder / "latest-time", iso_time(state.latest_time) + "\n"));
  if (!state.epochs.empty()) REBURST_TRY(write_part(folder / kEpochs, canonical_json(state.epochs)));
  for (const auto& shelf : kShelves) REBURST_TRY(fill_shelf(folder / shelf.name, shelf, state.*shelf.texts));
  return sync_directory(folder);
}

// Exclusively while a state is written beside it: whoever holds it may remove what a killed writer left. Shared while
// one is read, lest half of it be the next one's.
Result<Fd> lock_parent(const fs::path& parent, int operation) {
  Fd fd(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  while (fd.valid() && ::flock(fd.get(), operation) != 0) {
    if (errno != EINTR) return fail(system_error("cannot lock \"" + parent.string() + "\"", errno));
  }
  if (!fd.valid()) return fail(system_error("cannot open \"" + parent.string() + "\"", errno));
  return fd;
}

// Absolute, without a slash at the end.
fs::path plain_path(const fs::path& folder) {
  const fs::path path = fs::absolute(folder).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

void sweep(const fs::path& parent) {
  std::error_code error;
  std::vector<fs::path> left;
  for (fs::directory_iterator at(parent, error), end; !error && at != end; at.increment(error)) {
    if (at->path().filename().string().starts_with(kIncoming)) left.push_back(at->path());
  }
  for (const auto& path : left) (void)remove_tree(path);  // what cannot be removed is found again
}

// `made` then names the old folder, if there was one, which its owner (a temporary folder) removes.
Result<> put_in_place(const fs::path& made, const fs::path& folder) {
  if (::renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, folder.c_str(), RENAME_EXCHANGE) == 0) return {};
  if (errno == ENOENT) return rename_path(made, folder);
  Error error = system_error("cannot replace \"" + folder.string() + "\"", errno);
  if (errno == EINVAL || errno == ENOSYS) {
    error.code = ErrorCode::kEnvironment;
    error.hint = "its file system cannot exchange two folders: keep the trusted state on ext4, xfs, btrfs or tmpfs";
  }
  return fail(std::move(error));
}

Result<bool> is_there(const fs::path& folder) {
  std::error_code error;
  const auto type = fs::status(folder, error).type();
  // Not "nothing": without its memory a client can be shown an older registry.
  if (type == fs::file_type::none) return fail(system_error("cannot read \"" + folder.string() + "\"", error.value()));
  return type != fs::file_type::not_found;
}

// With the parent locked.
Result<TrustedState> read_locked(const fs::path& folder) {
  TrustedState state;
  for (const auto& part : kParts) state.*part.text = REBURST_TRY(read_part(folder / part.name, part.most));
  if (state.root.empty()) {
    return fail(ErrorCode::kIntegrity, "\"" + folder.string() + "\" holds no trusted root", std::string(kDamaged));
  }
  state.latest_time = REBURST_TRY(read_time(folder / "latest-time"));
  state.epochs = REBURST_TRY(read_epochs(folder / kEpochs));
  for (const auto& shelf : kShelves) REBURST_TRY(read_shelf(folder / shelf.name, shelf, state.*shelf.texts));
  return state;
}

}  // namespace

std::string state_name(std::string_view root) {
  const auto parsed = tuf::parse<tuf::Root>(root, "root.json");
  return sha256(parsed ? std::string_view(parsed->signed_bytes) : root).hex();
}

Result<std::optional<TrustedState>> read_state(const fs::path& folder) {
  if (!REBURST_TRY(is_there(folder))) return std::nullopt;
  const Fd lock = REBURST_TRY(lock_parent(plain_path(folder).parent_path(), LOCK_SH));
  return REBURST_TRY(read_locked(folder));
}

Result<Epoch> latest_time(const fs::path& folder) {
  Epoch out = 0;
  if (!REBURST_TRY(is_there(folder))) return out;
  std::error_code error;
  std::vector<fs::path> states;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (Digest::parse(at->path().filename().string())) states.push_back(at->path());
  }
  if (error) return fail(system_error("cannot list \"" + folder.string() + "\"", error.value()));
  for (const auto& path : states) {
    const auto state = REBURST_TRY(read_state(path));
    if (state) out = std::max(out, state->latest_time);
  }
  return out;
}

Result<> write_state(const fs::path& folder, const TrustedState& state, const WithState& then) {
  const fs::path path = plain_path(folder);
  const fs::path parent = path.parent_path();
  REBURST_TRY(make_directories(parent));
  const Fd lock = REBURST_TRY(lock_parent(parent, LOCK_EX));
  sweep(parent);
  const auto made = REBURST_TRY(TempDirectory::make(parent, kIncoming));
  // Under the lock: what `state` was begun with may be hours old, and another run may have ended since.
  const auto next = REBURST_TRY(is_there(path)) ? newer_parts(REBURST_TRY(read_locked(path)), state) : state;
  if (!next) return fail(next.error());
  REBURST_TRY(fill(made.path(), *next));
  REBURST_TRY(put_in_place(made.path(), path));
  REBURST_TRY(sync_directory(parent));
  return then ? then(*next) : Result<>();
}

}  // namespace reburst::client
