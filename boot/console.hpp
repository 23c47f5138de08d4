#pragma once

#include <string_view>

#include "boot/boot_conf.hpp"
#include "boot/result.hpp"

namespace reburst::boot {

// One line "reburst: TEXT" on every console and in the kernel's log.
void say(std::string_view text);

// The frame that a person sees instead of a running system, with room for the longest failure.
using Frame = Text<2048>;
[[nodiscard]] Frame frame_of(const Failure& failure, const BootConf& conf);

// Shows the frame, waits five seconds for a reader, then powers off or reboots as the release says. Must be process 1.
[[noreturn]] void refuse(const Failure& failure, const BootConf& conf);

}  // namespace reburst::boot
