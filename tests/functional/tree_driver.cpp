// tree_driver DEBS WORK [OPTION]…: makes a tree of every .deb in a folder, for the tests that compare trees.
//   --normalise    without customising and hardening     --finish  customise, harden and normalise
//      --jobs N     --epoch N     --list FILE   writes the layout
// The names that Tree's reader would take from a lock are taken from the packages themselves.
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "builder/harden/harden.hpp"
#include "builder/tree/deb.hpp"
#include "builder/tree/tree.hpp"
#include "core/file.hpp"

namespace {

using namespace reburst;

struct Arguments {
  fs::path debs, work, list;
  std::size_t jobs = 2;
  Epoch epoch = 1767225600;
  std::vector<std::string> exclude;
  bool finish = false;
  bool normalise = false;
};

struct Inputs {
  std::vector<lock::LockedPackage> locked;
  std::vector<fs::path> files;
};

Result<Inputs> read_inputs(const fs::path& folder) {
  Inputs inputs;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".deb") inputs.files.push_back(entry.path());
  }
  std::sort(inputs.files.begin(), inputs.files.end());
  for (const fs::path& file : inputs.files) {
    const tree::Deb deb = REBURST_TRY(tree::Deb::open(file));
    lock::LockedPackage package;
    package.name = std::string(deb.control().get("Package"));
    package.version = std::string(deb.control().get("Version"));
    package.architecture = std::string(deb.control().get("Architecture"));
    inputs.locked.push_back(std::move(package));
  }
  return inputs;
}

Result<> build(const Arguments& arguments) {
  REBURST_TRY(tree::become_root());
  const Inputs inputs = REBURST_TRY(read_inputs(arguments.debs));
  std::vector<tree::PackageFile> packages;
  for (std::size_t i = 0; i < inputs.files.size(); ++i) packages.push_back({&inputs.locked[i], inputs.files[i]});
  REBURST_TRY(make_directories(arguments.work));
  const tree::TreeOptions options{.work = arguments.work,
                                  .epoch = arguments.epoch,
                                  .jobs = arguments.jobs,
                                  .provided = {"linux-initramfs-tool"},
                                  .exclude = arguments.exclude};
  const recipe::Recipe recipe;
  tree::Tree tree = REBURST_TRY(tree::make_tree(recipe, packages, options, silent_progress()));
  if (arguments.normalise) return tree::normalise(tree, recipe, options);
  if (!arguments.finish) return {};
  REBURST_TRY(tree::customise(tree, recipe, options, silent_progress()));
  for (const auto& finding : REBURST_TRY(harden::harden(tree))) {
    std::cout << (finding.passed ? "passed " : "FAILED ") << finding.control << ": " << finding.detail << "\n";
  }
  REBURST_TRY(tree::normalise(tree, recipe, options));
  std::string text;
  for (const auto& group : tree.layout) {
    for (const std::string& path : group.paths) text += group.package + " " + path + "\n";
  }
  return arguments.list.empty() ? Result<>() : write_file_atomic(arguments.list, text);
}

}  // namespace

int main(int argc, char** argv) {
  ::umask(022);
  Arguments arguments;
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 2) {
    std::cerr << "usage: tree_driver DEBS WORK [--normalise|--finish] [--jobs N] [--epoch N] [--list FILE] [--exclude "
                 "PATH]…\n";
    return 2;
  }
  arguments.debs = words[0];
  arguments.work = words[1];
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (words[i] == "--finish") arguments.finish = true;
    if (words[i] == "--normalise") arguments.normalise = true;
    if (words[i] == "--jobs") arguments.jobs = std::stoul(words.at(++i));
    if (words[i] == "--epoch") arguments.epoch = std::stol(words.at(++i));
    if (words[i] == "--exclude") arguments.exclude.push_back(words.at(++i));
    if (words[i] == "--list") arguments.list = words.at(++i);
  }
  const auto done = build(arguments);
  if (done) return 0;
  std::cerr << "error: " << done.error().render() << "\n";
  return exit_status(done.error().code);
}
