#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/digest.hpp"
#include "core/result.hpp"
#include "signing/authenticode/certificate.hpp"
#include "signing/authenticode/signed_data.hpp"

// Signatures in UEFI programs (Microsoft, "Windows Authenticode Portable Executable Signature Format"; UEFI 2.10,
// 32.2.4). `name` is the program's, for errors; a program that is not strictly well-formed is kIntegrity.
namespace reburst::authenticode {

// SHA-256 of the program without checksum, certificate table and what says where that is: what is signed, and what a
// firmware's db or dbx holds where it names one program.
[[nodiscard]] Result<Digest> image_digest(std::string_view program, std::string_view name);

// The PKCS#7 signatures (ContentInfo in DER) that a program carries, in their order; none is no error.
[[nodiscard]] Result<std::vector<std::string>> read_signatures(std::string_view program, std::string_view name);

// Passes when one of its signatures is of exactly these bytes and by the key of this very certificate; kSignature when
// there is none.
[[nodiscard]] Result<> verify_program(std::string_view program, const Certificate& certificate, std::string_view name);

// The program with a signature at its end and a new PE checksum; zeros up to a multiple of 8 bytes come before it. Same
// program, certificate and key, same bytes. Verified before it is returned. kUsage for one that is signed already.
[[nodiscard]] Result<std::string> sign_program(std::string program, const Certificate& certificate,
                                               const SignBytes& sign, std::string_view name);

}  // namespace reburst::authenticode
