#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace reburst::fetch {

struct HttpRequest {
  std::string uri;
  std::string proxy;         // empty: none
  std::uint64_t offset = 0;  // ask for the bytes from here on
  unsigned stall_seconds = 30;
  unsigned min_bytes_per_second = 100;  // slower than that for stall_seconds is a stall; 0: any pace will do
  std::uint64_t most_ms = 0;            // of the whole transfer; 0: no bound
  bool same_origin = false;             // a redirect to another scheme, host or port is refused (kFailed)
  // Takes the body's bytes that start at `at`; a server that ignores `offset` starts again at 0. A failure ends the
  // transfer.
  std::function<Result<>(std::uint64_t at, std::span<const std::byte> bytes)> sink;
};

struct HttpOutcome {
  enum class Kind {
    kDone,       // the body ended
    kRetry,      // a network error, 5xx, 408 or 429: worth another attempt
    kMissing,    // 404 or 410
    kFailed,     // any other status, TLS verification, a bad redirect
    kSinkFailed  // `error` is the sink's own
  };
  std::size_t id = 0;
  Kind kind = Kind::kFailed;
  Error error;                 // unless kDone
  long status = 0;             // HTTP's, 0 when none came
  bool length_known = false;   // the server said how long the body is: kDone means that all of it came
  unsigned retry_after_s = 0;  // the server's wish
};

// Transfers over http: and https: that run side by side in one thread (libcurl's multi interface); connections are kept
// for the next transfer. Certificates are verified; proxies come from the request alone, never from the environment.
class HttpClient {
 public:
  HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  HttpClient(HttpClient&&) = delete;
  HttpClient& operator=(HttpClient&&) = delete;
  ~HttpClient();

  // Starts a transfer; `id` is the caller's.
  void start(std::size_t id, HttpRequest request);
  // Works for up to `timeout_ms`, or until something ended or wake() was called.
  [[nodiscard]] std::vector<HttpOutcome> poll(int timeout_ms);
  // Ends a running poll(). From any thread.
  void wake();
  [[nodiscard]] std::size_t running() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace reburst::fetch
