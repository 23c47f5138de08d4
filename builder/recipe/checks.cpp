#include "builder/recipe/checks.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "core/text.hpp"
#include "core/time.hpp"

namespace reburst::recipe::checks {

namespace {

using Found = std::optional<Problem>;

constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kLowerDigits = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view kWordCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

Found problem(std::string_view value, std::string_view is_not, std::string hint) {
  return Problem{.message = in_quotes(value) + " " + std::string(is_not), .hint = std::move(hint)};
}

bool only(std::string_view text, std::string_view set, std::string_view more = {}) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return set.find(c) != std::string_view::npos || more.find(c) != std::string_view::npos;
  });
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

bool printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

bool at_or_under(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

Found one_of(std::string_view value, std::span<const std::string> known, std::string_view what) {
  if (std::find(known.begin(), known.end(), value) != known.end()) return std::nullopt;
  const auto meant = nearest(value, known);
  return problem(value, "is not " + std::string(what),
                 meant ? "did you mean \"" + *meant + "\"?" : "known: " + join(known, ", "));
}

// Absolute, in one spelling only, so that two entries with one target are seen as such.
Found plain_path(std::string_view path) {
  constexpr std::string_view kHint = "write the path as it will be in the image, such as /etc/app/app.conf";
  if (has_control(path)) return problem(path, "holds a control character", std::string(kHint));
  if (!path.starts_with('/')) return problem(path, "is not an absolute path", std::string(kHint));
  if (path == "/") return problem(path, "is the root itself", std::string(kHint));
  if (path.size() > 4095) return problem(path, "is longer than 4095 bytes", std::string(kHint));
  for (const auto part : split(path.substr(1), '/')) {
    if (part.empty()) return problem(path, "holds an empty part", "write single slashes, and none at the end");
    if (part == "." || part == "..") return problem(path, "holds \"" + std::string(part) + "\"", std::string(kHint));
    if (part.size() > 255) return problem(path, "holds a name longer than 255 bytes", std::string(kHint));
  }
  return std::nullopt;
}

}  // namespace

Found role(std::string_view text) {
  const bool good =
      !text.empty() && text.size() <= 64 && only(text.substr(0, 1), kLower) && only(text, kLowerDigits, "-");
  return good ? Found()
              : problem(text, "is not a role name",
                        "lower-case letters, digits and -, starting with a letter, at most 64");
}

Found line(std::string_view text) {
  if (trim(text).empty()) return problem(text, "is empty", "write a line of text");
  return one_line(text);
}

Found one_line(std::string_view text) {
  return has_control(text) ? problem(text, "holds a line break or a control character", "write it as one line")
                           : Found();
}

Found text(std::string_view text) {
  const bool good = text.find('\0') == std::string_view::npos;
  return good ? Found()
              : problem(text.substr(0, 20), "holds a zero byte",
                        "put binary content into a file, and name it with from:");
}

Found command(std::string_view text) {
  if (trim(text).empty()) return problem(text, "is no command", "write a line for sh");
  return checks::text(text);
}

Found host(std::string_view text) {
  return text == "host" ? Found()
                        : problem(text, "is not a source",
                                  "write \"host\" for this machine's own apt configuration, or a list of {uri, suites, "
                                  "components, keyring}");
}

Found uri(std::string_view text) {
  const bool remote =
      (text.starts_with("http://") && text.size() > 7) || (text.starts_with("https://") && text.size() > 8);
  const bool good = printable_ascii(text) && (remote || text.starts_with("file:/"));
  return good ? Found() : problem(text, "is not an archive's address", "start it with https://, http:// or file:/");
}

Found suite(std::string_view text) {
  const bool good = !text.empty() && only(text, kWordCharacters, "._/-") && text[0] != '/' && text[0] != '.' &&
                    text.back() != '/' && text.find("..") == std::string_view::npos &&
                    text.find("//") == std::string_view::npos;
  return good ? Found()
              : problem(text, "is not a suite", "write it as in a sources file, such as bookworm or trixie-security");
}

Found component(std::string_view text) {
  const bool good = !text.empty() && only(text, kWordCharacters, "._/-") && text[0] != '/' && text[0] != '.' &&
                    text.back() != '/' && text.find("..") == std::string_view::npos &&
                    text.find("//") == std::string_view::npos;
  return good ? Found()
              : problem(text, "is not a component", "write it as in a sources file, such as main or non-free-firmware");
}

Found build_path(std::string_view text) {
  const bool good = !text.empty() && !has_control(text) && text.size() <= 4095;
  return good ? Found() : problem(text, "is not a path", "name a file or folder, relative to this recipe");
}

