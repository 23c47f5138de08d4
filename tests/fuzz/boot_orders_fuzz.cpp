// links: reburst_inspect
// Any bytes as a boot program: its boot.conf describes a tree that can be, or it is refused.
#include <cstddef>
#include <cstdint>

#include "builder/inspect/boot_orders.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reburst;
  const auto orders = inspect::read_boot_orders({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (orders && orders->verity.hash_blocks != image::verity_blocks(orders->verity.data_blocks)) __builtin_trap();
  return 0;
}
