#include "builder/resolve/resolve.hpp"

#include <gtest/gtest.h>

#include "tests/solver/fixture.hpp"

namespace reburst::resolve {
namespace {

Request asking(std::vector<std::string> install) {
  Request request;
  request.install = std::move(install);
  return request;
}

Request bringing(std::vector<fs::path> local) {
  Request request;
  request.local = std::move(local);
  return request;
}

Resolution solved(test::SolverFixture& fixture, const Request& request) {
  const auto outcome = fixture.resolve(request);
  EXPECT_TRUE(outcome) << outcome.error().render();
  EXPECT_TRUE(std::holds_alternative<Resolution>(*outcome)) << std::get<Unsolvable>(*outcome).problems.at(0).what;
  return std::get<Resolution>(*outcome);
}

TEST(Resolve, TellsEverythingOfAPackage) {
  test::SolverFixture fixture;
  fixture.add_index("");
  fixture.add_index(
      "Package: app\nVersion: 1.0-1\nSource: application (1.0)\nPriority: standard\nDepends: lib\n"
      "Filename: pool/main/a/app.deb\nSize: 4711\nSHA256: " +
      sha256("app").hex() +
      "\n\n"
      "Package: lib\nVersion: 2\nArchitecture: all\nEssential: yes\n");
  const auto resolution = solved(fixture, asking({"app"}));
  ASSERT_EQ(resolution.packages.size(), 2U);
  const auto& app = resolution.packages[0];
  EXPECT_EQ(app.name, "app");
  EXPECT_EQ(app.version, "1.0-1");
  EXPECT_EQ(app.architecture, "amd64");
  EXPECT_EQ(app.path, "pool/main/a/app.deb");
  EXPECT_EQ(app.size, 4711U);
  EXPECT_EQ(app.sha256, sha256("app"));
  EXPECT_EQ(app.index, 1U);
  EXPECT_EQ(app.priority, "standard");
  EXPECT_EQ(app.source, "application (1.0)");
  EXPECT_FALSE(app.essential);
  EXPECT_TRUE(app.requested);
  EXPECT_EQ(app.reason, "");
  EXPECT_EQ(app.required_by, "");
  const auto& lib = resolution.packages[1];
  EXPECT_EQ(lib.architecture, "all");
  EXPECT_EQ(lib.source, "lib");
  EXPECT_TRUE(lib.essential);
  EXPECT_FALSE(lib.requested);
  EXPECT_EQ(lib.reason, "Essential: yes");
}

TEST(Resolve, KnowsALocalPackageByItsFile) {
  test::SolverFixture fixture;
  fixture.add_index("Package: lib\nVersion: 2\n");
  const auto file = fixture.add_deb("own_1_amd64.deb", "Package: own\nVersion: 1\nArchitecture: amd64\nDepends: lib\n");
  const auto resolution = solved(fixture, bringing({file}));
  ASSERT_EQ(resolution.packages.size(), 2U);
  const auto& own = resolution.packages[1];
  EXPECT_EQ(own.name, "own");
  EXPECT_EQ(own.path, "own_1_amd64.deb");
  EXPECT_EQ(own.size, fs::file_size(file));
  EXPECT_EQ(own.sha256, sha256_file(file).value());
  EXPECT_EQ(own.index, fixture.archive().indexes.size());
  EXPECT_TRUE(own.requested);
}

TEST(Resolve, RefusesALocalPackageOfAnotherArchitecture) {
  test::SolverFixture fixture;
  const auto file = fixture.add_deb("own.deb", "Package: own\nVersion: 1\nArchitecture: arm64\n");
  const auto outcome = fixture.resolve(bringing({file}));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::kPackage);
  EXPECT_EQ(outcome.error().message,
            "cannot use the package \"own.deb\": it is for the architecture \"arm64\" instead of \"amd64\"");
}

TEST(Resolve, RefusesTwoLocalPackagesOfOneName) {
  test::SolverFixture fixture;
  const auto one = fixture.add_deb("one.deb", "Package: own\nVersion: 1\nArchitecture: amd64\n");
  const auto two = fixture.add_deb("two.deb", "Package: own\nVersion: 2\nArchitecture: amd64\n");
  const auto outcome = fixture.resolve(bringing({one, two}));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message, "packages.local has two packages \"own\"");
}

TEST(Resolve, RefusesAChosenPackageWithoutADigest) {
  test::SolverFixture fixture;
  fixture.add_index("Package: app\nVersion: 1\nSHA256: 00\n");
  const auto outcome = fixture.resolve(asking({"app"}));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::kIntegrity);
  EXPECT_EQ(outcome.error().message,
            "cannot use the package \"app\" (1) of the index \"Example/suite0/main/amd64\": it has no Filename, Size "
            "or SHA256");
}

// Signed by the archive, and yet no build may follow it.
TEST(Resolve, RefusesAFilenameThatLeadsOutOfTheMirror) {
  for (const std::string path :
       {"../../../../etc/passwd", "/etc/passwd", "pool/../../x.deb", "pool//x.deb", "pool\\x.deb"}) {
    test::SolverFixture fixture;
    fixture.add_index("Package: app\nVersion: 1\nFilename: " + path + "\n");
    const auto outcome = fixture.resolve(asking({"app"}));
    ASSERT_FALSE(outcome) << path;
    EXPECT_EQ(outcome.error().code, ErrorCode::kIntegrity);
    EXPECT_EQ(outcome.error().message,
              "cannot use the package \"app\" (1) of the index \"Example/suite0/main/amd64\": its Filename \"" + path +
                  "\" leads out of the mirror");
    EXPECT_EQ(outcome.error().hint, "tell the archive's maintainer, or exclude the package");
  }
}

