#include "registry/repository/proposal.hpp"

#include <algorithm>
#include <set>

#include "core/file.hpp"
#include "core/json.hpp"
#include "registry/chunks/chunks.hpp"
#include "registry/client/verify.hpp"
#include "registry/release/layout.hpp"
#include "registry/repository/authority.hpp"
#include "registry/repository/channel.hpp"
#include "registry/repository/old_keys.hpp"
#include "registry/repository/publish.hpp"
#include "signing/sign/seal.hpp"

namespace reburst::registry {

namespace {

constexpr std::uint64_t kMaxProposal = 64U << 20U;

tl::unexpected<Error> malformed(const fs::path& file, const std::string& why) {
  return fail(ErrorCode::kIntegrity, "\"" + file.string() + "\" is not a proposal: " + why,
              "a proposal is what the option --propose FILE writes");
}

bool is_top(const std::string& role) {
  return role == "root" || role == "targets";
}

Result<Proposal> parse(const Json& json, const fs::path& file) {
  if (!json.is_object() || json.value("proposal", Json()) != 1) return malformed(file, "another format");
  Proposal out;
  for (const auto& [name, value] : json.items()) {
    if (name == "roles" || name == "histories") {
      auto& into = name == "roles" ? out.roles : out.histories;
      if (!value.is_object()) return malformed(file, "\"" + name + "\" is no object");
      for (const auto& [role, text] : value.items()) {
        if (!text.is_string()) return malformed(file, "\"" + role + "\" has no text");
        into[role] = text.get<std::string>();
      }
    } else if (name == "root" || name == "targets") {
      if (!value.is_string()) return malformed(file, "\"" + name + "\" has no text");
      (name == "root" ? out.root : out.targets) = value.get<std::string>();
    } else if (name != "proposal") {
      return malformed(file, "it has a member \"" + name + "\"");
    }
  }
  if (out.roles.empty()) return malformed(file, "it names no role");
  return out;
}

// Metadata under a delegated role's name says what a channel can say, and nothing else: a key may serve several roles.
Result<> check_channel(const Proposal& proposal, const std::string& role, const fs::path& file) {
  const auto body = REBURST_TRY(tuf::parse<tuf::Targets>(proposal.roles.at(role), role)).body;
  const auto name = split_channel_role(role);
  if (!body.delegations.empty()) return malformed(file, "\"" + role + "\" delegates");
  REBURST_TRY(client::releases_of(body, name.role, name.channel));
  const auto listed = body.targets.find(history_path(name.role, name.channel));
  const auto history = proposal.histories.find(role);
  const bool same = listed != body.targets.end() && history != proposal.histories.end() &&
                    sha256(history->second) == listed->second.sha256;
  if (!same) return malformed(file, "the history of \"" + role + "\" is not the one that its metadata names");
  REBURST_TRY(client::parse_history(history->second, name.role, name.channel,
                                    REBURST_TRY(client::statement_keys(body, name.role, name.channel))));
  return {};
}

Result<> check_roles(const Proposal& proposal, const fs::path& file) {
  for (const auto& [role, text] : proposal.roles) {
    if (role == "root") {
      REBURST_TRY(tuf::parse<tuf::Root>(text, role));
    } else if (role == "targets") {
      const auto body = REBURST_TRY(tuf::parse<tuf::Targets>(text, role)).body;
      if (!body.targets.empty()) return malformed(file, "\"targets\" names files");
      REBURST_TRY(check_delegations(body));
    } else if (role.find('-') == std::string::npos) {
      return malformed(file, "\"" + role + "\" is no role that can be proposed");
    } else {
      REBURST_TRY(check_channel(proposal, role, file));
    }
  }
  return {};
}

// Those keys of the folder that count for this role.
Result<std::vector<std::unique_ptr<signing::Signer>>> counting_signers(const Publisher& publisher,
                                                                       const std::string& role,
                                                                       const std::vector<Authority>& authorities) {
  auto setup = signing::role_setup(publisher.keys, role);
  const auto keys = REBURST_TRY(signing::public_keys(publisher.keys, setup, publisher.ask));
  std::vector<std::string> counting;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const bool counts =
        std::any_of(authorities.begin(), authorities.end(), [&](const auto& one) { return one.counts(keys[i].id()); });
    if (counts) counting.push_back(setup.keys[i]);
  }
  setup.keys = std::move(counting);
  return signing::signers(publisher.keys, setup, publisher.ask);
}

// Their signatures are not needed, but keep the new targets valid until the new root is there (Metadata::write).
Result<std::set<std::string>> leaving_targets_keys(const Proposal& proposal) {
  std::set<std::string> out;
  const auto next = proposal.roles.find("root");
  if (proposal.root.empty() || next == proposal.roles.end()) return out;
  const auto before = REBURST_TRY(tuf::parse<tuf::Root>(proposal.root, "root")).body;
  const auto after = REBURST_TRY(tuf::parse<tuf::Root>(next->second, "root")).body;
  const auto& old = before.roles.at("targets").keyids;
  out.insert(old.begin(), old.end());
  for (const auto& id : after.roles.at("targets").keyids) out.erase(id);
  return out;
}

// The ids of those who signed metadata that was parsed before.
Result<std::set<std::string>> signed_by(const std::string& metadata, const std::string& role) {
  const auto json = REBURST_TRY(parse_json(metadata, role));
  std::set<std::string> out;
  for (const auto& signature : json.at("signatures")) out.insert(signature.at("keyid").get<std::string>());
  return out;
}

// What is new of a role must be there, whole: a proposal may be older than a collection of garbage.
Result<> check_files(const Metadata& metadata, const std::string& role, const std::string& text) {
  const auto body = REBURST_TRY(tuf::parse<tuf::Targets>(text, role)).body;
  const auto present = metadata.delegated().find(role);
  for (const auto& [path, target] : body.targets) {
    if (present != metadata.delegated().end()) {
      const auto same = present->second.targets.find(path);
      if (same != present->second.targets.end() && same->second.sha256 == target.sha256) continue;
    }
    const auto file = metadata.registry() / stored_path(path, target.sha256);
    const auto digest = sha256_file(file);
    if (!digest || *digest != target.sha256) {
      return fail(
          digest ? ErrorCode::kIntegrity : ErrorCode::kMissing,
          "the proposal for \"" + role + "\" names \"" + path + "\", which the registry does not have as it says",
          "propose it again");
    }
    if (!path.ends_with(".caibx")) continue;
    const auto index = REBURST_TRY(chunks::read_index(file, path));
    for (const auto& chunk : index.chunks) {
      std::error_code ignored;
      if (fs::exists(metadata.registry() / "chunks" / chunk.id.path(), ignored)) continue;
      return fail(ErrorCode::kMissing, "a chunk of \"" + path + "\" is not in the registry any more",
                  "propose it again");
    }
  }
  return {};
}

// A registry that is new gets the roots that the proposal was made for, whatever the publisher's key folder has.
Result<> begin_as_proposed(Metadata& metadata, const Proposal& proposal) {
  if (!metadata.versions().empty()) return {};
  if (proposal.root.empty()) return metadata.begin_with({});
  if (metadata.root_text() == proposal.root) return {};
  const auto version = REBURST_TRY(tuf::parse<tuf::Root>(proposal.root, "root")).body.header.version;
  if (version == 1) return metadata.begin_with({proposal.root});
  return fail(ErrorCode::kUsage,
              "the proposal is for a new registry with version " + std::to_string(version) +
                  " of a root, and this key folder does not have the versions before",
              "copy root.json, 2.root.json and so on from the key folder that proposed it");
}

}  // namespace

