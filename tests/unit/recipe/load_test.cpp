#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/recipe/support.hpp"

namespace reburst::recipe::test {
namespace {

constexpr std::string_view kFull = R"(recipe: 1
role: case
summary: everything at once
sources:
  - {uri: "https://deb.example.org/debian", suites: [trixie, trixie-updates], components: [main], keyring: keys/archive.gpg}
suite: trixie
epoch: 2026-01-01T00:00:00Z
packages: {install: [nginx-light, "libc6=2.36-9+deb12u10"], exclude: [exim4], recommends: true, local: [dist/app_1.0_amd64.deb]}
debconf: [{package: postfix, question: postfix/main_mailer_type, type: select, value: Local only}]
files:
  - {path: /etc/app.conf, content: "a=1\n", mode: "0640", owner: app, group: adm}
run: ["echo one", "echo two"]
users: [{name: app, system: true}, {name: ops, home: /srv/ops, shell: /bin/sh}, {name: dev}]
services: {enable: [nginx.service], disable: [a.timer], mask: [b@1.socket]}
state: [{mount: /var/lib/app, volume: data}]
kernel: {package: linux-image-cloud-amd64, cmdline: [quiet]}
boot: {secure_boot: required, scan: false, ticket: required, on_failure: reboot}
image: {compression: lz4, exclude: [/usr/share/doc], formats: [raw]}
tests:
  - {name: web, http: {port: 8080, path: /x, status: 301}}
  - {name: default, http: {}}
  - {name: out, command: "echo 0", stdout: "0"}
  - {name: exit, command: "false", status: 1}
)";

Recipes full() {
  Recipes recipes;
  recipes.write("case.yaml", kFull);
  recipes.write("keys/archive.gpg", "a keyring");
  recipes.write("dist/app_1.0_amd64.deb", "a package");
  return recipes;
}

TEST(Load, ReadsEveryField) {
  const auto recipes = full();
  const auto loaded = recipes.load();
  ASSERT_TRUE(loaded.has_value()) << loaded.error().render();
  const auto& r = *loaded;
  EXPECT_EQ(r.role, "case");
  EXPECT_EQ(r.summary, "everything at once");
  EXPECT_FALSE(r.inherits);
  EXPECT_EQ(r.file, recipes.path("case.yaml"));
  const auto& source = std::get<std::vector<ArchiveSource>>(r.sources).at(0);
  EXPECT_EQ(source.uri, "https://deb.example.org/debian");
  EXPECT_EQ(source.suites, (std::vector<std::string>{"trixie", "trixie-updates"}));
  EXPECT_EQ(source.components, (std::vector<std::string>{"main"}));
  EXPECT_EQ(source.keyring, recipes.path("keys/archive.gpg"));
  EXPECT_EQ(r.suite, "trixie");
  EXPECT_EQ(r.epoch, 1767225600);
  EXPECT_EQ(r.packages.install, (std::vector<std::string>{"nginx-light", "libc6=2.36-9+deb12u10"}));
  EXPECT_EQ(r.packages.exclude, (std::vector<std::string>{"exim4"}));
  EXPECT_TRUE(r.packages.recommends);
  EXPECT_EQ(r.packages.local.at(0), recipes.path("dist/app_1.0_amd64.deb"));
  EXPECT_EQ(r.debconf.at(0).question, "postfix/main_mailer_type");
  EXPECT_EQ(r.debconf.at(0).value, "Local only");
  EXPECT_EQ(r.files.at(0).content, "a=1\n");
  EXPECT_EQ(r.files.at(0).mode, 0640U);
  EXPECT_EQ(r.files.at(0).owner + ":" + r.files.at(0).group, "app:adm");
  EXPECT_EQ(r.run, (std::vector<std::string>{"echo one", "echo two"}));
  EXPECT_EQ(r.users.at(0).home + " " + r.users.at(0).shell, "/nonexistent /usr/sbin/nologin");
  EXPECT_EQ(r.users.at(1).home + " " + r.users.at(1).shell, "/srv/ops /bin/sh");
  EXPECT_EQ(r.users.at(2).home + " " + r.users.at(2).shell, "/home/dev /bin/bash");
  EXPECT_TRUE(r.users.at(0).system);
  EXPECT_FALSE(r.users.at(1).system);
  EXPECT_EQ(r.services.enable.at(0) + r.services.disable.at(0) + r.services.mask.at(0),
            "nginx.servicea.timerb@1.socket");
  EXPECT_EQ(r.state.at(0).mount + "=" + r.state.at(0).volume, "/var/lib/app=data");
  EXPECT_EQ(r.kernel.package + " " + r.kernel.cmdline.at(0), "linux-image-cloud-amd64 quiet");
  EXPECT_EQ(r.boot.secure_boot + " " + r.boot.ticket + " " + r.boot.on_failure, "required required reboot");
  EXPECT_FALSE(r.boot.scan);
  EXPECT_EQ(r.image.compression, "lz4");
  EXPECT_EQ(r.image.exclude, (std::vector<std::string>{"/usr/share/doc"}));
  ASSERT_EQ(r.tests.size(), 4U);
  EXPECT_EQ(std::get<HttpTest>(r.tests[0].check).status, 301);
  EXPECT_EQ(std::get<HttpTest>(r.tests[0].check).port, 8080);
  EXPECT_EQ(std::get<HttpTest>(r.tests[1].check).path, "/");
  EXPECT_EQ(std::get<CommandTest>(r.tests[2].check).stdout_text, "0");
  EXPECT_EQ(std::get<CommandTest>(r.tests[2].check).status, -1);
  EXPECT_EQ(std::get<CommandTest>(r.tests[3].check).status, 1);
}

TEST(Load, ASmallRecipeHasTheDefaults) {
  const Recipes recipes;
  recipes.write("case.yaml", "recipe: 1\nrole: case\n");
  const auto r = recipes.load().value();
  EXPECT_TRUE(std::holds_alternative<HostSources>(r.sources));
  EXPECT_EQ(r.suite, std::nullopt);
  EXPECT_EQ(r.epoch, std::nullopt);
  EXPECT_TRUE(r.packages.install.empty());
  EXPECT_FALSE(r.packages.recommends);
  EXPECT_EQ(r.kernel.package, "");
  EXPECT_EQ(r.boot.secure_boot + " " + r.boot.ticket + " " + r.boot.on_failure, "preferred optional poweroff");
  EXPECT_TRUE(r.boot.scan);
  EXPECT_EQ(r.image.compression, "none");
  EXPECT_EQ(r.image.formats, (std::vector<std::string>{"raw"}));
}

TEST(Load, TheDigestDependsOnNoPlace) {
  const auto one = full();
  const auto other = full();
  const auto first = one.load().value();
  EXPECT_EQ(first.digest, other.load().value().digest);
  EXPECT_EQ(first.merged, other.load().value().merged);
  EXPECT_EQ(first.digest, sha256(canonical_json([&] {
              Json locked = first.merged;
              locked.erase("tests");
              return locked;
            }())));
  // By a relative name, from another folder, and with the inputs elsewhere.
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(one.path("keys"));
  const auto relative = load("../case.yaml", {.recipes = "nowhere"});
  std::filesystem::current_path(before);
  ASSERT_TRUE(relative.has_value()) << relative.error().render();
  EXPECT_EQ(relative->digest, first.digest);
  EXPECT_EQ(relative->file, first.file);
  EXPECT_EQ(relative->packages.local, first.packages.local);
  EXPECT_EQ(first.merged.dump().find(one.path("").string()), std::string::npos);
}

std::string replaced(std::string_view from, std::string_view to) {
  std::string text(kFull);
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Load, TheDigestCoversWhatChangesTheImageAndNothingElse) {
  const auto digest = full().load().value().digest;
  const struct {
    const char *from, *to;
    bool differs;
  } cases[] = {
      {"role: case", "role: other", true},
      {"everything at once", "another summary", true},
      {"[trixie, trixie-updates]", "[trixie]", true},
      {"suite: trixie\n", "suite: bookworm\n", true},
      {"2026-01-01", "2026-01-02", true},
      {"exim4", "exim5", true},
      {"recommends: true", "recommends: false", true},
      {"Local only", "No configuration", true},
      {"a=1", "a=2", true},
      {"0640", "0600", true},
      {"owner: app", "owner: root", true},
      {"echo one", "echo ONE", true},
      {"system: true", "system: false", true},
      {"disable: [a.timer]", "disable: []", true},
      {"volume: data", "volume: other", true},
      {"[quiet]", "[]", true},
      {"secure_boot: required", "secure_boot: preferred", true},
      {"scan: false", "scan: true", true},
      {"ticket: required", "ticket: optional", true},
      {"on_failure: reboot", "on_failure: poweroff", true},
      {"lz4", "lz4hc", true},
      {"exclude: [/usr/share/doc]", "exclude: []", true},
      // The same recipe in other words, another mirror, other tests.
      {"role: case", "role: \"case\"  # a comment", false},
      {"0640", "640", false},
      {"https://deb.example.org/debian", "http://mirror.example.org/debian", false},
      {"status: 301", "status: 302", false},
      {"name: web", "name: site", false},
  };
  for (const auto& one : cases) {
    const auto recipes = full();
    recipes.write("case.yaml", replaced(one.from, one.to));
    const auto loaded = recipes.load();
    ASSERT_TRUE(loaded.has_value()) << loaded.error().render();
    EXPECT_EQ(loaded->digest != digest, one.differs) << one.from << " -> " << one.to;
  }
}

TEST(Load, TheDigestCoversTheFilesThatARecipeNames) {
  const auto digest = full().load().value().digest;
  for (const auto* name : {"keys/archive.gpg", "dist/app_1.0_amd64.deb"}) {
    const auto recipes = full();
    recipes.write(name, "other bytes");
    EXPECT_NE(recipes.load().value().digest, digest) << name;
  }
}

TEST(Load, ContentAndAFileWithThatContentAreOneRecipe) {
  const auto recipes = full();
  recipes.write("case.yaml", replaced("content: \"a=1\\n\"", "from: app.conf"));
  recipes.write("app.conf", "a=1\n");
  EXPECT_EQ(recipes.load().value().digest, full().load().value().digest);
}

TEST(Load, InheritsFromBesideTheFileFirstThenFromTheShippedRecipes) {
  const Recipes recipes;
  recipes.write("case.yaml", "recipe: 1\nrole: case\nfrom: middle\npackages: {install: [c1]}\n");
  recipes.write("shipped/middle.yaml",
                "recipe: 1\nrole: middle\nfrom: base\npackages: {install: [b1]}\nfiles: [{path: /f, from: data}]\n");
  recipes.write("shipped/base.yaml", "recipe: 1\nrole: base\nsummary: shipped\npackages: {install: [a1]}\n");
  recipes.write("shipped/data", "shipped");
  recipes.write("data", "beside");
  auto r = recipes.load().value();
  EXPECT_TRUE(r.inherits);
  EXPECT_EQ(r.summary, "shipped");
  EXPECT_EQ(r.packages.install, (std::vector<std::string>{"a1", "b1", "c1"}));
  EXPECT_EQ(r.files.at(0).from, recipes.path("shipped/data")) << "paths start from the file that they are written in";

  recipes.write("middle.yaml", "recipe: 1\nrole: middle\npackages: {install: [z1]}\n");
  r = recipes.load().value();
  EXPECT_EQ(r.packages.install, (std::vector<std::string>{"z1", "c1"}));
  EXPECT_EQ(r.summary, "");
}

TEST(Load, FindsARoleByNameInTheRecipesFolder) {
  const Recipes recipes;
  recipes.write("shipped/web.yaml", "recipe: 1\nrole: web\n");
  recipes.write("shipped/base.yaml", "recipe: 1\nrole: base\n");
  const auto options = recipes.options();
  EXPECT_EQ(load("web", options).value().file, recipes.path("shipped/web.yaml"));
  const auto error_of = [&](const std::string& role) { return recipes.plain(load(role, options).error().render()); };
  EXPECT_EQ(error_of("wbe"), "there is no role \"wbe\" in \"shipped\"\n  hint: did you mean \"web\"?");
  EXPECT_EQ(error_of("postgres"), "there is no role \"postgres\" in \"shipped\"\n  hint: roles there: base, web");
  EXPECT_EQ(error_of("Web\n"), "there is no role \"Web\\n\" in \"shipped\"\n  hint: did you mean \"web\"?");
  EXPECT_EQ(load("postgres", options).error().code, ErrorCode::kMissing);
  EXPECT_EQ(
      recipes.plain(load("web", {.recipes = recipes.path("none")}).error().render()),
      "there is no role \"web\" in \"none\"\n  hint: name a recipe by its path, or another folder with --recipes");
}

TEST(Load, SaysWhatIsWrongWithAPath) {
  const Recipes recipes;
  EXPECT_EQ(recipes.error("no.yaml"), "there is no recipe \"no.yaml\"\n  hint: check the path");
  EXPECT_EQ(recipes.load("no.yaml").error().code, ErrorCode::kMissing);
  std::filesystem::create_directory(recipes.path("folder.yaml"));
  EXPECT_EQ(recipes.error("folder.yaml"), "\"folder.yaml\" is not a file\n  hint: name a recipe's .yaml file");
  ASSERT_EQ(::mkfifo(recipes.path("pipe.yaml").c_str(), 0600), 0);
  EXPECT_EQ(recipes.error("pipe.yaml"), "\"pipe.yaml\" is not a file\n  hint: name a recipe's .yaml file");
  recipes.write("big.yaml", std::string((1U << 20U) + 1, '#'));
  EXPECT_EQ(recipes.error("big.yaml"),
            "\"big.yaml\" is larger than 1 MiB\n  hint: a recipe is a page of text: is this the right file?");
  EXPECT_EQ(recipes.load("big.yaml").error().code, ErrorCode::kRecipe);
}

TEST(Load, ACycleThroughALinkIsACycle) {
  const Recipes recipes;
  recipes.write("case.yaml", "recipe: 1\nrole: case\nfrom: case\n");
  EXPECT_EQ(recipes.error(),
            "case.yaml:3:7: error: \"case\" inherits from itself: case -> case\nfrom: case\n      ^\n"
            "  hint: break the chain, or give one of them another name");
  EXPECT_EQ(recipes.load().error().code, ErrorCode::kRecipe);
  recipes.write("sub/one.yaml", "recipe: 1\nrole: one\nfrom: two\n");
  std::filesystem::create_symlink("../two.yaml", recipes.path("sub/two.yaml"));
  recipes.write("two.yaml", "recipe: 1\nrole: two\nfrom: one\n");
  std::filesystem::create_symlink("sub/one.yaml", recipes.path("one.yaml"));
  EXPECT_EQ(recipes.error("sub/one.yaml"),
            "sub/two.yaml:3:7: error: \"one\" inherits from itself: one -> two -> one\nfrom: one\n      ^\n"
            "  hint: break the chain, or give one of them another name");
}

TEST(Load, ChecksManyFilesAndListsRoles) {
  const Recipes recipes;
  recipes.write("shipped/web.yaml", "recipe: 1\nrole: web\nsummary: the site\n");
  recipes.write("shipped/bad.yaml", "recipe: 2\nrole: bad\n");
  recipes.write("shipped/README.md", "no recipe");
  recipes.write("shipped/Upper.yaml", "recipe: 1\nrole: upper\n");
  const auto roles = list_roles(recipes.options());
  ASSERT_EQ(roles.size(), 2U);
  EXPECT_EQ(roles[0].role, "bad");
  ASSERT_TRUE(roles[0].problem.has_value());
  EXPECT_EQ(roles[0].problem->code, ErrorCode::kRecipe);
  EXPECT_EQ(roles[1].role + ": " + roles[1].summary, "web: the site");
  EXPECT_FALSE(roles[1].problem.has_value());
  const auto errors = check({"web", recipes.path("shipped/bad.yaml").string(), "none"}, recipes.options());
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0].code, ErrorCode::kRecipe);
  EXPECT_EQ(errors[1].code, ErrorCode::kMissing);
  EXPECT_TRUE(check({"web"}, recipes.options()).empty());
}

TEST(Load, TheShippedRecipesAreGood) {
  const LoadOptions options{.recipes = source_file("recipes")};
  const auto roles = list_roles(options);
  ASSERT_GE(roles.size(), 2U);
  for (const auto& role : roles) EXPECT_FALSE(role.problem.has_value()) << role.role << ": " << role.problem->render();
  const auto web = load("web", options).value();
  EXPECT_TRUE(web.inherits);
  EXPECT_EQ(web.kernel.package, "linux-image-cloud-amd64");
}

}  // namespace
}  // namespace reburst::recipe::test
