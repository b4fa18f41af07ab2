#include <gtest/gtest.h>

#include "protocol/testing/flow_test_kit.h"

namespace tattle {
namespace {

using namespace flow_kit;

struct TextCase {
  const char* name;
  std::uint16_t port;
  std::vector<Step> steps;
  std::vector<std::string> lines;
  std::string protocol;
};

class TextProtocol : public testing::TestWithParam<TextCase> {};

// Whatever the borders of segments are.
TEST_P(TextProtocol, Reads) {
  for (const std::size_t most : {std::size_t{1} << 20, std::size_t{7}, std::size_t{1}}) {
    Conversation talk;
    talk.info = flow(GetParam().port);
    talk.run(GetParam().steps, 0, most);
    EXPECT_EQ(talk.seen.lines, GetParam().lines) << most;
    EXPECT_EQ(talk.protocol, GetParam().protocol) << most;
    EXPECT_TRUE(talk.seen.borrowed_well);
  }
}

// RFC 5321 appendix D.1.
const TextCase kSmtp{
    "Smtp",
    25,
    {down("220 foo.com Simple Mail Transfer Service Ready\r\n"), up("EHLO bar.com\r\n"),
     down("250-foo.com greets bar.com\r\n250-8BITMIME\r\n250 HELP\r\n"), up("MAIL FROM:<Smith@bar.com>\r\n"),
     down("250 OK\r\n"), up("RCPT TO:<Green@foo.com>\r\n"), down("550 No such user here\r\n"), up("DATA\r\n"),
     down("354 Start mail input; end with <CRLF>.<CRLF>\r\n"), up("Subject: x\r\n\r\n..dot\r\n.a\r\n.\r\n"),
     down("250 OK\r\n"), up("QUIT\r\n"), down("221 foo.com closing\r\n")},
    {"< response #0 smtp 220 [220 foo.com Simple Mail Transfer Service Ready]", "> request #1 smtp EHLO bar.com []",
     "< response #1 smtp 250 [250-foo.com greets bar.com\\r\\n250-8BITMIME\\r\\n250 HELP]",
     "> request #2 smtp MAIL FROM:<Smith@bar.com> []", "< response #2 smtp 250 [250 OK]",
     "> request #3 smtp RCPT TO:<Green@foo.com> []", "< response #3 smtp 550 [550 No such user here]",
     "> request #4 smtp DATA  []", "< response #4 smtp 354 [354 Start mail input; end with <CRLF>.<CRLF>]",
     "> data #4 smtp [Subject: x\\r\\n\\r\\n.dot\\r\\na\\r\\n]", "< response #4 smtp 250 [250 OK]",
     "> request #5 smtp QUIT  []", "< response #5 smtp 221 [221 foo.com closing]"},
    "smtp"};

// RFC 4954 section 4.1 (tim/tanstaaftanstaaf), RFC 3030 section 4.2, RFC 2920: on a port of its own.
const TextCase kSmtpAuth{
    "SmtpAuthAndChunks",
    9025,
    {down("220 smtp.example.com ESMTP server ready\r\n"), up("EHLO jgm.example.com\r\n"),
     down("250-smtp.example.com\r\n250 AUTH CRAM-MD5 PLAIN\r\n"), up("AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=\r\n"),
     down("535 5.7.8 no\r\n"), up("AUTH LOGIN\r\n"), down("334 VXNlcm5hbWU6\r\n"), up("dGlt\r\n"),
     down("334 UGFzc3dvcmQ6\r\n"), up("dGFuc3RhYWZ0YW5zdGFhZg==\r\n"), down("235 2.7.0 ok\r\n"),
     up("MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nBDAT 5\r\nab: cBDAT 6 LAST\r\nd\r\n\r\ne"),
     down("250 one\r\n250 two\r\n250 three\r\n250 four\r\n"), up("QUIT\r\n"), down("221 bye\r\n")},
    {"< response #0 smtp 220 [220 smtp.example.com ESMTP server ready]",
     "> request #1 smtp EHLO jgm.example.com []",
     "< response #1 smtp 250 [250-smtp.example.com\\r\\n250 AUTH CRAM-MD5 PLAIN]",
     "> request #2 smtp AUTH PLAIN [dGVzdAB0ZXN0ADEyMzQ=]",
     "< response #2 smtp 535 [535 5.7.8 no]",
     "> request #3 smtp AUTH LOGIN []",
     "< response #3 smtp 334 [334 VXNlcm5hbWU6]",
     "> request #3 smtp AUTH  [dGlt]",
     "< response #3 smtp 334 [334 UGFzc3dvcmQ6]",
     "> request #3 smtp AUTH  [dGFuc3RhYWZ0YW5zdGFhZg==]",
     "< response #3 smtp 235 [235 2.7.0 ok]",
     "> request #4 smtp MAIL FROM:<a@example.com> []",
     "> request #5 smtp RCPT TO:<b@example.com> []",
     "> request #6 smtp BDAT 5 []",
     "> request #7 smtp BDAT 6 LAST []",
     "> data #7 smtp [ab: cd\\r\\n\\r\\ne]",
     "< response #4 smtp 250 [250 one]",
     "< response #5 smtp 250 [250 two]",
     "< response #6 smtp 250 [250 three]",
     "< response #7 smtp 250 [250 four]",
     "> request #8 smtp QUIT  []",
     "< response #8 smtp 221 [221 bye]"},
    "smtp"};

// RFC 1939 section 10.
const TextCase kPop3{
    "Pop3",
    110,
    {down("+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>\r\n"), up("USER mrose\r\n"), down("+OK\r\n"),
     up("PASS secret\r\n"), down("+OK mrose's maildrop has 2 messages (320 octets)\r\n"), up("LIST\r\n"),
     down("+OK 2 messages (320 octets)\r\n1 120\r\n2 200\r\n.\r\n"), up("RETR 1\r\n"),
     down("+OK 120 octets\r\nA: b\r\n\r\n..\r\n.\r\n"), up("DELE 1\r\nLIST 2\r\n"),
     down("+OK deleted\r\n+OK 2 200\r\n"), up("QUIT\r\n"), down("+OK bye\r\n")},
    {"< response #0 pop3 [+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>]", "> request #1 pop3 USER mrose []",
     "< response #1 pop3 [+OK]", "> request #2 pop3 PASS secret []",
     "< response #2 pop3 [+OK mrose's maildrop has 2 messages (320 octets)]", "> request #3 pop3 LIST  []",
     "< response #3 pop3 [+OK 2 messages (320 octets)\\r\\n1 120\\r\\n2 200\\r\\n.]", "> request #4 pop3 RETR 1 []",
     "< response #4 pop3 [+OK 120 octets]", "< data #4 pop3 [A: b\\r\\n\\r\\n.\\r\\n]", "> request #5 pop3 DELE 1 []",
     "> request #6 pop3 LIST 2 []", "< response #5 pop3 [+OK deleted]", "< response #6 pop3 [+OK 2 200]",
     "> request #7 pop3 QUIT  []", "< response #7 pop3 [+OK bye]"},
    "pop3"};

// RFC 9051 sections 4.3, 6.3.12 and 8; RFC 7888 section 3.
const TextCase kImap{"Imap",
                     143,
                     {down("* OK IMAP4rev2 Service Ready\r\n"), up("a001 login {4}\r\n"), down("+ ready\r\n"),
                      up("mrc1 {7+}\r\nsecret1\r\n"), down("a001 OK LOGIN completed\r\n"),
                      up("a003 append saved-messages (\\Seen) {8}\r\n"), down("+ Ready\r\n"), up("a: b\r\n\r\n\r\n"),
                      down("a003 OK APPEND completed\r\n"), up("a004 UID fetch 12 body[]\r\n"),
                      down("* 12 FETCH (UID 7 BODY[] {9}\r\na: b\r\n\r\nx)\r\na004 OK done\r\n"),
                      up("a005 authenticate plain\r\n"), down("+ \r\n"), up("dGVzdAB0ZXN0ADEyMzQ=\r\n"),
                      down("a005 NO no\r\n"), up("a006 logout\r\n"), down("* BYE bye\r\na006 OK LOGOUT completed\r\n")},
                     {"< response #0 imap [* OK IMAP4rev2 Service Ready]",
                      "> request #1 imap LOGIN {4} []",
                      "< response #0 imap [+ ready]",
                      "> data #1 imap [mrc1]",
                      "> request #1 imap LOGIN  []",
                      "> data #1 imap [secret1]",
                      "< response #1 imap [a001 OK LOGIN completed]",
                      "> request #2 imap APPEND saved-messages (\\Seen) {8} []",
                      "< response #0 imap [+ Ready]",
                      "> data #2 imap [a: b\\r\\n\\r\\n]",
                      "< response #2 imap [a003 OK APPEND completed]",
                      "> request #3 imap UID FETCH 12 body[] []",
                      "< response #0 imap [* 12 FETCH (UID 7 BODY[] {9}]",
                      "< data #0 imap [a: b\\r\\n\\r\\nx]",
                      "< response #3 imap [a004 OK done]",
                      "> request #4 imap AUTHENTICATE plain []",
                      "< response #0 imap [+ ]",
                      "> request #4 imap AUTHENTICATE  [dGVzdAB0ZXN0ADEyMzQ=]",
                      "< response #4 imap [a005 NO no]",
                      "> request #5 imap LOGOUT  []",
                      "< response #0 imap [* BYE bye]",
                      "< response #5 imap [a006 OK LOGOUT completed]"},
                     "imap"};

// RFC 959 sections 4.2 and 7; RFC 2428.
const TextCase kFtp{
    "Ftp",
    2121,
    {down("220 Service ready\r\n"), up("USER Aino\r\n"), down("331 need password\r\n"), up("PASS secret\r\n"),
     down("230-hello\r\n 230 text\r\n230 in\r\n"), up("STOR cottage.jpg\r\n"), down("150 opening\r\n226 done\r\n"),
     up("QUIT\r\n"), down("221 bye\r\n")},
    {"< response #0 ftp 220 [220 Service ready]", "> request #1 ftp USER Aino []",
     "< response #1 ftp 331 [331 need password]", "> request #2 ftp PASS secret []",
     "< response #2 ftp 230 [230-hello\\r\\n 230 text\\r\\n230 in]", "> request #3 ftp STOR cottage.jpg []",
     "< response #3 ftp 150 [150 opening]", "< response #3 ftp 226 [226 done]", "> request #4 ftp QUIT  []",
     "< response #4 ftp 221 [221 bye]"},
    "ftp"};

// RFC 1928 sections 3 to 6, RFC 1929 section 2.
const TextCase kSocks5{
    "Socks5",
    1080,
    {up(std::string("\x05\x02\x00\x02", 4)), down("\x05\x02"),
     up("\x01\x04"
        "aino\x06"
        "secret"),
     down(std::string("\x01\x00", 2)),
     up(std::string("\x05\x01\x00\x03\x0c"
                    "Shop.example\x00\x50",
                    19)),
     down(std::string("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00", 10)),
     up("GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n"), down("HTTP/1.1 204 No Content\r\n\r\n")},
    {"> request #1 socks GREETING  via=connect []", "< response #1 socks 2 via=connect []",
     "> request #2 socks AUTH  via=connect []", "< response #2 socks 0 via=connect []",
     "> request #3 socks CONNECT  host=shop.example:80 via=connect tunnel=shop.example []",
     "< response #3 socks 0 via=connect []",
     "> request #4 GET /a host=shop.example url=http://shop.example/a via=tunnel tunnel=shop.example []",
     "< response #4 204 host=shop.example to GET via=tunnel tunnel=shop.example []"},
    "socks/http/1.1"};

// What a client sends before the answer is the tunnel's when it is granted, else the proxy has read it alone.
const std::string kConnect(
    "\x05\x01\x00\x03\x0c"
    "shop.example\x00\x50",
    19);
const TextCase kSocksEarly{
    "Socks5Early",
    1080,
    {up(std::string("\x05\x01\x00", 3)), down(std::string("\x05\x00", 2)), up(kConnect),
     up("GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n"),
     down(std::string("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00", 10)), down("HTTP/1.1 204 No Content\r\n\r\n")},
    {"> request #1 socks GREETING  via=connect []", "< response #1 socks 0 via=connect []",
     "> request #2 socks CONNECT  host=shop.example:80 via=connect tunnel=shop.example []",
     "< response #2 socks 0 via=connect []",
     "> request #3 GET /a host=shop.example url=http://shop.example/a via=tunnel tunnel=shop.example []",
     "< response #3 204 host=shop.example to GET via=tunnel tunnel=shop.example []"},
    "socks/http/1.1"};
const TextCase kSocksRefused{
    "Socks5Refused",
    1080,
    {up(std::string("\x05\x01\x00", 3)), down(std::string("\x05\x00", 2)), up(kConnect), up("GET /a HTTP/1.1\r\n\r\n"),
     down(std::string("\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00", 10))},
    {"> request #1 socks GREETING  via=connect []", "< response #1 socks 0 via=connect []",
     "> request #2 socks CONNECT  host=shop.example:80 via=connect tunnel=shop.example []",
     "< response #2 socks 5 via=connect []", "> data #0 tcp [GET /a HTTP/1.1\\r\\n\\r\\n]"},
    "socks"};

// Behind a loss nothing was taken off the bytes that look like SOCKS: they are not SOCKS in SOCKS without end.
TEST(Socks, GreetingBehindALossIsNotReadInItself) {
  for (Direction direction : {Direction::to_server, Direction::to_client}) {
    Conversation talk;
    talk.info.server.port = 1080;
    talk.run({lost(direction, 20), up(std::string("\x05\x01\x00", 3)), down(std::string("\x05\x00", 2)), up(kConnect),
              lost(direction, 20), up(std::string("\x05\x01\x00", 3)), up("GET /a HTTP/1.1\r\n\r\n")});
    EXPECT_GE(talk.seen.lines.size(), 2u);
  }
}

// SOCKS 4A: an address of 0.0.0.x, the name behind the user's.
const TextCase kSocks4a{
    "Socks4a",
    7777,
    {up(std::string("\x04\x01\x00\x19\x00\x00\x00\x01"
                    "aino\x00mail.example\x00",
                    26)),
     down(std::string("\x00\x5a\x00\x00\x00\x00\x00\x00", 8)), down("220 mail.example ESMTP\r\n"), up("QUIT\r\n")},
    {"> request #1 socks CONNECT  host=mail.example:25 via=connect tunnel=mail.example []",
     "< response #1 socks 90 via=connect []",
     "< response #0 smtp 220 via=tunnel tunnel=mail.example [220 mail.example ESMTP]",
     "> request #2 smtp QUIT  via=tunnel tunnel=mail.example []"},
    "socks/smtp"};

// RFC 3261 section 7; two messages in one segment, the second with a body.
const TextCase kSip{"SipOverTcp",
                    5060,
                    {up("REGISTER sip:registrar.biloxi.com SIP/2.0\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
                        "MESSAGE sip:bob@Biloxi.com:5070;transport=tcp SIP/2.0\r\nl: 2\r\n\r\nhi"),
                     down("SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n")},
                    {"> request #0 sip REGISTER sip:registrar.biloxi.com host=registrar.biloxi.com []",
                     "> request #0 sip MESSAGE sip:bob@Biloxi.com:5070;transport=tcp host=biloxi.com:5070 [hi]",
                     "< response #0 sip 200 []"},
                    "sip"};

// What looks like none of them stays what it is.
const TextCase kOthers{"Unknown",
                       7000,
                       {down("220 v\x01\x02\r\n"), up("hello\r\n")},
                       {"> data #0 tcp [hello\\r\\n]", "< data #0 tcp [220 v\\x01\\x02\\r\\n]"},
                       "unknown"};

// RFC 3030 section 4.2: the last chunk may be empty.
const TextCase kSmtpEmptyChunk{
    "SmtpEmptyLastChunk",
    25,
    {down("220 mx ESMTP\r\n"), up("EHLO a.example\r\n"), down("250 CHUNKING\r\n"), up("BDAT 5\r\nhello"),
     down("250 5\r\n"), up("BDAT 0 LAST\r\nQUIT\r\n"), down("250 done\r\n221 bye\r\n")},
    {"< response #0 smtp 220 [220 mx ESMTP]", "> request #1 smtp EHLO a.example []",
     "< response #1 smtp 250 [250 CHUNKING]", "> request #2 smtp BDAT 5 []", "< response #2 smtp 250 [250 5]",
     "> request #3 smtp BDAT 0 LAST []", "> data #3 smtp [hello]", "> request #4 smtp QUIT  []",
     "< response #3 smtp 250 [250 done]", "< response #4 smtp 221 [221 bye]"},
    "smtp"};

INSTANTIATE_TEST_SUITE_P(All, TextProtocol,
                         testing::Values(kSmtp, kSmtpEmptyChunk, kSmtpAuth, kPop3, kImap, kFtp, kSocks5, kSocksEarly,
                                         kSocksRefused, kSocks4a, kSip, kOthers),
                         [](const auto& info) { return std::string(info.param.name); });

// What a mail is as its pieces come down: key, type, offset, whether more follows.
class Pieces : public MessageSink {
 public:
  void on_message(const Message& message) override {
    if (message.kind != MessageKind::data) return;
    EXPECT_TRUE(message.streamed);
    EXPECT_EQ(message.body_type, "message/rfc822");
    EXPECT_EQ(message.body_offset + message.overlap, text.size());
    EXPECT_TRUE(key == nullptr || key == message.body_key);
    key = message.body_key;
    text += as_text(message.body.subspan(message.overlap));
    last = message.last_piece;
    ++pieces;
  }
  std::string text;
  const void* key = nullptr;
  bool last = false;
  int pieces = 0;
};

TEST(LargeMail, GoesDownStreamed) {
  std::string mail = "Subject: s\r\n\r\n";
  while (mail.size() < 5000) mail += "line " + std::to_string(mail.size()) + "\r\n";
  const std::string counted = std::to_string(mail.size());
  const std::vector<std::pair<std::uint16_t, std::vector<flow_kit::Step>>> talks{
      {25, {down("220 a ESMTP\r\n"), up("EHLO b\r\n"), down("250 a\r\n"), up("DATA\r\n" + mail + ".\r\n")}},
      {143, {down("* OK IMAP4rev1\r\n"), up("a APPEND x {" + counted + "+}\r\n" + mail + "\r\n")}},
      {143,
       {down("* OK IMAP4rev1\r\n"), up("a FETCH 1 BODY[]\r\n"),
        down("* 1 FETCH (BODY[] {" + counted + "}\r\n" + mail + ")\r\na OK\r\n")}},
      {110, {down("+OK POP3\r\n"), up("RETR 1\r\n"), down("+OK\r\n" + mail + ".\r\n")}}};
  for (const auto& [port, steps] : talks) {
    for (const std::size_t chunk : {7u, 1400u}) {
      flow_kit::Conversation talk;
      talk.info = flow_kit::flow(port);
      talk.limits.body_bytes = 1000;
      talk.limits.raw_window_bytes = 100;
      talk.limits.raw_overlap_bytes = 10;
      Pieces seen;
      talk.parser.sink = &seen;
      talk.run(steps, 0, chunk);
      EXPECT_EQ(seen.text, mail) << port;
      EXPECT_TRUE(seen.last) << port;
      EXPECT_GT(seen.pieces, 3) << port;
    }
  }
}

}  // namespace
}  // namespace tattle
