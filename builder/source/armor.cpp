#include "builder/source/armor.hpp"

#include <array>
#include <cstdint>
#include <optional>

#include "core/text.hpp"

namespace reburst::source {

namespace {

constexpr std::string_view kBegin = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
constexpr std::string_view kEnd = "-----END PGP PUBLIC KEY BLOCK-----";
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

tl::unexpected<Error> refuse(std::string_view name, std::string_view why) {
  return fail(ErrorCode::kSignature, "cannot read the keys in \"" + std::string(name) + "\": " + std::string(why),
              "get the key file again from whoever runs the repository");
}

std::uint32_t crc24(std::string_view bytes) {
  std::uint32_t crc = 0xB704CE;
  for (const char byte : bytes) {
    crc ^= static_cast<std::uint32_t>(static_cast<unsigned char>(byte)) << 16U;
    for (int bit = 0; bit < 8; ++bit) {
      crc <<= 1U;
      if ((crc & 0x1000000U) != 0) crc ^= 0x1864CFB;
    }
  }
  return crc & 0xFFFFFFU;
}

// Strict: whole groups, padding only at the end.
std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::size_t pad = 0;
    if (i + 4 == text.size()) pad = text[i + 3] != '=' ? 0U : (text[i + 2] != '=' ? 1U : 2U);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      const auto value = j < 4 - pad ? kAlphabet.find(text[i + j]) : 0;
      if (value == std::string_view::npos) return std::nullopt;
      group = (group << 6U) | static_cast<std::uint32_t>(value);
    }
    const std::array<char, 3> bytes = {static_cast<char>(group >> 16U), static_cast<char>(group >> 8U),
                                       static_cast<char>(group)};
    out.append(bytes.data(), 3 - pad);
  }
  return out;
}

// The lines between the two markers: headers, an empty line, base64, "=" and the checksum.
Result<std::string> decode_block(std::string_view block, std::string_view name) {
  std::string data;
  std::string checksum;
  bool in_headers = true;
  for (auto line : split(block, '\n')) {
    line = trim(line);
    if (in_headers) {
      const bool header = line.find(": ") != std::string_view::npos || line.ends_with(':');
      if (header) continue;
      in_headers = false;
      if (line.empty()) continue;
    }
    if (line.empty()) continue;
    if (!checksum.empty()) return refuse(name, "text after the checksum of a key block");
    if (line.size() == 5 && line.front() == '=') {
      checksum = line.substr(1);
    } else {
      data += line;
    }
  }
  const auto bytes = decode_base64(data);
  if (!bytes || bytes->empty()) return refuse(name, "a key block is not base64");
  if (checksum.empty()) return *bytes;  // RFC 9580 made it optional
  const auto given = decode_base64(checksum);
  const std::uint32_t crc = crc24(*bytes);
  const std::string expected = {static_cast<char>(crc >> 16U), static_cast<char>(crc >> 8U), static_cast<char>(crc)};
  if (!given || *given != expected) return refuse(name, "a key block's checksum does not fit");
  return *bytes;
}

}  // namespace

bool is_armored(std::string_view text) {
  return text.find(kBegin) != std::string_view::npos;
}

Result<std::string> dearmor_keys(std::string_view text, std::string_view name) {
  std::string keys;
  for (auto begin = text.find(kBegin); begin != std::string_view::npos; begin = text.find(kBegin, begin)) {
    begin = text.find('\n', begin);
    const auto end = begin == std::string_view::npos ? begin : text.find(kEnd, begin);
    if (end == std::string_view::npos) return refuse(name, "a key block is cut short");
    keys += REBURST_TRY(decode_block(text.substr(begin + 1, end - begin - 1), name));
    begin = end;
  }
  if (keys.empty()) return refuse(name, "there is no key block");
  return keys;
}

}  // namespace reburst::source
