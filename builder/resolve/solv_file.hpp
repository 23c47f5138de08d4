#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "builder/resolve/stanza.hpp"

namespace reburst::resolve {

// What is kept of a package beside libsolv's own fields: where its stanza stands in the index.
struct Record {
  std::uint32_t offset = 0, length = 0;
  std::uint32_t rank = 0;
  std::uint32_t flags = 0;
};
constexpr std::uint32_t kEssential = 1;

// What is cached of an index: libsolv's own bytes, then the records (libsolv reads a big member of its own slowly),
// then the number of records and a checksum over all before it. Numbers are those of the machine: the file never leaves
// it.
[[nodiscard]] std::string pack_solv(std::string solv, const std::vector<Record>& records);

// Views into the content of such a file.
class SolvView {
 public:
  // Nothing when the content is damaged.
  [[nodiscard]] static std::optional<SolvView> open(std::string_view content);
  [[nodiscard]] std::string_view solv() const { return solv_; }
  [[nodiscard]] std::size_t size() const { return records_.size() / sizeof(Record); }
  [[nodiscard]] Record record(std::size_t at) const;

 private:
  SolvView(std::string_view solv, std::string_view records) : solv_(solv), records_(records) {}
  std::string_view solv_, records_;
};

// Numbers names in the order in which apt would create them while it reads the index. Keeps views into it.
class Ranking {
 public:
  void meet(const Stanza& stanza);
  [[nodiscard]] std::uint32_t rank(std::string_view name);

 private:
  std::unordered_map<std::string_view, std::uint32_t> ranks_;  // looked up, never iterated
};

}  // namespace reburst::resolve
