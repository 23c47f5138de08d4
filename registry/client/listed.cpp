#include "registry/client/listed.hpp"

namespace reburst::client {

namespace {

constexpr Rule kFormat{"4", "document formats"};
constexpr std::string_view kMixedHint =
    "the registry's files are not of one moment, or one was changed: try again later, or ask its keeper";

// Capped by what is listed, but never beyond what this client takes at all: the lister may be forged, too.
Result<std::string> bring_listed(const Run& run, const Listed& listed) {
  const std::string name = listed.name();
  const auto length = listed.meta.length;
  if (length && *length > listed.most) {
    return refuse(ErrorCode::kIntegrity, name, listed.rules.endless,
                  {.why = "\"" + listed.lister + "\" says that it is too long",
                   .expected = "at most " + std::to_string(listed.most) + " bytes",
                   .actual = std::to_string(*length) + " bytes",
                   .hint = std::string(kMixedHint)});
  }
  return with_context(bring(run, name, length.value_or(listed.most), listed.rules.endless),
                      "reading \"" + name + "\", which \"" + listed.lister + "\" lists");
}

Result<> check_bytes(const Listed& listed, std::string_view text) {
  const auto differs = [&](const std::string& what, std::string expected, std::string actual) {
    return refuse(ErrorCode::kIntegrity, listed.name(), listed.rules.hash,
                  {.why = "its " + what + " is not the one that \"" + listed.lister + "\" lists",
                   .expected = std::move(expected),
                   .actual = std::move(actual),
                   .hint = std::string(kMixedHint)});
  };
  const auto& meta = listed.meta;
  if (meta.length && *meta.length != text.size())
    return differs("length", std::to_string(*meta.length) + " bytes", std::to_string(text.size()) + " bytes");
  if (!meta.sha256) return {};
  const Digest actual = sha256(text);
  if (actual != *meta.sha256) return differs("SHA-256", meta.sha256->hex(), actual.hex());
  return {};
}

}  // namespace

Authority authority(const tuf::Root& root, std::string_view role) {
  return {root.roles.at(std::string(role)), root.keys};
}

Result<std::string> bring(const Run& run, const std::string& name, std::uint64_t most, const Rule& endless) {
  auto text = run.fetch(name, most);
  if (!text && text.error().code == ErrorCode::kIntegrity) return under(endless, std::move(text));
  if (text && text->size() > most) {
    return refuse(ErrorCode::kIntegrity, name, endless,
                  {.why = "it is longer than " + std::to_string(most) + " bytes",
                   .hint = "the address serves something else: check it, or use another mirror"});
  }
  return text;
}

template <class Body>
Result<Accepted<Body>> accept(std::string text, const std::string& name, const Authority& authority,
                              const Rule& threshold) {
  auto parsed = REBURST_TRY(under(kFormat, tuf::parse<Body>(text, name)));
  REBURST_TRY(under(
      threshold, tuf::check_threshold(parsed.signed_bytes, parsed.signatures, authority.role, authority.keys, name)));
  return Accepted<Body>{std::move(parsed.body), std::move(text)};
}

template <class Body>
Result<Accepted<Body>> accept_listed(const Run& run, const Listed& listed) {
  const bool known = listed.meta.sha256 && !listed.known.empty() && sha256(listed.known) == *listed.meta.sha256;
  std::string text = known ? listed.known : REBURST_TRY(bring_listed(run, listed));
  REBURST_TRY(check_bytes(listed, text));
  auto accepted = REBURST_TRY(accept<Body>(std::move(text), listed.name(), listed.authority, listed.rules.threshold));
  const auto version = accepted.body.header.version;
  if (version != listed.meta.version) {
    return refuse(ErrorCode::kIntegrity, listed.name(), listed.rules.version,
                  {.why = "its version is not the one that \"" + listed.lister + "\" lists",
                   .expected = std::to_string(listed.meta.version),
                   .actual = std::to_string(version),
                   .hint = std::string(kMixedHint)});
  }
  return accepted;
}

template Result<Accepted<tuf::Root>> accept(std::string, const std::string&, const Authority&, const Rule&);
template Result<Accepted<tuf::Timestamp>> accept(std::string, const std::string&, const Authority&, const Rule&);
template Result<Accepted<tuf::Snapshot>> accept_listed(const Run&, const Listed&);
template Result<Accepted<tuf::Targets>> accept_listed(const Run&, const Listed&);

}  // namespace reburst::client
