#pragma once

#include <functional>

namespace reburst::cli {

// Runs `work` in a child process, so that whatever ends it (SIGINT, SIGTERM, a crash, the kernel's memory killer)
// leaves somebody to clear up: the parent ends the child's whole process group, then calls `sweep`. Returns the exit
// status; 130 after SIGINT or SIGTERM. Call before any thread exists.
[[nodiscard]] int supervise(const std::function<int()>& work, const std::function<void()>& sweep);

}  // namespace reburst::cli
