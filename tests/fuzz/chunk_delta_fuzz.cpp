// links: reburst_chunks
// Hostile deltas for one small image: assemble() refuses, or makes exactly the image; what the delta does not give, the
// store has.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/file.hpp"
#include "registry/chunks/chunks.hpp"

namespace {

using namespace reburst;
using namespace reburst::chunks;

struct World {
  TempDirectory folder = TempDirectory::make("/tmp", "delta-fuzz").value();
  std::string content;
  Index from, to;
  World() {
    std::uint32_t state = 1;
    for (int i = 0; i < 20000; ++i) content += static_cast<char>((state = state * 1664525 + 1013904223) >> 24U);
    const auto old = folder.path() / "old";
    const auto image = folder.path() / "new";
    if (!write_file_atomic(old, content)) std::abort();
    from = cut(old, {8192}, 1, silent_progress()).value();
    for (std::size_t at = 9000; at < content.size(); at += 1000) content[at] = 'x';
    if (!write_file_atomic(image, content)) std::abort();
    to = cut(image, {8192}, 1, silent_progress()).value();
    if (!store_chunks(to, image, folder.path() / "store", 1, silent_progress())) std::abort();
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World kWorld;
  const auto delta = kWorld.folder.path() / "delta";
  const auto target = kWorld.folder.path() / "target";
  if (!write_file_atomic(delta, {reinterpret_cast<const char*>(data), size})) std::abort();
  std::error_code ignored;
  std::filesystem::remove(target, ignored);
  const auto done = assemble(kWorld.to, target, {{.image = kWorld.folder.path() / "old", .index = kWorld.from}},
                             {delta}, from_folder(kWorld.folder.path() / "store", 1), 1, silent_progress());
  if (!done) return 0;
  if (read_file(target, 1U << 20U).value() != kWorld.content) std::abort();
  return 0;
}
