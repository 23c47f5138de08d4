#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace reburst {

// A child process. `argv[0]` is looked up in the fixed PATH of core/process.cpp unless it holds a slash. The
// environment is exactly `environment` ("NAME=value"); nothing is inherited but the descriptors of `pass_fds` (same
// numbers).
struct Command {
  std::vector<std::string> argv;
  std::vector<std::string> environment = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                          "LC_ALL=C.UTF-8"};
  std::filesystem::path directory = {};  // empty: the caller's
  std::string input = {};                // what the child reads on stdin
  std::vector<int> pass_fds = {};
  bool merge_output = false;                // stderr into Exit::out, in the order written
  std::size_t max_output = 16U << 20U;      // of each stream; what is beyond is dropped from the front
  std::optional<int> timeout_seconds = {};  // then SIGKILL, and kInternal "… did not end within N s"
};

struct Exit {
  int status = 0;  // exit status, or 128 + signal number
  std::string out;
  std::string error;
};

// Runs to the end. A status other than 0 is a value; failing to start is an error (kEnvironment when the program is
// missing). The child dies with us (PR_SET_PDEATHSIG).
[[nodiscard]] Result<Exit> run(const Command& command);

// The first `name` on the fixed PATH, or nothing.
[[nodiscard]] std::optional<std::filesystem::path> find_program(const std::string& name);

}  // namespace reburst
