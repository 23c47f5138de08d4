#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "builder/resolve/pool.hpp"

namespace reburst::resolve {

// One clause of a package's relations.
struct Need {
  enum class Kind { kPreDepends, kDepends, kConflicts, kBreaks, kRecommends };
  Kind kind = Kind::kDepends;
  std::string_view text;
  std::vector<std::string_view> names;  // of the alternatives, in their order
  std::vector<DependencyId> alternatives;
  [[nodiscard]] bool hard() const { return kind == Kind::kPreDepends || kind == Kind::kDepends; }
  [[nodiscard]] bool negative() const { return kind == Kind::kConflicts || kind == Kind::kBreaks; }
};

// "Depends: libc6 (>= 2.34)"
[[nodiscard]] std::string describe(const Need& need);

// Reads the relations of packages in the order in which apt looks at them, each package once. Fields were checked when
// the pool took the package in; one that cannot be read now is a bug and throws.
class NeedsReader {
 public:
  NeedsReader(PackagePool& pool, std::string architecture) : pool_(pool), architecture_(std::move(architecture)) {}
  [[nodiscard]] const std::vector<Need>& of(PackageId package);

 private:
  PackagePool& pool_;
  std::string architecture_;
  std::unordered_map<PackageId, std::vector<Need>> needs_;  // looked up, never iterated; its references stay valid
};

}  // namespace reburst::resolve
