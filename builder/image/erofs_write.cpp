#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "builder/image/erofs.hpp"
#include "core/file.hpp"
#include "core/parallel.hpp"

namespace reburst::image {

namespace {

// kIo when the file is not of the size that the plan was made with.
Result<> check_size(int file, const Node& node, const std::string& path) {
  struct stat status {};
  if (::fstat(file, &status) != 0) return fail(system_error("cannot stat \"" + path + "\"", errno));
  if (S_ISREG(status.st_mode) && static_cast<std::uint64_t>(status.st_size) == node.size) return {};
  return fail(ErrorCode::kIo, "\"" + path + "\" changed while the image was written",
              "let nothing else write to the tree");
}

// Copies `node`'s data to `to` at `offset`. The output is zero already, so holes need no writing.
Result<> copy_file(const Node& node, const std::string& path, int to, std::uint64_t offset) {
  const Fd from(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!from.valid()) return fail(system_error("cannot open \"" + path + "\"", errno));
  REBURST_TRY(check_size(from.get(), node, path));
  auto copied = copy_data(from.get(), to, offset, node.size, "\"" + path + "\" into the image");
  REBURST_TRY(check_size(from.get(), node, path));  // first: a file that shrank fails both, and this says why
  return copied;
}

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
      REBURST_TRY(copy_file(node, root.string() + node.path, fd, offset + extent.block * kBlock));
      progress.advance(round_up(node.size, kBlock));
    }
    return {};
  });
}

}  // namespace reburst::image
