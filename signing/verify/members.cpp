#include "signing/verify/members.hpp"

#include <algorithm>

namespace reburst::signing {

tl::unexpected<Error> Document::refuse(const std::string& place, const std::string& why) const {
  return fail(code, what + ": " + (place.empty() ? "" : place + ": ") + why, hint);
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f; });
}

Members::Members(const Document& document, const Json& object, std::string place)
    : document_(document), object_(object), place_(std::move(place)) {}

bool Members::has(const char* key) const {
  return object_.is_object() && object_.contains(key);
}

std::string Members::place(const std::string& key) const {
  return place_.empty() ? key : place_ + "." + key;
}

Result<const Json*> Members::member(const char* key) {
  if (!object_.is_object()) return document_.refuse(place_, "it is not an object");
  const auto found = object_.find(key);
  if (found == object_.end()) return document_.refuse(place(key), "it is missing");
  taken_.insert(key);
  return &*found;
}

Result<std::string> Members::text(const char* key) {
  const Json* value = REBURST_TRY(member(key));
  if (!value->is_string()) return document_.refuse(place(key), "it is not a string");
  const auto& out = value->get_ref<const std::string&>();
  if (has_control(out)) return document_.refuse(place(key), "it holds a control character");
  return out;
}

Result<std::uint64_t> Members::number(const char* key, std::uint64_t least, std::uint64_t most) {
  const Json* value = REBURST_TRY(member(key));
  if (!value->is_number_unsigned()) return document_.refuse(place(key), "it is not a whole number");
  const auto out = value->get<std::uint64_t>();
  if (out < least || out > most) {
    return document_.refuse(
        place(key),
        "it is " + std::to_string(out) + ", not " + std::to_string(least) +
            (most == std::numeric_limits<std::uint64_t>::max() ? " or more" : " to " + std::to_string(most)));
  }
  return out;
}

Result<bool> Members::flag(const char* key) {
  const Json* value = REBURST_TRY(member(key));
  if (!value->is_boolean()) return document_.refuse(place(key), "it is neither true nor false");
  return value->get<bool>();
}

Result<Epoch> Members::time(const char* key) {
  const auto text = REBURST_TRY(this->text(key));
  const auto out = parse_iso_time(text);
  // A leap second would be written back as another text.
  if (!out || iso_time(*out) != text) {
    return document_.refuse(place(key), "it is not a time such as \"2026-01-01T00:00:00Z\"");
  }
  return *out;
}

Result<Digest> Members::digest(const char* key) {
  const auto text = REBURST_TRY(this->text(key));
  const auto out = Digest::parse(text);
  if (!out || out->hex() != text) return document_.refuse(place(key), "it is not a SHA-256 in lower case");
  return *out;
}

Result<const Json*> Members::list(const char* key, std::size_t most) {
  const Json* value = REBURST_TRY(member(key));
  if (!value->is_array()) return document_.refuse(place(key), "it is not a list");
  if (value->size() > most) return document_.refuse(place(key), "it has more than " + std::to_string(most));
  return value;
}

Result<const Json*> Members::object(const char* key, std::size_t most) {
  const Json* value = REBURST_TRY(member(key));
  if (!value->is_object()) return document_.refuse(place(key), "it is not an object");
  if (value->size() > most) return document_.refuse(place(key), "it has more than " + std::to_string(most));
  return value;
}

Result<> Members::finish() const {
  for (const auto& [key, value] : object_.items()) {
    if (!taken_.contains(key)) return document_.refuse(place(key), "it is not known");
  }
  return {};
}

}  // namespace reburst::signing
