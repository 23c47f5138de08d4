#include <algorithm>

#include "core/text.hpp"
#include "signing/verify/tuf_metadata.hpp"

namespace reburst::tuf {

namespace {

// Goes back to the last "*" only: an earlier one cannot help, so the work is at most pattern × text.
bool matches_part(std::string_view pattern, std::string_view text) {
  std::size_t at = 0;
  std::size_t star = std::string_view::npos;
  std::size_t retry = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      retry = i;
    } else if (at < pattern.size() && (pattern[at] == '?' || pattern[at] == text[i])) {
      ++at;
      ++i;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      i = ++retry;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

}  // namespace

bool matches(std::string_view pattern, std::string_view path) {
  const auto patterns = split(pattern, '/');
  const auto parts = split(path, '/');
  return std::equal(patterns.begin(), patterns.end(), parts.begin(), parts.end(), matches_part);
}

bool is_keyid(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_delegated_name(std::string_view name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789.-";
  const bool top = name == "root" || name == "targets" || name == "snapshot" || name == "timestamp";
  return !name.empty() && name.size() <= kMaxName && name.find_first_not_of(kAllowed) == std::string_view::npos &&
         name.front() != '.' && !top;
}

bool is_target_path(std::string_view path) {
  const auto printable = [](char letter) { return letter >= 0x20 && letter < 0x7f && letter != '\\'; };
  const auto parts = split(path, '/');
  return path.size() <= kMaxPath && std::all_of(path.begin(), path.end(), printable) &&
         std::none_of(parts.begin(), parts.end(), [](auto part) { return part.empty() || part.front() == '.'; });
}

bool is_pattern(std::string_view pattern) {
  return is_target_path(pattern) && pattern.find_first_of("[]{}()!#|") == std::string_view::npos;
}

}  // namespace reburst::tuf
