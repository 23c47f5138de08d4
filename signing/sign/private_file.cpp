#include "signing/sign/private_file.hpp"

#include <cerrno>

namespace reburst::signing {

Result<> check_private(int fd, const std::string& what, const std::string& name, mode_t others) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return fail(system_error("cannot stat \"" + name + "\"", errno));
  const auto refuse = [&](const std::string& why, const std::string& hint) {
    return fail(ErrorCode::kEnvironment, "cannot use " + what + " \"" + name + "\": " + why, hint);
  };
  if (!S_ISREG(status.st_mode)) return refuse("it is not a regular file", "name the file itself");
  if ((status.st_mode & others) == 0) return {};
  return refuse("other users may read or change it",
                "chmod 600 \"" + name + "\", and make another if anybody has read this one");
}

}  // namespace reburst::signing
