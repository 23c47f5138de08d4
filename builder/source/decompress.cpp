#include "builder/source/decompress.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <new>
#include <span>
#include <vector>

#include "core/file.hpp"
#include "core/handle.hpp"

namespace reburst::source {

namespace {

constexpr std::size_t kPiece = 1U << 20U;

using Reader = Handle<archive, &archive_read_free>;

tl::unexpected<Error> damaged(archive* reader, std::string_view name) {
  const char* why = archive_error_string(reader);
  return fail(ErrorCode::kIntegrity,
              "cannot decompress \"" + std::string(name) + "\": " + (why != nullptr ? why : "it is damaged"),
              "the repository's index is broken: tell whoever runs it, or use another mirror");
}

Result<> copy_content(archive* reader, int out, std::string_view name, std::uint64_t max_bytes) {
  std::vector<std::byte> buffer(kPiece);
  std::uint64_t total = 0;
  for (;;) {
    const la_ssize_t got = archive_read_data(reader, buffer.data(), buffer.size());
    if (got < 0) return damaged(reader, name);
    if (got == 0) return {};
    total += static_cast<std::uint64_t>(got);
    if (total > max_bytes) {
      return fail(
          ErrorCode::kIntegrity,
          "cannot decompress \"" + std::string(name) + "\": it holds more than " + std::to_string(max_bytes) + " bytes",
          "the repository's index is broken: tell whoever runs it, or use another mirror");
    }
    REBURST_TRY(write_all(out, std::span(buffer).first(static_cast<std::size_t>(got)), name));
  }
}

}  // namespace

Result<> decompress(const fs::path& from, const fs::path& to, std::uint64_t max_bytes, std::string_view name) {
  const Fd in = REBURST_TRY(open_read(from));
  Fd out = REBURST_TRY(open_write(to));
  const Reader reader(archive_read_new());
  if (!reader) throw std::bad_alloc();
  archive_entry* entry = nullptr;
  const bool ready = archive_read_support_filter_xz(reader.get()) == ARCHIVE_OK &&
                     archive_read_support_filter_gzip(reader.get()) == ARCHIVE_OK &&
                     archive_read_support_format_raw(reader.get()) == ARCHIVE_OK &&
                     archive_read_support_format_empty(reader.get()) == ARCHIVE_OK;
  if (!ready || archive_read_open_fd(reader.get(), in.get(), kPiece) != ARCHIVE_OK) return damaged(reader.get(), name);
  const int header = archive_read_next_header(reader.get(), &entry);
  if (header != ARCHIVE_OK && header != ARCHIVE_EOF) return damaged(reader.get(), name);
  if (header == ARCHIVE_OK) REBURST_TRY(copy_content(reader.get(), out.get(), name, max_bytes));
  return close_checked(std::move(out), to.string());
}

}  // namespace reburst::source
