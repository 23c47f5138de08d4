#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace reburst::boot {

// Text of at most N bytes, without the heap. What does not fit is cut off, and full() says so.
template <std::size_t N>
class Text {
 public:
  Text() = default;
  Text(std::string_view text) { add(text); }  // NOLINT(google-explicit-constructor): a literal is a text

  Text& add(std::string_view text) {
    for (const char each : text) add(each);
    return *this;
  }
  Text& add(char each) {
    if (size_ + 1 < N) {
      bytes_[size_++] = each;
    } else {
      full_ = true;
    }
    return *this;
  }
  Text& add_number(std::uint64_t number) {
    std::array<char, 20> digits{};
    std::size_t count = 0;
    do {
      digits[count++] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    while (count > 0) add(digits[--count]);
    return *this;
  }
  Text& add_hex(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (const std::uint8_t byte : bytes) add(kDigits[byte >> 4U]).add(kDigits[byte & 15U]);
    return *this;
  }
  // Cuts back to the first `size` bytes.
  void cut(std::size_t size) {
    while (size_ > size) bytes_[--size_] = '\0';
    full_ = false;
  }

  [[nodiscard]] std::string_view view() const { return {bytes_.data(), size_}; }
  [[nodiscard]] const char* c_str() const { return bytes_.data(); }  // the last byte is never written
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] bool full() const { return full_; }
  operator std::string_view() const { return view(); }  // NOLINT(google-explicit-constructor)

 private:
  std::array<char, N> bytes_{};
  std::size_t size_ = 0;
  bool full_ = false;
};

using Path = Text<256>;

}  // namespace reburst::boot
