#include "builder/source/keyrings.hpp"

#include <unistd.h>

#include <algorithm>
#include <string>

namespace reburst::source {

namespace fs = std::filesystem;

namespace {

bool is_part_name(const std::string& name, const std::vector<std::string>& endings) {
  if (name.empty() || name.front() == '.') return false;
  const bool plain = std::all_of(name.begin(), name.end(), [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           letter == '-' || letter == '_' || letter == '.';
  });
  return plain &&
         std::any_of(endings.begin(), endings.end(), [&](const std::string& ending) { return name.ends_with(ending); });
}

}  // namespace

std::vector<fs::path> parts(const fs::path& folder, const std::vector<std::string>& endings) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (is_part_name(at->path().filename().string(), endings) && at->is_regular_file(ignored))
      out.push_back(at->path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<fs::path> default_keyrings(const fs::path& apt) {
  auto out = parts(apt / "trusted.gpg.d", {".gpg", ".asc"});
  std::error_code ignored;
  if (fs::is_regular_file(apt / "trusted.gpg", ignored)) out.insert(out.begin(), apt / "trusted.gpg");
  std::erase_if(out, [](const fs::path& path) { return ::access(path.c_str(), R_OK) != 0; });
  return out;
}

}  // namespace reburst::source
