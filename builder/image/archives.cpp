#include "builder/image/archives.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <cerrno>
#include <vector>

#include "core/handle.hpp"

namespace reburst::image {

namespace {

using Reader = Handle<archive, &archive_read_free>;
constexpr std::size_t kPiece = 1U << 16U;
constexpr int kMaxMembers = 100'000;

std::string reason(archive* reader) {
  const char* const text = archive_error_string(reader);
  return text == nullptr ? "unknown error" : text;
}

tl::unexpected<Error> malformed(std::string_view name, const std::string& why) {
  return fail(ErrorCode::kPackage, "cannot read \"" + std::string(name) + "\": " + why);
}

Result<std::string> read_content(archive* reader, std::string_view name, std::uint64_t max_bytes) {
  std::string content;
  std::vector<char> buffer(kPiece);
  for (;;) {
    const la_ssize_t got = archive_read_data(reader, buffer.data(), buffer.size());
    if (got < 0) return malformed(name, reason(reader));
    if (got == 0) return content;
    if (content.size() + static_cast<std::size_t>(got) > max_bytes) {
      return malformed(name, "its content is larger than " + std::to_string(max_bytes) + " bytes");
    }
    content.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

// Feeds the current member of one archive to another: the data.tar of a .deb.
struct Source {
  archive* outer = nullptr;
  std::vector<char> buffer = std::vector<char>(kPiece);

  static la_ssize_t read(archive* inner, void* self, const void** out) {
    auto* const source = static_cast<Source*>(self);
    const la_ssize_t got = archive_read_data(source->outer, source->buffer.data(), source->buffer.size());
    if (got < 0) archive_set_error(inner, EIO, "%s", reason(source->outer).c_str());
    *out = source->buffer.data();
    return got;
  }
};

// Moves `reader` to the entry that `wanted` accepts; false at the end.
template <class Wanted>
Result<bool> seek_entry(archive* reader, std::string_view name, archive_entry*& entry, const Wanted& wanted) {
  for (int members = 0; members < kMaxMembers; ++members) {
    const int status = archive_read_next_header(reader, &entry);
    if (status == ARCHIVE_EOF) return false;
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return malformed(name, reason(reader));
    const char* const path = archive_entry_pathname(entry);
    if (path != nullptr && wanted(std::string_view(path))) return true;
  }
  return malformed(name, "it has more than " + std::to_string(kMaxMembers) + " members");
}

Reader tar_reader() {
  Reader reader(archive_read_new());
  archive_read_support_format_tar(reader.get());
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_filter_xz(reader.get());
  archive_read_support_filter_zstd(reader.get());
  return reader;
}

Result<std::string> read_tar_member(archive* outer, std::string_view name, std::string_view member,
                                    std::uint64_t max_bytes) {
  const Reader inner = tar_reader();
  Source source{.outer = outer};
  if (archive_read_open(inner.get(), &source, nullptr, &Source::read, nullptr) != ARCHIVE_OK) {
    return malformed(name, reason(inner.get()));
  }
  archive_entry* entry = nullptr;
  const auto is_member = [&](std::string_view path) {
    if (path.starts_with("./")) path.remove_prefix(2);
    return path == member;
  };
  if (!REBURST_TRY(seek_entry(inner.get(), name, entry, is_member))) {
    return malformed(name, "it has no \"/" + std::string(member) + "\"");
  }
  if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != nullptr) {
    return malformed(name, "\"/" + std::string(member) + "\" is not a regular file");
  }
  return read_content(inner.get(), name, max_bytes);
}

}  // namespace

Result<std::string> read_package_member(const std::filesystem::path& package, std::string_view member,
                                        std::uint64_t max_bytes) {
  const std::string name = package.string();
  const Reader outer(archive_read_new());
  archive_read_support_format_ar(outer.get());
  if (archive_read_open_filename(outer.get(), name.c_str(), kPiece) != ARCHIVE_OK)
    return malformed(name, reason(outer.get()));
  archive_entry* entry = nullptr;
  const auto is_data = [](std::string_view path) { return path.starts_with("data.tar"); };
  if (!REBURST_TRY(seek_entry(outer.get(), name, entry, is_data))) return malformed(name, "it has no data archive");
  return read_tar_member(outer.get(), name, member, max_bytes);
}

Result<std::string> decompress(std::string_view compressed, std::string_view name, std::uint64_t max_bytes) {
  const Reader reader(archive_read_new());
  archive_read_support_format_raw(reader.get());
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_filter_xz(reader.get());
  archive_read_support_filter_zstd(reader.get());
  archive_entry* entry = nullptr;
  if (archive_read_open_memory(reader.get(), compressed.data(), compressed.size()) != ARCHIVE_OK ||
      archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK) {
    return malformed(name, reason(reader.get()));
  }
  if (archive_filter_count(reader.get()) < 2) return malformed(name, "it is not compressed with gzip, xz or zstd");
  return read_content(reader.get(), name, max_bytes);
}

}  // namespace reburst::image
