#pragma once

#include <cstdint>
#include <string_view>

namespace reburst {

// Where a stage tells the person at the terminal how far it is. Implementations (cli/) decide what is shown; stages
// call it freely, from any thread. Units are bytes or items, as the stage says.
class Progress {
 public:
  Progress() = default;
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  Progress(Progress&&) = delete;
  Progress& operator=(Progress&&) = delete;
  virtual ~Progress() = default;

  enum class Unit { kItems, kBytes };
  // A new stage, such as "fetch" or "configure"; `total` 0 means unknown.
  virtual void begin(std::string_view stage, std::uint64_t total, Unit unit) = 0;
  virtual void advance(std::uint64_t by) = 0;
  // One line that the person should see even without a terminal ("warning: …", "retrying …").
  virtual void note(std::string_view line) = 0;
};

// Shows nothing; for tests and --quiet.
[[nodiscard]] Progress& silent_progress();

}  // namespace reburst
