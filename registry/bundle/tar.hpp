#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "core/result.hpp"

// The tar archive of a bundle (POSIX.1-2001, pax interchange format), one entry after the other: nothing is in memory
// but a buffer.
namespace reburst::bundle {

// Writes entries that say nothing of who wrote them, when and where: plain files, mode 0444, owner 0, time 0.
class TarWriter {
 public:
  // `fd` stays the caller's.
  [[nodiscard]] static Result<TarWriter> open(int fd, std::string name);
  TarWriter(const TarWriter&) = delete;
  TarWriter& operator=(const TarWriter&) = delete;
  TarWriter(TarWriter&&) noexcept;
  TarWriter& operator=(TarWriter&&) = delete;
  ~TarWriter();

  // kIo when `file` is not of `size` bytes.
  [[nodiscard]] Result<> add(const std::string& entry, const std::filesystem::path& file, std::uint64_t size);
  // What was written before is no archive without it.
  [[nodiscard]] Result<> close();

 private:
  struct State;
  explicit TarWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct TarEntry {
  std::string name;
  std::uint64_t size = 0;
};

// Reads a tar that anybody may have made. kIntegrity, with the entry's name, for whatever is no plain file (links,
// devices, folders, sparse files), a name that leaves its folder or is not plain ASCII, more entries than kMaxEntries,
// and an archive that is cut short, is no tar, or has more than zeros, or than a record of them, behind its
// last entry.
class TarReader {
 public:
  static constexpr std::size_t kMaxEntries = 4U << 20U;
  static constexpr std::size_t kMaxName = 512;

  [[nodiscard]] static Result<TarReader> open(const std::filesystem::path& file);
  // The same from memory, which must outlive the reader.
  [[nodiscard]] static Result<TarReader> over(std::span<const std::byte> bytes, std::string name);
  TarReader(const TarReader&) = delete;
  TarReader& operator=(const TarReader&) = delete;
  TarReader(TarReader&&) noexcept;
  TarReader& operator=(TarReader&&) = delete;
  ~TarReader();

  // The next entry; nothing at the end.
  [[nodiscard]] Result<std::optional<TarEntry>> next();
  // Bytes of the present entry: 0 when all of its `size` were read.
  [[nodiscard]] Result<std::size_t> read(std::span<std::byte> buffer);

 private:
  struct State;
  explicit TarReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace reburst::bundle
