#pragma once

#include <span>
#include <string>

#include "core/digest.hpp"
#include "signing/authenticode/certificate.hpp"
#include "signing/firmware/efi.hpp"

// EFI_SIGNATURE_LIST (UEFI 2.10, 32.4.1): what PK, KEK, db and dbx hold, one list after another.
namespace reburst::firmware {

// Who put a signature into a list; firmware shows it and decides nothing by it.
[[nodiscard]] Guid owner_of(const authenticode::Certificate& platform_key);

[[nodiscard]] std::string certificate_list(const authenticode::Certificate& certificate, const Guid& owner);
// Of programs, by authenticode::image_digest(); empty for none.
[[nodiscard]] std::string digest_list(std::span<const Digest> programs, const Guid& owner);

}  // namespace reburst::firmware
