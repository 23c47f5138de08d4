#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace reburst::trial {

// A running QEMU. It is killed when this goes, and by the kernel when this process dies.
class Machine {
 public:
  // Starts `argv` (argv[0] by core's fixed PATH) with nothing on stdin. Its own messages go to `scratch`/qemu.log, its
  // temporary files to `scratch`. It keeps the descriptors `passed`, with the same numbers, and no others.
  [[nodiscard]] static Result<Machine> start(const std::vector<std::string>& argv, const std::filesystem::path& scratch,
                                             const std::vector<int>& passed);

  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  Machine(Machine&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  Machine& operator=(Machine&&) = delete;
  ~Machine() { stop(); }

  // Whether it still runs.
  [[nodiscard]] bool alive();
  // Kills it, and waits until it is gone.
  void stop();

 private:
  explicit Machine(pid_t pid) : pid_(pid) {}
  pid_t pid_;
};

}  // namespace reburst::trial
