#include "builder/resolve/mapping.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <string>

#include "core/file.hpp"

namespace reburst::resolve {

Result<Mapping> Mapping::open(const fs::path& path, std::uint64_t size) {
  const Fd fd = REBURST_TRY(open_read(path));
  const auto end = ::lseek(fd.get(), 0, SEEK_END);
  if (end < 0) return fail(system_error("cannot read \"" + path.string() + "\"", errno));
  if (static_cast<std::uint64_t>(end) != size) {
    return fail(
        ErrorCode::kIntegrity,
        "the index \"" + path.string() + "\" has " + std::to_string(end) + " bytes instead of " + std::to_string(size),
        "remove it from the cache and try again");
  }
  if (size > std::numeric_limits<std::uint32_t>::max()) {
    return fail(ErrorCode::kIntegrity, "the index \"" + path.string() + "\" is larger than 4 GiB");
  }
  Mapping mapping;
  if (size == 0) return mapping;
  void* at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (at == MAP_FAILED) return fail(system_error("cannot map \"" + path.string() + "\"", errno));
  mapping.text_ = {static_cast<const char*>(at), size};
  return mapping;
}

Mapping::~Mapping() {
  if (!text_.empty()) ::munmap(const_cast<char*>(text_.data()), text_.size());
}

}  // namespace reburst::resolve