Found recipe_path(std::string_view text) {
  if (auto found = build_path(text)) return found;
  constexpr std::string_view kHint = "keep what goes into the image beside this recipe";
  if (text.starts_with('/')) return problem(text, "is not relative to this recipe", std::string(kHint));
  const auto parts = split(text, '/');
  const bool climbs = std::find(parts.begin(), parts.end(), "..") != parts.end();
  return climbs ? problem(text, "holds \"..\"", std::string(kHint)) : Found();
}

Found local_package(std::string_view text) {
  if (auto found = build_path(text)) return found;
  return text.ends_with(".deb") ? Found()
                                : problem(text, "is not a .deb file", "name a package file, relative to this recipe");
}

Found epoch(std::string_view text) {
  return parse_iso_time(text) ? Found() : problem(text, "is not a time in UTC", "write it like 2026-01-01T00:00:00Z");
}

Found package(std::string_view text) {
  const bool good = text.size() >= 2 && text.size() <= 128 && only(text.substr(0, 1), kLowerDigits) &&
                    only(text, kLowerDigits, "+.-");
  return good ? Found()
              : problem(text, "is not a package name",
                        "lower-case letters, digits, + - and . only, as in \"apt-cache show NAME\"");
}

Found kernel_package(std::string_view text) {
  return text.empty() ? Found() : package(text);
}

Found package_request(std::string_view text) {
  const auto equals = text.find('=');
  if (auto found = package(text.substr(0, equals))) return found;
  if (equals == std::string_view::npos) return std::nullopt;
  const auto version = text.substr(equals + 1);
  const bool good = !version.empty() && version.size() <= 128 && only(version.substr(0, 1), kWordCharacters) &&
                    only(version, kWordCharacters, "+.:~-");
  return good ? Found()
              : problem(version, "is not a version",
                        "write NAME or NAME=VERSION, as \"apt-cache policy NAME\" shows it");
}

Found question(std::string_view text) {
  const bool good = !text.empty() && only(text, kWordCharacters, "+._/-");
  return good ? Found()
              : problem(text, "is not a debconf question",
                        "write it as \"debconf-show PACKAGE\" does, such as postfix/mailname");
}

Found question_type(std::string_view text) {
  static const std::array<std::string, 9> kTypes = {"string", "boolean", "select", "multiselect", "password",
                                                    "text",   "note",    "title",  "error"};
  return one_of(text, kTypes, "a debconf type");
}

Found image_path(std::string_view text) {
  if (auto found = plain_path(text)) return found;
  for (const std::string_view folder : {"/proc", "/sys", "/dev", "/run"}) {
    if (at_or_under(text, folder)) {
      return problem(text, "lies in " + std::string(folder) + ", which exists only while the system runs",
                     "choose a path that an image can hold");
    }
  }
  return std::nullopt;
}

Found excluded_path(std::string_view text) {
  if (auto found = image_path(text)) return found;
  const bool is_pattern = text.find_first_of("*?[") != std::string_view::npos;
  return is_pattern ? problem(text, "is a pattern", "name the files or folders: a folder is left out with all it holds")
                    : Found();
}

