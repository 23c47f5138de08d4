#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "trial/agent_client.hpp"
#include "trial/machine.hpp"
#include "trial/qemu.hpp"
#include "trial/tpm.hpp"

namespace reburst::trial {

// What reburst-init says last; only a verified root leads to it.
inline constexpr std::string_view kVerifiedRoot = "verified root, handing over";
inline constexpr std::size_t kTailLines = 30;  // of a console, in messages

// One boot: the machine, where its ends are, and until when all has to be over.
struct Boot {
  const Options& options;
  Wiring wiring;
  Machine machine;
  AgentClient agent;
  Clock::time_point started, deadline;
  std::optional<Tpm> tpm;

  [[nodiscard]] std::string console() const;
  [[nodiscard]] double seconds() const;
};

// Starts the release in QEMU. What the guest and QEMU write is in `folder`, which must outlive the boot.
[[nodiscard]] Result<Boot> start(const Options& options, const std::filesystem::path& folder, Accelerator accelerator);

// `error` as kTest, with the console's last lines.
[[nodiscard]] tl::unexpected<Error> did_not_boot(const Boot& boot, Error error);

}  // namespace reburst::trial
