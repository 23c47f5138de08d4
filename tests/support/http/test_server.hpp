#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/handle.hpp"

namespace reburst::test {

struct ServerRequest {
  std::string method, target, path;  // `path` is `target` percent-decoded
  std::string host;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  std::optional<std::uint64_t> range_start;
  std::size_t number = 0;  // how many requests for this path came before
};

// What the server does with a request; the faults are those of real mirrors.
struct ServerReply {
  int status = 200;
  std::string body = {};
  std::vector<std::string> headers = {};      // without the line end
  bool ranges = true;                         // answer a Range with 206
  bool send_length = true;                    // else the end of the connection ends the body
  std::optional<std::size_t> cut_after = {};  // close the connection after so many bytes of the body
  bool endless = false;                       // go on with zeros, without a length
  std::size_t piece = 64U * 1024;             // bytes sent at once
  unsigned delay_ms = 0;                      // before each piece
  bool stall = false;                         // send the header, then nothing until the client goes
};

// A loopback HTTP/1.1 server with a thread per connection.
class TestServer {
 public:
  using Handler = std::function<ServerReply(const ServerRequest&)>;
  explicit TestServer(Handler handler);
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  TestServer(TestServer&&) = delete;
  TestServer& operator=(TestServer&&) = delete;
  ~TestServer();

  // "http://127.0.0.1:PORT"
  [[nodiscard]] std::string uri() const;
  [[nodiscard]] std::vector<ServerRequest> requests() const;
  [[nodiscard]] std::size_t connections() const { return connections_.load(); }

 private:
  void accept_loop();
  void serve(int connection);
  bool answer(int connection, ServerRequest request);

  Handler handler_;
  Fd listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_{false};
  std::atomic<std::size_t> connections_{0};
  mutable std::mutex mutex_;
  std::vector<ServerRequest> requests_;
  std::vector<int> open_;
  std::vector<std::jthread> threads_;
  std::jthread acceptor_;
};

// Serves the files below `folder`; a folder that changes is served as it is at the time.
[[nodiscard]] TestServer::Handler serve_folder(std::string folder);

}  // namespace reburst::test
