// The file around the metadata.
#include "boot/ticket_file.hpp"
#include "tests/unit/ticket/tickets.hpp"

namespace reburst::boot {
namespace {

const std::string kHead =
    "reburst-ticket 1\nfor web-17\nchannel stable\nroot 4\nroot 5\ntimestamp 1\nsnapshot 2\ntargets 3\ndelegation "
    "6\n\n";
const std::string kBody = "aaaabbbbbcddeeeffffff";

TEST(TicketFile, IsTakenApart) {
  const std::string text = kHead + kBody;
  const auto file = parse_ticket(text);
  ASSERT_TRUE(file) << file.error().found.view();
  EXPECT_EQ(file->clone.view(), "web-17");
  EXPECT_EQ(file->channel.view(), "stable");
  ASSERT_EQ(file->root_count, 2U);
  EXPECT_EQ(file->roots[0], "aaaa");
  EXPECT_EQ(file->roots[1], "bbbbb");
  EXPECT_EQ(file->timestamp, "c");
  EXPECT_EQ(file->snapshot, "dd");
  EXPECT_EQ(file->targets, "eee");
  EXPECT_EQ(file->delegation, "ffffff");
}

// From a disk more is read than the ticket has.
TEST(TicketFile, TellsItsSizeByItsHead) {
  const auto size = ticket_size(kHead + "whatever follows on the disk");
  ASSERT_TRUE(size);
  EXPECT_EQ(*size, kHead.size() + kBody.size());
}

TEST(TicketFile, OfAnySizeButItsOwnIsRefused) {
  const std::string text = kHead + kBody;
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(parse_ticket(text.substr(0, size))) << size;
  const auto more = parse_ticket(text + "x");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().what.view(), "reading the release ticket");
  EXPECT_EQ(more.error().expected.view(), std::to_string(text.size()) + " bytes, which its head tells");
  EXPECT_EQ(more.error().found.view(), std::to_string(text.size() + 1) + " bytes");
  EXPECT_EQ(more.error().advice.view(), "hand over the file that reburst ticket wrote, whole");
}

struct Head {
  std::string before, after;  // what a line is, and is changed to
  std::string expected, found;
};
class WrongHead : public testing::TestWithParam<Head> {};

TEST_P(WrongHead, IsRefused) {
  const auto& [before, after, expected, found] = GetParam();
  std::string text = kHead + kBody;
  text.replace(text.find(before), before.size(), after);
  const auto file = parse_ticket(text);
  ASSERT_FALSE(file) << "accepted";
  EXPECT_EQ(file.error().expected.view(), expected);
  EXPECT_EQ(file.error().found.view(), found);
  EXPECT_FALSE(ticket_size(text));
}
INSTANTIATE_TEST_SUITE_P(
    Each, WrongHead,
    testing::Values(Head{"reburst-ticket 1", "reburst-ticket 2", "reburst-ticket 1", "2"},
                    Head{"reburst-ticket 1", "", "reburst-ticket", ""},
                    Head{"for web-17", "for ../17", "the name of a clone", "../17"},
                    Head{"for web-17", "for web 17", "the name of a clone", "web 17"},
                    Head{"for web-17", "for " + std::string(65, 'w'), "the name of a clone", std::string(65, 'w')},
                    Head{"for web-17", "for \x1b[2J", "the name of a clone", "?[2J"},
                    Head{"for web-17\n", "", "for", "channel stable"},
                    Head{"channel stable", "channel web/stable", "the name of a channel", "web/stable"},
                    Head{"channel stable", "channel Stable", "the name of a channel", "Stable"},
                    Head{"root 4", "root 0", "a size from 1 to 4194304 bytes", "0"},
                    Head{"root 4", "root 04", "a size from 1 to 4194304 bytes", "04"},
                    Head{"root 4", "root -4", "a size from 1 to 4194304 bytes", "-4"},
                    Head{"root 4", "root 4194305", "a size from 1 to 4194304 bytes", "4194305"},
                    Head{"root 4", "root 18446744073709551617", "a size from 1 to 4194304 bytes",
                         "18446744073709551617"},
                    Head{"root 4", "root 4194304", "at most 4194304 bytes", "more"},
                    Head{"timestamp 1\n", "", "timestamp", "snapshot 2"},
                    Head{"snapshot 2\ntargets 3", "targets 3\nsnapshot 2", "snapshot", "targets 3"},
                    Head{"delegation 6\n\n", "delegation 6\nmore 1\n\n", "an empty line", "more 1"},
                    Head{"delegation 6\n\n", "delegation 6\r\n\n", "a size from 1 to 4194304 bytes", "6?"},
                    Head{"channel stable", "channel " + std::string(200, 's'), "a line of at most 128 bytes",
                         "channel " + std::string(120, 's')}));

TEST(TicketFile, HasAtMost64Roots) {
  std::string head = "reburst-ticket 1\nfor web-17\nchannel stable\n";
  for (int i = 0; i < 64; ++i) head += "root 1\n";
  const std::string rest = "timestamp 1\nsnapshot 1\ntargets 1\ndelegation 1\n\n";
  EXPECT_TRUE(parse_ticket(head + rest + std::string(68, 'x')));
  const auto more = parse_ticket(head + "root 1\n" + rest + std::string(69, 'x'));
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().expected.view(), "at most 64 roots");
}

TEST(TicketFile, HeadHasAtMost4096Bytes) {
  std::string head = "reburst-ticket 1\nfor web-17\nchannel stable\n";
  for (int i = 0; i < 64; ++i) head += "root 4000000\n";
  EXPECT_FALSE(ticket_size(head + std::string(kMaxTicketHead, 'x')));
}

// Each byte of a real ticket, changed: nothing is read beyond it, and nothing else is accepted.
TEST(Ticket, WithAnyOtherByteIsRefused) {
  const auto registry = repository();
  const auto asked = question(registry);
  const auto text = ticket(registry);
  const auto clone = text.find("web-17");
  for (std::size_t i = 0; i < text.size(); i += 7) {
    if (i >= clone && i < clone + 6) continue;  // the one thing that nobody signed
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const auto result = check(changed, asked);
    // A signature of ECDSA more or less: one of three root keys may fail, none of the others.
    EXPECT_FALSE(result) << i << ": " << text.substr(i, 20);
  }
}

TEST(Ticket, CutOffAnywhereIsRefused) {
  const auto registry = repository();
  const auto asked = question(registry);
  const auto text = ticket(registry);
  for (std::size_t size = 0; size < text.size(); size += 97) EXPECT_FALSE(check(text.substr(0, size), asked)) << size;
}

}  // namespace
}  // namespace reburst::boot
