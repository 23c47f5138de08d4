#include <unistd.h>
#include <zstd.h>

#include <atomic>
#include <cerrno>
#include <memory>
#include <set>

#include "core/file.hpp"
#include "core/handle.hpp"
#include "core/parallel.hpp"
#include "registry/chunks/chunks.hpp"
#include "registry/chunks/plain_file.hpp"

namespace reburst::chunks {

namespace {

// Publishing is done once and fetching often; above 12 a first publication takes many times longer for a few percent.
constexpr int kLevel = 12;
constexpr std::uint64_t kMaxCompressed = kMaxForeignChunk + (1U << 20U);
constexpr std::string_view kIncoming = ".incoming";

std::vector<const Chunk*> different_chunks(const Index& index) {
  std::set<ChunkId> seen;
  std::vector<const Chunk*> out;
  for (const auto& chunk : index.chunks) {
    if (seen.insert(chunk.id).second) out.push_back(&chunk);
  }
  return out;
}

Result<std::string> compress(std::span<const std::byte> plain) {
  std::string out(ZSTD_compressBound(plain.size()), '\0');
  const std::size_t size = ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), kLevel);
  if (ZSTD_isError(size) != 0)
    return fail(ErrorCode::kInternal, std::string("zstd failed: ") + ZSTD_getErrorName(size));
  out.resize(size);
  return out;
}

// What a publication that was killed left; there is one writer at a time.
void sweep(const fs::path& store) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator at(store, error), end; !error && at != end; at.increment(error)) {
    if (at->path().filename().string().starts_with(kIncoming)) found.push_back(at->path());
  }
  for (const auto& path : found) (void)remove_tree(path);  // what cannot be removed is found again
}

Result<> flush_all(const fs::path& folder) {
  const Fd fd = REBURST_TRY(open_read(folder));
  if (::syncfs(fd.get()) != 0) return fail(system_error("cannot flush \"" + folder.string() + "\"", errno));
  return {};
}

}  // namespace

Result<Stored> store_chunks(const Index& index, const fs::path& image, const fs::path& store, std::size_t jobs,
                            Progress& progress) {
  REBURST_TRY(make_directories(store));
  sweep(store);
  const Fd fd = REBURST_TRY(open_read(image));
  Stored out;
  std::vector<const Chunk*> missing;
  std::uint64_t work = 0;
  for (const auto* chunk : different_chunks(index)) {
    std::error_code error;
    const auto size = fs::file_size(store / chunk->id.path(), error);
    if (error) {
      missing.push_back(chunk);
      work += chunk->size;
    } else {
      out.total_bytes += size;
    }
  }
  if (missing.empty()) return out;
  progress.begin("compress", work, Progress::Unit::kBytes);
  // Flushed together before any of them gets its name: one flush instead of thousands.
  const auto incoming = REBURST_TRY(TempDirectory::make(store, kIncoming));
  std::atomic<std::uint64_t> written = 0;
  REBURST_TRY(parallel_for(jobs, missing.size(), [&](std::size_t i) -> Result<> {
    const Chunk& chunk = *missing[i];
    Bytes plain(chunk.size);
    const auto got = REBURST_TRY(read_at(fd.get(), chunk.offset, plain, image.string()));
    if (got != chunk.size || chunk_id(plain) != chunk.id)
      return fail(ErrorCode::kIo, "\"" + image.string() + "\" changed while it was published");
    const auto text = REBURST_TRY(compress(plain));
    const auto path = incoming.path() / chunk.id.hex();
    Fd file = REBURST_TRY(open_write(path, 0444));
    REBURST_TRY(write_all(file.get(), text, path.string()));
    REBURST_TRY(close_checked(std::move(file), path.string()));
    written += text.size();
    progress.advance(chunk.size);
    return {};
  }));
  REBURST_TRY(flush_all(store));
  for (const auto* chunk : missing) {
    const auto path = store / chunk->id.path();
    REBURST_TRY(make_directories(path.parent_path()));
    REBURST_TRY(rename_path(incoming.path() / chunk->id.hex(), path));
  }
  out.new_chunks = missing.size();
  out.new_bytes = written;
  out.total_bytes += written;
  return out;
}

Fetch from_folder(const fs::path& store, std::size_t jobs) {
  return [store, jobs](std::span<const ChunkId> wanted, const std::function<Result<>(std::size_t, std::string)>& take) {
    return parallel_for(jobs, wanted.size(), [&](std::size_t i) -> Result<> {
      auto text = read_file(store / wanted[i].path(), kMaxCompressed);
      if (!text && text.error().code == ErrorCode::kMissing) {
        return fail(ErrorCode::kMissing,
                    "the chunk " + wanted[i].hex() + " is not in the store \"" + store.string() + "\"",
                    "publish the release again, or use another copy of the registry");
      }
      return take(i, REBURST_TRY(std::move(text)));
    });
  };
}

Result<> check_store(const Index& index, const fs::path& store, std::size_t jobs, Progress& progress) {
  const auto chunks = different_chunks(index);
  std::vector<ChunkId> ids;
  for (const auto* chunk : chunks) ids.push_back(chunk->id);
  progress.begin("chunks", index.size, Progress::Unit::kBytes);
  return from_folder(store, jobs)(ids, [&](std::size_t i, std::string text) -> Result<> {
    REBURST_TRY(open_chunk(chunks[i]->id, chunks[i]->size, text));
    progress.advance(chunks[i]->size);
    return {};
  });
}

}  // namespace reburst::chunks
