#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "registry/chunks/id.hpp"
#include "registry/chunks/image_file.hpp"

// A delta file, docs/formats/chunk-delta.md.
namespace reburst::chunks {

inline constexpr std::string_view kDeltaMagic = "reburst delta 1\n";
inline constexpr std::uint64_t kMaxSegment = 1U << 20U;  // plain bytes, but a single chunk may have more
inline constexpr std::uint64_t kMaxBase = 4U << 20U;

// Chunks that follow each other in the new image, as one frame made from a piece of the old image. As on disk.
struct Segment {
  std::uint64_t first = 0;  // number of the first chunk
  std::uint64_t count = 0;
  std::uint64_t base_offset = 0, base_size = 0;
  std::uint64_t frame_size = 0;
  bool operator==(const Segment&) const = default;
};
static_assert(sizeof(Segment) == 40);

// What comes before the frames: magic, the index it is for, and the segments.
[[nodiscard]] std::string delta_head(const Index& to, const std::vector<Segment>& segments);

[[nodiscard]] std::uint64_t plain_size(const Index& to, const Segment& segment);

// Segments ascend, none goes beyond the index or its limits, and the file ends with the last frame; else kIntegrity.
class DeltaFile {
 public:
  [[nodiscard]] static Result<DeltaFile> open(const std::filesystem::path& path, const Index& to);
  [[nodiscard]] const std::vector<Segment>& segments() const { return segments_; }
  [[nodiscard]] Result<std::string> frame(std::size_t number) const;

 private:
  explicit DeltaFile(ImageFile file) : file_(std::move(file)) {}
  [[nodiscard]] Result<> read_head(const Index& to);
  [[nodiscard]] Result<> check_segments(const Index& to, std::uint64_t at);
  ImageFile file_;
  std::vector<Segment> segments_;
  std::vector<std::uint64_t> frames_;  // where they begin
};

}  // namespace reburst::chunks
