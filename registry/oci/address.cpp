#include "registry/oci/address.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <algorithm>
#include <new>

#include "core/handle.hpp"
#include "core/text.hpp"

namespace reburst::oci {

namespace {

constexpr std::size_t kMaxUrl = 16U << 10U;  // some stores sign half a kilobyte of state into an upload's address

using CurlUrl = Handle<CURLU, &curl_url_cleanup>;
using Text = Handle<char, &curl_free>;

CurlUrl make_handle() {
  CurlUrl url(curl_url());
  if (!url) throw std::bad_alloc();
  return url;
}

// Empty when the part is not there.
std::string part(const CurlUrl& url, CURLUPart what, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), what, &text, flags) != CURLUE_OK) return {};
  return Text(text).get();
}

bool is_this_machine(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  in_addr address{};
  return ::inet_pton(AF_INET, std::string(host).c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24U) == 127;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

tl::unexpected<Error> refuse(const std::string& why) {
  return fail(ErrorCode::kNetwork, why, "check the registry's address, and the proxy in front of it");
}

bool visible(std::string_view text) {
  return text.size() <= kMaxUrl && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool is_authority(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(".-_:[]").find(c) != std::string_view::npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

Result<Url> finish(const CurlUrl& handle, bool plain_http) {
  Url out{part(handle, CURLUPART_URL), {}, lower(part(handle, CURLUPART_SCHEME)), lower(part(handle, CURLUPART_HOST))};
  // libcurl decodes percent escapes in a host: what they hid is looked at here.
  if (!is_authority(out.host) || !visible(out.text)) return refuse("an address is malformed");
  const std::string shown = "\"" + out.scheme + "://" + out.host + "\"";
  if (!part(handle, CURLUPART_USER).empty() || !part(handle, CURLUPART_PASSWORD).empty()) {
    return refuse("the address at " + shown + " holds a user name or a password");
  }
  if (out.scheme == "http" && !(plain_http && is_this_machine(out.host))) {
    return refuse("the address at " + shown + " is not encrypted");
  }
  if (out.scheme != "https" && out.scheme != "http") return refuse("the address at " + shown + " is not http or https");
  out.origin = out.scheme + "://" + out.host + ":" + part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  return out;
}

Result<Url> parse_into(const CurlUrl& handle, const std::string& text, bool plain_http) {
  if (!visible(text) || curl_url_set(handle.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return refuse("an address is malformed");
  }
  (void)curl_url_set(handle.get(), CURLUPART_FRAGMENT, nullptr, 0);
  return finish(handle, plain_http);
}

// distribution-spec 1.1, "Pulling manifests": [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/…)*
bool is_repository(std::string_view text) {
  constexpr std::size_t kMaxRepository = 255;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (text.empty() || text.size() > kMaxRepository) return false;
  for (const auto component : split(text, '/')) {
    if (component.empty() || !letter(component.front()) || !letter(component.back())) return false;
    for (std::size_t i = 0; i < component.size(); ++i) {
      if (letter(component[i])) continue;
      const auto end = std::find_if(component.begin() + static_cast<std::ptrdiff_t>(i), component.end(), letter);
      const auto run = component.substr(i, static_cast<std::size_t>(end - component.begin()) - i);
      const bool dashes = run.find_first_not_of('-') == std::string_view::npos;
      if (!dashes && run != "." && run != "_" && run != "__") return false;
      i += run.size() - 1;
    }
  }
  return true;
}

}  // namespace

Result<Url> parse_url(const std::string& text, bool plain_http) {
  return parse_into(make_handle(), text, plain_http);
}

Result<Url> resolve(const Url& base, const std::string& location, bool plain_http) {
  const CurlUrl handle = make_handle();
  if (curl_url_set(handle.get(), CURLUPART_URL, base.text.c_str(), 0) != CURLUE_OK) throw std::bad_alloc();
  return parse_into(handle, location, plain_http);
}

Url add_query(const Url& url, std::string_view name, std::string_view value) {
  const CurlUrl handle = make_handle();
  const std::string query = std::string(name) + "=" + std::string(value);
  if (curl_url_set(handle.get(), CURLUPART_URL, url.text.c_str(), 0) != CURLUE_OK ||
      curl_url_set(handle.get(), CURLUPART_QUERY, query.c_str(), CURLU_APPENDQUERY | CURLU_URLENCODE) != CURLUE_OK) {
    throw std::bad_alloc();
  }
  Url out = url;
  out.text = part(handle, CURLUPART_URL);
  return out;
}

Result<Destination> parse_destination(const std::string& text, bool plain_http) {
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorCode::kUsage, "cannot push to \"" + text + "\": " + why,
                "write it as HOST[:PORT]/REPOSITORY, such as \"registry.example.org/images/web\"");
  };
  if (text.find("://") != std::string::npos) return refuse("a destination has no \"://\"");
  const auto slash = text.find('/');
  if (slash == std::string::npos || !is_authority(text.substr(0, slash)))
    return refuse("it names no registry and repository");
  const std::string repository = text.substr(slash + 1);
  if (repository.find_first_of(":@") != std::string::npos)
    return refuse("the tag is the release's, not the destination's");
  if (!is_repository(repository)) return refuse("\"" + repository + "\" is no name of a repository");
  const std::string scheme = plain_http ? "http" : "https";
  auto registry = parse_url(scheme + "://" + text.substr(0, slash) + "/v2/", plain_http);
  if (!registry) {
    return refuse(plain_http ? "plain http is for a registry on this machine alone"
                             : "\"" + text.substr(0, slash) + "\" is no host");
  }
  return Destination{text, *std::move(registry), repository};
}

}  // namespace reburst::oci
