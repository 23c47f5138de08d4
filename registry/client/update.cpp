#include <algorithm>

#include "registry/client/memory.hpp"

namespace reburst::client {

namespace {

constexpr Rule kRootFreeze{"5.3.10", "freeze"};
constexpr Rule kTimestampEndless{"5.4.1", "endless data"};
constexpr Rule kTimestampThreshold{"5.4.2", "arbitrary software"};
constexpr Rule kTimestampRollback{"5.4.3.1", "rollback"};
constexpr Rule kSnapshotRollback{"5.4.3.2", "rollback"};
constexpr Rule kTimestampFreeze{"5.4.4", "freeze"};
constexpr Rule kRollback{"5.5.5", "rollback"};
constexpr Rule kUnlisted{"5.6.1", "mix-and-match"};
constexpr Rule kDelegation{"5.6.7", "arbitrary software"};

Refusal went_back(std::string why, std::uint64_t known, const std::string& offered) {
  return {.why = std::move(why),
          .expected = std::to_string(known) + " or later, seen by this machine before",
          .actual = offered,
          .hint =
              "somebody shows this machine an old registry: a mirror that lags, a restored backup, or an attack; "
              "ask its keeper"};
}

// Section 5.4. An equal version keeps what is trusted.
Result<Accepted<tuf::Timestamp>> update_timestamp(const Run& run, const tuf::Root& root, const Memory& memory) {
  const std::string name = "timestamp.json";
  auto text = REBURST_TRY(bring(run, name, run.options.max_root, kTimestampEndless));
  auto offered =
      REBURST_TRY(accept<tuf::Timestamp>(std::move(text), name, authority(root, "timestamp"), kTimestampThreshold));
  if (memory.timestamp) {
    const auto& known = memory.timestamp->body;
    const auto version = offered.body.header.version;
    if (version < known.header.version) {
      return refuse(ErrorCode::kIntegrity, name, kTimestampRollback,
                    went_back("its version went back", known.header.version, std::to_string(version)));
    }
    if (version == known.header.version) offered = *memory.timestamp;
    if (offered.body.snapshot.version < known.snapshot.version) {
      return refuse(ErrorCode::kIntegrity, name, kSnapshotRollback,
                    went_back("the version that it lists of \"snapshot.json\" went back", known.snapshot.version,
                              std::to_string(offered.body.snapshot.version)));
    }
  }
  REBURST_TRY(check_fresh(offered.body.header, run.now, name, kTimestampFreeze));
  return offered;
}

// Section 5.5.5: nothing that was listed went back or vanished.
Result<> check_rollback(const tuf::Snapshot& snapshot, const std::string& name, const Memory& memory) {
  for (const auto& [file, floor] : memory.floors) {
    const auto listed = snapshot.meta.find(file);
    if (listed == snapshot.meta.end()) {
      return refuse(ErrorCode::kIntegrity, name, kRollback,
                    went_back("it no longer lists \"" + file + "\"", floor, "nothing"));
    }
    if (listed->second.version < floor) {
      return refuse(ErrorCode::kIntegrity, name, kRollback,
                    went_back("the version that it lists of \"" + file + "\" went back", floor,
                              std::to_string(listed->second.version)));
    }
  }
  return {};
}

// Section 5.5.
Result<Accepted<tuf::Snapshot>> update_snapshot(const Run& run, const tuf::Root& root, const tuf::Timestamp& timestamp,
                                                const Memory& memory) {
  const Listed listed{.role = "snapshot",
                      .meta = timestamp.snapshot,
                      .lister = "timestamp.json",
                      .authority = authority(root, "snapshot"),
                      .most = run.options.max_root,
                      .known = memory.texts.snapshot,
                      .rules = kSnapshotRules};
  auto snapshot = REBURST_TRY(accept_listed<tuf::Snapshot>(run, listed));
  REBURST_TRY(check_rollback(snapshot.body, listed.name(), memory));
  REBURST_TRY(check_fresh(snapshot.body.header, run.now, listed.name(), kSnapshotRules.freeze));
  return snapshot;
}

// Of targets and of the roles that it delegates to, all but the freeze.
struct Offered {
  Accepted<tuf::Targets> targets;
  std::string name;

