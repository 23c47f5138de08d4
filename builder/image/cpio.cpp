#include "builder/image/cpio.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>

namespace reburst::image {

namespace {

constexpr std::uint32_t kTypeMask = 0170000;
constexpr std::uint32_t kFolder = 0040000;

void append_number(std::string& out, std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = 28; shift >= 0; shift -= 4) out += kDigits[(value >> static_cast<unsigned>(shift)) & 0xfU];
}

void pad(std::string& out, std::size_t unit) {
  out.resize((out.size() + unit - 1) / unit * unit, '\0');
}

void append_member(std::string& out, const CpioEntry& entry, std::uint64_t inode, std::uint64_t time) {
  if (entry.content.size() > 0xffffffff) throw std::length_error("cpio member of 4 GiB or more");
  const std::uint64_t links = (entry.mode & kTypeMask) == kFolder ? 2 : 1;
  const std::array<std::uint64_t, 13> fields{inode,
                                             entry.mode,
                                             0,  // uid
                                             0,  // gid
                                             links,
                                             time,
                                             entry.content.size(),
                                             0,
                                             0,
                                             0,
                                             0,  // device numbers
                                             entry.name.size() + 1,
                                             0};  // checksum, unused in newc
  out += "070701";
  for (const std::uint64_t field : fields) append_number(out, field);
  out += entry.name;
  out += '\0';
  pad(out, 4);
  out += entry.content;
  pad(out, 4);
}

}  // namespace

std::string write_cpio(const std::vector<CpioEntry>& entries, Epoch epoch) {
  std::vector<const CpioEntry*> sorted;
  std::size_t bytes = 1024;
  for (const CpioEntry& entry : entries) {
    sorted.push_back(&entry);
    bytes += entry.content.size() + entry.name.size() + 128;
  }
  std::ranges::sort(sorted, {}, &CpioEntry::name);
  const auto time = static_cast<std::uint64_t>(std::clamp<Epoch>(epoch, 0, 0xffffffff));
  std::string out;
  out.reserve(bytes);
  for (std::size_t i = 0; i < sorted.size(); ++i) append_member(out, *sorted[i], i + 1, time);
  append_member(out, {"TRAILER!!!", 0, {}}, 0, 0);
  pad(out, 512);
  return out;
}

}  // namespace reburst::image
