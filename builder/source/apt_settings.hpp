#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reburst::source {

// apt's configuration as `apt-config dump` prints it. Names are case-insensitive (kept in lower case); a list keeps its
// last value under "name::".
class AptSettings {
 public:
  [[nodiscard]] static AptSettings parse(std::string_view dump);
  // What apt has without any configuration.
  [[nodiscard]] static AptSettings defaults();

  [[nodiscard]] std::string get(std::string_view name, std::string_view otherwise = {}) const;
  [[nodiscard]] bool flag(std::string_view name, bool otherwise) const;
  // A path such as Dir::Etc::sourceparts: a relative value lies beneath that of the name one "::" up.
  [[nodiscard]] std::filesystem::path path(std::string name) const;
  // Acquire::http::Proxy and its kin as rules for fetch::Options::proxy.
  [[nodiscard]] std::string proxy_rules() const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace reburst::source
