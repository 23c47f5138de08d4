#include "core/file.hpp"
#include "registry/repository/check.hpp"
#include "registry/repository/doors.hpp"

namespace reburst::registry {

namespace {

void compare_tags(CheckRun& run, const fs::path& layout, const std::map<std::string, Digest>& shown,
                  const std::map<std::string, Digest>& wanted) {
  const auto index = layout / "index.json";
  for (const auto& [tag, digest] : wanted) {
    const auto found = shown.find(tag);
    if (found == shown.end()) {
      run.add(index, "lacks the tag \"" + tag + "\" that the metadata names");
    } else if (found->second != digest) {
      run.add(index, "gives the tag \"" + tag + "\" to another manifest than the metadata names");
    }
  }
  for (const auto& [tag, digest] : shown) {
    const bool of_referrers = tag.starts_with("sha256-");  // compare_release() knows which
    if (!of_referrers && !wanted.contains(tag))
      run.add(index, "has the tag \"" + tag + "\", which the metadata does not name");
  }
}

// What publish() signs about the manifest cannot be in it.
std::vector<oci::Layer> layers_of(const client::ChannelRelease& release) {
  std::vector<oci::Layer> out;
  for (const auto& file : release.files) {
    if (!file.name.ends_with(".dsse.json")) out.push_back({{}, file.name, {}, file.size, file.sha256});
  }
  return out;
}

}  // namespace

void check_oci(CheckRun& run, const std::string& role, const std::vector<CheckedRelease>& releases,
               const std::map<std::string, std::vector<oci::Referrer>>& referrers) {
  const auto layout = run.registry() / "oci" / role;
  const auto shown = oci::check_layout(layout, run.jobs);
  if (!shown) return run.add(layout, shown.error().message);
  const auto wanted = wanted_tags(run.metadata, role);
  if (!wanted) return run.add(layout, wanted.error().message);
  compare_tags(run, layout, *shown, *wanted);
  for (const auto& [release, keys] : releases) {
    const auto digest = wanted->at(release.version);
    const auto differences = oci::compare_release(layout, digest, layers_of(release), referrers.at(release.version));
    const auto manifest = layout / "blobs/sha256" / digest.hex();
    if (!differences) {
      run.add(manifest, differences.error().message);
      continue;
    }
    for (const auto& difference : *differences) run.add(manifest, difference);
  }
}

}  // namespace reburst::registry
