// What a publisher changes, sealed and written.
#include <algorithm>

#include "core/file.hpp"
#include "registry/repository/metadata.hpp"
#include "signing/sign/seal.hpp"

namespace reburst::registry {

namespace {

tuf::MetaFile describe(std::uint64_t version, const std::string& text) {
  return {.version = version, .length = text.size(), .sha256 = sha256(text)};
}

Error below_threshold(const std::string& role, Error error) {
  error.hint =
      "this key folder cannot sign for \"" + role +
      "\" alone: write a proposal with --propose FILE, and let the others sign it with \"reburst approve FILE\"; where "
      "the folder has other keys by now, \"reburst key rotate\" lets this registry know";
  return error;
}

// What no client reads is not signed.
Result<std::string> within_bounds(const std::string& role, std::string text) {
  const bool top = role == "root" || role == "snapshot" || role == "timestamp";
  const auto most = top ? client::kMaxTopMetadata : client::kMaxTargetsMetadata;
  if (text.size() <= most) return text;
  const bool channel = !top && role != "targets";
  return fail(ErrorCode::kUsage,
              "the metadata of \"" + role + "\" would have " + std::to_string(text.size()) +
                  " bytes, and clients read " + std::to_string(most) + " at most",
              channel ? "let reburst registry gc take old releases out of the channel first"
                      : "spread the channels over several registries");
}

template <class Body>
Result<Body> parse_next(const std::string& sealed, const std::string& role, std::uint64_t expected) {
  auto body = REBURST_TRY(tuf::parse<Body>(sealed, role)).body;
  if (body.header.version == expected) return body;
  return fail(ErrorCode::kUsage,
              "the proposal for \"" + role + "\" is out of date\n  proposed: version " +
                  std::to_string(body.header.version) + "\n  next:     version " + std::to_string(expected),
              "make it again: the registry has changed since");
}

}  // namespace

Result<> Metadata::delegate(const std::string& role, const std::vector<std::string>& paths) {
  auto& delegations = next_.targets.delegations;
  const bool known =
      std::any_of(delegations.begin(), delegations.end(), [&](const auto& one) { return one.name == role; });
  if (known) return {};
  delegations.push_back(
      {.name = role, .keys = REBURST_TRY(keys_of(role, next_.targets.keys)), .paths = paths, .terminating = true});
  changed_.insert("targets");
  return {};
}

Result<> Metadata::set_delegated(const std::string& role, const std::vector<std::string>& paths, tuf::Targets targets) {
  REBURST_TRY(delegate(role, paths));
  next_.delegated[role] = std::move(targets);
  changed_.insert(role);
  return {};
}

Result<> Metadata::set_sealed(const std::string& role, const std::vector<std::string>& paths, std::string sealed) {
  const auto expected = next_header(role).version;
  sealed = REBURST_TRY(within_bounds(role, std::move(sealed)));
  if (role == "root") {
    next_.root = REBURST_TRY(parse_next<tuf::Root>(sealed, role, expected));
  } else if (role == "targets") {
    next_.targets = REBURST_TRY(parse_next<tuf::Targets>(sealed, role, expected));
  } else {
    auto body = REBURST_TRY(parse_next<tuf::Targets>(sealed, role, expected));
    REBURST_TRY(delegate(role, paths));
    next_.delegated[role] = std::move(body);
  }
  sealed_[role] = std::move(sealed);
  changed_.insert(role);
  return {};
}

// The ids of the keys whose signatures count for what the next commit writes: those of the root until now too, under
// which readers get it first.
std::set<std::string> Metadata::signers_of(const std::string& role) const {
  std::set<std::string> out;
  const auto add = [&](const tuf::RoleKeys& keys) { out.insert(keys.keyids.begin(), keys.keyids.end()); };
  if (const auto top = next_.root.roles.find(role); top != next_.root.roles.end()) add(top->second);
  for (const auto* before : {&current_.root, &base_}) {
    if (const auto old = before->roles.find(role); old != before->roles.end()) add(old->second);
  }
  for (const auto& one : next_.targets.delegations) {
    if (one.name == role) add(one.keys);
  }
  return out;
}

Result<> Metadata::place(const fs::path& from, const fs::path& to) {
  placed_.add(to);
  return share_file(from, to);
}

Result<bool> Metadata::can_sign(const std::string& role) const {
  const auto& setup = signing::role_setup(publisher_.keys, role);
  const auto counted = signers_of(role);
  const auto keys = REBURST_TRY(signing::signers(publisher_.keys, setup, publisher_.ask));
  const auto given = std::count_if(keys.begin(), keys.end(),
                                   [&](const auto& key) { return counted.contains(key->public_key().id()); });
  return given >= static_cast<std::ptrdiff_t>(setup.threshold);
}

Result<std::string> Metadata::seal(const std::string& role, const Json& body) const {
  const auto keys =
      REBURST_TRY(signing::signers(publisher_.keys, signing::role_setup(publisher_.keys, role), publisher_.ask));
  const auto counted = signers_of(role);
  std::map<std::string, const signing::Signer*> all;  // each once
  for (const auto* some : {&keys, &old_keys_}) {
    for (const auto& key : *some) {
      if (const auto id = key->public_key().id(); counted.contains(id)) all.emplace(id, key.get());
    }
  }
  signing::Signers signers;
  for (const auto& [id, key] : all) signers.push_back(key);
  return within_bounds(role, REBURST_TRY(signing::seal_metadata(body, signers)));
}

Result<std::map<std::string, std::string>> Metadata::seal_changed() const {
  std::map<std::string, std::string> out;
  const auto add = [&](const std::string& role, auto body) -> Result<> {
    body.header = next_header(role);
    out[role] = REBURST_TRY(seal(role, tuf::to_json(body)));
    return {};
  };
  for (const auto& role : changed_) {
    if (role == "root") {
      REBURST_TRY(add(role, next_.root));
    } else {
      REBURST_TRY(add(role, role == "targets" ? next_.targets : next_.delegated.at(role)));
    }
  }
  return out;
}

// Everything that changed, sealed; snapshot and timestamp name it. check() then decides as a client would.
Result<std::vector<Metadata::File>> Metadata::seal_all() {
  std::vector<File> files;
  auto& snapshot = next_.snapshot;
  const auto add = [&](const std::string& role, std::uint64_t version, std::string text) {
    if (role != "root") snapshot.meta[role + ".json"] = describe(version, text);
    files.push_back({std::to_string(version) + "." + role, std::move(text)});
  };
  const auto seal_body = [&](const std::string& role, auto& body) -> Result<> {
    body.header = next_header(role);
    add(role, body.header.version, REBURST_TRY(seal(role, tuf::to_json(body))));
    return {};
  };
  for (std::size_t i = 0; i < ahead_.size(); ++i)
    files.push_back({std::to_string(base_.header.version - ahead_.size() + 1 + i) + ".root", ahead_[i]});
  for (const auto& role : changed_) {
    if (const auto ready = sealed_.find(role); ready != sealed_.end()) {
      add(role, next_header(role).version, ready->second);
    } else if (role == "root") {
      REBURST_TRY(seal_body(role, next_.root));
    } else {
      REBURST_TRY(seal_body(role, role == "targets" ? next_.targets : next_.delegated.at(role)));
    }
  }
  snapshot.header = next_header("snapshot");
  const auto text = REBURST_TRY(seal("snapshot", tuf::to_json(snapshot)));
  files.push_back({std::to_string(snapshot.header.version) + ".snapshot", text});
  const tuf::Timestamp timestamp{next_header("timestamp"), describe(snapshot.header.version, text)};
  files.push_back({"timestamp", REBURST_TRY(seal("timestamp", tuf::to_json(timestamp)))});
  return files;
}

// Readers call a first root without its signatures a damaged one; to its publisher they are missing.
Result<client::VerifiedMetadata> Metadata::check_signed(const std::vector<File>& files) const {
  for (const auto& file : files) {
    if (file.name != "1.root") continue;
    const auto root = REBURST_TRY(tuf::parse<tuf::Root>(file.text, file.name));
    REBURST_TRY(tuf::check_threshold(root.signed_bytes, root.signatures, root.body.roles.at("root"), root.body.keys,
                                     file.name + ".json"));
  }
  return check(files);
}

Result<> Metadata::commit() {
  if (read_only_) return fail(ErrorCode::kUsage, "\"" + registry_.string() + "\" was opened to be read");
  if (narrowed_) {
    return fail(ErrorCode::kUsage, "\"" + registry_.string() + "\" holds only some channels of a registry",
                "publish to the registry that it was exported from, and import a newer bundle");
  }
  REBURST_TRY(find_old_keys());
  const auto files = REBURST_TRY(seal_all());
  auto checked = check_signed(files);
  if (!checked) {
    const bool keys = checked.error().code == ErrorCode::kSignature && sealed_.empty();
    const std::string role = changed_.size() == 1 ? *changed_.begin() : "every role that changed";
    return fail(keys ? below_threshold(role, std::move(checked.error())) : std::move(checked.error()));
  }
  REBURST_TRY(keep_roots(files));
  keep_placed();
  REBURST_TRY(write(files));
  ahead_.clear();
  changed_.clear();
  sealed_.clear();
  old_keys_.clear();
  return load();
}

}  // namespace reburst::registry
