#pragma once

#include <string>
#include <string_view>

namespace reburst::fetch {

// Options::proxy is a list of rules separated by blanks; the most exact one that fits a URI wins, and none means no
// proxy:
//   http://proxy.example.org:3128                   every URI
//   https=http://proxy.example.org:3128             one scheme
//   http:mirror.example.org=DIRECT                  one scheme and host; DIRECT means no proxy
// Returns the proxy's URI, or an empty text for a direct connection.
[[nodiscard]] std::string proxy_for(std::string_view rules, std::string_view scheme, std::string_view host);

}  // namespace reburst::fetch
