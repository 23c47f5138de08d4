#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "core/digest.hpp"

// What a real machine measured: QEMU with OVMF 2022.11, swtpm 0.7.1, Secure Boot on with keys as "key create" makes
// them, and a boot program with systemd's stub. One line for each event of PCR 4, 7 and 11 in the firmware's log
// (register, type, digest, event), then what the TPM itself held.
namespace reburst::measure::testing {

struct Event {
  unsigned number = 0;
  std::string type;
  Digest digest;
  std::string content;
};
struct EventLog {
  std::vector<Event> events;
  std::map<unsigned, Digest> registers;
};

inline std::string bytes_of_hex(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return out;
}

inline EventLog read_log(const std::string& name) {
  std::ifstream file(std::string(REBURST_SOURCE_DIR "/tests/unit/measure/") + name);
  EventLog out;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string kind, type, digest, content;
    unsigned number = 0;
    words >> kind >> number;
    if (kind == "event") {
      words >> type >> digest >> content;
      out.events.push_back({number, type, Digest::parse(digest).value(), bytes_of_hex(content)});
    } else {
      words >> digest;
      out.registers[number] = Digest::parse(digest).value();
    }
  }
  EXPECT_EQ(out.registers.size(), 3U) << name;
  return out;
}

inline std::vector<Event> events_of(const EventLog& log, unsigned number) {
  std::vector<Event> out;
  for (const Event& event : log.events) {
    if (event.number == number) out.push_back(event);
  }
  return out;
}

}  // namespace reburst::measure::testing
