#include "builder/source/signed_release.hpp"

#include "tests/unit/source/support.hpp"

namespace reburst::source {
namespace {

TEST_F(ArchiveTest, ReadsARelease) {
  publish();
  const auto archive = open();
  ASSERT_TRUE(archive) << archive.error().render();
  const auto& release = archive->releases.at(0);
  EXPECT_EQ(release.origin, "Example");
  EXPECT_EQ(release.codename, "bookworm");
  EXPECT_EQ(release.digest, sha256(test::get_file(dists() / "InRelease")));
  EXPECT_EQ(iso_time(archive->newest_date()), "2026-07-11T10:16:37Z");
}

TEST_F(ArchiveTest, TakesReleaseWithItsSignatureApart) {
  const auto text = archive_.write(mirror_);
  test::put_file(dists() / "Release.gpg", signer_.detached_signature(text, key_));
  const auto archive = open();
  ASSERT_TRUE(archive) << archive.error().render();
  EXPECT_EQ(archive->releases.at(0).digest, sha256(text));
  options_.fetch.offline = true;
  fs::remove_all(mirror_);
  EXPECT_TRUE(open());
}

TEST_F(ArchiveTest, RefusesAnUnsignedArchive) {
  (void)archive_.write(mirror_);
  refuses(ErrorCode::kSignature,
          "cannot verify \"" + uri_ +
              "/dists/bookworm/Release\": the repository is not signed\n"
              "  hint: only signed repositories are used: sign it (InRelease), or take another mirror");
}

TEST_F(ArchiveTest, SaysWhenThereIsNoSuchSuite) {
  refuses(ErrorCode::kMissing, "cannot open \"" + (dists() / "InRelease").string() +
                                   "\": No such file or directory\n"
                                   "  hint: check the mirror's address and the suite");
}

TEST_F(ArchiveTest, RefusesAKeyThatIsNotNamed) {
  publish();
  const auto other = signer_.make_key("other@example.org");
  test::put_file(keyring_, signer_.export_key(other, false));
  refuses(ErrorCode::kSignature, "cannot verify \"" + uri_ +
                                     "/dists/bookworm/InRelease\": no signature by a trusted key\n  key " +
                                     key_.substr(24) +
                                     " is not in the keyring\n  hint: install the archive's current keyring (for "
                                     "Debian: debian-archive-keyring), or name the right one "
                                     "(Signed-By in apt's sources, keyring: in a recipe)");
}

TEST_F(ArchiveTest, RefusesATamperedRelease) {
  publish();
  std::string content = test::get_file(dists() / "InRelease");
  content.replace(content.find("Example"), 7, "Exbmple");
  test::put_file(dists() / "InRelease", content);
  refuses(ErrorCode::kSignature,
          "cannot verify \"" + uri_ +
              "/dists/bookworm/InRelease\": a signature is wrong: the content was changed after it was "
              "signed\n  hint: use another mirror; if all serve the same, tell whoever runs the archive");
}

TEST_F(ArchiveTest, RefusesAnotherSuiteUnderThisName) {
  archive_.suite = "stable";
  const auto text = [&] {
    auto other = archive_;
    other.fields["Codename"] = "trixie";
    return other.write(mirror_);
  }();
  sign(text);
  refuses(ErrorCode::kSignature,
          "cannot accept \"" + uri_ +
              "/dists/bookworm/InRelease\": it is signed, but for another suite\n  expected bookworm\n"
              "  actual   stable (trixie)\n"
              "  hint: check the suite's name; if it is right, the mirror serves one suite under another's name: use "
              "another mirror");
}

TEST_F(ArchiveTest, ASuiteMayBeAskedForByEitherName) {
  publish();
  fs::create_directory_symlink("bookworm", mirror_ / "dists" / "oldstable");
  auto wanted = repository();
  wanted.suite = "oldstable";
  EXPECT_TRUE(open(wanted));
}

TEST_F(ArchiveTest, AcceptsANamelessReleaseWithANote) {
  archive_.fields = {{"Suite", ""}, {"Codename", ""}};
  publish();
  ASSERT_TRUE(open());
  EXPECT_EQ(notes_.lines, std::vector<std::string>{"warning: \"" + uri_ +
                                                   "/dists/bookworm/InRelease\" does not say which suite it is"});
}

TEST_F(ArchiveTest, RefusesAnExpiredRelease) {
  archive_.fields = {{"Valid-Until", "Sat, 11 Jul 2026 23:59:59 UTC"}};
  publish();
  refuses(ErrorCode::kExpired,
          "cannot accept \"" + uri_ +
              "/dists/bookworm/InRelease\": it has expired\n  Valid-Until 2026-07-11T23:59:59Z\n"
              "  the clock   2026-07-12T00:00:00Z\n"
              "  hint: the mirror is no longer updated: use another mirror, or set the machine's clock");
  auto unchecked = repository();
  unchecked.check_valid_until = false;
  EXPECT_TRUE(open(unchecked));
  EXPECT_EQ(
      notes_.lines,
      std::vector<std::string>{
          "warning: Valid-Until is not checked, as apt's configuration says; an old archive would not be noticed"});
  options_.now = *parse_iso_time("2026-07-11T23:59:59Z");
  EXPECT_TRUE(open());
}

TEST_F(ArchiveTest, RefusesAReleaseFromTheFuture) {
  publish();
  options_.now = *parse_iso_time("2026-07-01T00:00:00Z");
  refuses(ErrorCode::kExpired,
          "cannot accept \"" + uri_ +
              "/dists/bookworm/InRelease\": it comes from the future\n  its Date  2026-07-11T10:16:37Z\n"
              "  the clock 2026-07-01T00:00:00Z\n  hint: set the machine's clock");
}

TEST_F(ArchiveTest, KeepsTheNewerOfTwoReleases) {
  publish();
  ASSERT_TRUE(open());
  archive_.date = "Fri, 10 Jul 2026 10:16:37 UTC";
  publish();
  const auto archive = open();
  ASSERT_TRUE(archive) << archive.error().render();
  EXPECT_EQ(iso_time(archive->newest_date()), "2026-07-11T10:16:37Z");
  EXPECT_EQ(notes_.lines,
            std::vector<std::string>{"warning: \"" + uri_ +
                                     "/dists/bookworm/InRelease\" is older than the one seen last, which is used "
                                     "instead (2026-07-10T10:16:37Z < 2026-07-11T10:16:37Z)"});
  archive_.date = "Sat, 11 Jul 2026 12:00:00 UTC";
  publish();
  EXPECT_EQ(iso_time(open()->newest_date()), "2026-07-11T12:00:00Z");
}

TEST_F(ArchiveTest, ARefusedReleaseIsNotRemembered) {
  archive_.fields = {{"Valid-Until", "Sat, 11 Jul 2026 23:59:59 UTC"}};
  publish();
  ASSERT_FALSE(open());
  EXPECT_FALSE(fs::exists(cache_->root() / "derived" / "release"));
}

TEST_F(ArchiveTest, OfflineUsesWhatWasSeenLast) {
  publish();
  const auto before = open();
  ASSERT_TRUE(before) << before.error().render();
  fs::remove_all(mirror_);
  options_.fetch.offline = true;
  const auto after = open();
  ASSERT_TRUE(after) << after.error().render();
  EXPECT_EQ(after->releases[0].digest, before->releases[0].digest);
  EXPECT_EQ(after->indexes[0].digest, before->indexes[0].digest);
}

TEST_F(ArchiveTest, OfflineAnExpiredOneIsStillUsedWithANote) {
  archive_.fields = {{"Valid-Until", "Mon, 13 Jul 2026 00:00:00 UTC"}};
  publish();
  ASSERT_TRUE(open());
  options_.now = *parse_iso_time("2026-08-01T00:00:00Z");
  EXPECT_EQ(open().error().code, ErrorCode::kExpired);
  fs::remove_all(mirror_);
  options_.fetch.offline = true;
  ASSERT_TRUE(open());
  EXPECT_EQ(notes_.lines,
            std::vector<std::string>{"warning: \"" + uri_ +
                                     "/dists/bookworm/InRelease\" in the cache expired on 2026-07-13T00:00:00Z"});
}

TEST_F(ArchiveTest, OfflineVerifiesAgain) {
  publish();
  ASSERT_TRUE(open());
  fs::remove_all(mirror_);
  options_.fetch.offline = true;
  const auto other = signer_.make_key("other@example.org");
  test::put_file(keyring_, signer_.export_key(other, false));
  EXPECT_EQ(open().error().code, ErrorCode::kSignature);
}

TEST_F(ArchiveTest, OfflineSaysWhatIsMissing) {
  options_.fetch.offline = true;
  uri_ = "http://mirror.invalid/debian";
  refuses(ErrorCode::kMissing,
          "\"http://mirror.invalid/debian/dists/bookworm/InRelease\" is not in the cache, and --offline forbids "
          "fetching it\n"
          "  hint: run the same command once without --offline");
}

}  // namespace
}  // namespace reburst::source
