// Refused here: what boot.conf cannot hold, and what no boot can mount.
#include "builder/recipe/checks.hpp"
#include "tests/unit/recipe/support.hpp"

namespace reburst::recipe::test {
namespace {

constexpr std::string_view kElsewhere = "keep state under /var/lib, /srv or /home";
constexpr std::string_view kInImage = "choose a path that an image can hold";
constexpr std::string_view kAsWritten = "write the path as it will be in the image, such as /etc/app/app.conf";
constexpr std::string_view kAscii = "printable ASCII without blanks, quotes and backslashes";

struct Mount {
  std::string path;
  std::string_view problem, hint;
};

class RefusedMount : public testing::TestWithParam<Mount> {};
TEST_P(RefusedMount, WithTheReason) {
  const Recipes recipes;
  const auto& path = GetParam().path;
  recipes.write("case.yaml", "recipe: 1\nrole: case\nstate: [{mount: '" + path + "', volume: data}]\n");
  EXPECT_EQ(recipes.error(), "case.yaml:3:17: error: \"" + path + "\" " + std::string(GetParam().problem) +
                                 "\nstate: [{mount: '" + path +
                                 "', volume: data}]\n                ^\n  hint: " + std::string(GetParam().hint));
}
INSTANTIATE_TEST_SUITE_P(
    Table, RefusedMount,
    testing::Values(Mount{"/", "is the root itself", kAsWritten}, Mount{"srv", "is not an absolute path", kAsWritten},
                    Mount{"/usr", "is part of the verified system", kElsewhere},
                    Mount{"/usr/local", "is part of the verified system", kElsewhere},
                    Mount{"/etc", "is part of the verified system", kElsewhere},
                    Mount{"/etc/app", "is part of the verified system", kElsewhere},
                    Mount{"/lib64", "is part of the verified system", kElsewhere},
                    Mount{"/var", "holds what is made anew at every boot", kElsewhere},
                    Mount{"/tmp", "is made anew at every boot", kElsewhere},
                    Mount{"/tmp/app", "is made anew at every boot", kElsewhere},
                    Mount{"/var/run/app", "is made anew at every boot", kElsewhere},
                    Mount{"/run", "lies in /run, which exists only while the system runs", kInImage},
                    Mount{"/proc", "lies in /proc, which exists only while the system runs", kInImage},
                    Mount{"/sys/fs", "lies in /sys, which exists only while the system runs", kInImage},
                    Mount{"/dev", "lies in /dev, which exists only while the system runs", kInImage},
                    Mount{"/srv/a b", "is not a mount point", kAscii},
                    Mount{"/srv/\"a\"", "is not a mount point", kAscii},
                    Mount{"/srv/a\\b", "is not a mount point", kAscii},
                    Mount{"/srv/d\xc3\xa4ta", "is not a mount point", kAscii}));

TEST(State, AMountIsNotLongerThanBootConfHolds) {
  const auto path = "/srv/" + std::string(196, 'a');
  const auto problem = checks::state_path(path);
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->message, in_quotes(path) + " is longer than 200 bytes");
  EXPECT_EQ(problem->hint, kElsewhere);
}

TEST(State, TheLongestMountAndItsNeighboursAreAccepted) {
  for (const std::string& path :
       {"/srv/" + std::string(195, 'a'), std::string("/var/lib/app"), std::string("/var/log"), std::string("/home"),
        std::string("/etcetera"), std::string("/variable"), std::string("/tmpfiles")}) {
    EXPECT_FALSE(checks::state_path(path)) << path;
  }
}

TEST(State, NoVolumeIsAPartitionOfTheImage) {
  const Recipes recipes;
  recipes.write("case.yaml", "recipe: 1\nrole: case\nstate: [{mount: /srv, volume: esp}]\n");
  EXPECT_EQ(recipes.error(),
            "case.yaml:3:31: error: \"esp\" is a partition of the image itself\n"
            "state: [{mount: /srv, volume: esp}]\n"
            "                              ^\n"
            "  hint: name the volume after what it holds");
}

TEST(State, NoMountLiesInAnother) {
  const Recipes recipes;
  recipes.write("case.yaml",
                "recipe: 1\nrole: case\nstate:\n  - {mount: /srv, volume: a}\n  - {mount: /srv/b, volume: b}\n");
  EXPECT_EQ(recipes.error(),
            "case.yaml:5:13: error: the mount \"/srv/b\" lies in \"/srv\"\n"
            "  - {mount: /srv/b, volume: b}\n"
            "            ^\n"
            "  hint: mount them side by side; the other one stands at case.yaml:4");
  recipes.write("case.yaml",
                "recipe: 1\nrole: case\nstate:\n  - {mount: /srv/b, volume: b}\n  - {mount: /srv, volume: a}\n");
  EXPECT_EQ(recipes.error(),
            "case.yaml:5:13: error: the mount \"/srv\" holds \"/srv/b\"\n"
            "  - {mount: /srv, volume: a}\n"
            "            ^\n"
            "  hint: mount them side by side; the other one stands at case.yaml:4");
  recipes.write("case.yaml",
                "recipe: 1\nrole: case\nstate:\n  - {mount: /srv/b, volume: b}\n  - {mount: /srv/bc, volume: a}\n");
  EXPECT_EQ(recipes.error(), "no error");
}

std::string volumes(int count) {
  std::string text = "recipe: 1\nrole: case\nstate:\n";
  for (int i = 1; i <= count; ++i) {
    text += "  - {mount: /srv/" + std::to_string(i) + ", volume: v" + std::to_string(i) + "}\n";
  }
  return text;
}

TEST(State, HasAtMostSixteenVolumes) {
  const Recipes recipes;
  recipes.write("case.yaml", volumes(17));
  EXPECT_EQ(recipes.error(),
            "case.yaml:20:5: error: \"state\" has more than 16 volumes\n"
            "  - {mount: /srv/17, volume: v17}\n"
            "    ^\n"
            "  hint: keep what belongs together on one volume");
}

TEST(State, AMountPointIsNotExcluded) {
  const Recipes recipes;
  recipes.write("base.yaml", "recipe: 1\nrole: base\nstate:\n  - {mount: /opt/app/data, volume: a}\n");
  for (const std::string path : {"/opt", "/opt/app/data"}) {
    recipes.write("case.yaml", "recipe: 1\nrole: case\nfrom: base\nimage: {exclude: [/usr/share/man, " + path + "]}\n");
    EXPECT_EQ(recipes.error(),
              "case.yaml:4:35: error: the volume \"a\" is mounted in what is excluded\n"
              "image: {exclude: [/usr/share/man, " +
                  path +
                  "]}\n"
                  "                                  ^\n"
                  "  hint: keep the folder, or mount the volume elsewhere than at base.yaml:4");
  }
  recipes.write("case.yaml",
                "recipe: 1\nrole: case\nfrom: base\nimage: {exclude: [/op, /opt/app/data/x, /opt/app/dat]}\n");
  EXPECT_EQ(recipes.error(), "no error");
}

TEST(State, AnHeirsMountCollidesWithAnInheritedOne) {
  const Recipes recipes;
  recipes.write("base.yaml", "recipe: 1\nrole: base\nstate:\n  - {mount: /srv, volume: a}\n");
  recipes.write("case.yaml", "recipe: 1\nrole: case\nfrom: base\nstate:\n  - {mount: /srv/b, volume: b}\n");
  EXPECT_EQ(recipes.error(),
            "case.yaml:5:13: error: the mount \"/srv/b\" lies in \"/srv\"\n"
            "  - {mount: /srv/b, volume: b}\n"
            "            ^\n"
            "  hint: mount them side by side; the other one stands at base.yaml:4");
}

// An heir inherits the exclusion, and its file would be lost in silence.
TEST(Exclusions, AFileIsNotAddedInWhatIsExcluded) {
  const Recipes recipes;
  recipes.write("base.yaml", "recipe: 1\nrole: base\nimage: {exclude: [/usr/share/man, /usr/share/doc]}\n");
  for (const std::string path : {"/usr/share/doc/x", "/usr/share/doc"}) {
    recipes.write("case.yaml", "recipe: 1\nrole: case\nfrom: base\nfiles:\n  - {path: " + path + ", content: x}\n");
    EXPECT_EQ(recipes.error(), "case.yaml:5:12: error: the file \"" + path +
                                   "\" is added in what the image excludes (\"/usr/share/doc\" at base.yaml:3)\n"
                                   "  - {path: " +
                                   path +
                                   ", content: x}\n"
                                   "           ^\n"
                                   "  hint: put it elsewhere");
  }
  recipes.write("case.yaml", "recipe: 1\nrole: case\nfrom: base\nfiles:\n  - {path: /usr/share/docs, content: x}\n");
  EXPECT_EQ(recipes.error(), "no error");
}

}  // namespace
}  // namespace reburst::recipe::test
