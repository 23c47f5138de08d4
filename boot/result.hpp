#pragma once

#include <string_view>
#include <tl/expected.hpp>
#include <utility>

#include "boot/text.hpp"

namespace reburst::boot {

// Why a boot stops: what was attempted, what was expected, what was there instead, and what the person reading a
// console should do. Fixed size: boot/ has no heap.
struct Failure {
  Text<256> what;
  Text<256> expected;
  Text<512> found;
  Text<256> advice;
};

// A value, or the Failure that kept it from being made. boot/ links nothing of core/, whose errors need the heap.
template <class T = void>
using Result = tl::expected<T, Failure>;

[[nodiscard]] inline tl::unexpected<Failure> fail(Failure failure) {
  return tl::unexpected<Failure>(failure);
}

// A system call that failed: "WHAT" and, as found, the name of the errno.
[[nodiscard]] tl::unexpected<Failure> fail_system(std::string_view what, std::string_view object, int error_number,
                                                  std::string_view advice = {});

namespace detail {
template <class T>
T take(Result<T>&& result) {
  return *std::move(result);
}
inline void take(Result<void>&& /*result*/) {}
}  // namespace detail

}  // namespace reburst::boot

// The value of a Result, or return its failure from the enclosing function: core's REBURST_TRY, for this Result.
#define REBURST_BOOT_TRY(...)                                                                       \
  ({                                                                                                \
    auto reburst_result = (__VA_ARGS__);                                                            \
    if (!reburst_result) return ::tl::unexpected<::reburst::boot::Failure>(reburst_result.error()); \
    ::reburst::boot::detail::take(std::move(reburst_result));                                       \
  })
