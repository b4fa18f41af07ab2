#include "protocol/dns/dns.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "protocol/dns/dns_message.h"

namespace tattle {
namespace {

std::string bytes_of(std::initializer_list<int> values) {
  std::string bytes;
  for (int value : values) bytes.push_back(static_cast<char>(value));
  return bytes;
}

std::string u16(int value) { return bytes_of({value >> 8 & 0xff, value & 0xff}); }

std::string header(int id, int flags, int questions, int answers, int authority = 0, int additional = 0) {
  return u16(id) + u16(flags) + u16(questions) + u16(answers) + u16(authority) + u16(additional);
}

/// `www.example.com` as labels with the root behind.
std::string name(std::string_view dotted) {
  std::string bytes;
  while (!dotted.empty()) {
    const auto dot = std::min(dotted.find('.'), dotted.size());
    bytes.push_back(static_cast<char>(dot));
    bytes.append(dotted.substr(0, dot));
    dotted.remove_prefix(std::min(dot + 1, dotted.size()));
  }
  return bytes + '\0';
}

std::string question(std::string_view dotted, int type) { return name(dotted) + u16(type) + u16(1); }

std::string record(const std::string& owner, int type, const std::string& data, int ttl_high = 0) {
  return owner + u16(type) + u16(1) + bytes_of({ttl_high, 0, 0, 60}) + u16(static_cast<int>(data.size())) + data;
}

const std::string kPointer12 = bytes_of({0xc0, 12});
const std::string kA = bytes_of({192, 0, 2, 33});
const std::string kQuery = header(0x1234, 0x0100, 1, 0) + question("WWW.Example.com", 1);

struct Seen {
  MessageKind kind;
  std::string protocol, method, host, answers;
  int status;
  std::uint64_t exchange;
  bool damaged;
  std::size_t body;
  auto operator<=>(const Seen&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Seen& seen) {
  return out << to_string(seen.kind) << ' ' << seen.protocol << ' ' << seen.method << ' ' << seen.host << " ["
             << seen.answers << "] " << seen.status << " exchange " << seen.exchange
             << (seen.damaged ? " damaged " : " ") << seen.body;
}

struct Harness : MessageSink {
  void on_message(const Message& message) override {
    std::string answers;
    for (const auto& each : message.name_answers) answers += each.name + "=" + to_string(each.address) + " ";
    seen.push_back({message.kind, std::string(message.protocol), message.method, message.host, answers,
                    message.status.value_or(-1), message.exchange, message.damaged, message.body.size()});
  }
  Harness() {
    flow.client.port = 50000;
    flow.server.port = 53;
    above.counters = &counters;
  }
  Chunk chunk(Direction direction, std::string_view bytes) {
    ++run.first;
    ++run.last;
    std::uint64_t& offset = offsets[index(direction)];
    Chunk made{flow,           direction, offset, Time{static_cast<std::int64_t>(run.first)}, PacketRunsView(&run, 1),
               as_bytes(bytes)};
    offset += bytes.size();
    return made;
  }
  void datagram(Direction direction, std::string_view bytes) {
    parse_dns_datagram(chunk(direction, bytes), queries, above, context);
  }

