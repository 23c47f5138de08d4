#include "boot/ticket_file.hpp"

#include "boot/parse.hpp"

namespace reburst::boot {

namespace {

constexpr std::size_t kMostFiles = TicketFile::kMostRoots + 4;

Failure broken(std::string_view expected, std::string_view found) {
  Failure failure;
  failure.what.add("reading the release ticket");
  failure.expected.add(expected);
  for (const char each : found) failure.found.add(each >= ' ' && each <= '~' ? each : '?');
  failure.advice.add("hand over the file that reburst ticket wrote, whole");
  return failure;
}

struct Head {
  Text<65> clone, channel;
  std::array<std::size_t, kMostFiles> sizes{};
  std::size_t roots = 0;
  std::size_t head_size = 0;
  std::size_t size = 0;  // of the whole ticket
};

// The lines of the head, one `key value` at a time.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}

  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] bool next_is(std::string_view key) const {
    const std::size_t left = text_.size() - at_;
    return left > key.size() && slice(text_, at_, key.size()) == key && text_[at_ + key.size()] == ' ';
  }
  Result<std::string_view> value(std::string_view key) {
    const auto line = REBURST_BOOT_TRY(next());
    const std::size_t start = key.size() + 1;
    if (line.size() > start && line.starts_with(key) && line[key.size()] == ' ')
      return slice(line, start, line.size() - start);
    return fail(broken(key, line));
  }
  Result<> end() {
    const auto line = REBURST_BOOT_TRY(next());
    if (!line.empty()) return fail(broken("an empty line", line));
    return {};
  }

 private:
  Result<std::string_view> next() {
    std::size_t end = at_;
    while (end < text_.size() && text_[end] != '\n' && end - at_ < 128) ++end;
    const auto line = slice(text_, at_, end - at_);
    if (end == text_.size() || text_[end] != '\n') return fail(broken("a line of at most 128 bytes", line));
    at_ = end + 1;
    return line;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

Result<> read_size(Lines& lines, std::string_view key, std::size_t& size) {
  const auto value = REBURST_BOOT_TRY(lines.value(key));
  std::uint64_t number = 0;
  if (!parse_number(value, kMaxTicket, number) || number == 0) {
    return fail(broken("a size from 1 to 4194304 bytes", value));
  }
  size = static_cast<std::size_t>(number);
  return {};
}

Result<Head> read_head(std::string_view text) {
  Lines lines(text);
  Head head;
  const auto format = REBURST_BOOT_TRY(lines.value("reburst-ticket"));
  if (format != "1") return fail(broken("reburst-ticket 1", format));
  const auto clone = REBURST_BOOT_TRY(lines.value("for"));
  if (!is_name(clone, 64)) return fail(broken("the name of a clone", clone));
  const auto channel = REBURST_BOOT_TRY(lines.value("channel"));
  if (!is_label(channel)) return fail(broken("the name of a channel", channel));
  head.clone = clone;
  head.channel = channel;
  for (; lines.next_is("root"); ++head.roots) {
    if (head.roots == TicketFile::kMostRoots) return fail(broken("at most 64 roots", "more"));
    REBURST_BOOT_TRY(read_size(lines, "root", head.sizes[head.roots]));
  }
  std::size_t next = head.roots;
  for (const std::string_view key : {"timestamp", "snapshot", "targets", "delegation"})
    REBURST_BOOT_TRY(read_size(lines, key, head.sizes[next++]));
  REBURST_BOOT_TRY(lines.end());
  head.head_size = lines.at();
  head.size = head.head_size;
  for (std::size_t i = 0; i < next; ++i) head.size += head.sizes[i];
  if (head.size > kMaxTicket) return fail(broken("at most 4194304 bytes", "more"));
  return head;
}

}  // namespace

Result<std::size_t> ticket_size(std::string_view start) {
  const Head head =
      REBURST_BOOT_TRY(read_head(slice(start, 0, start.size() < kMaxTicketHead ? start.size() : kMaxTicketHead)));
  return head.size;
}

Result<TicketFile> parse_ticket(std::string_view bytes) {
  const std::size_t first = bytes.size() < kMaxTicketHead ? bytes.size() : kMaxTicketHead;
  const Head head = REBURST_BOOT_TRY(read_head(slice(bytes, 0, first)));
  if (head.size != bytes.size()) {
    Failure failure = broken("", "");
    failure.expected.add_number(head.size).add(" bytes, which its head tells");
    failure.found.add_number(bytes.size()).add(" bytes");
    return fail(failure);
  }
  TicketFile out;
  out.clone = head.clone;
  out.channel = head.channel;
  out.root_count = head.roots;
  std::size_t at = head.head_size;
  std::size_t next = 0;
  const auto take = [&] {
    const auto file = slice(bytes, at, head.sizes[next]);
    at += head.sizes[next++];
    return file;
  };
  for (std::size_t i = 0; i < head.roots; ++i) out.roots[i] = take();
  out.timestamp = take();
  out.snapshot = take();
  out.targets = take();
  out.delegation = take();
  return out;
}

}  // namespace reburst::boot
