#include "builder/image/in_root.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "builder/image/bytes.hpp"
#include "builder/tree/beneath.hpp"
#include "core/file.hpp"

namespace reburst::image {

namespace {

Result<Fd> open_in_root(const std::filesystem::path& root, const std::string& path, int flags) {
  const Fd folder(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) return fail(system_error("cannot open \"" + root.string() + "\"", errno));
  Fd file(tree::open_beneath(folder.get(), path.c_str(), O_RDONLY | O_NONBLOCK | flags, 0));
  if (file.valid()) return file;
  const int number = errno;
  Error error = system_error("cannot open \"/" + path + "\" of the image", number);
  if (number == ENOENT || number == ENOTDIR) error.code = ErrorCode::kMissing;
  return fail(std::move(error));
}

}  // namespace

Result<std::string> read_in_root(const std::filesystem::path& root, const std::string& path, std::uint64_t max_bytes) {
  const Fd file = REBURST_TRY(open_in_root(root, path, 0));
  const std::string what = "\"/" + path + "\" of the image";
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return fail(system_error("cannot stat " + what, errno));
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::kPackage, what + " is not a regular file");
  std::string content;
  Bytes buffer(kMebibyte);
  for (;;) {
    const std::size_t got = REBURST_TRY(read_some(file.get(), buffer, path));
    if (got == 0) return content;
    if (content.size() + got > max_bytes) {
      return fail(ErrorCode::kPackage, what + " is larger than " + std::to_string(max_bytes) + " bytes");
    }
    content.append(reinterpret_cast<const char*>(buffer.data()), got);
  }
}

Result<std::vector<std::string>> list_in_root(const std::filesystem::path& root, const std::string& path) {
  auto opened = open_in_root(root, path, O_DIRECTORY);
  if (!opened && opened.error().code == ErrorCode::kMissing) return std::vector<std::string>{};
  Fd file = REBURST_TRY(std::move(opened));
  DIR* const raw = ::fdopendir(file.get());
  if (raw == nullptr) return fail(system_error("cannot list \"/" + path + "\" of the image", errno));
  (void)file.release();  // the stream owns it from here
  const Handle<DIR, &closedir> folder(raw);
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(folder.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return fail(system_error("cannot list \"/" + path + "\" of the image", errno));
  std::ranges::sort(names);
  return names;
}

}  // namespace reburst::image
