#include "core/json.hpp"

#include <set>
#include <stdexcept>
#include <vector>

namespace reburst {

namespace {

void reject_floats(const Json& value) {
  if (value.is_number_float()) throw std::invalid_argument("canonical JSON holds no floating point numbers");
  if (value.is_structured()) {
    for (const auto& member : value) reject_floats(member);
  }
}

// Of a foreign text, for a message: without what would start a line or steer a terminal, and not endless.
std::string quoted(const std::string& key) {
  constexpr std::size_t kMost = 64;
  return Json(key.substr(0, kMost)).dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace

std::string canonical_json(const Json& value) {
  reject_floats(value);
  try {
    return value.dump(-1, ' ', false, Json::error_handler_t::strict) + "\n";
  } catch (const Json::type_error& error) {
    throw std::invalid_argument(error.what());
  }
}

Result<Json> parse_json(std::string_view text, std::string_view name, std::size_t max_depth) {
  std::vector<std::set<std::string>> keys;
  std::string problem;
  // The library keeps the last of two equal keys: two readers could then see two documents, so we refuse.
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (static_cast<std::size_t>(depth) > max_depth && problem.empty()) problem = "it is nested too deeply";
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end && !keys.empty()) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second && problem.empty()) {
      problem = "the key " + quoted(parsed.get<std::string>()) + " stands twice";
    }
    if (event == Json::parse_event_t::value && parsed.is_number_float() && problem.empty()) {
      problem = "it holds a floating point number";
    }
    return true;
  };
  const auto broken = [&](const std::string& why) {
    return fail(ErrorCode::kIntegrity, "cannot read \"" + std::string(name) + "\" as JSON: " + why);
  };
  // The library takes a zero byte for the end of the text and passes over a byte order mark (RFC 8259, 8.1): what one
  // reader skips is what two readers differ in.
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    return broken("not JSON at byte " + std::to_string(zero + 1));
  }
  if (text.starts_with("\xEF\xBB\xBF")) return broken("not JSON at byte 1");
  try {
    Json value = Json::parse(text.begin(), text.end(), watch);
    if (!problem.empty()) return broken(problem);
    return value;
  } catch (const Json::parse_error& error) {
    return broken("not JSON at byte " + std::to_string(error.byte));
  } catch (const Json::out_of_range&) {
    return broken("it holds a number that is too large");
  }
}

Result<std::string> json_string(const Json& object, std::string_view key, std::string_view name) {
  const auto found = object.is_object() ? object.find(std::string(key)) : object.end();
  if (!object.is_object() || found == object.end() || !found->is_string()) {
    return fail(ErrorCode::kIntegrity, "\"" + std::string(name) + "\" has no string \"" + std::string(key) + "\"");
  }
  return found->get<std::string>();
}

Result<std::uint64_t> json_unsigned(const Json& object, std::string_view key, std::string_view name) {
  const auto found = object.is_object() ? object.find(std::string(key)) : object.end();
  if (!object.is_object() || found == object.end() || !found->is_number_unsigned()) {
    return fail(ErrorCode::kIntegrity,
                "\"" + std::string(name) + "\" has no whole number \"" + std::string(key) + "\"");
  }
  return found->get<std::uint64_t>();
}

}  // namespace reburst
