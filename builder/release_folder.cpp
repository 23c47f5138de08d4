#include "builder/release_folder.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "core/file.hpp"
#include "core/text.hpp"

namespace reburst {

namespace {

constexpr std::uint64_t kMaxManifest = 64U << 20U;
constexpr std::uint64_t kMaxRecord = 1U << 20U;
constexpr std::string_view kKind = "build";  // build key -> digest of its SHA256SUMS
// That digest and a folder -> stamps() of the folder that was seen to hold it.
constexpr std::string_view kStamps = "stamps";

std::string time_text(const timespec& time) {
  return std::to_string(time.tv_sec) + "." + std::to_string(time.tv_nsec);
}

// What the file system tells of every file in `folder` (of its target, where it is a link) without reading it. Nobody
// writes to a file, or puts another in its place, without changing its line: the change time (ctime) cannot be set.
// Hashing hundreds of MiB to learn that nothing happened would be the larger part of an unchanged build.
Result<std::string> stamps(const fs::path& folder) {
  std::vector<std::string> lines;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    struct stat status {};
    if (::stat(at->path().c_str(), &status) != 0)
      return fail(system_error("cannot stat \"" + at->path().string() + "\"", errno));
    lines.push_back(std::to_string(status.st_dev) + " " + std::to_string(status.st_ino) + " " +
                    std::to_string(status.st_mode) + " " + std::to_string(status.st_size) + " " +
                    time_text(status.st_mtim) + " " + time_text(status.st_ctim) + " " + at->path().filename().string() +
                    "\n");
  }
  if (error) return fail(system_error("cannot list \"" + folder.string() + "\"", error.value()));
  std::sort(lines.begin(), lines.end());
  return join(lines, "");
}

Digest stamps_key(const fs::path& folder, const Digest& sums) {
  return sha256(sums.hex() + "\n" + fs::absolute(folder).lexically_normal().string());
}

Result<> remember(const fs::path& folder, const Digest& key, const Digest& sums, const std::string& seen,
                  cache::Cache& cache) {
  REBURST_TRY(cache.write_derived(kKind, key, sums.hex() + "\n"));
  return cache.write_derived(kStamps, stamps_key(folder, sums), seen);
}

}  // namespace

Result<> remember_build(const fs::path& folder, const Digest& key, cache::Cache& cache) {
  // Stamps first: what changes while the sums are read is not what the record speaks of, and is hashed next time.
  const auto seen = REBURST_TRY(stamps(folder));
  const Digest sums = REBURST_TRY(sha256_file(folder / describe::kSumsName));
  return remember(folder, key, sums, seen, cache);
}

Result<std::optional<describe::Manifest>> find_unchanged(const fs::path& folder, const Digest& key, cache::Cache& cache,
                                                         std::size_t jobs) {
  const auto record = REBURST_TRY(cache.read_derived(kKind, key, 128));
  std::error_code ignored;
  if (!record || !fs::is_directory(folder, ignored)) return std::nullopt;
  const auto sums = Digest::parse(trim(*record));
  if (!sums) return std::nullopt;
  const auto seen = REBURST_TRY(stamps(folder));
  const auto recorded = REBURST_TRY(cache.read_derived(kStamps, stamps_key(folder, *sums), kMaxRecord));
  if (recorded != seen) {
    if (!REBURST_TRY(describe::matches(folder, *sums, jobs))) return std::nullopt;
    REBURST_TRY(remember(folder, key, *sums, seen, cache));
  }
  const auto path = folder / describe::kManifestName;
  return REBURST_TRY(describe::parse(REBURST_TRY(read_file(path, kMaxManifest)), path.string()));
}

}  // namespace reburst
