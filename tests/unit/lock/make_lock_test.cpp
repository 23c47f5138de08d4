#include "builder/lock/make_lock.hpp"

#include <gtest/gtest.h>

namespace reburst::lock {
namespace {

source::Archive archive() {
  source::Archive out;
  out.architecture = "amd64";
  const auto release = [&](const char* suite, const char* codename, Epoch date) {
    source::Release one;
    one.origin = "Debian";
    one.suite = suite;
    one.codename = codename;
    one.date = date;
    one.digest = sha256(codename);
    out.releases.push_back(one);
  };
  const auto index = [&](std::size_t release_index, const char* component, const char* base) {
    source::Index one;
    one.release = release_index;
    one.component = component;
    one.architecture = "amd64";
    one.digest = sha256(std::to_string(release_index) + component);
    one.size = 1000;
    one.base_uri = base;
    out.indexes.push_back(one);
  };
  release("oldstable", "bookworm", 1000);
  release("oldstable-security", "bookworm-security", 3000);
  release("oldstable", "bookworm", 1000);  // the same release from a second mirror
  index(0, "main", "http://one.example.org/debian");
  index(0, "contrib", "http://one.example.org/debian");
  index(1, "main", "http://security.example.org/debian-security");
  index(2, "main", "http://two.example.org/debian");
  return out;
}

resolve::Package package(const char* name, std::size_t index, const char* version = "1.0") {
  resolve::Package out;
  out.name = name;
  out.version = version;
  out.architecture = "amd64";
  out.path = std::string("pool/") + name + ".deb";
  out.size = 10;
  out.sha256 = sha256(std::string(name) + version);
  out.index = index;
  return out;
}

LockInput input() {
  return {"web", sha256("recipe"), std::nullopt};
}

TEST(MakeLock, NamesOriginSuiteAndComponentButNoMirror) {
  const auto lock = make_lock(input(), archive(), {{package("app", 2), package("lib", 0)}}, {}).value();
  EXPECT_EQ(lock.role, "web");
  EXPECT_EQ(lock.architecture, "amd64");
  EXPECT_EQ(lock.recipe, sha256("recipe"));
  EXPECT_EQ(lock.packages[0].origin, "Debian");
  EXPECT_EQ(lock.packages[0].suite, "bookworm-security");
  EXPECT_EQ(lock.packages[1].suite, "bookworm");
  EXPECT_EQ(lock.packages[1].component, "main");
  EXPECT_EQ(to_text(lock).find("example.org"), std::string::npos);
}

TEST(MakeLock, RefusesWhatNoBuildWouldTake) {
  auto evil = package("app", 0);
  evil.version = "1\n2";
  const auto lock = make_lock(input(), archive(), {{evil}}, {});
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code, ErrorCode::kIntegrity);
  EXPECT_EQ(lock.error().message,
            "the archive's packages make no lock: the lock \"web.lock\" package \"app\": \"version\" holds a control "
            "character");
  EXPECT_EQ(lock.error().hint, "tell the archive's maintainer, or exclude the package");
}

// Its packages are not taken for the recipe's own files.
TEST(MakeLock, KnowsAnArchiveThatCallsItselfLocal) {
  auto local = archive();
  for (auto& release : local.releases) release.origin = "local";
  const auto lock = make_lock(input(), local, {{package("app", 0), package("own", local.indexes.size())}}, {}).value();
  EXPECT_FALSE(is_local(lock.packages[0]));
  EXPECT_TRUE(is_local(lock.packages[1]));
  EXPECT_FALSE(find_uris(lock.packages[0], local).empty());
  EXPECT_TRUE(find_uris(lock.packages[1], local).empty());
}

TEST(MakeLock, NamesEachReleaseAndIndexOnce) {
  const auto lock = make_lock(input(), archive(), {}, {}).value();
  EXPECT_EQ(lock.releases.size(), 2U);
  // Two mirrors gave main; here they differ in content, so both are named.
  EXPECT_EQ(lock.indexes.size(), 4U);
  auto same = archive();
  same.indexes[3].digest = same.indexes[0].digest;
  EXPECT_EQ(make_lock(input(), same, {}, {}).value().indexes.size(), 3U);
}

TEST(MakeLock, TakesTheNewestDateUnlessTheRecipePinsOne) {
  EXPECT_EQ(make_lock(input(), archive(), {}, {}).value().epoch, 3000);
  auto pinned = input();
  pinned.epoch = 5;
  EXPECT_EQ(make_lock(pinned, archive(), {}, {}).value().epoch, 5);
}

TEST(MakeLock, CallsAReleaseWithoutACodenameByItsSuite) {
  auto plain = archive();
  plain.releases[0].codename = "";
  EXPECT_EQ(make_lock(input(), plain, {{package("app", 0)}}, {}).value().packages[0].suite, "oldstable");
}

TEST(MakeLock, CallsARecipesOwnPackageLocal) {
  const auto lock = make_lock(input(), archive(), {{package("own", 4)}}, {}).value();
  EXPECT_EQ(lock.packages[0].origin, "local");
  EXPECT_EQ(lock.packages[0].suite, "");
  EXPECT_EQ(lock.packages[0].component, "");
}

TEST(MakeLock, MarksWhatOnlyTheBuilderReads) {
  const auto lock =
      make_lock(input(), archive(), {{package("app", 0)}}, {{package("aaa", 0), package("app", 0)}}).value();
  ASSERT_EQ(lock.packages.size(), 2U);
  EXPECT_EQ(lock.packages[0].name, "aaa");
  EXPECT_TRUE(lock.packages[0].build_only);
  EXPECT_EQ(lock.packages[1].name, "app");
  EXPECT_FALSE(lock.packages[1].build_only);
}

TEST(MakeLock, RefusesTwoVersionsOfOnePackage) {
  const auto lock = make_lock(input(), archive(), {{package("app", 0)}}, {{package("app", 0, "2.0")}});
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code, ErrorCode::kLock);
  EXPECT_EQ(lock.error().message, "the image holds \"app\" 1.0 and the builder needs 2.0");
}

