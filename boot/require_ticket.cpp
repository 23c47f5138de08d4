#include <time.h>

#include "boot/console.hpp"
#include "boot/files.hpp"
#include "boot/parse.hpp"
#include "boot/signature.hpp"
#include "boot/steps.hpp"
#include "boot/ticket_file.hpp"
#include "boot/ticket_source.hpp"

namespace reburst::boot {

namespace {

constexpr std::size_t kMaxRoot = 1U << 20U;

using Buffer = std::array<char, kMaxTicket>;

tl::unexpected<Failure> refuse_ticket(std::string_view what, std::string_view expected, std::string_view found,
                                      std::string_view advice) {
  Failure failure;
  failure.what.add(what);
  failure.expected.add(expected);
  failure.found.add(found);
  failure.advice.add(advice);
  return fail(failure);
}

// The one that was handed over, by whichever way; empty when none was.
Result<std::string_view> find_ticket(bool required, Buffer& first, Buffer& second) {
  const auto firmware = REBURST_BOOT_TRY(ticket_from_firmware(first));
  const auto disk = REBURST_BOOT_TRY(ticket_from_disk(required && firmware.empty(), second));
  if (firmware.empty()) return disk;
  if (disk.empty() || disk == firmware) return firmware;
  return refuse_ticket("looking for the release ticket", "one ticket", "two that differ, by fw_cfg and on a disk",
                       "hand over one of them");
}

Result<std::string_view> read_root(const BootConf& conf, std::span<char> buffer) {
  if (!conf.has_trust_root) {
    return refuse_ticket("checking the release ticket", "a trusted root in the image", "none",
                         "build the image with --trust-root, or hand over no ticket");
  }
  const auto root = REBURST_BOOT_TRY(read_small("/root.json", buffer));
  if (sha256(root) == conf.trust_root) return root;
  return refuse_ticket("reading /root.json", "the root that /boot.conf names", "another",
                       "the initrd is damaged: publish the release again");
}

std::uint64_t clock_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec > 0 ? static_cast<std::uint64_t>(now.tv_sec) : 0;
}

void announce_ticket(const TicketAnswer& answer) {
  Text<256> line("release ticket for ");
  say(line.add(answer.clone).add(", good until ").add(time_text(answer.until)));
}

}  // namespace

Result<bool> require_ticket(const BootConf& conf, TicketAnswer& answer) {
  static Buffer first;
  static Buffer second;
  static std::array<char, kMaxRoot> root_buffer;
  const bool required = conf.ticket == TicketPolicy::kRequired && !is_for_tests();
  const auto ticket = REBURST_BOOT_TRY(find_ticket(required, first, second));
  if (ticket.empty() && !required) return false;
  if (ticket.empty()) {
    return refuse_ticket("looking for the release ticket",
                         "one, by fw_cfg or on a partition labelled \"reburst-ticket\"", "none",
                         "hand one over: reburst ticket ROLE@CHANNEL --for CLONE");
  }
  TicketQuestion question;
  question.root = REBURST_BOOT_TRY(read_root(conf, root_buffer));
  question.role = conf.role;
  question.version = conf.version;
  question.root_hash = conf.root_hash;
  question.epoch = conf.epoch;
  question.clock = clock_seconds();
  // The buffer that does not hold the ticket is free now.
  Buffer& scratch = ticket.data() == first.data() ? second : first;
  answer = REBURST_BOOT_TRY(check_ticket(ticket, question, scratch));
  announce_ticket(answer);
  return true;
}

}  // namespace reburst::boot
