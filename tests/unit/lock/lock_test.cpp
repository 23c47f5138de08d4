#include "builder/lock/lock.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "builder/lock/differences.hpp"
#include "core/file.hpp"
#include "tests/unit/lock/lock_builder.hpp"

namespace reburst::lock {
namespace {

using Lines = std::vector<std::string>;

Lines lines(const Lock& before, const Lock& after) {
  Lines out;
  for (auto& one : differences(before, after)) out.push_back(std::move(one.text));
  return out;
}

Expected expected() {
  return {.role = "web",
          .recipe = sha256("recipe"),
          .epoch = std::nullopt,
          .bootable = true,
          .architecture = "amd64",
          .local = {"own_1.0_amd64.deb"},
          .install = {},
          .exclude = {},
          .renew = "./it lock web --out x"};
}

TEST(Lock, ComesBackFromItsText) {
  const Lock lock = sample_lock();
  const auto back = parse(to_text(lock), "web.lock");
  ASSERT_TRUE(back) << back.error().render();
  EXPECT_EQ(to_text(*back), to_text(lock));
  EXPECT_EQ(back->packages, lock.packages);
  EXPECT_EQ(back->indexes, lock.indexes);
  EXPECT_EQ(back->releases, lock.releases);
  EXPECT_EQ(back->epoch, lock.epoch);
  EXPECT_EQ(back->recipe, lock.recipe);
  EXPECT_EQ(digest(*back), digest(lock));
  EXPECT_EQ(digest(lock), sha256(to_text(lock)));
}

TEST(Lock, ComesBackWithoutReleasesAndIndexes) {
  Lock lock = sample_lock();
  lock.releases.clear();
  lock.indexes.clear();
  std::erase_if(lock.packages, [](const auto& package) { return !is_local(package); });
  const auto back = parse(to_text(lock), "web.lock");
  ASSERT_TRUE(back) << back.error().render();
  EXPECT_EQ(to_text(*back), to_text(lock));
}

TEST(Lock, HasOneLineOfCanonicalJson) {
  const std::string text = to_text(sample_lock());
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  EXPECT_TRUE(text.starts_with("{\"architecture\":\"amd64\",\"epoch\":\"2026-07-11T10:16:37Z\",\"indexes\":[{"))
      << text.substr(0, 80);
  EXPECT_EQ(text.find("\"essential\":false"), std::string::npos);
}

TEST(Lock, IsReadFromAFile) {
  const auto folder = TempDirectory::make(fs::temp_directory_path(), "reburst-lock").value();
  const auto path = folder.path() / "web.lock";
  ASSERT_TRUE(write_file_atomic(path, to_text(sample_lock())));
  EXPECT_EQ(to_text(read(path).value()), to_text(sample_lock()));
  const auto none = read(folder.path() / "none.lock").error();
  EXPECT_EQ(none.code, ErrorCode::kMissing);
  EXPECT_EQ(none.hint, "a lock is a file that the verb \"lock\" writes: check the path");
}

TEST(Lock, IsNotReadFromAFolderOrAPipe) {
  const auto folder = TempDirectory::make(fs::temp_directory_path(), "reburst-lock").value();
  const auto pipe = folder.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const auto& path : {folder.path(), pipe}) {
    const auto error = read(path).error();
    EXPECT_EQ(error.code, ErrorCode::kMissing);
    EXPECT_EQ(error.message, "\"" + path.string() + "\" is not a file");
    EXPECT_EQ(error.hint, "a lock is a file that the verb \"lock\" writes: check the path");
    EXPECT_EQ(find(path, folder.path(), expected()).error().hint, error.hint);
  }
}

// The refusal's message after "the lock of "web" "; empty when there is none.
std::string refusal(const Lock& lock, const Expected& by) {
  const auto checked = check_recipe(lock, by);
  if (checked) return {};
  EXPECT_EQ(checked.error().code, ErrorCode::kLock);
  EXPECT_EQ(checked.error().hint, "run \"./it lock web --out x\" to renew it");
  const std::string opening = "the lock of \"web\" ";
  EXPECT_TRUE(checked.error().message.starts_with(opening)) << checked.error().message;
  return checked.error().message.substr(opening.size());
}

TEST(Lock, RejectsARecipeThatChanged) {
  auto changed = expected();
  changed.recipe = sha256("other");
  EXPECT_EQ(refusal(sample_lock(), expected()), "");
  EXPECT_EQ(refusal(sample_lock(), changed), "was made from another recipe\n  locked:  " + sha256("recipe").hex() +
                                                 "\n  present: " + sha256("other").hex());
}

TEST(Lock, RejectsAnotherRole) {
  Lock lock = sample_lock();
  lock.role = "mail";
  const auto checked = check_recipe(lock, expected());
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::kLock);
  EXPECT_EQ(checked.error().message, "the lock of \"web\" was made for another role\n  locked:  mail\n  present: web");
  EXPECT_EQ(checked.error().hint, "name a lock of \"web\"");
}

