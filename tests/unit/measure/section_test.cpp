#include "builder/measure/section.hpp"

#include "program.hpp"

namespace reburst::measure {
namespace {

TEST(FindSection, GivesTheContentWithoutItsPadding) {
  const auto program = testing::program({{".osrel", "ID=debian\n"}, {".cmdline", "quiet"}});
  EXPECT_EQ(find_section(program, ".osrel"), "ID=debian\n");
  EXPECT_EQ(find_section(program, ".cmdline"), "quiet");
  EXPECT_EQ(find_section(program, ".os"), std::nullopt);
  EXPECT_EQ(find_section(program, ".linux"), std::nullopt);
}

TEST(FindSection, FindsNothingInAProgramThatIsCutOff) {
  const auto program = testing::program({{".cmdline", std::string(512, 'q')}});
  for (std::size_t size = 0; size < program.size(); ++size)
    EXPECT_EQ(find_section(std::string_view(program).substr(0, size), ".cmdline"), std::nullopt) << size;
}

}  // namespace
}  // namespace reburst::measure
