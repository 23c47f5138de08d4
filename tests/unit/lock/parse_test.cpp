#include <gtest/gtest.h>

#include <functional>

#include "builder/lock/lock.hpp"
#include "core/json.hpp"
#include "tests/unit/lock/lock_builder.hpp"

namespace reburst::lock {
namespace {

struct Refusal {
  const char* name;
  std::function<void(Json&)> change;
  std::string message;  // after "the lock "
};

const std::string kSha = std::string(64, 'a');

std::vector<Refusal> refusals() {
  const auto package = [](auto change) { return [change](Json& lock) { change(lock["packages"][0]); }; };
  const std::string kLock = "\"web.lock\": ";
  const std::string kBash = "\"web.lock\" package \"bash\": ";
  return {
      {"another format", [](Json& l) { l["lock"] = 2; }, kLock + "its format is 2, and this program reads format 1"},
      {"no format", [](Json& l) { l.erase("lock"); }, kLock + "\"lock\" is missing"},
      {"an unknown member", [](Json& l) { l["extra"] = 1; }, kLock + "it has an unknown member \"extra\""},
      {"not an object", [](Json& l) { l = Json::array(); }, kLock + "it is not an object"},
      {"no role", [](Json& l) { l["role"] = ""; }, kLock + "\"role\" is empty"},
      {"a role that is a path", [](Json& l) { l["role"] = "../web"; }, kLock + "\"../web\" is not a role"},
      {"no recipe", [](Json& l) { l.erase("recipe"); }, kLock + "\"recipe\" is missing"},
      {"a short digest", [](Json& l) { l["recipe"] = "abc"; }, kLock + "\"recipe\" is not a SHA-256 in lower case"},
      {"an upper-case digest", [](Json& l) { l["recipe"] = std::string(64, 'A'); },
       kLock + "\"recipe\" is not a SHA-256 in lower case"},
      {"an epoch that is a number", [](Json& l) { l["epoch"] = 0; }, kLock + "\"epoch\" is not a string"},
      {"an epoch that is none", [](Json& l) { l["epoch"] = "yesterday"; },
       kLock + "\"epoch\" is not a time such as \"2026-01-01T00:00:00Z\""},
      {"packages that are no list", [](Json& l) { l["packages"] = Json::object(); },
       kLock + "\"packages\" is not a list"},
      {"no packages", [](Json& l) { l["packages"] = Json::array(); }, kLock + "it has no packages"},
      {"a package that is no object", [](Json& l) { l["packages"][0] = 7; },
       "\"web.lock\" packages[0]: it is not an object"},
      {"a package without a name", package([](Json& p) { p.erase("name"); }),
       "\"web.lock\" packages[0]: \"name\" is missing"},
      {"a name that is a path", package([](Json& p) { p["name"] = "../x"; }),
       "\"web.lock\" packages[0]: \"../x\" is not a package name"},
      {"a package without a digest", package([](Json& p) { p.erase("sha256"); }), kBash + "\"sha256\" is missing"},
      {"a package with an unknown member", package([](Json& p) { p["md5"] = "x"; }),
       kBash + "it has an unknown member \"md5\""},
      {"an absolute path", package([](Json& p) { p["path"] = "/etc/passwd"; }),
       kBash + "the path \"/etc/passwd\" leads out of the mirror"},
      {"a path that climbs", package([](Json& p) { p["path"] = "pool/../../x"; }),
       kBash + "the path \"pool/../../x\" leads out of the mirror"},
      {"an empty path", package([](Json& p) { p["path"] = ""; }), kBash + "the path \"\" leads out of the mirror"},
      {"a path with an empty part", package([](Json& p) { p["path"] = "pool//x"; }),
       kBash + "the path \"pool//x\" leads out of the mirror"},
      {"a newline", package([](Json& p) { p["version"] = "1\n2"; }), kBash + "\"version\" holds a control character"},
      {"an absurd size", package([](Json& p) { p["size"] = 1ULL << 60U; }),
       kBash + "\"size\" is 1152921504606846976, more than 17179869184"},
      {"a negative size", package([](Json& p) { p["size"] = -1; }), kBash + "\"size\" is not a whole number"},
      {"a flag that is false", package([](Json& p) { p["essential"] = false; }), kBash + "\"essential\" is not true"},
      {"a text without end", package([](Json& p) { p["reason"] = std::string(5000, 'x'); }),
       kBash + "\"reason\" is too long"},
      {"packages that are not sorted", [](Json& l) { std::swap(l["packages"][0], l["packages"][1]); },
       kLock + "\"packages\" is not sorted, or has something twice, at element 1"},
      {"a package that stands twice", [](Json& l) { l["packages"][1] = l["packages"][0]; },
       kLock + "\"packages\" is not sorted, or has something twice, at element 1"},
      {"a package of another architecture", package([](Json& p) { p["architecture"] = "arm64"; }),
       kBash + "its architecture is \"arm64\", and the lock's \"amd64\""},
      {"another architecture than its packages", [](Json& l) { l["architecture"] = "arm64"; },
       kBash + "its architecture is \"amd64\", and the lock's \"arm64\""},
      {"no indexes", [](Json& l) { l["indexes"] = Json::array(); },
       kBash + "no index is of \"Debian/bookworm/main\", where it comes from"},
      {"a package of another index", package([](Json& p) { p["component"] = "contrib"; }),
       kBash + "no index is of \"Debian/bookworm/contrib\", where it comes from"},
      {"an archive's package that calls itself local", package([](Json& p) { p["origin"] = "local"; }),
       kBash + "no index is of \"local/bookworm/main\", where it comes from"},
      {"an index without a size", [](Json& l) { l["indexes"][0].erase("size"); },
       "\"web.lock\" indexes[0]: \"size\" is missing"},
      {"a release with an unknown member", [](Json& l) { l["releases"][0]["uri"] = "http://example.org"; },
       "\"web.lock\" releases[0]: it has an unknown member \"uri\""},
      {"a release that stands twice", [](Json& l) { l["releases"].push_back(l["releases"][0]); },
       kLock + "\"releases\" is not sorted, or has something twice, at element 1"},
  };
}

TEST(LockParse, RefusesWhatItDoesNotKnow) {
  for (const auto& refusal : refusals()) {
    Json json = Json::parse(to_text(sample_lock()));
    refusal.change(json);
    const auto lock = parse(canonical_json(json), "web.lock");
    ASSERT_FALSE(lock) << refusal.name;
    EXPECT_EQ(lock.error().code, ErrorCode::kLock) << refusal.name;
    EXPECT_EQ(lock.error().message, "the lock " + refusal.message) << refusal.name;
    EXPECT_EQ(lock.error().hint, "make it again with the verb \"lock\"") << refusal.name;
  }
}

TEST(LockParse, RefusesTextThatIsNotCanonical) {
  const std::string text = to_text(sample_lock());
  const auto blank = parse("{ " + text.substr(1), "web.lock");
  ASSERT_FALSE(blank);
  EXPECT_EQ(blank.error().message, "the lock \"web.lock\": it is not in canonical form");
  EXPECT_FALSE(parse(text.substr(0, text.size() - 1), "web.lock"));
  EXPECT_FALSE(parse(text + "\n", "web.lock"));
}

TEST(LockParse, RefusesTextThatIsNoJson) {
  const std::string text = to_text(sample_lock());
  for (const auto& bad : std::vector<std::string>{std::string(), std::string("{"), std::string("null"),
                                                  std::string("\xff\xfe"), text + "{}", std::string(100000, '['),
                                                  "{\"lock\":1," + text.substr(1), std::string("{\"lock\":1.0}")}) {
    const auto lock = parse(bad, "web.lock");
    ASSERT_FALSE(lock) << bad.substr(0, 40);
    EXPECT_EQ(lock.error().code, ErrorCode::kLock);
  }
}

TEST(LockParse, RefusesEveryCutText) {
  const std::string text = to_text(sample_lock());
  for (std::size_t length = 0; length < text.size(); ++length)
    EXPECT_FALSE(parse(text.substr(0, length), "web.lock")) << length;
}

// What parse() accepts is its own canonical text, so two locks are equal where their bytes are.
TEST(LockParse, AcceptsNoOtherBytes) {
  const std::string text = to_text(sample_lock());
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const auto lock = parse(changed, "web.lock");
    EXPECT_TRUE(!lock || to_text(*lock) == changed) << at;
  }
}

}  // namespace
}  // namespace reburst::lock
