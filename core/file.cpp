#include "core/file.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <vector>

namespace reburst {

namespace {

std::string quoted(const fs::path& path) {
  return "\"" + path.string() + "\"";
}

std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// A run of data, and where its copy goes.
struct Range {
  off_t from, end, to;
};

Result<> copy_buffered(int in, int out, Range range, std::string_view what) {
  std::vector<std::byte> buffer(std::min(static_cast<std::size_t>(range.end - range.from), std::size_t{1} << 20U));
  while (range.from < range.end) {
    const auto want = std::min(static_cast<std::size_t>(range.end - range.from), buffer.size());
    const ssize_t got = ::pread(in, buffer.data(), want, range.from);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(system_error("cannot copy " + std::string(what), errno));
    if (got == 0) return fail(ErrorCode::kIo, "cannot copy " + std::string(what) + ": the source shrank");
    const auto bytes = std::span(buffer).first(static_cast<std::size_t>(got));
    REBURST_TRY(write_at(out, static_cast<std::uint64_t>(range.to), bytes, what));
    range.from += got;
    range.to += got;
  }
  return {};
}

// The kernel copies where it can; between two file systems that do not know each other, we do.
Result<> copy_range(int in, int out, Range range, std::string_view what) {
  while (range.from < range.end) {
    const auto want = static_cast<std::size_t>(range.end - range.from);
    const ssize_t moved = ::copy_file_range(in, &range.from, out, &range.to, want, 0);
    if (moved > 0 || (moved < 0 && errno == EINTR)) continue;
    // 0 short of the end: some kernels say so for files they cannot read this way (procfs, some FUSE file systems).
    if (moved == 0 || errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP || errno == ENOSYS)
      return copy_buffered(in, out, range, what);
    return fail(system_error("cannot copy " + std::string(what), errno));
  }
  return {};
}

Error not_a_file(const fs::path& path) {
  return {ErrorCode::kMissing, quoted(path) + " is not a file", {}, {}};
}

Result<Fd> open_at_once(const fs::path& path) {
  Fd file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (file.valid()) return file;
  const int number = errno;
  if (number == ENXIO) return fail(not_a_file(path));  // a socket
  Error error = system_error("cannot open " + quoted(path), number);
  if (number == ENOENT || number == ENOTDIR) error.code = ErrorCode::kMissing;
  return fail(std::move(error));
}

Result<struct stat> status_of(const Fd& file, const fs::path& path) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return fail(system_error("cannot stat " + quoted(path), errno));
  return status;
}

// `expected` bytes are told by the file system, and only a guess.
Result<std::string> read_all(const Fd& file, std::uint64_t expected, const fs::path& path, std::uint64_t max_bytes) {
  std::string content;
  if (expected <= max_bytes) content.reserve(static_cast<std::size_t>(expected));
  std::vector<std::byte> buffer(1U << 16U);
  for (;;) {
    const std::size_t got = REBURST_TRY(read_some(file.get(), buffer, path.string()));
    if (got == 0) return content;
    if (content.size() + got > max_bytes) {
      return fail(ErrorCode::kIntegrity, quoted(path) + " is larger than " + std::to_string(max_bytes) + " bytes");
    }
    content.append(reinterpret_cast<const char*>(buffer.data()), got);
  }
}

}  // namespace

Result<Fd> open_read(const fs::path& path) {
  Fd file = REBURST_TRY(open_at_once(path));
  const auto status = REBURST_TRY(status_of(file, path));
  if (S_ISFIFO(status.st_mode)) return fail(not_a_file(path));
  // A terminal is waited for.
  const bool plain = S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) || ::fcntl(file.get(), F_SETFL, 0) == 0;
  if (!plain) return fail(system_error("cannot open " + quoted(path), errno));
  return file;
}

Result<Fd> open_write(const fs::path& path, mode_t mode) {
  Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!file.valid()) return fail(system_error("cannot create " + quoted(path), errno));
  if (::fchmod(file.get(), mode) != 0) return fail(system_error("cannot set the mode of " + quoted(path), errno));
  return file;
}

Result<std::size_t> read_some(int fd, std::span<std::byte> buffer, std::string_view what) {
  for (;;) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return fail(system_error("cannot read \"" + std::string(what) + "\"", errno));
  }
}

Result<> write_all(int fd, std::span<const std::byte> bytes, std::string_view what) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail(system_error("cannot write \"" + std::string(what) + "\"", errno));
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

Result<> write_all(int fd, std::string_view text, std::string_view what) {
  return write_all(fd, as_bytes(text), what);
}

