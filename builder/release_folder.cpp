#include "builder/release_folder.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cerrno>

#include "core/file.hpp"
#include "core/text.hpp"

namespace reburst {

namespace {

constexpr std::uint64_t kMaxManifest = 64U << 20U;
constexpr std::string_view kKind = "build";

Result<> exchange(const fs::path& made, const fs::path& target) {
  if (::renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno == EEXIST) {
    // `made` then names the old folder, which its owner (a temporary folder) removes.
    if (::renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) == 0) return {};
  }
  return fail(system_error("cannot move the finished build to \"" + target.string() + "\"", errno));
}

Result<bool> same_file_system(const fs::path& a, const fs::path& b) {
  struct stat first {};
  struct stat second {};
  if (::stat(a.c_str(), &first) != 0) return fail(system_error("cannot stat \"" + a.string() + "\"", errno));
  if (::stat(b.c_str(), &second) != 0) return fail(system_error("cannot stat \"" + b.string() + "\"", errno));
  return first.st_dev == second.st_dev;
}

}  // namespace

Result<> place_folder(const fs::path& made, const fs::path& target) {
  const fs::path parent = target.parent_path();
  REBURST_TRY(make_directories(parent));
  if (REBURST_TRY(same_file_system(made, parent))) {
    REBURST_TRY(exchange(made, target));
    return sync_directory(parent);
  }
  const auto beside = REBURST_TRY(TempDirectory::make(parent, ".incoming"));
  const fs::path copy = beside.path() / "release";
  REBURST_TRY(make_directories(copy));
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(made, error)) {
    REBURST_TRY(clone_file(entry.path(), copy / entry.path().filename()));
  }
  if (error) return fail(system_error("cannot list \"" + made.string() + "\"", error.value()));
  REBURST_TRY(exchange(copy, target));
  return sync_directory(parent);
}

Result<> remember_build(const fs::path& folder, const Digest& key, cache::Cache& cache) {
  const Digest sums = REBURST_TRY(sha256_file(folder / describe::kSumsName));
  return cache.write_derived(kKind, key, sums.hex() + "\n");
}

Result<std::optional<describe::Manifest>> find_unchanged(const fs::path& folder, const Digest& key,
                                                         const cache::Cache& cache, std::size_t jobs) {
  const auto record = REBURST_TRY(cache.read_derived(kKind, key, 128));
  if (!record) return std::nullopt;
  const auto sums = Digest::parse(trim(*record));
  if (!sums || !REBURST_TRY(describe::matches(folder, *sums, jobs))) return std::nullopt;
  const auto path = folder / describe::kManifestName;
  return REBURST_TRY(describe::parse(REBURST_TRY(read_file(path, kMaxManifest)), path.string()));
}

}  // namespace reburst
