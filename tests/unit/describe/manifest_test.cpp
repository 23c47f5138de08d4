#include "builder/describe/manifest.hpp"

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/json.hpp"

namespace reburst::describe {

namespace {

Manifest example() {
  Manifest manifest;
  manifest.role = "web";
  manifest.version = "20260711T101637Z";
  manifest.architecture = "amd64";
  manifest.epoch = 1783764997;
  manifest.tool = "reburst 1";
  manifest.artifacts = {{.name = "web.raw", .kind = "disk", .size = 4, .sha256 = sha256("disk")}};
  manifest.packages = {{.name = "nginx",
                        .version = "1.22",
                        .architecture = "amd64",
                        .path = "",
                        .size = 7,
                        .sha256 = sha256("deb"),
                        .origin = "Debian",
                        .suite = "bookworm",
                        .component = "main",
                        .priority = "",
                        .source = "nginx",
                        .reason = "requested"}};
  manifest.controls = {{.control = "locked-root", .passed = true, .detail = "locked"}};
  manifest.tests = {
      {.name = "answers", .check = recipe::HttpTest{.port = 80, .path = "/", .status = 200}},
      {.name = "none failed", .check = recipe::CommandTest{.command = "true", .stdout_text = "0", .status = -1}}};
  manifest.boot = recipe::Boot{.secure_boot = "required", .scan = false, .ticket = "optional", .on_failure = "reboot"};
  manifest.state = {{.mount = "/var/lib/app", .volume = "data"}};
  return manifest;
}

}  // namespace

TEST(Manifest, ReadsWhatItWrites) {
  const auto text = to_text(example());
  EXPECT_EQ(to_text(parse(text, "manifest.json").value()), text);
}

TEST(Manifest, NamesNoStateWhereThereIsNone) {
  Manifest manifest = example();
  EXPECT_NE(to_text(manifest).find(R"("state":[{"mount":"/var/lib/app","volume":"data"}])"), std::string::npos);
  manifest.state.clear();
  EXPECT_EQ(to_text(manifest).find("\"state\""), std::string::npos);
  EXPECT_TRUE(parse(to_text(manifest), "manifest.json").value().state.empty());
}

TEST(Manifest, TellsThePolicyOfTheBoot) {
  Manifest manifest = example();
  EXPECT_NE(to_text(manifest).find(
                R"("boot":{"on_failure":"reboot","scan":false,"secure_boot":"required","ticket":"optional"})"),
            std::string::npos);
  manifest.trust_root = sha256("root");
  EXPECT_NE(to_text(manifest).find("\"trust_root\":\"" + sha256("root").hex() + "\""), std::string::npos);
  EXPECT_EQ(parse(to_text(manifest), "manifest.json").value().trust_root, sha256("root"));
  manifest.trust_root.reset();
  manifest.boot.reset();
  EXPECT_EQ(to_text(manifest).find("\"boot\""), std::string::npos);
  EXPECT_FALSE(parse(to_text(manifest), "manifest.json").value().boot);
}

TEST(Manifest, SaysWhatATpmWillHold) {
  Manifest manifest = example();
  EXPECT_EQ(to_text(manifest).find("measured_boot"), std::string::npos);
  manifest.measured_boot = {.boot_program = sha256("4"), .secure_boot = sha256("7"), .sections = sha256("11")};
  const auto text = to_text(manifest);
  EXPECT_NE(text.find("\"measured_boot\":{\"pcr11\":\"" + sha256("11").hex() + "\",\"pcr4\":\"" + sha256("4").hex() +
                      "\",\"pcr7\":\"" + sha256("7").hex() + "\"}"),
            std::string::npos);
  const auto read = parse(text, "manifest.json").value();
  EXPECT_EQ(to_text(read), text);
  EXPECT_EQ(read.measured_boot->secure_boot, sha256("7"));
  manifest.measured_boot->secure_boot.reset();
  EXPECT_EQ(to_text(manifest).find("pcr7"), std::string::npos);
  EXPECT_FALSE(parse(to_text(manifest), "manifest.json").value().measured_boot->secure_boot);
}

TEST(Manifest, RefusesHalfAMeasurement) {
  Manifest manifest = example();
  manifest.measured_boot = {.boot_program = sha256("4"), .secure_boot = {}, .sections = sha256("11")};
  const auto text = to_text(manifest);
  const auto without = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    return parse(changed, "manifest.json");
  };
  EXPECT_FALSE(without("\"pcr4\"", "\"pcr5\""));
  EXPECT_FALSE(without(sha256("11").hex(), "11"));
  EXPECT_FALSE(without("{\"pcr11\"", "{\"pcr0\":\"\",\"pcr11\""));
}

TEST(Manifest, NamesNoSignatureWhereThereIsNone) {
  Manifest manifest = example();
  EXPECT_EQ(to_text(manifest).find("\"secure_boot\":{"), std::string::npos);
  manifest.secure_boot = {sha256("certificate"), sha256("program")};
  const auto text = to_text(manifest);
  const auto read = parse(text, "manifest.json").value();
  EXPECT_EQ(to_text(read), text);
  EXPECT_EQ(read.secure_boot->certificate, sha256("certificate"));
  EXPECT_EQ(read.secure_boot->authenticode, sha256("program"));
}

struct Change {
  const char* pointer;
  Json value;
  const char* reason;
};

class ManifestRefuses : public testing::TestWithParam<Change> {};
TEST_P(ManifestRefuses, WithTheReason) {
  auto json = parse_json(to_text(example()), "m").value();
  json[Json::json_pointer(GetParam().pointer)] = GetParam().value;
  const auto result = parse(canonical_json(json), "manifest.json");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kIntegrity);
  EXPECT_EQ(result.error().message, GetParam().reason);
}

