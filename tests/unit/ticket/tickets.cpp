#include "tests/unit/ticket/tickets.hpp"

#include <stdexcept>

#include "boot/parse.hpp"
#include "registry/client/root_chain.hpp"

namespace reburst::boot {

namespace {

void put_release(tuf::Targets& targets, const std::string& channel, const std::string& version) {
  for (const std::string file : {"manifest.json", "web.raw"}) {
    const auto path = "web/" + channel + "/" + version + "/" + file;
    targets.targets[path] = {path.size(), reburst::sha256(path), custom(version)};
  }
}

}  // namespace

Json custom(const std::string& version, std::uint64_t security_epoch) {
  const std::string digest(64, 'b');
  return {
      {"role", "web"},          {"architecture", "amd64"},   {"version", version},   {"security_epoch", security_epoch},
      {"root_hash", kRootHash}, {"oci", "sha256:" + digest}, {"chunk_index", digest}};
}

Repository repository() {
  Repository out;
  for (const std::string channel : {"dev", "stable"}) {
    auto& targets = out.delegated.at("web-" + channel);
    targets.targets.clear();
    targets.targets["web/" + channel + "/history.jsonl"] = {3, reburst::sha256("moves"), {{"current", kVersion}}};
    put_release(targets, channel, kVersion);
    put_release(targets, channel, kNewer);
    out.put_targets("web-" + channel);
  }
  out.put_snapshot();
  out.put_timestamp();
  return out;
}

std::string ticket(const Repository& repository, const std::string& channel) {
  const auto metadata = repository.update(repository.first());
  if (!metadata) throw std::runtime_error(metadata.error().render());
  client::ChannelRelease release;
  release.role = "web";
  release.channel = channel;
  auto out = client::make_ticket(
      *metadata, release,
      client::roots_since(repository.files.at("1.root.json"), *metadata, repository.fetch()).value(), "web-17");
  if (!out) throw std::runtime_error(out.error().render());
  return out->bytes;
}

Files files(const Repository& repository) {
  Files out;
  for (std::uint64_t version = 2; version <= repository.root.header.version; ++version)
    out.roots.push_back(repository.files.at(std::to_string(version) + ".root.json"));
  out.timestamp = repository.files.at("timestamp.json");
  out.snapshot = repository.files.at(repository.name("snapshot"));
  out.targets = repository.files.at(repository.name("targets"));
  out.delegation = repository.files.at(repository.name("web-stable"));
  return out;
}

std::string ticket(const Files& files) {
  std::string head = "reburst-ticket 1\nfor " + files.clone + "\nchannel " + files.channel + "\n";
  std::string body;
  const auto add = [&](const std::string& key, const std::string& text) {
    head += key + " " + std::to_string(text.size()) + "\n";
    body += text;
  };
  for (const auto& root : files.roots) add("root", root);
  add("timestamp", files.timestamp);
  add("snapshot", files.snapshot);
  add("targets", files.targets);
  add("delegation", files.delegation);
  return head + "\n" + body;
}

TicketQuestion question(const Repository& repository) {
  TicketQuestion out{.root = repository.files.at("1.root.json"),
                     .role = "web",
                     .version = kVersion,
                     .root_hash = {},
                     .epoch = kNow - 20 * kDay,
                     .clock = kNow,
                     .floor = 0};
  (void)parse_hex(kRootHash, out.root_hash);
  return out;
}

Result<TicketAnswer> check(const std::string& ticket, const TicketQuestion& question) {
  // Of exactly this size, so that a sanitizer sees what reads or writes beyond it.
  std::vector<char> scratch(std::max(ticket.size(), question.root.size()));
  return check_ticket(ticket, question, scratch);
}

void expect_refused(const Result<TicketAnswer>& result, const Words& words) {
  ASSERT_FALSE(result) << "accepted";
  EXPECT_EQ(result.error().what.view(), words.what);
  EXPECT_EQ(result.error().expected.view(), words.expected);
  EXPECT_EQ(result.error().found.view(), words.found);
  EXPECT_EQ(result.error().advice.view(), words.advice);
}

}  // namespace reburst::boot
