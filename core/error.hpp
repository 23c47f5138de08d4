#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reburst {

// What went wrong, by kind. Each kind has its own exit status (docs/reference/exit-status.md); numbers never change.
enum class ErrorCode {
  kInternal = 1,       // a bug, or something the program cannot classify
  kUsage = 2,          // options or arguments that make no sense
  kRecipe = 3,         // a recipe that is not valid
  kSignature = 4,      // a signature that is missing, wrong, or by a key that is not trusted
  kExpired = 5,        // signed data past its Valid-Until
  kIntegrity = 6,      // size or digest differs from what signed data says; cut short; not parseable after verification
  kNetwork = 7,        // a mirror that cannot be reached or answers with an error
  kMissing = 8,        // a file, package, role or (with --offline) cached object that is not there
  kUnsolvable = 9,     // the archive holds no set of packages that satisfies the request
  kLock = 10,          // a lock that is malformed or belongs to another recipe
  kPackage = 11,       // a package whose content is hostile or malformed
  kScript = 12,        // a maintainer script or `run:` command that failed
  kNoSpace = 13,       // no space left on the device, or a quota
  kTest = 14,          // an image test that failed
  kAudit = 15,         // a hardening finding
  kEnvironment = 16,   // a tool, permission or kernel feature that the machine lacks
  kIo = 17,            // the operating system refused a file operation
  kYanked = 18,        // a release that its publisher took back
  kInterrupted = 130,  // SIGINT or SIGTERM
};

// The process exit status for `code`; the enumerator's own number.
[[nodiscard]] int exit_status(ErrorCode code);

// The stable name used in --json output, such as "signature".
[[nodiscard]] std::string_view error_name(ErrorCode code);

// One line of what it stands for, as the manual and docs/reference/exit-status.md have it.
[[nodiscard]] std::string_view error_meaning(ErrorCode code);

// A failure that the world can cause. `message` is lower case: what was attempted, on which quoted object, why it
// failed. `hint` says what to do next (may be empty). `context` runs from the innermost to the outermost step.
//
// Its special members are compiled once, in error.cpp: every REBURST_TRY in the program moves and destroys an Error,
// and inlined there they were the larger part of most object files.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::string hint;
  std::vector<std::string> context;
  bool placed = false;  // `message` opens with a place in what the user wrote: "shop.yaml:5:13: error: …"

  Error() noexcept;
  Error(ErrorCode kind, std::string what, std::string advice = {}, std::vector<std::string> steps = {});
  Error(const Error& other);
  Error(Error&& other) noexcept;
  Error& operator=(const Error& other);
  Error& operator=(Error&& other) noexcept;
  ~Error();

  // "message", then one "  while …" line per context, then "  hint: …"; no trailing newline and no control characters.
  [[nodiscard]] std::string render() const;
};

// kNoSpace for ENOSPC and EDQUOT, kIo otherwise; message is "WHAT: strerror".
[[nodiscard]] Error system_error(std::string_view what, int error_number);

}  // namespace reburst
