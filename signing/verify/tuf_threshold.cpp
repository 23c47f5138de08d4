#include <algorithm>

#include "signing/verify/tuf_metadata.hpp"

namespace reburst::tuf {

Result<> check_threshold(std::string_view signed_bytes, const std::vector<Signature>& signatures, const RoleKeys& role,
                         const std::map<std::string, PublicKey>& keys, std::string_view name) {
  std::vector<PublicKey> counted;  // by what they are, not by what they are called
  bool wrong = false;
  for (const auto& signature : signatures) {
    const auto key = keys.find(signature.keyid);
    const bool of_role = std::find(role.keyids.begin(), role.keyids.end(), signature.keyid) != role.keyids.end();
    if (!of_role || key == keys.end()) continue;
    if (std::find(counted.begin(), counted.end(), key->second) != counted.end()) continue;
    if (key->second.verify(signed_bytes, signature.value)) {
      counted.push_back(key->second);
    } else {
      wrong = true;
    }
  }
  if (role.threshold > 0 && counted.size() >= role.threshold) return {};
  return fail(ErrorCode::kSignature,
              "cannot trust the metadata \"" + std::string(name) + "\": " + std::to_string(counted.size()) + " of " +
                  std::to_string(role.keyids.size()) + " keys signed it, and " +
                  std::to_string(std::max(role.threshold, 1U)) + " must" +
                  (wrong ? "; a signature of a right key does not fit the text" : ""),
              "it was changed, or signed with other keys than those of its role: ask the publisher of the registry");
}

}  // namespace reburst::tuf
