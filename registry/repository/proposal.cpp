#include "registry/repository/proposal.hpp"

#include <algorithm>

#include "core/file.hpp"
#include "core/json.hpp"
#include "registry/repository/channel.hpp"
#include "registry/repository/publish.hpp"
#include "signing/sign/seal.hpp"

namespace reburst::registry {

namespace {

constexpr std::uint64_t kMaxProposal = 64U << 20U;

tl::unexpected<Error> malformed(const fs::path& file, const std::string& why) {
  return fail(ErrorCode::kIntegrity, "\"" + file.string() + "\" is not a proposal: " + why,
              "a proposal is what reburst promote --propose FILE writes");
}

// "web-stable" → role "web", channel "stable": a channel's name has no dash.
std::vector<std::string> paths_of(const std::string& metadata_role) {
  const auto dash = metadata_role.rfind('-');
  return channel_paths(metadata_role.substr(0, dash), metadata_role.substr(dash + 1));
}

}  // namespace

Result<Proposal> read_proposal(const fs::path& file) {
  const auto json = REBURST_TRY(parse_json(REBURST_TRY(read_file(file, kMaxProposal)), file.string()));
  if (!json.is_object() || json.size() != 2 || json.value("proposal", Json()) != 1) return malformed(file, "version");
  const auto roles = json.find("roles");
  if (roles == json.end() || !roles->is_object() || roles->empty()) return malformed(file, "it names no role");
  Proposal out;
  for (const auto& [role, metadata] : roles->items()) {
    if (!metadata.is_string() || role.find('-') == std::string::npos) return malformed(file, "\"" + role + "\"");
    const auto text = metadata.get<std::string>();
    REBURST_TRY(tuf::parse<tuf::Targets>(text, role));
    out.roles[role] = text;
  }
  return out;
}

Result<> write_proposal(const fs::path& file, const Proposal& proposal) {
  return write_file_atomic(file, canonical_json({{"proposal", 1}, {"roles", proposal.roles}}));
}

Result<> approve(Proposal& proposal, const Publisher& publisher) {
  for (auto& [role, metadata] : proposal.roles) {
    const auto keys =
        REBURST_TRY(signing::signers(publisher.keys, signing::role_setup(publisher.keys, role), publisher.ask));
    if (keys.empty()) {
      return fail(ErrorCode::kSignature, "no key of \"" + role + "\" can sign here",
                  "name a folder that has one with --keys");
    }
    for (const auto& key : keys) metadata = REBURST_TRY(signing::add_signature(metadata, *key, role));
  }
  return {};
}

Result<> accept(Metadata& metadata, const Proposal& proposal, Progress& progress) {
  for (const auto& [role, text] : proposal.roles) REBURST_TRY(metadata.set_sealed(role, paths_of(role), text));
  return commit(metadata, progress);
}

}  // namespace reburst::registry
