#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/error.hpp"

namespace reburst::cli {

// The command line with options that stand before the verb behind it, where the verb takes them: `reburst --json build
// web` is `reburst build --json web`. What no verb takes stays where it is, to be refused.
[[nodiscard]] std::vector<std::string> verb_first(const CLI::App& root, std::vector<std::string> arguments);

// What is wrong with the command line, as an Error like every other (kUsage), when CLI11 could not take `arguments`
// (without the program's name). The hint names the nearest verb or option, or the help that lists them; `program` is
// what the user calls.
[[nodiscard]] Error usage_error(const CLI::App& root, const CLI::ParseError& fault,
                                std::span<const std::string> arguments, const std::string& program);

}  // namespace reburst::cli
