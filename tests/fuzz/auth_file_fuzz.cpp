// links: reburst_oci
// What stands in a user's auth file: whatever is taken from it can be sent as a name and a password.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "registry/oci/credentials.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto found = reburst::oci::find_credentials(text, "fuzz", "registry.example.org:5000/images/web");
  if (found && *found) {
    if ((*found)->user.empty() || (*found)->user.find(':') != std::string::npos) std::abort();
  }
  return 0;
}
