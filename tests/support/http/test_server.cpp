#include "tests/support/http/test_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <stdexcept>

#include "core/file.hpp"
#include "core/text.hpp"

namespace reburst::test {

namespace {

constexpr std::size_t kPiece = 64U * 1024;

bool send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string decode(std::string_view target) {
  std::string out;
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (target[i] == '%' && i + 2 < target.size()) {
      out += static_cast<char>(hex_value(target[i + 1]) * 16 + hex_value(target[i + 2]));
      i += 2;
    } else {
      out += target[i];
    }
  }
  return out;
}

ServerRequest parse(const std::string& head) {
  ServerRequest request;
  const auto lines = split(head, '\n');
  const auto words = split_words(lines.front());
  if (words.size() < 2) return request;
  request.method = words[0];
  request.target = words[1];
  std::string_view path = request.target;
  if (path.starts_with("http://")) path.remove_prefix(std::min(path.find('/', 7), path.size()));  // asked as a proxy
  request.path = decode(path);
  for (const auto line : lines) {
    if (line.starts_with("Range: bytes="))
      request.range_start = parse_decimal(line.substr(13, line.find('-', 13) - 13));
    if (line.starts_with("Host: ")) request.host = trim(line.substr(6));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    request.headers.emplace(std::move(name), trim(line.substr(colon + 1)));
  }
  return request;
}

// Receives until `received` has `size` bytes; false when the client goes away.
bool receive(int connection, std::string& received, std::size_t size) {
  std::vector<char> buffer(kPiece);
  while (received.size() < size) {
    const ssize_t got = ::recv(connection, buffer.data(), buffer.size(), 0);
    if (got <= 0) return false;
    received.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return true;
}

void pause(unsigned ms) {
  std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

}  // namespace

TestServer::TestServer(Handler handler)
    : handler_(std::move(handler)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_.get(), generic, length) != 0 || ::listen(listener_.get(), 64) != 0 ||
      ::getsockname(listener_.get(), generic, &length) != 0) {
    throw std::runtime_error("the test server cannot listen");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::jthread([this] { accept_loop(); });
}

TestServer::~TestServer() {
  stop_.store(true);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int connection : open_) ::shutdown(connection, SHUT_RDWR);
  }
  threads_.clear();
}

std::string TestServer::uri() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

std::vector<ServerRequest> TestServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void TestServer::accept_loop() {
  while (!stop_.load()) {
    pollfd waiting{listener_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, 20) <= 0) continue;
    const int connection = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    connections_.fetch_add(1);
    const std::lock_guard lock(mutex_);
    open_.push_back(connection);
    threads_.emplace_back([this, connection] { serve(connection); });
  }
}

void TestServer::serve(int connection) {
  std::string received;
  bool keep = true;
  while (keep && !stop_.load()) {
    const auto end = received.find("\r\n\r\n");
    if (end == std::string::npos) {
      if (!receive(connection, received, received.size() + 1)) break;
      continue;
    }
    ServerRequest request = parse(received.substr(0, end));
    const std::size_t size = parse_decimal(request.headers["content-length"]).value_or(0);
    if (request.headers.contains("expect") && !send_all(connection, "HTTP/1.1 100 Continue\r\n\r\n")) break;
    if (!receive(connection, received, end + 4 + size)) break;
    request.body = received.substr(end + 4, size);
    received.erase(0, end + 4 + size);
    keep = answer(connection, std::move(request));
  }
  const std::lock_guard lock(mutex_);
  std::erase(open_, connection);
  ::close(connection);
}

// False when the connection is to be closed.
bool TestServer::answer(int connection, ServerRequest request) {
  {
    const std::lock_guard lock(mutex_);
    request.number = static_cast<std::size_t>(
        std::count_if(requests_.begin(), requests_.end(), [&](const auto& each) { return each.path == request.path; }));
    requests_.push_back(request);
  }
  ServerReply reply = handler_(request);
  std::size_t from = 0;
  if (reply.ranges && request.range_start && reply.status == 200) {
    from = std::min<std::size_t>(*request.range_start, reply.body.size());
    reply.status = from < reply.body.size() ? 206 : 416;
    reply.headers.push_back("Content-Range: bytes " + std::to_string(from) + "-" +
                            std::to_string(reply.body.size() - 1) + "/" + std::to_string(reply.body.size()));
  }
  std::string_view body = std::string_view(reply.body).substr(from);
  std::string header = "HTTP/1.1 " + std::to_string(reply.status) + " Status\r\n";
  const bool length = reply.send_length && !reply.endless;
  header += length ? "Content-Length: " + std::to_string(body.size()) + "\r\n" : "Connection: close\r\n";
  for (const auto& line : reply.headers) header += line + "\r\n";
  if (!send_all(connection, header + "\r\n")) return false;
  if (request.method == "HEAD") return length;
  while (reply.stall && !stop_.load()) pause(20);
  if (reply.cut_after) body = body.substr(0, *reply.cut_after);
  while (!body.empty()) {
    if (reply.delay_ms != 0) pause(reply.delay_ms);
    const auto piece = body.substr(0, reply.piece);
    if (stop_.load() || !send_all(connection, piece)) return false;
    body.remove_prefix(piece.size());
  }
  while (reply.endless && !stop_.load() && send_all(connection, std::string(kPiece, '\0'))) {
  }
  return length && !reply.cut_after;
}

TestServer::Handler serve_folder(std::string folder) {
  return [folder = std::move(folder)](const ServerRequest& request) {
    auto content = read_file(folder + request.path, 1U << 30U);
    ServerReply reply;
    reply.status = content ? 200 : 404;
    if (content) reply.body = *std::move(content);
    return reply;
  };
}

}  // namespace reburst::test
