#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "boot/ticket.hpp"
#include "registry/client/ticket.hpp"
#include "tests/unit/client/repository.hpp"

namespace reburst::boot {

using client::kDay;
using client::kNow;
using client::Repository;

inline const std::string kVersion = "20261101T101112Z";
inline const std::string kNewer = "20261115T090807Z";
inline const std::string kRootHash(64, 'a');

// A registry whose channel web@stable has the releases kVersion and kNewer, both of security epoch 3.
Repository repository();
Json custom(const std::string& version, std::uint64_t security_epoch = 3);

// The ticket for the channel web@`channel`, as the registry's own client makes it of what it has verified itself.
std::string ticket(const Repository& repository, const std::string& channel = "stable");
// The same without any check: what somebody hands over who holds the registry's files, and changes them.
struct Files {
  std::string clone = "web-17", channel = "stable";
  std::vector<std::string> roots;
  std::string timestamp, snapshot, targets, delegation;
};
Files files(const Repository& repository);
std::string ticket(const Files& files);

// What the release kVersion asks, with the registry's first root, at kNow.
TicketQuestion question(const Repository& repository);

Result<TicketAnswer> check(const std::string& ticket, const TicketQuestion& question);

// Refused, with these very words.
struct Words {
  std::string what, expected, found, advice = "hand over a ticket of this release's own registry: reburst ticket";
};
void expect_refused(const Result<TicketAnswer>& result, const Words& words);

}  // namespace reburst::boot
