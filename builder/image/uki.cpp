#include "builder/image/uki.hpp"

#include <algorithm>
#include <bit>

#include "builder/image/bytes.hpp"

namespace reburst::image {

namespace {

// Offsets from the PE signature: the COFF header starts at 4, the optional header at 24.
constexpr std::size_t kMachine = 4, kSectionCount = 6, kTimeStamp = 8, kSymbolTable = 12, kSymbolCount = 16,
                      kOptionalSize = 20;
constexpr std::size_t kOptional = 24;
constexpr std::size_t kInitializedSize = kOptional + 8, kSectionAlignment = kOptional + 32,
                      kFileAlignment = kOptional + 36;
constexpr std::size_t kImageSize = kOptional + 56, kHeadersSize = kOptional + 60, kChecksum = kOptional + 64;
constexpr std::size_t kDirectoryCount = kOptional + 108, kDirectories = kOptional + 112;
constexpr std::size_t kCertificates = 4;  // data directory of signatures
constexpr std::size_t kSectionHeader = 40;
constexpr std::uint16_t kAmd64 = 0x8664, kPe32Plus = 0x020b;
constexpr std::uint32_t kReadOnlyData = 0x40000040;  // IMAGE_SCN_CNT_INITIALIZED_DATA | IMAGE_SCN_MEM_READ
constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kMaxImage = 0x7fffffff;

tl::unexpected<Error> malformed(const std::string& why) {
  return fail(ErrorCode::kPackage, "cannot use the boot stub: " + why);
}

// What of a stub's headers matters, all checked against its size.
struct Headers {
  std::size_t pe = 0;             // offset of the signature
  std::size_t section_table = 0;  // offset
  std::size_t sections = 0;
  std::size_t headers_size = 0;  // the sections' data starts no earlier
  std::uint64_t section_alignment = 0, file_alignment = 0;
  std::uint64_t memory_end = 0;  // first address after all sections and SizeOfImage
  std::uint64_t file_end = 0;    // offset after headers and all sections' data
};

Result<> check_optional_header(std::span<const std::byte> stub, std::size_t pe, std::size_t optional_size) {
  if (optional_size < kDirectories - kOptional || pe + kOptional + optional_size > stub.size()) {
    return malformed("its optional header is cut short");
  }
  if (get<std::uint16_t>(stub, pe + kOptional) != kPe32Plus) return malformed("it is not a PE32+ program");
  const std::size_t directories = get<std::uint32_t>(stub, pe + kDirectoryCount);
  if (directories > (optional_size - (kDirectories - kOptional)) / 8)
    return malformed("its data directories are cut short");
  if (directories > kCertificates && get<std::uint64_t>(stub, pe + kDirectories + 8 * kCertificates) != 0) {
    return malformed("it is signed already, and adding to it would break the signature");
  }
  return {};
}

Result<Headers> find_headers(std::span<const std::byte> stub) {
  if (stub.size() < 64 || get<std::uint16_t>(stub, 0) != 0x5a4d) return malformed("it does not start as a program");
  Headers headers;
  headers.pe = get<std::uint32_t>(stub, 60);
  if (headers.pe > stub.size() || stub.size() - headers.pe < kDirectories)
    return malformed("its PE header is cut short");
  if (get<std::uint32_t>(stub, headers.pe) != 0x00004550) return malformed("it has no PE signature");
  if (get<std::uint16_t>(stub, headers.pe + kMachine) != kAmd64) return malformed("it is not for x86-64");
  const std::size_t optional_size = get<std::uint16_t>(stub, headers.pe + kOptionalSize);
  REBURST_TRY(check_optional_header(stub, headers.pe, optional_size));
  headers.sections = get<std::uint16_t>(stub, headers.pe + kSectionCount);
  headers.section_table = headers.pe + kOptional + optional_size;
  headers.section_alignment = get<std::uint32_t>(stub, headers.pe + kSectionAlignment);
  headers.file_alignment = get<std::uint32_t>(stub, headers.pe + kFileAlignment);
  headers.headers_size = get<std::uint32_t>(stub, headers.pe + kHeadersSize);
  headers.memory_end = get<std::uint32_t>(stub, headers.pe + kImageSize);
  const auto sane = [](std::uint64_t alignment, std::uint64_t most) {
    return std::has_single_bit(alignment) && alignment >= 16 && alignment <= most;
  };
  if (!sane(headers.file_alignment, 65536) || !sane(headers.section_alignment, 1U << 21U))
    return malformed("its alignments make no sense");
  if (headers.headers_size > stub.size() ||
      headers.section_table + headers.sections * kSectionHeader > headers.headers_size) {
    return malformed("its section table is cut short");
  }
  return headers;
}

// Sections must lie inside the file, and their names must not be those that are to be added.
Result<Headers> parse_stub(std::span<const std::byte> stub, std::span<const UkiSection> added) {
  Headers headers = REBURST_TRY(find_headers(stub));
  headers.file_end = headers.headers_size;
  for (std::size_t i = 0; i < headers.sections; ++i) {
    const std::size_t at = headers.section_table + i * kSectionHeader;
    const std::string_view field(reinterpret_cast<const char*>(stub.data()) + at, 8);
    const std::string_view name = field.substr(0, field.find('\0'));
    const std::uint64_t memory = get<std::uint32_t>(stub, at + 8);
    const std::uint64_t address = get<std::uint32_t>(stub, at + 12);
    const std::uint64_t size = get<std::uint32_t>(stub, at + 16);
    const std::uint64_t offset = get<std::uint32_t>(stub, at + 20);
    if (size != 0 && (offset < headers.headers_size || offset + size > stub.size())) {
      return malformed("its section " + std::to_string(i) + " lies outside the file");
    }
    if (std::ranges::find(added, name, &UkiSection::name) != added.end()) {
      return malformed("it has a section \"" + std::string(name) + "\" already");
    }
    headers.memory_end = std::max(headers.memory_end, address + std::max(memory, size));
    if (size != 0) headers.file_end = std::max(headers.file_end, offset + size);
  }
  if (headers.memory_end > kMaxImage) return malformed("its image is larger than 2 GiB");
  return headers;
}

// The PE checksum: the sum of all 16-bit words with the checksum field as zero, carries added back, plus the size.
std::uint32_t pe_checksum(std::span<const std::byte> image) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i + 1 < image.size(); i += 2) sum += get<std::uint16_t>(image, i);
  if (image.size() % 2 != 0) sum += std::to_integer<std::uint64_t>(image.back());
  while (sum >> 16U != 0) sum = (sum & 0xffffU) + (sum >> 16U);
  return static_cast<std::uint32_t>(sum + image.size());
}

