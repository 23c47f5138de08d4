#include <array>
#include <cstdint>

#include "signing/verify/dsse.hpp"

namespace reburst::signing {

namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::int8_t kNoDigit = -1;

constexpr std::array<std::int8_t, 256> kValues = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values.at(static_cast<unsigned char>(kAlphabet[i])) = static_cast<std::int8_t>(i);
  }
  return values;
}();

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
}

// Up to four digits as 24 bits; nothing when one of them is no digit.
std::optional<std::uint32_t> bits_of(std::string_view digits) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const int value = i < digits.size() ? kValues.at(static_cast<unsigned char>(digits[i])) : 0;
    if (value == kNoDigit) return std::nullopt;
    bits = bits << 6U | static_cast<std::uint32_t>(value);
  }
  return bits;
}

// The digits without their padding; nothing when the length or the padding is wrong.
std::optional<std::string_view> without_padding(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::uint32_t bits = byte_at(bytes, at) << 16U | byte_at(bytes, at + 1) << 8U | byte_at(bytes, at + 2);
    out += kAlphabet[bits >> 18U];
    out += kAlphabet[bits >> 12U & 63U];
    out += at + 1 < bytes.size() ? kAlphabet[bits >> 6U & 63U] : '=';
    out += at + 2 < bytes.size() ? kAlphabet[bits & 63U] : '=';
  }
  return out;
}

Result<std::string> parse_base64(std::string_view text, std::string_view name) {
  const auto broken = [&] {
    return fail(ErrorCode::kIntegrity, "\"" + std::string(name) + "\" holds base64 that is not canonical");
  };
  const auto digits = without_padding(text);
  if (!digits) return broken();
  std::string out;
  out.reserve(digits->size() / 4 * 3 + 2);
  for (std::size_t at = 0; at < digits->size(); at += 4) {
    const auto group = digits->substr(at, 4);
    const auto bits = bits_of(group);
    if (!bits || group.size() == 1) return broken();
    const std::size_t bytes = group.size() - 1;
    // One text for one value: bits beyond the last byte are zero.
    if (bytes < 3 && (*bits & (0xffffffU >> (8 * bytes))) != 0) return broken();
    for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>(*bits >> (16 - 8 * i));
  }
  return out;
}

}  // namespace reburst::signing
