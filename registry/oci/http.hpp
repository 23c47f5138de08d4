#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "registry/oci/address.hpp"

namespace reburst::oci {

struct Request {
  std::string method;  // GET, HEAD, POST or PUT
  Url url;
  std::vector<std::string> headers = {};  // "Accept: …"
  std::string body = {};                  // of POST and PUT, unless there is a file
  int file = -1;                          // sent from its beginning
  std::uint64_t file_size = 0;
  std::uint64_t max_answer = 1U << 16U;             // bytes of the body
  std::function<void(std::uint64_t)> on_sent = {};  // bytes of the body sent so far
};

struct Answer {
  long status = 0;
  std::multimap<std::string, std::string> headers;  // names in lower case
  std::string body;
  Url url;  // what answered

  [[nodiscard]] std::string header(const std::string& name) const;  // the first; empty: none
};

// Why there is no answer to work with.
struct Failure {
  Error error;
  bool passing = false;  // worth another attempt
  unsigned retry_after_s = 0;
};
using Outcome = tl::expected<Answer, Failure>;

struct HttpOptions {
  std::string proxy;        // rules, see fetch/proxy.hpp; never for this machine
  std::string authorities;  // PEM file; empty: the machine's
  unsigned stall_seconds = 30;
};

// One request after the other over kept connections. Redirects are not followed, certificates are verified, nothing
// comes from the environment. An answer takes at most four times `stall_seconds`, and longer only for what the request
// sends, at 16 KiB a second. An answer that is cut short or larger than `max_answer` is a failure; a status is not, and
// of its page the beginning is kept.
class HttpConnection {
 public:
  explicit HttpConnection(HttpOptions options);
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;
  HttpConnection(HttpConnection&&) = delete;
  HttpConnection& operator=(HttpConnection&&) = delete;
  ~HttpConnection();

  [[nodiscard]] Outcome exchange(const Request& request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace reburst::oci
