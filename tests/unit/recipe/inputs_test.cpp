#include "builder/recipe/inputs.hpp"

#include <sys/stat.h>

#include "tests/unit/recipe/support.hpp"

namespace reburst::recipe::test {
namespace {

constexpr std::string_view kFolder = "recipe: 1\nrole: case\nfiles: [{path: /srv/x, from: x}]\n";

TEST(Inputs, DescribesAFolderTheSameInEveryPlace) {
  std::string first;
  for (int round = 0; round < 2; ++round) {
    const Recipes recipes;
    recipes.write("case.yaml", kFolder);
    const std::vector<std::string> names = {"x/b.txt", "x/a/z.sh", "x/a/c.txt", "x/a.txt"};
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto& name = names[round == 0 ? i : names.size() - 1 - i];  // another order of creation
      recipes.write(name, name);
    }
    ::chmod(recipes.path("x/a/z.sh").c_str(), round == 0 ? 0755 : 0700);  // the umask of another person
    ::chmod(recipes.path("x/a/c.txt").c_str(), round == 0 ? 0644 : 0600);
    std::filesystem::create_directory(recipes.path("x/empty"));
    std::filesystem::create_symlink("../b.txt", recipes.path("x/a/link"));
    std::filesystem::create_symlink("/usr/share/zoneinfo", recipes.path("x/absolute"));
    const auto recipe = recipes.load();
    ASSERT_TRUE(recipe.has_value()) << recipe.error().render();
    const auto text = recipe->merged["files"].dump();
    if (round == 0) {
      first = text;
      std::string order;
      for (const auto& entry : recipe->merged["files"][0]["entries"]) {
        order += entry["path"].get<std::string>() + ":" + entry["type"].get<std::string>() + " ";
      }
      EXPECT_EQ(order,
                "a:folder a.txt:file a/c.txt:file a/link:link a/z.sh:file absolute:link b.txt:file empty:folder ");
      EXPECT_EQ(recipe->merged["files"][0]["entries"][4]["executable"], true);
      EXPECT_EQ(recipe->merged["files"][0]["entries"][3]["target"], "../b.txt");
    }
    EXPECT_EQ(text, first);
  }
}

TEST(Inputs, RefusesALinkThatLeadsOut) {
  for (const auto* target : {"../outside", "a/../../outside", "../../x/b.txt"}) {
    const Recipes recipes;
    recipes.write("case.yaml", kFolder);
    recipes.write("x/b.txt", "b");
    recipes.write("outside", "secret");
    std::filesystem::create_symlink(target, recipes.path("x/link"));
    EXPECT_EQ(recipes.error(), "case.yaml:3:30: error: the link \"link\" leads out of \"x\", to \"" +
                                   std::string(target) +
                                   "\"\nfiles: [{path: /srv/x, from: x}]\n                             ^\n"
                                   "  hint: point it inside the folder, or at an absolute path of the image");
  }
}

TEST(Inputs, NeverFollowsALink) {
  const Recipes recipes;
  recipes.write("case.yaml", kFolder);
  recipes.write("real/b.txt", "b");
  std::filesystem::create_symlink("real", recipes.path("x"));
  EXPECT_EQ(recipes.error(),
            "case.yaml:3:30: error: \"x\" is a symbolic link\nfiles: [{path: /srv/x, from: x}]\n                       "
            "      ^\n"
            "  hint: name the file or folder that it points to");
}

TEST(Inputs, ALinkToAFolderIsALinkAndNotItsContent) {
  const Recipes recipes;
  recipes.write("case.yaml", kFolder);
  recipes.write("x/d/b.txt", "b");
  std::filesystem::create_directory_symlink("d", recipes.path("x/link"));
  const auto recipe = recipes.load();
  ASSERT_TRUE(recipe.has_value()) << recipe.error().render();
  EXPECT_EQ(recipe->merged["files"][0]["entries"].size(), 3U);
}

TEST(Inputs, RefusesWhatIsNoFile) {
  const Recipes recipes;
  recipes.write("case.yaml", kFolder);
  std::filesystem::create_directory(recipes.path("x"));
  ASSERT_EQ(::mkfifo(recipes.path("x/pipe").c_str(), 0600), 0);
  EXPECT_EQ(recipes.error(),
            "case.yaml:3:30: error: \"pipe\" in \"x\" is neither a file, a folder nor a link\n"
            "files: [{path: /srv/x, from: x}]\n                             ^\n"
            "  hint: devices and sockets cannot be added to an image");
}

TEST(Inputs, RefusesNamesThatNoOtherMachineCouldHave) {
  for (const std::string name : {"x/\xFF", "x/a\nb", "x/\x1B"}) {
    const Recipes recipes;
    recipes.write("case.yaml", kFolder);
    recipes.write(name, "b");
    EXPECT_EQ(recipes.error(),
              "case.yaml:3:30: error: \"x\" holds a name that is not plain UTF-8\n"
              "files: [{path: /srv/x, from: x}]\n                             ^\n"
              "  hint: rename it: \"find . -name '*[^ -~]*'\" lists such names");
  }
}

TEST(Inputs, TheModeOfAFileComesFromItsExecutableBit) {
  const Recipes recipes;
  recipes.write("case.yaml",
                "recipe: 1\nrole: case\nfiles:\n  - {path: /a, from: a}\n  - {path: /b, from: b}\n"
                "  - {path: /c, from: b, mode: \"4711\"}\n  - {path: /d, content: d}\n");
  recipes.write("a", "a");
  recipes.write("b", "b");
  ::chmod(recipes.path("b").c_str(), 0700);
  const auto recipe = recipes.load();
  ASSERT_TRUE(recipe.has_value()) << recipe.error().render();
  std::string modes;
  for (const auto& entry : recipe->merged["files"]) modes += entry["mode"].get<std::string>() + " ";
  EXPECT_EQ(modes, "0644 0755 4711 0644 ");
}

}  // namespace
}  // namespace reburst::recipe::test
