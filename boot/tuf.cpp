#include "boot/tuf.hpp"

#include <algorithm>

#include "boot/parse.hpp"

namespace reburst::boot {

namespace {

tl::unexpected<Failure> refuse(std::string_view name, std::string_view expected, std::string_view found) {
  return fail(ticket_failure(name, expected, found));
}

// A number without leading zeros at the beginning of `text`, which it takes away.
bool take_number(std::string_view& text) {
  const auto size = std::min(text.find_first_not_of("0123456789"), text.size());
  const bool good = size == 1 || (size > 1 && text.front() != '0');
  text.remove_prefix(size);
  return good;
}

bool take_dot(std::string_view& text) {
  if (!text.starts_with('.')) return false;
  text.remove_prefix(1);
  return true;
}

// "1.0.30": another major version has other rules.
bool is_spec_version(std::string_view text) {
  if (!text.starts_with("1.")) return false;
  text.remove_prefix(2);
  return take_number(text) && take_dot(text) && take_number(text) && text.empty();
}

// The members that every kind has (section 4.3).
Result<> read_header(Metadata& metadata, std::string_view type) {
  const Json body = metadata.content;
  if (body.member("_type").string() != type) return refuse(metadata.name, type, "metadata of another type");
  if (!is_spec_version(body.member("spec_version").string())) {
    return refuse(metadata.name, "version 1 of the TUF specification", "another");
  }
  if (!body.member("version").number(metadata.version) || metadata.version == 0) {
    return refuse(metadata.name, "a version from 1", "none");
  }
  if (!parse_time(body.member("expires").string(), metadata.expires)) {
    return refuse(metadata.name, "an expiry such as 2026-01-01T00:00:00Z", "none");
  }
  return {};
}

bool has(const RoleKeys& role, std::string_view id) {
  for (const auto& each : role.all()) {
    if (each.id == id) return true;
  }
  return false;
}

Result<> add_key(std::string_view id, Json object, std::string_view name, RoleKeys& out) {
  // PEM keys have line breaks; no key object is longer than this.
  std::array<char, 4096> scratch{};
  if (object.text().size() > scratch.size()) return refuse(name, "a key of at most 4096 bytes", "a longer one");
  Sha256 expected{};
  RoleKeys::Named named{id, {}};
  if (!parse_hex(id, expected) || sha256(signed_form(object, scratch)) != expected) {
    return refuse(name, "each key under the SHA-256 of itself", "a key under another name");
  }
  if (!read_key(object, named.key)) return refuse(name, "keys of Ed25519 and ECDSA P-256", "another key");
  out.named[out.count++] = named;
  return {};
}

}  // namespace

Failure ticket_failure(std::string_view name, std::string_view expected, std::string_view found) {
  Failure failure;
  failure.what.add("checking \"").add(name).add("\" of the release ticket");
  failure.expected.add(expected);
  failure.found.add(found);
  failure.advice.add("hand over a ticket of this release's own registry: reburst ticket");
  return failure;
}

Result<Metadata> read_metadata(std::string_view file, std::string_view name, std::string_view type,
                               std::span<char> scratch) {
  Metadata out{.name = name, .file = file, .signatures = {}, .content = {}, .signed_bytes = {}};
  if (!file.ends_with('\n')) return refuse(name, "canonical JSON and a line break", "no line break at its end");
  file.remove_suffix(1);
  const auto parsed = parse_json(file, name);
  if (!parsed) return refuse(name, parsed.error().expected, parsed.error().found);
  Members members(*parsed);
  // What nobody signed may say nothing: no third member.
  const bool two = members.next() && members.key() == "signatures" && members.value().is_list();
  out.signatures = members.value();
  const bool known = two && members.next() && members.key() == "signed" && members.value().is_object();
  out.content = members.value();
  if (!known || members.next()) return refuse(name, "\"signatures\" and \"signed\"", "other members");
  REBURST_BOOT_TRY(read_header(out, type));
  out.signed_bytes = signed_form(out.content, scratch);
  return out;
}

Result<> read_role(Json role, Json keys, std::string_view name, RoleKeys& out) {
  out.count = 0;
  Elements ids(role.member("keyids"));
  while (ids.next()) {
    const auto id = ids.value().string();
    const Json object = keys.member(id);
    if (out.count == RoleKeys::kMost) return refuse(name, "at most 64 keys", "more");
    if (!object.is_object() || has(out, id)) return refuse(name, "ids of known keys, each once", "another");
    REBURST_BOOT_TRY(add_key(id, object, name, out));
  }
  if (!role.member("threshold").number(out.threshold) || out.threshold == 0 || out.threshold > out.count) {
    return refuse(name, "a threshold from 1 to the number of keys", "another");
  }
  return {};
}

Result<> check_threshold(const Metadata& metadata, const RoleKeys& role) {
  std::array<const PublicKey*, RoleKeys::kMost> counted{};
  std::size_t count = 0;
  const auto is_counted = [&](const PublicKey& key) {
    for (std::size_t i = 0; i < count; ++i) {
      if (*counted[i] == key) return true;
    }
    return false;
  };
  std::size_t looked_at = 0;
  Elements signatures(metadata.signatures);
  while (signatures.next() && looked_at++ < RoleKeys::kMost) {
    const auto id = signatures.value().member("keyid").string();
    const auto value = signatures.value().member("sig").string();
    for (const auto& each : role.all()) {
      if (each.id != id || is_counted(each.key) || !verify(each.key, metadata.signed_bytes, value)) continue;
      counted[count++] = &each.key;
    }
  }
  if (count >= role.threshold) return {};
  Failure failure = ticket_failure(metadata.name, "", "");
  failure.expected.add("signatures of ").add_number(role.threshold).add(" of its ").add_number(role.count).add(" keys");
  failure.found.add_number(count).add(" that fit: it was changed, or signed with other keys");
  return fail(failure);
}

Result<> check_bytes(Json listed, std::string_view file, std::string_view name) {
  std::uint64_t version = 0;
  if (!listed.member("version").number(version)) return refuse(name, "to be listed", "it is not");
  if (const Json length = listed.member("length"); length.there()) {
    std::uint64_t number = 0;
    if (!length.number(number) || number != file.size()) return refuse(name, "the length that is listed", "another");
  }
  const Json hashes = listed.member("hashes");
  if (!hashes.there()) return {};
  Sha256 expected{};
  if (!parse_hex(hashes.member("sha256").string(), expected)) return refuse(name, "a SHA-256 that is listed", "none");
  if (sha256(file) == expected) return {};
  Failure failure = ticket_failure(name, "", "");
  failure.expected.add("SHA-256 ").add_hex(expected);
  failure.found.add("SHA-256 ").add_hex(sha256(file)).add(": files of different moments");
  return fail(failure);
}

Result<> check_version(Json listed, const Metadata& metadata) {
  std::uint64_t version = 0;
  if (listed.member("version").number(version) && version == metadata.version) return {};
  Failure failure = ticket_failure(metadata.name, "", "");
  failure.expected.add("version ").add_number(version).add(", which is listed");
  failure.found.add("version ").add_number(metadata.version);
  return fail(failure);
}

}  // namespace reburst::boot
