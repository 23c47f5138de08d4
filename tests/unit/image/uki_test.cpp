#include "builder/image/uki.hpp"

#include <array>
#include <functional>

#include "builder/image/bytes.hpp"
#include "tools.hpp"

namespace reburst::image {

using testing::FolderTest;
using testing::need;
using testing::noise;
using testing::small_stub;
using testing::tool;

class Uki : public FolderTest {
 protected:
  const std::string kernel_ = noise(100'001, 1);
  const std::array<UkiSection, 3> sections_{{{".osrel", "ID=debian\n"}, {".cmdline", "quiet"}, {".linux", kernel_}}};
  static constexpr std::size_t kPe = 64, kTable = 64 + 24 + 112 + 128;
};

TEST_F(Uki, ObjcopyFindsEverySection) {
  testing::write(folder_ / "uki", need(make_uki(small_stub(), sections_)));
  for (const UkiSection& section : sections_) {
    const fs::path out = folder_ / "out";
    tool({"objcopy", "-O", "binary", "--set-section-flags", std::string(section.name) + "=alloc,load,readonly,data",
          "--only-section=" + std::string(section.name), (folder_ / "uki").string(), out.string()});
    EXPECT_TRUE(testing::read(out) == section.content) << section.name;
  }
}

TEST_F(Uki, SectionsFollowTheStubOnPagesAndTheHeadersSayIt) {
  const std::string uki = need(make_uki(small_stub(), sections_));
  const auto bytes = as_bytes(uki);
  EXPECT_EQ(get<std::uint16_t>(bytes, kPe + 6), 4);
  EXPECT_EQ(get<std::uint32_t>(bytes, kPe + 8), 0U) << "the time stamp";
  std::uint32_t end = 8192;
  for (std::size_t i = 1; i < 4; ++i) {
    const std::size_t header = kTable + 40 * i;
    const auto address = get<std::uint32_t>(bytes, header + 12);
    EXPECT_EQ(address, end);
    EXPECT_EQ(get<std::uint32_t>(bytes, header + 8), sections_[i - 1].content.size());
    EXPECT_EQ(get<std::uint32_t>(bytes, header + 20) % 512, 0U);
    end = static_cast<std::uint32_t>(round_up(address + sections_[i - 1].content.size(), 4096));
  }
  EXPECT_EQ(get<std::uint32_t>(bytes, kPe + 24 + 56), end) << "SizeOfImage";
  EXPECT_EQ(uki.substr(1024, 512), small_stub().substr(1024, 512)) << "the stub's own section";
}

// What lies between the stub's last section and ours would be covered by no signature.
TEST_F(Uki, WhatFollowsTheStubsSectionsIsDropped) {
  EXPECT_EQ(need(make_uki(small_stub() + std::string(5000, 's'), sections_)), need(make_uki(small_stub(), sections_)));
}

// The definition, read word by word: all words but the checksum itself, folded, plus the size.
TEST_F(Uki, TheChecksumIsRight) {
  const std::string uki = need(make_uki(small_stub(), sections_));
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < uki.size(); i += 2) {
    if (i == kPe + 24 + 64 || i == kPe + 24 + 66) continue;
    sum += get<std::uint16_t>(as_bytes(uki), i);
    sum = (sum & 0xffffU) + (sum >> 16U);
  }
  EXPECT_EQ(get<std::uint32_t>(as_bytes(uki), kPe + 24 + 64), sum + uki.size());
}

TEST_F(Uki, RefusesMalformedStubs) {
  const auto put16 = [](std::size_t at, std::uint16_t value) {
    return [=](std::string& stub) { put(std::as_writable_bytes(std::span(stub)), at, value); };
  };
  const auto put32 = [](std::size_t at, std::uint32_t value) {
    return [=](std::string& stub) { put(std::as_writable_bytes(std::span(stub)), at, value); };
  };
  const std::vector<std::pair<std::function<void(std::string&)>, std::string>> cases{
      {[](std::string& stub) { stub.clear(); }, "it does not start as a program"},
      {put16(0, 0x1111), "it does not start as a program"},
      {put32(60, 0xffffffff), "its PE header is cut short"},
      {[](std::string& stub) { stub.resize(150); }, "its PE header is cut short"},
      {put32(kPe, 0), "it has no PE signature"},
      {put16(kPe + 4, 0xaa64), "it is not for x86-64"},
      {put16(kPe + 20, 64), "its optional header is cut short"},
      {put16(kPe + 20, 0xffff), "its optional header is cut short"},
      {put16(kPe + 24, 0x010b), "it is not a PE32+ program"},
      {put32(kPe + 24 + 108, 0xffffffff), "its data directories are cut short"},
      {put32(kPe + 24 + 112 + 8 * 4, 4096), "it is signed already, and adding to it would break the signature"},
      {put32(kPe + 24 + 32, 0), "its alignments make no sense"},
      {put32(kPe + 24 + 36, 513), "its alignments make no sense"},
      {put16(kPe + 6, 60000), "its section table is cut short"},
      {put32(kPe + 24 + 60, 4096), "its section table is cut short"},
      {put32(kPe + 24 + 60, kTable + 40 + 80), "its headers have no room for 3 more sections"},
      {put32(kTable + 20, 2000), "its section 0 lies outside the file"},
      {put32(kTable + 20, 512), "its section 0 lies outside the file"},
      {put32(kTable + 8, 0xffffffff), "its image is larger than 2 GiB"},
      {[](std::string& stub) { stub.replace(kTable, 6, ".linux"); }, "it has a section \".linux\" already"}};
  for (const auto& [spoil, why] : cases) {
    std::string stub = small_stub();
    spoil(stub);
    const auto made = make_uki(stub, sections_);
    ASSERT_FALSE(made.has_value()) << why;
    EXPECT_EQ(made.error().message, "cannot use the boot stub: " + why);
    EXPECT_EQ(made.error().code, ErrorCode::kPackage);
  }
}

}  // namespace reburst::image
