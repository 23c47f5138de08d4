#include <gtest/gtest.h>

#include <iostream>
#include <string_view>

#include "builder/tree/tree.hpp"

// Trees have other owners than the user who runs the tests: become root as a build does.
int main(int argc, char** argv) {
  bool listing = false;
  for (int i = 1; i < argc; ++i) listing = listing || std::string_view(argv[i]) == "--gtest_list_tests";
  ::testing::InitGoogleTest(&argc, argv);
  if (!listing) {
    if (const auto done = reburst::tree::become_root(); !done) {
      std::cerr << done.error().render() << "\n";
      return 1;
    }
  }
  return RUN_ALL_TESTS();
}
