#include "registry/oci/session.hpp"

#include <algorithm>
#include <thread>

#include "core/json.hpp"
#include "core/text.hpp"
#include "fetch/fetcher.hpp"
#include "signing/verify/dsse.hpp"

namespace reburst::oci {

namespace {

constexpr int kMaxRedirects = 5;
constexpr std::uint64_t kMaxTokenAnswer = 256U << 10U;

Failure lasting(std::string why, std::string hint) {
  return {Error{ErrorCode::kNetwork, std::move(why), std::move(hint)}};
}

bool is_redirect(long status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// The registry's own words (distribution-spec 1.1, "Error Codes"), fit to be shown: visible ASCII, and short.
std::string words_of(const Answer& answer) {
  constexpr std::size_t kMaxWords = 200;
  const auto object = parse_json(answer.body, "answer", 16);
  if (!object || !object->is_object() || !object->contains("errors")) return {};
  const Json& errors = object->at("errors");
  if (!errors.is_array() || errors.empty() || !errors.front().is_object()) return {};
  std::string out;
  for (const auto* key : {"code", "message"}) {
    const auto found = errors.front().find(key);
    if (found == errors.front().end() || !found->is_string()) continue;
    out += (out.empty() ? "" : ": ") + found->get<std::string>();
  }
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c >= 0x7f; }, '?');
  return out.empty() ? out : " (" + out.substr(0, kMaxWords) + ")";
}

std::string hint_of(long status, bool with_password) {
  if (status == 401 && with_password) return "check the user's name and password";
  if (status == 401) return "the registry asks for a user name and a password: give them";
  if (status == 403) return "give this user the right to push to the repository, or name another repository";
  if (status == 404) return "check the address; some registries want a repository to be created before it is pushed to";
  if (status == 405) return "the registry takes no uploads: it is read-only, or no registry";
  if (status == 413) return "raise the limit of the registry, or of the proxy in front of it";
  if (status >= 500 || status == 429) return "the registry is down or overloaded: try again later";
  return "check the registry's address, and its log";
}

}  // namespace

Session::Session(Destination destination, PushOptions options)
    : destination_(std::move(destination)),
      options_(std::move(options)),
      http_({options_.proxy, options_.authorities.string(), options_.stall_seconds}),
      credential_{destination_.registry.origin, {}} {}

Result<> Session::open() {
  Request request{"GET", destination_.registry};
  REBURST_TRY(send("", request));
  return {};
}

Url Session::url(const std::string& path) const {
  Url out = destination_.registry;
  out.text += destination_.repository + "/" + path;
  return out;
}

tl::expected<Url, Failure> Session::location(const Answer& answer) const {
  const std::string text = answer.header("location");
  if (text.empty()) return tl::unexpected(lasting("its answer has no Location", "check the registry's address"));
  auto url = resolve(answer.url, text, options_.plain_http);
  if (!url) return tl::unexpected(Failure{std::move(url).error()});
  return *std::move(url);
}

Error Session::error(const std::string& what, Error why) const {
  why.message = "cannot push " + (what.empty() ? "" : what + " ") + "to \"" + destination_.text + "\": " + why.message;
  return why;
}

// Turns `request` to where the answer sends it, or says why it does not go there.
Outcome Session::redirected(Request& request, const Answer& answer) const {
  const bool kept = answer.status == 307 || answer.status == 308;  // RFC 9110, 15.4: method and body stay
  if (!kept && request.method != "GET" && request.method != "HEAD") {
    return tl::unexpected(
        lasting("the registry redirects an upload (HTTP status " + std::to_string(answer.status) + ")",
                "use the address that the registry itself has"));
  }
  auto target = location(answer);
  if (!target) {
    target.error().error.message = "the registry redirects elsewhere, but " + target.error().error.message;
    return tl::unexpected(std::move(target).error());
  }
  request.url = *std::move(target);
  return answer;
}

Outcome Session::follow(Request request, const Credential& credential) {
  bool known = true;  // once it went elsewhere, nothing that comes back is trusted with the credential
  for (int hop = 0; hop <= kMaxRedirects; ++hop) {
    known = known && request.url.origin == credential.origin;
    Request sent = request;
    if (known && !credential.authorisation.empty()) {
      sent.headers.push_back("Authorization: " + credential.authorisation);
    }
    auto answer = http_.exchange(sent);
    if (!answer || !is_redirect(answer->status)) return answer;
    if (auto turned = redirected(request, *answer); !turned) return turned;
  }
  return tl::unexpected(lasting("the registry redirects more than " + std::to_string(kMaxRedirects) + " times",
                                "use the address that the registry itself has"));
}

