#pragma once

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>

#include "core/digest.hpp"
#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace reburst::signing {

// A JSON text that is being read, as a refusal names it.
struct Document {
  ErrorCode code = ErrorCode::kIntegrity;
  std::string what;  // the metadata "2.root.json"
  std::string hint;

  // "WHAT: PLACE: WHY"; `place` is "signed.roles.root", or empty for the whole.
  [[nodiscard]] tl::unexpected<Error> refuse(const std::string& place, const std::string& why) const;
};

// Takes the members of one object: each must be there and of its kind. Outlived by the document and the object.
class Members {
 public:
  Members(const Document& document, const Json& object, std::string place);

  [[nodiscard]] bool has(const char* key) const;
  [[nodiscard]] std::string place(const std::string& key) const;  // "signed.roles.root"
  Result<std::string> text(const char* key);                      // without control characters
  Result<std::uint64_t> number(const char* key, std::uint64_t least = 0,
                               std::uint64_t most = std::numeric_limits<std::uint64_t>::max());
  Result<bool> flag(const char* key);
  Result<Epoch> time(const char* key);  // RFC 3339, UTC, whole seconds
  Result<Digest> digest(const char* key);
  Result<const Json*> list(const char* key, std::size_t most);
  Result<const Json*> object(const char* key, std::size_t most);
  // Refuses a member that nobody took.
  [[nodiscard]] Result<> finish() const;

 private:
  Result<const Json*> member(const char* key);

  const Document& document_;
  const Json& object_;
  std::string place_;
  std::set<std::string, std::less<>> taken_;
};

// Whether a text has a character below U+0020, or DEL.
[[nodiscard]] bool has_control(std::string_view text);

}  // namespace reburst::signing
