// What a registry holds, as a client sees it: list, show, history.
#include <algorithm>

#include "cli/registry_options.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

namespace reburst::cli {

namespace {

struct Arguments {
  RegistryOptions registry;
  std::string subject;
};

struct Line {
  std::string role, channel, current;
  std::size_t releases = 0;
  std::vector<client::Move> moves;
  std::string expired;  // when; the channel says nothing then
};

Result<std::vector<Line>> read_channels(client::Remote& remote, const std::string& role) {
  std::vector<Line> out;
  for (const auto& delegation : remote.metadata().targets.delegations) {
    const auto name = client::channel_name(delegation);
    if (!name || (!role.empty() && name->role != role)) continue;
    const auto& lapsed = remote.metadata().lapsed;
    if (const auto found = lapsed.find(delegation.name); found != lapsed.end()) {
      out.push_back({name->role, name->channel, "", 0, {}, iso_time(found->second.expires)});
      continue;
    }
    auto moves = REBURST_TRY(remote.history(name->role, name->channel));
    const auto releases = REBURST_TRY(remote.releases(name->role, name->channel));
    const auto current = moves.empty() ? "" : moves.back().to;
    out.push_back({name->role, name->channel, current, releases.size(), std::move(moves), ""});
  }
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return std::tie(a.role, a.channel) < std::tie(b.role, b.channel); });
  return out;
}

std::string column(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text + "  ";
}

VerbResult list(const Session& session, const Arguments& arguments) {
  auto remote = REBURST_TRY(open_remote(session, arguments.registry, {}));
  const auto lines = REBURST_TRY(read_channels(remote, ""));
  REBURST_TRY(remote.remember());
  Json json = Json::array();
  std::string out;
  for (const auto& line : lines) {
    if (!line.expired.empty()) {
      json.push_back({{"role", line.role}, {"channel", line.channel}, {"expired", line.expired}});
      out += column(line.role + "@" + line.channel, 20) + "expired at " + line.expired + "\n";
      continue;
    }
    json.push_back({{"role", line.role},
                    {"channel", line.channel},
                    {"version", line.current},
                    {"releases", line.releases},
                    {"moved", line.moves.empty() ? "" : iso_time(line.moves.back().at)}});
    out += column(line.role + "@" + line.channel, 20) + column(line.current.empty() ? "-" : line.current, 16) +
           std::to_string(line.releases) + (line.releases == 1 ? " release" : " releases") + "\n";
  }
  REBURST_TRY(session.common.json ? print_json({{"channels", json}}) : print(out));
  return 0;
}

VerbResult show(const Session& session, const Arguments& arguments) {
  const auto reference = REBURST_TRY(client::parse_reference(arguments.subject));
  auto remote = REBURST_TRY(open_remote(session, arguments.registry, roles_for(reference)));
  const auto release = REBURST_TRY(remote.find(reference));
  REBURST_TRY(remote.remember());
  Json files = Json::array();
  std::uint64_t size = 0;
  for (const auto& file : release.files) {
    files.push_back({{"name", file.name}, {"size", file.size}, {"sha256", file.sha256.hex()}});
    size += file.size;
  }
  if (session.common.json) {
    REBURST_TRY(print_json({{"role", release.role},
                            {"channel", release.channel},
                            {"version", release.version},
                            {"architecture", release.architecture},
                            {"security_epoch", release.security_epoch},
                            {"root_hash", release.root_hash.hex()},
                            {"oci", release.oci},
                            {"files", files}}));
    return 0;
  }
  std::string out = bold(release.role + " " + release.version, session.surroundings.colour) + "\n";
  out += "  channel         " + release.channel + "\n  architecture    " + release.architecture +
         "\n  security epoch  " + std::to_string(release.security_epoch) + "\n  root hash       " +
         release.root_hash.hex() + "\n  oci             " + release.oci + "\n  files           " +
         std::to_string(release.files.size()) + ", " + human_size(size) + "\n";
  for (const auto& file : release.files) out += "    " + column(file.name, 44) + human_size(file.size) + "\n";
  REBURST_TRY(print(out));
  return 0;
}

std::string line_of(const client::Move& move) {
  constexpr std::size_t kShownDigits = 12;  // of a key's id
  const auto version = [](const std::string& text) { return column(text.empty() ? "-" : text, 16); };
  // A yank takes any release: not always the one that the channel points to.
  const auto reason =
      move.kind == "yank" && move.version != move.from ? "(" + move.version + ") " + move.reason : move.reason;
  return iso_time(move.at) + "  " + column(move.kind, 7) + column(move.channel, 8) + version(move.from) + "-> " +
         version(move.to) + column(move.by.substr(0, kShownDigits), kShownDigits) + printable(reason) + "\n";
}

VerbResult history(const Session& session, const Arguments& arguments) {
  auto remote = REBURST_TRY(open_remote(session, arguments.registry, {}));
  const auto lines = REBURST_TRY(read_channels(remote, arguments.subject));
  if (lines.empty()) {
    return fail(
        ErrorCode::kMissing, "the registry has no role \"" + arguments.subject + "\"",
        session.surroundings.program + " list --registry " + arguments.registry.registry + " shows what there is");
  }
  REBURST_TRY(remote.remember());
  Json expired = Json::array();
  for (const auto& line : lines) {
    if (line.expired.empty()) continue;
    expired.push_back(line.channel);
    session.progress()->note("warning: \"" + line.role + "@" + line.channel + "\" expired at " + line.expired +
                             ": nobody vouches for its moves, and they are left out");
  }
  std::vector<client::Move> moves;
  for (const auto& line : lines) moves.insert(moves.end(), line.moves.begin(), line.moves.end());
  std::stable_sort(moves.begin(), moves.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  Json json = Json::array();
  std::string out;
  for (const auto& move : moves) {
    json.push_back({{"at", iso_time(move.at)},
                    {"kind", move.kind},
                    {"channel", move.channel},
                    {"from", move.from},
                    {"to", move.to},
                    {"version", move.version},
                    {"reason", move.reason},
                    {"by", move.by}});
    out += line_of(move);
  }
  REBURST_TRY(session.common.json ? print_json({{"role", arguments.subject}, {"moves", json}, {"expired", expired}})
                                  : print(out));
  return 0;
}

}  // namespace

std::vector<Verb> add_look(CLI::App& root, Session& session) {
  auto arguments = std::make_shared<Arguments>();
  const auto common = [&](CLI::App* app) {
    add_reader_options(*app, arguments->registry);
    add_common(*app, session);
  };
  auto* list_app = root.add_subcommand("list", "Print the channels of a registry and what they point to");
  common(list_app);
  list_app->footer("Examples:\n  reburst list\n  reburst list --registry https://images.example.org --root root.json");
  auto* show_app = root.add_subcommand("show", "Print what a registry says of one release");
  show_app->add_option("RELEASE", arguments->subject, "ROLE@CHANNEL or ROLE@VERSION")->required();
  common(show_app);
  show_app->footer("Examples:\n  reburst show web@stable\n  reburst show web@20261121T161027Z --json");
  auto* history_app =
      root.add_subcommand("history", "Print every move of a role's channels: who, when, why, from where, to where");
  history_app->add_option("ROLE", arguments->subject, "The role")->required();
  common(history_app);
  history_app->footer("Examples:\n  reburst history web --registry https://images.example.org --root root.json");
  return {{list_app, [&session, arguments] { return list(session, *arguments); }},
          {show_app, [&session, arguments] { return show(session, *arguments); }},
          {history_app, [&session, arguments] { return history(session, *arguments); }}};
}

}  // namespace reburst::cli
