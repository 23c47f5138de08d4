#include "registry/oci/http.hpp"

#include <curl/curl.h>
#include <unistd.h>

#include <array>
#include <new>
#include <optional>
#include <stdexcept>

#include "core/handle.hpp"
#include "core/text.hpp"
#include "core/version.hpp"
#include "fetch/proxy.hpp"

namespace reburst::oci {

namespace {

constexpr std::size_t kMaxHeaders = 128U << 10U;
constexpr std::uint64_t kLeastBytesPerSecond = 16U << 10U;
constexpr long kStalledBytesPerSecond = 1024;

using Easy = Handle<CURL, &curl_easy_cleanup>;
using Lines = Handle<curl_slist, &curl_slist_free_all>;

// libcurl's setup calls fail only when memory is gone or an option is unknown: exhaustion or a bug, not input.
template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  if (curl_easy_setopt(easy, option, value) != CURLE_OK) throw std::runtime_error("libcurl refused an option");
}

// What libcurl's callbacks work on during one exchange.
struct Exchange {
  const Request& request;
  CURL* easy;
  Answer answer = {};
  std::uint64_t sent = 0;
  std::size_t header_bytes = 0;
  std::optional<std::string> refused = {};  // why the transfer was ended by us
  bool enough = false;                      // the rest of an error page is not worth having

