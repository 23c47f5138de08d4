#include "boot/copy_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "boot/files.hpp"

namespace reburst::boot {

namespace {

using LongPath = Text<4096>;
constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxHardLinks = 256;

// Where the first name of a file with several names went.
struct FirstName {
  std::uint64_t inode;
  Text<512> copy;
};

struct Copier {
  LongPath from, to;
  int depth = 0;
  std::array<FirstName, kMaxHardLinks> first_names;
  std::size_t first_name_count = 0;
  std::array<char, 4096> names;
  std::array<char, 65536> value;

  Result<> copy(const struct stat& status);
  Result<> copy_folder_content();
  Result<> copy_child(const char* name);
  Result<> copy_file();
  Result<> copy_link();
  Result<> copy_xattrs();
  Result<> copy_attributes(const struct stat& status);
  // True when the file has another name that is copied already, and `to` is now a link to that copy.
  Result<bool> link_to_first_name(const struct stat& status);

  [[nodiscard]] tl::unexpected<Failure> failed(std::string_view what) const { return fail_system(what, from, errno); }
};

Result<bool> Copier::link_to_first_name(const struct stat& status) {
  if (S_ISDIR(status.st_mode) || status.st_nlink < 2) return false;
  for (std::size_t i = 0; i < first_name_count; ++i) {
    if (first_names[i].inode != status.st_ino) continue;
    if (::link(first_names[i].copy.c_str(), to.c_str()) != 0) return failed("linking the copy of");
    return true;
  }
  FirstName first{status.st_ino, to.view()};
  if (first_name_count == kMaxHardLinks || first.copy.full()) return fail_system("copying the hard link", from, EMLINK);
  first_names[first_name_count++] = first;
  return false;
}

Result<> Copier::copy_file() {
  const Fd in(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!in.valid()) return failed("opening");
  const Fd out(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!out.valid()) return failed("creating the copy of");
  for (;;) {
    const ssize_t moved = ::sendfile(out.get(), in.get(), nullptr, 1U << 20U);
    if (moved == 0) return {};
    if (moved < 0 && errno != EINTR) return failed("copying");
  }
}

Result<> Copier::copy_link() {
  std::array<char, 4096> target;
  const ssize_t size = ::readlink(from.c_str(), target.data(), target.size() - 1);
  if (size < 0) return failed("reading the link");
  target[static_cast<std::size_t>(size)] = '\0';
  if (::symlink(target.data(), to.c_str()) != 0) return failed("copying the link");
  return {};
}

Result<> Copier::copy_xattrs() {
  const ssize_t listed = ::llistxattr(from.c_str(), names.data(), names.size());
  if (listed < 0 && errno == ENOTSUP) return {};
  if (listed < 0) return failed("listing the attributes of");
  for (const char* name = names.data(); name < names.data() + listed; name += std::string_view(name).size() + 1) {
    const ssize_t size = ::lgetxattr(from.c_str(), name, value.data(), value.size());
    if (size < 0) return failed("reading an attribute of");
    if (::lsetxattr(to.c_str(), name, value.data(), static_cast<std::size_t>(size), 0) == 0) continue;
    // tmpfs has user.* attributes since Linux 6.6 only; they carry no rights.
    if (errno != ENOTSUP || !std::string_view(name).starts_with("user.")) return failed("copying an attribute of");
  }
  return {};
}

Result<> Copier::copy_attributes(const struct stat& status) {
  // Changing the owner drops capabilities and setuid bits, so the owner comes first.
  if (::lchown(to.c_str(), status.st_uid, status.st_gid) != 0) return failed("copying the owner of");
  if (!S_ISLNK(status.st_mode) && ::chmod(to.c_str(), status.st_mode & 07777U) != 0)
    return failed("copying the mode of");
  REBURST_BOOT_TRY(copy_xattrs());
  const std::array<timespec, 2> times = {status.st_atim, status.st_mtim};
  if (::utimensat(AT_FDCWD, to.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0) return failed("copying the times of");
  return {};
}

Result<> Copier::copy_child(const char* name) {
  const std::size_t from_size = from.view().size();
  const std::size_t to_size = to.view().size();
  from.add('/').add(name);
  to.add('/').add(name);
  if (from.full() || to.full()) return fail_system("copying", from, ENAMETOOLONG);
  struct stat status {};
  if (::lstat(from.c_str(), &status) != 0) return failed("looking at");
  const bool linked = REBURST_BOOT_TRY(link_to_first_name(status));
  if (!linked) REBURST_BOOT_TRY(copy(status));
  from.cut(from_size);
  to.cut(to_size);
  return {};
}

Result<> Copier::copy_folder_content() {
  if (++depth > kMaxDepth) return fail_system("copying", from, ELOOP);
  DIR* folder = ::opendir(from.c_str());
  if (folder == nullptr) return failed("listing");
  Result<> done;
  while (const dirent* entry = ::readdir(folder)) {
    const std::string_view name(entry->d_name);
    if (name == "." || name == "..") continue;
    done = copy_child(entry->d_name);
    if (!done) break;
  }
  ::closedir(folder);
  --depth;
  return done;
}

Result<> Copier::copy(const struct stat& status) {
  if (S_ISDIR(status.st_mode)) {
    if (::mkdir(to.c_str(), 0700) != 0 && errno != EEXIST) return failed("creating the copy of");
    REBURST_BOOT_TRY(copy_folder_content());
  } else if (S_ISREG(status.st_mode)) {
    REBURST_BOOT_TRY(copy_file());
  } else if (S_ISLNK(status.st_mode)) {
    REBURST_BOOT_TRY(copy_link());
  } else if (::mknod(to.c_str(), status.st_mode & S_IFMT, status.st_rdev) != 0) {
    return failed("creating the copy of");
  }
  return copy_attributes(status);
}

}  // namespace

Result<> copy_tree(const char* from, const char* to) {
  static Copier copier;  // too large for a stack that nobody sized
  copier.from = LongPath(from);
  copier.to = LongPath(to);
  copier.depth = 0;
  copier.first_name_count = 0;
  struct stat status {};
  if (::lstat(from, &status) != 0) return fail_system("looking at", from, errno);
  return copier.copy(status);
}

}  // namespace reburst::boot
