#include <algorithm>

#include "signing/verify/tuf_metadata.hpp"

namespace reburst::tuf {

Result<std::map<std::string, PublicKey>> read_keys(const Document& document, Members& members) {
  const Json* keys = REBURST_TRY(members.object("keys", kMaxKeys));
  std::map<std::string, PublicKey> out;
  for (const auto& [id, object] : keys->items()) {
    const auto place = members.place("keys." + id);
    auto key = PublicKey::from_tuf(object, id);
    if (!key) return document.refuse(place, key.error().message);
    // Section 4.2 derives the id from the key. A client that took any other name could be shown one key under two.
    if (key->id() != id) return document.refuse(place, "the key's id is " + key->id());
    out.emplace(id, *std::move(key));
  }
  return out;
}

Result<RoleKeys> read_role(const Document& document, Members& members, const std::map<std::string, PublicKey>& keys) {
  RoleKeys out;
  const Json* ids = REBURST_TRY(members.list("keyids", kMaxRoleKeys));
  const auto place = members.place("keyids");
  for (const auto& id : *ids) {
    if (!id.is_string()) return document.refuse(place, "it holds something that is no string");
    const auto& text = id.get_ref<const std::string&>();
    if (!keys.contains(text)) return document.refuse(place, "there is no key \"" + text + "\"");
    if (std::find(out.keyids.begin(), out.keyids.end(), text) != out.keyids.end()) {
      return document.refuse(place, "\"" + text + "\" stands twice");
    }
    out.keyids.push_back(text);
  }
  if (out.keyids.empty()) return document.refuse(place, "there is none");
  out.threshold = static_cast<unsigned>(REBURST_TRY(members.number("threshold", 1, out.keyids.size())));
  return out;
}

}  // namespace reburst::tuf
