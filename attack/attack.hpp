#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "attack/case.hpp"
#include "core/progress.hpp"
#include "core/result.hpp"

namespace reburst::attack {

struct Options {
  std::filesystem::path work;       // scratch
  std::filesystem::path keep = {};  // a folder in which each case's machine and console.txt are left; empty: none
  trial::Accelerator accelerator = trial::Accelerator::kEmulation;
  unsigned timeout_seconds = 300;  // for each case
  std::size_t jobs = 1;            // cases at once
};

enum class State { kAsExpected, kUnexpected, kNotApplicable };

struct Verdict {
  const Case* attack = nullptr;
  State state = State::kUnexpected;
  Outcome found = Outcome::kNothing;
  std::string shown;    // the console's line that the case is judged by
  std::string detail;   // why it is not applicable, or not as expected
  std::string console;  // plain text
  double seconds = 0;
};

// Those of the words "short" and "all", and of names: in the table's order, each once. kUsage for another word.
[[nodiscard]] Result<std::vector<const Case*>> choose(const std::vector<std::string>& words);

// Attacks the release, one case after another on `jobs` threads. A case that comes out otherwise is a value; a machine
// that cannot be made is an error. kUsage when the release starts with a ticket only, and there is none.
[[nodiscard]] Result<std::vector<Verdict>> run(const std::vector<const Case*>& chosen, const Subject& subject,
                                               const Means& means, const Options& options, Progress& progress);

[[nodiscard]] std::string_view state_name(State state);  // "as-expected", "unexpected", "not-applicable"

}  // namespace reburst::attack
