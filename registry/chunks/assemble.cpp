#include "registry/chunks/assembly.hpp"

namespace reburst::chunks {

namespace {

using Paths = std::vector<std::filesystem::path>;

// Whoever takes part is opened before the target is touched.
Result<std::vector<ImageFile>> open_all(const std::vector<Seed>& seeds) {
  std::vector<ImageFile> files;
  files.reserve(seeds.size());
  for (const auto& seed : seeds) files.push_back(REBURST_TRY(ImageFile::open(seed.image)));
  return files;
}

Result<std::vector<DeltaFile>> open_deltas(const Paths& paths, const Index& index) {
  std::vector<DeltaFile> files;
  files.reserve(paths.size());
  for (const auto& path : paths) files.push_back(REBURST_TRY(DeltaFile::open(path, index)));
  return files;
}

}  // namespace

Result<Assembled> assemble(const Index& index, const std::filesystem::path& target, const std::vector<Seed>& seeds,
                           const Paths& deltas, const Fetch& fetch, std::size_t jobs, Progress& progress) {
  Pieces pieces = REBURST_TRY(pieces_of(index));
  const auto seed_files = REBURST_TRY(open_all(seeds));
  const auto delta_files = REBURST_TRY(open_deltas(deltas, index));
  Assembly assembly(index, std::move(pieces), REBURST_TRY(Target::open(target, index.size)), jobs, progress);
  REBURST_TRY(assembly.keep_what_is_right());
  for (std::size_t i = 0; i < seeds.size() && !assembly.complete(); ++i) {
    REBURST_TRY(assembly.copy_from(seed_files[i], seeds[i].index));
  }
  for (const DeltaFile& delta : delta_files) REBURST_TRY(assembly.make_from(delta, seed_files));
  REBURST_TRY(assembly.fetch_rest(fetch));
  return assembly.finish();
}

}  // namespace reburst::chunks
