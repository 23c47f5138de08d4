#include "registry/chunks/delta_file.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "registry/chunks/frame.hpp"

namespace reburst::chunks {

namespace {

static_assert(std::endian::native == std::endian::little, "the format's numbers are copied as they are");

constexpr std::size_t kHead = 56;  // magic, id, number of segments

ChunkId index_id(const Index& index) {
  const std::string bytes = to_bytes(index);
  return id_of(std::as_bytes(std::span(bytes)));
}

auto refuse(const ImageFile& file, const std::string& why) {
  return fail(ErrorCode::kIntegrity, "the delta \"" + file.name() + "\" " + why, "fetch it again, or go without it");
}

}  // namespace

std::string delta_head(const Index& to, const std::vector<Segment>& segments) {
  const ChunkId id = index_id(to);
  const std::uint64_t count = segments.size();
  std::string head(kDeltaMagic);
  head.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
  head.append(reinterpret_cast<const char*>(&count), sizeof count);
  head.append(reinterpret_cast<const char*>(segments.data()), segments.size() * sizeof(Segment));
  return head;
}

std::uint64_t plain_size(const Index& to, const Segment& segment) {
  const Chunk& last = to.chunks[segment.first + segment.count - 1];
  return last.offset + last.size - to.chunks[segment.first].offset;
}

Result<DeltaFile> DeltaFile::open(const std::filesystem::path& path, const Index& to) {
  DeltaFile delta(REBURST_TRY(ImageFile::open(path)));
  REBURST_TRY(delta.read_head(to));
  return delta;
}

Result<> DeltaFile::read_head(const Index& to) {
  std::string head(kHead, '\0');
  if (file_.size() < head.size()) return refuse(file_, "is no delta");
  REBURST_TRY(file_.read(0, std::as_writable_bytes(std::span(head))));
  if (!head.starts_with(kDeltaMagic)) return refuse(file_, "is no delta");
  if (std::memcmp(head.data() + kDeltaMagic.size(), index_id(to).bytes.data(), sizeof(ChunkId)) != 0) {
    return refuse(file_, "is for another image");
  }
  std::uint64_t count = 0;
  std::memcpy(&count, head.data() + kHead - sizeof count, sizeof count);
  if (count > to.chunks.size() || count * sizeof(Segment) > file_.size() - kHead) {
    return refuse(file_, "has more segments than the image has chunks, or is cut short");
  }
  segments_.resize(count);
  REBURST_TRY(file_.read(kHead, std::as_writable_bytes(std::span(segments_))));
  return check_segments(to, kHead + count * sizeof(Segment));
}

Result<> DeltaFile::check_segments(const Index& to, std::uint64_t at) {
  std::uint64_t chunk = 0;
  for (const Segment& segment : segments_) {
    if (segment.first < chunk || segment.first >= to.chunks.size() || segment.count == 0 ||
        segment.count > to.chunks.size() - segment.first) {
      return refuse(file_, "has segments that do not ascend within the image");
    }
    chunk = segment.first + segment.count;
    const std::uint64_t plain = plain_size(to, segment);
    if ((segment.count > 1 && plain > kMaxSegment) || segment.base_size > kMaxBase ||
        segment.frame_size > frame_bound(plain)) {
      return refuse(file_, "has a segment larger than its limits");
    }
    if (segment.frame_size > file_.size() - at) return refuse(file_, "is cut short");
    frames_.push_back(at);
    at += segment.frame_size;
  }
  if (at != file_.size()) return refuse(file_, "has bytes after its last frame");
  return {};
}

Result<std::string> DeltaFile::frame(std::size_t number) const {
  std::string bytes(segments_[number].frame_size, '\0');
  REBURST_TRY(file_.read(frames_[number], std::as_writable_bytes(std::span(bytes))));
  return bytes;
}

}  // namespace reburst::chunks
