#include "fetch/http.hpp"

#include <curl/curl.h>

#include <array>
#include <map>
#include <new>
#include <optional>
#include <stdexcept>

#include "core/handle.hpp"
#include "core/text.hpp"
#include "core/version.hpp"
#include "fetch/origin.hpp"
#include "fetch/uri.hpp"

namespace reburst::fetch {

namespace {

constexpr long kConnectSeconds = 30;
constexpr long kMaxRedirects = 5;
constexpr std::size_t kMaxHeaders = 1U << 20U;  // of one transfer, redirects and all

using Easy = Handle<CURL, &curl_easy_cleanup>;
using Multi = Handle<CURLM, &curl_multi_cleanup>;

// libcurl's setup calls fail only when memory is gone or an option is unknown: exhaustion or a bug, not input.
template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  if (curl_easy_setopt(easy, option, value) != CURLE_OK) throw std::runtime_error("libcurl refused an option");
}

template <class Value>
Value info(CURL* easy, CURLINFO what) {
  Value value{};
  return curl_easy_getinfo(easy, what, &value) == CURLE_OK ? value : Value{};
}

struct Transfer {
  std::size_t id = 0;
  HttpRequest request;
  std::string uri;  // escaped
  Easy easy;
  std::array<char, CURL_ERROR_SIZE> message{};
  std::optional<std::uint64_t> range_start;  // of the latest Content-Range
  std::optional<std::uint64_t> at;           // where the next byte belongs, once the body began
  std::optional<Error> sink_error;
  std::string elsewhere;  // where a redirect led that was not followed
  std::size_t header_bytes = 0;