Failure Session::refusal(const Answer& answer) const {
  const long status = answer.status;
  Failure out{Error{status == 404 ? ErrorCode::kMissing : ErrorCode::kNetwork,
                    "HTTP status " + std::to_string(status) + words_of(answer),
                    hint_of(status, !options_.user.empty())}};
  out.passing = status >= 500 || status == 429 || status == 408;
  out.retry_after_s =
      static_cast<unsigned>(std::min<std::uint64_t>(parse_decimal(answer.header("retry-after")).value_or(0), 3600));
  return out;
}

Outcome Session::try_once(const Request& request, bool may_be_missing) {
  auto answer = follow(request, credential_);
  if (answer && answer->status == 401 && answer->url.origin == credential_.origin) {
    if (auto done = authorise(*answer); !done) return tl::unexpected(std::move(done).error());
    answer = follow(request, credential_);
  }
  if (!answer || answer->status / 100 == 2 || (may_be_missing && answer->status == 404)) return answer;
  return tl::unexpected(refusal(*answer));
}

Result<Answer> Session::repeat(const std::string& what, const std::function<Outcome()>& attempt) {
  fetch::Options pause;
  pause.backoff_ms = options_.backoff_ms;
  for (unsigned count = 0;; ++count) {
    auto answer = attempt();
    if (answer) return *std::move(answer);
    Failure failure = std::move(answer).error();
    if (!failure.passing || count >= options_.retries) return fail(error(what, std::move(failure.error)));
    std::this_thread::sleep_for(fetch::pause_before_retry(pause, count, failure.retry_after_s));
  }
}

Result<Answer> Session::send(const std::string& what, const Request& request, bool may_be_missing) {
  return repeat(what, [&] { return try_once(request, may_be_missing); });
}

std::string Session::basic() const {
  return "Basic " + signing::base64(options_.user + ":" + options_.password);
}

tl::expected<void, Failure> Session::authorise(const Answer& answer) {
  std::vector<Challenge> challenges;
  const auto [first, last] = answer.headers.equal_range("www-authenticate");
  for (auto each = first; each != last; ++each) {
    for (auto& challenge : parse_challenges(each->second)) challenges.push_back(std::move(challenge));
  }
  const auto of = [&](std::string_view scheme) {
    return std::find_if(challenges.begin(), challenges.end(), [&](const auto& each) { return each.scheme == scheme; });
  };
  if (const auto bearer = of("bearer"); bearer != challenges.end()) {
    auto token = get_token(*bearer);
    if (!token) return tl::unexpected(std::move(token).error());
    credential_.authorisation = "Bearer " + *token;
  } else if (of("basic") == challenges.end()) {
    return tl::unexpected(lasting("the registry asks for neither Basic nor Bearer authentication (HTTP status 401)",
                                  "check the registry's address"));
  } else if (options_.user.empty()) {
    return tl::unexpected(refusal(answer));
  } else {
    credential_.authorisation = basic();
  }
  return {};
}

tl::expected<std::string, Failure> Session::get_token(const Challenge& challenge) {
  const auto parameter = [&](const char* name) {
    const auto found = challenge.parameters.find(name);
    return found != challenge.parameters.end() ? found->second : std::string();
  };
  auto realm = parse_url(parameter("realm"), options_.plain_http);
  if (!realm) {
    return tl::unexpected(lasting("the registry names a token server that is not asked: " + realm.error().message,
                                  "check the registry's address"));
  }
  Request request{"GET", *realm};
  const std::string scope = "repository:" + destination_.repository + ":pull,push";
  if (const auto service = parameter("service"); !service.empty())
    request.url = add_query(request.url, "service", service);
  request.url = add_query(request.url, "scope", scope);
  if (const auto other = parameter("scope"); !other.empty() && other != scope) {
    request.url = add_query(request.url, "scope", other);
  }
  request.max_answer = kMaxTokenAnswer;
  const auto answer = follow(request, {realm->origin, options_.user.empty() ? std::string() : basic()});
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status != 200) {
    Failure out = refusal(*answer);
    out.error.message = "the token server at \"" + realm->host + "\" refuses: " + out.error.message;
    return tl::unexpected(std::move(out));
  }
  auto token = parse_token(answer->body, realm->host);
  if (!token) return tl::unexpected(Failure{std::move(token).error()});
  return *std::move(token);
}

}  // namespace reburst::oci
