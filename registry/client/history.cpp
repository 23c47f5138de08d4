#include "registry/client/history.hpp"

#include <algorithm>
#include <array>

#include "core/json.hpp"
#include "core/text.hpp"
#include "registry/release/release.hpp"
#include "signing/verify/dsse.hpp"

namespace reburst::client {

namespace {

constexpr std::string_view kHint = "the registry is damaged, or its history was changed: ask its keeper";

// "line 3 of the history of web/stable"
std::string line_name(std::size_t number, std::string_view role, std::string_view channel) {
  return "line " + std::to_string(number) + " of the history of " + std::string(role) + "/" + std::string(channel);
}

tl::unexpected<Error> refuse(const std::string& where, const std::string& why) {
  return fail(ErrorCode::kIntegrity, "cannot accept " + where + ": " + why, std::string(kHint));
}

bool plain_text(std::string_view text) {
  return text.size() <= kMaxText && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

bool version_or_none(std::string_view text) {
  return text.empty() || registry::is_plain_name(text);
}

Json to_json(const Move& move, std::string_view previous) {
  Json out{{"at", iso_time(move.at)}, {"by", move.by},     {"channel", move.channel},
           {"from", move.from},       {"kind", move.kind}, {"previous", previous},
           {"reason", move.reason},   {"role", move.role}, {"to", move.to}};
  if (move.kind == "yank") out["version"] = move.version;
  return out;
}

std::string payload_of(const Move& move, std::string_view previous) {
  std::string text = canonical_json(to_json(move, previous));
  text.pop_back();
  return text;
}

// The digest of the last line (without its newline), or nothing before the first.
std::string last_digest(std::string_view history) {
  if (history.empty()) return {};
  if (history.ends_with('\n')) history.remove_suffix(1);
  return sha256(history.substr(history.rfind('\n') + 1)).hex();
}

struct Line {
  Move move;
  std::string previous;
};

Result<Line> read_payload(const std::string& payload, const std::string& where) {
  const Json json = REBURST_TRY(parse_json(payload, where, 2));
  Line out;
  Move& move = out.move;
  const std::array<std::pair<const char*, std::string*>, 8> members{{{"kind", &move.kind},
                                                                     {"role", &move.role},
                                                                     {"channel", &move.channel},
                                                                     {"from", &move.from},
                                                                     {"to", &move.to},
                                                                     {"reason", &move.reason},
                                                                     {"by", &move.by},
                                                                     {"previous", &out.previous}}};
  for (const auto& [key, member] : members) {
    *member = REBURST_TRY(json_string(json, key, where));
    // Messages and terminals show it.
    if (!plain_text(*member))
      return refuse(where, "\"" + std::string(key) + "\" is too long, or holds a control character");
  }
  if (move.kind == "yank") move.version = REBURST_TRY(json_string(json, "version", where));
  const auto at = parse_iso_time(REBURST_TRY(json_string(json, "at", where)));
  if (!at) return refuse(where, "\"at\" is not a time such as \"2026-01-01T00:00:00Z\"");
  move.at = *at;
  // Whatever else it holds, and every other spelling of the same, shows here.
  if (payload_of(move, out.previous) != payload) return refuse(where, "its payload is not in canonical form");
  return out;
}

Result<> check_move(const Move& move, const std::string& where) {
  constexpr std::array<std::string_view, 3> kKinds{"promote", "publish", "yank"};
  if (std::find(kKinds.begin(), kKinds.end(), move.kind) == kKinds.end())
    return refuse(where, "its kind \"" + move.kind + "\" is unknown");
  const bool yank = move.kind == "yank";
  if (!version_or_none(move.from) || !version_or_none(move.to) || !version_or_none(move.version))
    return refuse(where, "a version is not a plain name");
  if (!yank && move.to.empty()) return refuse(where, "it moves the channel to nothing, and is no yank");
  if (yank && move.version.empty()) return refuse(where, "it does not say which version is yanked");
  if (yank && move.version == move.to) return refuse(where, "it moves the channel to the version that it yanks");
  const auto key = Digest::parse(move.by);
  if (!key || key->hex() != move.by) return refuse(where, "\"by\" is not a key id");
  return {};
}

Result<> check_signature(const signing::Envelope& envelope, const Move& move,
                         const std::vector<signing::PublicKey>& keys, const std::string& where) {
  const auto key = std::find_if(keys.begin(), keys.end(), [&](const auto& each) { return each.id() == move.by; });
  if (key == keys.end()) return {};
  auto verified = signing::verify_envelope(envelope, kMoveType, {*key}, 1, where);
  if (!verified) return fail(std::move(verified).error());
  return {};
}

}  // namespace

Result<std::vector<Move>> parse_history(std::string_view text, std::string_view role, std::string_view channel,
                                        const std::vector<signing::PublicKey>& keys) {
  std::vector<Move> moves;
  for (std::size_t at = 0; at < text.size();) {
    const std::string where = line_name(moves.size() + 1, role, channel);
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return refuse(where, "it is cut short");
    const auto envelope = REBURST_TRY(signing::parse_envelope(text.substr(at, end - at), where));
    if (envelope.payload_type != kMoveType) return refuse(where, "its payload is no move");
    auto [move, previous] = REBURST_TRY(read_payload(envelope.payload, where));
    REBURST_TRY(check_move(move, where));
    if (move.role != role || move.channel != channel)
      return refuse(where, "it is of \"" + move.role + "/" + move.channel + "\"");
    if (previous != last_digest(text.substr(0, at))) return refuse(where, "it does not follow the line before");
    const std::string before = moves.empty() ? std::string() : moves.back().to;
    if (move.from != before)
      return refuse(where, "it moves from \"" + move.from + "\", and the channel was at \"" + before + "\"");
    REBURST_TRY(check_signature(envelope, move, keys, where));
    moves.push_back(std::move(move));
    at = end + 1;
  }
  return moves;
}

Result<> check_continues(std::string_view seen, std::string_view now) {
  if (now.starts_with(seen)) return {};
  return fail(ErrorCode::kIntegrity,
              "cannot accept the channel's history: it does not begin with the one that this machine has seen",
              "lines were changed or removed, or somebody shows this machine an old registry: ask its keeper");
}

std::string move_payload(const Move& move, std::string_view history) {
  return payload_of(move, last_digest(history));
}

}  // namespace reburst::client