TEST(Lock, RejectsAnEpochThatNeitherRecipeNorReleasesGive) {
  Lock lock = sample_lock();
  auto pinned = expected();
  pinned.epoch = lock.epoch - 1;
  EXPECT_EQ(refusal(lock, pinned),
            "has another epoch than its recipe\n  locked:  2026-07-11T10:16:37Z\n  present: 2026-07-11T10:16:36Z");
  lock.epoch -= 1;
  EXPECT_EQ(refusal(lock, pinned), "");
  EXPECT_EQ(refusal(lock, expected()),
            "has another epoch than its releases\n  locked:  2026-07-11T10:16:36Z\n  present: 2026-07-11T10:16:37Z");
}

TEST(Lock, RejectsAnotherArchitecture) {
  auto machine = expected();
  machine.architecture = "arm64";
  EXPECT_EQ(refusal(sample_lock(), machine), "was made for another architecture\n  locked:  amd64\n  present: arm64");
}

TEST(Lock, RejectsALocalPackageThatTheRecipeDoesNotName) {
  auto other = expected();
  other.local = {"own_1.1_amd64.deb"};
  EXPECT_EQ(
      refusal(sample_lock(), other),
      "has the local package \"own\" of the file \"own_1.0_amd64.deb\", which the recipe's packages.local does not "
      "name");
}

TEST(Lock, RejectsOneWithoutALocalPackage) {
  Lock lock = sample_lock();
  std::erase_if(lock.packages, is_local);
  EXPECT_EQ(refusal(lock, expected()),
            "has no package of the file \"own_1.0_amd64.deb\", which the recipe's packages.local names");
}

// A lock with nginx, which the recipe asks for, and what it then says of each entry of packages.install.
class LockOfInstall : public ::testing::Test {
 protected:
  Lock lock_ = sample_lock();
  LockedPackage& nginx_ = [this]() -> LockedPackage& {
    LockedPackage nginx = lock_.packages[0];
    nginx.name = "nginx";
    nginx.version = "1.22.1-9";
    nginx.reason = "";
    nginx.essential = false;
    nginx.requested = true;
    return *lock_.packages.insert(lock_.packages.begin() + 1, nginx);
  }();
  std::string refused(const std::string& entry) {
    auto by = expected();
    by.install = {"own", entry};
    return refusal(lock_, by);
  }
  static std::string lacks(const std::string& entry) {
    return "has no package \"" + entry + "\", and the recipe asks for it";
  }
};

TEST_F(LockOfInstall, MustHoldWhatTheRecipeAsksFor) {
  EXPECT_EQ(refused("nginx"), "");
  EXPECT_EQ(refused("nginx=1.22.1-9"), "");
  EXPECT_EQ(refused("apache2"), lacks("apache2"));
  EXPECT_EQ(refused("nginx=1.22.1-10"), lacks("nginx=1.22.1-10"));
  EXPECT_EQ(refused("nginx="), lacks("nginx="));
  EXPECT_EQ(refused("ngin"), lacks("ngin"));
}

TEST_F(LockOfInstall, APackageThatIsThereForAnotherReasonIsNotEnough) {
  nginx_.requested = false;
  EXPECT_EQ(refused("nginx"), lacks("nginx"));
  nginx_.requested = true;
  nginx_.build_only = true;
  EXPECT_EQ(refused("nginx"), lacks("nginx"));
  EXPECT_EQ(refused("systemd-boot-efi"), lacks("systemd-boot-efi")) << "the builder reads it, the image has it not";
}

TEST_F(LockOfInstall, AVirtualNameIsAnsweredByWhatItCameTo) {
  EXPECT_EQ(refused("httpd"), lacks("httpd"));
  nginx_.reason = "Provides: httpd, httpd-cgi";
  EXPECT_EQ(refused("httpd"), "");
  EXPECT_EQ(refused("httpd-cgi"), "");
  EXPECT_EQ(refused("nginx"), "");
  EXPECT_EQ(refused("httpd=1.22.1-9"), lacks("httpd=1.22.1-9")) << "no version is asked of a virtual name";
  EXPECT_EQ(refused("http"), lacks("http"));
  nginx_.requested = false;
  EXPECT_EQ(refused("httpd"), lacks("httpd"));
}

