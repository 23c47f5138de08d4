#include "registry/client/root_chain.hpp"

#include <set>

namespace reburst::client {

namespace {

constexpr Rule kTrusted{"5.2", "trusted root"};
constexpr Rule kEndless{"5.3.3", "endless data"};
constexpr Rule kThreshold{"5.3.4", "arbitrary software"};
constexpr Rule kVersion{"5.3.5", "rollback"};

// Its own keys have signed it: that guards against a damaged file, not against who could replace it.
Result<Accepted<tuf::Root>> load_trusted(const std::string& text) {
  const auto load = [&]() -> Result<Accepted<tuf::Root>> {
    auto parsed = REBURST_TRY(tuf::parse<tuf::Root>(text, "root.json"));
    const auto self = authority(parsed.body, "root");
    REBURST_TRY(tuf::check_threshold(parsed.signed_bytes, parsed.signatures, self.role, self.keys, "root.json"));
    return Accepted<tuf::Root>{std::move(parsed.body), text};
  };
  auto loaded = under(kTrusted, load());
  if (!loaded) {
    loaded.error().code = ErrorCode::kIntegrity;
    loaded.error().hint =
        "the trusted root is damaged: give the registry's root again with --root, from a source that you "
        "trust";
  }
  return loaded;
}

// Signed by the old root's keys and by its own, and the very next version.
Result<Accepted<tuf::Root>> accept_next(std::string text, const std::string& name, const tuf::Root& before) {
  auto next = REBURST_TRY(accept<tuf::Root>(std::move(text), name, authority(before, "root"), kThreshold));
  REBURST_TRY(accept<tuf::Root>(next.text, name, authority(next.body, "root"), kThreshold));
  if (next.body.header.version == before.header.version + 1) return next;
  return refuse(ErrorCode::kIntegrity, name, kVersion,
                {.why = "its version does not follow the trusted root's",
                 .expected = std::to_string(before.header.version + 1),
                 .actual = std::to_string(next.body.header.version),
                 .hint = "the registry is damaged, or shows an old root under a new name: ask its keeper"});
}

bool same_keys(const tuf::Root& before, const tuf::Root& after, const char* role) {
  const auto& a = before.roles.at(role);
  const auto& b = after.roles.at(role);
  const auto set = [](const auto& ids) { return std::set<std::string>(ids.begin(), ids.end()); };
  return set(a.keyids) == set(b.keyids) && a.threshold == b.threshold;
}

}  // namespace

bool same_keepers(const tuf::Root& before, const tuf::Root& after) {
  return same_keys(before, after, "timestamp") && same_keys(before, after, "snapshot");
}

Result<RootChain> follow_roots(const Run& run, const std::string& trusted) {
  auto current = REBURST_TRY(load_trusted(trusted));
  RootChain chain{{}, "root.json", {trusted}, false};
  for (unsigned steps = 0;; ++steps) {
    const std::string name = std::to_string(current.body.header.version + 1) + ".root.json";
    auto text = bring(run, name, run.options.max_root, kEndless);
    if (!text && text.error().code == ErrorCode::kMissing) break;
    if (!text) return fail(std::move(text).error());
    if (steps == run.options.max_root_steps) {
      return refuse(ErrorCode::kIntegrity, name, kEndless,
                    {.why = "more than " + std::to_string(steps) + " new roots follow the trusted one",
                     .hint = "give a newer root with --root, from a source that you trust"});
    }
    auto next = REBURST_TRY(accept_next(*std::move(text), name, current.body));
    chain.keys_changed = chain.keys_changed || !same_keepers(current.body, next.body);
    current = std::move(next);
    chain.name = name;
    chain.texts.push_back(current.text);
  }
  chain.root = std::move(current.body);
  return chain;
}

Result<std::vector<std::string>> roots_since(const std::string& trusted, const VerifiedMetadata& metadata,
                                             const FetchMetadata& fetch) {
  const std::uint64_t newest = metadata.root.header.version;
  const std::uint64_t first = newest + 1 - metadata.roots.size();
  const FetchMetadata until_newest = [&](const std::string& name, std::uint64_t max) -> Result<std::string> {
    const std::uint64_t version = std::stoull(name);
    if (version > newest) return fail(ErrorCode::kMissing, "\"" + name + "\" is newer than what was verified");
    if (version >= first) return metadata.roots[version - first];
    return fetch(name, max);
  };
  const UpdateOptions options;
  auto chain = REBURST_TRY(follow_roots({until_newest, options, 0}, trusted));
  if (chain.texts.back() == metadata.roots.back()) return std::move(chain.texts);
  return fail(ErrorCode::kIntegrity,
              "the trusted root does not lead to the newest one, " + std::to_string(newest) + ".root.json",
              "name an older root with --root, such as the one that the image was built with");
}

}  // namespace reburst::client
