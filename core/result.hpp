#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "core/error.hpp"

namespace reburst {

// A value, or the Error that kept it from being made. Functions that return it are [[nodiscard]].
template <class T = void>
using Result = tl::expected<T, Error>;

// `return fail(ErrorCode::kIo, "cannot open \"x\"", "check its permissions");`
[[nodiscard]] tl::unexpected<Error> fail(ErrorCode code, std::string message, std::string hint = {});
[[nodiscard]] tl::unexpected<Error> fail(Error error);

// Adds the step that was under way ("reading the lock \"web.lock\"") to a failure; passes a value on untouched.
template <class T>
[[nodiscard]] Result<T> with_context(Result<T> result, std::string step) {
  if (!result) result.error().context.push_back(std::move(step));
  return result;
}

namespace detail {
template <class T>
T take(Result<T>&& result) {
  return *std::move(result);
}
inline void take(Result<void>&& /*result*/) {}
}  // namespace detail

}  // namespace reburst

// The value of a Result, or return its error from the enclosing function:
//   const Lock lock = REBURST_TRY(read_lock(path));
#define REBURST_TRY(...)                                                                               \
  ({                                                                                                   \
    auto reburst_result = (__VA_ARGS__);                                                               \
    if (!reburst_result) return ::tl::unexpected<::reburst::Error>(std::move(reburst_result).error()); \
    ::reburst::detail::take(std::move(reburst_result));                                                \
  })
