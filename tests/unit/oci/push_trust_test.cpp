#include "signing/verify/dsse.hpp"
#include "tests/unit/oci/support.hpp"

namespace reburst::oci {
namespace {

using test::ServerReply;
using test::ServerRequest;
using test::TestServer;
using Reply = FakeRegistry::Reply;

std::string authorisation(const ServerRequest& request) {
  const auto found = request.headers.find("authorization");
  return found != request.headers.end() ? found->second : std::string();
}

// Who may see what: name and password, the token.
class PushTrust : public LayoutTest {
 protected:
  PushTrust() {
    options_.user = "robot";
    options_.password = "s3cret";
  }

  static Reply ask(const ServerRequest& request, const std::string& wanted, const std::string& challenge) {
    if (authorisation(request) == wanted) return std::nullopt;
    return ServerReply{.status = 401, .headers = {"WWW-Authenticate: " + challenge}};
  }
  Error refusal(FakeRegistry& registry) {
    auto pushed = push_to(registry);
    EXPECT_FALSE(pushed);
    if (pushed) return {};
    EXPECT_EQ(pushed.error().render().find("s3cret"), std::string::npos);
    return std::move(pushed).error();
  }

  std::string basic_ = "Basic " + signing::base64("robot:s3cret");
};

TEST_F(PushTrust, NameAndPasswordAreSentWhenTheyAreAskedFor) {
  FakeRegistry open;
  ASSERT_TRUE(push_to(open));
  for (const auto& request : open.requests()) EXPECT_EQ(authorisation(request), "");
  FakeRegistry registry([&](const ServerRequest& request) { return ask(request, basic_, "Basic realm=\"r\""); });
  const auto pushed = push_to(registry);
  ASSERT_TRUE(pushed) << pushed.error().render();
  EXPECT_EQ(authorisation(registry.requests().at(0)), "");
  for (std::size_t i = 1; i < registry.requests().size(); ++i) {
    EXPECT_EQ(authorisation(registry.requests()[i]), basic_);
  }
}

TEST_F(PushTrust, AWrongPasswordIsToldAndNotRepeated) {
  FakeRegistry registry([&](const ServerRequest& request) { return ask(request, "Basic other", "Basic realm=\"r\""); });
  EXPECT_EQ(refusal(registry).render(), "cannot push to \"" + registry.destination() + "\": HTTP status 401\n" +
                                            "  hint: check the user's name and password");
  EXPECT_EQ(registry.requests().size(), 2U);
}

TEST_F(PushTrust, AnUnknownSchemeIsToldAsSuch) {
  FakeRegistry registry([&](const ServerRequest& request) { return ask(request, "x", "Digest realm=\"r\""); });
  EXPECT_EQ(refusal(registry).message,
            "cannot push to \"" + registry.destination() +
                "\": the registry asks for neither Basic nor Bearer authentication (HTTP status 401)");
}

TEST_F(PushTrust, ANameWithAColonIsRefused) {
  options_.user = "a:b";
  FakeRegistry registry;
  EXPECT_EQ(refusal(registry).message, "cannot push to \"" + registry.destination() + "\": a user name has no colon");
}

TEST_F(PushTrust, ATokenIsFetchedWithThePasswordAndGoesToTheRegistryAlone) {
  TestServer auth([](const ServerRequest&) { return ServerReply{.body = R"({"token":"t0ken"})"}; });
  FakeRegistry registry([&](const ServerRequest& request) {
    return ask(request, "Bearer t0ken",
               "Bearer realm=\"" + auth.uri() + "/token?a=b\",service=\"the registry\",scope=\"repository:x:pull\"");
  });
  const auto pushed = push_to(registry);
  ASSERT_TRUE(pushed) << pushed.error().render();
  ASSERT_EQ(auth.requests().size(), 1U);
  EXPECT_EQ(auth.requests()[0].path.substr(0, 27), "/token?a=b&service=the+regi");
  EXPECT_NE(auth.requests()[0].path.find("&scope=repository:images/web:pull,push&scope=repository:x:pull"),
            std::string::npos)
      << auth.requests()[0].path;
  EXPECT_EQ(authorisation(auth.requests()[0]), basic_);
  for (const auto& request : registry.requests()) EXPECT_NE(authorisation(request), basic_);
}

TEST_F(PushTrust, ATokenIsFetchedWithoutANameToo) {
  options_.user = options_.password = "";
  TestServer auth([](const ServerRequest&) { return ServerReply{.body = R"({"access_token":"t0ken"})"}; });
  FakeRegistry registry([&](const ServerRequest& request) {
    return ask(request, "Bearer t0ken", "Bearer realm=\"" + auth.uri() + "/token\"");
  });
  ASSERT_TRUE(push_to(registry));
  EXPECT_EQ(authorisation(auth.requests().at(0)), "");
}

TEST_F(PushTrust, ATokenThatExpiresIsRenewed) {
  TestServer auth([](const ServerRequest& request) {
    return ServerReply{.body = "{\"token\":\"t" + std::to_string(request.number) + "\"}"};
  });
  std::size_t uses = 0;
  std::size_t current = 0;
  FakeRegistry registry([&](const ServerRequest& request) {
    if (++uses % 7 == 0) ++current;
    auto reply = ask(request, "Bearer t" + std::to_string(current), "Bearer realm=\"" + auth.uri() + "\"");
    if (reply) current = auth.requests().size();
    return reply;
  });
  const auto pushed = push_to(registry);
  ASSERT_TRUE(pushed) << pushed.error().render();
  EXPECT_GT(auth.requests().size(), 2U);
}

TEST_F(PushTrust, ATokenServerThatRefusesIsNamed) {
  struct Case {
    ServerReply reply;
    std::string why;
  };
  for (const auto& each :
       {Case{{.status = 401},
             "the token server at \"127.0.0.1\" refuses: HTTP status 401\n"
             "  hint: check the user's name and password"},
        Case{{.status = 404},
             "the token server at \"127.0.0.1\" refuses: HTTP status 404\n"
             "  hint: check the address; some registries want a repository to be created before it is pushed to"},
        Case{{.body = "{}"},
             "cannot get a token from \"127.0.0.1\": its answer has no token\n"
             "  hint: check the registry's address, and the user's name and password"},
        Case{{.endless = true}, "its answer is larger than 262144 bytes\n  hint: check the registry's address"}}) {
    TestServer auth([&](const ServerRequest&) { return each.reply; });
    FakeRegistry registry(
        [&](const ServerRequest& request) { return ask(request, "x", "Bearer realm=\"" + auth.uri() + "\""); });
    EXPECT_EQ(refusal(registry).render(), "cannot push to \"" + registry.destination() + "\": " + each.why);
  }
}

TEST_F(PushTrust, ATokenServerInTheClearIsNotAsked) {
  for (const std::string realm : {"http://auth.example.org/token", "", "/token"}) {
    FakeRegistry registry(
        [&](const ServerRequest& request) { return ask(request, "x", "Bearer realm=\"" + realm + "\""); });
    const std::string why = realm.starts_with("http") ? "the address at \"http://auth.example.org\" is not encrypted"
                                                      : "an address is malformed";
    EXPECT_EQ(refusal(registry).render(), "cannot push to \"" + registry.destination() +
                                              "\": the registry names a token server that is not asked: " + why +
                                              "\n  hint: check the registry's address");
    EXPECT_EQ(registry.requests().size(), 1U);
  }
}

TEST_F(PushTrust, ARedirectElsewhereDropsTheCredential) {
  TestServer other([](const ServerRequest&) { return ServerReply{.status = 404}; });
  FakeRegistry registry([&](const ServerRequest& request) {
    auto asked = ask(request, basic_, "Basic realm=\"r\"");
    if (asked || request.method != "GET" || request.target.find("/manifests/") == std::string::npos) return asked;
    return Reply(ServerReply{.status = 307, .headers = {"Location: " + other.uri() + request.target}});
  });
  const auto pushed = push_to(registry);
  ASSERT_TRUE(pushed) << pushed.error().render();
  ASSERT_EQ(other.requests().size(), 1U);
  EXPECT_EQ(authorisation(other.requests()[0]), "");
}

TEST_F(PushTrust, AnUploadElsewhereGoesWithoutTheCredential) {
  TestServer other([](const ServerRequest&) { return ServerReply{.status = 201}; });
  FakeRegistry registry([&](const ServerRequest& request) {
    auto asked = ask(request, basic_, "Basic realm=\"r\"");
    if (asked || request.method != "POST") return asked;
    return Reply(ServerReply{.status = 202, .headers = {"Location: " + other.uri() + "/store?signed=x"}});
  });
  ASSERT_TRUE(push_to(registry));
  ASSERT_EQ(other.requests().size(), 7U);  // the registry never finds them: the empty config comes three times
  for (const auto& request : other.requests()) {
    EXPECT_EQ(authorisation(request), "");
    EXPECT_TRUE(request.target.starts_with("/store?signed=x&digest=sha256%3a") ||
                request.target.starts_with("/store?signed=x&digest=sha256%3A"));
  }
}

TEST_F(PushTrust, AWayBackFromElsewhereIsNotTrustedWithTheCredential) {
  std::string back;
  TestServer other([&](const ServerRequest&) { return ServerReply{.status = 307, .headers = {"Location: " + back}}; });
  FakeRegistry registry([&](const ServerRequest& request) {
    if (request.target == "/v2/images/web/back") return Reply(ServerReply{.status = 404});
    auto asked = ask(request, basic_, "Basic realm=\"r\"");
    if (asked || request.method != "GET" || request.target.find("/manifests/") == std::string::npos) return asked;
    return Reply(ServerReply{.status = 307, .headers = {"Location: " + other.uri() + "/x"}});
  });
  back = registry.uri() + "/v2/images/web/back";
  ASSERT_TRUE(push_to(registry));
  for (const auto& request : registry.requests()) {
    if (request.target == "/v2/images/web/back") {
      EXPECT_EQ(authorisation(request), "");
    }
  }
  EXPECT_EQ(registry.count("GET", "/back"), 1U);
}

TEST_F(PushTrust, AChallengeFromElsewhereIsNotAnswered) {
  TestServer other([](const ServerRequest&) {
    return ServerReply{.status = 401, .headers = {"WWW-Authenticate: Basic realm=\"give\""}};
  });
  FakeRegistry registry([&](const ServerRequest& request) -> Reply {
    if (request.method != "POST") return std::nullopt;
    return ServerReply{.status = 202, .headers = {"Location: " + other.uri() + "/store"}};
  });
  EXPECT_EQ(refusal(registry).message,
            "cannot push \"web_20261121T161027Z.raw\" to \"" + registry.destination() + "\": HTTP status 401");
  ASSERT_EQ(other.requests().size(), 1U);
  EXPECT_EQ(authorisation(other.requests()[0]), "");
}

TEST_F(PushTrust, AProxyIsUsedForOthersAndNotForThisMachine) {
  TestServer proxy([](const ServerRequest&) { return ServerReply{.status = 407}; });
  options_.proxy = proxy.uri();
  FakeRegistry registry;
  EXPECT_TRUE(push_to(registry));
  EXPECT_TRUE(proxy.requests().empty());
  options_.plain_http = false;
  options_.retries = 0;
  const auto pushed = push(layout_, "stable", "registry.invalid/web", options_, silent_progress());
  ASSERT_FALSE(pushed);
  ASSERT_EQ(proxy.requests().size(), 1U);
  EXPECT_EQ(proxy.requests()[0].method, "CONNECT");
  EXPECT_EQ(proxy.requests()[0].target, "registry.invalid:443");
  EXPECT_EQ(authorisation(proxy.requests()[0]), "");
}

}  // namespace
}  // namespace reburst::oci
