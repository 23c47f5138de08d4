#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "builder/image/image.hpp"
#include "core/file.hpp"
#include "core/handle.hpp"
#include "core/process.hpp"
#include "core/progress.hpp"

// What the image tests share: scratch folders, trees made on the spot, and the field's own tools as judges.
namespace reburst::image::testing {

// The value, or a failed test with the error's text.
template <class T>
T need(Result<T> result) {
  if (!result) ADD_FAILURE() << result.error().render();
  return std::move(result).value();
}
inline void need(Result<> result) {
  if (!result) ADD_FAILURE() << result.error().render();
}

// A test with a folder of its own.
class FolderTest : public ::testing::Test {
 protected:
  fs::path folder_ = need(TempDirectory::make(fs::temp_directory_path(), "image-test")).release();
  void TearDown() override { need(remove_tree(folder_)); }
};

void write(const fs::path& path, std::string_view content, unsigned mode = 0644);
[[nodiscard]] std::string read(const fs::path& path);

// Bytes that do not repeat: the same for the same seed.
[[nodiscard]] std::string noise(std::size_t size, std::uint32_t seed);

// Runs a tool of the field; a failed test when it is missing or does not end with status 0. Returns what it printed.
std::string tool(const std::vector<std::string>& argv);

// Unpacks an initrd into a new folder, by cpio(1).
void unpack_cpio(const fs::path& archive, const fs::path& folder);

// A tree over everything in `root`, with `packages` first and the rest as owned by none.
[[nodiscard]] tree::Tree make_tree(const fs::path& root, std::vector<tree::Tree::PackageFiles> packages = {});

// An .ar archive (a .deb) and a ustar member list, as dpkg writes them.
[[nodiscard]] std::string ar(const std::vector<std::pair<std::string, std::string>>& members);
[[nodiscard]] std::string tar_file(const std::string& name, const std::string& content, char type = '0');

// A PE32+ program with one section, as small as can be: what make_uki() takes for a stub.
[[nodiscard]] std::string small_stub();

}  // namespace reburst::image::testing
