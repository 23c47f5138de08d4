#include "builder/resolve/stanza.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reburst::resolve {
namespace {

TEST(Stanza, ReadsFieldsWhateverTheirCase) {
  const auto stanza = read_stanza("Package: bash\nVERSION: 5.2\nessential:yes\nDescription: GNU\n the shell\n");
  EXPECT_EQ(stanza.package, "bash");
  EXPECT_EQ(stanza.version, "5.2");
  EXPECT_EQ(stanza.essential, "yes");
  EXPECT_EQ(stanza.depends, "");
}

TEST(Stanza, KeepsFoldedLinesTogether) {
  const auto stanza = read_stanza("Depends: a,\n b,\n\tc\nVersion: 1\n");
  EXPECT_EQ(stanza.depends, "a,\n b,\n\tc");
  EXPECT_EQ(stanza.version, "1");
}

TEST(Stanza, TakesImportantForProtected) {
  EXPECT_EQ(read_stanza("Important: yes\n").important, "yes");
  EXPECT_EQ(read_stanza("Protected: yes\n").important, "yes");
}

TEST(Stanza, SurvivesLinesThatAreNoFields) {
  for (const std::string text : {"", "\n", ":", ": x\n", "no colon\n", " leading\n", "Package", "Package:"}) {
    EXPECT_EQ(read_stanza(text).package, "") << text;
  }
}

TEST(StanzaReader, CutsAtEmptyLines) {
  const std::string index = "\n\nPackage: a\n\n\n\nPackage: b\nVersion: 1";
  StanzaReader reader(index);
  EXPECT_EQ(reader.next(), "Package: a\n");
  EXPECT_EQ(reader.next(), "Package: b\nVersion: 1");
  EXPECT_EQ(reader.next(), std::nullopt);
  EXPECT_EQ(StanzaReader("").next(), std::nullopt);
  EXPECT_EQ(StanzaReader("\n\n\n").next(), std::nullopt);
}

}  // namespace
}  // namespace reburst::resolve
