#pragma once

#include <sys/stat.h>

#include <string>

#include "core/result.hpp"

namespace reburst::signing {

// kEnvironment unless the open file is a regular one that nobody else may use: `others` are the mode's bits that must
// not be set. `what` is for messages: `the private key "root.pem"`.
[[nodiscard]] Result<> check_private(int fd, const std::string& what, const std::string& name,
                                     mode_t others = S_IRWXG | S_IRWXO);

}  // namespace reburst::signing
