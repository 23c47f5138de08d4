#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace reburst::fetch {

// What a fetch needs to know of a URI (RFC 3986).
struct Uri {
  std::string scheme;  // lower case: "http", "https" or "file"
  std::string host;    // lower case, without port and credentials
  std::string path;    // as written, from the first slash after the host
};

// kUsage for anything but an absolute http:, https: or file: URI.
[[nodiscard]] Result<Uri> parse_uri(std::string_view uri);

// The URI with every byte of its path that RFC 3986 does not allow there percent-encoded; escapes that are there stay.
[[nodiscard]] std::string escape_uri(std::string_view uri);

// A path's bytes as they are to stand in a URI: '%' is encoded too, and '+', which some object stores read as a blank.
[[nodiscard]] std::string escape_path(std::string_view path);

// The file that a file: URI names, percent-decoded.
[[nodiscard]] std::filesystem::path file_path(const Uri& uri);

// For messages: without a user name and password.
[[nodiscard]] std::string without_credentials(std::string_view uri);

}  // namespace reburst::fetch
