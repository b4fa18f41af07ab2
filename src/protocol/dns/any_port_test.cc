#include "protocol/dns/any_port.h"

#include <gtest/gtest.h>

#include "base/flow.h"
#include "protocol/testing/flow_test_kit.h"
#include "stream/tcp_test_kit.h"

namespace tattle {
namespace {

using namespace std::string_literals;
using Lines = std::vector<std::string>;

const std::string kQuestion = "\7oddport\7example\0\0\1\0\1"s;
const std::string kQuery = "\x12\x34\1\0\0\1\0\0\0\0\0\0"s + kQuestion;
const std::string kOpt = "\0\0\x29\x10\0\0\0\0\0\0\0"s;
const std::string kAnswer =
    "\x12\x34\x81\x80\0\1\0\1\0\0\0\0"s + kQuestion + "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\x21"s;

struct Datagram {
  Direction direction;
  std::string bytes;
};

// Protocol and host of each datagram's message.
Lines read(const std::vector<Datagram>& datagrams, std::uint16_t port = 5300) {
  struct Words : MessageSink {
    void on_message(const Message& message) override {
      std::string line = std::string(message.protocol) + " " + message.host;
      for (const auto& each : message.name_answers) line += " " + to_string(each.address);
      lines.push_back(line);
    }
    Lines lines;
  } words;
  flow_kit::Conversation conversation;
  conversation.info = flow_kit::flow(port);
  conversation.info.transport = Transport::udp;
  conversation.parser.sink = &words;
  const auto parser = make_udp_parser(conversation.info, conversation.parser);
  SegmentMaker make;
  for (const Datagram& each : datagrams) parser->on_segment(make.data(each.direction, 0, each.bytes));
  const FlowSummary summary = parser->finish();
  words.lines.push_back(summary.protocol);
  EXPECT_TRUE(conversation.anomalies.entries().empty());
  return words.lines;
}

constexpr Direction kUp = Direction::to_server, kDown = Direction::to_client;

TEST(DnsOnAnyPort, AQueryAndItsAnswer) {
  EXPECT_EQ(read({{kUp, kQuery}, {kDown, kAnswer}}),
            (Lines{"dns oddport.example", "dns oddport.example 192.0.2.33", "dns"}));
}

TEST(DnsOnAnyPort, AQueryWithOpt) {
  std::string query = kQuery + kOpt;
  query[11] = 1;
  EXPECT_EQ(read({{kUp, query}}), (Lines{"dns oddport.example", "dns"}));
  query[query.size() - 9] = 0x10;  // a record of another type
  EXPECT_EQ(read({{kUp, query}}), (Lines{"udp ", "unknown"}));
}

// An answer alone could be a datagram of anything; so could one to another question, or with another id.
TEST(DnsOnAnyPort, AnAnswerMustHaveBeenAskedFor) {
  EXPECT_EQ(read({{kDown, kAnswer}}), (Lines{"udp ", "unknown"}));
  std::string other_id = kAnswer, other_name = kAnswer;
  other_id[0] = 0x13;
  other_name[13] = 'a';
  EXPECT_EQ(read({{kUp, kQuery}, {kDown, other_id}, {kDown, other_name}}),
            (Lines{"dns oddport.example", "udp ", "udp ", "dns"}));
}

// Each departs from a plain query in one place.
TEST(DnsOnAnyPort, NothingElseIsTaken) {
  std::vector<std::string> others(8, kQuery);
  others[0] += '\0';                         // a byte behind it
  others[1].pop_back();                      // not whole
  others[2][2] = 0x29;                       // opcode 5
  others[3][3] = 0x40;                       // the reserved bit
  others[4][5] = 2;                          // more questions than there are
  others[5][12] = '\x08';                    // a label that runs over
  others[6][others[6].size() - 1] = 3;       // class CHAOS
  others[7][others[7].size() - 4] = '\x7f';  // a type that nobody knows
  std::string name = kQuery;
  name[14] = '\x01';
  others.push_back(name);
  for (const std::string& other : others) EXPECT_EQ(read({{kUp, other}}), (Lines{"udp ", "unknown"}));
}

}  // namespace
}  // namespace tattle
