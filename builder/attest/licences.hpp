#pragma once

#include <map>
#include <string>

#include "builder/attest/licence.hpp"
#include "builder/lock/lock.hpp"
#include "builder/tree/tree.hpp"
#include "core/result.hpp"

namespace reburst::attest {

// What a package declares.
struct Licence {
  std::string expression;  // of SPDX; empty: no assertion can be made
  std::string comment;     // then: why, and what the copyright file refers to
};

struct Licences {
  std::map<std::string, Licence> packages;  // by name
  ExtractedLicences extracted;              // what the expressions refer to
};

// Reads /usr/share/doc/PACKAGE/copyright of every installed package: right after make_tree(), since recipes take the
// documentation away. A file that is missing or of another form is no error.
[[nodiscard]] Result<Licences> read_licences(const tree::Tree& tree, const lock::Lock& lock);

}  // namespace reburst::attest
