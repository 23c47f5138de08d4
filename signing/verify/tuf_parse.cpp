#include <algorithm>

#include "core/text.hpp"
#include "signing/verify/canonical.hpp"
#include "signing/verify/tuf_metadata.hpp"

namespace reburst::tuf {

namespace {

using namespace std::string_literals;

constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxKeyText = 4096;
constexpr std::size_t kMaxSignatureDigits = 1024;

Result<> check_number(const Document& document, const Json& value) {
  const bool fits = value.is_number_unsigned() ? value.get<std::uint64_t>() <= kMaxNumber
                                               : value.get<std::int64_t>() >= -static_cast<std::int64_t>(kMaxNumber);
  if (!fits) return document.refuse("", "it holds the number " + value.dump() + ", which not every reader can hold");
  return {};
}

Result<> check_key(const Document& document, const std::string& key) {
  if (signing::has_control(key)) return document.refuse("", "it holds a key with a control character");
  if (key.size() > kMaxKeyText) return document.refuse("", "it holds a key of more than 4096 bytes");
  const auto beyond = [](char letter) { return static_cast<unsigned char>(letter) >= 0xf0; };
  // Readers that sort keys by UTF-16 units and those that sort by bytes would sign different texts.
  if (std::any_of(key.begin(), key.end(), beyond)) return document.refuse("", "it holds a key beyond U+FFFF");
  return {};
}

// What two canonical forms, or two readers, could take for different things stands nowhere in metadata. Line breaks
// stand in PEM keys alone. Depth is bounded by parse_json().
Result<> check_text(const Document& document, const Json& value, bool pem = false) {
  if (value.is_number()) return check_number(document, value);
  if (value.is_string()) {
    std::string text = value.get<std::string>();
    if (pem) std::erase(text, '\n');
    if (signing::has_control(text)) return document.refuse("", "it holds a string with a control character");
  }
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      REBURST_TRY(check_key(document, key));
      REBURST_TRY(check_text(document, member, key == "public"));
    }
  }
  if (value.is_array()) {
    for (const auto& element : value) REBURST_TRY(check_text(document, element));
  }
  return {};
}

Result<Signature> read_signature(const Document& document, const Json& json, const std::string& place) {
  Members members(document, json, place);
  Signature out;
  out.keyid = REBURST_TRY(members.text("keyid"));
  if (!is_keyid(out.keyid)) return document.refuse(members.place("keyid"), "it is not a SHA-256 in lower case");
  const auto digits = REBURST_TRY(members.text("sig"));
  auto value = digits.size() > kMaxSignatureDigits ? std::nullopt : signing::parse_hex(digits);
  if (!value) return document.refuse(members.place("sig"), "it is not a signature in lower-case hexadecimal digits");
  out.value = *std::move(value);
  REBURST_TRY(members.finish());
  return out;
}

Result<std::vector<Signature>> read_signatures(const Document& document, Members& members) {
  const Json* list = REBURST_TRY(members.list("signatures", kMaxSignatures));
  std::vector<Signature> out;
  for (const auto& json : *list) {
    auto next = REBURST_TRY(read_signature(document, json, "signatures[" + std::to_string(out.size()) + "]"));
    const auto same = [&](const Signature& other) { return other.keyid == next.keyid; };
    if (std::any_of(out.begin(), out.end(), same)) {
      return document.refuse("signatures", "the key \"" + next.keyid + "\" stands twice");
    }
    out.push_back(std::move(next));
  }
  return out;
}

// "1.0.30": a semantic version (section 4.3 of the specification). Another major version has other rules.
Result<> read_spec_version(const Document& document, Members& members) {
  const auto text = REBURST_TRY(members.text("spec_version"));
  const auto numbers = split(text, '.');
  const bool semantic = numbers.size() == 3 && std::all_of(numbers.begin(), numbers.end(), [](auto number) {
                          return parse_decimal(number).has_value() && (number == "0" || number.front() != '0');
                        });
  if (semantic && numbers.front() == "1") return {};
  return document.refuse(members.place("spec_version"),
                         semantic ? "it is \"" + text + "\", and this program reads 1.x.x"
                                  : "it is \"" + text + "\", which is no version such as \"1.0.30\"");
}

