// Proposals that are signed well, by somebody who should not have.
#include "registry/release/layout.hpp"
#include "signing/sign/seal.hpp"
#include "tests/unit/repository/house.hpp"

namespace reburst::registry {
namespace {

const auto kRoot = std::string(64, '1'), kOci = "sha256:" + std::string(64, '2');

class Hostile : public House {
 protected:
  void SetUp() override {
    House::SetUp();
    auto metadata = open();
    add(metadata, "dev", "1", "one", kRoot);
    move(metadata, "dev", "1");
    auto first = propose(metadata).value();
    ASSERT_EQ(approve(first, who("offline")).value(), 2U);
    for (const auto& [role, text] : first.roles) {
      const bool top = role == "root" || role == "targets";
      ASSERT_TRUE(metadata.set_sealed(role, top ? Paths() : channel_paths("web", "dev"), text));
    }
    ASSERT_TRUE(metadata.commit());  // no doors: there is no disk behind it
  }
  using Paths = std::vector<std::string>;

  // A file of a release, in a channel and in the registry.
  void add(Metadata& metadata, const std::string& channel, const std::string& version, const std::string& content,
           const std::string& root_hash, const std::string& oci = kOci) const {
    auto one = read_channel(metadata, "web", channel).value();
    const auto path = target_path("web", channel, version, "manifest.json");
    const auto file = registry() / stored_path(path, sha256(content));
    ASSERT_TRUE(make_directories(file.parent_path()));
    ASSERT_TRUE(write_file_atomic(file, content));
    one.targets.targets[path] = {.length = content.size(),
                                 .sha256 = sha256(content),
                                 .custom = {{"architecture", "amd64"},
                                            {"chunk_index", std::string(64, '3')},
                                            {"oci", oci},
                                            {"role", "web"},
                                            {"root_hash", root_hash},
                                            {"security_epoch", 0},
                                            {"version", version}}};
    ASSERT_TRUE(save_channel(metadata, std::move(one)));
  }
  [[nodiscard]] Proposal proposal_of(const std::function<void(Metadata&)>& how) const {
    auto metadata = open();
    how(metadata);
    auto out = propose(metadata).value();
    EXPECT_TRUE(approve(out, who("offline")));
    return out;
  }
  [[nodiscard]] Present present(const Proposal& proposal) const { return present_of(open(), proposal).value(); }
  [[nodiscard]] Paths shown(const Proposal& proposal, bool at_hand) const {
    const auto known = present(proposal);
    return review(proposal, at_hand ? &known : nullptr).value().back().changes;
  }
  // Neither signed, where the registry is at hand, nor published.
  void refused_at_both(Proposal proposal, const std::string& message) const {
    const auto known = present(proposal);
    refused(approve(proposal, who("keys"), &known), ErrorCode::kIntegrity, message);
    refused(publish(proposal), ErrorCode::kIntegrity, message);
  }
  static bool has(const Paths& lines, const std::string& line) {
    return std::find(lines.begin(), lines.end(), line) != lines.end();
  }
  static std::string release(const std::string& version, const std::string& root_hash, const std::string& oci = kOci) {
    return "release " + version + ": root hash " + root_hash + ", OCI " + oci + ", security epoch 0";
  }
  // Targets whose delegation of web-dev is another one, signed well.
  Proposal with_delegation(const std::function<void(tuf::Delegation&)>& how) {
    auto out = proposal_of([](auto& metadata) { metadata.renew("targets"); });
    auto body = tuf::parse<tuf::Targets>(out.roles.at("targets"), "targets").value().body;
    how(body.delegations.front());
    const auto setup = signing::role_setup(who("offline").keys, "targets");
    const auto keys = signing::signers(who("offline").keys, setup, {}).value();
    out.roles["targets"] = signing::seal_metadata(tuf::to_json(body), {keys.front().get()}).value();
    return out;
  }
};

TEST_F(Hostile, ANewReleaseIsToldByItsDigests) {
  const auto other = "sha256:" + std::string(64, '9');
  const auto hash = std::string(64, '8');
  const auto proposal = proposal_of([&](auto& metadata) {
    add(metadata, "dev", "2", "two", hash, other);
    move(metadata, "dev", "2");
  });
  const auto lines = shown(proposal, true);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[1], "new " + release("2", hash, other));
  const auto all = shown(proposal, false);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[1], release("1", kRoot));
  EXPECT_EQ(all[2], release("2", hash, other));
}

TEST_F(Hostile, ANewKeyOfStatementsIsTold) {
  const auto key = statement_signer(who("keys"), "web-dev").value()->public_key();
  const auto proposal = proposal_of([&](auto& metadata) {
    auto one = read_channel(metadata, "web", "dev").value();
    add_statement_key(one, key);
    ASSERT_TRUE(save_channel(metadata, std::move(one)));
  });
  EXPECT_TRUE(has(shown(proposal, true), "new key of statements: " + key.id()));
  EXPECT_TRUE(has(shown(proposal, false), "key of statements: " + key.id()));
}

