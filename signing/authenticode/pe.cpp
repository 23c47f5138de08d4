#include "signing/authenticode/pe.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace reburst::authenticode {

namespace {

// Offsets from the PE signature: the COFF header starts at 4, the optional header at 24.
constexpr std::size_t kSectionCount = 6, kOptionalSize = 20, kOptional = 24;
constexpr std::size_t kHeadersSize = kOptional + 60, kChecksum = kOptional + 64;
constexpr std::size_t kDirectoryCount = kOptional + 108, kDirectories = kOptional + 112;
constexpr std::size_t kCertificates = 4;  // number of the certificate table's directory entry
constexpr std::size_t kDosHeader = 64, kPeOffset = 60, kSectionHeader = 40;
constexpr std::uint32_t kPe32Plus = 0x020b;

tl::unexpected<Error> malformed(std::string_view name, const std::string& why) {
  return fail(ErrorCode::kIntegrity, "cannot read \"" + std::string(name) + "\" as a boot program: " + why,
              "build the image again");
}

struct Headers {
  std::size_t pe = 0, table = 0, sections = 0, size = 0;
};

Result<Headers> read_headers(std::string_view program, std::string_view name) {
  if (program.size() < kDosHeader || !program.starts_with("MZ")) return malformed(name, "it does not start as one");
  Headers out;
  out.pe = number(program, kPeOffset, 4);
  if (out.pe > program.size() || program.size() - out.pe < kDirectories)
    return malformed(name, "its headers are cut short");
  if (!program.substr(out.pe).starts_with(std::string_view("PE\0\0", 4)) ||
      number(program, out.pe + kOptional, 2) != kPe32Plus) {
    return malformed(name, "it is not a PE32+ program");
  }
  const std::size_t optional_size = number(program, out.pe + kOptionalSize, 2);
  if (number(program, out.pe + kDirectoryCount, 4) <= kCertificates ||
      optional_size < kDirectories - kOptional + 8 * (kCertificates + 1)) {
    return malformed(name, "its headers have no place for a signature");
  }
  out.table = out.pe + kOptional + optional_size;
  out.sections = number(program, out.pe + kSectionCount, 2);
  out.size = number(program, out.pe + kHeadersSize, 4);
  if (out.size > program.size() || out.table + out.sections * kSectionHeader > out.size)
    return malformed(name, "its headers are cut short");
  return out;
}

// The offset after the last section.
Result<std::size_t> check_sections(std::string_view program, const Headers& headers, std::string_view name) {
  std::vector<std::pair<std::size_t, std::size_t>> places;  // offset, size
  for (std::size_t i = 0; i < headers.sections; ++i) {
    const std::size_t at = headers.table + i * kSectionHeader;
    const std::size_t size = number(program, at + 16, 4);
    if (size != 0) places.emplace_back(number(program, at + 20, 4), size);
  }
  std::sort(places.begin(), places.end());
  std::size_t end = headers.size;
  for (const auto& [offset, size] : places) {
    if (offset < end) return malformed(name, "its sections overlap");
    if (offset > end) return malformed(name, "it has bytes between its sections that no signature would cover");
    if (size > program.size() - end) return malformed(name, "its sections run over its end");
    end += size;
  }
  return end;
}

}  // namespace

std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i > 0; --i) value = value << 8U | static_cast<unsigned char>(bytes[at + i - 1]);
  return value;
}

void put_number(std::string& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i) & 0xffU);
}

Result<Layout> read_layout(std::string_view program, std::string_view name) {
  const Headers headers = REBURST_TRY(read_headers(program, name));
  const std::size_t end = REBURST_TRY(check_sections(program, headers, name));
  Layout out{headers.pe + kChecksum, headers.pe + kDirectories + 8 * kCertificates, program.size()};
  const std::size_t offset = number(program, out.directory, 4);
  const std::size_t size = number(program, out.directory + 4, 4);
  if (offset == 0 && size == 0) return out;
  if (offset < end || offset % 8 != 0 || size == 0 || offset > program.size() || program.size() - offset != size)
    return malformed(name, "its signatures are not at its end");
  out.certificates = offset;
  return out;
}

// The sum of all 16-bit words with the checksum field as zero, carries added back, plus the size.
std::uint32_t checksum(std::string_view program, const Layout& layout) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < program.size(); ++i) {
    const auto byte = std::uint64_t{static_cast<unsigned char>(program[i])};
    if (i < layout.checksum || i >= layout.checksum + 4) sum += i % 2 == 0 ? byte : byte << 8U;
  }
  while (sum >> 16U != 0) sum = (sum & 0xffffU) + (sum >> 16U);
  return static_cast<std::uint32_t>(sum + program.size());
}

}  // namespace reburst::authenticode
