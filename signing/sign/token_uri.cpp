#include "signing/sign/token_uri.hpp"

#include "core/file.hpp"
#include "core/text.hpp"
#include "signing/sign/private_file.hpp"

namespace reburst::signing {

namespace {

constexpr std::string_view kScheme = "pkcs11:";
constexpr std::size_t kMaxPin = 4096;

std::string_view path_of(std::string_view uri) {
  return uri.substr(0, uri.find('?'));
}

bool is_pin(std::string_view attribute) {
  return attribute.starts_with("pin-value=") || attribute.starts_with("pin-source=");
}

tl::unexpected<Error> refuse(const std::string& uri, const std::string& why) {
  return fail(ErrorCode::kUsage, "cannot use the key \"" + key_name(uri) + "\": " + why,
              "write it as in \"pkcs11:token=release;object=web?module-path=/usr/lib/softhsm/libsofthsm2.so\"");
}

std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0 || high + low == 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

// The first line of the file (RFC 7512, 2.4: "file:/run/pin" or a path).
Result<Secret> read_pin(std::string path) {
  if (path.starts_with("file:")) path.erase(0, path.starts_with("file://") ? 7 : 5);
  // A systemd credential shows its access list's mask as the group's bits.
  const Fd file = REBURST_TRY(open_read(path));
  REBURST_TRY(check_private(file.get(), "the PIN in", path, S_IWGRP | S_IRWXO));
  std::string text = REBURST_TRY(read_file(path, kMaxPin));
  std::string pin(text.substr(0, text.find_first_of("\r\n")));
  wipe(text);
  return Secret(std::move(pin));
}

Result<> take(std::string_view attribute, const std::string& uri, TokenUri& out) {
  const auto equals = attribute.find('=');
  const auto name = std::string(attribute.substr(0, equals));
  auto value = equals == std::string_view::npos ? std::nullopt : unescaped(attribute.substr(equals + 1));
  if (!value) return refuse(uri, "the attribute \"" + name + "\" has no value, or a broken one");
  if (name == "pin-value") {
    out.pin.emplace(*std::move(value));
  } else if (name == "pin-source") {
    out.pin.emplace(REBURST_TRY(read_pin(*value)));
  } else if (name == "module-path") {
    out.module = *value;
  } else {
    return refuse(uri, "the attribute \"" + name + "\" is not supported");
  }
  return {};
}

}  // namespace

std::string key_name(const std::string& where) {
  if (!is_token_key(where)) return where;
  std::string out;
  for (const auto attribute : split(path_of(where).substr(kScheme.size()), ';')) {
    if (is_pin(attribute)) continue;
    out += (out.empty() ? "" : ";") + std::string(attribute);
  }
  return std::string(kScheme) + out;
}

Result<TokenUri> parse_token_uri(const std::string& uri) {
  TokenUri out;
  out.key = key_name(uri);
  if (out.key == kScheme) return refuse(uri, "it names no key");
  const auto path = path_of(uri);
  // Some write the PIN among the attributes of the path.
  for (const auto attribute : split(path.substr(kScheme.size()), ';')) {
    if (is_pin(attribute)) REBURST_TRY(take(attribute, uri, out));
  }
  if (path.size() == uri.size()) return out;
  for (const auto attribute : split(std::string_view(uri).substr(path.size() + 1), '&')) {
    REBURST_TRY(take(attribute, uri, out));
  }
  return out;
}

}  // namespace reburst::signing
