#include <chrono>

#include "tests/unit/oci/support.hpp"

namespace reburst::oci {
namespace {

using test::ServerReply;
using test::ServerRequest;
using Reply = FakeRegistry::Reply;

class Push : public LayoutTest {
 protected:
  // The refusal of a registry that answers with `reply` to METHOD requests whose target has `part` in it.
  std::string refusal(const std::string& method, const std::string& part, const ServerReply& reply,
                      ErrorCode code = ErrorCode::kNetwork) {
    FakeRegistry registry([&](const ServerRequest& request) {
      const bool meant = request.method == method && request.target.find(part) != std::string::npos;
      return meant ? Reply(reply) : std::nullopt;
    });
    const auto pushed = push_to(registry);
    if (pushed) return "accepted";
    EXPECT_EQ(pushed.error().code, code);
    EXPECT_FALSE(registry.manifests.contains("stable"));
    std::string text = pushed.error().render();
    const auto at = text.find(registry.destination());
    return at == std::string::npos ? text : text.replace(at, registry.destination().size(), "REGISTRY/images/web");
  }

  std::string subject_ = "sha256-" + release_.manifest.sha256.hex();
};

TEST_F(Push, BringsEverythingAndTheTagLast) {
  FakeRegistry registry;
  const auto pushed = push_to(registry);
  ASSERT_TRUE(pushed) << pushed.error().render();
  EXPECT_EQ(*pushed, release_.manifest.sha256);
  EXPECT_EQ(registry.manifests.at("stable"), release_.manifest.text);
  EXPECT_FALSE(registry.manifests.contains("20261121T161027Z"));
  EXPECT_EQ(registry.blobs.size(), 2U + 1 + 2);
  for (const auto& layer : release_.layers) {
    EXPECT_EQ(registry.blobs.at(digest_text(layer.sha256)), *read_file(layer.file, 1000));
  }
  const auto fallback = parse_index(registry.manifests.at(subject_), "fallback");
  ASSERT_TRUE(fallback);
  ASSERT_EQ(fallback->manifests.size(), 2U);
  EXPECT_EQ(registry.manifests.at(digest_text(fallback->manifests[0].sha256)),
            registry.manifests.at(subject_ + ".signature"));
  const auto requests = registry.requests();
  EXPECT_EQ(requests.back().target, "/v2/images/web/manifests/stable");
  EXPECT_EQ(requests.back().headers.at("content-type"), kManifestType);
  EXPECT_EQ(requests[requests.size() - 2].target, "/v2/images/web/manifests/" + subject_);
  EXPECT_EQ(requests[requests.size() - 2].headers.at("content-type"), kIndexType);
}

TEST_F(Push, BringsTheTagsThatAreAskedFor) {
  FakeRegistry registry;
  options_.tags = {"20261121T161027Z", "candidate"};
  ASSERT_TRUE(push_to(registry));
  EXPECT_EQ(registry.manifests.at("20261121T161027Z"), release_.manifest.text);
  EXPECT_EQ(registry.manifests.at("candidate"), release_.manifest.text);
  EXPECT_FALSE(registry.manifests.contains("stable"));
  EXPECT_EQ(registry.requests().back().target, "/v2/images/web/manifests/candidate");
}

TEST_F(Push, SendsNothingForWhatIsNoTag) {
  for (const std::string tag : {"a b", "-a", "sha256-abc", ""}) {
    FakeRegistry registry;
    options_.tags = {"good", tag};
    const auto pushed = push_to(registry);
    ASSERT_FALSE(pushed);
    EXPECT_EQ(pushed.error().code, ErrorCode::kUsage);
    EXPECT_EQ(pushed.error().render(), "cannot push to \"" + registry.destination() + "\": \"" + tag +
                                           "\" is no tag for a release\n  hint: use at most 128 letters, digits, " +
                                           "\"_\", \".\" and \"-\", and do not begin with \"sha256-\"");
    EXPECT_TRUE(registry.requests().empty());
  }
}

TEST_F(Push, SendsNoBlobThatIsThere) {
  FakeRegistry registry;
  ASSERT_TRUE(push_to(registry));
  EXPECT_EQ(registry.count("POST", "/uploads/"), 5U);
  ASSERT_TRUE(push_to(registry));
  EXPECT_EQ(registry.count("POST", "/uploads/"), 5U);
  EXPECT_EQ(registry.count("PUT", "/manifests/" + subject_ + "."), 4U);
  EXPECT_EQ(registry.count("PUT", "/manifests/" + subject_), 5U) << "the index is written where it changes";
}

TEST_F(Push, KeepsTheReferrersOfOthers) {
  FakeRegistry registry;
  registry.manifests[subject_] =
      R"({"schemaVersion":2,"manifests":[{"mediaType":"a/b","digest":"sha256:1","size":1}]})";
  ASSERT_TRUE(push_to(registry));
  const Json fallback = Json::parse(registry.manifests.at(subject_));
  ASSERT_EQ(fallback.at("manifests").size(), 3U);
  EXPECT_EQ(fallback.at("manifests")[0].at("digest"), "sha256:1");
}

TEST_F(Push, WritesNoFallbackIndexWhereTheRegistryListsReferrers) {
  FakeRegistry registry;
  registry.referrers_api = true;
  ASSERT_TRUE(push_to(registry));
  EXPECT_FALSE(registry.manifests.contains(subject_));
  EXPECT_TRUE(registry.manifests.contains(subject_ + ".signature"));
}

TEST_F(Push, TakesAnAbsoluteLocation) {
  std::string uri;
  FakeRegistry registry([&](const ServerRequest& request) -> Reply {
    if (request.method != "POST") return std::nullopt;
    return ServerReply{.status = 202, .headers = {"Location: " + uri + "/upload/7?state=a%2Fb"}};
  });
  uri = registry.uri();
  const auto pushed = push_to(registry);
  EXPECT_TRUE(pushed) << pushed.error().render();
}

TEST_F(Push, FollowsARedirectOfAnUploadWithItsBody) {
  FakeRegistry registry([](const ServerRequest& request) -> Reply {
    if (request.method != "PUT" || !request.target.starts_with("/upload/7")) return std::nullopt;
    if (request.target.find("moved") != std::string::npos) return std::nullopt;
    return ServerReply{.status = 307, .headers = {"Location: " + request.target + "&moved=1"}};
  });
  // The redirected address has a parameter too many for the fake: what matters is that the body came again.
  (void)push_to(registry);
  const auto requests = registry.requests();
  const auto moved = std::find_if(requests.begin(), requests.end(), [](const auto& each) {
    return each.method == "PUT" && each.target.find("&moved=1") != std::string::npos;
  });
  ASSERT_NE(moved, requests.end());
  EXPECT_EQ(moved->body, "a disk of 20261121T161027Z");
}

TEST_F(Push, RepeatsWhatMayPass) {
  for (const int status : {500, 502, 503, 429, 408}) {
    for (const auto* part : {"/v2/", "/blobs/sha256:", "/uploads/", "/upload/7", "/manifests/"}) {
      std::size_t faults = 2;
      FakeRegistry registry([&](const ServerRequest& request) -> Reply {
        if (request.target.find(part) == std::string::npos || faults == 0) return std::nullopt;
        --faults;
        return ServerReply{.status = status};
      });
      const auto pushed = push_to(registry);
      EXPECT_TRUE(pushed) << status << " " << part << ": " << pushed.error().render();
    }
  }
}

TEST_F(Push, BeginsAnUploadAnewThatBrokeOff) {
  std::size_t faults = 1;
  FakeRegistry registry([&](const ServerRequest& request) -> Reply {
    if (!request.target.starts_with("/upload/7") || faults == 0) return std::nullopt;
    --faults;
    return ServerReply{.status = 201, .body = "more", .cut_after = 1};
  });
  ASSERT_TRUE(push_to(registry));
  EXPECT_EQ(registry.count("POST", "/uploads/"), 6U);
}

TEST_F(Push, GivesUpInTheEnd) {
  FakeRegistry registry([](const ServerRequest& request) -> Reply {
    return request.method == "POST" ? Reply(ServerReply{.status = 503}) : std::nullopt;
  });
  const auto pushed = push_to(registry);
  ASSERT_FALSE(pushed);
  EXPECT_EQ(pushed.error().render(), "cannot push \"web_20261121T161027Z.raw\" to \"" + registry.destination() +
                                         "\": HTTP status 503\n"
                                         "  hint: the registry is down or overloaded: try again later");
  EXPECT_EQ(registry.count("POST", "/uploads/"), 3U);
}

TEST_F(Push, SaysWhatTheRegistrySays) {
  struct Case {
    int status;
    const char* hint;
    ErrorCode code = ErrorCode::kNetwork;
  };
  for (const auto& each :
       {Case{400, "check the registry's address, and its log"},
        Case{401, "the registry asks for a user name and a password: give them"},
        Case{403, "give this user the right to push to the repository, or name another repository"},
        Case{404, "check the address; some registries want a repository to be created before it is pushed to",
             ErrorCode::kMissing},
        Case{405, "the registry takes no uploads: it is read-only, or no registry"},
        Case{413, "raise the limit of the registry, or of the proxy in front of it"}}) {
    ServerReply reply{.status = each.status,
                      .body = R"({"errors":[{"code":"DENIED","message":"no\u001b[2J entry"}]})",
                      .headers = {"WWW-Authenticate: Basic realm=\"x\""}};
    EXPECT_EQ(refusal("POST", "/uploads/", reply, each.code),
              "cannot push \"web_20261121T161027Z.raw\" to \"REGISTRY/images/web\": HTTP status " +
                  std::to_string(each.status) + " (DENIED: no?[2J entry)\n  hint: " + each.hint);
  }
  EXPECT_EQ(refusal("GET", "/v2/", {.status = 404, .body = "<html>"}, ErrorCode::kMissing),
            "cannot push to \"REGISTRY/images/web\": HTTP status 404\n"
            "  hint: check the address; some registries want a repository to be created before it is pushed to");
  EXPECT_EQ(refusal("PUT", "/manifests/stable", {.status = 400, .body = "{\"errors\":[]}"}),
            "cannot push the manifest \"stable\" to \"REGISTRY/images/web\": HTTP status 400\n"
            "  hint: check the registry's address, and its log");
}

TEST_F(Push, RefusesAnotherDigest) {
  const std::string other = digest_text(sha256("other"));
  const std::string own = digest_text(release_.layers[0].sha256);
  const std::string hint = "\n  hint: the registry, or a proxy in front of it, is at fault: check its storage";
  const std::string blob =
      "cannot push \"web_20261121T161027Z.raw\" to \"REGISTRY/images/web\": the registry has another ";
  EXPECT_EQ(refusal("HEAD", own, {.headers = {"Docker-Content-Digest: " + other}}, ErrorCode::kIntegrity),
            blob + "digest\n  expected " + own + "\n  actual   " + other + hint);
  EXPECT_EQ(refusal("HEAD", own, {.body = "12345"}, ErrorCode::kIntegrity),
            blob + "size\n  expected " + std::to_string(release_.layers[0].size) + "\n  actual   5" + hint);
  EXPECT_EQ(
      refusal("PUT", "/upload/7", {.status = 201, .headers = {"Docker-Content-Digest: md5:1"}}, ErrorCode::kIntegrity),
      blob + "digest\n  expected " + own + "\n  actual   no SHA-256" + hint);
  const std::string manifest = digest_text(release_.manifest.sha256);
  EXPECT_EQ(
      refusal("PUT", "/manifests/stable", {.status = 201, .headers = {"Docker-Content-Digest: " + other}},
              ErrorCode::kIntegrity),
      "cannot push the manifest \"stable\" to \"REGISTRY/images/web\": the registry has another digest\n  expected " +
          manifest + "\n  actual   " + other + hint);
}

TEST_F(Push, ReadsTheManifestBackWhenTheRegistryNamesNoDigest) {
  std::string there = release_.manifest.text;
  const auto fault = [&](const ServerRequest& request) -> Reply {
    if (request.target != "/v2/images/web/manifests/stable") return std::nullopt;
    return request.method == "PUT" ? ServerReply{.status = 201} : ServerReply{.body = there};
  };
  FakeRegistry silent(fault);
  EXPECT_TRUE(push_to(silent));
  there = "{}";
  FakeRegistry wrong(fault);
  const auto pushed = push_to(wrong);
  ASSERT_FALSE(pushed);
  EXPECT_EQ(pushed.error().code, ErrorCode::kIntegrity);
  EXPECT_NE(pushed.error().message.find("\n  actual   " + digest_text(sha256("{}"))), std::string::npos);
}

TEST_F(Push, UploadsWhereHeadTellsNothing) {
  FakeRegistry registry([](const ServerRequest& request) -> Reply {
    return request.method == "HEAD" ? Reply(ServerReply{.send_length = false}) : std::nullopt;
  });
  ASSERT_TRUE(push_to(registry));
  EXPECT_EQ(registry.blobs.size(), 5U);
}

TEST_F(Push, RefusesAnswersThatDoNotFit) {
  const std::string start = "cannot push \"web_20261121T161027Z.raw\" to \"REGISTRY/images/web\": ";
  EXPECT_EQ(refusal("POST", "/uploads/", {.status = 202}),
            start + "its answer has no Location\n  hint: check the registry's address");
  EXPECT_EQ(refusal("POST", "/uploads/", {.status = 202, .headers = {"Location: http://registry.example.org/x"}}),
            start +
                "the address at \"http://registry.example.org\" is not encrypted\n"
                "  hint: check the registry's address, and the proxy in front of it");
  EXPECT_EQ(refusal("POST", "/uploads/", {.status = 202, .endless = true}),
            start + "its answer is larger than 65536 bytes\n  hint: check the registry's address");
  EXPECT_EQ(refusal("POST", "/uploads/",
                    {.status = 202, .headers = std::vector<std::string>(40, "X: " + std::string(4000, 'x'))}),
            start + "the header of its answer is larger than 131072 bytes\n  hint: check the registry's address");
  EXPECT_EQ(refusal("GET", "/v2/", {.body = "0123456789", .cut_after = 5}),
            "cannot push to \"REGISTRY/images/web\": its answer is cut short\n"
            "  hint: check the network, the registry's address and the proxy");
  EXPECT_EQ(refusal("GET", "/manifests/sha256-", {.body = "<html>"}, ErrorCode::kIntegrity),
            "cannot push the index of referrers \"" + subject_ +
                "\" to \"REGISTRY/images/web\": \"what it has there\" is no image index, and is not replaced\n"
                "  hint: remove that tag from the registry, if nobody needs it, and push again");
}

TEST_F(Push, TakesTheStatusOfAnEndlessErrorPage) {
  EXPECT_EQ(refusal("POST", "/uploads/", {.status = 502, .endless = true}),
            "cannot push \"web_20261121T161027Z.raw\" to \"REGISTRY/images/web\": HTTP status 502\n"
            "  hint: the registry is down or overloaded: try again later");
}

TEST_F(Push, ShowsNoNameThatATerminalShouldNotSee) {
  Release release = release_;
  release.layers[0].name = "a\x1b[2J";
  release.manifest = make_manifest(release.layers, {});
  ASSERT_TRUE(add_to_layout(layout_, release));
  EXPECT_EQ(refusal("POST", "/uploads/", {.status = 403}),
            "cannot push \"" + digest_text(release.layers[0].sha256) +
                "\" to \"REGISTRY/images/web\": HTTP status 403\n"
                "  hint: give this user the right to push to the repository, or name another repository");
}

TEST_F(Push, DoesNotFollowRedirectsForEver) {
  const std::string hint = "\n  hint: use the address that the registry itself has";
  EXPECT_EQ(refusal("GET", "/v2/", {.status = 302, .headers = {"Location: /v2/"}}),
            "cannot push to \"REGISTRY/images/web\": the registry redirects more than 5 times" + hint);
  EXPECT_EQ(refusal("POST", "/uploads/", {.status = 302, .headers = {"Location: /elsewhere"}}),
            "cannot push \"web_20261121T161027Z.raw\" to \"REGISTRY/images/web\": the registry redirects an upload "
            "(HTTP status "
            "302)" +
                hint);
  EXPECT_EQ(refusal("GET", "/v2/", {.status = 302, .headers = {"Location: http://example.org/v2/"}}),
            "cannot push to \"REGISTRY/images/web\": the registry redirects elsewhere, but the address at "
            "\"http://example.org\" is not encrypted\n"
            "  hint: check the registry's address, and the proxy in front of it");
}

TEST_F(Push, GivesUpASlowRegistry) {
  options_.retries = 0;
  EXPECT_NE(refusal("GET", "/v2/", {.body = "text", .stall = true}).find("too slow"), std::string::npos);
  // 64 KiB every 2 ms would be fast, but not for ever: four times the patience is the end.
  FakeRegistry registry([](const ServerRequest& request) -> Reply {
    const bool meant = request.method == "GET" && request.target.find("/manifests/") != std::string::npos;
    return meant ? Reply(ServerReply{.body = std::string(4U << 20U, ' '), .delay_ms = 700}) : std::nullopt;
  });
  const auto start = std::chrono::steady_clock::now();
  const auto pushed = push_to(registry);
  ASSERT_FALSE(pushed);
  EXPECT_NE(pushed.error().message.find("timed out"), std::string::npos) << pushed.error().message;
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST_F(Push, SaysWhenNobodyAnswers) {
  std::string destination;
  {
    FakeRegistry registry;
    destination = registry.destination();
  }
  const auto pushed = push(layout_, "stable", destination, options_, silent_progress());
  ASSERT_FALSE(pushed);
  EXPECT_TRUE(pushed.error().message.starts_with("cannot push to \"" + destination + "\": Failed to connect"))
      << pushed.error().message;
  EXPECT_EQ(pushed.error().hint, "check the network, the registry's address and the proxy");
}

TEST_F(Push, SendsNothingOfALayoutThatIsWrong) {
  FakeRegistry registry;
  const auto unknown = push(layout_, "dev", registry.destination(), options_, silent_progress());
  EXPECT_EQ(unknown.error().render(),
            "cannot push \"dev\": the OCI layout \"" + layout_.string() +
                "\" has no release with that tag\n  hint: \"reburst list\" shows what there is");
  EXPECT_EQ(unknown.error().code, ErrorCode::kMissing);
  EXPECT_EQ(push(layout_, subject_, registry.destination(), options_, silent_progress()).error().code,
            ErrorCode::kMissing);
  ASSERT_TRUE(write_file_atomic(blob_path(layout_, sha256(release_.referrers[1].bundle)), "x"));
  EXPECT_EQ(push_to(registry).error().code, ErrorCode::kIntegrity);
  ASSERT_TRUE(add_to_layout(layout_, release_));
  Index index = *read_layout(layout_);
  std::erase_if(index.manifests, [&](const auto& entry) { return tag_of(entry) == subject_ + ".signature"; });
  ASSERT_TRUE(write_layout(layout_, index));
  const auto untagged = push_to(registry);
  EXPECT_TRUE(untagged.error().message.ends_with("\" has no tag")) << untagged.error().message;
  EXPECT_TRUE(registry.requests().empty());
}

TEST_F(Push, CountsEveryByteOnce) {
  class Counting final : public Progress {
   public:
    void begin(std::string_view stage, std::uint64_t total, Unit /*unit*/) override {
      EXPECT_EQ(stage, "push");
      this->total = total;
    }
    void advance(std::uint64_t by) override { done += by; }
    void note(std::string_view /*line*/) override {}
    std::uint64_t total = 0, done = 0;
  };
  std::size_t faults = 3;
  FakeRegistry registry([&](const ServerRequest& request) -> Reply {
    if (!request.target.starts_with("/upload/7") || faults % 2 == 0) return std::nullopt;
    --faults;
    return ServerReply{.status = 500};
  });
  for (int round = 0; round < 2; ++round) {
    Counting progress;
    ASSERT_TRUE(push(layout_, "stable", registry.destination(), options_, progress));
    EXPECT_EQ(progress.done, progress.total);
    EXPECT_GT(progress.total, 100U);
  }
}

}  // namespace
}  // namespace reburst::oci
