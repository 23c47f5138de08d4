#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/process.hpp"
#include "signing/firmware/key_set.hpp"
#include "signing/firmware/nvram.hpp"

namespace reburst::firmware {

constexpr Epoch kNow = 1'783'765'077;  // 2026-07-11T10:17:57Z

inline signing::AskPassphrase answers(std::string passphrase) {
  return [passphrase = std::move(passphrase)](std::string_view) -> Result<std::string> { return passphrase; };
}
inline signing::AskPassphrase never_asked() {
  return [](std::string_view what) -> Result<std::string> {
    ADD_FAILURE() << "asked for the passphrase of " << what;
    return fail(ErrorCode::kUsage, "asked");
  };
}

// Programs of the machine as judges that know nothing of this code.
inline Exit judge(std::vector<std::string> arguments) {
  return run({.argv = std::move(arguments), .merge_output = true, .timeout_seconds = 60}).value();
}
inline std::string tool(std::vector<std::string> arguments) {
  const auto exit = judge(arguments);
  EXPECT_EQ(exit.status, 0) << arguments[0] << ": " << exit.out;
  return exit.out;
}

// One set of keys for all tests of a suite, since RSA keys take time; and a folder for what a test writes.
class KeySet : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(folder_);
    if (fs::exists(keys())) return;  // made for another suite
    const auto made = create_key_set(keys(), {.name = "Test", .now = kNow, .passphrase = {}, .blank = blank()});
    ASSERT_TRUE(made) << made.error().render();
  }
  static std::string blank() { return blank_nvram().value(); }
  static fs::path keys() { return folder_->path() / "secure-boot"; }
  static fs::path file(const std::string& name) { return folder_->path() / name; }
  static std::string put(const std::string& name, std::string_view content) {
    EXPECT_TRUE(write_file_atomic(file(name), content, 0600));
    return file(name).string();
  }
  static std::string get(const fs::path& path) { return read_file(path, 16U << 20U).value(); }
  static authenticode::Certificate certificate(const std::string& name) {
    return read_certificate(keys() / (name + ".crt")).value();
  }
  static FirmwareKey key(const std::string& name) {
    return FirmwareKey::open((keys() / (name + ".pem")).string(), certificate(name), never_asked(), {}).value();
  }

 private:
  static inline Result<TempDirectory> folder_ = TempDirectory::make("/tmp", "firmware-test");
};

template <class T>
void refused(const Result<T>& result, ErrorCode code, const std::string& message, const std::string& hint) {
  ASSERT_FALSE(result) << message;
  EXPECT_EQ(result.error().code, code);
  EXPECT_EQ(result.error().message, message);
  EXPECT_EQ(result.error().hint, hint);
}

}  // namespace reburst::firmware
