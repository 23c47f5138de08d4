#include "boot/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace reburst::boot {

tl::unexpected<Failure> fail_system(std::string_view what, std::string_view object, int error_number,
                                    std::string_view advice) {
  Failure failure;
  failure.what.add(what).add(" \"").add(object).add('"');
  failure.expected.add("success");
  const char* name = ::strerrorname_np(error_number);
  failure.found.add(name != nullptr ? name : "errno ")
      .add(" (")
      .add_number(static_cast<unsigned>(error_number))
      .add(')');
  failure.advice.add(advice.empty() ? "report this frame with the machine's type" : advice);
  return fail(failure);
}

Result<std::string_view> read_small(const char* path, std::span<char> buffer) {
  const Fd file(::open(path, O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return fail_system("opening", path, errno);
  std::size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t got = ::read(file.get(), buffer.data() + size, buffer.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_system("reading", path, errno);
    if (got == 0) return std::string_view(buffer.data(), size);
    size += static_cast<std::size_t>(got);
  }
  return fail_system("reading", path, EFBIG);
}

bool read_at(int fd, std::uint64_t offset, std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return true;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

Result<> write_file(const char* path, std::string_view content, unsigned mode) {
  const Fd file(::open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!file.valid()) return fail_system("creating", path, errno);
  if (::fchmod(file.get(), mode) != 0 || !write_all(file.get(), content)) return fail_system("writing", path, errno);
  return {};
}

Result<> make_folder(const char* path, unsigned mode) {
  if (::mkdir(path, mode) != 0 && errno != EEXIST) return fail_system("creating the folder", path, errno);
  return {};
}

std::int64_t read_sysfs_number(const char* path) {
  std::array<char, 64> buffer;
  const auto text = read_small(path, buffer);
  if (!text || text->empty()) return -1;
  std::int64_t number = 0;
  for (const char digit : *text) {
    if (digit == '\n') break;
    if (digit < '0' || digit > '9' || number > INT64_MAX / 16) return -1;
    number = number * 10 + (digit - '0');
  }
  return number;
}

void pause_milliseconds(long milliseconds) {
  timespec left{milliseconds / 1000, (milliseconds % 1000) * 1'000'000};
  while (::nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

std::uint64_t now_microseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(now.tv_nsec) / 1000;
}

}  // namespace reburst::boot
