#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "attack/case.hpp"
#include "builder/image/gpt.hpp"
#include "core/handle.hpp"

namespace reburst::attack {

// A copy of the release's disk, to be changed; the released one is never opened for writing. A copy shares its blocks
// with the released disk where the file system can do that, and keeps its holes.
class DiskCopy {
 public:
  // Puts the copy in the place of the machine's first disk.
  [[nodiscard]] static Result<DiskCopy> make(const Bench& bench, trial::BareMachine& machine);

  [[nodiscard]] Result<> put(std::uint64_t offset, std::span<const std::byte> bytes) const;
  // Other bytes there, whatever they were.
  [[nodiscard]] Result<> invert(std::uint64_t offset, std::uint64_t count = 1) const;
  [[nodiscard]] Result<> resize(std::uint64_t bytes) const;
  // A table of these partitions, right in every checksum.
  [[nodiscard]] Result<> put_table(const std::vector<image::Partition>& partitions) const;
  // A program as the ESP's only file; kMissing when it does not fit.
  [[nodiscard]] Result<> put_program(std::string_view program) const;
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  DiskCopy(const Subject& subject, Fd fd) : subject_(&subject), fd_(std::move(fd)) {}
  const Subject* subject_;
  Fd fd_;
};

// Root, hash tree and ESP.
[[nodiscard]] std::vector<image::Partition> partitions_of(const Subject& subject);

// A disk with one empty partition of that name.
[[nodiscard]] Result<> write_named_disk(const std::filesystem::path& path, std::string_view name);

}  // namespace reburst::attack
