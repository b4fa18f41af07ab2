#include "protocol/text/line_connection.h"
#include "protocol/text/text_protocols.h"

namespace tattle {
namespace {

class Ftp : public LineConnection {
 public:
  Ftp(const FlowInfo& flow, const StreamContext& above, ParserContext& parser)
      : LineConnection("ftp", flow, above, parser), pending_(*parser.limits) {
    if (!flow.opening_seen) pending_.lose();
  }

 private:
  bool on_command(LineGroup& line) override;
  bool on_reply(LineGroup& line) override;
  void on_block(Direction, LineBlock&) override {}
  void on_loss(Direction) override {
    pending_.lose();
    reply_ = std::nullopt;
  }

  PendingCommands pending_;
  std::optional<int> reply_;  // code of a reply of several lines under way
};

bool Ftp::on_command(LineGroup& line) {
  const FirstWord words = first_word(as_text(line.line));
  const std::string verb = upper_word(words.word);
  const std::uint64_t exchange = next_exchange();
  pending_.add(verb, exchange);
  if (verb == "AUTH") await_tls();
  emit_line(kClient, line, {verb, words.rest, exchange, std::nullopt, {}});
  return false;
}

// RFC 959 section 4.2: a reply of several lines begins with its code and a hyphen and ends with the same code and a
// space; what is between may be any text.
bool Ftp::on_reply(LineGroup& line) {
  const std::string_view text = as_text(line.line);
  const std::optional<int> code = reply_code(text);
  const bool hyphen = code && text.size() > 3 && text[3] == '-';
  if (reply_ && (code != reply_ || hyphen)) return true;
  if (hyphen) {
    reply_ = code;
    return true;
  }
  reply_ = std::nullopt;
  PendingCommands::Command command;
  // A greeting comes before any command; 1xx announces another reply.
  if (code) command = pending_.answered(*code >= 200);
  if (code && awaiting_tls() && (command.verb == "AUTH" || !pending_.certain())) answer_tls(*code == 234);
  emit_line(kServer, line, {{}, {}, command.exchange, code, {}}, 0);
  return false;
}

constexpr std::string_view kCommands =
    "USER PASS ACCT AUTH FEAT OPTS SYST PWD CWD CDUP TYPE PASV EPSV PORT EPRT LIST NLST MLSD MLST STOR RETR APPE STOU "
    "DELE RNFR RNTO MKD RMD SIZE MDTM REST ABOR NOOP QUIT PBSZ PROT CCC SITE STAT HELP CLNT LANG HOST ALLO MODE STRU";

}  // namespace

Sniff sniff_ftp(const StreamStart& start) {
  if (!may_be_lines(start)) return Sniff::no;
  const bool port = is_any_of(port_of(start), {21, 990});
  const auto client = first_line(start, Direction::to_server), server = first_line(start, Direction::to_client);
  const bool greeted = server && reply_code(*server) && (port || reply_code(*server) == 220);
  if (server && !greeted) return Sniff::no;
  if (client) {
    if (!begins_with_command(*client, kCommands)) return Sniff::no;
    if (port || greeted) return Sniff::yes;
    return start.more[index(Direction::to_client)] ? Sniff::maybe : Sniff::no;
  }
  if (!server) {
    const Bytes begun = start.bytes[index(Direction::to_client)];
    return begun.empty() || begun[0] == '2' || port ? Sniff::maybe : Sniff::no;
  }
  if (port) return Sniff::yes;
  return start.more[index(Direction::to_server)] ? Sniff::maybe : Sniff::no;
}

std::unique_ptr<StreamParser> make_ftp(const FlowInfo& flow, const StreamContext& above, ParserContext& parser) {
  return std::make_unique<Ftp>(flow, above, parser);
}

}  // namespace tattle
