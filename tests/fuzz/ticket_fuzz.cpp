// links: reburst_ticket_check
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "boot/json.hpp"
#include "boot/ticket.hpp"
#include "boot/ticket_file.hpp"

namespace {

using namespace reburst::boot;

// What is accepted as canonical can be gone through, and comes to its end.
void read_all(Json value, int depth = 0) {
  if (depth > 33) std::abort();
  for (Members members(value); members.next();) {
    if (value.member(members.key()).text() != members.value().text()) std::abort();
    read_all(members.value(), depth + 1);
  }
  for (Elements elements(value); elements.next();) read_all(elements.value(), depth + 1);
}

void try_json(std::string_view text) {
  if (const auto json = parse_json(text, "input")) read_all(*json);
}

}  // namespace

// The trusted root is the first root of the ticket: what holds up to there is a chain of somebody's making.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try_json(bytes.substr(0, 4096));
  const auto ticket = parse_ticket(bytes);
  if (!ticket) return ticket.error().expected.empty() ? (std::abort(), 0) : 0;
  std::size_t files = 0;
  for (const auto root : ticket->root_chain()) files += root.size();
  for (const auto file : {ticket->timestamp, ticket->snapshot, ticket->targets, ticket->delegation})
    files += file.size();
  if (files > size || ticket_size(bytes).value() != size) std::abort();
  if (ticket->root_count == 0) return 0;
  std::vector<char> scratch(size);
  TicketQuestion question;
  question.root = ticket->roots[0];
  question.role = "web";
  question.version = "20261101T101112Z";
  question.root_hash.fill(0xaa);
  const auto answer = check_ticket(bytes, question, scratch);
  if (!answer && (answer.error().what.empty() || answer.error().expected.empty())) std::abort();
  if (answer && answer->until <= answer->time) std::abort();
  return 0;
}
