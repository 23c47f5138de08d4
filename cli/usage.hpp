#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>

#include "core/error.hpp"

namespace reburst::cli {

// What is wrong with the command line, as an Error like every other (kUsage), when CLI11 could not take `arguments`
// (without the program's name). The hint names the nearest verb or option, or the help that lists them; `program` is
// what the user calls.
[[nodiscard]] Error usage_error(const CLI::App& root, const CLI::ParseError& fault,
                                std::span<const std::string> arguments, const std::string& program);

}  // namespace reburst::cli
