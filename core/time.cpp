#include "core/time.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <vector>

#include "core/text.hpp"

namespace reburst {

namespace {

using std::chrono::sys_days;

std::optional<unsigned> number(std::string_view text, std::size_t digits) {
  if (text.size() != digits) return std::nullopt;
  const auto value = parse_decimal(text);
  if (!value) return std::nullopt;
  return static_cast<unsigned>(*value);
}

constexpr unsigned kLeapSecond = 60;  // of a mirror's clock; what we write has none

std::optional<Epoch> assemble(unsigned year, unsigned month, unsigned day, std::string_view clock,
                              unsigned last_second) {
  if (clock.size() != 8 || clock[2] != ':' || clock[5] != ':' || year < 1970) return std::nullopt;
  const auto hour = number(clock.substr(0, 2), 2);
  const auto minute = number(clock.substr(3, 2), 2);
  const auto second = number(clock.substr(6, 2), 2);
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok() || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > last_second)
    return std::nullopt;
  const Epoch days = sys_days(date).time_since_epoch().count();
  return days * 86400 + Epoch{*hour} * 3600 + Epoch{*minute} * 60 + *second;
}

std::string format(Epoch epoch, const char* pattern) {
  const Epoch days = (epoch >= 0 ? epoch : epoch - 86399) / 86400;
  const std::chrono::year_month_day date{sys_days(std::chrono::days(days))};
  const auto rest = static_cast<unsigned>(epoch - days * 86400);
  std::array<char, 64> buffer{};
  const int length = std::snprintf(buffer.data(), buffer.size(), pattern, static_cast<int>(date.year()),
                                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), rest / 3600,
                                   rest / 60 % 60, rest % 60);
  return {buffer.data(), static_cast<std::size_t>(length)};
}

}  // namespace

std::optional<Epoch> parse_iso_time(std::string_view text) {
  if (text.size() != 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[19] != 'Z') return std::nullopt;
  const auto year = number(text.substr(0, 4), 4);
  const auto month = number(text.substr(5, 2), 2);
  const auto day = number(text.substr(8, 2), 2);
  if (!year || !month || !day) return std::nullopt;
  return assemble(*year, *month, *day, text.substr(11, 8), kLeapSecond - 1);
}

std::optional<Epoch> parse_release_date(std::string_view text) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  auto words = split_words(text);
  if (words.size() == 6) words.erase(words.begin());  // the weekday says nothing new
  if (words.size() != 5) return std::nullopt;
  const auto zone = words[4];
  if (zone != "UTC" && zone != "GMT" && zone != "Z" && zone != "+0000") return std::nullopt;
  const auto month = words[1].size() == 3 ? kMonths.find(words[1]) : std::string_view::npos;
  const auto day = parse_decimal(words[0]);
  const auto year = number(words[2], 4);
  if (month == std::string_view::npos || month % 3 != 0 || !day || *day > 31 || !year) return std::nullopt;
  std::string clock(words[3]);
  if (clock.size() == 7) clock.insert(0, "0");
  return assemble(*year, static_cast<unsigned>(month / 3 + 1), static_cast<unsigned>(*day), clock, kLeapSecond);
}

std::string iso_time(Epoch epoch) {
  return format(epoch, "%04d-%02u-%02uT%02u:%02u:%02uZ");
}

std::string version_time(Epoch epoch) {
  return format(epoch, "%04d%02u%02uT%02u%02u%02uZ");
}

}  // namespace reburst
