#include "registry/chunks/image_file.hpp"

#include <unistd.h>

#include <cerrno>

#include "core/file.hpp"

namespace reburst::chunks {

Result<ImageFile> ImageFile::open(const std::filesystem::path& path) {
  Fd fd = REBURST_TRY(open_read(path));
  // A block device has no st_size; its end is where seeking to the end leads.
  const off_t end = ::lseek(fd.get(), 0, SEEK_END);
  if (end < 0) return fail(system_error("cannot find the size of \"" + path.string() + "\"", errno));
  return ImageFile(std::move(fd), static_cast<std::uint64_t>(end), path.string());
}

Result<> ImageFile::read(std::uint64_t offset, std::span<std::byte> buffer) const {
  return read_at(fd_.get(), offset, buffer, name_);
}

}  // namespace reburst::chunks
