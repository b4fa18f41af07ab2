// Imports: texts and times, cutting a HAR into entries, what entries say, tnetstrings, forms, sessions of SAZ.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/result.h"
#include "base/time.h"
#include "capture/capture.h"
#include "capture/import/dns.h"
#include "capture/import/form.h"
#include "capture/import/har.h"
#include "capture/import/mitm.h"
#include "capture/import/repair.h"
#include "capture/import/saz.h"
#include "capture/import/text.h"
#include "capture/import/tnetstring.h"

namespace tattle {
namespace {

using Kind = ImportedMessage::Kind;

class Memory : public ByteSource {
 public:
  explicit Memory(std::string bytes) : bytes_(std::move(bytes)) {}
  std::size_t read(std::uint8_t* into, std::size_t room) override {
    const std::size_t count = std::min({room, bytes_.size() - at_, std::size_t{100}});
    std::memcpy(into, bytes_.data() + at_, count);
    at_ += count;
    return count;
  }
  SourceTrouble trouble() const override { return SourceTrouble::none; }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

struct Read {
  std::vector<std::shared_ptr<const ImportedMessage>> messages;
  std::uint64_t unread = 0;
  bool cut = false;
  std::string format;
  Anomalies anomalies;
};

Read read_all(const std::string& file, Limits limits = {}) {
  Read read;
  const auto reader = CaptureReader::open(std::make_unique<Memory>(file), "test", 0, limits, read.anomalies);
  while (true) {
    const CaptureEvent event = reader->next();
    if (const auto* message = std::get_if<std::shared_ptr<const ImportedMessage>>(&event)) {
      read.messages.push_back(*message);
    } else if (const auto* unread = std::get_if<UnreadEntry>(&event)) {
      ++read.unread;
      EXPECT_GT(unread->bytes, 0u);
    } else if (const auto* end = std::get_if<CaptureEnd>(&event)) {
      read.cut = end->cut;
      read.format = reader->format();
      return read;
    }
  }
}

std::string entry(const std::string& started, const std::string& url, const std::string& more = "") {
  return R"({"startedDateTime":")" + started + R"(","time":10,"request":{"method":"GET","url":")" + url +
         R"(","httpVersion":"HTTP/1.1","headers":[{"name":"Host","value":"a.example"}]},"response":{"status":200,)" +
         R"("httpVersion":"HTTP/1.1","headers":[],"content":{"size":2,"text":"ok"}})" + more + "}";
}
std::string har(const std::string& entries) { return R"({"log":{"version":"1.2","entries":[)" + entries + "]}}"; }

std::vector<ImportedMessage> read_entry(const std::string& json, Anomalies& anomalies) {
  std::vector<ImportedMessage> messages;
  EXPECT_TRUE(HarEntryReader().read(as_bytes(json), {0, 1}, anomalies, messages));
  return messages;
}

struct TimeCase {
  const char* text;
  const char* wanted;
};
class IsoTime : public testing::TestWithParam<TimeCase> {};
TEST_P(IsoTime, Reads) {
  const auto time = parse_iso_time(GetParam().text);
  EXPECT_EQ(time ? to_rfc3339(*time) : "", GetParam().wanted);
}
INSTANTIATE_TEST_SUITE_P(Rfc3339, IsoTime,
                         testing::Values(TimeCase{"2023-03-29T17:37:42.482-07:00", "2023-03-30T00:37:42.482000Z"},
                                         TimeCase{"2024-02-29T23:59:59Z", "2024-02-29T23:59:59.000000Z"},
                                         TimeCase{"2014-11-07T20:10:08.3077333+0100", "2014-11-07T19:10:08.307733Z"},
                                         TimeCase{"2024-01-02T03:04", "2024-01-02T03:04:00.000000Z"},
                                         TimeCase{"0001-01-01T00:00:00", ""}, TimeCase{"2023-02-30T00:00:00Z", ""},
                                         TimeCase{"2023-01-01T00:00:00Zulu", ""}, TimeCase{"", ""}));

TEST(ImportText, Base64OfEitherAlphabet) {
  EXPECT_EQ(as_text(*decode_base64("aGVs\nbG8")), "hello");
  EXPECT_EQ(*decode_base64("-_8="), (ByteVector{0xfb, 0xff}));
  EXPECT_FALSE(decode_base64("a"));
  EXPECT_FALSE(decode_base64("a*bc"));
}

TEST(ImportText, HttpVersions) {
  for (const char* word : {"h3", "HTTP/3.0", "h3-29", "http/3"}) EXPECT_EQ(http_protocol(word), "http/3") << word;
  for (const char* word : {"h2", "http/2.0", "HTTP/2"}) EXPECT_EQ(http_protocol(word), "http/2") << word;
  for (const char* word : {"HTTP/1.1", "http/1.0"}) EXPECT_EQ(http_protocol(word), "http/1.1") << word;
  for (const char* word : {"", "unknown", "http/2+quic/46"}) EXPECT_EQ(http_protocol(word), "http") << word;
}

TEST(ImportText, PortsAndLiterals) {
  EXPECT_EQ(split_url("https://u:p@[2001:db8::7]:8443/x").port, 8443);
  EXPECT_EQ(split_url("https://u:p@[2001:db8::7]:8443/x").host, "2001:db8::7");
  EXPECT_EQ(split_url("wss://a.example/x").port, 443);
  EXPECT_EQ(split_url("nothing").port, 0);
}

TEST(ImportRepair, KeepsTheBytesThatPythonMarks) {
  const std::string json = "\"a\\udc80\\udcff \\ud83d\\ude00 \\ud800 \xff \\\\udc80\"";
  const Repaired repaired = repair_json_text(as_bytes(json));
  EXPECT_TRUE(repaired.marked);
  EXPECT_EQ(repaired.json, "\"a\\udbff\\udf80\\udbff\\udfff \\ud83d\\ude00 \\ufffd \\udbff\\udfff \\\\udc80\"");
  std::string text = "\xf4\x8f\xbe\x80 \xf4\x8f\xbf\xbf \xf4\x8f\xbd\xbf";
  unmark_bytes(text);
  EXPECT_EQ(text, "\x80 \xff \xf4\x8f\xbd\xbf");
}

TEST(ImportForm, IsPutTogetherAgain) {
  FormWriter plain("application/x-www-form-urlencoded");
  plain.add("phone", "+358 40", "", "");
  plain.add("x", "a&b", "", "");
  plain.add("kept", "a%2Fb", "", "");
  EXPECT_EQ(as_text(plain.finish()), "phone=%2B358+40&x=a%26b&kept=a%2Fb");
  FormWriter parts("multipart/form-data; boundary=\"xx\"");
  parts.add("f", "data", "n.jpg", "image/jpeg");
  EXPECT_EQ(as_text(parts.finish()),
            "--xx\r\nContent-Disposition: form-data; name=\"f\"; filename=\"n.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
            "data\r\n--xx--\r\n");
}

TEST(HarFile, EntriesComeInOrderOfTime) {
  const Read read = read_all(har(entry("2024-01-01T00:00:05Z", "https://b.example/") + "," +
                                 entry("2024-01-01T00:00:01Z", "https://a.example/")));
  ASSERT_EQ(read.messages.size(), 4u);
  EXPECT_EQ(read.messages[0]->id.number, 2u);
  EXPECT_EQ(read.messages[2]->id.number, 1u);
  EXPECT_TRUE(read.messages[1]->last_of_entry);
  EXPECT_EQ(read.format, "HAR 1.2");
  EXPECT_FALSE(read.cut);
}

TEST(HarFile, ACutOneGivesItsWholeEntries) {
  const std::string whole = "\xEF\xBB\xBF " + har(entry("2024-01-01T00:00:05Z", "https://b.example/") + "," +
                                                  entry("2024-01-01T00:00:06Z", "https://a.example/"));
  for (std::size_t size = whole.find("\"request\""); size < whole.size(); ++size) {
    const Read read = read_all(whole.substr(0, size));
    EXPECT_TRUE(read.cut) << size;
    EXPECT_LE(read.messages.size(), 4u);
  }
  EXPECT_EQ(read_all(whole.substr(0, whole.size() - 3)).messages.size(), 4u);
  EXPECT_EQ(read_all(whole.substr(0, whole.size() - 20)).messages.size(), 2u);
  EXPECT_FALSE(read_all(whole).cut);
}

TEST(HarFile, WhatIsNoEntryIsCounted) {
  const Read read = read_all(har("1, \"x]}\", " + entry("2024-01-01T00:00:05Z", "https://b.example/") + ", {}, [2]"));
  EXPECT_EQ(read.messages.size(), 2u);
  EXPECT_EQ(read.messages[0]->id.number, 3u);
  EXPECT_EQ(read.anomalies.count("import.malformed-entry"), 4u);
}

TEST(HarFile, AnEntryOverTheLimitIsLeftOut) {
  Limits limits;
  limits.import_entry_bytes = 2000;
  const std::string large =
      R"({"request":{"method":"GET","url":"http://a.example/","x":")" + std::string(9000, 'x') + "\"}}";
  const Read read = read_all(har(large + "," + entry("2024-01-01T00:00:05Z", "https://b.example/")), limits);
  EXPECT_EQ(read.messages.size(), 2u);
  EXPECT_EQ(read.unread, 1u);
  EXPECT_EQ(read.anomalies.count("import.entry-limit"), 1u);
}

TEST(HarFile, JsonThatIsNoneIsAMistakeOfTheUsers) {
  for (const char* text :
       {R"({"a":1})", R"({"log":[2,1,3] "request:"})", R"({"log":{"entries":{}}})", "{", "{\"log\":{"}) {
    EXPECT_THROW(read_all(text), UserError) << text;
  }
}

TEST(HarEntry, ItsSchemeSaysWhetherItWentInClear) {
  using enum ImportedConnection::Security;
  const std::pair<const char*, ImportedConnection::Security> cases[] = {
      {"http://a.example/", clear}, {"HTTP://a.example/", clear}, {"ws://a.example/", clear},
      {"https://a.example/", tls},  {"wss://a.example/", tls},    {"//a.example/", unknown}};
  for (const auto& [url, wanted] : cases) {
    Anomalies anomalies;
    const auto messages = read_entry(entry("2024-01-01T00:00:05Z", url), anomalies);
    EXPECT_EQ(messages.front().connection->security, wanted) << url;
  }
}

TEST(HarEntry, CachedAndBlockedOnesWereNotSent) {
  Anomalies anomalies;
  const auto not_sent = [&](const std::string& url, const std::string& more) {
    return read_entry(entry("2024-01-01T00:00:05Z", url, more), anomalies).front().not_sent;
  };
  EXPECT_FALSE(not_sent("https://a.example/", ""));
  EXPECT_TRUE(not_sent("https://a.example/", R"(,"_fromCache":"disk","serverIPAddress":"192.0.2.1")"));
  EXPECT_TRUE(not_sent("https://a.example/", R"(,"_fetchedViaServiceWorker":true)"));
  EXPECT_FALSE(not_sent("https://a.example/", R"(,"_fetchedViaServiceWorker":true,"serverIPAddress":"192.0.2.1")"));
  const auto redirect = [](std::string_view status, std::string_view more) {
    return R"({"request":{"method":"GET","url":"http://a.example/"},"response":{"status":)" + std::string(status) +
           R"(,"headers":[{"name":"Non-Authoritative-Reason","value":"HSTS"}]})" + std::string(more) + "}";
  };
  EXPECT_TRUE(read_entry(redirect("307", ""), anomalies).front().not_sent);
  EXPECT_FALSE(read_entry(redirect("301", ""), anomalies).front().not_sent);
  EXPECT_FALSE(read_entry(redirect("307", R"(,"serverIPAddress":"192.0.2.1")"), anomalies).front().not_sent);
  EXPECT_TRUE(not_sent("chrome-extension://abc/x.js", ""));
  EXPECT_TRUE(not_sent("data:text/plain,hello", ""));
  const std::string offline =
      R"({"startedDateTime":"2024-01-01T00:00:05Z","request":{"method":"GET","url":"https://a.example/"},)"
      R"("response":{"status":0},"timings":{"send":0,"wait":0}})";
  EXPECT_TRUE(read_entry(offline, anomalies).front().not_sent);
}

TEST(HarEntry, BodiesOfEveryWriting) {
  Anomalies anomalies;
  const auto body = [&](const std::string& request) {
    const auto messages =
        read_entry(R"({"request":{"method":"POST","url":"https://a.example/",)" + request + "}}", anomalies);
    return std::string(as_text(messages.front().body));
  };
  EXPECT_EQ(body(R"("postData":{"text":"plain"})"), "plain");
  EXPECT_EQ(body(R"("postData":{"text":"aGVsbG8=","encoding":"base64"})"), "hello");
  EXPECT_EQ(body(R"("postData":{"text":"aGVsbG8=","_encoding":"base64"})"), "hello");
  EXPECT_EQ(body(R"("postData":{"text":"aGVsbG8=","comment":"base64 encoded"})"), "hello");
  EXPECT_EQ(body(R"("postData":{"text":"?"},"_content":{"text":"aGVsbG8=","encoding":"base64"})"), "hello");
  EXPECT_EQ(body(R"("postData":{"params":[{"name":"a","value":"1"},{"name":"b","value":"2"}]})"), "a=1&b=2");
  EXPECT_EQ(body("\"postData\":{\"text\":\"a\\udcffb\"}"),
            "a\xff"
            "b");
  EXPECT_EQ(anomalies.count("import.bad-text"), 1u);
  EXPECT_EQ(body(R"("bodySize":7)"), "");
  EXPECT_EQ(anomalies.count("import.body-missing"), 1u);
}

TEST(HarEntry, AConnectionOnlyWhereItIsNamed) {
  Anomalies anomalies;
  const auto name = [&](const std::string& more) {
    return read_entry(entry("2024-01-01T00:00:05Z", "https://a.example/", more), anomalies).front().connection->name;
  };
  EXPECT_EQ(name(""), "");
  EXPECT_EQ(name(R"(,"connection":"443")"), "");  // Firefox: the server's port
  EXPECT_NE(name(R"(,"connection":"50123")"), "");
}

TEST(HarEntry, AWebSocketsMessages) {
  Anomalies anomalies;
  const auto messages =
      read_entry(entry("2024-01-01T00:00:05Z", "wss://a.example/",
                       R"(,"_webSocketMessages":[{"type":"send","time":1704067206.5,"opcode":1,"data":"hi"},)"
                       R"({"type":"receive","time":1704067207,"opcode":2,"data":"AAE="},{"type":"error","data":"x"}])"),
                 anomalies);
  ASSERT_EQ(messages.size(), 4u);
  EXPECT_EQ(messages[2].kind, Kind::frame);
  EXPECT_EQ(messages[2].direction, Direction::to_server);
  EXPECT_EQ(to_rfc3339(messages[2].first), "2024-01-01T00:00:06.500000Z");
  EXPECT_EQ(messages[3].body, (ByteVector{0, 1}));
}

TEST(HarEntry, SeveralSetCookieAreSeveralFields) {
  Anomalies anomalies;
  const auto messages = read_entry(
      R"({"request":{"method":"GET","url":"https://a.example/"},"response":{"status":200,"headers":[{"name":"Set-Cookie","value":"a=1\nb=2"}]}})",
      anomalies);
  ASSERT_EQ(messages[1].fields.size(), 2u);
  EXPECT_EQ(messages[1].fields[1].second, "b=2");
}

TEST(Tnetstring, ReadsAndRefuses) {
  const std::string text = "39:3:one;1:2#4:list,11:1:a,4:true!]1:z,0:~}";
  Bytes bytes = as_bytes(text);
  const auto value = Tnet::take(bytes);
  ASSERT_TRUE(value);
  EXPECT_EQ((*value)["one"].number(), 2);
  EXPECT_EQ((*value)["list"].at(0).text(), "a");
  EXPECT_TRUE((*value)["list"].at(1).truth());
  EXPECT_TRUE((*value)["z"].is_null());
  EXPECT_TRUE((*value)["absent"].is_null());
  for (const char* bad : {"", ":", "5:abc,", "3:abcx", "x3:abc,", "9999999999999:a,", "3:abc"}) {
    Bytes left = as_bytes(std::string_view(bad));
    EXPECT_FALSE(Tnet::take(left)) << bad;
  }
}

TEST(MitmFile, TheRealOnesWhereTheyAre) {
  const std::string folder = TATTLE_SOURCE_DIR "/../shared/captures/har-mitm/";
  if (!std::filesystem::exists(folder)) return;
  std::ifstream file(folder + "websocket.mitm", std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(file), {}};
  const Read read = read_all(whole);
  EXPECT_EQ(read.messages.size(),
            11u);  // three handshakes of two messages, five frames, as in the HAR of the same flows
  EXPECT_EQ(read.messages[0]->url,
            "https://demo.piesocket.com/v3/channel_123?api_key=VCXCEuvhGcBDP7XhiJJUDvR1e1D3eiVjgZ9VRiaV&notify_self");
  EXPECT_EQ(read.messages[0]->connection->tls_version, "1.3");
  const Read cut = read_all(whole.substr(0, whole.size() - 100));
  EXPECT_TRUE(cut.cut);
  EXPECT_EQ(cut.messages.size(), 6u);
}

TEST(SazSession, FramesThatDoNotHoldTogether) {
  const auto bytes = [](std::string_view text) { return ByteVector(text.begin(), text.end()); };
  SazSession session;
  session.request = bytes("GET https://a.example/x HTTP/1.1\r\nHost: a.example\r\n\r\n");
  session.frames = bytes("Request-Length: 3\r\nID: 1\r\n\r\nabc\r\nResponse-Length: 99\r\n\r\nab");
  Anomalies anomalies;
  std::vector<ImportedMessage> messages;
  ASSERT_TRUE(read_saz_session(session, {0, 1}, anomalies, messages));
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(as_text(messages[0].body).substr(0, 15), "GET /x HTTP/1.1");
  EXPECT_EQ(as_text(messages[1].body), "abc");
  EXPECT_EQ(anomalies.count("import.bad-frames"), 1u);
  EXPECT_EQ(messages[0].connection->security, ImportedConnection::Security::tls);
}

TEST(SazSession, ItsSchemeSaysWhetherItWentInClear) {
  using enum ImportedConnection::Security;
  const std::pair<std::string_view, ImportedConnection::Security> cases[] = {{"GET http://a.example/x", clear},
                                                                             {"GET https://a.example/x", tls},
                                                                             {"GET /x", unknown},
                                                                             {"CONNECT a.example:443", unknown}};
  for (const auto& [start, wanted] : cases) {
    SazSession session;
    const std::string text = std::string(start) + " HTTP/1.1\r\nHost: a.example\r\n\r\n";
    session.request.assign(text.begin(), text.end());
    Anomalies anomalies;
    std::vector<ImportedMessage> messages;
    ASSERT_TRUE(read_saz_session(session, {0, 1}, anomalies, messages));
    EXPECT_EQ(messages[0].connection->security, wanted) << start;
  }
}

}  // namespace
}  // namespace tattle
