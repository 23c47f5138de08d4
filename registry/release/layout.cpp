#include "registry/release/layout.hpp"

namespace reburst::registry {

std::string channel_role(std::string_view role, std::string_view channel) {
  return std::string(role) + "-" + std::string(channel);
}

std::string target_path(std::string_view role, std::string_view channel, std::string_view version,
                        std::string_view file) {
  return std::string(role) + "/" + std::string(channel) + "/" + std::string(version) + "/" + std::string(file);
}

std::string file_name(std::string_view role, std::string_view version, std::string_view suffix) {
  return std::string(role) + "_" + std::string(version) + std::string(suffix);
}

std::string delta_name(std::string_view role, std::string_view version, std::string_view from) {
  return file_name(role, version, ".from-") + std::string(from) + ".delta";
}

std::optional<std::string> delta_from(std::string_view file, std::string_view role, std::string_view version) {
  const auto prefix = file_name(role, version, ".from-");
  constexpr std::string_view kSuffix = ".delta";
  if (!file.starts_with(prefix) || !file.ends_with(kSuffix) || file.size() <= prefix.size() + kSuffix.size())
    return std::nullopt;
  return std::string(file.substr(prefix.size(), file.size() - prefix.size() - kSuffix.size()));
}

std::string history_path(std::string_view role, std::string_view channel) {
  return std::string(role) + "/" + std::string(channel) + "/" + std::string(kHistoryName);
}

std::string stored_path(std::string_view target, const Digest& digest) {
  const auto slash = target.rfind('/') + 1;  // npos + 1 is 0: a path without folders
  return "targets/" + std::string(target.substr(0, slash)) + digest.hex() + "." + std::string(target.substr(slash));
}

std::string metadata_path(std::string_view role, std::uint64_t version) {
  return "metadata/" + std::to_string(version) + "." + std::string(role) + ".json";
}

}  // namespace reburst::registry
