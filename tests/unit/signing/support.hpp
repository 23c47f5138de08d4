#pragma once

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/process.hpp"
#include "signing/sign/signer.hpp"

namespace reburst::signing {

inline AskPassphrase answers(std::string passphrase) {
  return [passphrase = std::move(passphrase)](std::string_view) -> Result<std::string> { return passphrase; };
}
inline AskPassphrase never_asked() {
  return [](std::string_view what) -> Result<std::string> {
    ADD_FAILURE() << "asked for the passphrase of " << what;
    return fail(ErrorCode::kUsage, "asked");
  };
}

// A folder for one test, and OpenSSL's program as a judge that knows nothing of this code.
class FolderTest : public testing::Test {
 protected:
  [[nodiscard]] fs::path file(const std::string& name) const { return folder_->path() / name; }
  fs::path put(const std::string& name, std::string_view content, mode_t mode = 0600) {
    EXPECT_TRUE(write_file_atomic(file(name), content, mode));
    return file(name);
  }
  static std::string openssl(std::vector<std::string> arguments, const std::string& input = {}) {
    arguments.insert(arguments.begin(), "openssl");
    const auto exit = run({.argv = arguments, .input = input, .merge_output = true, .timeout_seconds = 60}).value();
    EXPECT_EQ(exit.status, 0) << exit.out;
    return exit.out;
  }

 private:
  Result<TempDirectory> folder_ = TempDirectory::make("/tmp", "signing-test");
};

}  // namespace reburst::signing