TEST(Lock, RejectsAKernelWithoutABootStub) {
  Lock lock = sample_lock();
  lock.packages.pop_back();
  auto container = expected();
  container.bootable = false;
  EXPECT_EQ(refusal(lock, container), "");
  EXPECT_EQ(refusal(lock, expected()), "has no package \"systemd-boot-efi\", and the recipe has a kernel to boot");
}

TEST(Lock, RejectsOneWithoutAnEssentialPackage) {
  const std::set<std::string, std::less<>> essential = {"bash", "dash"};
  Lock lock = sample_lock();
  const auto lacks = [&](const Expected& by) {
    const auto checked = check_essential(lock, essential, by);
    return checked ? std::string() : checked.error().render();
  };
  const std::string refused =
      "the lock of \"web\" has no package \"dash\", which is Essential in the indexes it was made from\n"
      "  hint: run \"./it lock web --out x\" to renew it";
  EXPECT_EQ(lacks(expected()), refused);
  auto without = expected();
  without.exclude = {"dash"};
  EXPECT_EQ(lacks(without), "");
  LockedPackage dash = lock.packages[0];
  dash.name = "dash";
  dash.build_only = true;
  lock.packages.push_back(dash);
  EXPECT_EQ(lacks(expected()), refused) << "the builder reads it, the image has it not";
  lock.packages.back().build_only = false;
  EXPECT_EQ(lacks(expected()), "");
}

TEST(Lock, IsFoundBesideTheRecipeOrWhereItIsNamed) {
  const auto folder = TempDirectory::make(fs::temp_directory_path(), "reburst-lock").value();
  EXPECT_FALSE(find(std::nullopt, folder.path(), expected()).value().has_value());
  const auto none = find(folder.path() / "none.lock", folder.path(), expected()).error();
  EXPECT_EQ(none.code, ErrorCode::kMissing);
  EXPECT_EQ(none.hint, "run \"./it lock web --out x\" to make it");

  ASSERT_TRUE(write_file_atomic(folder.path() / "web.lock", to_text(sample_lock())));
  EXPECT_EQ(to_text(find(std::nullopt, folder.path(), expected()).value().value()), to_text(sample_lock()));

  Lock other = sample_lock();
  other.role = "mail";
  ASSERT_TRUE(write_file_atomic(folder.path() / "mail.lock", to_text(other)));
  EXPECT_EQ(find(folder.path() / "mail.lock", folder.path(), expected()).error().code, ErrorCode::kLock);

  ASSERT_TRUE(write_file_atomic(folder.path() / "web.lock", "{}"));
  const auto broken = find(std::nullopt, folder.path(), expected()).error();
  EXPECT_EQ(broken.code, ErrorCode::kLock);
  EXPECT_EQ(broken.hint, "run \"./it lock web --out x\" to make it");
}

std::string short_digest(std::string_view text) {
  return sha256(text).hex().substr(0, 12);
}

TEST(LockDifferences, HaveFieldsForPrograms) {
  const Lock before = sample_lock();
  Lock after = before;
  after.packages[0].version = "5.3-1";
  after.packages[2].name = "zsh";
  const auto all = differences(before, after);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].kind + " " + all[0].name + " " + all[0].before + " " + all[0].after,
            "package bash 5.2.15-2+b7 5.3-1");
  EXPECT_EQ(all[1].name + " " + all[1].before + " " + all[1].after, "systemd-boot-efi 5.2.15-2+b7 ");
  EXPECT_EQ(all[2].name + " " + all[2].before + " " + all[2].after, "zsh  5.2.15-2+b7");
}

TEST(LockDifferences, AreNoneBetweenEqualLocks) {
  EXPECT_EQ(lines(sample_lock(), sample_lock()), Lines{});
}

TEST(LockDifferences, NameEpochReleasesAndIndexes) {
  const Lock before = sample_lock();
  Lock after = before;
  after.epoch += 1;
  after.releases[0].date += 1;
  after.releases[0].digest = sha256("InRelease, later");
  after.indexes[0].digest = sha256("Packages, later");
  EXPECT_EQ(lines(before, after),
            (Lines{"epoch: 2026-07-11T10:16:37Z -> 2026-07-11T10:16:38Z",
                   "release Debian/bookworm: " + short_digest("InRelease") + " of 2026-07-11T10:16:37Z -> " +
                       short_digest("InRelease, later") + " of 2026-07-11T10:16:38Z",
                   "index Debian/bookworm/main/amd64: " + short_digest("Packages") + " -> " +
                       short_digest("Packages, later")}));
}