  FlowInfo flow;
  Limits limits;
  Anomalies anomalies;
  FlowCounters counters;
  StreamContext above;
  ParserContext context{nullptr, &limits, &anomalies, this};
  DnsQueries queries;
  PacketRun run{0, 0, 0};
  std::uint64_t offsets[2] = {0, 0};
  std::vector<Seen> seen;
};

TEST(Dns, PairsQueryAndResponse) {
  Harness harness;
  harness.datagram(Direction::to_server, kQuery);
  harness.datagram(Direction::to_client, header(0x1234, 0x8180, 1, 3) + question("WWW.Example.com", 1) +
                                             record(kPointer12, 5, name("edge.example.net")) +
                                             record(name("edge.example.net"), 5, name("host.example.net")) +
                                             record(name("host.example.net"), 1, kA));
  ASSERT_EQ(harness.seen.size(), 2u);
  EXPECT_EQ(harness.seen[0],
            (Seen{MessageKind::query, "dns", "A", "www.example.com", "", -1, 1, false, kQuery.size()}));
  EXPECT_EQ(harness.seen[1].kind, MessageKind::response);
  EXPECT_EQ(harness.seen[1].answers, "www.example.com=192.0.2.33 ");
  EXPECT_EQ(harness.seen[1].status, 0);
  EXPECT_EQ(harness.seen[1].exchange, harness.seen[0].exchange);
  EXPECT_TRUE(harness.anomalies.entries().empty());
}

// The case of a question may be varied to make answers harder to forge; the answer may or may not keep it.
TEST(Dns, PairsWhateverTheCase) {
  Harness harness;
  harness.datagram(Direction::to_server, header(9, 0x0100, 1, 0) + question("wWw.eXAmple.COM", 1));
  harness.datagram(Direction::to_client, header(9, 0x8180, 1, 0) + question("www.example.com", 1));
  EXPECT_EQ(harness.seen.at(1).exchange, 1u);
}

TEST(Dns, AnAnswerToAnotherQuestionNamesNoAddress) {
  Harness harness;
  harness.datagram(Direction::to_server, kQuery);
  harness.datagram(Direction::to_client,
                   header(0x1234, 0x8180, 1, 1) + question("other.example", 1) + record(kPointer12, 1, kA));
  EXPECT_EQ(harness.seen.at(1).exchange, 0u);
  EXPECT_EQ(harness.seen.at(1).answers, "");
  EXPECT_EQ(harness.anomalies.count("dns.mismatched-answer"), 1u);
}

TEST(Dns, GivesAddressesOfOtherNamesToThoseNames) {
  Harness harness;
  harness.datagram(Direction::to_client,
                   header(1, 0x8180, 1, 1) + question("www.example.com", 1) + record(name("other.example.net"), 1, kA));
  EXPECT_EQ(harness.seen.at(0).answers, "other.example.net=192.0.2.33 ");
}

TEST(Dns, TakesTheUpperBitsOfTheCodeFromEdns) {
  Harness harness;  // RFC 6891 section 6.1.3: BADVERS is 16
  harness.datagram(Direction::to_client,
                   header(1, 0x8180, 1, 0, 0, 1) + question("www.example.com", 65) + record(bytes_of({0}), 41, "", 1));
  EXPECT_EQ(harness.seen.at(0).status, 16);
  EXPECT_EQ(harness.seen.at(0).method, "HTTPS");
}

TEST(Dns, NamesMulticastByItsPort) {
  Harness harness;
  harness.flow.client.port = harness.flow.server.port = 5353;
  harness.datagram(Direction::to_server, header(0, 0x8400, 0, 1, 0, 1) +
                                             record(name("_http._tcp.local"), 12, name("x.local")) +
                                             record(name("x.local"), 0x1c, std::string(15, '\0') + '\x01'));
  EXPECT_EQ(harness.seen.at(0), (Seen{MessageKind::response, "mdns", "", "_http._tcp.local", "x.local=::1 ", 0, 0,
                                      false, harness.seen.at(0).body}));
  harness.flow.server.port = 5355;
  harness.flow.client.port = 50000;
  harness.datagram(Direction::to_server, header(7, 0, 1, 0) + question("printer", 28));
  EXPECT_EQ(harness.seen.at(1).protocol, "llmnr");
  EXPECT_EQ(harness.seen.at(1).method, "AAAA");
}

struct NameCase {
  const char* label;
  std::string wire;  // behind the header
  std::string host;
  std::string anomaly;
};

class DnsName : public testing::TestWithParam<NameCase> {};

TEST_P(DnsName, IsReadOrSaidToBeBad) {
  Harness harness;
  harness.datagram(Direction::to_server, header(1, 0, 1, 0) + GetParam().wire);
  EXPECT_EQ(harness.seen.at(0).host, GetParam().host);
  EXPECT_EQ(harness.seen.at(0).damaged, !GetParam().anomaly.empty());
  if (!GetParam().anomaly.empty()) {
    EXPECT_EQ(harness.anomalies.count(GetParam().anomaly), 1u);
  }
  EXPECT_EQ(harness.anomalies.entries().size(), GetParam().anomaly.empty() ? 0u : 1u);
}

std::string labels(int count, int length) {
  std::string bytes;
  for (int i = 0; i < count; ++i)
    bytes += static_cast<char>(length) + std::string(static_cast<std::size_t>(length), 'a');
  return bytes;
}

const std::string kBehind = u16(1) + u16(1);

INSTANTIATE_TEST_SUITE_P(
    Rfc1035, DnsName,
    testing::Values(NameCase{"Root", std::string(1, '\0') + kBehind, ".", ""},
                    NameCase{"Escapes", bytes_of({4, 'a', '.', 7, 0xc3}) + std::string(1, '\0') + kBehind,
                             "a\\.\\007\\195", ""},
                    NameCase{"PointsToItself", bytes_of({0xc0, 12}) + kBehind, "", "dns.compression"},
                    NameCase{"PointsForward", bytes_of({0xc0, 14, 1, 'a', 0}) + kBehind, "", "dns.compression"},
                    NameCase{"GoesRound", bytes_of({1, 'a', 0xc0, 12}) + kBehind, "", "dns.compression"},
                    NameCase{"UnknownLabel", bytes_of({0x41, 'a', 0}) + kBehind, "", "dns.malformed"},
                    NameCase{"Cut", bytes_of({5, 'a', 'b'}), "", "dns.malformed"},
                    NameCase{"TooLong", labels(5, 60) + std::string(1, '\0') + kBehind, "", "dns.malformed"},
                    NameCase{"NoType", bytes_of({1, 'a', 0, 0}), "", "dns.malformed"},
                    NameCase{"Longest", labels(3, 63) + labels(1, 61) + std::string(1, '\0') + kBehind,
                             std::string(63, 'a') + "." + std::string(63, 'a') + "." + std::string(63, 'a') + "." +
                                 std::string(61, 'a'),
                             ""}),
    [](const auto& info) { return info.param.label; });

TEST(Dns, TellsItsDatagramsFromOthers) {
  EXPECT_TRUE(looks_like_dns(as_bytes(kQuery)));
  EXPECT_FALSE(looks_like_dns(as_bytes(kQuery.substr(0, 20))));
  EXPECT_FALSE(looks_like_dns(as_bytes("GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n")));
  EXPECT_FALSE(looks_like_dns(as_bytes(std::string(64, '\0'))));
  EXPECT_FALSE(looks_like_dns(as_bytes(header(1, 0x7800, 1, 0) + question("a", 1))));
}

TEST(Dns, OnItsPortAHeaderIsEnough) {
  EXPECT_TRUE(has_dns_header(as_bytes(kQuery.substr(0, 20))));  // the question is cut
  EXPECT_FALSE(has_dns_header(as_bytes(kQuery.substr(0, 11))));
  EXPECT_FALSE(has_dns_header(as_bytes("GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n")));
  EXPECT_FALSE(has_dns_header(as_bytes(std::string(64, '\0'))));
}

TEST(Dns, ReadsTcpHoweverItIsSplit) {
  const std::string answer = header(0x1234, 0x8180, 1, 1) + question("www.example.com", 1) + record(kPointer12, 1, kA);
  const std::string stream = u16(static_cast<int>(kQuery.size())) + kQuery;
  const std::string back = u16(static_cast<int>(answer.size())) + answer;
  for (std::size_t split = 0; split <= 2 * stream.size(); ++split) {
    Harness harness;
    DnsTcp tcp(harness.flow, harness.above, harness.context);
    const std::string twice = stream + stream;
    tcp.on_data(harness.chunk(Direction::to_server, twice.substr(0, split)));
    tcp.on_data(harness.chunk(Direction::to_server, twice.substr(split)));
    tcp.on_data(harness.chunk(Direction::to_client, back));
    tcp.on_end(harness.chunk(Direction::to_server, ""));
    tcp.on_end(harness.chunk(Direction::to_client, ""));
    ASSERT_EQ(harness.seen.size(), 3u) << split;
    EXPECT_EQ(harness.seen[0].host, "www.example.com");
    EXPECT_EQ(harness.seen[1].exchange, 1u);
    EXPECT_EQ(harness.seen[2].exchange, 1u);
    EXPECT_EQ(harness.seen[2].answers, "www.example.com=192.0.2.33 ");
    EXPECT_TRUE(harness.anomalies.entries().empty());
  }
}

TEST(Dns, HandsDownWhatIsNoDnsAsItIs) {
  Harness harness;
  DnsTcp tcp(harness.flow, harness.above, harness.context);
  const std::string text = "EHLO mail.example\r\nthis is something else entirely, long enough for its length\r\n";
  tcp.on_data(harness.chunk(Direction::to_server, std::string(1, '\0') + text));
  tcp.on_end(harness.chunk(Direction::to_server, ""));
  std::size_t bytes = 0;
  for (const Seen& each : harness.seen) {
    EXPECT_EQ(each.kind, MessageKind::data);
    bytes += each.body;
  }
  EXPECT_EQ(bytes, text.size() + 1);
}

TEST(Dns, GoesOnBehindAGap) {
  Harness harness;
  DnsTcp tcp(harness.flow, harness.above, harness.context);
  const std::string stream = u16(static_cast<int>(kQuery.size())) + kQuery;
  tcp.on_data(harness.chunk(Direction::to_server, stream.substr(0, 20)));
  tcp.on_gap(harness.chunk(Direction::to_server, ""), 100);
  tcp.on_data(harness.chunk(Direction::to_server, "rest of something"));
  tcp.on_data(harness.chunk(Direction::to_server, stream));
  tcp.on_end(harness.chunk(Direction::to_server, ""));
  std::vector<std::string> kinds;
  for (const Seen& each : harness.seen) kinds.push_back(std::string(to_string(each.kind)) + " " + each.host);
  EXPECT_EQ(kinds, (std::vector<std::string>{"query ", "query www.example.com", "data "}));
  EXPECT_TRUE(harness.seen[0].damaged);
}

}  // namespace
}  // namespace tattle
