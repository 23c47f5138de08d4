#pragma once

#include <string_view>

#include "boot/text.hpp"

namespace reburst::boot {

// Whether `name` is as `pattern` says: '*' is any text, '?' any byte, anything else itself. "[…]", which names of disk
// controllers do not need, matches everything: a module too many is no harm.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view name);

// The names (modalias) of the devices that the kernel shows on the buses of disk controllers.
class Devices {
 public:
  // Whether one of them is as a line of `patterns` says. Reads them when they are not known.
  [[nodiscard]] bool has_any_of(std::string_view patterns);
  // There may be others now.
  void forget() { known_ = false; }
  // As if the kernel showed these, a line each; for tests.
  void assume(std::string_view names);

 private:
  void read();

  Text<std::size_t{1} << 16U> names_;  // more than fit: everything is there
  bool known_ = false;
};

}  // namespace reburst::boot
