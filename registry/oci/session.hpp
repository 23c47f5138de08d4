#pragma once

#include <functional>
#include <string>

#include "core/result.hpp"
#include "registry/oci/challenge.hpp"
#include "registry/oci/http.hpp"
#include "registry/oci/oci.hpp"

namespace reburst::oci {

// A conversation with one repository of one registry (distribution-spec 1.1). The user's name and password go to the
// registry, or to the token server that it names, and to nobody else; a redirect elsewhere goes on without them.
class Session {
 public:
  Session(Destination destination, PushOptions options);

  // Whether a registry answers there, and takes the name and password.
  [[nodiscard]] Result<> open();

  // ".../v2/REPOSITORY/PATH"
  [[nodiscard]] Url url(const std::string& path) const;
  // What a Location header means, relative to the answer that holds it.
  [[nodiscard]] tl::expected<Url, Failure> location(const Answer& answer) const;

  // One attempt: redirects, and one renewed authorisation. The answer's status is 2xx, or 404 when `may_be_missing`;
  // any other is a failure that says what the registry says.
  [[nodiscard]] Outcome try_once(const Request& request, bool may_be_missing = false);

  // Repeats what may pass. `what` names in an error what is being pushed.
  [[nodiscard]] Result<Answer> repeat(const std::string& what, const std::function<Outcome()>& attempt);
  [[nodiscard]] Result<Answer> send(const std::string& what, const Request& request, bool may_be_missing = false);

  // "cannot push WHAT to DESTINATION: WHY"
  [[nodiscard]] Error error(const std::string& what, Error why) const;

 private:
  struct Credential {
    std::string origin;         // the only one to see it
    std::string authorisation;  // the header's value; empty: none
  };
  [[nodiscard]] Outcome follow(Request request, const Credential& credential);
  [[nodiscard]] Outcome redirected(Request& request, const Answer& answer) const;
  [[nodiscard]] tl::expected<void, Failure> authorise(const Answer& answer);
  [[nodiscard]] tl::expected<std::string, Failure> get_token(const Challenge& challenge);
  [[nodiscard]] Failure refusal(const Answer& answer) const;
  [[nodiscard]] std::string basic() const;

  Destination destination_;
  PushOptions options_;
  HttpConnection http_;
  Credential credential_;
};

}  // namespace reburst::oci
