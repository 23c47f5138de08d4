#include "builder/tree/deb.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>

#include "core/file.hpp"
#include "core/text.hpp"

namespace reburst::tree {
namespace {

constexpr std::string_view kArMagic = "!<arch>\n";
constexpr std::size_t kArHeader = 60;  // ar(5): name 16, date 12, uid 6, gid 6, mode 8, size 10, "`\n"
constexpr std::size_t kBlock = 256U << 10U;

using Archive = Handle<archive, &archive_read_free>;

// Reads [offset, offset + size) of the package's file for libarchive.
struct Range {
  int fd = -1;
  std::uint64_t offset = 0, left = 0;
  std::unique_ptr<std::array<std::byte, kBlock>> buffer = std::make_unique<std::array<std::byte, kBlock>>();
};

la_ssize_t read_range(archive* reader, void* client, const void** out) {
  auto& range = *static_cast<Range*>(client);
  *out = range.buffer->data();
  const std::size_t want = std::min<std::uint64_t>(range.left, kBlock);
  if (want == 0) return 0;
  ssize_t got = 0;
  do {
    got = ::pread(range.fd, range.buffer->data(), want, static_cast<off_t>(range.offset));
  } while (got < 0 && errno == EINTR);
  if (got <= 0) {
    archive_set_error(reader, got < 0 ? errno : EIO, "the file ended early");
    return ARCHIVE_FATAL;
  }
  range.offset += static_cast<std::uint64_t>(got);
  range.left -= static_cast<std::uint64_t>(got);
  return got;
}

// The filter that a member's extension names; a content that is something else is refused.
bool enable_filter(archive* reader, std::string_view extension) {
  if (extension.empty()) return true;
  if (extension == ".gz") return archive_read_support_filter_gzip(reader) == ARCHIVE_OK;
  if (extension == ".xz") return archive_read_support_filter_xz(reader) == ARCHIVE_OK;
  if (extension == ".zst") return archive_read_support_filter_zstd(reader) == ARCHIVE_OK;
  if (extension == ".bz2") return archive_read_support_filter_bzip2(reader) == ARCHIVE_OK;
  return extension == ".lzma" && archive_read_support_filter_lzma(reader) == ARCHIVE_OK;
}

constexpr std::size_t kMaxPath = 4000;
constexpr std::size_t kMaxName = 255;  // of one folder or file, as file systems have it

std::string quoted(const char* raw) {
  constexpr std::size_t kShown = 200;
  std::string text;
  for (const char* c = raw == nullptr ? "" : raw; *c != '\0'; ++c) {
    if (text.size() == kShown) return "\"" + text + "…\"";
    text += static_cast<unsigned char>(*c) < ' ' ? '?' : *c;
  }
  return "\"" + text + "\"";
}

}  // namespace

tl::expected<std::string, std::string_view> clean_path(const char* raw) {
  const std::string_view text = raw == nullptr ? std::string_view() : raw;
  if (text.empty()) return tl::unexpected<std::string_view>("is empty or not UTF-8");
  if (text.size() > kMaxPath) return tl::unexpected<std::string_view>("is longer than 4000 bytes");
  if (text.find('\n') != std::string_view::npos) return tl::unexpected<std::string_view>("holds a line break");
  std::string path;
  for (const std::string_view part : split(text, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") return tl::unexpected<std::string_view>("leads out of the tree");
    if (part.size() > kMaxName) return tl::unexpected<std::string_view>("has a part that is longer than 255 bytes");
    if (!path.empty()) path += '/';
    path += part;
  }
  if (text.front() == '/') return tl::unexpected<std::string_view>("leads out of the tree");
  return path;
}

// One tar member of the package, opened for reading.
class TarReader {
 public:
  TarReader(const Deb& deb, const Deb::Member& member, std::string_view stem)
      : deb_(deb), member_(member), archive_(archive_read_new()) {
    range_.fd = deb.fd_.get();
    range_.offset = member.offset;
    range_.left = member.size;
    extension_ = std::string_view(member.name).substr(stem.size());
  }

  Result<> open() {
    if (archive_ == nullptr || archive_read_support_format_tar(archive_.get()) != ARCHIVE_OK ||
        !enable_filter(archive_.get(), extension_)) {
      return deb_.refuse("the compression of \"" + member_.name + "\" is not supported");
    }
    if (archive_read_open(archive_.get(), &range_, nullptr, &read_range, nullptr) != ARCHIVE_OK) return broken();
    return {};
  }

  // The next header, or nullptr at the end. Counts entries.
  Result<archive_entry*> next() {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(archive_.get(), &entry);
    if (status == ARCHIVE_EOF) return nullptr;
    if (status != ARCHIVE_OK) return broken();
    if (++count_ > deb_.limits_.entries) return deb_.refuse("\"" + member_.name + "\" has too many entries");
    return entry;
  }

  // Passes the content of the current entry on, holes as zero bytes; exactly `size` bytes or an error.
  Result<> content(std::uint64_t size, const std::function<Result<>(std::span<const std::byte>)>& take) {
    std::uint64_t at = 0;
    while (true) {
      const void* data = nullptr;
      std::size_t length = 0;
      la_int64_t offset = 0;
      const int status = archive_read_data_block(archive_.get(), &data, &length, &offset);
      if (status == ARCHIVE_EOF) break;
      if (status != ARCHIVE_OK) return broken();
      const auto start = static_cast<std::uint64_t>(offset);
      if (start < at || length > size || start > size - length)
        return deb_.refuse("\"" + member_.name + "\" is inconsistent");
      REBURST_TRY(zeros(start - at, take));
      REBURST_TRY(take({static_cast<const std::byte*>(data), length}));
      at = start + length;
    }
    return zeros(size - at, take);
  }

  tl::unexpected<Error> broken() const {
    const char* why = archive_error_string(archive_.get());
    return deb_.refuse("\"" + member_.name + "\" is damaged: " + (why == nullptr ? "unknown format" : why));
  }

 private:
  static Result<> zeros(std::uint64_t count, const std::function<Result<>(std::span<const std::byte>)>& take) {
    static constexpr std::array<std::byte, 65536> kZeros{};
    while (count > 0) {
      const std::size_t piece = std::min<std::uint64_t>(count, kZeros.size());
      REBURST_TRY(take({kZeros.data(), piece}));
      count -= piece;
    }
    return {};
  }

  const Deb& deb_;
  const Deb::Member& member_;
  Archive archive_;
  Range range_;
  std::string_view extension_;
  std::size_t count_ = 0;
};

tl::unexpected<Error> Deb::refuse(const std::string& why) const {
  return fail(ErrorCode::kPackage, "cannot unpack \"" + name_ + "\": " + why, std::string(kBrokenPackageHint));
}

Result<Deb> Deb::open(const std::filesystem::path& file, const DebLimits& limits, std::string name) {
  Deb deb;
  deb.name_ = name.empty() ? file.filename().string() : std::move(name);
  deb.limits_ = limits;
  deb.fd_ = REBURST_TRY(open_read(file));
  struct stat info {};
  if (::fstat(deb.fd_.get(), &info) != 0) return fail(system_error("cannot examine \"" + file.string() + "\"", errno));
  REBURST_TRY(deb.read_members(static_cast<std::uint64_t>(info.st_size)));
  REBURST_TRY(deb.read_control(deb.control_member_));
  return deb;
}

Result<> Deb::read_members(std::uint64_t file_size) {
  const auto read_at = [&](std::uint64_t offset, std::span<char> into) {
    return ::pread(fd_.get(), into.data(), into.size(), static_cast<off_t>(offset)) ==
           static_cast<ssize_t>(into.size());
  };
  std::array<char, 8> magic{};
  if (!read_at(0, magic) || std::string_view(magic.data(), magic.size()) != kArMagic)
    return refuse("it is not a Debian package");
  std::uint64_t offset = kArMagic.size();
  std::vector<Member> members;
  while (offset < file_size) {
    std::array<char, kArHeader> header{};
    if (file_size - offset < kArHeader) return refuse("it is cut short or has bytes after its end");
    if (!read_at(offset, header)) return refuse("it cannot be read");
    const std::string_view text(header.data(), header.size());
    if (text.substr(58) != "`\n") return refuse("a member header is damaged");
    const auto size = parse_decimal(trim(text.substr(48, 10)));
    if (!size) return refuse("a member header is damaged");
    std::string_view member_name = trim(text.substr(0, 16));
    if (member_name.ends_with('/')) member_name.remove_suffix(1);
    offset += kArHeader;
    if (*size > file_size - offset) return refuse("it is cut short: \"" + std::string(member_name) + "\" does not end");
    members.push_back({std::string(member_name), offset, *size});
    offset += std::min<std::uint64_t>(*size + (*size & 1U), file_size - offset);
    if (members.size() > 32) return refuse("it has too many members");
  }
  // deb(5): members whose name starts with "_" may be ignored.
  std::erase_if(members, [](const Member& member) { return member.name.starts_with('_'); });
  if (members.size() != 3 || members[0].name != "debian-binary" || !members[1].name.starts_with("control.tar") ||
      !members[2].name.starts_with("data.tar")) {
    return refuse("its members are not debian-binary, control.tar and data.tar in this order");
  }
  std::array<char, 2> version{};
  if (members[0].size < 4 || !read_at(members[0].offset, version) || std::string_view(version.data(), 2) != "2.") {
    return refuse("its format version is not 2");
  }
  control_member_ = std::move(members[1]);
  data_ = std::move(members[2]);
  return {};
}

Result<> Deb::read_control(const Member& member) {
  TarReader reader(*this, member, "control.tar");
  REBURST_TRY(reader.open());
  std::uint64_t total = 0;
  bool found = false;
  while (archive_entry* entry = REBURST_TRY(reader.next())) {
    const auto path = clean_path(archive_entry_pathname(entry));
    if (path && path->empty()) continue;
    if (!path || path->find('/') != std::string::npos || archive_entry_filetype(entry) != AE_IFREG ||
        archive_entry_hardlink(entry) != nullptr) {
      return refuse("its control archive holds " + quoted(archive_entry_pathname(entry)) +
                    ", which is not a plain file");
    }
    const auto size = static_cast<std::uint64_t>(std::max<la_int64_t>(archive_entry_size(entry), 0));
    total += size;
    if (size > limits_.control_bytes || total > limits_.control_bytes)
      return refuse("its control archive is of absurd size");
    std::string content;
    REBURST_TRY(reader.content(size, [&](std::span<const std::byte> bytes) -> Result<> {
      content.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return {};
    }));
    if (*path == "control") {
      control_ = REBURST_TRY(parse_stanza(content, "\"" + name_ + "\""));
      found = true;
    } else if (!control_files_.emplace(*path, std::move(content)).second) {
      return refuse("its control archive holds \"" + *path + "\" twice");
    }
  }
  if (!found) return refuse("its control archive has no control file");
  for (const char* field : {"Package", "Version", "Architecture"}) {
    if (control_.get(field).empty()) return refuse(std::string("its control file has no \"") + field + "\" field");
  }
  if (!valid_package_name(control_.get("Package"))) return refuse("its control file names no valid package");
  return {};
}

namespace {

Result<Entry> describe(archive_entry* raw, const DebLimits& limits,
                       const std::function<tl::unexpected<Error>(const std::string&)>& refuse) {
  Entry entry;
  const std::string name = quoted(archive_entry_pathname(raw));
  auto path = clean_path(archive_entry_pathname(raw));
  if (!path) return refuse("the name " + name + " " + std::string(path.error()));
  entry.path = std::move(*path);
  entry.mode = static_cast<mode_t>(archive_entry_perm(raw)) & 07777U;
  entry.uid = static_cast<uid_t>(archive_entry_uid(raw));
  entry.gid = static_cast<gid_t>(archive_entry_gid(raw));
  entry.mtime = archive_entry_mtime(raw);
  if (archive_entry_uid(raw) < 0 || archive_entry_uid(raw) > 65535 || archive_entry_gid(raw) < 0 ||
      archive_entry_gid(raw) > 65535) {
    return refuse(name + " has an owner beyond 65535");
  }
  if (archive_entry_xattr_count(raw) > 0)
    return refuse(name + " carries extended attributes, which dpkg does not unpack");
  if (const char* target = archive_entry_hardlink(raw); target != nullptr) {
    entry.type = EntryType::kHardLink;
    auto clean = clean_path(target);
    if (!clean)
      return refuse("the target " + quoted(target) + " of the hard link " + name + " " + std::string(clean.error()));
    if (clean->empty()) return refuse("the hard link " + name + " has the root as its target");
    entry.target = std::move(*clean);
    return entry;
  }
  switch (archive_entry_filetype(raw)) {
    case AE_IFDIR: entry.type = EntryType::kDirectory; return entry;
    case AE_IFLNK: {
      const char* target = archive_entry_symlink(raw);
      entry.type = EntryType::kSymlink;
      if (target == nullptr || *target == '\0') return refuse("the symbolic link " + name + " has no target");
      entry.target = target;
      if (entry.target.size() > 4000) return refuse("the symbolic link " + name + " has an absurd target");
      return entry;
    }
    case AE_IFREG: {
      const la_int64_t size = archive_entry_size(raw);
      if (size < 0 || static_cast<std::uint64_t>(size) > limits.file_bytes) return refuse(name + " is of absurd size");
      entry.size = static_cast<std::uint64_t>(size);
      return entry;
    }
    default: return refuse(name + " is a device, a pipe or a socket; packages make those in their scripts");
  }
}

}  // namespace

Result<> Deb::read_data(Sink& sink) const {
  TarReader reader(*this, data_, "data.tar");
  REBURST_TRY(reader.open());
  std::uint64_t total = 0;
  while (archive_entry* raw = REBURST_TRY(reader.next())) {
    const Entry entry = REBURST_TRY(describe(raw, limits_, [this](const std::string& why) { return refuse(why); }));
    if (entry.path.empty()) {
      if (entry.type != EntryType::kDirectory) return refuse("its root is not a folder");
      continue;
    }
    total += entry.size;
    if (total > limits_.total_bytes) return refuse("its files are of absurd size together");
    REBURST_TRY(sink.begin(entry));
    if (entry.type == EntryType::kFile) {
      REBURST_TRY(reader.content(entry.size, [&](std::span<const std::byte> bytes) { return sink.write(bytes); }));
    }
    REBURST_TRY(sink.end(entry));
  }
  return {};
}

}  // namespace reburst::tree
