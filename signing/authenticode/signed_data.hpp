#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "signing/authenticode/certificate.hpp"

namespace reburst::authenticode {

// A signature of bytes as Certificate::verify() takes it.
using SignBytes = std::function<Result<std::string>(std::string_view message)>;

// PKCS#7 1.5 SignedData (RFC 2315, 9.1): one signer, RSA with SHA-256, the certificate inside. No signing time: same
// content and key, same bytes. Verified before it is returned (kSignature).

// Around `content`, one DER sequence of the type `object` (an OBJECT IDENTIFIER in DER); signed are the attributes
// contentType and messageDigest.
[[nodiscard]] Result<std::string> sign_content(std::string_view object, std::string_view content,
                                               const Certificate& certificate, const SignBytes& sign);
// Of bytes that stand elsewhere, without attributes.
[[nodiscard]] Result<std::string> sign_detached(std::string_view message, const Certificate& certificate,
                                                const SignBytes& sign);

}  // namespace reburst::authenticode
