// links: reburst_source
// Any bytes: parse_release ends, with an error or with a Date, files, and no path that leads out of the suite's folder.
#include "builder/source/release_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = reburst::source::parse_release({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (!file) {
    if (file.error().message.empty()) __builtin_trap();
    return 0;
  }
  if (file->files.empty()) __builtin_trap();
  for (const auto& [path, entry] : file->files) {
    if (path.empty() || path.front() == '/' || path == ".." || path.starts_with("../") ||
        path.find("/../") != std::string::npos)
      __builtin_trap();
  }
  return 0;
}
