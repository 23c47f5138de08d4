#include "builder/resolve/essential.hpp"

#include <unordered_set>

#include "builder/resolve/mapping.hpp"
#include "builder/resolve/stanza.hpp"
#include "core/file.hpp"

namespace reburst::resolve {

Result<std::set<std::string, std::less<>>> essential_names(const std::vector<fs::path>& indexes,
                                                           std::string_view architecture) {
  std::vector<Mapping> mappings;
  for (const auto& index : indexes) {
    std::error_code error;
    const auto size = fs::file_size(index, error);
    if (error) return fail(system_error("cannot read \"" + index.string() + "\"", error.value()));
    mappings.push_back(REBURST_TRY(Mapping::open(index, size)));
  }
  std::set<std::string, std::less<>> names;
  std::unordered_set<std::string_view> others;  // looked up, never iterated
  for (const auto& mapping : mappings) {
    StanzaReader reader(mapping.text());
    while (const auto text = reader.next()) {
      const Stanza stanza = read_stanza(*text);
      if (stanza.architecture != architecture && stanza.architecture != "all") continue;
      if (stanza.essential == "yes") {
        names.emplace(stanza.package);
      } else {
        others.insert(stanza.package);
      }
    }
  }
  // Which version was taken, of a name that is Essential in one and not in another, the indexes do not say.
  std::erase_if(names, [&](const auto& name) { return others.contains(name); });
  return names;
}

}  // namespace reburst::resolve