Found state_path(std::string_view text) {
  if (auto found = image_path(text)) return found;
  constexpr std::string_view kHint = "keep state under /var/lib, /srv or /home";
  constexpr std::size_t kLongest = 200;
  // What a line of boot.conf can hold.
  if (!printable_ascii(text) || text.find_first_of("\"'\\") != std::string_view::npos) {
    return problem(text, "is not a mount point", "printable ASCII without blanks, quotes and backslashes");
  }
  if (text.size() > kLongest) return problem(text, "is longer than 200 bytes", std::string(kHint));
  for (const std::string_view folder :
       {"/usr", "/etc", "/boot", "/efi", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"}) {
    if (at_or_under(text, folder)) return problem(text, "is part of the verified system", std::string(kHint));
  }
  if (text == "/var") return problem(text, "holds what is made anew at every boot", std::string(kHint));
  for (const std::string_view folder : {"/tmp", "/var/run", "/var/lock"}) {
    if (at_or_under(text, folder)) return problem(text, "is made anew at every boot", std::string(kHint));
  }
  return std::nullopt;
}

Result<> state(const Node& list) {
  if (list.items.size() > kMaxState) {
    return fail_at(list.items[kMaxState].mark, "\"state\" has more than 16 volumes",
                   "keep what belongs together on one volume");
  }
  for (std::size_t later = 1; later < list.items.size(); ++later) {
    const Node& mount = *find(list.items[later], "mount");
    for (std::size_t i = 0; i < later; ++i) {
      const Node& other = *find(list.items[i], "mount");
      const bool inside = at_or_under(mount.scalar, other.scalar);
      if (!inside && !at_or_under(other.scalar, mount.scalar)) continue;
      return fail_at(
          mount.mark,
          "the mount " + in_quotes(mount.scalar) + (inside ? " lies in " : " holds ") + in_quotes(other.scalar),
          "mount them side by side; the other one stands at " + place(other.mark));
    }
  }
  return {};
}

Found program_path(std::string_view text) {
  if (auto found = image_path(text)) return found;
  const bool good = text.find_first_of(": ") == std::string_view::npos;
  return good ? Found() : problem(text, "holds a blank or a colon", "such a path cannot stand in /etc/passwd");
}

Found mode(std::string_view text) {
  std::string_view digits = text;
  if (digits.size() > 3 && digits[0] == '0') digits.remove_prefix(1);
  const bool good = (digits.size() == 3 || digits.size() == 4) && only(digits, "01234567");
  return good ? Found() : problem(text, "is not a file mode", "three or four octal digits in quotes, such as \"0644\"");
}

std::uint32_t mode_bits(std::string_view text) {
  std::uint32_t bits = 0;
  for (const char digit : text) bits = bits * 8 + static_cast<std::uint32_t>(digit - '0');
  return bits;
}

Found account(std::string_view text) {
  const bool good =
      !text.empty() && text.size() <= 32 && only(text.substr(0, 1), kLower, "_") && only(text, kLowerDigits, "_-");
  return good ? Found()
              : problem(text, "is not an account name",
                        "lower-case letters, digits, _ and -, starting with a letter or _, at most 32");
}

Found new_account(std::string_view text) {
  if (text == "root") return problem(text, "is there in every image", "root stays locked; name another account");
  return account(text);
}

Found unit(std::string_view text) {
  constexpr std::array<std::string_view, 11> kSuffixes = {".service",   ".socket", ".device", ".mount",
                                                          ".automount", ".swap",   ".target", ".path",
                                                          ".timer",     ".slice",  ".scope"};
  const bool named = !text.empty() && text.size() <= 255 && only(text, kWordCharacters, ":_.\\@-");
  if (!named) return problem(text, "is not a unit name", "write it as systemctl shows it, such as nginx.service");
  const bool good = std::any_of(kSuffixes.begin(), kSuffixes.end(),
                                [&](auto s) { return text.ends_with(s) && text.size() > s.size(); });
  return good ? Found()
              : problem(text, "does not say what kind of unit it is",
                        "write " + in_quotes(std::string(text) + ".service"));
}

Found volume(std::string_view text) {
  // The root's and its hash tree's partitions are named ROLE_VERSION, which no volume can be.
  if (text == "esp") return problem(text, "is a partition of the image itself", "name the volume after what it holds");
  const bool good =
      !text.empty() && text.size() <= 16 && only(text.substr(0, 1), kLower) && only(text, kLowerDigits, "-");
  return good ? Found()
              : problem(text, "is not a volume name",
                        "lower-case letters, digits and -, starting with a letter, at most 16");
}

Found kernel_word(std::string_view text) {
  const bool good = !text.empty() && printable_ascii(text) && text.size() <= 256;
  if (good && std::count(text.begin(), text.end(), '"') % 2 != 0) {
    return problem(text, "holds a quote that is not closed", "the kernel would take the rest of the line with it");
  }
  return good ? Found()
              : problem(text, "is not one word of a kernel command line", "one word an entry, such as console=ttyS0");
}

Found secure_boot(std::string_view text) {
  static const std::array<std::string, 2> known = {"preferred", "required"};
  return one_of(text, known, "a policy for Secure Boot");
}

Found ticket(std::string_view text) {
  static const std::array<std::string, 2> known = {"optional", "required"};
  return one_of(text, known, "a policy for tickets");
}

Found on_failure(std::string_view text) {
  static const std::array<std::string, 2> known = {"poweroff", "reboot"};
  return one_of(text, known, "what a clone can do when its boot is refused");
}

Found compression(std::string_view text) {
  static const std::array<std::string, 3> kCompressions = {"none", "lz4", "lz4hc"};
  return one_of(text, kCompressions, "a compression");
}

Found format(std::string_view text) {
  static const std::array<std::string, 1> kFormats = {"raw"};
  return one_of(text, kFormats, "an image format");
}

Found http_path(std::string_view text) {
  const bool good = text.starts_with('/') && printable_ascii(text);
  return good ? Found() : problem(text, "is not the path of a request", "start it with /, and write blanks as %20");
}

}  // namespace reburst::recipe::checks
