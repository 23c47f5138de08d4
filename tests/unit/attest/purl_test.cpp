#include "builder/attest/purl.hpp"

#include <gtest/gtest.h>

namespace reburst::attest {

namespace {

lock::LockedPackage package(std::string name, std::string version, std::string origin, std::string suite) {
  lock::LockedPackage package;
  package.name = std::move(name);
  package.version = std::move(version);
  package.architecture = "amd64";
  package.origin = std::move(origin);
  package.suite = std::move(suite);
  return package;
}

}  // namespace

// The specification's own example among them: the colon stays, the plus sign does not.
TEST(Purl, IsCanonical) {
  EXPECT_EQ(purl(package("attr", "1:2.4.47-2+b1", "Debian", "")), "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64");
  EXPECT_EQ(purl(package("libstdc++6", "12.2.0-14~bpo", "Debian", "bookworm")),
            "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14~bpo?arch=amd64&distro=bookworm");
  EXPECT_EQ(purl(package("Shop", "1", "local", "")), "pkg:deb/local/shop@1?arch=amd64");
  EXPECT_EQ(purl(package("x", "1", "Some Vendor/X", "a b")), "pkg:deb/some%20vendor%2Fx/x@1?arch=amd64&distro=a%20b");
}

TEST(Purl, SideSuitesAreOfTheirDistribution) {
  for (const std::string suite : {"bookworm", "bookworm-security", "bookworm-updates", "bookworm-backports",
                                  "bookworm-backports-sloppy", "bookworm-proposed-updates"}) {
    EXPECT_EQ(purl(package("x", "1", "Debian", suite)), "pkg:deb/debian/x@1?arch=amd64&distro=bookworm") << suite;
  }
  EXPECT_EQ(purl(package("x", "1", "Vendor", "our-stable")), "pkg:deb/vendor/x@1?arch=amd64&distro=our-stable");
}

TEST(SourcePackage, HasItsOwnVersionWhereItDiffers) {
  auto one = package("bash", "5.2.15-2+b7", "Debian", "");
  EXPECT_EQ(source_package(one), "bash 5.2.15-2+b7");
  one.source = "bash (5.2.15-2)";
  EXPECT_EQ(source_package(one), "bash 5.2.15-2");
  one.source = "bash-source";
  EXPECT_EQ(source_package(one), "bash-source 5.2.15-2+b7");
}

}  // namespace reburst::attest
