#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "builder/image/erofs.hpp"
#include "core/file.hpp"
#include "core/parallel.hpp"

namespace reburst::image {

namespace {

// Copies `node`'s data to `to` at `offset`. The output is zero already, so holes need no writing.
class FileCopy {
 public:
  FileCopy(const Node& node, std::string path, int to, std::uint64_t offset)
      : node_(node), path_(std::move(path)), to_(to), offset_(offset) {}

  Result<> run() {
    from_.reset(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!from_.valid()) return fail(system_error("cannot open \"" + path_ + "\"", errno));
    struct stat status {};
    if (::fstat(from_.get(), &status) != 0) return fail(system_error("cannot stat \"" + path_ + "\"", errno));
    REBURST_TRY(check_size(status));
    const bool has_holes = static_cast<std::uint64_t>(status.st_blocks) * 512 < node_.size;
    REBURST_TRY(has_holes ? copy_around_holes() : copy_range(0, node_.size));
    if (::fstat(from_.get(), &status) != 0) return fail(system_error("cannot stat \"" + path_ + "\"", errno));
    return check_size(status);
  }

 private:
  [[nodiscard]] Result<> check_size(const struct stat& status) const {
    if (S_ISREG(status.st_mode) && static_cast<std::uint64_t>(status.st_size) == node_.size) return {};
    return changed();
  }

  [[nodiscard]] tl::unexpected<Error> changed() const {
    return fail(ErrorCode::kIo, "\"" + path_ + "\" changed while the image was written",
                "let nothing else write to the tree");
  }

  Result<> copy_around_holes() {
    const auto size = static_cast<off_t>(node_.size);
    for (off_t at = 0; at < size;) {
      off_t data = ::lseek(from_.get(), at, SEEK_DATA);
      if (data < 0 && errno == ENXIO) break;  // only a hole is left
      if (data < 0) data = at;                // a file system without SEEK_DATA: all of it is data
      off_t end = ::lseek(from_.get(), data, SEEK_HOLE);
      if (end < 0 || end > size) end = size;
      REBURST_TRY(copy_range(static_cast<std::uint64_t>(data), static_cast<std::uint64_t>(end)));
      at = end;
    }
    return {};
  }

  Result<> copy_range(std::uint64_t at, std::uint64_t end) {
    while (at < end) {
      auto from = static_cast<off_t>(at);
      auto to = static_cast<off_t>(offset_ + at);
      const ssize_t moved = ::copy_file_range(from_.get(), &from, to_, &to, end - at, 0);
      if (moved < 0 && errno == EINTR) continue;
      if (moved < 0 && (errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP || errno == ENOSYS))
        return copy_buffered(at, end);
      if (moved < 0) return fail(system_error("cannot copy \"" + path_ + "\" into the image", errno));
      if (moved == 0) return changed();
      at += static_cast<std::uint64_t>(moved);
    }
    return {};
  }

  Result<> copy_buffered(std::uint64_t at, std::uint64_t end) {
    Bytes buffer(std::min<std::uint64_t>(end - at, kMebibyte));
    while (at < end) {
      const std::size_t want = std::min<std::uint64_t>(end - at, buffer.size());
      const ssize_t got = ::pread(from_.get(), buffer.data(), want, static_cast<off_t>(at));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail(system_error("cannot read \"" + path_ + "\"", errno));
      if (got == 0) return changed();
      const auto bytes = std::span(buffer).first(static_cast<std::size_t>(got));
      REBURST_TRY(write_at(to_, offset_ + at, bytes, "image"));
      at += bytes.size();
    }
    return {};
  }

  const Node& node_;
  std::string path_;
  Fd from_;
  int to_;
  std::uint64_t offset_;
};

// Runs of extents that one thread copies at a stretch: small files many at a time, large ones alone.
std::vector<std::size_t> split_work(const ErofsPlan& plan, const Walk& walk) {
  constexpr std::uint64_t kBatch = 4 * kMebibyte;
  std::vector<std::size_t> starts;
  std::uint64_t bytes = kBatch;
  for (std::size_t i = 0; i < plan.extents.size(); ++i) {
    if (bytes >= kBatch) {
      starts.push_back(i);
      bytes = 0;
    }
    bytes += round_up(walk.nodes[plan.extents[i].node].size, kBlock);
  }
  starts.push_back(plan.extents.size());
  return starts;
}

}  // namespace

Result<> write_erofs(const ErofsPlan& plan, const Walk& walk, const std::filesystem::path& root, int fd,
                     std::uint64_t offset, std::size_t jobs, Progress& progress) {
  REBURST_TRY(write_at(fd, offset, plan.metadata, "image"));
  progress.advance(plan.metadata.size());
  const std::vector<std::size_t> starts = split_work(plan, walk);
  return parallel_for(jobs, starts.size() - 1, [&](std::size_t batch) -> Result<> {
    for (std::size_t i = starts[batch]; i < starts[batch + 1]; ++i) {
      const ErofsPlan::Extent& extent = plan.extents[i];
      const Node& node = walk.nodes[extent.node];
      REBURST_TRY(FileCopy(node, root.string() + node.path, fd, offset + extent.block * kBlock).run());
      progress.advance(round_up(node.size, kBlock));
    }
    return {};
  });
}

}  // namespace reburst::image
