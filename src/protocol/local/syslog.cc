#include <cctype>
#include <optional>

#include "protocol/local/local_protocols.h"

namespace tattle {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// `<PRI>`: facility times 8 and severity, 191 at most (RFC 5424 section 6.2.1). Nothing: there is none.
std::optional<std::size_t> priority_size(std::string_view text) {
  std::size_t at = 1;
  int value = 0;
  while (at < text.size() && at < 4 && is_digit(text[at])) value = value * 10 + (text[at++] - '0');
  if (at == 1 || at >= text.size() || text[0] != '<' || text[at] != '>' || value > 191) return std::nullopt;
  return at + 1;
}

// What stands before the next space, which goes too.
std::string_view word(std::string_view& rest) {
  const auto end = std::min(rest.find(' '), rest.size());
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return taken;
}

void add(DatagramWords& words, std::string_view name, std::string_view value) {
  if (!value.empty() && value != "-") words.add(name, as_bytes(value));
}

// RFC 5424 section 6.3: `-`, or elements in brackets; within quotes a bracket ends nothing.
std::string_view structured_data(std::string_view& rest) {
  std::size_t at = rest.starts_with('-') ? 1 : 0;
  bool quoted = false, inside = false;
  for (; at < rest.size() && rest[0] == '['; ++at) {
    if (quoted && rest[at] == '\\') {
      ++at;
    } else if (rest[at] == '"') {
      quoted = !quoted;
    } else if (!quoted && (rest[at] == '[' || rest[at] == ']')) {
      inside = rest[at] == '[';
    } else if (!quoted && !inside && rest[at] == ' ') {
      break;
    }
  }
  const std::string_view taken = rest.substr(0, std::min(at, rest.size()));
  rest.remove_prefix(std::min(taken.size() + 1, rest.size()));
  return taken;
}

// RFC 5424 section 6, behind the priority.
void read_newer(std::string_view& rest, DatagramWords& words) {
  word(rest);
  for (const std::string_view name : {"timestamp", "hostname", "app-name", "process-id", "message-id"}) {
    add(words, name, word(rest));
  }
  add(words, "structured-data", structured_data(rest));
}

// RFC 3164 section 4.1: `Mmm dd hh:mm:ss HOSTNAME TAG: text`. Much that is sent has no time or no host name: then
// nothing is told apart.
void read_older(std::string_view& rest, DatagramWords& words) {
  constexpr std::size_t kTime = 15;
  const bool timed = rest.size() > kTime && rest[3] == ' ' && rest[6] == ' ' && rest[9] == ':' && rest[12] == ':' &&
                     rest[kTime] == ' ';
  if (!timed) return;
  add(words, "timestamp", rest.substr(0, kTime));
  rest.remove_prefix(kTime + 1);
  std::string_view further = rest;
  const std::string_view host = word(further);
  if (host.empty() || host.back() == ':' || host.find('[') != std::string_view::npos) return;
  add(words, "hostname", host);
  rest = further;
  const auto end = rest.find_first_of(":[ ");
  if (end != std::string_view::npos && rest[end] != ' ') add(words, "app-name", rest.substr(0, end));
}

}  // namespace

bool fits_syslog(const Chunk& datagram) {
  return on_port(datagram, 514) && priority_size(as_text(datagram.data)).has_value();
}

DatagramFate read_syslog(const Chunk& chunk, bool cut, const StreamContext& above, ParserContext& context) {
  const std::string_view text = as_text(chunk.data);
  const auto priority = priority_size(text);
  if (!priority) return DatagramFate::unknown;
  DatagramWords words;
  words.protocol = "syslog";
  words.sender_is_client = chunk.direction == Direction::to_server;
  words.damaged = cut;
  std::string_view rest = text.substr(*priority);
  rest.starts_with("1 ") ? read_newer(rest, words) : read_older(rest, words);
  words.head_size = text.size() - rest.size();
  // The older form's tag begins the text: it is a field of it, and no less text for that.
  if (!words.fields.empty() && !rest.empty() && words.fields.back().value.data() == rest.data()) {
    words.head_size += words.fields.back().value.size();
  }
  emit_datagram(chunk, words, above, context);
  return DatagramFate::parsed;
}

}  // namespace tattle
