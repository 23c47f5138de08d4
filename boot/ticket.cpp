#include "boot/ticket.hpp"

#include "boot/parse.hpp"
#include "boot/ticket_file.hpp"
#include "boot/ticket_targets.hpp"
#include "boot/tuf.hpp"

namespace reburst::boot {

namespace {

constexpr std::string_view kRoot = "root";

// What the roles of the newest root say, and what they list.
struct Chain {
  Metadata root, timestamp, snapshot, targets, delegation;
  Json snapshot_meta;  // of snapshot, what it lists

  [[nodiscard]] std::array<const Metadata*, 5> all() const {
    return {&root, &timestamp, &snapshot, &targets, &delegation};
  }
};

Result<> check_role(const Metadata& root, std::string_view role, const Metadata& metadata) {
  static RoleKeys keys;
  REBURST_BOOT_TRY(read_role(root.content.member("roles").member(role), root.content.member("keys"), root.name, keys));
  return check_threshold(metadata, keys);
}

Result<Metadata> read_root(std::string_view file, std::span<char> scratch) {
  Metadata root = REBURST_BOOT_TRY(read_metadata(file, kRoot, kRoot, scratch));
  if (!root.content.member("consistent_snapshot").is_true()) {
    return fail(ticket_failure(kRoot, "consistent snapshots", "none"));
  }
  REBURST_BOOT_TRY(check_role(root, kRoot, root));  // its own keys: section 5.3.4, and a damaged file
  return root;
}

// Section 5.3. The ticket may have been made from an older root than this image's: what is older is passed over.
Result<Metadata> follow_roots(const TicketFile& ticket, std::string_view trusted, std::span<char> scratch) {
  Metadata current = REBURST_BOOT_TRY(read_root(trusted, scratch));
  for (const std::string_view file : ticket.root_chain()) {
    const Metadata next = REBURST_BOOT_TRY(read_root(file, scratch));
    if (next.version <= current.version) continue;
    if (next.version != current.version + 1) {
      Failure failure = ticket_failure(kRoot, "", "");
      failure.expected.add("version ").add_number(current.version + 1);
      failure.found.add("version ").add_number(next.version);
      failure.advice =
          std::string_view("make the ticket with the root that the image was built with: reburst ticket --root");
      return fail(failure);
    }
    REBURST_BOOT_TRY(check_role(current, kRoot, next));
    current = next;
  }
  return current;
}

// Section 5.4: nothing lists it.
Result<> read_timestamp(const TicketFile& ticket, Chain& chain, std::span<char> scratch) {
  chain.timestamp = REBURST_BOOT_TRY(read_metadata(ticket.timestamp, "timestamp", "timestamp", scratch));
  return check_role(chain.root, "timestamp", chain.timestamp);
}

// Sections 5.5 and 5.6: hash, signatures, version. `keys` of the role come from whoever lists or delegates.
struct Listed {
  std::string_view file, name, type;
  Json listed;
};
Result<Metadata> read_listed(const Listed& wanted, std::span<char> scratch) {
  REBURST_BOOT_TRY(check_bytes(wanted.listed, wanted.file, wanted.name));
  const Metadata out = REBURST_BOOT_TRY(read_metadata(wanted.file, wanted.name, wanted.type, scratch));
  REBURST_BOOT_TRY(check_version(wanted.listed, out));
  return out;
}

Result<> read_snapshot(const TicketFile& ticket, Chain& chain, std::span<char> scratch) {
  const Json listed = chain.timestamp.content.member("meta").member("snapshot.json");
  chain.snapshot = REBURST_BOOT_TRY(read_listed({ticket.snapshot, "snapshot", "snapshot", listed}, scratch));
  REBURST_BOOT_TRY(check_role(chain.root, "snapshot", chain.snapshot));
  chain.snapshot_meta = chain.snapshot.content.member("meta");
  return {};
}

Result<> read_targets(const TicketFile& ticket, Chain& chain, std::span<char> scratch) {
  const Json listed = chain.snapshot_meta.member("targets.json");
  chain.targets = REBURST_BOOT_TRY(read_listed({ticket.targets, "targets", "targets", listed}, scratch));
  return check_role(chain.root, "targets", chain.targets);
}

Result<> read_delegation(const TicketFile& ticket, const ChannelName& channel, Chain& chain, std::span<char> scratch) {
  static RoleKeys keys;
  static Text<140> listed_name;
  REBURST_BOOT_TRY(find_delegation(chain.targets, channel, keys));
  listed_name = channel.metadata.view();
  listed_name.add(".json");
  const Json listed = chain.snapshot_meta.member(listed_name);
  chain.delegation = REBURST_BOOT_TRY(read_listed({ticket.delegation, channel.metadata, "targets", listed}, scratch));
  return check_threshold(chain.delegation, keys);
}

// Sections 5.3.10, 5.4.4, 5.5.6 and 5.6.6, in one: no clock is believed before the signed facts are known.
Result<> check_expiry(const Chain& chain, TicketAnswer& answer) {
  answer.until = UINT64_MAX;
  for (const Metadata* each : chain.all()) {
    if (each->expires < answer.until) answer.until = each->expires;
    if (each->expires > answer.time) continue;
    Failure failure = ticket_failure(each->name, "", "");
    failure.expected.add("an expiry after ").add(time_text(answer.time));
    failure.found.add("it expired at ").add(time_text(each->expires));
    failure.advice = std::string_view("hand over a new ticket (reburst ticket), and check the machine's clock");
    return fail(failure);
  }
  return {};
}

}  // namespace

Result<TicketAnswer> check_ticket(std::string_view ticket, const TicketQuestion& question, std::span<char> scratch) {
  static TicketFile file;
  static Chain chain;
  static ChannelName channel;
  file = REBURST_BOOT_TRY(parse_ticket(ticket));
  channel = ChannelName(question.role, file.channel);
  chain.root = REBURST_BOOT_TRY(follow_roots(file, question.root, scratch));
  REBURST_BOOT_TRY(read_timestamp(file, chain, scratch));
  REBURST_BOOT_TRY(read_snapshot(file, chain, scratch));
  REBURST_BOOT_TRY(read_targets(file, chain, scratch));
  REBURST_BOOT_TRY(read_delegation(file, channel, chain, scratch));

  const Releases releases = REBURST_BOOT_TRY(read_releases(chain.delegation, channel, question.version));
  TicketAnswer answer;
  answer.clone = file.clone;
  answer.channel = file.channel;
  answer.digest = sha256(ticket);
  for (const std::uint64_t each : {question.clock, question.epoch, releases.newest}) {
    if (each > answer.time) answer.time = each;
  }
  REBURST_BOOT_TRY(check_expiry(chain, answer));
  REBURST_BOOT_TRY(check_release(releases, question.root_hash, question.floor, channel, question.version));
  answer.security_epoch = releases.security_epoch;
  return answer;
}

}  // namespace reburst::boot
