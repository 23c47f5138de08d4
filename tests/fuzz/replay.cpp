// Runs a fuzz target without libFuzzer: every file of the folders named on the command line, then a fixed number of
// seeded mutations of each, so that every ordinary test run feeds each parser hostile bytes. Fails when a folder holds
// no file.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr int kMutationsPerFile = 300;

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

std::string mutate(std::string input, std::mt19937& random) {
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random()) % limit; };
  for (std::size_t i = 0, changes = 1 + below(8); i < changes && !input.empty(); ++i) {
    const std::size_t at = below(input.size());
    switch (below(5)) {
      case 0: input[at] = static_cast<char>(random()); break;
      case 1: input.resize(at); break;
      case 2: input.insert(at, 1 + below(16), static_cast<char>(random())); break;
      case 3: input.erase(at, 1 + below(16)); break;
      default: input.insert(at, input.substr(below(input.size()), below(64)));
    }
  }
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  std::mt19937 random(20260101);  // the same mutations in every run
  int files = 0;
  for (int i = 1; i < argc; ++i) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) {
      std::ifstream in(path, std::ios::binary);
      const std::string seed((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
      run(seed);
      for (int round = 0; round < kMutationsPerFile; ++round) run(mutate(seed, random));
      ++files;
    }
  }
  run("");
  std::printf("%d files, %d inputs\n", files, files * (kMutationsPerFile + 1) + 1);
  return files == 0 ? 1 : 0;
}
