#include "registry/repository/check.hpp"

#include <algorithm>

#include "core/file.hpp"
#include "core/parallel.hpp"
#include "registry/release/layout.hpp"

namespace reburst::registry {

namespace {

// The channel and its releases; nothing, and a fault, when its history or its targets are not what they should be.
std::optional<std::vector<CheckedRelease>> read_releases(CheckRun& run, const std::string& role,
                                                         const std::string& name) {
  const auto history = run.registry() / "targets" / role / name;
  const auto channel = read_channel(run.metadata, role, name);
  if (!channel) {
    run.add(history, channel.error().message);
    return std::nullopt;
  }
  const auto moves = client::parse_history(channel->history, role, name, channel->statement_keys);
  const auto releases = client::releases_of(channel->targets, role, name);
  if (!moves || !releases) {
    run.add(history, moves ? releases.error().message : moves.error().message);
    return std::nullopt;
  }
  const std::string current = moves->empty() ? "" : moves->back().to;
  const auto points = [&](const auto& release) { return release.version == current; };
  if (!current.empty() && std::none_of(releases->begin(), releases->end(), points))
    run.add(history, "points to \"" + current + "\", which the metadata does not name");
  std::vector<CheckedRelease> out;
  for (const auto& release : *releases) out.push_back({release, channel->statement_keys});
  return out;
}

// A version means one release, whichever channel names it.
void require_same(CheckRun& run, const CheckedRelease& one, const CheckedRelease& other) {
  const auto& a = one.release;
  const auto& b = other.release;
  if (client::same_release(a, b)) return;
  run.add(run.registry() / "targets" / b.role / b.channel / b.version,
          "is another release than the channel \"" + a.channel + "\" has under that version");
}

void check_role(CheckRun& run, const std::string& role) {
  std::vector<CheckedRelease> all;  // one of each version
  std::map<std::string, std::vector<oci::Referrer>> referrers;
  for (const auto& name : channels_of(run.metadata, role)) {
    const auto releases = read_releases(run, role, name);
    if (!releases) return;
    for (const auto& release : *releases) {
      const auto known = std::find_if(all.begin(), all.end(),
                                      [&](const auto& one) { return one.release.version == release.release.version; });
      if (known != all.end()) {
        require_same(run, *known, release);
        continue;
      }
      referrers[release.release.version] = check_release(run, release);
      check_chunks(run, release);
      all.push_back(release);
    }
    check_images(run, role, name);
  }
  check_oci(run, role, all, referrers);
}

}  // namespace

void CheckRun::add(const fs::path& file, const std::string& what) {
  faults.push_back({file.lexically_relative(registry()).string(), what});
}

bool CheckRun::is_faulty(const fs::path& file) const {
  const auto name = file.lexically_relative(registry()).string();
  return std::any_of(faults.begin(), faults.end(), [&](const auto& one) { return one.file == name; });
}

const client::ReleaseFile* CheckedRelease::find(const std::string& name) const {
  const auto found =
      std::find_if(release.files.begin(), release.files.end(), [&](const auto& file) { return file.name == name; });
  return found == release.files.end() ? nullptr : &*found;
}

std::string CheckedRelease::name(std::string_view suffix) const {
  return file_name(release.role, release.version, suffix);
}

fs::path CheckedRelease::path(const fs::path& registry, const client::ReleaseFile& file) const {
  return registry / stored_path(target_path(release.role, release.channel, release.version, file.name), file.sha256);
}

Result<> check_targets(CheckRun& run) {
  std::vector<std::pair<fs::path, tuf::TargetFile>> files;
  std::uint64_t total = 0;
  for (const auto& [role, targets] : run.metadata.delegated()) {
    for (const auto& [path, target] : targets.targets) {
      files.emplace_back(run.registry() / stored_path(path, target.sha256), target);
      total += target.length;
    }
  }
  run.progress.begin("targets", total, Progress::Unit::kBytes);
  std::vector<std::string> wrong(files.size());
  REBURST_TRY(parallel_for(run.jobs, files.size(), [&](std::size_t i) -> Result<> {
    const auto& [path, target] = files[i];
    std::error_code error;
    if (fs::file_size(path, error) != target.length || error) {
      wrong[i] = error ? "is not there" : "has another length than the metadata names";
    } else if (REBURST_TRY(sha256_file(path)) != target.sha256) {
      wrong[i] = "has another SHA-256 than the metadata names";
    }
    run.progress.advance(target.length);
    return {};
  }));
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!wrong[i].empty()) run.add(files[i].first, wrong[i]);
  }
  return {};
}

void check_strangers(CheckRun& run) {
  const auto roles = roles_of(run.metadata);
  const auto look = [&](const fs::path& folder, const std::vector<std::string>& known) {
    std::vector<fs::path> strangers;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      const auto name = at->path().filename().string();
      if (!name.starts_with('.') && std::find(known.begin(), known.end(), name) == known.end())
        strangers.push_back(at->path());
    }
    std::sort(strangers.begin(), strangers.end());
    for (const auto& path : strangers) run.add(path, "is shown, and the metadata does not name it");
  };
  look(run.registry() / "oci", roles);
  look(run.registry() / "images", roles);
  for (const auto& role : roles) look(run.registry() / "images" / role, channels_of(run.metadata, role));
}

Result<std::vector<Fault>> check(const Metadata& metadata, const RootHash& root_hash, std::size_t jobs,
                                 Progress& progress) {
  std::vector<Fault> faults;
  CheckRun run{.metadata = metadata, .root_hash = root_hash, .jobs = jobs, .progress = progress, .faults = faults};
  REBURST_TRY(check_targets(run));
  for (const auto& role : roles_of(metadata)) check_role(run, role);
  check_held(run);
  check_strangers(run);
  return faults;
}

}  // namespace reburst::registry