#define READ "cannot read \"manifest.json\" as a manifest: "
INSTANTIATE_TEST_SUITE_P(
    Table, ManifestRefuses,
    testing::Values(
        Change{"/extra", 1, READ "unknown member \"extra\""}, Change{"/manifest", 2, READ "its version is not 1"},
        Change{"/artifacts/0/name", "../x", READ "\"../x\" is not a plain file name"},
        Change{"/artifacts/0/name", "..", READ "\"..\" is not a plain file name"},
        Change{"/artifacts/0/sha256", "12", READ "\"sha256\" is not a SHA-256"},
        Change{"/artifacts/0/size", -1, "\"manifest.json\" has no whole number \"size\""},
        Change{"/artifacts", "x", READ "no list \"artifacts\""},
        Change{"/epoch", "yesterday", READ "\"epoch\" is not a time"},
        Change{"/packages/0/name", 1, "\"manifest.json\" has no string \"name\""},
        Change{"/controls/0/passed", "yes", READ "a control has no \"passed\""},
        Change{"/run/0", 7, READ "a text was expected"},
        Change{"/tests/0/http/port", 70000, READ "a port or status is out of range"},
        Change{"/secure_boot", 1, READ "an object was expected"},
        Change{"/secure_boot/other", "x", READ "unknown member \"other\""},
        Change{"/secure_boot/certificate_sha256", "12", READ "\"certificate_sha256\" is not a SHA-256"},
        Change{"/boot", 1, READ "an object was expected"}, Change{"/boot/shell", "x", READ "unknown member \"shell\""},
        Change{"/boot/scan", "on", READ "\"boot\" has no \"scan\""},
        Change{"/boot/ticket", "off", READ "its \"boot\" holds a word that no recipe takes"},
        Change{"/state", "x", READ "no list \"state\""}, Change{"/state/0/size", 1, READ "unknown member \"size\""},
        Change{"/state/0/mount", "/usr", READ "\"/usr\" is not a mount point"},
        Change{"/state/0/volume", "-F", READ "\"-F\" is not a volume name"},
        Change{"/tests/0/http/shell", "x", READ "unknown member \"shell\""}));
#undef READ

class Sums : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(write_file_atomic(folder_.path() / "web.raw", "disk"));
    lock::Lock lock;
    lock.role = "web";
    ASSERT_TRUE(write_descriptions(folder_.path(), example(), lock));
    sums_ = sha256_file(folder_.path() / kSumsName).value();
  }
  TempDirectory folder_ = TempDirectory::make(testing::TempDir(), "sums").value();
  Digest sums_;
};

TEST_F(Sums, ListEveryFileSorted) {
  const auto text = read_file(folder_.path() / kSumsName, 10000).value();
  std::vector<std::string> names;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    names.push_back(text.substr(at + 66, text.find('\n', at) - at - 66));
  }
  EXPECT_EQ(names, (std::vector<std::string>{"manifest.json", "web.lock", "web.raw"}));
}

TEST_F(Sums, MatchOnlyTheSameBytes) {
  EXPECT_TRUE(matches(folder_.path(), sums_, 2).value());
  EXPECT_FALSE(matches(folder_.path(), sha256("other"), 2).value());
  ASSERT_TRUE(write_file_atomic(folder_.path() / "web.raw", "disc"));
  EXPECT_FALSE(matches(folder_.path(), sums_, 2).value());
  fs::remove(folder_.path() / "web.raw");
  EXPECT_FALSE(matches(folder_.path(), sums_, 2).value());
}

TEST_F(Sums, CheckEveryFileOfARelease) {
  const auto check = [&](const Manifest& manifest = example()) -> std::string {
    const auto checked = check_release(folder_.path(), manifest, 2);
    if (checked) return "right";
    EXPECT_EQ(checked.error().hint, "the release is not as it was built: build it again, or fetch it again");
    return std::string(error_name(checked.error().code)) + ": " + checked.error().message;
  };
  const auto quoted = [&](const char* name) { return "\"" + (folder_.path() / name).string() + "\""; };
  EXPECT_EQ(check(), "right");
  auto other = example();
  other.artifacts[0].sha256 = sha256("disc");
  EXPECT_EQ(check(other), "integrity: " + quoted("SHA256SUMS") +
                              " does not list \"web.raw\" with the manifest's SHA-256, " + sha256("disc").hex());
  ASSERT_TRUE(write_file_atomic(folder_.path() / "web.raw", "disc"));
  EXPECT_EQ(check(), "integrity: " + quoted("web.raw") + " has the wrong SHA-256\n  expected " + sha256("disk").hex() +
                         "\n  actual   " + sha256("disc").hex());
  ASSERT_TRUE(write_file_atomic(folder_.path() / "web.raw", "dis"));
  EXPECT_EQ(check(), "integrity: " + quoted("web.raw") + " has the wrong size\n  expected 4 bytes\n  actual   3 bytes");
  fs::remove(folder_.path() / "web.raw");
  EXPECT_EQ(check(), "missing: " + quoted("web.raw") + " is not there, and SHA256SUMS names it");
  ASSERT_TRUE(write_file_atomic(folder_.path() / "web.raw", "disk"));
  ASSERT_TRUE(write_file_atomic(folder_.path() / "web.lock", "{}"));
  EXPECT_TRUE(check().starts_with("integrity: " + quoted("web.lock") + " has the wrong SHA-256")) << check();
  fs::remove(folder_.path() / kSumsName);
  EXPECT_TRUE(check().starts_with("missing: cannot open " + quoted("SHA256SUMS"))) << check();
}

TEST_F(Sums, AMissingFolderMatchesNothing) {
  EXPECT_FALSE(matches(folder_.path() / "none", sums_, 1).value());
}

}  // namespace reburst::describe
