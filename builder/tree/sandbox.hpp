#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/process.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace reburst::tree {

// Runs programs of a tree inside it: Linux namespaces made by bubblewrap (mount, pid, network, ipc, uts), no network
// but a dead loopback, no path of the build machine, a private /proc, a minimal /dev, empty /tmp and /run that vanish,
// a fixed hostname, environment and umask, and as few capabilities as dpkg's scripts need. fsync and its kin do
// nothing.
class Sandbox {
 public:
  // kEnvironment when bwrap is missing.
  [[nodiscard]] static Result<Sandbox> make(const std::filesystem::path& root, Epoch epoch);

  struct Run {
    std::vector<std::string> argv;
    std::vector<std::string> environment;  // added to the fixed one
    std::string input;
  };
  // Output and errors come together in Exit::out. A status other than 0 is a value.
  [[nodiscard]] Result<Exit> run(const Run& run) const;

 private:
  Sandbox(std::filesystem::path root, Epoch epoch) : root_(std::move(root)), epoch_(epoch) {}
  std::filesystem::path root_;
  Epoch epoch_ = 0;
};

}  // namespace reburst::tree