TEST(MakeLock, MakesWhatParseAccepts) {
  const auto lock =
      make_lock(input(), archive(), {{package("app", 2), package("own", 4)}}, {{package("stub", 0)}}).value();
  const auto back = parse(to_text(lock), "web.lock");
  ASSERT_TRUE(back) << back.error().render();
  EXPECT_EQ(to_text(*back), to_text(lock));
}

TEST(ImagePackages, AreWhatTheResolverGave) {
  auto app = package("app", 2);
  app.requested = true;
  auto base = package("base", 0);
  base.essential = true;
  base.reason = "Essential: yes";
  auto lib = package("lib", 0);
  lib.reason = "app Depends: lib (>= 1)";
  const auto lock = make_lock(input(), archive(), {{app, base, lib}}, {{package("stub", 0)}}).value();
  const auto packages = image_packages(lock).packages;
  ASSERT_EQ(packages.size(), 3U);
  EXPECT_EQ(packages[0].name, "app");
  EXPECT_TRUE(packages[0].requested);
  EXPECT_EQ(packages[0].required_by, "");
  EXPECT_TRUE(packages[1].essential);
  EXPECT_EQ(packages[1].required_by, "");
  EXPECT_EQ(packages[2].reason, "app Depends: lib (>= 1)");
  EXPECT_EQ(packages[2].required_by, "app");
  EXPECT_EQ(packages[2].sha256, lib.sha256);
}

TEST(FindUris, PutsTheOwnIndexFirstThenAnyMirrorOfTheOrigin) {
  const auto lock = make_lock(input(), archive(), {{package("app", 0)}}, {}).value();
  EXPECT_EQ(find_uris(lock.packages[0], archive()),
            (std::vector<std::string>{"http://one.example.org/debian/pool/app.deb",
                                      "http://two.example.org/debian/pool/app.deb",
                                      "http://security.example.org/debian-security/pool/app.deb"}));
}

TEST(FindUris, HasNoneForALocalOrAForeignPackage) {
  LockedPackage package;
  package.path = "pool/x.deb";
  package.origin = "local";
  EXPECT_TRUE(find_uris(package, archive()).empty());
  package.origin = "Elsewhere";
  EXPECT_TRUE(find_uris(package, archive()).empty());
}

}  // namespace
}  // namespace reburst::lock
