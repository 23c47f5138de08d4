#include "signing/authenticode/pe.hpp"

#include "tests/unit/authenticode/support.hpp"

namespace reburst::authenticode {
namespace {

void malformed(const std::string& program, const std::string& why) {
  refused(read_layout(program, "web.efi"), ErrorCode::kIntegrity, "cannot read \"web.efi\" as a boot program: " + why,
          "build the image again");
}

std::string with(std::size_t at, std::uint32_t value) {
  auto out = good_program();
  put_number(out, at, value);
  return out;
}

TEST(Layout, SaysWhatASignatureLeavesOut) {
  const auto layout = read_layout(good_program(), "web.efi").value();
  EXPECT_EQ(layout.checksum, kTestChecksum);
  EXPECT_EQ(layout.directory, kTestDirectory);
  EXPECT_EQ(layout.certificates, 2560U);
}

TEST(Layout, SectionsMayBeListedInAnyOrderAndBeEmpty) {
  EXPECT_TRUE(read_layout(program_with({{1024, 1536}, {0, 77}, {512, 1024}}, 2560), "web.efi"));
}

TEST(Layout, RefusesHeadersThatAreNone) {
  malformed("", "it does not start as one");
  malformed("MZ", "it does not start as one");
  malformed(with(0, 0x00905a4e), "it does not start as one");
  malformed(good_program().substr(0, 200), "its headers are cut short");
  malformed(with(60, 0xfffffff0), "its headers are cut short");
  malformed(with(60, 2560 - 100), "its headers are cut short");
  malformed(with(kTestPe, 0x00004551), "it is not a PE32+ program");
  auto narrow = good_program();
  put16(narrow, kTestOptional, 0x010b);
  malformed(narrow, "it is not a PE32+ program");
}

TEST(Layout, RefusesHeadersWithoutACertificateTable) {
  malformed(with(kTestOptional + 108, 4), "its headers have no place for a signature");
  auto cut = good_program();
  put16(cut, kTestPe + 20, 112 + 39);
  malformed(cut, "its headers have no place for a signature");
}

TEST(Layout, RefusesHeadersThatOverflow) {
  malformed(with(kTestOptional + 60, 2561), "its headers are cut short");
  malformed(with(kTestOptional + 60, 0xffffffff), "its headers are cut short");
  malformed(with(kTestOptional + 60, kTestTable + 79), "its headers are cut short");
  auto many = good_program();
  put16(many, kTestPe + 6, 0xffff);
  malformed(many, "its headers are cut short");
  auto wide = good_program();
  put16(wide, kTestPe + 20, 0xffff);
  malformed(wide, "its headers are cut short");
}

TEST(Layout, RefusesSectionsThatOverlapLeaveGapsOrRunOver) {
  malformed(program_with({{512, 1024}, {1024, 1535}}, 2560), "its sections overlap");
  malformed(program_with({{512, 1024}, {512, 1024}}, 2560), "its sections overlap");
  malformed(program_with({{512, 1023}}, 2560), "its sections overlap");
  malformed(program_with({{512, 1024}, {1024, 1537}}, 2561),
            "it has bytes between its sections that no signature would cover");
  malformed(program_with({{512, 1024}, {1025, 1536}}, 2560), "its sections run over its end");
  malformed(program_with({{512, 1024}, {0xffffffff, 1536}}, 2560), "its sections run over its end");
}

TEST(Layout, RefusesSignaturesThatAreNotTheEnd) {
  const auto table = [](std::uint32_t offset, std::uint32_t size) {
    auto out = good_program();
    put_number(out, kTestDirectory, offset);
    put_number(out, kTestDirectory + 4, size);
    return out;
  };
  for (const auto& program : {table(2552, 8), table(2560, 8), table(0, 8), table(2560, 0), table(1024, 1536),
                              table(0xfffffff8, 8), table(8, 0xffffffff)}) {
    malformed(program, "its signatures are not at its end");
  }
  auto odd = table(2561, 8) + std::string(9, 'x');
  malformed(odd, "its signatures are not at its end");
  EXPECT_TRUE(read_layout(table(2560, 8) + "12345678", "web.efi"));
}

}  // namespace
}  // namespace reburst::authenticode
