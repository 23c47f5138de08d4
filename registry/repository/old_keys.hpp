#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "registry/repository/metadata.hpp"

namespace reburst::registry {

// Keys that keys.json may not name any more, but whose files NAME.pem and NAME.pub lie in the key folder still; only
// those with these ids. One that cannot be opened (a passphrase) is as one that is not there.
[[nodiscard]] std::vector<std::unique_ptr<signing::Signer>> signers_beside(const Publisher& publisher,
                                                                           const std::set<std::string>& ids);

}  // namespace reburst::registry