  // Exceptions must not cross libcurl: out of memory ends the transfer, and the process soon after.
  std::size_t take(std::span<const std::byte> bytes);
  std::size_t refuse(const std::string& why);  // ends it: what on_body() returns then
  void read_header(std::string_view line);
};

std::size_t Transfer::refuse(const std::string& why) {
  sink_error = Error{ErrorCode::kNetwork,
                     "cannot fetch \"" + without_credentials(uri) + "\": " + why,
                     "the server or a proxy on the way breaks HTTP (RFC 9110, 15.3.7): use another mirror",
                     {}};
  return 0;
}

std::size_t Transfer::take(std::span<const std::byte> bytes) {
  if (!at) {
    const bool partial = info<long>(easy.get(), CURLINFO_RESPONSE_CODE) == 206;
    if (partial && !range_start) return refuse("the server sends a part (HTTP status 206) and does not say which");
    at = partial ? *range_start : 0;
    if (*at != 0 && *at != request.offset) return refuse("the server sends another range than was asked for");
  }
  auto taken = request.sink(*at, bytes);
  if (!taken) {
    sink_error = std::move(taken).error();
    return 0;
  }
  *at += bytes.size();
  return bytes.size();
}

// The value of a header line, when it is of this name.
std::optional<std::string_view> header_value(std::string_view line, std::string_view name) {
  if (line.size() < name.size() || !curl_strnequal(line.data(), name.data(), name.size())) return std::nullopt;
  return trim(line.substr(name.size()));
}

void Transfer::read_header(std::string_view line) {
  if (const auto location = header_value(line, "location:"); location && request.same_origin) {
    const auto status = info<long>(easy.get(), CURLINFO_RESPONSE_CODE);
    const std::string to(*location);
    if (status >= 300 && status < 400 && leads_elsewhere(uri, to)) elsewhere = to;
  }
  constexpr std::string_view kName = "content-range:";
  if (line.starts_with("HTTP/")) range_start.reset();  // a redirect's headers are not the answer's
  const auto value = header_value(line, kName);
  if (!value || !value->starts_with("bytes ")) return;
  range_start = parse_decimal(value->substr(6, value->find('-') - 6));
}

std::size_t on_body(const char* bytes, std::size_t size, std::size_t count, void* transfer) noexcept {
  return static_cast<Transfer*>(transfer)->take(std::as_bytes(std::span(bytes, size * count)));
}

std::size_t on_header(const char* bytes, std::size_t size, std::size_t count, void* transfer) noexcept {
  auto& self = *static_cast<Transfer*>(transfer);
  self.header_bytes += size * count;
  if (self.header_bytes > kMaxHeaders) return 0;
  self.read_header({bytes, size * count});
  return self.elsewhere.empty() ? size * count : 0;
}

void configure(Transfer& transfer) {
  CURL* easy = transfer.easy.get();
  const bool secure = transfer.uri.starts_with("https:");
  set(easy, CURLOPT_URL, transfer.uri.c_str());
  set(easy, CURLOPT_PROTOCOLS_STR, secure ? "https" : "http");
  set(easy, CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");  // never to file:, never back to plain text
  set(easy, CURLOPT_FOLLOWLOCATION, 1L);
  set(easy, CURLOPT_MAXREDIRS, kMaxRedirects);
  set(easy, CURLOPT_PROXY, transfer.request.proxy.c_str());  // "" keeps libcurl from reading the environment
  set(easy, CURLOPT_NOPROXY, "");
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_FAILONERROR, 1L);
  set(easy, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  set(easy, CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(transfer.request.min_bytes_per_second));
  set(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(transfer.request.stall_seconds));
  set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(transfer.request.most_ms));
  set(easy, CURLOPT_USERAGENT, ("reburst/" + std::string(kVersion)).c_str());
  set(easy, CURLOPT_BUFFERSIZE, 256L * 1024);
  set(easy, CURLOPT_ERRORBUFFER, transfer.message.data());
  set(easy, CURLOPT_WRITEFUNCTION, &on_body);
  set(easy, CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
  set(easy, CURLOPT_HEADERFUNCTION, &on_header);
  set(easy, CURLOPT_HEADERDATA, static_cast<void*>(&transfer));
  set(easy, CURLOPT_PRIVATE, static_cast<void*>(&transfer));
  if (transfer.request.offset != 0) {
    set(easy, CURLOPT_RANGE, (std::to_string(transfer.request.offset) + "-").c_str());
  }
}

HttpOutcome::Kind kind_of_status(long status) {
  if (status == 404 || status == 410) return HttpOutcome::Kind::kMissing;
  if (status >= 500 || status == 429 || status == 408) return HttpOutcome::Kind::kRetry;
  return HttpOutcome::Kind::kFailed;
}

std::string hint_of_status(long status) {
  if (status == 404 || status == 410)
    return "the mirror does not have it: check the address and the suite, or use another mirror";
  if (status == 407) return "the proxy asks for a name and a password: give them in apt's Acquire::http::Proxy";
  if (status == 401 || status == 403) return "the mirror does not serve it to this machine: use another mirror";
  if (status >= 500 || status == 429) return "the mirror is down or overloaded: try again later, or use another mirror";
  return "check the mirror's address and the proxy";
}

HttpOutcome of_status(long status) {
  HttpOutcome out;
  out.kind = kind_of_status(status);
  const auto code = out.kind == HttpOutcome::Kind::kMissing ? ErrorCode::kMissing : ErrorCode::kNetwork;
  out.error = Error{code, "HTTP status " + std::to_string(status), hint_of_status(status), {}};
  return out;
}

HttpOutcome of_failure(CURLcode code, const std::string& detail) {
  HttpOutcome out;
  out.error = Error{ErrorCode::kNetwork, detail, "check the network, the mirror's address and the proxy", {}};
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      out.error.hint = "install ca-certificates (or the mirror's own authority) and check the machine's clock";
      break;
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      out.error.hint = "the mirror redirects to an address that is not followed: use another mirror";
      break;
    default: out.kind = HttpOutcome::Kind::kRetry;
  }
  return out;
}

HttpOutcome of_redirect(const std::string& elsewhere) {
  HttpOutcome out;
  out.error = Error{ErrorCode::kNetwork,
                    "the server redirects to \"" + printable(without_credentials(elsewhere)) + "\", which is elsewhere",
                    "if that is where its files are now, name that address",
                    {}};
  return out;
}

HttpOutcome outcome_of(Transfer& transfer, CURLcode code) {
  CURL* easy = transfer.easy.get();
  const auto status = info<long>(easy, CURLINFO_RESPONSE_CODE);
  HttpOutcome out;
  if (transfer.sink_error) {
    out.kind = HttpOutcome::Kind::kSinkFailed;
    out.error = *std::move(transfer.sink_error);
  } else if (!transfer.elsewhere.empty()) {
    out = of_redirect(transfer.elsewhere);
  } else if (code == CURLE_OK && status >= 200 && status < 300) {
    out.kind = HttpOutcome::Kind::kDone;
    out.length_known = info<curl_off_t>(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T) >= 0;
  } else if (code == CURLE_OK || code == CURLE_HTTP_RETURNED_ERROR) {
    out = of_status(status);
    out.retry_after_s = static_cast<unsigned>(info<curl_off_t>(easy, CURLINFO_RETRY_AFTER));
    if (out.kind == HttpOutcome::Kind::kRetry && out.retry_after_s > 0) {
      out.error.message += ", and wants to be asked again in " + std::to_string(out.retry_after_s) + " s";
      out.error.hint = "the mirror is down or overloaded: try again then, or use another mirror";
    }
  } else {
    const std::string detail(transfer.message.data());
    out = of_failure(code, detail.empty() ? curl_easy_strerror(code) : detail);
  }
  out.id = transfer.id;
  out.status = status;
  if (out.kind != HttpOutcome::Kind::kSinkFailed) {
    out.error.message = "cannot fetch \"" + without_credentials(transfer.uri) + "\": " + out.error.message;
  }
  return out;
}

void initialise() {
  static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (kReady != CURLE_OK) throw std::runtime_error("libcurl does not start");
}

}  // namespace

