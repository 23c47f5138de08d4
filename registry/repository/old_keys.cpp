#include "registry/repository/old_keys.hpp"

#include <algorithm>
#include <filesystem>

#include "core/file.hpp"

namespace reburst::registry {

std::vector<std::unique_ptr<signing::Signer>> signers_beside(const Publisher& publisher,
                                                             const std::set<std::string>& ids) {
  std::vector<std::unique_ptr<signing::Signer>> out;
  if (ids.empty()) return out;
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(publisher.keys.path, error), end; !error && at != end; at.increment(error)) {
    const auto public_file = signing::public_key_file(at->path());
    std::error_code ignored;
    if (at->path().extension() == ".pem" && fs::exists(public_file, ignored))
      names.push_back(at->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  for (const auto& name : names) {
    const auto key = signing::public_keys(publisher.keys, {.threshold = 1, .keys = {name}}, publisher.ask);
    if (!key || key->empty() || !ids.contains(key->front().id())) continue;
    auto signer = signing::open_signer((publisher.keys.path / name).string(), publisher.ask);
    if (signer && (*signer)->public_key().id() == key->front().id()) out.push_back(std::move(*signer));
  }
  return out;
}

}  // namespace reburst::registry
