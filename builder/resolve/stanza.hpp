#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace reburst::resolve {

// The fields of one package that resolving reads (deb-control(5)), as views into the index. A folded field keeps its
// line breaks. Empty: the field is not there.
struct Stanza {
  std::string_view package, version, architecture, multi_arch, essential, important, priority, source, filename, size,
      sha256;
  std::string_view pre_depends, depends, conflicts, breaks, recommends, suggests, replaces, enhances, provides;
};

// Field names are compared without regard to case; the last of two equal fields wins, as for apt.
[[nodiscard]] Stanza read_stanza(std::string_view text);

// Cuts an index into stanzas at empty lines, without copying it.
class StanzaReader {
 public:
  explicit StanzaReader(std::string_view index) : index_(index) {}
  // The next stanza's text, or nothing at the end.
  [[nodiscard]] std::optional<std::string_view> next();

 private:
  std::string_view index_;
  std::size_t at_ = 0;
};

}  // namespace reburst::resolve
