#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/time.hpp"
#include "signing/firmware/efi.hpp"
#include "signing/firmware/firmware_key.hpp"

namespace reburst::firmware {

// A change of PK, KEK, db or dbx that firmware takes from anybody: EFI_VARIABLE_AUTHENTICATION_2 (UEFI 2.10, 8.2.2),
// then `lists`. Signed by the key that may change the variable: PK for PK and KEK, KEK for db and dbx. With kAppend
// among the attributes the lists are added to those that are there. `time` must be later than that of the last change.
[[nodiscard]] Result<std::string> authenticated_variable(std::string_view name, std::uint32_t attributes,
                                                         std::string_view lists, Epoch time, const FirmwareKey& key);

// The vendor GUID under which firmware keeps a variable of that name.
[[nodiscard]] Guid vendor_of(std::string_view name);

}  // namespace reburst::firmware
