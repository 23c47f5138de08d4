#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <numeric>
#include <optional>

#include "core/file.hpp"
#include "core/parallel.hpp"
#include "registry/chunks/chunk_content.hpp"
#include "registry/chunks/frame.hpp"
#include "registry/chunks/image_file.hpp"
#include "registry/chunks/pieces.hpp"

namespace reburst::chunks {

namespace {

// Measured in docs/adr/0014-chunks.md: a whole image in seconds; a small update, which many will fetch, as small as it
// gets.
constexpr int kImageLevel = 9;
constexpr int kUpdateLevel = 19;
constexpr std::uint64_t kUpdate = 16U << 20U;

constexpr std::string_view kIncoming = ".incoming";

// The compressed size of a chunk that is there. An empty file is none: some file systems leave one after a power cut.
Result<std::optional<std::uint64_t>> stored_size(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) {
    if (status.st_size == 0) return std::nullopt;
    return static_cast<std::uint64_t>(status.st_size);
  }
  if (errno == ENOENT) return std::nullopt;
  return fail(system_error("cannot look at \"" + path.string() + "\"", errno));
}

Result<> flush(int folder, const fs::path& store) {
  if (::syncfs(folder) != 0) return fail(system_error("cannot flush \"" + store.string() + "\" to disk", errno));
  return {};
}

// Removes what killed writers left. Nobody writes now, or the lock would be held.
Result<> sweep(const fs::path& store) {
  std::error_code error;
  for (fs::directory_iterator at(store, error), end; !error && at != end; at.increment(error)) {
    if (at->path().filename().string().starts_with(kIncoming)) REBURST_TRY(remove_tree(at->path()));
  }
  if (error) return fail(system_error("cannot list \"" + store.string() + "\"", error.value()));
  return {};
}

// The store's folder, locked against sweeping.
Result<Fd> enter(const fs::path& store) {
  REBURST_TRY(make_directories(store));
  Fd folder(::open(store.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) return fail(system_error("cannot open \"" + store.string() + "\"", errno));
  if (::flock(folder.get(), LOCK_EX | LOCK_NB) == 0) REBURST_TRY(sweep(store));
  while (::flock(folder.get(), LOCK_SH) != 0) {
    if (errno != EINTR) return fail(system_error("cannot lock \"" + store.string() + "\"", errno));
  }
  return folder;
}

class Writer {
 public:
  Writer(const Pieces& pieces, const ImageFile& image, const fs::path& store)
      : pieces_(pieces), image_(image), store_(store) {}

  Result<Stored> run(std::size_t jobs, Progress& progress) {
    const Fd folder = REBURST_TRY(enter(store_));
    REBURST_TRY(find_missing());
    if (missing_.empty()) return stored_;
    const TempDirectory incoming = REBURST_TRY(TempDirectory::make(store_, kIncoming));
    REBURST_TRY(compress_missing(incoming.path(), jobs, progress));
    REBURST_TRY(flush(folder.get(), store_));
    for (const Piece* piece : missing_) {
      const fs::path to = store_ / piece->id.path();
      REBURST_TRY(make_directories(to.parent_path()));
      REBURST_TRY(rename_path(incoming.path() / piece->id.hex(), to));
    }
    REBURST_TRY(flush(folder.get(), store_));
    return stored_;
  }

 private:
  Result<> find_missing() {
    for (const Piece& piece : pieces_.list) {
      const auto size = REBURST_TRY(stored_size(store_ / piece.id.path()));
      stored_.total_bytes += size.value_or(0);
      if (!size) missing_.push_back(&piece);
    }
    return {};
  }

  Result<> compress_missing(const fs::path& folder, std::size_t jobs, Progress& progress) {
    const auto plain = std::accumulate(missing_.begin(), missing_.end(), std::uint64_t{0},
                                       [](std::uint64_t sum, const Piece* piece) { return sum + piece->size; });
    const int level = plain <= kUpdate ? kUpdateLevel : kImageLevel;
    progress.begin("compress", plain, Progress::Unit::kBytes);
    std::atomic<std::uint64_t> written{0};
    REBURST_TRY(parallel_for(jobs, missing_.size(), [&](std::size_t i) -> Result<> {
      const Piece& piece = *missing_[i];
      written += REBURST_TRY(compress_one(piece, folder / piece.id.hex(), level));
      progress.advance(piece.size);
      return {};
    }));
    stored_.new_chunks = missing_.size();
    stored_.new_bytes = written;
    stored_.total_bytes += written;
    return {};
  }

  [[nodiscard]] Result<std::uint64_t> compress_one(const Piece& piece, const fs::path& to, int level) const {
    std::vector<std::byte> plain(piece.size);
    REBURST_TRY(image_.read(piece.offsets.front(), plain));
    if (id_of(plain) != piece.id) {
      return fail(ErrorCode::kIntegrity, "\"" + image_.name() +
                                             "\" is not what its chunk index says, or changed since: "
                                             "the chunk at " +
                                             std::to_string(piece.offsets.front()) + " differs");
    }
    const std::string frame = compress(plain, level);
    Fd file = REBURST_TRY(open_write(to));
    REBURST_TRY(write_all(file.get(), frame, to.string()));
    REBURST_TRY(close_checked(std::move(file), to.string()));
    return frame.size();
  }

  const Pieces& pieces_;
  const ImageFile& image_;
  const fs::path& store_;
  std::vector<const Piece*> missing_;
  Stored stored_;
};

}  // namespace

Result<Stored> store_chunks(const Index& index, const fs::path& image, const fs::path& store, std::size_t jobs,
                            Progress& progress) {
  const Pieces pieces = REBURST_TRY(pieces_of(index));
  const ImageFile file = REBURST_TRY(ImageFile::open(image));
  return Writer(pieces, file, store).run(jobs, progress);
}

Fetch from_folder(const fs::path& store, std::size_t jobs) {
  return [store, jobs](std::span<const Wanted> wanted,
                       const std::function<Result<>(std::size_t, std::string)>& take) -> Result<> {
    return parallel_for(jobs, wanted.size(), [&](std::size_t i) -> Result<> {
      auto bytes = read_file(store / wanted[i].id.path(), frame_bound(wanted[i].size));
      if (!bytes && bytes.error().code == ErrorCode::kMissing) {
        return fail(ErrorCode::kMissing,
                    "the chunk store \"" + store.string() + "\" has no chunk \"" + wanted[i].id.hex() + "\"",
                    "publish the release again, or use another copy of the registry");
      }
      if (!bytes) return fail(std::move(bytes).error());
      return take(i, *std::move(bytes));
    });
  };
}

Result<> check_store(const Index& index, const fs::path& store, std::size_t jobs, Progress& progress) {
  const Pieces pieces = REBURST_TRY(pieces_of(index));
  std::vector<Wanted> wanted;
  for (const Piece& piece : pieces.list) wanted.push_back({piece.id, piece.size});
  progress.begin("chunks", index.size, Progress::Unit::kBytes);
  return from_folder(store, jobs)(wanted, [&](std::size_t i, const std::string& frame) -> Result<> {
    const Piece& piece = pieces.list[i];
    REBURST_TRY(open_chunk(piece.id, piece.size, frame));
    progress.advance(piece.size * piece.offsets.size());
    return {};
  });
}

}  // namespace reburst::chunks
