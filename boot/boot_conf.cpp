#include "boot/boot_conf.hpp"

#include "boot/parse.hpp"

namespace reburst::boot {

namespace {

constexpr std::uint64_t kMaxBlocks = 1ULL << 32U;  // 16 TiB
constexpr std::string_view kAdvice =
    "the initrd is damaged or of another version of reburst: publish the release again";

bool parse_uuid(std::string_view text, Uuid& uuid) {
  if (text.size() != 36) return false;
  std::array<char, 32> digits{};
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-')) return false;
    if (!dash) digits[count++] = text[i];
  }
  return parse_hex({digits.data(), digits.size()}, uuid.bytes);
}

// Absolute, printable ASCII, no empty, "." or ".." part, not the root itself.
bool is_mount_point(std::string_view text) {
  if (text.size() < 2 || text.size() > 200 || text[0] != '/' || text.back() == '/') return false;
  std::size_t start = 1;
  for (std::size_t i = 1; i <= text.size(); ++i) {
    if (i < text.size() && text[i] != '/') {
      if (text[i] <= ' ' || text[i] > '~' || text[i] == '"' || text[i] == '\\') return false;
      continue;
    }
    const std::string_view part(text.data() + start, i - start);
    if (part.empty() || part == "." || part == "..") return false;
    start = i + 1;
  }
  return true;
}

// The lines of the file, one `key value` at a time.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  // Whether the next line's key is `key`; does not move on.
  [[nodiscard]] bool next_is(std::string_view key) const {
    return rest_.size() > key.size() && rest_.starts_with(key) && rest_[key.size()] == ' ';
  }

  // The value of the next line, which must have this key.
  Result<std::string_view> value(std::string_view key) {
    ++number_;
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos) return fail(failure(key, rest_));
    current_ = std::string_view(rest_.data(), end);
    const bool matches = next_is(key) && end > key.size() + 1;
    rest_.remove_prefix(end + 1);
    if (!matches) return fail(failure(key, current_));
    return std::string_view(current_.data() + key.size() + 1, current_.size() - key.size() - 1);
  }

  // The failure of the line just read.
  [[nodiscard]] tl::unexpected<Failure> wrong(std::string_view expected) const {
    return fail(failure(expected, current_));
  }

  // The failure of text where the file should have ended.
  [[nodiscard]] tl::unexpected<Failure> unexpected_rest(std::string_view expected) {
    ++number_;
    return fail(failure(expected, rest_));
  }

 private:
  [[nodiscard]] Failure failure(std::string_view expected, std::string_view found) const {
    Failure out;
    out.what.add("reading line ").add_number(number_).add(" of /boot.conf");
    out.expected.add(expected);
    out.found.add('"');
    for (const char each : found) {
      if (out.found.view().size() > 120) break;
      out.found.add(each >= ' ' && each <= '~' ? each : '?');
    }
    out.found.add('"');
    out.advice.add(kAdvice);
    return out;
  }

  std::string_view rest_;
  std::string_view current_;
  std::size_t number_ = 0;
};

template <std::size_t N>
Result<> read_name(Lines& lines, std::string_view key, Text<N>& into) {
  const std::string_view value = REBURST_BOOT_TRY(lines.value(key));
  if (!is_name(value, N - 1)) return lines.wrong("a name of letters, digits and \"._-+~\"");
  into.add(value);
  return {};
}

Result<> read_blocks(Lines& lines, std::string_view key, std::uint64_t& into) {
  const std::string_view value = REBURST_BOOT_TRY(lines.value(key));
  if (!parse_number(value, kMaxBlocks, into)) return lines.wrong("a number of blocks, at most 4294967296");
  return {};
}

Result<> read_uuid(Lines& lines, std::string_view key, Uuid& into) {
  const std::string_view value = REBURST_BOOT_TRY(lines.value(key));
  if (!parse_uuid(value, into)) return lines.wrong("a lower-case UUID");
  return {};
}

Result<> read_verity(Lines& lines, BootConf& conf) {
  const std::string_view root_hash = REBURST_BOOT_TRY(lines.value("root_hash"));
  if (!parse_hex(root_hash, conf.root_hash)) return lines.wrong("64 lower-case hexadecimal digits");
  const std::string_view salt = REBURST_BOOT_TRY(lines.value("salt"));
  if (salt != "-") {
    conf.salt_size = salt.size() / 2;
    if (salt.size() > 2 * conf.salt.size() || !parse_hex(salt, std::span(conf.salt).first(conf.salt_size))) {
      return lines.wrong("at most 512 lower-case hexadecimal digits, or \"-\"");
    }
  }
  REBURST_BOOT_TRY(read_uuid(lines, "data_partuuid", conf.data_partuuid));
  REBURST_BOOT_TRY(read_uuid(lines, "hash_partuuid", conf.hash_partuuid));
  if (conf.data_partuuid == conf.hash_partuuid) return lines.wrong("a UUID that differs from data_partuuid");
  REBURST_BOOT_TRY(read_blocks(lines, "data_blocks", conf.data_blocks));
  if (conf.data_blocks == 0) return lines.wrong("at least one block");
  REBURST_BOOT_TRY(read_blocks(lines, "hash_start", conf.hash_start));
  REBURST_BOOT_TRY(read_blocks(lines, "hash_blocks", conf.hash_blocks));
  // Exactly: a block behind the tree would be covered by no hash.
  if (conf.hash_blocks != conf.hash_start + verity_tree_blocks(conf.data_blocks)) {
    return lines.wrong("hash_start and the blocks of the hash tree over data_blocks");
  }
  return {};
}

