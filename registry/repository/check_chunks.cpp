#include <atomic>

#include "core/file.hpp"
#include "core/parallel.hpp"
#include "registry/chunks/id.hpp"
#include "registry/chunks/image_file.hpp"
#include "registry/repository/check.hpp"

namespace reburst::registry {

namespace {

Result<bool> is_chunk(const chunks::ImageFile& disk, const chunks::Chunk& chunk) {
  std::vector<std::byte> bytes(chunk.size);
  REBURST_TRY(disk.read(chunk.offset, bytes));
  return chunks::id_of(bytes) == chunk.id;
}

// Whoever assembles the index gets this very disk.
Result<bool> describes(CheckRun& run, const chunks::Index& index, const fs::path& disk) {
  std::error_code error;
  if (fs::file_size(disk, error) != index.size || error) return false;
  const auto file = REBURST_TRY(chunks::ImageFile::open(disk));
  std::atomic<bool> same = true;
  run.progress.begin("index", index.size, Progress::Unit::kBytes);
  REBURST_TRY(parallel_for(run.jobs, index.chunks.size(), [&](std::size_t i) -> Result<> {
    if (!REBURST_TRY(is_chunk(file, index.chunks[i]))) same = false;
    run.progress.advance(index.chunks[i].size);
    return {};
  }));
  return same.load();
}

// What another release's index has led to already is not read again.
chunks::Index unseen(CheckRun& run, const chunks::Index& index) {
  chunks::Index out;
  for (const auto& chunk : index.chunks) {
    if (!run.chunks_seen.insert(chunk.id.hex()).second) continue;
    out.chunks.push_back(chunk);
    out.size += chunk.size;
  }
  return out;
}

}  // namespace

void check_chunks(CheckRun& run, const CheckedRelease& release) {
  const auto* file = release.find(release.name(".caibx"));
  const auto* disk = release.find(release.name(".raw"));
  if (file == nullptr || disk == nullptr) return;  // check_release() has said so
  const auto path = release.path(run.registry(), *file);
  const auto text = read_file(path, chunks::kMaxIndexBytes);
  if (!text || sha256(*text) != file->sha256) return;  // check_targets() has said so
  const auto index = chunks::parse_index(*text, file->name);
  if (!index) return run.add(path, index.error().message);
  const auto same = describes(run, *index, release.path(run.registry(), *disk));
  if (!same || !*same) run.add(path, "is not the index of the disk \"" + disk->name + "\"");
  const auto whole = chunks::check_store(unseen(run, *index), run.registry() / "chunks", run.jobs, run.progress);
  if (!whole) run.add(run.registry() / "chunks", whole.error().message);
}

}  // namespace reburst::registry
