#include "builder/resolve/local_package.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <string_view>
#include <utility>

#include "core/file.hpp"
#include "core/handle.hpp"

namespace reburst::resolve {

namespace {

constexpr std::int64_t kMaxControlArchive = 64LL << 20;  // compressed control.tar
constexpr std::int64_t kMaxControlFile = 4LL << 20;

using Reader = Handle<archive, &archive_read_free>;

tl::unexpected<Error> broken(const fs::path& file, const std::string& why) {
  return fail(ErrorCode::kPackage, "cannot read the package \"" + file.filename().string() + "\": " + why,
              "build it again, or take it out of packages.local");
}

std::string reason(archive* reader) {
  const char* text = archive_error_string(reader);
  return text == nullptr ? "it is damaged" : text;
}

// The data of the current entry, at most `limit` bytes; nothing when it is longer or cannot be read.
Result<std::string> entry_data(archive* reader, std::int64_t limit, const fs::path& file) {
  std::string data;
  std::array<char, 65536> buffer{};
  for (;;) {
    const auto count = archive_read_data(reader, buffer.data(), buffer.size());
    if (count < 0) return broken(file, reason(reader));
    if (count == 0) return data;
    data.append(buffer.data(), static_cast<std::size_t>(count));
    if (static_cast<std::int64_t>(data.size()) > limit) return broken(file, "its control information is too large");
  }
}

std::string_view entry_name(archive_entry* entry) {
  const char* name = archive_entry_pathname(entry);
  std::string_view view = name == nullptr ? "" : name;
  if (view.starts_with("./")) view.remove_prefix(2);
  if (view.ends_with("/")) view.remove_suffix(1);
  return view;
}

// The first entry that `wanted` accepts, at most `limit` bytes of it.
template <class Wanted>
Result<std::string> find_entry(archive* reader, std::int64_t limit, const fs::path& file, const char* what,
                               Wanted wanted) {
  archive_entry* entry = nullptr;
  for (int status = 0; (status = archive_read_next_header(reader, &entry)) != ARCHIVE_EOF;) {
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return broken(file, reason(reader));
    if (wanted(entry_name(entry))) return entry_data(reader, limit, file);
  }
  return broken(file, std::string("it has no ") + what);
}

Result<std::string> control_archive(const fs::path& file) {
  const Reader reader(archive_read_new());
  archive_read_support_format_ar(reader.get());
  if (archive_read_open_filename(reader.get(), file.c_str(), 65536) != ARCHIVE_OK) {
    return broken(file, "it is not a Debian package");
  }
  const auto version = REBURST_TRY(find_entry(reader.get(), 64, file, "debian-binary",
                                              [](std::string_view name) { return name == "debian-binary"; }));
  if (!version.starts_with("2.")) return broken(file, "its format is not 2.x");
  return find_entry(reader.get(), kMaxControlArchive, file, "control.tar",
                    [](std::string_view name) { return name == "control.tar" || name.starts_with("control.tar."); });
}

Result<std::string> control_file(const std::string& tar, const fs::path& file) {
  const Reader reader(archive_read_new());
  archive_read_support_format_tar(reader.get());
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_filter_xz(reader.get());
  archive_read_support_filter_zstd(reader.get());
  if (archive_read_open_memory(reader.get(), tar.data(), tar.size()) != ARCHIVE_OK) {
    return broken(file, "its control.tar cannot be read");
  }
  return find_entry(reader.get(), kMaxControlFile, file, "control file",
                    [](std::string_view name) { return name == "control"; });
}

}  // namespace

Result<LocalPackage> read_local_package(const fs::path& file) {
  LocalPackage package;
  const Fd fd = REBURST_TRY(open_read(file));  // a missing file is told as such, not as a damaged one
  package.sha256 = REBURST_TRY(sha256_file(file));
  std::error_code error;
  package.size = fs::file_size(file, error);
  if (error) return fail(system_error("cannot read \"" + file.string() + "\"", error.value()));
  const std::string tar = REBURST_TRY(control_archive(file));
  package.control = REBURST_TRY(control_file(tar, file));
  while (package.control.ends_with("\n\n")) package.control.pop_back();
  if (package.control.find("\n\n") != std::string::npos || package.control.find('\0') != std::string::npos) {
    return broken(file, "its control file is not one stanza");
  }
  return package;
}

}  // namespace reburst::resolve
