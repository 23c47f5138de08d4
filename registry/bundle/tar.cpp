#include "registry/bundle/tar.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <vector>

#include "core/file.hpp"
#include "core/handle.hpp"
#include "core/text.hpp"

namespace reburst::bundle {

namespace {

constexpr std::size_t kBuffer = 1U << 20U;
constexpr std::size_t kBlock = 64U << 10U;  // what libarchive reads at a time
constexpr std::size_t kTarBlock = 512;
constexpr std::size_t kRecord = 20 * kTarBlock;

using Reader = Handle<archive, &archive_read_free>;
using Writer = Handle<archive, &archive_write_free>;
using Entry = Handle<archive_entry, &archive_entry_free>;

std::string why(archive* from) {
  const char* text = archive_error_string(from);
  return text == nullptr ? "unknown error" : printable(text);
}

std::string kind_of(archive_entry* entry) {
  if (archive_entry_hardlink(entry) != nullptr) return "a hard link";
  switch (archive_entry_filetype(entry)) {
    case AE_IFLNK: return "a symbolic link";
    case AE_IFDIR: return "a folder";
    case AE_IFCHR:
    case AE_IFBLK: return "a device";
    case AE_IFIFO: return "a pipe";
    case AE_IFREG: return archive_entry_sparse_count(entry) > 0 ? "a sparse file" : "";
    default: return "of an unknown kind";
  }
}

bool is_plain_ascii(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

struct TarWriter::State {
  Writer writer;
  std::string name;
  std::vector<std::byte> buffer = std::vector<std::byte>(kBuffer);

  [[nodiscard]] tl::unexpected<Error> failed() const {
    const int number = archive_errno(writer.get());
    if (number > 0) return fail(system_error("cannot write \"" + name + "\"", number));
    return fail(ErrorCode::kIo, "cannot write \"" + name + "\": " + why(writer.get()));
  }
};

TarWriter::TarWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
TarWriter::TarWriter(TarWriter&&) noexcept = default;
TarWriter::~TarWriter() = default;

Result<TarWriter> TarWriter::open(int fd, std::string name) {
  auto state = std::make_unique<State>();
  state->name = std::move(name);
  state->writer.reset(archive_write_new());
  auto* writer = state->writer.get();
  if (writer == nullptr) throw std::bad_alloc();
  // "Restricted": a pax header only where a plain one does not suffice.
  const bool ready = archive_write_set_format_pax_restricted(writer) == ARCHIVE_OK &&
                     archive_write_add_filter_none(writer) == ARCHIVE_OK &&
                     archive_write_open_fd(writer, fd) == ARCHIVE_OK;
  if (!ready) return state->failed();
  return TarWriter(std::move(state));
}

Result<> TarWriter::add(const std::string& entry, const fs::path& file, std::uint64_t size) {
  auto* writer = state_->writer.get();
  const Entry header(archive_entry_new());
  if (!header) throw std::bad_alloc();
  archive_entry_set_pathname(header.get(), entry.c_str());
  archive_entry_set_filetype(header.get(), AE_IFREG);
  archive_entry_set_perm(header.get(), 0444);
  archive_entry_set_size(header.get(), static_cast<la_int64_t>(size));
  archive_entry_set_mtime(header.get(), 0, 0);
  if (archive_write_header(writer, header.get()) != ARCHIVE_OK) return state_->failed();
  const Fd from = REBURST_TRY(open_read(file));
  std::uint64_t total = 0;
  for (;;) {
    const auto got = REBURST_TRY(read_some(from.get(), state_->buffer, file.string()));
    total += got;
    if (got == 0 || total > size) break;
    if (archive_write_data(writer, state_->buffer.data(), got) != static_cast<la_ssize_t>(got)) return state_->failed();
  }
  if (total != size) return fail(ErrorCode::kIo, "\"" + file.string() + "\" changed while it was exported");
  return {};
}

Result<> TarWriter::close() {
  if (archive_write_close(state_->writer.get()) != ARCHIVE_OK) return state_->failed();
  return {};
}

struct TarReader::State {
  Reader reader;
  Fd file;                           // or else
  std::span<const std::byte> bytes;  // all of it
  std::string name;
  std::string entry;  // the present one
  std::uint64_t left = 0;
  std::size_t entries = 0;

  [[nodiscard]] tl::unexpected<Error> refuse(const std::string& reason) const {
    return fail(ErrorCode::kIntegrity, "cannot accept the bundle \"" + name + "\": " + reason,
                "export it again, or copy it again: compare the sizes on both sides");
  }
  [[nodiscard]] tl::unexpected<Error> refuse_entry(const std::string& reason) const {
    return refuse("\"" + printable(entry) + "\" in it " + reason);
  }
  [[nodiscard]] tl::unexpected<Error> failed() const {
    const int number = archive_errno(reader.get());
    // libarchive's own numbers are below zero, or EILSEQ, EINVAL and the like for what is no tar.
    if (number == EIO || number == EISDIR) return fail(system_error("cannot read \"" + name + "\"", number));
    const std::string after = entry.empty() ? std::string() : " (at \"" + printable(entry) + "\")";
    return refuse("it is no tar, or is cut short" + after + ": " + why(reader.get()));
  }
  [[nodiscard]] Result<std::string> rest(std::uint64_t from) const;
  [[nodiscard]] Result<> require_end() const;
};

// What stands from there on, but not more than tells that it is too much.
Result<std::string> TarReader::State::rest(std::uint64_t from) const {
  std::string out(kRecord + 1, '\0');
  if (!file.valid()) {
    const auto all = std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return std::string(all.substr(std::min<std::uint64_t>(from, all.size()), out.size()));
  }
  if (::lseek(file.get(), static_cast<off_t>(from), SEEK_SET) < 0)
    return fail(system_error("cannot read \"" + name + "\"", errno));
  std::size_t size = 0;
  while (size < out.size()) {
    const auto got = REBURST_TRY(read_some(file.get(), std::as_writable_bytes(std::span(out)).subspan(size), name));
    if (got == 0) break;
    size += got;
  }
  out.resize(size);
  return out;
}

// Two blocks of zeros, and zeros to the end of a record (POSIX.1-2001, pax): libarchive reads no further than the
// first.
Result<> TarReader::State::require_end() const {
  const auto end = REBURST_TRY(rest(static_cast<std::uint64_t>(archive_read_header_position(reader.get()))));
  if (end.size() > kRecord || end.find_first_not_of('\0') != std::string::npos)
    return refuse("something follows behind its end");
  if (end.size() < 2 * kTarBlock) return refuse("it is cut short: its last two blocks are missing");
  return {};
}

TarReader::TarReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
TarReader::TarReader(TarReader&&) noexcept = default;
TarReader::~TarReader() = default;

namespace {

Reader plain_tar() {
  Reader out(archive_read_new());
  if (!out) throw std::bad_alloc();
  // No filter: what unpacks to more than it is, has no place here.
  if (archive_read_support_format_tar(out.get()) != ARCHIVE_OK) throw std::bad_alloc();
  return out;
}

}  // namespace

Result<TarReader> TarReader::open(const fs::path& file) {
  auto state = std::make_unique<State>();
  state->name = file.string();
  state->reader = plain_tar();
  state->file = REBURST_TRY(open_read(file));
  struct stat status {};
  if (::fstat(state->file.get(), &status) != 0)
    return fail(system_error("cannot stat \"" + file.string() + "\"", errno));
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::kMissing, "\"" + file.string() + "\" is not a file");
  if (status.st_size == 0) return state->refuse("it is empty");
  if (archive_read_open_fd(state->reader.get(), state->file.get(), kBlock) != ARCHIVE_OK) return state->failed();
  return TarReader(std::move(state));
}

Result<TarReader> TarReader::over(std::span<const std::byte> bytes, std::string name) {
  auto state = std::make_unique<State>();
  state->name = std::move(name);
  state->bytes = bytes;
  state->reader = plain_tar();
  if (archive_read_open_memory(state->reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) return state->failed();
  return TarReader(std::move(state));
}

Result<std::optional<TarEntry>> TarReader::next() {
  if (state_->left > 0) return state_->refuse_entry("was not read to its end");
  archive_entry* header = nullptr;
  const int got = archive_read_next_header(state_->reader.get(), &header);
  if (got == ARCHIVE_EOF) {
    REBURST_TRY(state_->require_end());
    return std::optional<TarEntry>();
  }
  if (got != ARCHIVE_OK) return state_->failed();  // a warning too: it is about a header that nobody honest wrote
  const char* name = archive_entry_pathname(header);
  state_->entry = name == nullptr ? "" : name;
  if (++state_->entries > kMaxEntries)
    return state_->refuse("it has more than " + std::to_string(kMaxEntries) + " files");
  if (!stays_beneath(state_->entry) || !is_plain_ascii(state_->entry) || state_->entry.size() > kMaxName)
    return state_->refuse_entry("is no plain path beneath a folder");
  if (const auto kind = kind_of(header); !kind.empty())
    return state_->refuse_entry("is " + kind + ": only plain files belong there");
  if (archive_entry_size_is_set(header) == 0 || archive_entry_size(header) < 0)
    return state_->refuse_entry("does not say how long it is");
  state_->left = static_cast<std::uint64_t>(archive_entry_size(header));
  return std::optional(TarEntry{state_->entry, state_->left});
}

Result<std::size_t> TarReader::read(std::span<std::byte> buffer) {
  if (state_->left == 0) return std::size_t{0};
  const auto most = std::min<std::uint64_t>(buffer.size(), state_->left);
  const auto got = archive_read_data(state_->reader.get(), buffer.data(), static_cast<std::size_t>(most));
  if (got < 0) return state_->failed();
  if (got == 0) return state_->refuse_entry("is shorter than it says");
  state_->left -= static_cast<std::uint64_t>(got);
  return static_cast<std::size_t>(got);
}

}  // namespace reburst::bundle
