#include "boot/parse.hpp"

#include <array>

namespace reburst::boot {

namespace {

constexpr std::uint64_t kDay = 86400;

bool is_digit(char each) {
  return each >= '0' && each <= '9';
}

int hex_digit(char digit) {
  if (is_digit(digit)) return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

bool is_leap(std::uint64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

std::uint64_t days_of_month(std::uint64_t year, std::uint64_t month) {
  constexpr std::array<std::uint8_t, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[month - 1] + (month == 2 && is_leap(year) ? 1U : 0U);
}

// The fields of a date, by a pattern in which digits are "0" and all else stands for itself.
struct Date {
  std::array<std::uint64_t, 6> fields{};  // year, month, day, hour, minute, second
};

bool match(std::string_view text, std::string_view pattern, Date& date) {
  constexpr std::array<std::size_t, 6> kWidths = {4, 2, 2, 2, 2, 2};
  if (text.size() != pattern.size()) return false;
  std::size_t field = 0;
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (pattern[i] != '0' && text[i] != pattern[i]) return false;
    if (pattern[i] != '0') continue;
    if (!is_digit(text[i])) return false;
    date.fields[field] = date.fields[field] * 10 + static_cast<std::uint64_t>(text[i] - '0');
    if (++width == kWidths[field]) {
      ++field;
      width = 0;
    }
  }
  return true;
}

bool seconds_of(const Date& date, std::uint64_t& seconds) {
  const auto& [year, month, day, hour, minute, second] = date.fields;
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month)) return false;
  if (hour > 23 || minute > 59 || second > 59) return false;
  std::uint64_t days = day - 1;
  for (std::uint64_t each = 1970; each < year; ++each) days += is_leap(each) ? 366 : 365;
  for (std::uint64_t each = 1; each < month; ++each) days += days_of_month(year, each);
  seconds = days * kDay + hour * 3600 + minute * 60 + second;
  return true;
}

void add_two(Text<32>& text, std::uint64_t number, char after) {
  if (number < 10) text.add('0');
  text.add_number(number).add(after);
}

}  // namespace

bool parse_hex(std::string_view text, std::span<std::uint8_t> bytes) {
  if (text.size() != bytes.size() * 2) return false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = hex_digit(text[2 * i]);
    const int low = hex_digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

bool parse_number(std::string_view text, std::uint64_t most, std::uint64_t& number) {
  if (text.empty() || text.size() > 18 || (text.size() > 1 && text[0] == '0')) return false;
  number = 0;
  for (const char digit : text) {
    if (!is_digit(digit)) return false;
    number = number * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return number <= most;
}

bool is_name(std::string_view text, std::size_t most) {
  if (text.empty() || text.size() > most || text[0] == '.' || text[0] == '-') return false;
  for (const char each : text) {
    const bool letter = (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || is_digit(each);
    if (!letter && each != '.' && each != '_' && each != '-' && each != '+' && each != '~') return false;
  }
  return true;
}

bool is_label(std::string_view text) {
  if (text.empty() || text.size() > 64 || text[0] < 'a' || text[0] > 'z') return false;
  for (const char each : text) {
    if (!(each >= 'a' && each <= 'z') && !is_digit(each) && each != '-') return false;
  }
  return true;
}

bool parse_time(std::string_view text, std::uint64_t& seconds) {
  Date date;
  return match(text, "0000-00-00T00:00:00Z", date) && seconds_of(date, seconds);
}

bool parse_version_time(std::string_view text, std::uint64_t& seconds) {
  Date date;
  return match(text, "00000000T000000Z", date) && seconds_of(date, seconds);
}

Text<32> time_text(std::uint64_t seconds) {
  std::uint64_t days = seconds / kDay;
  std::uint64_t year = 1970;
  for (; days >= (is_leap(year) ? 366U : 365U); ++year) days -= is_leap(year) ? 366 : 365;
  std::uint64_t month = 1;
  for (; days >= days_of_month(year, month); ++month) days -= days_of_month(year, month);
  const std::uint64_t rest = seconds % kDay;
  Text<32> out;
  out.add_number(year).add('-');
  add_two(out, month, '-');
  add_two(out, days + 1, 'T');
  add_two(out, rest / 3600, ':');
  add_two(out, rest / 60 % 60, ':');
  add_two(out, rest % 60, 'Z');
  return out;
}

}  // namespace reburst::boot
