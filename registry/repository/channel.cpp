#include "registry/repository/channel.hpp"

#include <algorithm>

#include "core/file.hpp"
#include "core/text.hpp"
#include "core/valid_utf8.hpp"
#include "registry/client/verify.hpp"
#include "registry/release/layout.hpp"
#include "signing/sign/seal.hpp"
#include "signing/verify/members.hpp"

namespace reburst::registry {

namespace {

// A delegated role is named ROLE-CHANNEL, and both may hold dashes; its patterns tell where the one ends.
std::pair<std::string, std::string> split_name(const tuf::Delegation& delegation) {
  const auto& pattern = delegation.paths.front();
  const auto first = pattern.find('/');
  const auto second = pattern.find('/', first + 1);
  return {pattern.substr(0, first), pattern.substr(first + 1, second - first - 1)};
}

Result<std::string> read_history(const Metadata& metadata, const Channel& channel) {
  const auto path = history_path(channel.role, channel.name);
  const auto found = channel.targets.targets.find(path);
  if (found == channel.targets.targets.end()) return std::string();
  const auto file = metadata.registry() / stored_path(path, found->second.sha256);
  auto text = REBURST_TRY(read_file(file, client::kMaxHistory));
  if (sha256(text) == found->second.sha256) return text;
  return fail(ErrorCode::kIntegrity, "\"" + file.string() + "\" is not the history that the metadata names",
              "restore it from a copy of the registry: without it nothing can be published to this channel");
}

}  // namespace

std::string Channel::metadata_role() const {
  return channel_role(role, name);
}

Result<Channel> read_channel(const Metadata& metadata, const std::string& role, const std::string& name) {
  Channel out{.role = role, .name = name, .targets = {}, .history = {}, .statement_keys = {}};
  const auto found = metadata.delegated().find(out.metadata_role());
  if (found != metadata.delegated().end()) {
    out.targets = found->second;
    out.statement_keys = REBURST_TRY(client::statement_keys(out.targets, role, name));
  }
  out.history = REBURST_TRY(read_history(metadata, out));
  return out;
}

Result<std::string> current_version(const Channel& channel) {
  const auto moves = REBURST_TRY(client::parse_history(channel.history, channel.role, channel.name, {}));
  return moves.empty() ? std::string() : moves.back().to;
}

std::string version_without(const std::vector<client::Move>& moves, const std::string& version,
                            const std::set<std::string>& named) {
  std::set<std::string> gone = {version, ""};
  for (const auto& move : moves) {
    if (move.kind == "yank") gone.insert(move.version);
  }
  for (auto move = moves.rbegin(); move != moves.rend(); ++move) {
    if (!gone.contains(move->to) && named.contains(move->to)) return move->to;
  }
  return {};
}

Result<std::map<std::string, std::string>> yanked_versions(const Metadata& metadata, const std::string& role) {
  std::map<std::string, std::string> out;
  for (const auto& name : channels_of(metadata, role)) {
    const auto channel = REBURST_TRY(read_channel(metadata, role, name));
    for (const auto& move : REBURST_TRY(client::parse_history(channel.history, role, name, {}))) {
      if (move.kind == "yank") out.emplace(move.version, move.reason);
    }
  }
  return out;
}

Result<> check_line(std::string_view text, const std::string& what) {
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorCode::kUsage, what + " " + why, "write one line of text, such as \"nginx CVE fix\"");
  };
  if (trim(text).empty()) return refuse("is empty");
  if (text.size() > client::kMaxText) return refuse("is longer than " + std::to_string(client::kMaxText) + " bytes");
  if (valid_utf8(text) != text) return refuse("is not UTF-8");
  if (signing::has_control(text)) return refuse("has a line break or another control character");
  const auto shown = printable(text);
  if (shown == text) return {};
  const auto first = std::mismatch(shown.begin(), shown.end(), text.begin(), text.end()).first;
  const std::string from(first, shown.end());
  const std::size_t size = from.starts_with("\\ud") ? 12 : 6;  // a pair of them, or one such as "\u202e"
  return refuse("has the character " + from.substr(0, size) +
                ", which nobody sees and which can make the line read otherwise");
}

Result<> add_move(Channel& channel, client::Move move, const Publisher& publisher) {
  REBURST_TRY(check_line(move.reason, "the reason"));
  const auto signer = REBURST_TRY(statement_signer(publisher, channel.metadata_role()));
  move.role = channel.role;
  move.channel = channel.name;
  move.from = REBURST_TRY(current_version(channel));
  move.at = publisher.now;
  move.by = signer->public_key().id();
  channel.history += REBURST_TRY(
      signing::seal_envelope(client::kMoveType, client::move_payload(move, channel.history), {signer.get()}));
  if (channel.history.size() <= client::kMaxHistory) return {};
  return fail(ErrorCode::kUsage,
              "the history of \"" + channel.metadata_role() + "\" would have " +
                  std::to_string(channel.history.size()) + " bytes, and clients read " +
                  std::to_string(client::kMaxHistory) + " at most",
              "a history is never shortened: go on in a channel of another name");
}

void add_statement_key(Channel& channel, const signing::PublicKey& key) {
  auto& keys = channel.statement_keys;
  if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
}

Result<> save_channel(Metadata& metadata, Channel channel) {
  const auto path = history_path(channel.role, channel.name);
  const auto digest = sha256(channel.history);
  const auto file = metadata.registry() / stored_path(path, digest);
  metadata.place(file);
  REBURST_TRY(make_directories(file.parent_path()));
  REBURST_TRY(write_file_atomic(file, channel.history));
  Json keys = Json::array();
  for (const auto& key : channel.statement_keys) keys.push_back(key.to_tuf());
  channel.targets.targets[path] = {
      .length = channel.history.size(),
      .sha256 = digest,
      .custom = {{"current", REBURST_TRY(current_version(channel))}, {"keys", std::move(keys)}}};
  return metadata.set_delegated(channel.metadata_role(), channel_paths(channel.role, channel.name),
                                std::move(channel.targets));
}

std::vector<std::string> channel_paths(const std::string& role, const std::string& name) {
  return {role + "/" + name + "/*", role + "/" + name + "/*/*"};
}

std::vector<std::string> channels_of(const Metadata& metadata, const std::string& role) {
  std::vector<std::string> out;
  for (const auto& delegation : metadata.targets().delegations) {
    const auto [owner, channel] = split_name(delegation);
    if (owner == role && metadata.delegated().contains(delegation.name)) out.push_back(channel);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> roles_of(const Metadata& metadata) {
  std::vector<std::string> out;
  for (const auto& delegation : metadata.targets().delegations) {
    if (metadata.delegated().contains(delegation.name)) out.push_back(split_name(delegation).first);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Result<std::unique_ptr<signing::Signer>> statement_signer(const Publisher& publisher,
                                                          const std::string& metadata_role) {
  auto all =
      REBURST_TRY(signing::signers(publisher.keys, signing::role_setup(publisher.keys, metadata_role), publisher.ask));
  if (all.empty()) {
    return fail(ErrorCode::kSignature, "no key of \"" + metadata_role + "\" can sign here",
                "name a folder that has one with --keys");
  }
  const auto ecdsa = std::find_if(
      all.begin(), all.end(), [](const auto& one) { return one->public_key().type() == signing::KeyType::kEcdsaP256; });
  return std::move(ecdsa == all.end() ? all.front() : *ecdsa);
}

}  // namespace reburst::registry
