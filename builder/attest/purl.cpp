#include "builder/attest/purl.hpp"

#include <algorithm>
#include <array>

namespace reburst::attest {

namespace {

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

// A distribution's side suites hold packages of that distribution.
std::string_view distribution(std::string_view suite) {
  constexpr std::array<std::string_view, 5> kSides = {"-security", "-proposed-updates", "-updates", "-backports",
                                                      "-backports-sloppy"};
  for (const std::string_view side : kSides) {
    if (suite.ends_with(side)) return suite.substr(0, suite.size() - side.size());
  }
  return suite;
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_~:";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

std::string source_package(const lock::LockedPackage& package) {
  const std::string& source = package.source;
  if (source.empty()) return package.name + " " + package.version;
  const auto at = source.find(" (");
  if (at == std::string::npos || !source.ends_with(')')) return source + " " + package.version;
  return source.substr(0, at) + " " + source.substr(at + 2, source.size() - at - 3);
}

std::string purl(const lock::LockedPackage& package) {
  std::string out = "pkg:deb/" + percent_encoded(lower_case(package.origin)) + "/" +
                    percent_encoded(lower_case(package.name)) + "@" + percent_encoded(package.version) +
                    "?arch=" + percent_encoded(package.architecture);
  const auto distro = distribution(package.suite);
  if (!distro.empty()) out += "&distro=" + percent_encoded(distro);
  return out;
}

}  // namespace reburst::attest