TEST_F(Hostile, AReleaseThatIsTakenOutIsTold) {
  const auto proposal = proposal_of([&](auto& metadata) {
    auto one = read_channel(metadata, "web", "dev").value();
    one.targets.targets.erase(target_path("web", "dev", "1", "manifest.json"));
    ASSERT_TRUE(save_channel(metadata, std::move(one)));
  });
  EXPECT_TRUE(has(shown(proposal, true), "release 1 is taken out"));
}

TEST_F(Hostile, AKnownVersionWithOtherFilesIsToldAndRefused) {
  const auto proposal = proposal_of([&](auto& metadata) {
    add(metadata, "dev", "1", "evil", kRoot);
    move(metadata, "dev", "1");
  });
  const auto lines = shown(proposal, true);
  EXPECT_TRUE(has(lines, "changed " + release("1", kRoot)));
  EXPECT_TRUE(has(lines, "changed file of 1: manifest.json " + sha256("one").hex() + " -> " + sha256("evil").hex()));
  refused_at_both(proposal, "the proposal for \"web-dev\" has another release 1 than \"web-dev\" of the registry");
}

TEST_F(Hostile, AKnownVersionWithAnotherRootHashOrImageIsRefused) {
  const auto forged = [&](const std::string& root_hash, const std::string& oci) {
    return proposal_of([&](auto& metadata) { add(metadata, "dev", "1", "one", root_hash, oci); });
  };
  const auto hash = std::string(64, '7');
  for (const auto& proposal : {forged(hash, kOci), forged(kRoot, "sha256:" + hash)}) {
    EXPECT_TRUE(has(shown(proposal, true), "before the change 1" + release("1", kRoot).substr(9)));
    refused_at_both(proposal, "the proposal for \"web-dev\" has another release 1 than \"web-dev\" of the registry");
  }
}

TEST_F(Hostile, AVersionIsOneReleaseInEveryChannel) {
  const auto proposal = proposal_of([&](auto& metadata) {
    add(metadata, "stable", "1", "evil", kRoot);
    move(metadata, "stable", "1");
  });
  refused_at_both(proposal, "the proposal for \"web-stable\" has another release 1 than \"web-dev\" of the registry");
}

TEST_F(Hostile, TwoChannelsThatAreProposedHaveTheSameReleases) {
  const auto proposal = proposal_of([&](auto& metadata) {
    add(metadata, "dev", "2", "two", kRoot);
    add(metadata, "stable", "2", "evil", kRoot);
  });
  refused_at_both(proposal, "the proposal for \"web-dev\" has another release 2 than \"web-stable\" as it is proposed");
}

TEST_F(Hostile, APastThatIsRewrittenIsToldAndRefused) {
  const auto proposal = proposal_of([&](auto& metadata) {
    auto one = read_channel(metadata, "web", "dev").value();
    one.history.clear();
    client::Move step;
    step.kind = "publish";
    step.to = "1";
    step.reason = "it was always so";
    ASSERT_TRUE(add_move(one, std::move(step), metadata.publisher()));
    ASSERT_TRUE(save_channel(metadata, std::move(one)));
  });
  EXPECT_TRUE(has(shown(proposal, true), "rewritten history: it does not begin with that of the registry"));
  refused_at_both(proposal,
                  "cannot accept the channel's history: it does not begin with the one that this machine has seen");
}

TEST_F(Hostile, ADelegationOfOtherPathsIsToldAndRefused) {
  const auto wide = with_delegation([](auto& one) { one.paths.emplace_back("web/stable/*/*"); });
  const auto message = "the proposal lets the keys of \"web-dev\" speak for other paths than those of its channel";
  EXPECT_TRUE(
      has(shown(wide, false), "paths of web-dev: web/dev/*, web/dev/*/* -> web/dev/*, web/dev/*/*, web/stable/*/*"));
  refused(publish(wide), ErrorCode::kIntegrity, message);
  ASSERT_TRUE(write_proposal(at("file"), wide));
  refused(read_proposal(at("file")), ErrorCode::kIntegrity, message);
}

TEST_F(Hostile, ADelegationThatDoesNotTerminateIsToldAndRefused) {
  const auto open_ended = with_delegation([](auto& one) { one.terminating = false; });
  const auto message = "the proposal lets the keys of \"web-dev\" speak for other paths than those of its channel";
  EXPECT_TRUE(has(shown(open_ended, false),
                  "paths of web-dev: web/dev/*, web/dev/*/* -> web/dev/*, web/dev/*/* (not terminating)"));
  refused(publish(open_ended), ErrorCode::kIntegrity, message);
  ASSERT_TRUE(write_proposal(at("file"), open_ended));
  refused(read_proposal(at("file")), ErrorCode::kIntegrity, message);
}

}  // namespace
}  // namespace reburst::registry
