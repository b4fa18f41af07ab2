#include <algorithm>
#include <unordered_map>
#include <utility>

#include "protocol/text/line_connection.h"
#include "protocol/text/text_protocols.h"

namespace tattle {
namespace {

struct Literal {
  std::uint64_t size = 0;
  bool waits = true;  // for the server's leave (RFC 7888: `{12+}` does not)
};

// RFC 9051 section 4.3: `{12}`, `{12+}` or `~{12}` at the end of a line.
std::optional<Literal> literal_at_end(std::string_view line) {
  if (!line.ends_with('}')) return std::nullopt;
  const std::size_t open = line.rfind('{');
  if (open == std::string_view::npos) return std::nullopt;
  std::string_view digits = line.substr(open + 1, line.size() - open - 2);
  const bool waits = !digits.ends_with('+');
  if (!waits) digits.remove_suffix(1);
  const auto size = decimal(digits);
  if (!size) return std::nullopt;
  return Literal{*size, waits};
}

// Whether the literal that a line announces is a mail, or the head of one.
bool announces_mail(std::string_view line) {
  const std::string upper = upper_word(line.substr(line.size() > 256 ? line.size() - 256 : 0));
  const std::string_view before = std::string_view(upper).substr(0, upper.rfind('{'));
  const std::size_t item = std::max(before.rfind("BODY["), before.rfind("RFC822"));
  const std::size_t body = before.rfind("BODY["), whole = before.rfind("RFC822");
  if (item == std::string_view::npos && body == whole) return false;
  if (whole != std::string_view::npos && (body == std::string_view::npos || whole > body)) {
    return before.substr(whole).starts_with("RFC822 ") || before.substr(whole).starts_with("RFC822.HEADER");
  }
  return before.substr(body).starts_with("BODY[]") || before.substr(body).starts_with("BODY[HEADER");
}

class Imap : public LineConnection {
 public:
  Imap(const FlowInfo& flow, const StreamContext& above, ParserContext& parser)
      : LineConnection("imap", flow, above, parser) {}

 private:
  bool on_command(LineGroup& line) override;
  bool on_reply(LineGroup& line) override;
  void on_block(Direction direction, LineBlock& block) override;
  void on_loss(Direction direction) override;
  void on_tagged(std::string_view tag, bool good);
  void follow_literal(Direction direction, std::string_view line);

