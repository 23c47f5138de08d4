#include "registry/oci/challenge.hpp"

#include <algorithm>
#include <optional>

#include "core/json.hpp"

namespace reburst::oci {

namespace {

constexpr std::size_t kMaxToken = 64U << 10U;

bool is_token_letter(char c) {
  const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return alphanumeric || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// RFC 9110, 5.6: the pieces of a header's value.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool done() const { return text_.empty(); }

  void skip_blanks() { text_.remove_prefix(std::min(text_.find_first_not_of(" \t"), text_.size())); }

  bool take(char letter) {
    if (!text_.starts_with(letter)) return false;
    text_.remove_prefix(1);
    return true;
  }

  // In lower case: schemes and parameter names have no case.
  std::string token() {
    std::string out;
    while (!text_.empty() && is_token_letter(text_.front())) {
      const char c = text_.front();
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      text_.remove_prefix(1);
    }
    return out;
  }

  std::optional<std::string> value() {
    std::string out;
    if (!take('"')) {
      while (!text_.empty() && is_token_letter(text_.front())) {
        out += text_.front();
        text_.remove_prefix(1);
      }
      return out.empty() ? std::nullopt : std::optional(out);
    }
    while (!text_.empty()) {
      if (take('"')) return out;
      if (take('\\') && text_.empty()) break;
      out += text_.front();
      text_.remove_prefix(1);
    }
    return std::nullopt;
  }

 private:
  std::string_view text_;
};

}  // namespace

std::vector<Challenge> parse_challenges(std::string_view header) {
  std::vector<Challenge> out;
  Reader reader(header);
  for (;;) {
    reader.skip_blanks();
    while (reader.take(',')) reader.skip_blanks();
    const std::string name = reader.token();
    if (name.empty()) return out;
    reader.skip_blanks();
    if (!reader.take('=')) {
      out.push_back({name, {}});  // a scheme: what follows are its parameters
      continue;
    }
    reader.skip_blanks();
    const auto value = reader.value();
    if (!value || out.empty()) return out;
    out.back().parameters.emplace(name, *value);
  }
}

Result<std::string> parse_token(std::string_view answer, std::string_view server) {
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorCode::kNetwork, "cannot get a token from \"" + std::string(server) + "\": " + why,
                "check the registry's address, and the user's name and password");
  };
  const auto object = parse_json(answer, server, 16);
  if (!object || !object->is_object()) return refuse("its answer is no JSON object");
  for (const auto* key : {"token", "access_token"}) {
    const auto found = object->find(key);
    if (found == object->end() || !found->is_string()) continue;
    auto token = found->get<std::string>();
    const auto visible = [](char c) { return c > ' ' && c < 0x7f; };
    if (token.empty()) continue;
    if (token.size() <= kMaxToken && std::all_of(token.begin(), token.end(), visible)) return token;
    return refuse("its token cannot stand in a header");
  }
  return refuse("its answer has no token");
}

}  // namespace reburst::oci
