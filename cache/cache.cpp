#include "cache/cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "cache/owner.hpp"

namespace reburst::cache {

namespace {

Result<> flush(const fs::path& path) {
  const Fd file = REBURST_TRY(open_read(path));
  if (::fdatasync(file.get()) != 0) return fail(system_error("cannot flush \"" + path.string() + "\"", errno));
  return {};
}

// From here the file is an entry: read-only, complete on disk, under its final name.
Result<> move_in(const fs::path& file, const fs::path& entry) {
  REBURST_TRY(flush(file));
  if (::chmod(file.c_str(), 0444) != 0)
    return fail(system_error("cannot set the mode of \"" + file.string() + "\"", errno));
  REBURST_TRY(make_directories(entry.parent_path()));
  return rename_path(file, entry);
}

bool is_file(const fs::path& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

Result<Cache> Cache::open(const fs::path& root) {
  REBURST_TRY(make_directories(root));
  std::error_code error;
  const fs::path real = fs::canonical(root, error);
  if (error) return fail(system_error("cannot open the cache \"" + root.string() + "\"", error.value()));
  for (const auto* folder : {"blobs", "derived", "partial", "tmp"}) REBURST_TRY(make_directories(real / folder));
  const fs::path gate = real / "lock";
  Owner owner = REBURST_TRY(claim(real / "tmp", gate));
  sweep(real / "tmp", gate);
  return Cache(real, owner.id, std::make_shared<const Fd>(std::move(owner.lock)));
}

fs::path Cache::blob_path(const Digest& digest) const {
  const std::string hex = digest.hex();
  return root_ / "blobs" / hex.substr(0, 2) / hex;
}

std::optional<fs::path> Cache::find_blob(const Digest& digest) const {
  auto path = blob_path(digest);
  if (!is_file(path)) return std::nullopt;
  return path;
}

Result<std::optional<fs::path>> Cache::verify_blob(const Digest& digest) const {
  const auto path = find_blob(digest);
  if (!path) return std::nullopt;
  auto actual = sha256_file(*path);
  if (!actual && !is_file(*path)) return std::nullopt;  // another process removed it meanwhile
  if (REBURST_TRY(std::move(actual)) == digest) return path;
  if (::unlink(path->c_str()) != 0 && errno != ENOENT) {
    return fail(system_error("cannot remove the damaged cache entry \"" + path->string() + "\"", errno));
  }
  return std::nullopt;
}

Result<fs::path> Cache::adopt_blob(const fs::path& file, const Digest& digest) {
  const Digest actual = REBURST_TRY(sha256_file(file));
  if (actual != digest) {
    return fail(ErrorCode::kIntegrity, "\"" + file.string() + "\" has the wrong SHA-256\n  expected " + digest.hex() +
                                           "\n  actual   " + actual.hex());
  }
  auto entry = blob_path(digest);
  REBURST_TRY(move_in(file, entry));
  return entry;
}

Result<fs::path> Cache::put_blob(std::string_view content) {
  const Digest digest = sha256(content);
  if (auto path = find_blob(digest)) return *path;
  const TempDirectory temp = REBURST_TRY(make_temp("blob"));
  const fs::path file = temp.path() / "content";
  Fd out = REBURST_TRY(open_write(file));
  REBURST_TRY(write_all(out.get(), content, file.string()));
  REBURST_TRY(close_checked(std::move(out), file.string()));
  auto entry = blob_path(digest);
  REBURST_TRY(move_in(file, entry));
  return entry;
}

fs::path Cache::derived_path(std::string_view kind, const Digest& key) const {
  return root_ / "derived" / kind / key.hex();
}

Result<std::optional<std::string>> Cache::read_derived(std::string_view kind, const Digest& key,
                                                       std::uint64_t max_bytes) const {
  auto content = read_file(derived_path(kind, key), max_bytes);
  if (!content && content.error().code == ErrorCode::kMissing) return std::nullopt;
  return REBURST_TRY(std::move(content));
}

Result<> Cache::write_derived(std::string_view kind, const Digest& key, std::string_view content) {
  const TempDirectory temp = REBURST_TRY(make_temp("derived"));
  const fs::path file = temp.path() / "content";
  Fd out = REBURST_TRY(open_write(file));
  REBURST_TRY(write_all(out.get(), content, file.string()));
  REBURST_TRY(close_checked(std::move(out), file.string()));
  return adopt_derived(kind, key, file);
}

Result<> Cache::adopt_derived(std::string_view kind, const Digest& key, const fs::path& file) {
  return move_in(file, derived_path(kind, key));
}

Result<TempDirectory> Cache::make_temp(std::string_view prefix) const {
  return TempDirectory::make(root_ / "tmp", entry_prefix(owner_, prefix));
}

fs::path Cache::partial_path(const Digest& digest) const {
  return root_ / "partial" / digest.hex();
}

}  // namespace reburst::cache
