#include "builder/tree/beneath.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include "core/file.hpp"
#include "core/text.hpp"

namespace reburst::tree {
namespace {

std::string quote(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  return "\"/" + std::string(path) + "\"";
}

Error trouble(std::string_view verb, std::string_view path, int number) {
  Error error = system_error("cannot " + std::string(verb) + " " + quote(path) + " in the tree", number);
  if (number == ENOENT) error.code = ErrorCode::kMissing;
  return error;
}

std::string_view without_slashes(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

Result<> remove_entry(int folder, const std::string& name);

// Removes what a folder holds; `fd` is consumed.
Result<> empty_folder(int fd) {
  const Handle<DIR, &closedir> stream(::fdopendir(fd));
  if (!stream) return fail(system_error("cannot list a folder of the tree", errno));
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  for (const std::string& name : names) REBURST_TRY(remove_entry(::dirfd(stream.get()), name));
  return {};
}

Result<> remove_entry(int folder, const std::string& name) {
  if (::unlinkat(folder, name.c_str(), 0) == 0 || errno == ENOENT) return {};
  if (errno != EISDIR && errno != EPERM) return fail(trouble("remove", name, errno));
  const int fd = ::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return fail(trouble("remove", name, errno));
  REBURST_TRY(empty_folder(fd));
  if (::unlinkat(folder, name.c_str(), AT_REMOVEDIR) != 0) return fail(trouble("remove", name, errno));
  return {};
}

}  // namespace

int open_beneath(int folder, const char* path, int flags, mode_t mode, std::uint64_t resolve) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.mode = (flags & O_CREAT) != 0 ? mode : 0;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve;
  long fd = -1;
  do {
    fd = ::syscall(SYS_openat2, folder, *path == '\0' ? "." : path, &how, sizeof how);
  } while (fd < 0 && (errno == EINTR || errno == EAGAIN));
  return static_cast<int>(fd);
}

Result<Beneath> Beneath::open(const std::filesystem::path& folder) {
  Fd fd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return fail(system_error("cannot open the folder \"" + folder.string() + "\"", errno));
  return Beneath(std::move(fd), folder);
}

Result<Beneath::Place> Beneath::place(std::string_view path) const {
  path = without_slashes(path);
  const auto slash = path.rfind('/');
  const std::string folder(slash == std::string_view::npos ? std::string_view() : path.substr(0, slash));
  std::string name(slash == std::string_view::npos ? path : path.substr(slash + 1));
  if (name.empty() || name == "." || name == "..")
    return fail(ErrorCode::kIo, "the path " + quote(path) + " names no file");
  Fd fd(open_beneath(root_.get(), folder.c_str(), O_PATH | O_DIRECTORY, 0));
  if (!fd.valid()) return fail(trouble("reach", path, errno));
  return Place{std::move(fd), std::move(name)};
}

Result<Fd> Beneath::open_at(std::string_view path, int flags, mode_t mode) const {
  Fd fd(open_beneath(root_.get(), std::string(without_slashes(path)).c_str(), flags, mode));
  if (!fd.valid()) return fail(trouble("open", path, errno));
  return fd;
}

namespace {
Result<std::optional<struct stat>> examine_with(int root, std::string_view path, int flags) {
  const Fd fd(open_beneath(root, std::string(without_slashes(path)).c_str(), O_PATH | flags, 0));
  if (!fd.valid()) {
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<struct stat>();
    return fail(trouble("examine", path, errno));
  }
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return fail(trouble("examine", path, errno));
  return std::optional<struct stat>(info);
}
}  // namespace

Result<std::optional<struct stat>> Beneath::examine(std::string_view path) const {
  return examine_with(root_.get(), path, O_NOFOLLOW);
}

Result<std::optional<struct stat>> Beneath::examine_target(std::string_view path) const {
  return examine_with(root_.get(), path, 0);
}

Result<std::string> Beneath::real_folder(std::string_view path) const {
  const Fd fd(open_beneath(root_.get(), std::string(without_slashes(path)).c_str(), O_PATH | O_DIRECTORY, 0));
  if (!fd.valid()) return fail(trouble("reach", path, errno));
  const auto name_of = [](int number) -> std::string {
    std::array<char, 8192> buffer{};
    const ssize_t length =
        ::readlink(("/proc/self/fd/" + std::to_string(number)).c_str(), buffer.data(), buffer.size());
    return length < 0 ? std::string() : std::string(buffer.data(), static_cast<std::size_t>(length));
  };
  const std::string root = name_of(root_.get());
  const std::string name = name_of(fd.get());
  if (root.empty() || !name.starts_with(root))
    return fail(ErrorCode::kIo, "cannot find the real name of " + quote(path));
  return std::string(without_slashes(std::string_view(name).substr(root == "/" ? 0 : root.size())));
}

Result<std::string> Beneath::read(std::string_view path, std::uint64_t max_bytes) const {
  const Fd fd = REBURST_TRY(open_at(path, O_RDONLY));
  std::string content;
  std::array<std::byte, 65536> buffer{};
  while (const std::size_t got = REBURST_TRY(read_some(fd.get(), buffer, quote(path)))) {
    content.append(reinterpret_cast<const char*>(buffer.data()), got);
    if (content.size() > max_bytes)
      return fail(ErrorCode::kIntegrity, quote(path) + " in the tree is larger than expected");
  }
  return content;
}

Result<> Beneath::write(std::string_view path, std::string_view content, mode_t mode) const {
  const Place at = REBURST_TRY(place(path));
  if (::unlinkat(at.folder.get(), at.name.c_str(), 0) != 0 && errno != ENOENT)
    return fail(trouble("replace", path, errno));
  Fd fd(::openat(at.folder.get(), at.name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd.valid()) return fail(trouble("write", path, errno));
  REBURST_TRY(write_all(fd.get(), content, quote(path)));
  if (::fchown(fd.get(), 0, 0) != 0 || ::fchmod(fd.get(), mode) != 0)
    return fail(trouble("set the owner of", path, errno));
  return close_checked(std::move(fd), quote(path));
}

Result<> Beneath::append(std::string_view path, std::string_view content) const {
  Fd fd = REBURST_TRY(open_at(path, O_WRONLY | O_CREAT | O_APPEND, 0644));
  REBURST_TRY(write_all(fd.get(), content, quote(path)));
  return close_checked(std::move(fd), quote(path));
}

Result<> Beneath::make_folders(std::string_view path) const {
  path = without_slashes(path);
  if (path.empty()) return {};
  for (std::size_t end = path.find('/');; end = path.find('/', end + 1)) {
    const std::string_view prefix = path.substr(0, end);
    const auto info = REBURST_TRY(examine_target(prefix));
    if (info && !S_ISDIR(info->st_mode)) return fail(ErrorCode::kIo, quote(prefix) + " in the tree is not a folder");
    if (!info) {
      const Place at = REBURST_TRY(place(prefix));
      if (::mkdirat(at.folder.get(), at.name.c_str(), 0755) != 0) {
        if (errno != EEXIST) return fail(trouble("make the folder", prefix, errno));
        return fail(ErrorCode::kPackage, quote(prefix) + " in the tree is a link to nothing",
                    "exclude the package that brings the link, or add what it points to");
      }
      if (::fchmodat(at.folder.get(), at.name.c_str(), 0755, 0) != 0 ||
          ::fchownat(at.folder.get(), at.name.c_str(), 0, 0, AT_SYMLINK_NOFOLLOW) != 0) {
        return fail(trouble("set the owner of", prefix, errno));
      }
    }
    if (end == std::string_view::npos) return {};
  }
}

Result<> Beneath::make_symlink(std::string_view target, std::string_view path) const {
  const Place at = REBURST_TRY(place(path));
  if (::symlinkat(std::string(target).c_str(), at.folder.get(), at.name.c_str()) != 0)
    return fail(trouble("make the link", path, errno));
  if (::fchownat(at.folder.get(), at.name.c_str(), 0, 0, AT_SYMLINK_NOFOLLOW) != 0)
    return fail(trouble("set the owner of", path, errno));
  return {};
}

Result<> Beneath::remove(std::string_view path) const {
  auto at = place(path);
  if (!at) {
    if (at.error().code == ErrorCode::kMissing) return {};
    return fail(std::move(at).error());
  }
  return remove_entry(at->folder.get(), at->name);
}

}  // namespace reburst::tree
