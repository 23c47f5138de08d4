#include "registry/client/rules.hpp"

#include <algorithm>

namespace reburst::client {

std::string cite(const Rule& rule) {
  return "(TUF " + std::string(rule.section) + ": " + std::string(rule.guards_against) + ")";
}

tl::unexpected<Error> refuse(ErrorCode code, std::string_view name, const Rule& rule, Refusal refusal) {
  std::string message = "cannot accept \"" + std::string(name) + "\": " + refusal.why + " " + cite(rule);
  if (!refusal.expected.empty()) message += "\n  expected " + refusal.expected;
  if (!refusal.actual.empty()) message += "\n  actual   " + refusal.actual;
  return fail(code, std::move(message), std::move(refusal.hint));
}

Error under(const Rule& rule, Error error) {
  error.message.insert(std::min(error.message.find('\n'), error.message.size()), " " + cite(rule));
  return error;
}

Result<> check_fresh(const tuf::Header& header, Epoch now, std::string_view name, const Rule& rule) {
  if (header.expires > now) return {};
  return refuse(
      ErrorCode::kExpired, name, rule,
      {.why = "it has expired",
       .expected = "an expiry after " + iso_time(now),
       .actual = iso_time(header.expires),
       .hint = "its keeper has to sign it again (\"reburst registry refresh\"), or somebody shows this machine "
               "an old registry; check this machine's clock too"});
}

}  // namespace reburst::client
