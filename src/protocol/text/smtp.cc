#include "protocol/text/line_connection.h"
#include "protocol/text/text_protocols.h"

namespace tattle {
namespace {

class Smtp : public LineConnection {
 public:
  Smtp(const FlowInfo& flow, const StreamContext& above, ParserContext& parser)
      : LineConnection("smtp", flow, above, parser), pending_(*parser.limits) {
    if (!flow.opening_seen) pending_.lose();
  }

 private:
  void expect_chunk(std::string_view arguments);
  bool on_command(LineGroup& line) override;
  bool on_reply(LineGroup& line) override;
  void on_block(Direction direction, LineBlock& block) override;
  void on_loss(Direction) override {
    pending_.lose();
    authenticating_ = false;
  }

  PendingCommands pending_;
  bool greeting_ = true;         // the next 220 answers nothing
  bool authenticating_ = false;  // AUTH was sent, and no final reply seen: lines are base64
  std::string block_verb_;
  std::uint64_t block_exchange_ = 0;
};

bool Smtp::on_command(LineGroup& line) {
  const std::string_view text = as_text(line.line);
  if (authenticating_ && text.find(' ') == std::string_view::npos) {
    emit_line(kClient, line, {"AUTH", {}, block_exchange_, std::nullopt, kBase64Type}, 0);
    return false;
  }
  const FirstWord words = first_word(text);
  const std::string verb = upper_word(words.word);
  const std::uint64_t exchange = next_exchange();
  pending_.add(verb, exchange);
  authenticating_ = false;
  if (verb != "BDAT") half(kClient).end_chunks();
  std::size_t body_at = kNoBody;
  std::string_view target = words.rest;
  if (verb == "STARTTLS") {
    await_tls();
  } else if (verb == "DATA" || verb == "BDAT") {
    block_verb_ = verb;
    block_exchange_ = exchange;
    if (verb == "DATA") half(kClient).expect_dotted();
  } else if (verb == "AUTH") {
    // RFC 4954 section 4: AUTH mechanism [initial-response]; `=` stands for an empty one.
    authenticating_ = true;
    block_exchange_ = exchange;
    const std::string_view initial = first_word(words.rest).rest;
    target = first_word(words.rest).word;
    if (initial.size() > 1) body_at = static_cast<std::size_t>(initial.data() - as_text(line.bytes).data());
  }
  emit_line(kClient, line, {verb, target, exchange, std::nullopt, kBase64Type}, body_at);
  // Behind its command, since an empty last chunk ends the mail at once.
  if (verb == "BDAT") expect_chunk(words.rest);
  return false;
}

// RFC 3030 section 2: BDAT size [LAST]. Chunks up to the last are one mail.
void Smtp::expect_chunk(std::string_view arguments) {
  const FirstWord words = first_word(arguments);
  const std::optional<std::uint64_t> size = decimal(words.word);
  if (!size) return;
  half(kClient).expect_counted(*size, upper_word(words.rest) != "LAST");
}

// RFC 5321 section 4.2.1: all lines of a reply but the last have a hyphen behind the code.
bool Smtp::on_reply(LineGroup& line) {
  const std::string_view text = as_text(line.line);
  const std::optional<int> code = reply_code(text);
  if (code && text.size() > 3 && text[3] == '-') return true;
  PendingCommands::Command command;
  if (code && (*code != 220 || !greeting_)) command = pending_.answered(*code != 354 && *code != 334);
  if (code) {
    const bool tls = command.verb == "STARTTLS" || (!pending_.certain() && *code == 220);
    if (awaiting_tls() && tls) answer_tls(*code == 220);
    if (command.verb == "DATA" && *code >= 400) half(kClient).cancel_block();
    if (authenticating_ && *code != 334) authenticating_ = false;
  }
  greeting_ = false;
  emit_line(kServer, line, {{}, {}, command.exchange, code, {}}, 0);
  return false;
}

void Smtp::on_block(Direction direction, LineBlock& block) {
  emit_block(direction, block, {block_verb_, {}, block_exchange_, std::nullopt, kMailType});
}

constexpr std::string_view kCommands =
    "EHLO HELO LHLO MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY EXPN HELP STARTTLS AUTH ETRN XCLIENT";

}  // namespace

Sniff sniff_smtp(const StreamStart& start) {
  if (!may_be_lines(start)) return Sniff::no;
  const bool port = is_any_of(port_of(start), {25, 465, 587, 2525});
  const auto client = first_line(start, Direction::to_server), server = first_line(start, Direction::to_client);
  const bool greeted = server && reply_code(*server) && (port || reply_code(*server) == 220);
  if (client) {
    if (!begins_with_command(*client, kCommands)) return Sniff::no;
    const bool own = begins_with_command(*client, "EHLO HELO LHLO");
    return port || own || (greeted && contains_ignoring_case(*server, "SMTP")) ? Sniff::yes : Sniff::no;
  }
  if (!server) {
    const Bytes begun = start.bytes[index(Direction::to_client)];
    if (!begun.empty() && begun[0] != '2' && !port) return Sniff::no;
    return Sniff::maybe;
  }
  if (!greeted) return Sniff::no;
  if (port || contains_ignoring_case(*server, "SMTP")) return Sniff::yes;
  return start.more[index(Direction::to_server)] ? Sniff::maybe : Sniff::no;
}

std::unique_ptr<StreamParser> make_smtp(const FlowInfo& flow, const StreamContext& above, ParserContext& parser) {
  return std::make_unique<Smtp>(flow, above, parser);
}

}  // namespace tattle