  struct Under {  // what a line with literals in it belongs to
    std::string tag, verb;
    std::uint64_t exchange = 0;
    bool going_on = false;
    std::string_view type;  // of the literal under way
  };
  Under under_[2];  // by direction
  bool authenticating_ = false;
  std::string tls_tag_;
  std::string deflate_tag_;  // of a COMPRESS that waits for its answer
  bool deflates_ = false;    // the line being read lets it begin behind itself (RFC 4978 section 3)
  std::unordered_map<std::string, std::uint64_t> exchanges_;  // by tag
};

void Imap::follow_literal(Direction direction, std::string_view line) {
  Under& under = under_[index(direction)];
  const std::optional<Literal> literal = literal_at_end(line);
  under.going_on = literal.has_value();
  if (!literal) return;
  const bool mail = direction == kClient ? under.verb == "APPEND" : announces_mail(line);
  under.type = mail ? kMailType : std::string_view();
  half(direction).expect_counted(literal->size);
}

bool Imap::on_command(LineGroup& line) {
  const std::string_view text = as_text(line.line);
  Under& under = under_[index(kClient)];
  if (authenticating_) {
    emit_line(kClient, line, {under.verb, {}, under.exchange, std::nullopt, kBase64Type}, 0);
    return false;
  }
  if (under.going_on) {
    follow_literal(kClient, text);
    emit_line(kClient, line, {under.verb, {}, under.exchange, std::nullopt, {}});
    return false;
  }
  const FirstWord tagged = first_word(text);
  FirstWord words = first_word(tagged.rest);
  under.tag = tagged.word;
  under.verb = upper_word(words.word);
  under.exchange = next_exchange();
  if (under.verb == "UID") {
    words = first_word(words.rest);
    under.verb += " " + upper_word(words.word);
  }
  if (under.verb.empty()) under.verb = upper_word(under.tag);  // DONE, which ends IDLE
  if (exchanges_.size() < parser().limits->http_pending_requests) exchanges_[under.tag] = under.exchange;
  std::size_t body_at = kNoBody;
  std::string_view target = words.rest;
  if (under.verb == "STARTTLS") {
    tls_tag_ = under.tag;
    await_tls();
  } else if (under.verb == "COMPRESS" && upper_word(words.rest) == "DEFLATE") {
    deflate_tag_ = under.tag;
  } else if (under.verb == "AUTHENTICATE") {
    authenticating_ = true;
    const std::string_view initial = first_word(words.rest).rest;
    target = first_word(words.rest).word;
    if (initial.size() > 1) body_at = static_cast<std::size_t>(initial.data() - as_text(line.bytes).data());
  }
  follow_literal(kClient, text);
  emit_line(kClient, line, {under.verb, target, under.exchange, std::nullopt, kBase64Type}, body_at);
  return false;
}

void Imap::on_tagged(std::string_view tag, bool good) {
  Under& client = under_[index(kClient)];
  if (awaiting_tls() && tag == tls_tag_) answer_tls(good);
  if (good && !deflate_tag_.empty() && tag == deflate_tag_) deflates_ = true;
  if (tag == deflate_tag_) deflate_tag_.clear();
  if (client.tag != tag) return;
  authenticating_ = false;
  if (!good && client.going_on) {
    half(kClient).cancel_block();
    client.going_on = !half(kClient).in_lines();
  }
}

bool Imap::on_reply(LineGroup& line) {
  const std::string_view text = as_text(line.line);
  Under& under = under_[index(kServer)];
  if (!under.going_on) {
    const FirstWord tagged = first_word(text);
    FirstWord words = first_word(tagged.rest);
    under.tag = tagged.word;
    // `* 12 FETCH (`: the number comes first.
    if (tagged.word == "*" && decimal(words.word)) words = first_word(words.rest);
    under.verb = tagged.word == "+" ? "" : upper_word(words.word);
    under.exchange = 0;
    if (const auto found = exchanges_.find(under.tag); found != exchanges_.end()) {
      under.exchange = found->second;
      exchanges_.erase(found);
      on_tagged(tagged.word, under.verb == "OK");
    }
  }
  follow_literal(kServer, text);
  if (text != ")") emit_line(kServer, line, {{}, {}, under.exchange, std::nullopt, {}}, 0);
  if (std::exchange(deflates_, false)) begin_deflate();
  return false;
}

void Imap::on_block(Direction direction, LineBlock& block) {
  const Under& under = under_[index(direction)];
  emit_block(direction, block, {under.verb, {}, direction == kClient ? under.exchange : 0, std::nullopt, under.type});
}

void Imap::on_loss(Direction direction) {
  under_[index(direction)].going_on = false;
  authenticating_ = false;
}

constexpr std::string_view kCommands =
    "CAPABILITY NOOP LOGOUT STARTTLS AUTHENTICATE LOGIN ENABLE SELECT EXAMINE CREATE DELETE RENAME SUBSCRIBE "
    "UNSUBSCRIBE LIST LSUB NAMESPACE STATUS APPEND IDLE CLOSE UNSELECT EXPUNGE SEARCH FETCH STORE COPY MOVE UID ID "
    "COMPRESS CHECK";

bool is_greeting(std::string_view line) {
  return line.starts_with("* OK") || line.starts_with("* PREAUTH") || line.starts_with("* BYE");
}

}  // namespace

Sniff sniff_imap(const StreamStart& start) {
  if (!may_be_lines(start)) return Sniff::no;
  const bool port = is_any_of(port_of(start), {143, 993});
  const auto client = first_line(start, Direction::to_server), server = first_line(start, Direction::to_client);
  const Bytes begun = start.bytes[index(Direction::to_client)];
  if (server && is_greeting(*server)) return Sniff::yes;
  if (client) {
    const FirstWord words = first_word(*client);
    if (words.word.empty() || words.word.size() > 32 || !begins_with_command(words.rest, kCommands)) return Sniff::no;
    if (port || (server && (server->starts_with("* ") || server->starts_with(words.word)))) return Sniff::yes;
    return !server && start.more[index(Direction::to_client)] ? Sniff::maybe : Sniff::no;
  }
  if (server) return port && server->starts_with("* ") ? Sniff::yes : Sniff::no;
  return begun.empty() || as_text(begun).starts_with('*') ? Sniff::maybe : Sniff::no;
}

std::unique_ptr<StreamParser> make_imap(const FlowInfo& flow, const StreamContext& above, ParserContext& parser) {
  return std::make_unique<Imap>(flow, above, parser);
}

}  // namespace tattle
