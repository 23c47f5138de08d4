// links: reburst_verify
// Hostile envelopes and keys: refused, or held in one form; nothing verifies without a key.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "signing/verify/dsse.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reburst;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto bytes = signing::parse_base64(text, "fuzz"); bytes && signing::base64(*bytes) != text) std::abort();
  if (const auto key = signing::PublicKey::from_pem(text, "fuzz.pub")) {
    const auto again = signing::PublicKey::from_pem(key->pem(), "fuzz.pub");
    if (!again || *again != *key || again->id() != key->id()) std::abort();
    if (key->verify("message", text)) std::abort();
  }
  const auto envelope = signing::parse_envelope(text, "fuzz.json");
  if (!envelope) {
    if (envelope.error().code != ErrorCode::kIntegrity || envelope.error().message.empty()) std::abort();
    return 0;
  }
  if (envelope->signatures.empty() || envelope->signatures.size() > 64) std::abort();
  static const auto kKey = signing::PublicKey::from_pem(
      "-----BEGIN PUBLIC KEY-----\n"
      "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
      "-----END PUBLIC KEY-----\n",
      "rfc8032");
  if (signing::verify_envelope(*envelope, envelope->payload_type, {*kKey}, 1, "fuzz.json")) std::abort();
  return 0;
}
