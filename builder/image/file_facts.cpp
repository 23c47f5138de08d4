#include "builder/image/file_facts.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "builder/image/bytes.hpp"
#include "builder/image/sha256_lanes.hpp"
#include "core/file.hpp"
#include "core/handle.hpp"

namespace reburst::image {

namespace {

// One piece's files are in memory together: enough of them to hash side by side. A larger file is a piece of its own,
// read bit by bit.
constexpr std::uint64_t kPiece = 32 * kMebibyte;
constexpr std::uint64_t kLarge = 8 * kMebibyte;

// The owner of each path that is no folder.
std::unordered_map<std::string_view, std::string_view> owners(const tree::Tree& tree) {
  std::unordered_map<std::string_view, std::string_view> owners;
  for (const auto& group : tree.layout) {
    for (const std::string& path : group.paths) owners.emplace(path, group.package);
  }
  return owners;
}

FileFact fact_of(const Node& node, std::string path) {
  FileFact fact;
  fact.path = std::move(path);
  fact.mode = node.mode;
  fact.uid = node.uid;
  fact.gid = node.gid;
  fact.device = node.device;
  fact.target = node.target;
  fact.xattrs = node.xattrs;
  fact.size = node.size;
  return fact;
}

// Every name of every node, sorted by bytes.
std::vector<std::pair<std::string, std::size_t>> names_of(const Walk& walk) {
  std::vector<std::pair<std::string, std::size_t>> names{{"/", 0}};
  for (const Node& node : walk.nodes) {
    const std::string folder = node.path == "/" ? node.path : node.path + "/";
    for (const auto& [name, child] : node.entries) names.emplace_back(folder + name, child);
  }
  std::ranges::sort(names);
  return names;
}

bool needs_hashing(const FileFact& file) {
  return S_ISREG(file.mode) && file.link_to.empty();
}

}  // namespace

std::vector<FileFact> list_files(const Walk& walk, const tree::Tree& tree, const ErofsPlan* plan, std::uint64_t start) {
  std::vector<std::optional<std::uint64_t>> offsets(walk.nodes.size());
  if (plan != nullptr) {
    for (const auto& extent : plan->extents) offsets[extent.node] = start + extent.block * kBlock;
  }
  const auto owner = owners(tree);
  std::vector<std::string> first(walk.nodes.size());  // name of a node with several
  std::vector<FileFact> files;
  for (auto& [path, number] : names_of(walk)) {
    const Node& node = walk.nodes[number];
    FileFact& file = files.emplace_back(fact_of(node, std::move(path)));
    file.offset = offsets[number];
    if (S_ISDIR(node.mode)) continue;
    if (const auto found = owner.find(file.path); found != owner.end()) file.package = found->second;
    if (node.links < 2) continue;
    file.link_to = first[number];
    if (first[number].empty()) first[number] = file.path;
  }
  return files;
}

FileHashing::FileHashing(std::vector<FileFact>& files, int disk, const std::filesystem::path& root)
    : files_(files), disk_(disk), root_(root) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (needs_hashing(files[i])) order_.push_back(i);
  }
  std::ranges::stable_sort(order_, std::greater(), [&](std::size_t i) { return files[i].size; });
  std::uint64_t bytes = kPiece;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const std::uint64_t size = files[order_[i]].size;
    if (bytes + size > kPiece) {
      starts_.push_back(i);
      bytes = 0;
    }
    bytes += size > kLarge ? kPiece + 1 : size;
  }
  starts_.push_back(order_.size());
}

Result<> FileHashing::read(const FileFact& file, std::uint64_t from, std::span<std::byte> to) const {
  Fd own;
  if (!file.offset && !to.empty()) {
    own = Fd(::open((root_.string() + file.path).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!own.valid()) return fail(system_error("cannot open \"" + root_.string() + file.path + "\"", errno));
  }
  return read_at(file.offset ? disk_ : own.get(), file.offset.value_or(0) + from, to, "image:" + file.path);
}

Result<> FileHashing::hash_large(FileFact& file) const {
  Hasher sha256;
  Sha1Hasher sha1;
  Bytes buffer(kMebibyte);
  for (std::uint64_t at = 0; at < file.size; at += buffer.size()) {
    const auto part = std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), file.size - at));
    REBURST_TRY(read(file, at, part));
    sha256.update(part);
    sha1.update(part);
  }
  file.sha256 = sha256.finish();
  file.sha1 = sha1.finish();
  return {};
}

Result<> FileHashing::run(std::size_t piece) {
  const auto numbers =
      std::span<const std::size_t>(order_).subspan(starts_[piece], starts_[piece + 1] - starts_[piece]);
  if (files_[numbers.front()].size > kLarge) return hash_large(files_[numbers.front()]);
  std::uint64_t bytes = 0;
  for (const std::size_t number : numbers) bytes += files_[number].size;
  const auto buffer = std::make_unique_for_overwrite<std::byte[]>(bytes);
  std::vector<Message> messages;
  for (std::size_t i = 0, at = 0; i < numbers.size(); at += files_[numbers[i++]].size) {
    const std::span part(buffer.get() + at, files_[numbers[i]].size);
    REBURST_TRY(read(files_[numbers[i]], 0, part));
    Sha1Hasher sha1;
    sha1.update(part);
    files_[numbers[i]].sha1 = sha1.finish();
    messages.emplace_back(part);
  }
  std::vector<Digest> digests(messages.size());
  sha256_messages(messages, digests);
  for (std::size_t i = 0; i < numbers.size(); ++i) files_[numbers[i]].sha256 = digests[i];
  return {};
}

void FileHashing::finish() {
  std::unordered_map<std::string_view, const FileFact*> first;
  for (FileFact& file : files_) {
    if (!S_ISREG(file.mode)) continue;
    if (file.link_to.empty()) {
      first.emplace(file.path, &file);
      continue;
    }
    file.sha256 = first.at(file.link_to)->sha256;
    file.sha1 = first.at(file.link_to)->sha1;
  }
}

}  // namespace reburst::image
