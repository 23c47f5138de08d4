#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/process.hpp"
#include "signing/authenticode/authenticode.hpp"
#include "signing/authenticode/pe.hpp"

namespace reburst::authenticode {

// A program as small as they come: headers of 1 KiB, then sections. Only what a signature looks at is filled in.
struct Section {
  std::uint32_t size = 0, offset = 0;
};
constexpr std::size_t kTestPe = 64, kTestOptional = kTestPe + 24, kTestTable = kTestOptional + 240;
constexpr std::size_t kTestChecksum = kTestOptional + 64, kTestDirectory = kTestOptional + 112 + 32;
constexpr std::uint32_t kTestHeaders = 1024;

inline void put16(std::string& bytes, std::size_t at, std::uint16_t value) {
  bytes[at] = static_cast<char>(value & 0xffU);
  bytes[at + 1] = static_cast<char>(value >> 8U);
}

inline std::string program_with(const std::vector<Section>& sections, std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = kTestHeaders; i < size; ++i) out[i] = static_cast<char>(i * 31 + i / 256);
  out.replace(0, 2, "MZ");
  put_number(out, 60, kTestPe);
  out.replace(kTestPe, 4, std::string_view("PE\0\0", 4));
  put16(out, kTestPe + 4, 0x8664);
  put16(out, kTestPe + 6, static_cast<std::uint16_t>(sections.size()));
  put16(out, kTestPe + 20, 240);
  put16(out, kTestPe + 22, 0x0206);
  put16(out, kTestOptional, 0x020b);
  put_number(out, kTestOptional + 32, 512);
  put_number(out, kTestOptional + 36, 512);
  put_number(out, kTestOptional + 56, 0x10000);
  put_number(out, kTestOptional + 60, kTestHeaders);
  put16(out, kTestOptional + 68, 10);  // an EFI application
  put_number(out, kTestOptional + 108, 16);
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const std::size_t at = kTestTable + 40 * i;
    out.replace(at, 5, ".part");
    put_number(out, at + 8, sections[i].size);
    put_number(out, at + 12, static_cast<std::uint32_t>(0x1000 * (i + 1)));
    put_number(out, at + 16, sections[i].size);
    put_number(out, at + 20, sections[i].offset);
    put_number(out, at + 36, 0x60000020);
  }
  return out;
}

inline std::string good_program() {
  return program_with({{512, 1024}, {1024, 1536}}, 2560);
}

// Runs a program of the machine: its status, and all that it said.
inline Exit judge(std::vector<std::string> arguments) {
  return run({.argv = std::move(arguments), .merge_output = true, .timeout_seconds = 60}).value();
}
inline std::string tool(std::vector<std::string> arguments) {
  const auto exit = judge(arguments);
  EXPECT_EQ(exit.status, 0) << arguments[0] << ": " << exit.out;
  return exit.out;
}

// Two keys with certificates, made and used by OpenSSL's program. One folder for all tests: RSA keys take time.
class Keys : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    for (const auto* name : {"ours", "other"}) {
      tool({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", path(name, ".key"), "-out",
            path(name, ".crt"), "-subj", std::string("/CN=") + name, "-days", "3000"});
    }
  }
  static std::string path(const std::string& name, const std::string& ending) {
    return (folder_->path() / (name + ending)).string();
  }
  static Certificate certificate(const std::string& name) {
    return Certificate::parse(read_file(path(name, ".crt"), 65536).value(), name).value();
  }
  static SignBytes signer(const std::string& name) {
    return [name](std::string_view message) -> Result<std::string> {
      REBURST_TRY(write_file_atomic(path("message", ""), message));
      tool({"openssl", "dgst", "-sha256", "-sign", path(name, ".key"), "-out", path("signature", ""),
            path("message", "")});
      return read_file(path("signature", ""), 4096);
    };
  }
  static std::string put(const std::string& name, std::string_view content) {
    EXPECT_TRUE(write_file_atomic(path(name, ""), content));
    return path(name, "");
  }
  static std::string get(const std::string& name) { return read_file(path(name, ""), 1U << 20U).value(); }

 private:
  static inline Result<TempDirectory> folder_ = TempDirectory::make("/tmp", "authenticode-test");
};

template <class T>
void refused(const Result<T>& result, ErrorCode code, const std::string& message, const std::string& hint) {
  ASSERT_FALSE(result) << message;
  EXPECT_EQ(result.error().code, code);
  EXPECT_EQ(result.error().message, message);
  EXPECT_EQ(result.error().hint, hint);
}

}  // namespace reburst::authenticode
