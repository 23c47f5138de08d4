#include "builder/image/uuid.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace reburst::image {

std::string Uuid::text() const {
  std::string text = to_hex(bytes);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, "-");
  return text;
}

std::array<std::byte, 16> Uuid::mixed_endian() const {
  std::array<std::byte, 16> stored = bytes;
  std::reverse(stored.begin(), stored.begin() + 4);
  std::reverse(stored.begin() + 4, stored.begin() + 6);
  std::reverse(stored.begin() + 6, stored.begin() + 8);
  return stored;
}

Uuid uuid_from(std::span<const std::byte, 16> bytes) {
  Uuid uuid;
  std::ranges::copy(bytes, uuid.bytes.begin());
  return uuid;
}

Uuid derived_uuid(std::string_view label, std::string_view content) {
  const Digest digest = sha256(std::string(label) + "\n" + std::string(content));
  Uuid uuid = uuid_from(std::as_bytes(std::span(digest.bytes)).first<16>());
  uuid.bytes[6] = (uuid.bytes[6] & std::byte{0x0f}) | std::byte{0x80};
  uuid.bytes[8] = (uuid.bytes[8] & std::byte{0x3f}) | std::byte{0x80};
  return uuid;
}

}  // namespace reburst::image
