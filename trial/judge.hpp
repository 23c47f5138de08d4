#pragma once

#include <string>
#include <string_view>

#include "builder/recipe/recipe.hpp"
#include "trial/trial.hpp"

namespace reburst::trial {

// What a command did in the guest.
struct CommandOutcome {
  int status = 0;  // exit status, 128 + signal, or 124 when it did not end in time
  std::string out, error;
};

// The verdict about a command (recipe::CommandTest says what counts).
[[nodiscard]] TestResult judge_command(const std::string& name, const recipe::CommandTest& expected,
                                       const CommandOutcome& found);

// The verdict about a server: `status` is what it answered last, 0 when it never did.
[[nodiscard]] TestResult judge_http(const std::string& name, const recipe::HttpTest& expected, int status);

// A console as a person reads it: without escape sequences and carriage returns; the last `lines` lines.
[[nodiscard]] std::string console_tail(std::string_view console, std::size_t lines);

}  // namespace reburst::trial
