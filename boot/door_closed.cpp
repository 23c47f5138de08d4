#include "boot/steps.hpp"

namespace reburst::boot {

// A released image has no door.
Result<> prepare_door() {
  return {};
}

}  // namespace reburst::boot
