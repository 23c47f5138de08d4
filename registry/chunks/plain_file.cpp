#include "registry/chunks/plain_file.hpp"

#include <unistd.h>
#include <zstd.h>

#include <cerrno>

namespace reburst::chunks {

Result<std::size_t> read_at(int fd, std::uint64_t offset, std::span<std::byte> to, const std::string& name) {
  std::size_t done = 0;
  while (done < to.size()) {
    const ssize_t got = ::pread(fd, to.data() + done, to.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(system_error("cannot read \"" + name + "\"", errno));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

// Decompressed into a buffer of the size that the index promises: a frame that would be larger ends with an error, and
// costs no memory.
Result<Bytes> open_chunk(const ChunkId& id, std::uint64_t size, std::string_view compressed) {
  Bytes plain(size);
  const std::size_t got = ZSTD_decompress(plain.data(), plain.size(), compressed.data(), compressed.size());
  if (ZSTD_isError(got) == 0 && got == size && chunk_id(plain) == id) return plain;
  const std::string why = ZSTD_isError(got) != 0 ? std::string("it cannot be decompressed: ") + ZSTD_getErrorName(got)
                                                 : std::string("its content has another id");
  return fail(ErrorCode::kIntegrity, "the chunk " + id.hex() + " is wrong: " + why,
              "try again, or another copy of the registry");
}

}  // namespace reburst::chunks
