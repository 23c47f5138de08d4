#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/handle.hpp"
#include "core/result.hpp"

namespace reburst::tree {

// A folder that no path leads out of: the kernel resolves every path with openat2(RESOLVE_IN_ROOT), so that "..",
// absolute names and symbolic links stay beneath it (openat2(2)). Paths may start with "/" or not. Thread-safe.
class Beneath {
 public:
  [[nodiscard]] static Result<Beneath> open(const std::filesystem::path& folder);

  // A path's folder, opened (O_PATH), and its last component: what the *at() calls take.
  struct Place {
    Fd folder;
    std::string name;
  };
  // Follows links in the folder part only. kMissing when the folder is not there.
  [[nodiscard]] Result<Place> place(std::string_view path) const;

  // Opens with `flags` (O_CLOEXEC is added), following links; `mode` for O_CREAT.
  [[nodiscard]] Result<Fd> open_at(std::string_view path, int flags, mode_t mode = 0) const;
  // The thing itself, not what a link points to; nothing when it is not there.
  [[nodiscard]] Result<std::optional<struct stat>> examine(std::string_view path) const;
  // Like examine(), after following links.
  [[nodiscard]] Result<std::optional<struct stat>> examine_target(std::string_view path) const;
  // The folder's own name after links: "/bin" in a merged-/usr tree gives "usr/bin" (no slash in front; the root is
  // "").
  [[nodiscard]] Result<std::string> real_folder(std::string_view path) const;

  [[nodiscard]] Result<std::string> read(std::string_view path, std::uint64_t max_bytes) const;
  // Replaces (never writes through a link) with owner root.
  [[nodiscard]] Result<> write(std::string_view path, std::string_view content, mode_t mode = 0644) const;
  [[nodiscard]] Result<> append(std::string_view path, std::string_view content) const;
  // Makes the folder and its missing parents, 0755 root:root.
  [[nodiscard]] Result<> make_folders(std::string_view path) const;
  [[nodiscard]] Result<> make_symlink(std::string_view target, std::string_view path) const;
  // Removes a file, link or whole folder; what is not there is no error. Links are not followed.
  [[nodiscard]] Result<> remove(std::string_view path) const;

  [[nodiscard]] int fd() const { return root_.get(); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  Beneath(Fd root, std::filesystem::path path) : root_(std::move(root)), path_(std::move(path)) {}
  Fd root_;
  std::filesystem::path path_;
};

// openat2(2) below `folder` with RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS, plus `resolve`. -1 and errno on failure.
[[nodiscard]] int open_beneath(int folder, const char* path, int flags, mode_t mode, std::uint64_t resolve = 0);

}  // namespace reburst::tree