struct HttpClient::State {
  Multi multi;
  std::map<CURL*, std::unique_ptr<Transfer>> transfers;
};

HttpClient::HttpClient() : state_(std::make_unique<State>()) {
  initialise();
  state_->multi.reset(curl_multi_init());
  if (!state_->multi) throw std::bad_alloc();
}

HttpClient::~HttpClient() {
  for (const auto& [easy, transfer] : state_->transfers) curl_multi_remove_handle(state_->multi.get(), easy);
}

void HttpClient::start(std::size_t id, HttpRequest request) {
  auto transfer = std::make_unique<Transfer>();
  transfer->id = id;
  transfer->uri = escape_uri(request.uri);
  transfer->request = std::move(request);
  transfer->easy.reset(curl_easy_init());
  if (!transfer->easy) throw std::bad_alloc();
  configure(*transfer);
  CURL* easy = transfer->easy.get();
  if (curl_multi_add_handle(state_->multi.get(), easy) != CURLM_OK) throw std::bad_alloc();
  state_->transfers.emplace(easy, std::move(transfer));
}

std::vector<HttpOutcome> HttpClient::poll(int timeout_ms) {
  std::vector<HttpOutcome> outcomes;
  CURLM* multi = state_->multi.get();
  for (int round = 0; round < 2 && outcomes.empty(); ++round) {
    if (round == 1 && curl_multi_poll(multi, nullptr, 0, timeout_ms, nullptr) != CURLM_OK) throw std::bad_alloc();
    int running = 0;
    if (curl_multi_perform(multi, &running) != CURLM_OK) throw std::bad_alloc();
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* easy = message->easy_handle;
      const auto found = state_->transfers.find(easy);
      outcomes.push_back(outcome_of(*found->second, message->data.result));
      curl_multi_remove_handle(multi, easy);  // its connection stays with the multi handle
      state_->transfers.erase(found);
    }
  }
  return outcomes;
}

void HttpClient::wake() {
  curl_multi_wakeup(state_->multi.get());
}

std::size_t HttpClient::running() const {
  return state_->transfers.size();
}

}  // namespace reburst::fetch
