#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace reburst::oci {

struct Credentials {
  std::string user, password;
};

// What an auth file (containers-auth.json(5), docker's config.json) has for "HOST[:PORT]/REPOSITORY"; of several
// entries the narrowest. Nothing when there is none; kUsage for what is no auth file, and for an entry that a
// credential helper or an identity token stands behind. No message quotes the file.
[[nodiscard]] Result<std::optional<Credentials>> find_credentials(std::string_view text, std::string_view name,
                                                                  const std::string& destination);

}  // namespace reburst::oci
