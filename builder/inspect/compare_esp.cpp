#include <sys/mman.h>

#include <algorithm>
#include <cerrno>

#include "builder/image/bytes.hpp"
#include "builder/image/fat.hpp"
#include "builder/inspect/parts.hpp"
#include "core/file.hpp"
#include "core/handle.hpp"
#include "signing/authenticode/authenticode.hpp"

namespace reburst::inspect {

namespace {

struct Program {
  std::string what;  // of the program's place, where that differs
  std::string boot;
};

// What a firmware finds, and what it does with it.
Program look_at(int disk, const Expected& expected) {
  const auto& esp = expected.layout.esp;
  const auto found = image::read_boot_program(disk, esp.start, esp.size);
  if (!found) return {"where the boot program was: " + found.error().message, "finds no boot program"};
  if (*found == expected.program)
    return {"where the boot program was", "starts the release's boot program all the same"};
  if (!expected.signature) return {"another boot program than the release's", "starts it: it needs no signature"};
  const std::string refuses = "ends in the firmware, where Secure Boot is on";
  const auto digest = authenticode::image_digest(*found, "the boot program");
  if (!digest || *digest != expected.signature->authenticode)
    return {"another boot program than the release's", refuses};
  const auto signatures = authenticode::read_signatures(*found, "the boot program");
  if (signatures && signatures->empty()) return {"the release's boot program without its signature", refuses};
  return {"the release's boot program with another signature than the release's", refuses};
}

// The file system as the builder wrote it.
Result<Fd> make_esp(const Expected& expected) {
  Fd file(::memfd_create("esp", MFD_CLOEXEC));
  if (!file.valid() || ::ftruncate(file.get(), static_cast<off_t>(expected.layout.esp.size)) != 0)
    return fail(system_error("cannot make a file in memory", errno));
  REBURST_TRY(
      image::write_esp(file.get(), 0, image::as_bytes(expected.program), {expected.layout.esp_volume, expected.epoch}));
  return file;
}

// Of a part of the ESP that begins at `from` and ends at `to`, in bytes of the disk.
Result<std::optional<Range>> compare_range(int disk, int own, std::uint64_t esp, std::uint64_t from, std::uint64_t to) {
  std::optional<Range> out;
  image::Bytes one(kPiece);
  image::Bytes other(kPiece);
  for (std::uint64_t at = from; at < to; at += kPiece) {
    const auto size = std::min(kPiece, to - at);
    REBURST_TRY(read_at(disk, esp + at, std::span(one).first(size), "disk"));
    REBURST_TRY(read_at(own, at, std::span(other).first(size), "esp"));
    const auto range = differing(std::span(one).first(size), std::span(other).first(size));
    if (!range) continue;
    if (!out) out = Range{esp + at + range->start, 0};
    out->end = esp + at + range->end;
  }
  return out;
}

}  // namespace

Result<std::vector<Difference>> compare_esp(int disk, const Expected& expected) {
  const auto& esp = expected.layout.esp;
  const Fd own = REBURST_TRY(make_esp(expected));
  const auto program = image::esp_program_offset(expected.program.size());
  const auto free = program + expected.program.size();
  const auto found = look_at(disk, expected);
  struct Part {
    std::uint64_t from, to;
    std::string what, boot;
  };
  std::vector<Difference> out;
  for (const Part& part : {Part{0, program, "the FAT file system's own structures", found.boot},
                           Part{program, free, found.what, found.boot},
                           Part{free, esp.size, "the FAT file system's free space", kNotRead}}) {
    if (const auto range = REBURST_TRY(compare_range(disk, own.get(), esp.start, part.from, part.to)))
      out.push_back({.part = "esp", .what = part.what, .start = range->start, .end = range->end, .boot = part.boot});
  }
  return out;
}

}  // namespace reburst::inspect
