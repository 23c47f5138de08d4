// links: reburst_verify
// Hostile metadata of each kind: parse() refuses with a reason, or what it takes is written again as metadata with the
// same values, and no threshold of it is met by chance.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "signing/verify/tuf.hpp"

namespace {

using namespace reburst;

template <class Body>
void as(std::string_view text) {
  const auto metadata = tuf::parse<Body>(text, "fuzz.json");
  if (!metadata) {
    if (metadata.error().code != ErrorCode::kIntegrity || metadata.error().message.empty()) std::abort();
    return;
  }
  const Json body = tuf::to_json(metadata->body);
  const auto again = tuf::parse<Body>(canonical_json({{"signatures", Json::array()}, {"signed", body}}), "again.json");
  if (!again || tuf::to_json(again->body) != body) std::abort();
  if (again->signed_bytes != tuf::signed_bytes(body)) std::abort();
  if (metadata->signed_bytes.find('\0') != std::string::npos) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  as<tuf::Root>(text);
  as<tuf::Timestamp>(text);
  as<tuf::Snapshot>(text);
  as<tuf::Targets>(text);
  // The same bytes as a pattern and a path: ends, and a pattern without wildcards covers itself alone.
  const auto middle = text.find('\n');
  if (middle != std::string_view::npos) {
    const auto pattern = text.substr(0, middle);
    const bool plain = pattern.find_first_of("*?") == std::string_view::npos;
    if (tuf::matches(pattern, text.substr(middle + 1)) != (pattern == text.substr(middle + 1)) && plain) std::abort();
  }
  return 0;
}
