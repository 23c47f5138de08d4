#include "builder/inspect/compare.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "builder/image/read_disk.hpp"
#include "builder/inspect/owners.hpp"
#include "builder/inspect/parts.hpp"
#include "core/file.hpp"

namespace reburst::inspect {

namespace {

using image::kBlock;
using Where = image::VerityFault::Where;

constexpr std::uint64_t kSector = 512, kEntry = 128;

class Comparison {
 public:
  Comparison(int disk, std::uint64_t size, bool device, const Expected& expected)
      : disk_(disk), size_(size), device_(device), expected_(expected), layout_(expected.layout) {}

  Result<std::vector<Difference>> run(std::size_t jobs) {
    const auto& head = layout_.table.head;
    const auto tail = layout_.size - layout_.table.tail.size();
    REBURST_TRY(compare_table(head, 0, 2 * kSector, "primary"));
    REBURST_TRY(compare_gap(head.size(), layout_.root.start, "root"));
    REBURST_TRY(compare_gap(end_of(layout_.root), layout_.verity.start, "verity"));
    REBURST_TRY(compare_gap(end_of(layout_.verity), layout_.esp.start, "esp"));
    REBURST_TRY(compare_gap(end_of(layout_.esp), tail, "second table"));
    if (size_ >= end_of(layout_.verity)) REBURST_TRY(compare_root(jobs));
    if (size_ >= end_of(layout_.esp)) add(REBURST_TRY(compare_esp(disk_, expected_)));
    if (size_ >= layout_.size) REBURST_TRY(compare_table(layout_.table.tail, tail, 0, "second"));
    compare_size();
    std::stable_sort(out_.begin(), out_.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
    return std::move(out_);
  }

 private:
  static std::uint64_t end_of(const image::Partition& partition) { return partition.start + partition.size; }

  void add(std::vector<Difference> more) {
    for (auto& one : more) out_.push_back(std::move(one));
  }

  // The table at `at`, of which entry after entry begins at `entries`; the rest is MBR and header.
  Result<> compare_table(const image::Bytes& own, std::uint64_t at, std::uint64_t entries, const std::string& which) {
    if (at + own.size() > size_) return {};
    image::Bytes found(own.size());
    REBURST_TRY(read_at(disk_, at, found, "disk"));
    if (found == own) return {};
    for (std::uint64_t from = 0; from < own.size();) {
      const bool entry = from >= entries && from < entries + 128 * kEntry;
      const auto size = entry ? kEntry : kSector;
      if (const auto range = differing(std::span(found).subspan(from, size), std::span(own).subspan(from, size))) {
        const auto what = entry ? entry_name((from - entries) / kEntry) + " of the " + which + " table"
                          : from == 0 && entries != 0 ? "the protective MBR"
                                                      : "the " + which + " table's header";
        out_.push_back({.part = "table",
                        .what = what,
                        .start = at + from + range->start,
                        .end = at + from + range->end,
                        .boot = table_verdict()});
      }
      from += size;
    }
    return {};
  }

  static std::string entry_name(std::uint64_t number) {
    const std::array<const char*, 3> names = {" (root)", " (verity)", " (esp)"};
    return "entry " + std::to_string(number + 1) + (number < names.size() ? names[number] : " (unused)");
  }

  // What reburst-init finds by the tables as they are.
  [[nodiscard]] std::string table_verdict() const {
    const auto partitions = image::read_gpt(disk_, size_);
    if (!partitions) return "finds no partitions, and stops";
    for (const auto* wanted : {&layout_.root, &layout_.verity}) {
      const auto is = [&](const auto& one) { return one.uuid == wanted->uuid; };
      const std::string name = wanted == &layout_.root ? "root" : "verity";
      const auto count = std::count_if(partitions->begin(), partitions->end(), is);
      if (count != 1) return "finds " + std::to_string(count) + " " + name + " partitions instead of one, and stops";
      const auto& found = *std::find_if(partitions->begin(), partitions->end(), is);
      if (found.size != wanted->size)
        return "finds a " + name + " partition of " + std::to_string(found.size) + " bytes instead of " +
               std::to_string(wanted->size) + ", and stops";
      if (found.start != wanted->start) return "looks for the " + name + " partition at another place, and stops";
    }
    const auto is_esp = [&](const auto& one) { return one.type == image::kEspType && one.start == layout_.esp.start; };
    if (std::none_of(partitions->begin(), partitions->end(), is_esp)) return "ends in the firmware, which finds no ESP";
    return "finds its partitions all the same";
  }

  Result<> compare_gap(std::uint64_t from, std::uint64_t to, const std::string& before) {
    std::optional<Range> all;
    image::Bytes piece(kPiece);
    const image::Bytes zeros(kPiece);
    for (auto at = from; at < std::min(to, size_); at += kPiece) {
      const auto part = std::span(piece).first(std::min({kPiece, to - at, size_ - at}));
      REBURST_TRY(read_at(disk_, at, part, "disk"));
      if (const auto range = differing(part, std::span(zeros).first(part.size()))) {
        if (!all) all = Range{at + range->start, 0};
        all->end = at + range->end;
      }
    }
    if (all)
      out_.push_back({.part = "gap",
                      .what = "the gap before the " + before + (before == "second table" ? "" : " partition") +
                              " is not all zeros",
                      .start = all->start,
                      .end = all->end,
                      .boot = kNotRead});
    return {};
  }

  Result<> compare_root(std::size_t jobs) {
    const auto faults =
        REBURST_TRY(image::compare_verity(disk_, layout_.root.start, layout_.verity.start, expected_.verity, jobs));
    if (faults.empty()) return {};
    std::vector<Extent> extents;
    if (expected_.files) extents = REBURST_TRY(read_extents(*expected_.files, "the file list"));
    for (const auto& fault : faults) {
      if (fault.where == Where::kSuperBlock || fault.where == Where::kTree) {
        add_tree(fault);
      } else {
        add_data(fault, extents);
      }
    }
    return {};
  }

  void add_tree(const image::VerityFault& fault) {
    const bool read = fault.where == Where::kTree;
    out_.push_back({.part = "verity",
                    .what = read ? "block " + std::to_string(fault.start / kBlock) + " of the hash tree"
                                 : "the hash tree's super block",
                    .start = layout_.verity.start + fault.start,
                    .end = layout_.verity.start + fault.end,
                    .boot = read ? "stops when it reads what this block covers" : kNotRead});
  }

  // One for each file that has a part in the range.
  void add_data(const image::VerityFault& fault, const std::vector<Extent>& extents) {
    const bool all = fault.where == Where::kUnknown && fault.start == 0 && fault.end == layout_.root.size;
    for (auto at = fault.start; at < fault.end;) {
      const auto* extent = all ? nullptr : find_extent(extents, layout_.root.start + at);
      auto end = at + kBlock;
      while (end < fault.end && (all || find_extent(extents, layout_.root.start + end) == extent)) end += kBlock;
      out_.push_back(describe(fault.where, at, end, extent, all, extents.empty()));
      at = end;
    }
  }

  [[nodiscard]] Difference describe(Where where, std::uint64_t from, std::uint64_t to, const Extent* extent, bool all,
                                    bool no_places) const {
    Difference out{.part = "root",
                   .what = "block " + std::to_string(from / kBlock) + " of the root file system" +
                           (where == Where::kUnknown ? ", or its hash" : ""),
                   .start = layout_.root.start + from,
                   .end = layout_.root.start + to,
                   .boot = "stops when it reads this, and does not come up where the scan is on"};
    if (all) {
      out.what = "file system and hash tree are not this release's";
      out.owner = "all of them";
    } else if (extent != nullptr) {
      out.file = extent->path;
      out.package = extent->package;
      out.file_offset = out.start - extent->start;
    } else if (!expected_.files) {
      out.owner = "not known without the release's file list, which \"reburst pull --all\" brings";
    } else {
      out.owner = no_places ? "not known: a compressed file system keeps no file in one piece"
                            : "none: the file system's own structures";
    }
    return out;
  }

  void compare_size() {
    if (size_ == layout_.size || (device_ && size_ > layout_.size)) return;
    if (size_ > layout_.size) {
      out_.push_back({.part = "end",
                      .what = "it is " + std::to_string(size_ - layout_.size) + " bytes longer than the image",
                      .start = layout_.size,
                      .end = size_,
                      .boot = kNotRead});
      return;
    }
    const auto& l = layout_;
    const char* part = size_ < l.root.start ? "table" : size_ < end_of(l.root) ? "root" : nullptr;
    if (part == nullptr) part = size_ < l.verity.start ? "gap" : size_ < end_of(l.verity) ? "verity" : nullptr;
    if (part == nullptr) part = size_ < l.esp.start ? "gap" : size_ < end_of(l.esp) ? "esp" : "table";
    out_.push_back({.part = part,
                    .what = "it ends here, " + std::to_string(layout_.size - size_) + " bytes too early",
                    .start = size_,
                    .end = layout_.size,
                    .boot = table_verdict()});
  }

  int disk_;
  std::uint64_t size_;
  bool device_;
  const Expected& expected_;
  const image::DiskLayout& layout_;
  std::vector<Difference> out_;
};

}  // namespace

std::optional<Range> differing(std::span<const std::byte> one, std::span<const std::byte> other) {
  const auto first = std::mismatch(one.begin(), one.end(), other.begin()).first;
  if (first == one.end()) return std::nullopt;
  auto last = one.size();
  while (one[last - 1] == other[last - 1]) --last;
  return Range{static_cast<std::uint64_t>(first - one.begin()), last};
}

Result<std::vector<Difference>> compare_disk(const std::filesystem::path& disk, const Expected& expected,
                                             std::size_t jobs) {
  const Fd fd = REBURST_TRY(open_read(disk));
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return fail(system_error("cannot stat \"" + disk.string() + "\"", errno));
  const auto size = REBURST_TRY(image::disk_size(fd.get(), disk));
  return with_context(Comparison(fd.get(), size, S_ISBLK(status.st_mode), expected).run(jobs),
                      "comparing the disk \"" + disk.string() + "\" with its release");
}

}  // namespace reburst::inspect
