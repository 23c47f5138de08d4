// links: reburst_image
// Any bytes as the kernel's module index: an error, or an order in which every dependency comes before its user, cycles
// apart.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "builder/image/module_devices.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reburst::image;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t half = text.find("softdep");
  const auto index = parse_modules(text.substr(0, half), "", half == std::string_view::npos ? "" : text.substr(half));
  if (!index) {
    if (index.error().message.empty()) __builtin_trap();
    return 0;
  }
  std::vector<std::string> all;
  for (const auto& [name, module] : index->modules) {
    if (module.file.find("/../") != std::string::npos || module.file.front() == '/') __builtin_trap();
    all.push_back(name);
  }
  const auto order = load_order(*index, all, {});
  if (!order || order->size() != all.size()) __builtin_trap();
  for (const auto& [name, patterns] : choose_devices(*index, *order, all, parse_device_patterns(text))) {
    if (!index->modules.contains(name) || patterns.empty()) __builtin_trap();
    for (const std::string& pattern : patterns) {
      if (pattern.find('\n') != std::string::npos) __builtin_trap();  // it would be two
    }
  }
  return 0;
}