Result<Header> read_header(const Document& document, Members& members, std::string_view type) {
  const auto found = REBURST_TRY(members.text("_type"));
  if (found != type) {
    return document.refuse(members.place("_type"),
                           "it is \"" + found + "\", and \"" + std::string(type) + "\" is expected");
  }
  REBURST_TRY(read_spec_version(document, members));
  Header out;
  out.version = REBURST_TRY(members.number("version", 1, kMaxNumber));
  out.expires = REBURST_TRY(members.time("expires"));
  return out;
}

Result<> read(const Document& document, Members& members, Root& out) {
  if (!REBURST_TRY(members.flag("consistent_snapshot"))) {
    return document.refuse(members.place("consistent_snapshot"),
                           "it is false, and this program reads no other registry");
  }
  out.keys = REBURST_TRY(read_keys(document, members));
  const Json* roles = REBURST_TRY(members.object("roles", 4));
  for (const auto* name : {"root", "targets", "snapshot", "timestamp"}) {
    const auto place = members.place("roles."s + name);
    if (!roles->contains(name)) return document.refuse(place, "it is missing");
    Members role(document, (*roles)[name], place);
    out.roles[name] = REBURST_TRY(read_role(document, role, out.keys));
  }
  return {};
}

Result<> read(const Document& document, Members& members, Timestamp& out) {
  const Json* meta = REBURST_TRY(members.object("meta", 1));
  const auto place = members.place("meta.snapshot.json");
  if (!meta->contains("snapshot.json")) return document.refuse(place, "it is missing");
  out.snapshot = REBURST_TRY(read_meta_file(document, (*meta)["snapshot.json"], place));
  return {};
}

Result<> read(const Document& document, Members& members, Snapshot& out) {
  constexpr std::string_view kSuffix = ".json";
  const Json* meta = REBURST_TRY(members.object("meta", kMaxMetaFiles));
  for (const auto& [name, file] : meta->items()) {
    const auto place = members.place("meta." + name);
    const auto role = std::string_view(name).substr(0, name.size() - std::min(name.size(), kSuffix.size()));
    if (!name.ends_with(kSuffix) || !(role == "targets" || is_delegated_name(role))) {
      return document.refuse(place, "it names no metadata of targets");
    }
    out.meta.emplace(name, REBURST_TRY(read_meta_file(document, file, place)));
  }
  if (!out.meta.contains("targets.json")) return document.refuse(members.place("meta.targets.json"), "it is missing");
  return {};
}

Result<> read(const Document& document, Members& members, Targets& out) {
  return read_targets(document, members, out);
}

}  // namespace

Result<MetaFile> read_meta_file(const Document& document, const Json& json, const std::string& place) {
  Members members(document, json, place);
  MetaFile out;
  out.version = REBURST_TRY(members.number("version", 1, kMaxNumber));
  if (members.has("length")) out.length = REBURST_TRY(members.number("length", 1, kMaxNumber));
  if (members.has("hashes")) {
    const Json* hashes = REBURST_TRY(members.object("hashes", kMaxMembers));
    out.sha256 = REBURST_TRY(Members(document, *hashes, members.place("hashes")).digest("sha256"));
  }
  return out;
}

template <class Body>
Result<Signed<Body>> parse(std::string_view text, std::string_view name) {
  const Document document{ErrorCode::kIntegrity, "the metadata \"" + std::string(name) + "\"",
                          "ask the publisher of the registry"};
  const Json json = REBURST_TRY(parse_json(text, name, kMaxDepth));
  REBURST_TRY(check_text(document, json));
  Members outer(document, json, "");
  const Json* body = REBURST_TRY(outer.object("signed", kMaxMembers));
  Signed<Body> out;
  Members members(document, *body, "signed");
  out.body.header = REBURST_TRY(read_header(document, members, Body::kType));
  REBURST_TRY(read(document, members, out.body));
  out.signed_bytes = signing::canonical_metadata(*body);
  out.signatures = REBURST_TRY(read_signatures(document, outer));
  REBURST_TRY(outer.finish());  // what nobody signed may say nothing
  return out;
}

template Result<Signed<Root>> parse<Root>(std::string_view, std::string_view);
template Result<Signed<Timestamp>> parse<Timestamp>(std::string_view, std::string_view);
template Result<Signed<Snapshot>> parse<Snapshot>(std::string_view, std::string_view);
template Result<Signed<Targets>> parse<Targets>(std::string_view, std::string_view);

}  // namespace reburst::tuf
