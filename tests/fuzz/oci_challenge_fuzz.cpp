// links: reburst_oci
// What a hostile registry says: challenges, tokens and Location headers.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "registry/oci/address.hpp"
#include "registry/oci/challenge.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace oci = reburst::oci;
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const auto& challenge : oci::parse_challenges(text)) {
    if (challenge.scheme.empty()) std::abort();
  }
  if (const auto token = oci::parse_token(text, "fuzz")) {
    if (token->find_first_of("\r\n ") != std::string::npos) std::abort();
  }
  const auto base = oci::parse_url("https://registry.example.org/v2/", false);
  if (const auto url = oci::resolve(*base, text, false)) {
    if (url->scheme != "https" || !url->text.starts_with("https://")) std::abort();
    const auto with_digest = oci::add_query(*url, "digest", "sha256:ab");
    if (oci::parse_url(with_digest.text, false)->origin != url->origin) std::abort();
  }
  return 0;
}
