#pragma once

#include <functional>

#include "core/error.hpp"

namespace reburst::cli {

// Runs `work` in a child process, so that whatever ends it (SIGINT, SIGTERM, a crash, the kernel's memory killer)
// leaves somebody to clear up: the parent ends the child's whole process group, then calls `sweep`, and
// `tell`s why. Returns the exit status; 130 after SIGINT, SIGTERM or SIGHUP, 128+N where it was ended by signal N. Call
// before any thread exists.
[[nodiscard]] int supervise(const std::function<int()>& work, const std::function<void()>& sweep,
                            const std::function<void(const Error&)>& tell);

}  // namespace reburst::cli