void put_section_header(std::span<std::byte> to, const UkiSection& section, std::uint64_t address, std::uint64_t offset,
                        std::uint64_t file_size) {
  std::ranges::fill(to, std::byte{0});
  put_text(to, 0, section.name);
  put(to, 8, static_cast<std::uint32_t>(section.content.size()));
  put(to, 12, static_cast<std::uint32_t>(address));
  put(to, 16, static_cast<std::uint32_t>(file_size));
  put(to, 20, static_cast<std::uint32_t>(offset));
  put(to, 36, kReadOnlyData);
}

}  // namespace

Result<std::string> make_uki(std::string_view stub, std::span<const UkiSection> sections) {
  const Headers headers = REBURST_TRY(parse_stub(as_bytes(stub), sections));
  const std::size_t table_end = headers.section_table + headers.sections * kSectionHeader;
  if (table_end + sections.size() * kSectionHeader > headers.headers_size) {
    return malformed("its headers have no room for " + std::to_string(sections.size()) + " more sections");
  }
  const std::uint64_t alignment = std::max(headers.section_alignment, kPage);
  std::uint64_t address = round_up(headers.memory_end, alignment);
  std::uint64_t added = 0;
  // The symbol table goes: bytes that lie between sections are covered by no signature.
  std::string out(stub.substr(0, headers.file_end));
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const UkiSection& section = sections[i];
    out.resize(round_up(out.size(), headers.file_alignment), '\0');
    const std::uint64_t file_size = round_up(section.content.size(), headers.file_alignment);
    if (address + file_size > kMaxImage) return malformed("with kernel and initrd it is larger than 2 GiB");
    const auto bytes = std::as_writable_bytes(std::span(out));
    put_section_header(bytes.subspan(table_end + i * kSectionHeader, kSectionHeader), section, address, out.size(),
                       file_size);
    out.append(section.content);
    out.resize(round_up(out.size(), headers.file_alignment), '\0');
    address = round_up(address + section.content.size(), alignment);
    added += file_size;
  }
  const auto bytes = std::as_writable_bytes(std::span(out));
  const auto initialized = get<std::uint32_t>(bytes, headers.pe + kInitializedSize);
  put(bytes, headers.pe + kSectionCount, static_cast<std::uint16_t>(headers.sections + sections.size()));
  put(bytes, headers.pe + kTimeStamp, std::uint32_t{0});
  put(bytes, headers.pe + kSymbolTable, std::uint32_t{0});
  put(bytes, headers.pe + kSymbolCount, std::uint32_t{0});
  put(bytes, headers.pe + kInitializedSize, static_cast<std::uint32_t>(initialized + added));
  put(bytes, headers.pe + kImageSize, static_cast<std::uint32_t>(address));
  put(bytes, headers.pe + kChecksum, std::uint32_t{0});
  put(bytes, headers.pe + kChecksum, pe_checksum(bytes));
  return out;
}

}  // namespace reburst::image
