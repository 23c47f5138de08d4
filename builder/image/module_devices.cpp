#include "builder/image/module_devices.hpp"

#include <algorithm>
#include <array>

#include "core/text.hpp"

namespace reburst::image {

namespace {

// Buses that reburst-init looks at (boot/devices.cpp).
constexpr std::array<std::string_view, 5> kBuses{"acpi", "pci:", "virtio:", "vmbus:", "xen:"};
constexpr std::size_t kMaxPattern = 200;

bool is_pattern(std::string_view text) {
  return text.size() <= kMaxPattern && std::ranges::any_of(kBuses, [&](auto bus) { return text.starts_with(bus); }) &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

// What has to be loaded for `name`, itself among it.
std::set<std::string> needs_of(const ModuleIndex& index, const std::string& name) {
  const auto order = load_order(index, {}, {name});
  return order ? std::set<std::string>(order->begin(), order->end()) : std::set<std::string>();
}

}  // namespace

DevicePatterns parse_device_patterns(std::string_view aliases) {
  DevicePatterns out;
  for (const std::string_view line : split(aliases, '\n')) {
    const std::vector<std::string_view> words = split_words(line);
    if (words.size() != 3 || words[0] != "alias" || !is_pattern(words[1])) continue;
    out[plain_module_name(words[2])].emplace(words[1]);
  }
  return out;
}

DevicePatterns choose_devices(const ModuleIndex& index, const std::vector<std::string>& order,
                              const std::vector<std::string>& drivers, const DevicePatterns& patterns) {
  const auto is_optional = [&](const std::string& name) {
    return std::ranges::find(drivers, name) != drivers.end() && patterns.contains(name);
  };
  std::set<std::string> driver_needs, always;
  for (const std::string& name : order) {
    if (is_optional(name)) driver_needs.merge(needs_of(index, name));
  }
  for (const std::string& name : order) {
    if (!driver_needs.contains(name)) always.merge(needs_of(index, name));
  }
  DevicePatterns out;
  for (const std::string& name : order) {
    const auto own = patterns.find(name);
    if (!driver_needs.contains(name) || own == patterns.end()) continue;
    for (const std::string& needed : needs_of(index, name)) {
      if (!always.contains(needed)) out[needed].insert(own->second.begin(), own->second.end());
    }
  }
  return out;
}

}  // namespace reburst::image
