#include "registry/chunks/delta.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/file.hpp"
#include "core/parallel.hpp"
#include "registry/chunks/delta_plan.hpp"
#include "registry/chunks/frame.hpp"

namespace reburst::chunks {

namespace {

// Measured in docs/adr/0014-chunks.md.
constexpr int kDeltaLevel = 9;
// Frames that wait for their turn to be written, per job.
constexpr std::size_t kWaiting = 4;

class Maker {
 public:
  Maker(const CutImage& to, const ImageFile& old_image, const ImageFile& new_image, std::vector<Segment> segments)
      : to_(to), old_(old_image), new_(new_image), segments_(std::move(segments)) {}

  Result<DeltaWritten> write(int fd, const std::string& name, std::size_t jobs, Progress& progress) {
    DeltaWritten written{.bytes = delta_head(to_.index, segments_).size(), .plain = 0};
    for (const Segment& segment : segments_) written.plain += plain_size(to_.index, segment);
    progress.begin("delta", written.plain, Progress::Unit::kBytes);
    const std::size_t batch = std::max<std::size_t>(jobs, 1) * kWaiting;
    for (std::size_t begin = 0; begin < segments_.size(); begin += batch) {
      const std::size_t count = std::min(batch, segments_.size() - begin);
      std::vector<std::string> frames(count);
      REBURST_TRY(parallel_for(jobs, count, [&](std::size_t i) -> Result<> {
        frames[i] = REBURST_TRY(make_frame(segments_[begin + i]));
        progress.advance(plain_size(to_.index, segments_[begin + i]));
        return {};
      }));
      for (std::size_t i = 0; i < count; ++i) {
        segments_[begin + i].frame_size = frames[i].size();
        REBURST_TRY(write_at(fd, written.bytes, std::as_bytes(std::span(frames[i])), name));
        written.bytes += frames[i].size();
      }
    }
    // Only now are the sizes known that come first.
    const std::string head = delta_head(to_.index, segments_);
    REBURST_TRY(write_at(fd, 0, std::as_bytes(std::span(head)), name));
    return written;
  }

 private:
  [[nodiscard]] Result<std::string> make_frame(const Segment& segment) const {
    std::vector<std::byte> base(segment.base_size);
    std::vector<std::byte> plain(plain_size(to_.index, segment));
    REBURST_TRY(old_.read(segment.base_offset, base));
    REBURST_TRY(new_.read(to_.index.chunks[segment.first].offset, plain));
    return compress_from(base, plain, kDeltaLevel);
  }

  const CutImage& to_;
  const ImageFile& old_;
  const ImageFile& new_;
  std::vector<Segment> segments_;
};

Result<> check_size(const ImageFile& image, const Index& index) {
  if (image.size() == index.size) return {};
  return fail(ErrorCode::kIntegrity, "\"" + image.name() + "\" is not the image of its chunk index\n  expected " +
                                         std::to_string(index.size) + " bytes\n  actual   " +
                                         std::to_string(image.size()) + " bytes");
}

}  // namespace

Result<DeltaWritten> write_delta(const CutImage& from, const CutImage& to, const fs::path& file, std::size_t jobs,
                                 Progress& progress) {
  const ImageFile old_image = REBURST_TRY(ImageFile::open(from.image));
  const ImageFile new_image = REBURST_TRY(ImageFile::open(to.image));
  REBURST_TRY(check_size(old_image, from.index));
  REBURST_TRY(check_size(new_image, to.index));
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  const TempDirectory scratch = REBURST_TRY(TempDirectory::make(folder, ".delta"));
  const fs::path temporary = scratch.path() / "delta";
  Fd fd = REBURST_TRY(open_write(temporary));
  Maker maker(to, old_image, new_image, plan_segments(from.index, to.index));
  const DeltaWritten written = REBURST_TRY(maker.write(fd.get(), temporary.string(), jobs, progress));
  if (::fsync(fd.get()) != 0) return fail(system_error("cannot write \"" + file.string() + "\"", errno));
  REBURST_TRY(close_checked(std::move(fd), temporary.string()));
  REBURST_TRY(rename_path(temporary, file));
  REBURST_TRY(sync_directory(folder));
  return written;
}

}  // namespace reburst::chunks
