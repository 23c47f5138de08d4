#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "attack/case.hpp"

namespace reburst::attack {

// Why this release, or who attacks it, lacks what the case needs; empty when nothing is lacking.
[[nodiscard]] std::string lacking(const Case& attack, const Subject& subject, const Means& means);

// How much longer a console is to be watched (trial::Decide): QEMU ends well on success and on panic, and firmware
// waits for a key after a refusal, so only what the console says counts.
[[nodiscard]] std::optional<double> enough(const Case& attack, std::string_view console);

// What a console shows that is plain text (trial::console_tail()).
[[nodiscard]] Outcome outcome_of(std::string_view console, const Subject& subject);

// The first line with the pieces of `pattern` between "*" in their order; @LAST@ and @MIDDLE@ are the bytes where the
// root's last and its middle block begin.
[[nodiscard]] std::optional<std::string> matching_line(std::string_view console, std::string_view pattern,
                                                       const Subject& subject);

// Why the registers of a machine's TPM are not as the case wants them; empty when they are.
[[nodiscard]] std::string measured_otherwise(Measured wanted, const trial::Registers& found, const Subject& subject);

}  // namespace reburst::attack
