#include "builder/source/apt_settings.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace reburst::source {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& letter : out) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter + 32);
  }
  return out;
}

}  // namespace

AptSettings AptSettings::parse(std::string_view dump) {
  AptSettings out;
  for (auto line : split(dump, '\n')) {
    line = trim(line);  // Name "value";
    const auto blank = line.find(' ');
    if (blank == std::string_view::npos || !line.ends_with("\";") || line.size() < blank + 4 || line[blank + 1] != '"')
      continue;
    out.values_[lower(line.substr(0, blank))] = line.substr(blank + 2, line.size() - blank - 4);
  }
  return out;
}

AptSettings AptSettings::defaults() {
  AptSettings out;
  out.values_ = {{"dir", "/"},
                 {"dir::etc", "etc/apt"},
                 {"dir::etc::sourcelist", "sources.list"},
                 {"dir::etc::preferences", "preferences"},
                 {"dir::etc::preferencesparts", "preferences.d"},
                 {"dir::etc::sourceparts", "sources.list.d"},
                 {"dir::etc::trusted", "trusted.gpg"},
                 {"dir::etc::trustedparts", "trusted.gpg.d"}};
  return out;
}

std::string AptSettings::get(std::string_view name, std::string_view otherwise) const {
  const auto found = values_.find(lower(name));
  return found != values_.end() && !found->second.empty() ? found->second : std::string(otherwise);
}

bool AptSettings::flag(std::string_view name, bool otherwise) const {
  const std::string value = lower(get(name));
  if (value.empty()) return otherwise;
  const bool no =
      value == "false" || value == "no" || value == "0" || value == "off" || value == "without" || value == "disable";
  return !no;
}

std::filesystem::path AptSettings::path(std::string name) const {
  std::filesystem::path out = get(name);
  while (!out.is_absolute()) {
    const auto up = name.rfind("::");
    if (up == std::string::npos) return "/" / out;
    name.resize(up);
    out = std::filesystem::path(get(name)) / out;
  }
  return out;
}

std::string AptSettings::proxy_rules() const {
  constexpr std::string_view kHttp = "acquire::http::proxy";
  constexpr std::string_view kHttps = "acquire::https::proxy";
  const std::string http = get(kHttp);
  const std::string https = get(kHttps, http);  // as apt: https takes http's where it has none
  std::vector<std::string> rules;
  if (!http.empty() && http == https) {
    rules.push_back(http);
  } else {
    if (!http.empty()) rules.push_back("http=" + http);
    if (!https.empty()) rules.push_back("https=" + https);
  }
  for (const auto& [name, value] : values_) {
    if (value.empty()) continue;
    if (name.starts_with(std::string(kHttp) + "::")) {
      const std::string host = name.substr(kHttp.size() + 2);
      rules.push_back("http:" + host + "=" + value);
      if (!values_.contains(std::string(kHttps) + "::" + host)) rules.push_back("https:" + host + "=" + value);
    }
    if (name.starts_with(std::string(kHttps) + "::"))
      rules.push_back("https:" + name.substr(kHttps.size() + 2) + "=" + value);
  }
  return join(rules, " ");
}

}  // namespace reburst::source