Result<Proposal> propose(Metadata& metadata) {
  Proposal out{.roles = REBURST_TRY(metadata.seal_changed()),
               .histories = {},
               .root = metadata.root_text(),
               .targets = metadata.targets_text()};
  if (out.roles.empty()) {
    return fail(ErrorCode::kUsage, "there is nothing to propose: the registry is like this already",
                "reburst list shows what it says");
  }
  for (const auto& [role, text] : out.roles) {
    if (is_top(role)) continue;
    const auto name = split_channel_role(role);
    out.histories[role] = REBURST_TRY(read_channel(metadata, name.role, name.channel)).history;
  }
  metadata.keep_placed();
  return out;
}

Result<Proposal> read_proposal(const fs::path& file) {
  const auto json = REBURST_TRY(parse_json(REBURST_TRY(read_file(file, kMaxProposal)), file.string()));
  auto out = REBURST_TRY(parse(json, file));
  REBURST_TRY(check_roles(out, file));
  return out;
}

Result<> write_proposal(const fs::path& file, const Proposal& proposal) {
  return write_file_atomic(file, canonical_json({{"histories", proposal.histories},
                                                 {"proposal", 1},
                                                 {"roles", proposal.roles},
                                                 {"root", proposal.root},
                                                 {"targets", proposal.targets}}));
}

Result<std::size_t> approve(Proposal& proposal, const Publisher& publisher, const Present* present,
                            const signing::Signers& old_keys) {
  REBURST_TRY(review(proposal, present));
  if (present != nullptr && is_made_of(proposal, *present)) REBURST_TRY(check_follows(*present, proposal));
  const auto all = REBURST_TRY(authorities_of(proposal));
  const auto leaving = REBURST_TRY(leaving_targets_keys(proposal));
  std::size_t out = 0;
  for (auto& [role, metadata] : proposal.roles) {
    auto signers = REBURST_TRY(signed_by(metadata, role));
    const auto sign = [&, &role = role, &metadata = metadata](const signing::Signer& key) -> Result<> {
      if (!signers.insert(key.public_key().id()).second) return {};  // review() has found that it fits
      metadata = REBURST_TRY(signing::add_signature(metadata, key, role));
      return {};
    };
    for (const auto& key : REBURST_TRY(counting_signers(publisher, role, all.at(role)))) {
      ++out;
      REBURST_TRY(sign(*key));
    }
    for (const auto* key : old_keys) {
      const auto id = key->public_key().id();
      const auto& some = all.at(role);
      const bool counts = std::any_of(some.begin(), some.end(), [&](const auto& one) { return one.counts(id); });
      if (counts) ++out;
      if (counts || (role == "targets" && leaving.contains(id))) REBURST_TRY(sign(*key));
    }
    if (role != "targets") continue;
    for (const auto& key : signers_beside(publisher, leaving)) REBURST_TRY(sign(*key));
  }
  return out;
}

Result<> accept(Metadata& metadata, const Proposal& proposal, Progress& progress) {
  REBURST_TRY(begin_as_proposed(metadata, proposal));
  const auto present = REBURST_TRY(present_of(metadata, proposal));
  for (const auto* role : {"root", "targets"}) {  // they say which keys the others need
    const auto found = proposal.roles.find(role);
    if (found != proposal.roles.end()) REBURST_TRY(metadata.set_sealed(role, {}, found->second));
  }
  for (const auto& [role, text] : proposal.roles) {
    if (is_top(role)) continue;
    const auto name = split_channel_role(role);
    REBURST_TRY(check_files(metadata, role, text));
    REBURST_TRY(metadata.set_sealed(role, channel_paths(name.role, name.channel), text));
  }
  if (proposal.roles.contains("targets")) REBURST_TRY(check_delegations(metadata.targets()));
  REBURST_TRY(check_follows(present, proposal));
  return commit(metadata, progress);
}

}  // namespace reburst::registry
