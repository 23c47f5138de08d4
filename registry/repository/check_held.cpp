#include <algorithm>
#include <set>

#include "core/file.hpp"
#include "registry/oci/oci.hpp"
#include "registry/release/layout.hpp"
#include "registry/repository/check.hpp"
#include "registry/repository/held_files.hpp"
#include "registry/repository/publish.hpp"

namespace reburst::registry {

namespace {

constexpr std::string_view kEnvelope = ".dsse.json";

// The tags that the index has to have for what is said of the release.
std::vector<std::string> referrer_tags(const std::vector<std::string>& files, const Hold& hold,
                                       const Digest& manifest) {
  const auto fallback = "sha256-" + manifest.hex();
  const auto prefix = file_name(hold.role, hold.version, ".");
  std::vector<std::string> out;
  for (const auto& name : files) {
    if (!name.starts_with(prefix) || !name.ends_with(kEnvelope)) continue;
    if (out.empty()) out.push_back(fallback);
    out.push_back(fallback + "." + name.substr(prefix.size(), name.size() - prefix.size() - kEnvelope.size()));
  }
  return out;
}

// An index that cannot be read is what check_oci() complains of.
void check_hold(CheckRun& run, const Hold& hold, const std::vector<std::string>& files) {
  const auto layout = run.registry() / "oci" / hold.role;
  const auto releases = oci::list_releases(layout);
  const auto tags = oci::read_tags(layout);
  if (!releases || !tags) return;
  bool listed = false;
  for (const auto& digest : *releases) {
    const auto version = oci::version_of(layout, digest);
    if (!version) listed = true;  // it may be this one, and check_oci() tells what it is
    if (!version || *version != hold.version) continue;
    listed = true;
    for (const auto& tag : referrer_tags(files, hold, digest)) {
      if (!tags->contains(tag))
        run.add(layout / "index.json", "lacks the tag \"" + tag + "\" of a release that is held");
    }
  }
  if (!listed) run.add(layout / "index.json", unlisted(hold));
}

}  // namespace

std::vector<std::string> held_files(const fs::path& registry, const Hold& hold) {
  std::set<std::string> out;
  if (!is_label(hold.role) || !is_plain_name(hold.version)) return {};
  std::error_code error;
  const auto targets = registry / "targets" / hold.role;
  for (fs::directory_iterator channel(targets, error), end; !error && channel != end; channel.increment(error)) {
    std::error_code ignored;
    for (fs::directory_iterator at(channel->path() / hold.version, ignored), last; !ignored && at != last;
         at.increment(ignored)) {
      const auto stored = at->path().filename().string();
      const auto dot = stored.find('.');
      if (dot != std::string::npos && Digest::parse(stored.substr(0, dot))) out.insert(stored.substr(dot + 1));
    }
  }
  return {out.begin(), out.end()};
}

std::string unlisted(const Hold& hold) {
  return "lists no \"" + hold.role + "\" " + hold.version + ", which is held";
}

// Of releases that no channel has any more: of others check_oci() knows more.
void check_held(CheckRun& run) {
  const auto holds = read_holds(run.registry());
  if (!holds) return run.add(run.registry() / "holds.json", holds.error().message);
  for (const auto& hold : *holds) {
    const auto versions = versions_of(run.metadata, hold.role);
    const bool named = versions && std::find(versions->begin(), versions->end(), hold.version) != versions->end();
    const auto files = held_files(run.registry(), hold);
    if (!files.empty() && !named) check_hold(run, hold, files);
  }
}

}  // namespace reburst::registry