TEST(Resolve, RefusesTextThatNoLockTakes) {
  test::SolverFixture fixture;
  fixture.add_index("Package: app\nVersion: 1\nPriority: opt\x1b[31mional\n\nPackage: lib\nVersion: 1\nSource: \xff\n");
  const std::string rest = " has characters that are not printable ASCII";
  const std::string of = " (1) of the index \"Example/suite0/main/amd64\": its ";
  EXPECT_EQ(fixture.resolve(asking({"app"})).error().message,
            "cannot use the package \"app\"" + of + "Priority" + rest);
  EXPECT_EQ(fixture.resolve(asking({"lib"})).error().message, "cannot use the package \"lib\"" + of + "Source" + rest);
  const auto file = fixture.add_deb("own.deb", "Package: own\nVersion: 1\nArchitecture: amd64\nPriority: \x07\n");
  const auto local = fixture.resolve(bringing({file}));
  ASSERT_FALSE(local);
  EXPECT_EQ(local.error().message, "cannot use the package \"own.deb\": its Priority" + rest);
}

TEST(Resolve, SurvivesAVeryLongChain) {
  test::SolverFixture fixture;
  constexpr int kLength = 20000;
  std::string packages;
  for (int i = 0; i < kLength; ++i) {
    packages += "Package: p" + std::to_string(i) + "\nVersion: 1\nDepends: p" + std::to_string(i + 1) + "\n\n";
  }
  packages += "Package: p" + std::to_string(kLength) + "\nVersion: 1\n";
  fixture.add_index(packages);
  EXPECT_EQ(solved(fixture, asking({"p0"})).packages.size(), static_cast<std::size_t>(kLength) + 1);
}

TEST(Resolve, ProvidesWhatTheBuilderOffersToARequestToo) {
  test::SolverFixture fixture;
  fixture.add_index("Package: app\nVersion: 1\n");
  auto request = asking({"app", "linux-initramfs-tool"});
  request.provided = {"linux-initramfs-tool"};
  const auto resolution = solved(fixture, request);
  ASSERT_EQ(resolution.packages.size(), 1U);
  EXPECT_EQ(resolution.packages[0].name, "app");
}

// A lock holds no Provides: this is how it is seen that it answers the recipe.
TEST(Resolve, TellsWhichVirtualNamesAPackageWasTakenFor) {
  test::SolverFixture fixture;
  fixture.add_index("Package: exim\nVersion: 1\nProvides: mailer, sendmail\n\nPackage: app\nVersion: 1\n");
  const auto resolution = solved(fixture, asking({"mailer", "app", "sendmail"}));
  ASSERT_EQ(resolution.packages.size(), 2U);
  EXPECT_EQ(resolution.packages[0].reason, "");
  EXPECT_EQ(resolution.packages[1].reason, "Provides: mailer, sendmail");
  EXPECT_TRUE(resolution.packages[1].requested);
  EXPECT_EQ(why(resolution, "exim").value(), std::vector<std::string>{"exim is asked for by the recipe"});
}

TEST(Resolve, RefusesALocalPackageWhoseVersionBeginsWithNoDigit) {
  for (const std::string version : {"abc", "v1.0", "1:beta", "-1", "~1"}) {
    test::SolverFixture fixture;
    const auto file = fixture.add_deb("own.deb", "Package: own\nVersion: " + version + "\nArchitecture: amd64\n");
    const auto outcome = fixture.resolve(bringing({file}));
    ASSERT_FALSE(outcome) << version;
    EXPECT_EQ(outcome.error().code, ErrorCode::kPackage);
    EXPECT_EQ(outcome.error().message,
              "cannot use the package \"own.deb\": its version \"" + version + "\" does not begin with a digit");
    EXPECT_EQ(outcome.error().hint, "build it again, or take it out of packages.local");
  }
}

class Why : public testing::Test {
 protected:
  Why() {
    fixture_.add_index(
        "Package: web\nVersion: 1\nDepends: common (>= 1)\n\nPackage: common\nVersion: 1\nPre-Depends: x | libc6\n\n"
        "Package: libc6\nVersion: 2\n\nPackage: bash\nVersion: 5\nEssential: yes\nDepends: tinfo\n\nPackage: "
        "tinfo\nVersion: 6\n");
    resolution_ = solved(fixture_, asking({"web"}));
  }
  test::SolverFixture fixture_;
  Resolution resolution_;
};

TEST_F(Why, GoesFromTheRequestDown) {
  EXPECT_EQ(why(resolution_, "libc6").value(),
            (std::vector<std::string>{"web is asked for by the recipe", "web Depends: common (>= 1)",
                                      "common Pre-Depends: x | libc6"}));
  EXPECT_EQ(why(resolution_, "web").value(), (std::vector<std::string>{"web is asked for by the recipe"}));
}

TEST_F(Why, EndsAtAnEssentialPackage) {
  EXPECT_EQ(why(resolution_, "tinfo").value(), (std::vector<std::string>{"bash is Essential", "bash Depends: tinfo"}));
}

TEST_F(Why, TellsThatAPackageIsNotThere) {
  const auto chain = why(resolution_, "nginx");
  ASSERT_FALSE(chain);
  EXPECT_EQ(chain.error().code, ErrorCode::kMissing);
  EXPECT_EQ(chain.error().message, "the package \"nginx\" is not part of the image");
}

}  // namespace
}  // namespace reburst::resolve
