#pragma once

#include <string>

namespace reburst::fetch {

// Whether `location`, which may be relative (RFC 9110, 10.2.2), is at another scheme, host or port than `uri`.
[[nodiscard]] bool leads_elsewhere(const std::string& uri, const std::string& location);

}  // namespace reburst::fetch
