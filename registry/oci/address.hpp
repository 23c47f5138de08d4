#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace reburst::oci {

// An http: or https: address (RFC 3986), without user name and fragment.
struct Url {
  std::string text;
  std::string origin;  // "https://registry.example.org:443": who may see what is meant for it
  std::string scheme, host;
};

// kNetwork for what a request may not go to: anything but https, or plain http to this machine when `plain_http`; an
// address with a user name. So nothing that a registry answers leads from https back to http.
[[nodiscard]] Result<Url> parse_url(const std::string& text, bool plain_http);
// What `location` (absolute or relative) means in an answer from `base`; its query stays as it is.
[[nodiscard]] Result<Url> resolve(const Url& base, const std::string& location, bool plain_http);
// With one more parameter in its query, escaped.
[[nodiscard]] Url add_query(const Url& url, std::string_view name, std::string_view value);

// "HOST[:PORT]/REPOSITORY" as the user gives it.
struct Destination {
  std::string text;
  Url registry;            // "https://registry.example.org/v2/"
  std::string repository;  // "images/web"
};

// kUsage for anything else, and for plain http to another machine.
[[nodiscard]] Result<Destination> parse_destination(const std::string& text, bool plain_http);

}  // namespace reburst::oci
