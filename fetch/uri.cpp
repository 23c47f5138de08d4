#include "fetch/uri.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace reburst::fetch {

namespace {

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char letter) { return lower(letter); });
  return out;
}

bool allowed_in_path(char letter) {
  const bool alphanumeric = (lower(letter) >= 'a' && lower(letter) <= 'z') || (letter >= '0' && letter <= '9');
  return alphanumeric || std::string_view("-._~!$&'()*,;=:@/").find(letter) != std::string_view::npos;
}

std::string encode(std::string_view text, std::string_view also_allowed) {
  std::string out;
  out.reserve(text.size());
  for (const char letter : text) {
    if (allowed_in_path(letter) || also_allowed.find(letter) != std::string_view::npos) {
      out += letter;
    } else {
      out += '%' + to_hex(std::as_bytes(std::span(&letter, 1)));
    }
  }
  return out;
}

// The text between "scheme://" and the next slash; empty for "file:/path".
std::string_view authority(std::string_view after_scheme) {
  if (!after_scheme.starts_with("//")) return {};
  return after_scheme.substr(2, after_scheme.find('/', 2) - 2);
}

std::string host_of(std::string_view authority) {
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
  if (authority.starts_with('[')) return lower(authority.substr(0, authority.find(']') + 1));
  return lower(authority.substr(0, authority.find(':')));
}

}  // namespace

Result<Uri> parse_uri(std::string_view uri) {
  const auto colon = uri.find(':');
  Uri out;
  if (colon != std::string_view::npos) out.scheme = lower(uri.substr(0, colon));
  const bool http = out.scheme == "http" || out.scheme == "https";
  if (!http && out.scheme != "file") {
    return fail(ErrorCode::kUsage,
                "cannot fetch \"" + without_credentials(uri) + "\": not an http:, https: or file: address",
                "give the mirror's address as http://…, https://… or file:///…");
  }
  const auto rest = uri.substr(colon + 1);
  const auto server = authority(rest);
  out.host = host_of(server);
  const auto path = rest.substr(rest.starts_with("//") ? server.size() + 2 : 0);
  if ((http && out.host.empty()) ||
      (!http && (!path.starts_with('/') || !(out.host.empty() || out.host == "localhost")))) {
    return fail(
        ErrorCode::kUsage,
        "cannot fetch \"" + without_credentials(uri) + "\": the address names no " + (http ? "host" : "absolute path"),
        http ? "write it as http://host/path" : "write it as file:///path");
  }
  out.path = path;
  return out;
}

std::string escape_uri(std::string_view uri) {
  const auto colon = uri.find(':');
  if (colon == std::string_view::npos) return encode(uri, "%+?");
  const auto rest = uri.substr(colon + 1);
  const auto prefix = colon + 1 + (rest.starts_with("//") ? authority(rest).size() + 2 : 0);
  return std::string(uri.substr(0, prefix)) + encode(uri.substr(prefix), "%+?");
}

std::string escape_path(std::string_view path) {
  return encode(path, "");
}

std::filesystem::path file_path(const Uri& uri) {
  std::string out;
  for (std::size_t i = 0; i < uri.path.size(); ++i) {
    const int high = i + 2 < uri.path.size() ? hex_value(uri.path[i + 1]) : -1;
    const int low = i + 2 < uri.path.size() ? hex_value(uri.path[i + 2]) : -1;
    if (uri.path[i] == '%' && high >= 0 && low >= 0 && high + low > 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += uri.path[i];
    }
  }
  return out;
}

std::string without_credentials(std::string_view uri) {
  const auto colon = uri.find("://");
  if (colon == std::string_view::npos) return std::string(uri);
  const auto server = authority(uri.substr(colon + 1));
  const auto at = server.rfind('@');
  if (at == std::string_view::npos) return std::string(uri);
  return std::string(uri.substr(0, colon + 3)) + std::string(uri.substr(colon + 3 + at + 1));
}

}  // namespace reburst::fetch
