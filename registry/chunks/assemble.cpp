#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <map>
#include <mutex>

#include "core/file.hpp"
#include "core/parallel.hpp"
#include "registry/chunks/chunks.hpp"
#include "registry/chunks/plain_file.hpp"

namespace reburst::chunks {

namespace {

bool all_zero(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte one) { return one == std::byte{0}; });
}

class Assembly {
 public:
  Assembly(const Index& index, const fs::path& target, std::size_t jobs, Progress& progress)
      : index_(index), target_(target), jobs_(jobs), progress_(progress), done_(index.chunks.size(), 0) {}

  Result<Assembled> run(const std::vector<Seed>& seeds, const Fetch& fetch) {
    REBURST_TRY(open());
    progress_.begin("assemble", index_.size, Progress::Unit::kBytes);
    REBURST_TRY(keep_what_is_right());
    for (const auto& seed : seeds) REBURST_TRY(copy_from(seed));
    progress_.begin("pull", left(), Progress::Unit::kBytes);
    REBURST_TRY(fetch_rest(fetch));
    if (::fsync(fd_.get()) != 0) return fail(system_error("cannot write \"" + target_.string() + "\"", errno));
    return out_;
  }

 private:
  Result<> open() {
    fd_.reset(::open(target_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!fd_.valid()) return fail(system_error("cannot create \"" + target_.string() + "\"", errno));
    struct stat status {};
    if (::fstat(fd_.get(), &status) != 0 || ::fchmod(fd_.get(), 0644) != 0)
      return fail(system_error("cannot use \"" + target_.string() + "\"", errno));
    before_ = static_cast<std::uint64_t>(status.st_size);
    if (::ftruncate(fd_.get(), static_cast<off_t>(index_.size)) != 0)
      return fail(system_error("cannot size \"" + target_.string() + "\"", errno));
    return {};
  }

  // In a fresh file everything is zero: the chunks of zeros are right already. An interrupted call left more.
  Result<> keep_what_is_right() {
    std::map<std::uint64_t, ChunkId> zeros;
    std::atomic<std::uint64_t> kept = 0;
    for (const auto& chunk : index_.chunks) {
      if (!zeros.contains(chunk.size)) zeros[chunk.size] = chunk_id(Bytes(chunk.size));
    }
    REBURST_TRY(parallel_for(jobs_, index_.chunks.size(), [&](std::size_t i) -> Result<> {
      const Chunk& chunk = index_.chunks[i];
      const bool fresh = chunk.offset >= before_;
      if (fresh && chunk.id != zeros.at(chunk.size)) return {};
      if (!fresh) {
        Bytes bytes(chunk.size);
        const auto got = REBURST_TRY(read_at(fd_.get(), chunk.offset, bytes, target_.string()));
        if (got != chunk.size || chunk_id(bytes) != chunk.id) return {};
      }
      done_[i] = 1;
      kept += chunk.size;
      progress_.advance(chunk.size);
      return {};
    }));
    out_.from_target = kept;
    return {};
  }

  Result<> copy_from(const Seed& seed) {
    const Fd fd = REBURST_TRY(open_read(seed.image));
    const auto known = REBURST_TRY(cut(seed.image, seed.boundaries, jobs_, progress_));
    std::map<ChunkId, const Chunk*> by_id;
    for (const auto& chunk : known.chunks) by_id.emplace(chunk.id, &chunk);
    std::atomic<std::uint64_t> copied = 0;
    REBURST_TRY(parallel_for(jobs_, index_.chunks.size(), [&](std::size_t i) -> Result<> {
      const Chunk& chunk = index_.chunks[i];
      const auto found = by_id.find(chunk.id);
      if (done_[i] != 0 || found == by_id.end() || found->second->size != chunk.size) return {};
      Bytes bytes(chunk.size);
      const auto got = REBURST_TRY(read_at(fd.get(), found->second->offset, bytes, seed.image.string()));
      if (got != chunk.size || chunk_id(bytes) != chunk.id) return {};  // a seed that changes is no help
      REBURST_TRY(write(i, bytes));
      copied += chunk.size;
      return {};
    }));
    out_.from_seeds += copied;
    return {};
  }

  [[nodiscard]] std::uint64_t left() const {
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < done_.size(); ++i) out += done_[i] == 0 ? index_.chunks[i].size : 0;
    return out;
  }

  Result<> fetch_rest(const Fetch& fetch) {
    std::map<ChunkId, std::vector<std::size_t>> places;
    std::vector<ChunkId> wanted;  // in the order of the image, so that a disk is written from its start
    for (std::size_t i = 0; i < done_.size(); ++i) {
      if (done_[i] != 0) continue;
      auto& list = places[index_.chunks[i].id];
      if (list.empty()) wanted.push_back(index_.chunks[i].id);
      list.push_back(i);
    }
    if (wanted.empty()) return {};
    std::atomic<std::uint64_t> fetched = 0, compressed = 0;
    REBURST_TRY(fetch(wanted, [&](std::size_t position, std::string text) -> Result<> {
      const auto& list = places.at(wanted[position]);
      compressed += text.size();
      for (const auto i : list) {
        const auto bytes = REBURST_TRY(open_chunk(wanted[position], index_.chunks[i].size, text));
        REBURST_TRY(write(i, bytes));
        fetched += bytes.size();
      }
      return {};
    }));
    out_.fetched = fetched;
    out_.fetched_compressed = compressed;
    if (left() != 0) return fail(ErrorCode::kIntegrity, "the store gave fewer chunks than it was asked for");
    return {};
  }

  Result<> write(std::size_t i, std::span<const std::byte> bytes) {
    const Chunk& chunk = index_.chunks[i];
    const bool hole = chunk.offset >= before_ && all_zero(bytes);
    if (!hole) REBURST_TRY(write_at(fd_.get(), chunk.offset, bytes, target_.string()));
    done_[i] = 1;
    progress_.advance(chunk.size);
    return {};
  }

  const Index& index_;
  const fs::path& target_;
  std::size_t jobs_;
  Progress& progress_;
  Fd fd_;
  std::uint64_t before_ = 0;  // bytes that were there
  std::vector<char> done_;    // per chunk; each written by one thread
  Assembled out_;
};

}  // namespace

Result<Assembled> assemble(const Index& index, const fs::path& target, const std::vector<Seed>& seeds,
                           const Fetch& fetch, std::size_t jobs, Progress& progress) {
  return Assembly(index, target, jobs, progress).run(seeds, fetch);
}

}  // namespace reburst::chunks
