// links: reburst_source
// Any bytes: the stanza reader ends, and every view that it gives lies inside the text.
#include "builder/source/deb822.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reburst::source;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  StanzaReader reader(text, "fuzz");
  Stanza stanza;
  for (;;) {
    const auto more = reader.next(stanza);
    if (!more || !*more) return 0;
    if (stanza.fields().empty()) __builtin_trap();
    for (const auto& field : stanza.fields()) {
      if (field.name.empty() || field.name.data() < text.data()) __builtin_trap();
      if (!field.value.empty() &&
          (field.value.data() < text.data() || field.value.data() + field.value.size() > text.data() + size))
        __builtin_trap();
      for_each_line(field.value, [](std::string_view line) {
        if (line.empty()) __builtin_trap();
      });
    }
  }
}