TEST(LockDifferences, NameReleasesAndIndexesThatComeAndGo) {
  const Lock before = sample_lock();
  Lock after = before;
  after.releases.clear();
  after.indexes.push_back({"Debian", "bookworm", "non-free", "amd64", 10, sha256("more")});
  EXPECT_EQ(lines(before, after),
            (Lines{"- release Debian/bookworm " + short_digest("InRelease") + " of 2026-07-11T10:16:37Z",
                   "+ index Debian/bookworm/non-free/amd64 " + short_digest("more")}));
}

// Two mirrors of one origin that were not in step.
TEST(LockDifferences, NameEveryFileOfOneName) {
  const Lock before = sample_lock();
  Lock after = before;
  after.indexes.push_back({"Debian", "bookworm", "main", "amd64", 49000001, sha256("more")});
  EXPECT_EQ(lines(before, after), Lines{"index Debian/bookworm/main/amd64: " + short_digest("Packages") + " -> " +
                                        short_digest("Packages") + ", " + short_digest("more")});
}

TEST(LockDifferences, NameEachPackage) {
  const Lock before = sample_lock();
  Lock after = before;
  after.packages[0].version = "5.3-1";
  after.packages[1].sha256 = sha256("again");
  after.packages[2].name = "zsh";
  after.packages[2].build_only = false;
  after.recipe = sha256("other");
  EXPECT_EQ(lines(before, after), (Lines{"recipe: " + sha256("recipe").hex() + " -> " + sha256("other").hex(),
                                         "bash: 5.2.15-2+b7 -> 5.3-1", "own: 1:1.0~rc1 with other content",
                                         "- systemd-boot-efi 5.2.15-2+b7 (build only)", "+ zsh 5.2.15-2+b7"}));
}

// They stand in the manifest, or say where the file is fetched.
TEST(LockDifferences, NameWhatElseIsSaidOfAPackage) {
  const Lock before = sample_lock();
  Lock after = before;
  after.packages[0].path = "pool/b/bash.deb";
  after.packages[0].priority = "optional";
  after.packages[0].reason = "asked for by the recipe";
  after.packages[1].requested = false;
  after.packages[2].component = "contrib";
  EXPECT_EQ(lines(before, after),
            (Lines{"bash: path \"pool/main/b/bash/bash_5.2.15-2+b7_amd64.deb\" -> \"pool/b/bash.deb\", priority "
                   "\"required\" -> \"optional\", reason \"Essential: yes\" -> \"asked for by the recipe\"",
                   "own: requested true -> none", "systemd-boot-efi: component \"main\" -> \"contrib\""}));
}

TEST(LockDifferences, NameTheArchitectureWhereItMatters) {
  const Lock before = sample_lock();
  Lock after = before;
  after.packages[0].architecture = "all";
  EXPECT_EQ(lines(before, after), Lines{"bash: architecture \"amd64\" -> \"all\""});
  after.packages[0].architecture = "amd64";
  after.packages.push_back(after.packages[0]);
  after.packages.back().architecture = "i386";
  EXPECT_EQ(lines(before, after), Lines{"+ bash:i386 5.2.15-2+b7"});
}

TEST(LockDifferences, NameEveryFieldOfAPackage) {
  const Lock before = sample_lock();
  for (const auto change : std::vector<void (*)(Lock&)>{
           [](Lock& lock) { lock.packages[0].size += 1; }, [](Lock& lock) { lock.packages[0].source = "other"; },
           [](Lock& lock) { lock.packages[0].origin = "other"; }, [](Lock& lock) { lock.packages[0].suite = "other"; },
           [](Lock& lock) { lock.packages[0].essential = false; }}) {
    Lock after = before;
    change(after);
    EXPECT_EQ(differences(before, after).size(), 1U) << to_text(after);
  }
}

TEST(LockDifferences, TellWhereAPackageMoves) {
  const Lock before = sample_lock();
  Lock after = before;
  after.packages[2].build_only = false;
  EXPECT_EQ(lines(before, after), Lines{"systemd-boot-efi: in the image now"});
  EXPECT_EQ(lines(after, before), Lines{"systemd-boot-efi: only for the build now"});
}

}  // namespace
}  // namespace reburst::lock
