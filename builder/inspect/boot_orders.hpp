#pragma once

#include <string>
#include <string_view>

#include "builder/image/verity.hpp"
#include "core/result.hpp"

namespace reburst::inspect {

// What the /boot.conf in a boot program's initrd tells reburst-init of the disk (docs/formats/boot-conf.md).
struct BootOrders {
  std::string role, version;
  image::Verity verity;
};

// From a boot program that is trusted already. kIntegrity where it has no initrd with a boot.conf, or where that does
// not say all of this; lines of later formats are passed over.
[[nodiscard]] Result<BootOrders> read_boot_orders(std::string_view program, std::string_view name);

}  // namespace reburst::inspect
