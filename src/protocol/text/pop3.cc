#include "protocol/text/line_connection.h"
#include "protocol/text/text_protocols.h"

namespace tattle {
namespace {

class Pop3 : public LineConnection {
 public:
  Pop3(const FlowInfo& flow, const StreamContext& above, ParserContext& parser)
      : LineConnection("pop3", flow, above, parser), pending_(*parser.limits) {
    if (!flow.opening_seen) pending_.lose();
  }

 private:
  bool on_command(LineGroup& line) override;
  bool on_reply(LineGroup& line) override;
  void on_block(Direction direction, LineBlock& block) override {
    emit_block(direction, block, {mail_.verb, {}, mail_.exchange, std::nullopt, kMailType});
  }
  void on_loss(Direction) override {
    pending_.lose();
    authenticating_ = listing_ = false;
  }

  PendingCommands pending_;
  bool greeting_ = true;  // nothing was answered yet
  PendingCommands::Command mail_, last_;
  bool authenticating_ = false;  // AUTH was sent, and no final answer seen: lines are base64
  bool listing_ = false;         // lines up to a dot belong to the reply
};

bool Pop3::on_command(LineGroup& line) {
  const std::string_view text = as_text(line.line);
  if (authenticating_ && text.find(' ') == std::string_view::npos) {
    emit_line(kClient, line, {"AUTH", {}, last_.exchange, std::nullopt, kBase64Type}, 0);
    return false;
  }
  const FirstWord words = first_word(text);
  last_ = {upper_word(words.word), next_exchange()};
  const bool simple = words.rest.empty();
  // LIST and UIDL of one mail are answered in one line.
  const bool one = !simple && (last_.verb == "LIST" || last_.verb == "UIDL");
  pending_.add(one ? "one" : last_.verb, last_.exchange);
  if (last_.verb == "STLS") await_tls();
  std::size_t body_at = kNoBody;
  std::string_view target = words.rest;
  authenticating_ = last_.verb == "AUTH" && !simple;
  if (authenticating_) {
    const std::string_view initial = first_word(words.rest).rest;
    target = first_word(words.rest).word;
    if (initial.size() > 1) body_at = static_cast<std::size_t>(initial.data() - as_text(line.bytes).data());
  }
  emit_line(kClient, line, {last_.verb, target, last_.exchange, std::nullopt, kBase64Type}, body_at);
  return false;
}

// RFC 1939 section 3: the first line says how it went, others end with a dot.
bool Pop3::on_reply(LineGroup& line) {
  const std::string_view text = as_text(line.line);
  if (listing_ && text != ".") return true;
  if (listing_) {
    listing_ = false;
    emit_line(kServer, line, {{}, {}, mail_.exchange, std::nullopt, {}}, 0);
    return false;
  }
  const bool good = text.starts_with("+OK"), bad = text.starts_with("-ERR");
  PendingCommands::Command command;
  // The greeting comes before any command; none comes inside TLS after STLS.
  if ((good || bad) && !(greeting_ && pending_.empty())) command = pending_.answered(true);
  greeting_ = false;
  if (good || bad) authenticating_ = false;
  if (awaiting_tls() && (good || bad) && (command.verb == "STLS" || !pending_.certain())) answer_tls(good);
  if (good && (command.verb == "RETR" || command.verb == "TOP")) {
    mail_ = command;
    half(kServer).expect_dotted();
  } else if (good && (command.verb == "LIST" || command.verb == "UIDL" || command.verb == "CAPA")) {
    mail_ = command;
    listing_ = true;
    return true;
  }
  emit_line(kServer, line, {{}, {}, command.exchange, std::nullopt, {}}, 0);
  return false;
}

constexpr std::string_view kCommands = "USER PASS APOP AUTH CAPA STLS STAT LIST RETR DELE NOOP RSET QUIT TOP UIDL UTF8";

}  // namespace

Sniff sniff_pop3(const StreamStart& start) {
  if (!may_be_lines(start)) return Sniff::no;
  const bool port = is_any_of(port_of(start), {110, 995});
  const auto client = first_line(start, Direction::to_server), server = first_line(start, Direction::to_client);
  if (server && !server->starts_with("+OK") && !(port && server->starts_with("-ERR"))) return Sniff::no;
  if (server && (port || contains_ignoring_case(*server, "POP3"))) return Sniff::yes;
  if (client) {
    if (!begins_with_command(*client, kCommands)) return Sniff::no;
    if (server || port) return Sniff::yes;
    return start.more[index(Direction::to_client)] ? Sniff::maybe : Sniff::no;
  }
  const Bytes begun = start.bytes[index(Direction::to_client)];
  return begun.empty() || as_text(begun).starts_with('+') ? Sniff::maybe : Sniff::no;
}

std::unique_ptr<StreamParser> make_pop3(const FlowInfo& flow, const StreamContext& above, ParserContext& parser) {
  return std::make_unique<Pop3>(flow, above, parser);
}

}  // namespace tattle
