#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "builder/image/modules.hpp"

namespace reburst::image {

// The patterns of device names (modalias) that each module is for, out of modules.alias (modprobe.d(5), "alias"): those
// of the buses that a machine announces its disks on. A line that depmod would not write is passed over; modules have
// the names of ModuleIndex.
using DevicePatterns = std::map<std::string, std::set<std::string>>;
[[nodiscard]] DevicePatterns parse_device_patterns(std::string_view aliases);

// For each module of `order` the patterns of the devices for which `drivers` need it, and its own; `order` is from
// load_order(). A module that anything but those drivers needs, or a driver without patterns, has none: it is for every
// machine.
[[nodiscard]] DevicePatterns choose_devices(const ModuleIndex& index, const std::vector<std::string>& order,
                                            const std::vector<std::string>& drivers, const DevicePatterns& patterns);

}  // namespace reburst::image
