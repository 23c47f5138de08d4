#include "registry/oci/credentials.hpp"

#include "core/json.hpp"
#include "signing/verify/dsse.hpp"

namespace reburst::oci {

namespace {

tl::unexpected<Error> refuse(std::string_view name, const std::string& why, const std::string& hint) {
  return fail(ErrorCode::kUsage, "cannot use the auth file \"" + std::string(name) + "\": " + why, hint);
}

std::string host_of(std::string_view destination) {
  return std::string(destination.substr(0, destination.find('/')));
}

// docker login writes "https://HOST/v1/" where others write "HOST".
std::string host_of_address(std::string_view key) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (key.starts_with(scheme)) return host_of(key.substr(scheme.size()));
  }
  return {};
}

// "registry.example.org/images/web", then "registry.example.org/images", then the host.
const Json* find_entry(const Json& auths, const std::string& destination) {
  for (std::string key = destination;; key.resize(key.rfind('/'))) {
    if (const auto found = auths.find(key); found != auths.end()) return &*found;
    if (key.find('/') == std::string::npos) break;
  }
  for (const auto& [key, entry] : auths.items()) {
    if (host_of_address(key) == host_of(destination)) return &entry;
  }
  return nullptr;
}

bool has_text(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() && !found->get_ref<const std::string&>().empty();
}

bool has_helper(const Json& file, const Json* entry, const std::string& host) {
  const auto helpers = file.find("credHelpers");
  if (helpers != file.end() && helpers->is_object() && has_text(*helpers, host.c_str())) return true;
  return entry != nullptr && has_text(file, "credsStore");  // docker login leaves an entry without content
}

Result<Credentials> decode(const Json& entry, std::string_view name, const std::string& host) {
  const auto bytes = signing::parse_base64(entry.at("auth").get_ref<const std::string&>(), "auth");
  const auto colon = bytes ? bytes->find(':') : std::string::npos;
  if (colon == std::string::npos || colon == 0) {
    return refuse(name, "\"auth\" of \"" + host + "\" is no base64 of USER:PASSWORD",
                  "log in again: skopeo login --authfile " + std::string(name) + " " + host);
  }
  Credentials out{bytes->substr(0, colon), bytes->substr(colon + 1)};
  while (out.password.ends_with('\0')) out.password.pop_back();  // docker pads it
  return out;
}

}  // namespace

Result<std::optional<Credentials>> find_credentials(std::string_view text, std::string_view name,
                                                    const std::string& destination) {
  const auto file = parse_json(text, name);
  const auto host = host_of(destination);
  const bool good = file && file->is_object();
  const auto auths = good ? file->find("auths") : Json::const_iterator();
  if (!good || (auths != file->end() && !auths->is_object()))
    return refuse(name, "it is no JSON object with \"auths\"", "skopeo login --authfile FILE " + host + " writes one");
  const Json* entry = auths == file->end() ? nullptr : find_entry(*auths, destination);
  if (entry != nullptr && !entry->is_object())
    return refuse(name, "its entry for \"" + host + "\" is no object", "remove the entry, and log in again");
  if (entry != nullptr && has_text(*entry, "auth")) return std::optional(REBURST_TRY(decode(*entry, name, host)));
  if ((entry != nullptr && has_text(*entry, "identitytoken")) || has_helper(*file, entry, host)) {
    return refuse(name, "what it has for \"" + host + "\" is not a password, but a credential helper's or a token",
                  "give --username and --password-stdin, or log in to a file: skopeo login --authfile FILE " + host);
  }
  return std::optional<Credentials>();
}

}  // namespace reburst::oci
