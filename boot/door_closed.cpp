#include "boot/steps.hpp"

namespace reburst::boot {

// A released image has no door.
Result<> prepare_door() {
  return {};
}

bool is_for_tests() {
  return false;
}

}  // namespace reburst::boot
