#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "core/handle.hpp"
#include "core/result.hpp"

namespace reburst {

namespace fs = std::filesystem;

// Opens read-only, close-on-exec, and at once: kMissing when it is not there, and for a pipe or a socket, which nobody
// may ever write to.
[[nodiscard]] Result<Fd> open_read(const fs::path& path);
// Creates or truncates for writing, close-on-exec, with `mode` whatever the umask.
[[nodiscard]] Result<Fd> open_write(const fs::path& path, mode_t mode = 0644);

// Bytes read (0 at the end), retrying EINTR. `what` names the file in an error.
[[nodiscard]] Result<std::size_t> read_some(int fd, std::span<std::byte> buffer, std::string_view what);
// All of `buffer`, from `offset` on; kIo when the file ends before.
[[nodiscard]] Result<> read_at(int fd, std::uint64_t offset, std::span<std::byte> buffer, std::string_view what);
[[nodiscard]] Result<> write_all(int fd, std::span<const std::byte> bytes, std::string_view what);
[[nodiscard]] Result<> write_all(int fd, std::string_view text, std::string_view what);
[[nodiscard]] Result<> write_at(int fd, std::uint64_t offset, std::span<const std::byte> bytes, std::string_view what);
// Closes and reports what close(2) says (a full disk may show only here).
[[nodiscard]] Result<> close_checked(Fd fd, std::string_view what);

// The whole file; kIntegrity when it is larger than `max_bytes`.
[[nodiscard]] Result<std::string> read_file(const fs::path& path, std::uint64_t max_bytes);
// The same for what a user named: kMissing for a folder or a device, too.
[[nodiscard]] Result<std::string> read_regular_file(const fs::path& path, std::uint64_t max_bytes);

// Temp file beside `path`, fsync, rename, fsync of the folder: a reader sees the old or the new, never a part.
[[nodiscard]] Result<> write_file_atomic(const fs::path& path, std::string_view content, mode_t mode = 0644);

// Copies what is data of the first `size` bytes of `from` to `to`, `offset` bytes on; holes are not written, so `to` is
// zero there already or stays what it was. By the kernel where it can. kIo when `from` ends before `size`.
[[nodiscard]] Result<> copy_data(int from, int to, std::uint64_t offset, std::uint64_t size, std::string_view what);

// Copies by reflink where the file system has it, else by copy_file_range; holes are kept.
[[nodiscard]] Result<> clone_file(const fs::path& from, const fs::path& to, mode_t mode = 0644);

// Lets `to` be the same file as `from`, or else a clone of it (another file system, no hard links there); makes the
// folder, and does nothing when `to` is there: for names that say what the content is. Both are read-only from then on.
[[nodiscard]] Result<> share_file(const fs::path& from, const fs::path& to);

[[nodiscard]] Result<> make_directories(const fs::path& path);
// Removes a tree; a path that is not there is no error. Never follows links, never leaves the tree.
[[nodiscard]] Result<> remove_tree(const fs::path& path);
[[nodiscard]] Result<> rename_path(const fs::path& from, const fs::path& to);
// Flushes a folder's entries to disk.
[[nodiscard]] Result<> sync_directory(const fs::path& path);

// A fresh folder "PARENT/PREFIX-XXXXXX" (mode 0700), removed with all it holds when this goes.
class TempDirectory {
 public:
  [[nodiscard]] static Result<TempDirectory> make(const fs::path& parent, std::string_view prefix);
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  TempDirectory(TempDirectory&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  TempDirectory& operator=(TempDirectory&&) = delete;
  ~TempDirectory();
  [[nodiscard]] const fs::path& path() const { return path_; }
  // Hands the folder over to the caller: it is no longer removed.
  [[nodiscard]] fs::path release();

 private:
  explicit TempDirectory(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

}  // namespace reburst