  [[nodiscard]] Result<> check_fresh(const Run& run) const {
    return client::check_fresh(targets.body.header, run.now, name, kTargetsRules.freeze);
  }
};

// Sections 5.6.1 to 5.6.4.
Result<Offered> offered_targets(const Run& run, const Accepted<tuf::Snapshot>& snapshot, const std::string& role,
                                const Authority& authority, const std::string& known) {
  const std::string lister = std::to_string(snapshot.body.header.version) + ".snapshot.json";
  const auto meta = snapshot.body.meta.find(role + ".json");
  if (meta == snapshot.body.meta.end()) {
    return refuse(ErrorCode::kIntegrity, lister, kUnlisted,
                  {.why = "it does not list \"" + role + ".json\"",
                   .hint = "the registry is damaged or half published: ask its keeper"});
  }
  const Listed listed{.role = role,
                      .meta = meta->second,
                      .lister = lister,
                      .authority = authority,
                      .most = run.options.max_targets,
                      .known = known,
                      .rules = kTargetsRules};
  return Offered{.targets = REBURST_TRY(accept_listed<tuf::Targets>(run, listed)), .name = listed.name()};
}

// The registry's layout has delegations of one level: with more, what speaks for a path would depend on more than the
// order of one list.
Result<> check_no_delegation(const tuf::Targets& targets, const std::string& name) {
  if (targets.delegations.empty()) return {};
  return refuse(ErrorCode::kIntegrity, name, kDelegation,
                {.why = "it delegates to \"" + targets.delegations.front().name + "\", and only targets may delegate",
                 .hint = "no registry of Reburst is like that: ask its keeper"});
}

Result<> check_asked(const UpdateOptions& options, const tuf::Targets& targets) {
  for (const auto& role : options.delegated) {
    const auto& all = targets.delegations;
    if (std::any_of(all.begin(), all.end(), [&](const auto& each) { return each.name == role; })) continue;
    return fail(ErrorCode::kMissing, "the registry has no role \"" + role + "\": its targets do not delegate to it",
                "\"reburst list\" shows the roles and channels that it has");
  }
  return {};
}

// Section 5.6.7, in the order of the list: every role that was asked for. A client that looks for a file reads the
// roles that may speak for it and no others: who names none is not kept from a channel by another that has expired.
Result<> update_delegated(const Run& run, const Accepted<tuf::Snapshot>& snapshot, VerifiedMetadata& out,
                          const Memory& memory) {
  const auto& asked = run.options.delegated;
  for (const auto& delegation : out.targets.delegations) {
    const std::string& role = delegation.name;
    if (!asked.empty() && std::find(asked.begin(), asked.end(), role) == asked.end()) continue;
    const auto known = memory.texts.delegated.find(role);
    auto offered = REBURST_TRY(offered_targets(run, snapshot, role, {delegation.keys, out.targets.keys},
                                               known == memory.texts.delegated.end() ? std::string() : known->second));
    auto& [body, text] = offered.targets;
    REBURST_TRY(check_no_delegation(body, role + ".json"));
    if (auto fresh = offered.check_fresh(run); !fresh) {
      if (!asked.empty()) return fresh;
      out.lapsed.emplace(role, Lapsed{.expires = body.header.expires, .why = std::move(fresh).error()});
      continue;
    }
    out.delegated.emplace(role, std::move(body));
    out.state.delegated[role] = std::move(text);
  }
  return {};
}

}  // namespace

Result<VerifiedMetadata> update(const TrustedState& trusted, const FetchMetadata& fetch, const UpdateOptions& options) {
  const Run run{fetch, options, std::max(options.now, trusted.latest_time)};
  auto chain = REBURST_TRY(follow_roots(run, trusted.root));
  REBURST_TRY(check_fresh(chain.root.header, run.now, chain.name, kRootFreeze));
  const Memory memory = REBURST_TRY(remember(trusted, chain));

  auto timestamp = REBURST_TRY(update_timestamp(run, chain.root, memory));
  auto snapshot = REBURST_TRY(update_snapshot(run, chain.root, timestamp.body, memory));
  auto offered =
      REBURST_TRY(offered_targets(run, snapshot, "targets", authority(chain.root, "targets"), memory.texts.targets));
  REBURST_TRY(offered.check_fresh(run));
  auto& targets = offered.targets;
  REBURST_TRY(check_asked(options, targets.body));

  VerifiedMetadata out;
  out.state.root = chain.texts.back();
  out.state.timestamp = std::move(timestamp.text);
  out.state.targets = std::move(targets.text);
  out.state.delegated = memory.texts.delegated;
  out.state.histories = trusted.histories;
  out.state.epochs = trusted.epochs;
  if (memory.texts.root.empty()) out.state.let_go = trusted.root;
  out.state.latest_time = run.now;
  out.root = std::move(chain.root);
  out.roots = std::move(chain.texts);
  out.targets = std::move(targets.body);
  REBURST_TRY(update_delegated(run, snapshot, out, memory));
  out.state.snapshot = std::move(snapshot.text);
  out.snapshot = std::move(snapshot.body);
  return out;
}

}  // namespace reburst::client
