#include "fetch/proxy.hpp"

#include "core/text.hpp"

namespace reburst::fetch {

namespace {

// A rule's condition ends at an '=' that stands before the proxy's own "://".
std::size_t condition_length(std::string_view rule) {
  const auto equals = rule.find('=');
  return equals < rule.find("://") ? equals : std::string_view::npos;
}

// How exactly `rule` fits: 0 not at all, 1 anything, 2 the scheme, 3 scheme and host.
int exactness(std::string_view rule, std::string_view scheme, std::string_view host) {
  const auto length = condition_length(rule);
  if (length == std::string_view::npos) return 1;
  const auto condition = rule.substr(0, length);
  if (condition == scheme) return 2;
  return condition == std::string(scheme) + ":" + std::string(host) ? 3 : 0;
}

}  // namespace

std::string proxy_for(std::string_view rules, std::string_view scheme, std::string_view host) {
  int best = 0;
  std::string_view proxy;
  for (const auto rule : split_words(rules)) {
    const int fits = exactness(rule, scheme, host);
    if (fits <= best) continue;
    best = fits;
    const auto length = condition_length(rule);
    proxy = length == std::string_view::npos ? rule : rule.substr(length + 1);
  }
  if (proxy == "DIRECT" || proxy == "false") return {};
  return std::string(proxy);
}

}  // namespace reburst::fetch
