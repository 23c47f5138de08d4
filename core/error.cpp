#include "core/error.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include "core/result.hpp"
#include "core/text.hpp"

namespace reburst {

int exit_status(ErrorCode code) {
  return static_cast<int>(code);
}

std::string_view error_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInternal: return "internal";
    case ErrorCode::kUsage: return "usage";
    case ErrorCode::kRecipe: return "recipe";
    case ErrorCode::kSignature: return "signature";
    case ErrorCode::kExpired: return "expired";
    case ErrorCode::kIntegrity: return "integrity";
    case ErrorCode::kNetwork: return "network";
    case ErrorCode::kMissing: return "missing";
    case ErrorCode::kUnsolvable: return "unsolvable";
    case ErrorCode::kLock: return "lock";
    case ErrorCode::kPackage: return "package";
    case ErrorCode::kScript: return "script";
    case ErrorCode::kNoSpace: return "no-space";
    case ErrorCode::kTest: return "test";
    case ErrorCode::kAudit: return "audit";
    case ErrorCode::kEnvironment: return "environment";
    case ErrorCode::kIo: return "io";
    case ErrorCode::kYanked: return "yanked";
    case ErrorCode::kInterrupted: return "interrupted";
  }
  return "internal";
}

std::string_view error_meaning(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInternal: return "a bug, or something the program cannot classify";
    case ErrorCode::kUsage: return "options or arguments that make no sense";
    case ErrorCode::kRecipe: return "a recipe that is not valid";
    case ErrorCode::kSignature:
      return "a signature that is missing, wrong, or by a key that is not trusted; fewer approvals than a channel or "
             "the root wants";
    case ErrorCode::kExpired: return "signed data past its Valid-Until, or registry metadata past its term";
    case ErrorCode::kIntegrity:
      return "a size or digest that differs from what signed data says; data cut short or not parseable";
    case ErrorCode::kNetwork: return "a mirror that cannot be reached or answers with an error";
    case ErrorCode::kMissing: return "a file, package, role or, with --offline, a cached object that is not there";
    case ErrorCode::kUnsolvable: return "the archive holds no set of packages that satisfies the request";
    case ErrorCode::kLock: return "a lock that is malformed or belongs to another recipe";
    case ErrorCode::kPackage: return "a package whose content is hostile or malformed";
    case ErrorCode::kScript: return "a maintainer script or \"run:\" command that failed";
    case ErrorCode::kNoSpace: return "no space left on the device, or a quota";
    case ErrorCode::kTest: return "an image test that failed";
    case ErrorCode::kAudit: return "an image that violates a hardening control";
    case ErrorCode::kEnvironment: return "a tool, permission or kernel feature that the machine lacks";
    case ErrorCode::kIo: return "the operating system refused a file operation";
    case ErrorCode::kYanked: return "a release that its publisher took back; the message has the publisher's reason";
    case ErrorCode::kInterrupted: return "SIGINT, SIGTERM or SIGHUP";
  }
  return "";
}

Error::Error() noexcept = default;
Error::Error(ErrorCode kind, std::string what, std::string advice, std::vector<std::string> steps)
    : code(kind), message(std::move(what)), hint(std::move(advice)), context(std::move(steps)) {}
Error::Error(const Error& other) = default;
Error::Error(Error&& other) noexcept = default;
Error& Error::operator=(const Error& other) = default;
Error& Error::operator=(Error&& other) noexcept = default;
Error::~Error() = default;

std::string Error::render() const {
  std::string out = message;
  for (const auto& step : context) out += "\n  while " + step;
  if (!hint.empty()) out += "\n  hint: " + hint;
  return printable(out);  // what it quotes may be hostile
}

tl::unexpected<Error> fail(ErrorCode code, std::string message, std::string hint) {
  return fail(Error(code, std::move(message), std::move(hint)));
}

tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

Error system_error(std::string_view what, int error_number) {
  const bool full = error_number == ENOSPC || error_number == EDQUOT;
  return {full ? ErrorCode::kNoSpace : ErrorCode::kIo,
          std::string(what) + ": " + std::generic_category().message(error_number),
          full ? "free some space, or name another place with --out and --cache" : ""};
}

}  // namespace reburst