// One of two words; tells whether it is the second.
Result<bool> read_choice(Lines& lines, std::string_view key, std::string_view first, std::string_view second) {
  const std::string_view value = REBURST_BOOT_TRY(lines.value(key));
  if (value == first) return false;
  if (value == second) return true;
  Text<64> expected(first);
  return lines.wrong(expected.add(" or ").add(second));
}

Result<> read_policy(Lines& lines, BootConf& conf) {
  const bool secure_boot = REBURST_BOOT_TRY(read_choice(lines, "secure_boot", "preferred", "required"));
  conf.secure_boot = secure_boot ? SecureBootPolicy::kRequired : SecureBootPolicy::kPreferred;
  conf.scan = REBURST_BOOT_TRY(read_choice(lines, "scan", "off", "on"));
  const bool ticket = REBURST_BOOT_TRY(read_choice(lines, "ticket", "optional", "required"));
  conf.ticket = ticket ? TicketPolicy::kRequired : TicketPolicy::kOptional;
  return {};
}

// What a release ticket is checked with.
Result<> read_trust(Lines& lines, BootConf& conf) {
  constexpr std::uint64_t kMaxEpoch = 253'402'300'799;  // the last second of the year 9999
  const std::string_view epoch = REBURST_BOOT_TRY(lines.value("epoch"));
  if (!parse_number(epoch, kMaxEpoch, conf.epoch)) return lines.wrong("seconds since 1970");
  const std::string_view root = REBURST_BOOT_TRY(lines.value("trust_root"));
  conf.has_trust_root = root != "-";
  if (conf.has_trust_root && !parse_hex(root, conf.trust_root)) {
    return lines.wrong("64 lower-case hexadecimal digits, or \"-\"");
  }
  return {};
}

// As it lies in the signed program: printable ASCII, no blank at either end.
Result<> read_command_line(Lines& lines, BootConf& conf) {
  const std::string_view value = REBURST_BOOT_TRY(lines.value("command_line"));
  bool good = value.size() <= kMaxCommandLine && value.front() != ' ' && value.back() != ' ';
  for (const char each : value) good = good && each >= ' ' && each <= '~';
  if (!good) return lines.wrong("at most 2047 printable characters, no blank at either end");
  conf.command_line.add(value);
  return {};
}

Result<> read_state(Lines& lines, BootConf& conf) {
  while (lines.next_is("state")) {
    const std::string_view value = REBURST_BOOT_TRY(lines.value("state"));
    const std::size_t blank = value.find(' ');
    if (conf.state_count == conf.state.size()) return lines.wrong("at most 16 state volumes");
    if (blank == std::string_view::npos) return lines.wrong("state VOLUME MOUNT");
    const std::string_view volume(value.data(), blank);
    const std::string_view mount(value.data() + blank + 1, value.size() - blank - 1);
    if (!is_name(volume, 36)) return lines.wrong("a volume name of at most 36 letters, digits and \"._-+~\"");
    if (!is_mount_point(mount)) return lines.wrong("an absolute mount point without \".\" and \"..\"");
    for (const StateMount& other : conf.state_mounts()) {
      if (other.volume.view() == volume || other.mount.view() == mount)
        return lines.wrong("each volume and mount once");
    }
    conf.state[conf.state_count++] = StateMount{volume, mount};
  }
  return {};
}

}  // namespace

Text<40> Uuid::text() const {
  Text<40> out;
  const std::span<const std::uint8_t> all(bytes);
  out.add_hex(all.subspan(0, 4)).add('-').add_hex(all.subspan(4, 2)).add('-').add_hex(all.subspan(6, 2)).add('-');
  return out.add_hex(all.subspan(8, 2)).add('-').add_hex(all.subspan(10, 6));
}

std::uint64_t verity_tree_blocks(std::uint64_t data_blocks) {
  constexpr std::uint64_t kHashesPerBlock = kBlockSize / 32;
  std::uint64_t total = 0;
  std::uint64_t level = data_blocks;
  while (level > 1) {  // a single data block has no tree: its hash is the root hash
    level = (level + kHashesPerBlock - 1) / kHashesPerBlock;
    total += level;
  }
  return total;
}

Result<BootConf> parse_boot_conf(std::string_view text) {
  Lines lines(text);
  BootConf conf;
  const std::string_view format = REBURST_BOOT_TRY(lines.value("reburst-boot"));
  if (format != "3") return lines.wrong("reburst-boot 3");
  REBURST_BOOT_TRY(read_name(lines, "role", conf.role));
  REBURST_BOOT_TRY(read_name(lines, "version", conf.version));
  REBURST_BOOT_TRY(read_verity(lines, conf));
  REBURST_BOOT_TRY(read_policy(lines, conf));
  REBURST_BOOT_TRY(read_trust(lines, conf));
  REBURST_BOOT_TRY(read_command_line(lines, conf));
  REBURST_BOOT_TRY(read_state(lines, conf));
  const bool reboot = REBURST_BOOT_TRY(read_choice(lines, "on_failure", "poweroff", "reboot"));
  conf.on_failure = reboot ? OnFailure::kReboot : OnFailure::kPowerOff;
  if (!lines.at_end()) return lines.unexpected_rest("nothing after on_failure");
  return conf;
}

}  // namespace reburst::boot
