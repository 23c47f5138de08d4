#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/time.hpp"
#include "signing/verify/tuf.hpp"

// The rules of the client workflow (TUF 1.0.30, section 5), as the messages cite them.
namespace reburst::client {

struct Rule {
  std::string_view section;
  std::string_view guards_against;  // in the words of the specification
};

// "(TUF 5.5.5: rollback)"
[[nodiscard]] std::string cite(const Rule& rule);

// `cannot accept "NAME": WHY (TUF …)`, then `expected` and `actual` on lines of their own unless they are empty.
struct Refusal {
  std::string why;
  std::string expected = {}, actual = {}, hint = {};
};
[[nodiscard]] tl::unexpected<Error> refuse(ErrorCode code, std::string_view name, const Rule& rule, Refusal refusal);

// Adds the citation to the first line of a failure.
[[nodiscard]] Error under(const Rule& rule, Error error);
template <class T>
[[nodiscard]] Result<T> under(const Rule& rule, Result<T> result) {
  if (!result) return fail(under(rule, std::move(result).error()));
  return result;
}

// kExpired unless `header` holds beyond `now`.
[[nodiscard]] Result<> check_fresh(const tuf::Header& header, Epoch now, std::string_view name, const Rule& rule);

}  // namespace reburst::client
