// links: reburst_source
// Any bytes: both formats of apt's sources end, with an error or with entries that name a URI and a suite.
#include "builder/source/sources_list.hpp"

namespace {

void check(const reburst::Result<std::vector<reburst::source::SourceEntry>>& entries) {
  if (!entries) return;
  for (const auto& entry : *entries) {
    if (entry.uris.empty() || entry.suites.empty() || entry.line == 0) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(reburst::source::parse_one_line_sources(text, "fuzz.list"));
  check(reburst::source::parse_deb822_sources(text, "fuzz.sources"));
  return 0;
}
