#include "builder/source/signature.hpp"

#include <algorithm>
#include <array>

#include "builder/source/armor.hpp"
#include "core/file.hpp"
#include "core/process.hpp"
#include "core/text.hpp"

namespace reburst::source {

namespace {

constexpr std::uint64_t kMaxKeyring = 16U << 20U;
constexpr std::uint64_t kMaxRelease = 64U << 20U;
constexpr std::string_view kBeginMessage = "-----BEGIN PGP SIGNED MESSAGE-----";
constexpr std::string_view kBeginSignature = "-----BEGIN PGP SIGNATURE-----";
constexpr std::string_view kEndSignature = "-----END PGP SIGNATURE-----";
constexpr std::string_view kKeyringHint =
    "install the archive's current keyring (for Debian: debian-archive-keyring), or name the right one (Signed-By in "
    "apt's "
    "sources, keyring: in a recipe)";
constexpr std::string_view kMirrorHint = "use another mirror; if all serve the same, tell whoever runs the archive";

tl::unexpected<Error> refuse(const std::string& name, const std::string& why, std::string_view hint) {
  return fail(ErrorCode::kSignature, "cannot verify \"" + name + "\": " + why, std::string(hint));
}

// GnuPG's keybox format cannot be joined with others.
bool is_keybox(std::string_view content) {
  return content.size() > 12 && content.substr(8, 4) == "KBXf";
}

Result<std::string> read_keyring(const fs::path& path) {
  auto content = read_file(path, kMaxKeyring);
  if (!content && content.error().code == ErrorCode::kMissing) content.error().hint = kKeyringHint;
  return content;
}

// --keyring arguments for gpgv: one file in `scratch` that joins all, and keyboxes as they are.
Result<std::vector<std::string>> keyring_arguments(const Trust& trust, const fs::path& scratch) {
  std::string joined;
  std::vector<std::string> arguments;
  for (const auto& path : trust.keyrings) {
    const std::string content = REBURST_TRY(read_keyring(path));
    if (is_keybox(content)) {
      arguments.insert(arguments.end(), {"--keyring", fs::absolute(path).string()});
    } else {
      joined += is_armored(content) ? REBURST_TRY(dearmor_keys(content, path.string())) : content;
    }
  }
  const fs::path file = scratch / "keyring.gpg";
  Fd out = REBURST_TRY(open_write(file));
  REBURST_TRY(write_all(out.get(), joined, file.string()));
  REBURST_TRY(close_checked(std::move(out), file.string()));
  arguments.insert(arguments.end(), {"--keyring", file.string()});
  return arguments;
}

Result<fs::path> put(const fs::path& path, std::string_view content) {
  Fd out = REBURST_TRY(open_write(path));
  REBURST_TRY(write_all(out.get(), content, path.string()));
  REBURST_TRY(close_checked(std::move(out), path.string()));
  return path;
}

// OpenPGP hash numbers (RFC 9580, section 9.5) that are not broken: SHA-2 and SHA-3.
bool is_strong_hash(std::string_view number) {
  constexpr std::array<std::string_view, 6> kStrong = {"8", "9", "10", "11", "12", "14"};
  return std::find(kStrong.begin(), kStrong.end(), number) != kStrong.end();
}

bool is_wanted_key(const Trust& trust, std::string_view key, std::string_view primary) {
  if (trust.fingerprints.empty()) return true;
  return std::any_of(trust.fingerprints.begin(), trust.fingerprints.end(), [&](std::string_view wanted) {
    const bool exact = wanted.ends_with('!');
    if (exact) wanted.remove_suffix(1);
    return wanted == key || (!exact && wanted == primary);
  });
}

// One signature's status lines, from NEWSIG to the next.
struct Verdict {
  bool good = false;  // GOODSIG: neither key nor signature is expired or revoked
  bool accepted = false;
  bool bad = false;
  std::string reason;  // why it does not count
};

void read_status_line(const std::vector<std::string_view>& words, const Trust& trust, Verdict& verdict) {
  const auto keyword = words[1];
  const std::string key = words.size() > 2 ? std::string(words[2]) : std::string();
  if (keyword == "GOODSIG") verdict.good = true;
  if (keyword == "BADSIG") verdict.bad = true;
  if (keyword == "EXPKEYSIG") verdict.reason = "key " + key + " has expired";
  if (keyword == "EXPSIG") verdict.reason = "the signature by key " + key + " has expired";
  if (keyword == "REVKEYSIG") verdict.reason = "key " + key + " was revoked";
  if (keyword == "NO_PUBKEY") verdict.reason = "key " + key + " is not in the keyring";
  if (keyword == "ERRSIG" && verdict.reason.empty())
    verdict.reason = "the signature by key " + key + " cannot be checked";
  if (keyword != "VALIDSIG" || !verdict.good || words.size() < 10) return;
  const auto primary = words.size() > 11 ? words[11] : words[2];
  if (!is_strong_hash(words[9])) {
    verdict.reason = "the signature by key " + key + " uses a broken hash";
  } else if (!is_wanted_key(trust, words[2], primary)) {
    verdict.reason = "key " + key + " is not one that Signed-By names";
  } else {
    verdict.accepted = true;
  }
}

std::vector<Verdict> read_status(std::string_view status, const Trust& trust) {
  std::vector<Verdict> verdicts;
  for (const auto line : split(status, '\n')) {
    const auto words = split_words(line);
    if (words.size() < 2 || words[0] != "[GNUPG:]") continue;
    if (words[1] == "NEWSIG") verdicts.emplace_back();
    if (!verdicts.empty()) read_status_line(words, trust, verdicts.back());
  }
  return verdicts;
}

// A line's text without the blanks that a mail gateway may have added.
std::string_view right_trimmed(std::string_view line) {
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

Result<> check_clear_signed(std::string_view text, const std::string& name) {
  enum class Part { kStart, kHeaders, kBody, kSignature, kEnd } part = Part::kStart;
  for (auto line : split(text, '\n')) {
    line = right_trimmed(line);
    switch (part) {
      case Part::kStart:
        if (line != kBeginMessage) return refuse(name, "it does not begin with a clear-signed message", kMirrorHint);
        part = Part::kHeaders;
        break;
      case Part::kHeaders:
        if (line.empty())
          part = Part::kBody;
        else if (!line.starts_with("Hash: "))
          return refuse(name, "text before the signed part", kMirrorHint);
        break;
      case Part::kBody:
        if (line == kBeginSignature)
          part = Part::kSignature;
        else if (line.starts_with('-') && !line.starts_with("- "))
          return refuse(name, "an armor line inside the signed part", kMirrorHint);
        break;
      case Part::kSignature:
        if (line == kEndSignature)
          part = Part::kEnd;
        else if (line.starts_with('-'))
          return refuse(name, "an armor line inside the signature", kMirrorHint);
        break;
      case Part::kEnd:
        if (!line.empty()) return refuse(name, "text outside the signed part", kMirrorHint);
        break;
    }
  }
  if (part != Part::kEnd) return refuse(name, "its signature is missing or cut short", kMirrorHint);
  return {};
}

Result<> judge(std::string_view status, const Trust& trust, const std::string& name) {
  const auto verdicts = read_status(status, trust);
  const auto is = [&](auto what) { return std::any_of(verdicts.begin(), verdicts.end(), what); };
  if (is([](const Verdict& verdict) { return verdict.bad; })) {
    return refuse(name, "a signature is wrong: the content was changed after it was signed", kMirrorHint);
  }
  if (is([](const Verdict& verdict) { return verdict.accepted; })) return {};
  std::string why = verdicts.empty() ? "it holds no signature" : "no signature by a trusted key";
  for (const auto& verdict : verdicts) {
    if (!verdict.reason.empty()) why += "\n  " + verdict.reason;
  }
  return refuse(name, why, kKeyringHint);
}

Result<std::string> verify(const SignedFile& file, const Trust& trust, const fs::path& scratch,
                           const std::string& name) {
  if (!file.signature) REBURST_TRY(check_clear_signed(file.content, name));
  if (trust.keyrings.empty()) return refuse(name, "there is no keyring to check it against", kKeyringHint);
  Command gpgv{.argv = {"gpgv", "--homedir", scratch.string(), "--status-fd", "1"}};
  for (auto& argument : REBURST_TRY(keyring_arguments(trust, scratch))) gpgv.argv.push_back(std::move(argument));
  const fs::path content = REBURST_TRY(put(scratch / "Release", file.content));
  const fs::path text = scratch / "signed-text";
  if (file.signature) {
    gpgv.argv.push_back(REBURST_TRY(put(scratch / "Release.gpg", *file.signature)).string());
  } else {
    gpgv.argv.insert(gpgv.argv.end(), {"--output", text.string()});
  }
  gpgv.argv.push_back(content.string());
  gpgv.timeout_seconds = 60;
  const Exit exit = REBURST_TRY(run(gpgv));
  // Not the exit status: it is not 0 as soon as one of several signatures is by an unknown key.
  auto verdict = judge(exit.out, trust, name);
  if (!verdict && exit.out.find("NEWSIG") == std::string::npos && !exit.error.empty()) {
    verdict.error().message += "\n" + indent(tail_lines(exit.error, 5), "  ");
  }
  REBURST_TRY(std::move(verdict));
  return file.signature ? file.content : read_file(text, kMaxRelease);
}

}  // namespace reburst::source