  std::size_t take_body(std::string_view bytes);
  std::size_t take_header(std::string_view line);
  std::size_t give(std::span<char> buffer);
};

long status_of(CURL* easy) {
  long status = 0;
  (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

std::size_t Exchange::take_body(std::string_view bytes) {
  if (answer.body.size() + bytes.size() > request.max_answer) {
    enough = status_of(easy) >= 300;
    refused = "its answer is larger than " + std::to_string(request.max_answer) + " bytes";
    return 0;
  }
  answer.body += bytes;
  return bytes.size();
}

std::size_t Exchange::take_header(std::string_view line) {
  header_bytes += line.size();
  if (header_bytes > kMaxHeaders) {
    refused = "the header of its answer is larger than " + std::to_string(kMaxHeaders) + " bytes";
    return 0;
  }
  if (line.starts_with("HTTP/")) answer.headers.clear();  // "100 Continue" and a proxy's answer are not the answer
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return line.size();
  std::string name(line.substr(0, colon));
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  answer.headers.emplace(std::move(name), trim(line.substr(colon + 1)));
  return line.size();
}

// The next bytes of the request's body.
std::size_t Exchange::give(std::span<char> buffer) {
  if (request.file < 0) {
    const auto piece = std::string_view(request.body).substr(sent, buffer.size());
    std::copy(piece.begin(), piece.end(), buffer.begin());
    sent += piece.size();
    return piece.size();
  }
  const auto want = std::min<std::uint64_t>(buffer.size(), request.file_size - sent);
  const ssize_t got = ::pread(request.file, buffer.data(), want, static_cast<off_t>(sent));
  if (got < 0 || (got == 0 && want > 0)) {
    refused = "its file cannot be read to the end";
    return CURL_READFUNC_ABORT;
  }
  sent += static_cast<std::uint64_t>(got);
  if (request.on_sent) request.on_sent(sent);
  return static_cast<std::size_t>(got);
}

// Exceptions must not cross libcurl: noexcept ends the process, which happens when memory is gone.
std::size_t on_body(const char* bytes, std::size_t size, std::size_t count, void* exchange) noexcept {
  return static_cast<Exchange*>(exchange)->take_body({bytes, size * count});
}

std::size_t on_header(const char* bytes, std::size_t size, std::size_t count, void* exchange) noexcept {
  return static_cast<Exchange*>(exchange)->take_header({bytes, size * count});
}

std::size_t on_read(char* buffer, std::size_t size, std::size_t count, void* exchange) noexcept {
  return static_cast<Exchange*>(exchange)->give({buffer, size * count});
}

int on_seek(void* exchange, curl_off_t offset, int origin) noexcept {
  if (origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
  static_cast<Exchange*>(exchange)->sent = static_cast<std::uint64_t>(offset);
  return CURL_SEEKFUNC_OK;
}

std::uint64_t body_size(const Request& request) {
  return request.file >= 0 ? request.file_size : request.body.size();
}

void set_limits(CURL* easy, const HttpOptions& options, std::uint64_t to_send) {
  const auto patience = static_cast<std::uint64_t>(options.stall_seconds) * 4;
  set(easy, CURLOPT_CONNECTTIMEOUT, static_cast<long>(options.stall_seconds));
  set(easy, CURLOPT_TIMEOUT, static_cast<long>(patience + to_send / kLeastBytesPerSecond));
  set(easy, CURLOPT_LOW_SPEED_LIMIT, kStalledBytesPerSecond);
  set(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.stall_seconds));
}

void set_security(CURL* easy, const HttpOptions& options, const Url& url) {
  const bool plain = url.scheme == "http";  // this machine: parse_url() lets no other through
  set(easy, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  const std::string proxy = plain ? std::string() : fetch::proxy_for(options.proxy, url.scheme, url.host);
  set(easy, CURLOPT_PROXY, proxy.c_str());  // "" keeps libcurl from reading the environment
  set(easy, CURLOPT_NOPROXY, "");
  set(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  if (!options.authorities.empty()) {
    set(easy, CURLOPT_CAINFO, options.authorities.c_str());
    set(easy, CURLOPT_CAPATH, nullptr);
  }
}

void set_method(CURL* easy, const Request& request) {
  const bool sends = request.method == "POST" || request.method == "PUT";
  if (request.method == "HEAD") set(easy, CURLOPT_NOBODY, 1L);
  if (!sends) return;
  set(easy, CURLOPT_UPLOAD, 1L);
  set(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  set(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(body_size(request)));
  set(easy, CURLOPT_UPLOAD_BUFFERSIZE, 512L * 1024);
}

void set_callbacks(CURL* easy, Exchange& exchange) {
  set(easy, CURLOPT_WRITEFUNCTION, &on_body);
  set(easy, CURLOPT_WRITEDATA, static_cast<void*>(&exchange));
  set(easy, CURLOPT_HEADERFUNCTION, &on_header);
  set(easy, CURLOPT_HEADERDATA, static_cast<void*>(&exchange));
  set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(easy, CURLOPT_READFUNCTION, &on_read);
  set(easy, CURLOPT_READDATA, static_cast<void*>(&exchange));
  set(easy, CURLOPT_SEEKFUNCTION, &on_seek);
  set(easy, CURLOPT_SEEKDATA, static_cast<void*>(&exchange));
}

Lines header_lines(const Request& request) {
  Lines lines;
  for (const auto& line : request.headers) {
    curl_slist* longer = curl_slist_append(lines.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    (void)lines.release();
    lines.reset(longer);
  }
  return lines;
}

Failure failure_of(const Exchange& exchange, CURLcode code, std::string_view detail) {
  if (exchange.refused) return {Error{ErrorCode::kNetwork, *exchange.refused, "check the registry's address"}};
  Failure out{Error{ErrorCode::kNetwork, std::string(detail.empty() ? curl_easy_strerror(code) : detail),
                    "check the network, the registry's address and the proxy"},
              true};
  if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE) {
    out.passing = false;
    out.error.hint = "install the authority that signed the registry's certificate, and check the machine's clock";
  }
  if (code == CURLE_PARTIAL_FILE) out.error.message = "its answer is cut short";
  return out;
}

void initialise() {
  static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (kReady != CURLE_OK) throw std::runtime_error("libcurl does not start");
}

}  // namespace

std::string Answer::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found != headers.end() ? found->second : std::string();
}

struct HttpConnection::State {
  HttpOptions options;
  Easy easy;
  std::array<char, CURL_ERROR_SIZE> message{};
};

HttpConnection::HttpConnection(HttpOptions options) : state_(std::make_unique<State>()) {
  initialise();
  state_->options = std::move(options);
  state_->easy.reset(curl_easy_init());
  if (!state_->easy) throw std::bad_alloc();
}

HttpConnection::~HttpConnection() = default;

Outcome HttpConnection::exchange(const Request& request) {
  CURL* easy = state_->easy.get();
  Exchange exchange{request, easy};
  exchange.answer.url = request.url;
  const Lines lines = header_lines(request);
  curl_easy_reset(easy);  // options only: its connections stay
  state_->message.fill('\0');
  set(easy, CURLOPT_URL, request.url.text.c_str());
  set(easy, CURLOPT_HTTPHEADER, lines.get());
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_USERAGENT, ("reburst/" + std::string(kVersion)).c_str());
  set(easy, CURLOPT_ERRORBUFFER, state_->message.data());
  set_limits(easy, state_->options, body_size(request));
  set_security(easy, state_->options, request.url);
  set_method(easy, request);
  set_callbacks(easy, exchange);
  const CURLcode code = curl_easy_perform(easy);
  set(easy, CURLOPT_HTTPHEADER, nullptr);
  if (code != CURLE_OK && !exchange.enough) {
    return tl::unexpected(failure_of(exchange, code, state_->message.data()));
  }
  exchange.answer.status = status_of(easy);
  return std::move(exchange.answer);
}

}  // namespace reburst::oci
