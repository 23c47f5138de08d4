#include "tests/unit/client/repository.hpp"

#include <span>

#include "core/text.hpp"

namespace reburst::client {

namespace {

struct Keys {
  Result<TempDirectory> folder = TempDirectory::make("/tmp", "client-test-keys");
  std::map<std::string, std::unique_ptr<signing::Signer>> signers;
};

std::unique_ptr<signing::Signer> make_signer(const fs::path& file, signing::KeyType type) {
  const auto made = signing::create_key(file, type, "");
  if (!made) throw std::runtime_error(made.error().render());
  auto opened = signing::open_signer(file.string(), [](std::string_view) { return Result<std::string>(""); });
  if (!opened) throw std::runtime_error(opened.error().render());
  return *std::move(opened);
}

// What our own program refuses to seal, an attacker with a key does not.
std::string forge(const Json& body, const signing::Signers& by) {
  Json out{{"signatures", Json::array()}, {"signed", body}};
  for (const auto* each : by) {
    const std::string value = each->sign(tuf::signed_bytes(body)).value();
    out["signatures"].push_back(
        {{"keyid", each->public_key().id()}, {"sig", to_hex(std::as_bytes(std::span(value.data(), value.size())))}});
  }
  return canonical_json(out);
}

tuf::TargetFile target(const std::string& content) {
  return {content.size(), sha256(content), Json::object()};
}

}  // namespace

const signing::Signer& signer(const std::string& name) {
  static Keys keys;
  auto& slot = keys.signers[name];
  const auto type = name.find("p256") != std::string::npos ? signing::KeyType::kEcdsaP256 : signing::KeyType::kEd25519;
  if (!slot) slot = make_signer(keys.folder->path() / (name + ".pem"), type);
  return *slot;
}

const signing::PublicKey& key(const std::string& name) {
  return signer(name).public_key();
}

tuf::RoleKeys role_keys(const std::vector<std::string>& names, unsigned threshold) {
  tuf::RoleKeys role;
  for (const auto& name : names) role.keyids.push_back(key(name).id());
  role.threshold = threshold;
  return role;
}

Repository::Repository(std::string prefix) {
  signers = {
      {"root", {"root-1", "p256-root-2"}}, {"targets", {"targets"}}, {"snapshot", {"snapshot"}},
      {"timestamp", {"p256-timestamp"}},   {"web-dev", {"dev"}},     {"web-stable", {"stable-1", "p256-stable-2"}}};
  for (auto& [role, names] : signers) {
    for (auto& each : names) each.insert(0, prefix);
    if (role.starts_with("web-")) continue;
    root.roles[role] = role_keys(names, static_cast<unsigned>(names.size()));
    for (const auto& each : names) root.keys.emplace(key(each).id(), key(each));
  }
  const std::string third = prefix + "root-3";
  root.roles["root"].keyids.push_back(key(third).id());
  root.keys.emplace(key(third).id(), key(third));
  add_channel("dev");
  add_channel("stable");
  root.header.expires = targets.header.expires = kNow + 365 * kDay;
  snapshot.header.expires = kNow + 7 * kDay;
  timestamp.header.expires = kNow + kDay;
  put_root();
  for (const auto* role : {"targets", "web-dev", "web-stable"}) put_targets(role);
  put_snapshot();
  put_timestamp();
}

void Repository::add_channel(const std::string& channel) {
  const std::string role = "web-" + channel;
  const std::string paths = "web/" + channel;
  const auto& names = signers.at(role);
  for (const auto& each : names) targets.keys.emplace(key(each).id(), key(each));
  targets.delegations.push_back(
      {role, role_keys(names, static_cast<unsigned>(names.size())), {paths + "/*", paths + "/*/*"}, true});
  delegated[role].targets[paths + "/1/web.raw"] = target(channel);
  delegated[role].header.expires = kNow + 90 * kDay;
}

std::string Repository::seal(const std::string& role, const Json& body) const {
  signing::Signers by;
  for (const auto& each : signers.at(role)) by.push_back(&signer(each));
  if (auto sealed = signing::seal_metadata(body, by)) return *std::move(sealed);
  return forge(body, by);
}

tuf::MetaFile Repository::note(std::uint64_t version, const std::string& text) const {
  tuf::MetaFile out;
  out.version = version;
  if (!state_hashes) return out;
  out.length = text.size();
  out.sha256 = sha256(text);
  return out;
}

void Repository::put_root() {
  files[name("root")] = seal("root", tuf::to_json(root));
}

void Repository::put_targets(const std::string& role) {
  const auto& value = role == "targets" ? targets : delegated.at(role);
  const std::string text = seal(role, tuf::to_json(value));
  files[name(role)] = text;
  snapshot.meta[role + ".json"] = note(value.header.version, text);
}

void Repository::put_snapshot() {
  const std::string text = seal("snapshot", tuf::to_json(snapshot));
  files[name("snapshot")] = text;
  timestamp.snapshot = note(snapshot.header.version, text);
}

void Repository::put_timestamp() {
  files["timestamp.json"] = seal("timestamp", tuf::to_json(timestamp));
}

void Repository::bump_root() {
  ++root.header.version;
  put_root();
}

void Repository::bump(const std::string& role) {
  ++header(role).version;
  if (role != "snapshot" && role != "timestamp") {
    put_targets(role);
    ++snapshot.header.version;
  }
  if (role != "timestamp") {
    put_snapshot();
    ++timestamp.header.version;
  }
  put_timestamp();
}

tuf::Header& Repository::header(const std::string& role) {
  if (role == "root") return root.header;
  if (role == "targets") return targets.header;
  if (role == "snapshot") return snapshot.header;
  if (role == "timestamp") return timestamp.header;
  return delegated.at(role).header;
}

std::string Repository::name(const std::string& role) const {
  if (role == "timestamp") return "timestamp.json";
  return std::to_string(const_cast<Repository*>(this)->header(role).version) + "." + role + ".json";
}

void Repository::serve_instead(const std::string& role, std::string text) {
  served(role) = text;
  if (role == "timestamp" || role == "root") return;
  if (role == "snapshot") {
    timestamp.snapshot = note(snapshot.header.version, text);
  } else {
    snapshot.meta[role + ".json"] = note(header(role).version, text);
    put_snapshot();
  }
  put_timestamp();
}

FetchMetadata Repository::fetch() const {
  return [this](const std::string& name, std::uint64_t max_bytes) -> Result<std::string> {
    const auto file = files.find(name);
    if (file == files.end()) return fail(ErrorCode::kMissing, "cannot fetch \"" + name + "\": HTTP status 404");
    if (file->second.size() > max_bytes) {
      return fail(ErrorCode::kIntegrity,
                  "cannot accept \"" + name + "\": it is larger than " + std::to_string(max_bytes) + " bytes");
    }
    return file->second;
  };
}

TrustedState Repository::first() const {
  TrustedState state;
  state.root = files.at("1.root.json");
  return state;
}

Result<VerifiedMetadata> Repository::update(const TrustedState& trusted, UpdateOptions options) const {
  if (options.now == 0) options.now = kNow;
  return client::update(trusted, fetch(), options);
}

TrustedState updated(const Repository& repository, const TrustedState& state) {
  auto result = repository.update(state);
  if (!result) throw std::runtime_error(result.error().render());
  return result->state;
}

void expect_refused(const Result<VerifiedMetadata>& result, ErrorCode code, const std::string& message) {
  ASSERT_FALSE(result) << "accepted";
  EXPECT_EQ(result.error().message, message);
  EXPECT_EQ(error_name(result.error().code), error_name(code));
}

std::string edited(const std::string& text, const std::function<void(Json&)>& change) {
  Json json = Json::parse(text);
  change(json);
  return canonical_json(json);
}

}  // namespace reburst::client
