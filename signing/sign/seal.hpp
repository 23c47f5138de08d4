#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "core/result.hpp"
#include "signing/sign/signer.hpp"
#include "signing/verify/tuf.hpp"

namespace reburst::signing {

using Signers = std::vector<const Signer*>;

// TUF metadata: {"signatures":[…],"signed":…} in canonical JSON; the signatures in the order of their key ids. No
// signer at all makes metadata that others are to sign. kIntegrity for a body that tuf::parse() would refuse.
[[nodiscard]] Result<std::string> seal_metadata(const Json& body, const Signers& signers);
// Adds this signer's signature to metadata that others have signed already; one that is there is replaced.
[[nodiscard]] Result<std::string> add_signature(std::string_view metadata, const Signer& signer, std::string_view name);

// A DSSE envelope around `payload`, canonical JSON, keyid = PublicKey::id(). kUsage without a signer.
[[nodiscard]] Result<std::string> seal_envelope(std::string_view payload_type, std::string_view payload,
                                                const Signers& signers);

}  // namespace reburst::signing
