#include "registry/bundle/contents.hpp"

#include <algorithm>
#include <array>

#include "core/file.hpp"
#include "registry/release/layout.hpp"
#include "registry/repository/held.hpp"

namespace reburst::bundle {

namespace {

std::set<std::string> metadata_files(const std::map<std::string, std::uint64_t>& versions) {
  std::set<std::string> out;
  for (const auto& [role, version] : versions) {
    if (role == "timestamp") {
      out.insert("metadata/timestamp.json");
      continue;
    }
    // Of root every version: a client that trusts the first walks through all of them.
    for (auto one = role == "root" ? 1 : version; one <= version; ++one) out.insert(registry::metadata_path(role, one));
  }
  return out;
}

// Puts a channel's targets where they belong; the first path with a digest has the bytes.
class Sorting {
 public:
  explicit Sorting(Wanted& out) : out_(out) {}

  Result<> add(const tuf::Targets& targets) {
    for (const auto& [path, target] : targets.targets) {
      const auto stored = registry::stored_path(path, target.sha256);
      const auto [first, is_new] = first_.emplace(target.sha256, stored);
      if (!is_new) {
        if (first->second != stored) out_.links.emplace(stored, first->second);
        continue;
      }
      out_.digests.insert(target.sha256);
      if (path.ends_with(".raw")) {
        REBURST_TRY(add_disk(targets, path, stored));
      } else {
        out_.targets.emplace(stored, target);
      }
    }
    return {};
  }

  void add_history(const tuf::Targets& targets, const client::ChannelName& name) {
    const auto found = targets.targets.find(registry::history_path(name.role, name.channel));
    if (found == targets.targets.end()) return;
    const auto stored = registry::stored_path(found->first, found->second.sha256);
    if (first_.emplace(found->second.sha256, stored).second) out_.targets.emplace(stored, found->second);
  }

 private:
  Result<> add_disk(const tuf::Targets& targets, const std::string& path, const std::string& stored) {
    const auto index = path.substr(0, path.size() - std::string_view(".raw").size()) + ".caibx";
    const auto found = targets.targets.find(index);
    if (found == targets.targets.end())
      return fail(ErrorCode::kIntegrity, "the metadata names no chunk index for \"" + path + "\"");
    out_.disks.push_back({stored, registry::stored_path(index, found->second.sha256)});
    return {};
  }

  Wanted& out_;
  std::map<Digest, std::string> first_;
};

}  // namespace

Result<Wanted> want(const tuf::Targets& targets, const std::map<std::string, tuf::Targets>& delegated,
                    const std::map<std::string, std::uint64_t>& versions, const std::vector<std::string>& held) {
  Wanted out;
  out.metadata = metadata_files(versions);
  Sorting sorting(out);
  std::size_t found = 0;
  for (const auto& delegation : targets.delegations) {
    const auto of = delegated.find(delegation.name);
    if (of == delegated.end()) continue;
    const auto name = client::channel_name(delegation);
    if (!name) return fail(ErrorCode::kIntegrity, "the delegated role \"" + delegation.name + "\" is no channel");
    if (std::find(held.begin(), held.end(), delegation.name) == held.end()) {
      sorting.add_history(of->second, *name);
      continue;
    }
    ++found;
    REBURST_TRY(sorting.add(of->second));
    out.channels.push_back(*name);
  }
  if (found == held.size()) return out;
  return fail(ErrorCode::kMissing, "the metadata does not have every channel that the bundle names",
              "export it again: reburst list shows what there is");
}

Result<chunks::Index> read_index(const fs::path& registry, const Wanted& wanted, const Disk& disk) {
  const auto link = wanted.links.find(disk.index);
  const auto& path = link == wanted.links.end() ? disk.index : link->second;
  return chunks::read_index(registry / path, path);
}

Result<std::map<std::string, std::uint64_t>> want_chunks(const fs::path& registry, const Wanted& wanted) {
  std::map<std::string, std::uint64_t> out;
  for (const auto& disk : wanted.disks) {
    for (const auto& chunk : REBURST_TRY(read_index(registry, wanted, disk)).chunks)
      out.emplace("chunks/" + chunk.id.path(), chunk.size);
  }
  return out;
}

Section section_of(std::string_view path) {
  if (path == registry::kHeldName) return Section::kHeld;
  constexpr std::array<std::string_view, 5> kFolders{"metadata/", "targets/", "images/", "oci/", "chunks/"};
  for (std::size_t i = 0; i < kFolders.size(); ++i) {
    if (path.starts_with(kFolders[i])) return static_cast<Section>(i + 1);
  }
  return Section::kNone;
}

bool comes_before(std::string_view a, std::string_view b) {
  const auto first = section_of(a);
  const auto second = section_of(b);
  return first != second ? first < second : a < b;
}

}  // namespace reburst::bundle
