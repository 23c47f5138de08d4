#include "registry/chunks/target.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/file.hpp"

namespace reburst::chunks {

namespace {

constexpr std::uint64_t kBlock = 4096;

bool is_zero(std::span<const std::byte> bytes) {
  return bytes.front() == std::byte{0} && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

}  // namespace

Result<Target> Target::open(const std::filesystem::path& path, std::uint64_t size) {
  const std::string name = path.string();
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  struct stat status {};
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0) return fail(system_error("cannot write \"" + name + "\"", errno));
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::kUsage, "cannot write \"" + name + "\": it is no regular file");
  }
  if (::ftruncate(fd.get(), static_cast<off_t>(size)) != 0) {
    return fail(system_error("cannot give \"" + name + "\" its size", errno));
  }
  return Target(std::move(fd), name, status.st_size != 0);
}

Result<> Target::read(std::uint64_t offset, std::span<std::byte> buffer) const {
  return read_at(fd_.get(), offset, buffer, name_);
}

Result<> Target::write(std::uint64_t offset, std::span<const std::byte> bytes) const {
  while (!bytes.empty()) {
    // From here to where data turns into zeros or back, by the file's own blocks.
    std::size_t size = 0;
    bool zeros = false;
    while (size < bytes.size()) {
      const auto step = std::min<std::uint64_t>(kBlock - (offset + size) % kBlock, bytes.size() - size);
      const bool zero = step == kBlock && is_zero(bytes.subspan(size, step));
      if (size != 0 && zero != zeros) break;
      zeros = zero;
      size += step;
    }
    const auto run = bytes.first(size);
    REBURST_TRY(zeros ? clear(offset, run) : write_at(fd_.get(), offset, run, name_));
    bytes = bytes.subspan(size);
    offset += size;
  }
  return {};
}

Result<> Target::clear(std::uint64_t offset, std::span<const std::byte> zeros) const {
  if (!had_content_) return {};
  if (::fallocate(fd_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                  static_cast<off_t>(zeros.size())) == 0) {
    return {};
  }
  return write_at(fd_.get(), offset, zeros, name_);
}

Result<> Target::close() {
  if (::fsync(fd_.get()) != 0) return fail(system_error("cannot write \"" + name_ + "\"", errno));
  return close_checked(std::move(fd_), name_);
}

}  // namespace reburst::chunks
