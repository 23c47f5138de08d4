#include "registry/client/remote.hpp"

#include <algorithm>

#include "core/file.hpp"
#include "core/text.hpp"
#include "fetch/uri.hpp"
#include "registry/client/root_chain.hpp"
#include "registry/release/layout.hpp"
#include "registry/release/release.hpp"

namespace reburst::client {

namespace {

// A slow server is given up, and so is one that drips.
constexpr unsigned kDeadlineSeconds = 300;
constexpr std::uint64_t kMinBytesPerSecond = 1024;

std::string base_address(const std::string& registry) {
  const bool remote = registry.find("://") != std::string::npos;  // of a scheme that is not known, fetching says so
  auto out = remote ? registry : "file://" + fetch::escape_path(fs::absolute(registry).lexically_normal().string());
  while (out.ends_with('/') && !out.ends_with("//")) out.pop_back();
  return out;
}

std::string lower(std::string text) {
  for (auto& letter : text) letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  return text;
}

void remove_default_port(std::string& server, std::string_view scheme) {
  const std::string_view port = scheme == "http" ? ":80" : scheme == "https" ? ":443" : "";
  if (!port.empty() && server.ends_with(port)) server.resize(server.size() - port.size());
}

// A web server that has a page for whatever is not there answers 200 all the same.
Result<std::string> require_no_page(std::string text, const std::string& address) {
  if (!trim(text).starts_with('<')) return text;
  return fail(ErrorCode::kNetwork,
              "cannot accept \"" + fetch::without_credentials(address) +
                  "\": it is a page (HTML or XML), and metadata is expected",
              "check the registry's address; if it is right, the server has to answer 404 for what is not there");
}

Error not_there(const Reference& reference, const std::string& what) {
  return {ErrorCode::kMissing,
          "the registry has no " + what + " of \"" + reference.role + "\"",
          "reburst list --registry … shows what there is",
          {}};
}

// The reason of the latest yank of a version, in any of the histories.
const Move* find_yank(const std::vector<Move>& moves, const std::string& version) {
  const auto found = std::find_if(moves.rbegin(), moves.rend(),
                                  [&](const auto& move) { return move.kind == "yank" && move.version == version; });
  return found == moves.rend() ? nullptr : &*found;
}

// The yank by which a channel came to point to nothing.
const Move* find_emptying(const std::vector<Move>& moves) {
  const auto found = std::find_if(moves.rbegin(), moves.rend(),
                                  [](const auto& move) { return move.to.empty() && !move.from.empty(); });
  return found == moves.rend() ? nullptr : &*found;
}

Error yanked(const std::string& role, const std::string& version, const Move& yank) {
  return {ErrorCode::kYanked,
          "\"" + role + "\" " + version + " was yanked at " + iso_time(yank.at) + ": " + yank.reason,
          "pull another version: reburst list shows what there is",
          {}};
}

// By the newest history that any run has seen.
Result<> require_not_overtaken(const Reference& reference, const ChannelRelease& release,
                               const std::vector<Move>& moves) {
  if (const auto* yank = find_yank(moves, release.version)) return fail(yanked(release.role, release.version, *yank));
  if (reference.channel.empty() || moves.empty() || moves.back().to == release.version) return {};
  return fail(ErrorCode::kUsage,
              "\"" + release.role + "\" " + release.version + " was overtaken: another run has seen that \"" +
                  release.channel + "\" points to " + moves.back().to + " now",
              "pull it again");
}

Error two_releases(const ChannelRelease& a, const ChannelRelease& b) {
  return {ErrorCode::kIntegrity,
          "the channels \"" + a.channel + "\" and \"" + b.channel + "\" name different releases as \"" + a.role +
              "\" " + a.version,
          "tell the registry's keeper; until then name the channel that you trust: " + a.role + "@" + a.channel,
          {}};
}

}  // namespace

std::string location(const std::string& registry) {
  const auto address = fetch::without_credentials(base_address(registry));
  const auto begin = address.find("://") + 3;
  const auto end = std::min(address.find('/', begin), address.size());
  const auto scheme = lower(address.substr(0, begin - 3));
  auto server = lower(address.substr(begin, end - begin));
  remove_default_port(server, scheme);
  return scheme + "://" + server + address.substr(end);
}

fs::path state_name(std::string_view root, const std::string& registry) {
  return fs::path(state_name(root)) / sha256(location(registry)).hex();
}

Result<Reference> parse_reference(std::string_view text) {
  const auto at = text.find('@');
  Reference out{.role = std::string(text.substr(0, at)), .channel = "stable", .version = {}};
  if (at != std::string_view::npos) out.channel = text.substr(at + 1);
  if (registry::is_version(out.channel)) out.version = std::exchange(out.channel, {});
  const bool good = registry::is_label(out.role) && (!out.version.empty() || registry::is_label(out.channel));
  if (good) return out;
  return fail(ErrorCode::kUsage, "\"" + std::string(text) + "\" names no release",
              "write ROLE@CHANNEL or ROLE@VERSION, such as web@stable or web@20261121T161027Z");
}

std::optional<ChannelName> channel_name(const tuf::Delegation& delegation) {
  if (delegation.paths.empty()) return std::nullopt;
  const auto parts = split(delegation.paths.front(), '/');
  if (parts.size() < 3 || !registry::is_label(parts[0]) || !registry::is_label(parts[1])) return std::nullopt;
  ChannelName out{std::string(parts[0]), std::string(parts[1])};
  return delegation.name == registry::channel_role(out.role, out.channel) ? std::optional(out) : std::nullopt;
}

Result<Remote> Remote::open(RemoteOptions options, const std::vector<std::string>& roles) {
  options.registry = base_address(options.registry);
  if (options.fetch.deadline_seconds == 0) options.fetch.deadline_seconds = kDeadlineSeconds;
  options.fetch.min_bytes_per_second = kMinBytesPerSecond;
  options.fetch.same_origin = true;
  auto trusted = REBURST_TRY(read_state(options.state));
  if (!trusted) {
    trusted.emplace();
    trusted->root = options.root;
  }
  const auto fetch = [&](const std::string& name, std::uint64_t max) -> Result<std::string> {
    auto how = options.fetch;
    // The next root is asked for until there is none (TUF 5.3.3), and an object store may answer 403 for that.
    how.forbidden_is_missing = name.ends_with(".root.json");
    const auto address = options.registry + "/metadata/" + name;
    return require_no_page(REBURST_TRY(fetch::get(address, max, how)), address);
  };
  auto metadata = with_context(update(*trusted, fetch, {.now = options.now, .delegated = roles}),
                               "reading the registry \"" + fetch::without_credentials(options.registry) + "\"");
  return Remote(std::move(options), REBURST_TRY(std::move(metadata)));
}

std::string Remote::address(const std::string& path) const {
  return options_.registry + "/" + fetch::escape_path(path);
}

Result<std::string> Remote::read_target(const std::string& path, std::uint64_t max_bytes) const {
  const auto target = find_target(metadata_, path);
  if (!target) return fail(ErrorCode::kMissing, "the registry's metadata names no \"" + path + "\"");
  if (target->file.length > max_bytes) {
    return fail(ErrorCode::kIntegrity, "\"" + path + "\" has " + std::to_string(target->file.length) +
                                           " bytes, more than the " + std::to_string(max_bytes) + " that are allowed");
  }
  auto text = REBURST_TRY(
      fetch::get(address(registry::stored_path(path, target->file.sha256)), target->file.length, options_.fetch));
  if (text.size() == target->file.length && sha256(text) == target->file.sha256) return text;
  return fail(ErrorCode::kIntegrity,
              "\"" + path + "\" is not what the signed metadata names (length and SHA-256)\n  expected: " +
                  target->file.sha256.hex() + "\n  found:    " + sha256(text).hex(),
              "try again, or another copy of the registry");
}

Result<std::vector<ChannelRelease>> Remote::releases(const std::string& role, const std::string& channel) const {
  return channel_releases(metadata_, role, channel);
}

Result<std::vector<Move>> Remote::history(const std::string& role, const std::string& channel) {
  const auto path = registry::history_path(role, channel);
  const auto lapsed = metadata_.lapsed.find(registry::channel_role(role, channel));
  if (lapsed != metadata_.lapsed.end()) return fail(lapsed->second.why);
  const auto text = REBURST_TRY(read_target(path, kMaxHistory));
  std::vector<signing::PublicKey> keys;
  for (const auto& [id, key] : metadata_.targets.keys) keys.push_back(key);
  auto moves = REBURST_TRY(parse_history(text, role, channel, keys));
  auto& seen = metadata_.state.histories[registry::channel_role(role, channel)];
  REBURST_TRY(check_continues(seen, text));
  seen = text;
  return moves;
}

Result<ChannelRelease> Remote::find(const Reference& reference) {
  bool known = false;
  std::optional<ChannelRelease> out;
  std::optional<Move> taken_back;  // the latest of all channels, whatever their order
  std::optional<Error> expired;    // of a channel that may have it
  for (const auto& delegation : metadata_.targets.delegations) {
    const auto name = channel_name(delegation);
    const bool wanted =
        name && name->role == reference.role && (reference.channel.empty() || reference.channel == name->channel);
    if (!wanted) continue;
    known = true;
    if (const auto lapsed = metadata_.lapsed.find(delegation.name); lapsed != metadata_.lapsed.end()) {
      expired = lapsed->second.why;
      continue;
    }
    const auto moves = REBURST_TRY(history(name->role, name->channel));
    const auto version = !reference.version.empty() ? reference.version : moves.empty() ? "" : moves.back().to;
    for (auto& release : REBURST_TRY(releases(name->role, name->channel))) {
      if (release.version != version) continue;
      if (out && !same_release(*out, release)) return fail(two_releases(*out, release));
      if (!out) out = std::move(release);
    }
    const auto* yank = version.empty() ? find_emptying(moves) : find_yank(moves, version);
    if (yank != nullptr && (!taken_back || yank->at > taken_back->at)) taken_back = *yank;
  }
  // A channel that still has it may not have heard yet: a yank is about the release, not the channel.
  if (taken_back) return fail(yanked(reference.role, taken_back->version, *taken_back));
  if (out) return *std::move(out);
  if (expired) return fail(*std::move(expired));
  if (!known || !reference.version.empty())
    return fail(not_there(reference, reference.version.empty() ? "channel \"" + reference.channel + "\""
                                                               : "version \"" + reference.version + "\""));
  return fail(ErrorCode::kMissing,
              "the channel \"" + reference.channel + "\" of \"" + reference.role + "\" points to no release",
              "nothing was published to it yet");
}

Result<> Remote::require_epoch(const ChannelRelease& release) {
  auto& highest = metadata_.state.epochs[registry::channel_role(release.role, release.channel)];
  for (const auto& one : REBURST_TRY(releases(release.role, release.channel)))
    highest = std::max(highest, one.security_epoch);
  if (release.security_epoch >= highest) return {};
  return fail(
      ErrorCode::kIntegrity,
      "\"" + release.role + "\" " + release.version + " has the security epoch " +
          std::to_string(release.security_epoch) + ", and " + std::to_string(highest) + " was seen in the channel \"" +
          release.channel + "\": it must not be used any more",
      "its publisher has to publish a release of that epoch; name this one by its version to have it all the same");
}

Result<std::vector<std::string>> Remote::roots() const {
  return roots_since(options_.root, metadata_, [&](const std::string& name, std::uint64_t max) {
    return fetch::get(address("metadata/" + name), max, options_.fetch);
  });
}

Result<> Remote::remember() const {
  return write_state(options_.state, metadata_.state);
}

Result<> Remote::remember(const Reference& reference, const ChannelRelease& release,
                          const std::function<Result<>()>& place) const {
  return write_state(options_.state, metadata_.state, [&](const TrustedState& now) -> Result<> {
    const auto seen = now.histories.find(registry::channel_role(release.role, release.channel));
    if (seen != now.histories.end()) {
      const auto moves = REBURST_TRY(parse_history(seen->second, release.role, release.channel, {}));
      REBURST_TRY(require_not_overtaken(reference, release, moves));
    }
    return place();
  });
}

}  // namespace reburst::client
