#include "registry/repository/delta.hpp"

#include <set>

#include "core/file.hpp"
#include "registry/chunks/chunks.hpp"
#include "registry/chunks/delta.hpp"
#include "registry/release/layout.hpp"
#include "registry/repository/metadata.hpp"

namespace reburst::registry {

namespace {

// A release's disk and its index, as the registry stores them.
struct Disk {
  fs::path image;
  chunks::Index index;
};

Result<std::optional<Disk>> find_disk(const fs::path& registry, const Channel& channel, const std::string& version) {
  const auto path = [&](const char* suffix) {
    return target_path(channel.role, channel.name, version, file_name(channel.role, version, suffix));
  };
  const auto& targets = channel.targets.targets;
  const auto image = targets.find(path(".raw"));
  const auto index = targets.find(path(".caibx"));
  if (image == targets.end() || index == targets.end()) return std::nullopt;
  const auto file = registry / stored_path(index->first, index->second.sha256);
  return Disk{.image = registry / stored_path(image->first, image->second.sha256),
              .index = REBURST_TRY(chunks::read_index(file, index->first))};
}

// Compressed bytes of the chunks that only the new disk has.
Result<std::uint64_t> cost_of_chunks(const fs::path& store, const chunks::Index& from, const chunks::Index& to) {
  std::set<chunks::ChunkId> known;
  for (const auto& chunk : from.chunks) known.insert(chunk.id);
  std::uint64_t out = 0;
  for (const auto& chunk : to.chunks) {
    std::error_code error;
    if (known.insert(chunk.id).second) out += fs::file_size(store / chunk.id.path(), error);
    if (error) return fail(system_error("cannot look at the chunk \"" + chunk.id.hex() + "\"", error.value()));
  }
  return out;
}

}  // namespace

Result<std::uint64_t> add_delta(Metadata& metadata, Channel& channel, const std::string& version, std::size_t jobs,
                                Progress& progress) {
  const auto& registry = metadata.registry();
  const auto before = REBURST_TRY(current_version(channel));
  if (before.empty() || before == version) return 0;
  const auto name = delta_name(channel.role, version, before);
  const auto path = target_path(channel.role, channel.name, version, name);
  if (channel.targets.targets.contains(path)) return 0;
  const auto from = REBURST_TRY(find_disk(registry, channel, before));
  const auto to = REBURST_TRY(find_disk(registry, channel, version));
  if (!from || !to) return 0;
  const auto most = REBURST_TRY(cost_of_chunks(registry / "chunks", from->index, to->index));
  if (most == 0) return 0;
  const auto staging = REBURST_TRY(TempDirectory::make(registry, kStagingName));
  const auto file = staging.path() / name;
  const auto written =
      REBURST_TRY(chunks::write_delta({from->index, from->image}, {to->index, to->image}, file, jobs, progress));
  if (written.bytes >= most) return 0;
  const auto digest = REBURST_TRY(sha256_file(file));
  REBURST_TRY(metadata.place(file, registry / stored_path(path, digest)));
  const auto index = target_path(channel.role, channel.name, version, file_name(channel.role, version, ".caibx"));
  channel.targets.targets[path] = {
      .length = written.bytes, .sha256 = digest, .custom = channel.targets.targets.at(index).custom};
  return written.bytes;
}

}  // namespace reburst::registry