Result<> read_at(int fd, std::uint64_t offset, std::span<std::byte> buffer, std::string_view what) {
  while (!buffer.empty()) {
    const ssize_t got = ::pread(fd, buffer.data(), buffer.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(system_error("cannot read \"" + std::string(what) + "\"", errno));
    if (got == 0) return fail(ErrorCode::kIo, "cannot read \"" + std::string(what) + "\": it is cut short");
    buffer = buffer.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return {};
}

Result<> write_at(int fd, std::uint64_t offset, std::span<const std::byte> bytes, std::string_view what) {
  while (!bytes.empty()) {
    const ssize_t put = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail(system_error("cannot write \"" + std::string(what) + "\"", errno));
    bytes = bytes.subspan(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
  return {};
}

Result<> close_checked(Fd fd, std::string_view what) {
  if (::close(fd.release()) != 0) return fail(system_error("cannot write \"" + std::string(what) + "\"", errno));
  return {};
}

Result<std::string> read_file(const fs::path& path, std::uint64_t max_bytes) {
  const Fd file = REBURST_TRY(open_read(path));
  const auto status = REBURST_TRY(status_of(file, path));
  return read_all(file, S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0, path, max_bytes);
}

Result<std::string> read_regular_file(const fs::path& path, std::uint64_t max_bytes) {
  const Fd file = REBURST_TRY(open_at_once(path));
  const auto status = REBURST_TRY(status_of(file, path));
  if (!S_ISREG(status.st_mode)) return fail(not_a_file(path));
  return read_all(file, static_cast<std::uint64_t>(status.st_size), path, max_bytes);
}

Result<> write_file_atomic(const fs::path& path, std::string_view content, mode_t mode) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::string name = (folder / ("." + path.filename().string() + ".XXXXXX")).string();
  Fd file(::mkostemp(name.data(), O_CLOEXEC));
  if (!file.valid()) return fail(system_error("cannot create a file in " + quoted(folder), errno));
  const auto put = [&]() -> Result<> {
    REBURST_TRY(write_all(file.get(), content, path.string()));
    if (::fchmod(file.get(), mode) != 0 || ::fsync(file.get()) != 0) {
      return fail(system_error("cannot write " + quoted(path), errno));
    }
    REBURST_TRY(close_checked(std::move(file), path.string()));
    return rename_path(name, path);
  };
  if (auto done = put(); !done) {
    ::unlink(name.c_str());
    return done;
  }
  return sync_directory(folder);
}

Result<> copy_data(int from, int to, std::uint64_t offset, std::uint64_t size, std::string_view what) {
  const auto end_of_file = static_cast<off_t>(size);
  for (off_t at = 0; at < end_of_file;) {
    off_t data = ::lseek(from, at, SEEK_DATA);
    if (data < 0 && errno == ENXIO) break;  // only a hole is left
    if (data < 0) data = at;                // a file system without SEEK_DATA: all of it is data
    off_t end = ::lseek(from, data, SEEK_HOLE);
    if (end < 0 || end > end_of_file) end = end_of_file;
    REBURST_TRY(copy_range(from, to, {data, end, static_cast<off_t>(offset) + data}, what));
    at = end;
  }
  return {};
}

Result<> clone_file(const fs::path& from, const fs::path& to, mode_t mode) {
  const Fd in = REBURST_TRY(open_read(from));
  Fd out = REBURST_TRY(open_write(to, mode));
  if (::ioctl(out.get(), FICLONE, in.get()) == 0) return close_checked(std::move(out), to.string());
  struct stat status {};
  if (::fstat(in.get(), &status) != 0) return fail(system_error("cannot stat " + quoted(from), errno));
  if (::ftruncate(out.get(), status.st_size) != 0) return fail(system_error("cannot size " + quoted(to), errno));
  REBURST_TRY(copy_data(in.get(), out.get(), 0, static_cast<std::uint64_t>(status.st_size), quoted(from)));
  return close_checked(std::move(out), to.string());
}

Result<> share_file(const fs::path& from, const fs::path& to) {
  REBURST_TRY(make_directories(to.parent_path()));
  if (::access(to.c_str(), F_OK) == 0) return {};
  const int linked = ::link(from.c_str(), to.c_str());
  if (linked == 0 || errno == EEXIST) {
    // A file that two names share must not be changed through one of them.
    if (::chmod(to.c_str(), 0444) != 0) return fail(system_error("cannot set the mode of " + quoted(to), errno));
    return {};
  }
  if (errno == ENOENT) return fail(ErrorCode::kMissing, "there is no file " + quoted(from));
  const fs::path part = to.parent_path() / ("." + to.filename().string() + ".part");
  REBURST_TRY(clone_file(from, part, 0444));
  return rename_path(part, to);
}

Result<> make_directories(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return fail(system_error("cannot create the folder " + quoted(path), error.value()));
  return {};
}

Result<> remove_tree(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return fail(system_error("cannot remove " + quoted(path), error.value()));
  return {};
}

Result<> rename_path(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    return fail(system_error("cannot rename " + quoted(from) + " to " + quoted(to), errno));
  }
  return {};
}

Result<> sync_directory(const fs::path& path) {
  const Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid() || ::fsync(folder.get()) != 0) return fail(system_error("cannot flush " + quoted(path), errno));
  return {};
}

Result<TempDirectory> TempDirectory::make(const fs::path& parent, std::string_view prefix) {
  REBURST_TRY(make_directories(parent));
  std::string name = (parent / (std::string(prefix) + "-XXXXXX")).string();
  if (::mkdtemp(name.data()) == nullptr) {
    return fail(system_error("cannot create a folder in " + quoted(parent), errno));
  }
  return TempDirectory(name);
}

TempDirectory::~TempDirectory() {
  // What cannot be removed now is swept by the next run (cache/).
  if (!path_.empty()) (void)remove_tree(path_);
}

fs::path TempDirectory::release() {
  return std::exchange(path_, {});
}

}  // namespace reburst
