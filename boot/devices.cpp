#include "boot/devices.hpp"

#include <dirent.h>

#include <algorithm>
#include <array>

#include "boot/files.hpp"

namespace reburst::boot {

namespace {

// The builder chooses the patterns by the same list (builder/image/module_devices.cpp).
constexpr std::array<const char*, 5> kBuses{"acpi", "pci", "virtio", "vmbus", "xen"};

// The first line of `rest`, which loses it.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

}  // namespace

bool matches(std::string_view pattern, std::string_view name) {
  if (pattern.find('[') != std::string_view::npos) return true;
  std::size_t at = 0, in_name = 0;
  std::size_t star = std::string_view::npos, resume = 0;  // the last '*', and where its text may end next
  while (in_name < name.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      resume = in_name;
    } else if (at < pattern.size() && (pattern[at] == '?' || pattern[at] == name[in_name])) {
      ++at;
      ++in_name;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      in_name = ++resume;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

void Devices::assume(std::string_view names) {
  names_.cut(0);
  names_.add(names);
  known_ = true;
}

void Devices::read() {
  names_.cut(0);
  known_ = true;
  for (const char* bus : kBuses) {
    Path folder("/sys/bus/");
    folder.add(bus).add("/devices");
    DIR* devices = ::opendir(folder.c_str());
    if (devices == nullptr) continue;
    while (const dirent* entry = ::readdir(devices)) {
      if (entry->d_name[0] == '.') continue;
      Path file(folder);
      std::array<char, 512> buffer;
      const auto name = read_small(file.add('/').add(entry->d_name).add("/modalias").c_str(), buffer);
      if (name) names_.add(*name).add('\n');
    }
    ::closedir(devices);
  }
}

bool Devices::has_any_of(std::string_view patterns) {
  if (!known_) read();
  if (names_.full()) return true;
  while (!patterns.empty()) {
    const std::string_view pattern = take_line(patterns);
    std::string_view names = names_;
    while (!names.empty()) {
      const std::string_view name = take_line(names);
      if (!name.empty() && !pattern.empty() && matches(pattern, name)) return true;
    }
  }
  return false;
}

}  // namespace reburst::boot
