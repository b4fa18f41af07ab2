#include "protocol/dns/doh.h"

#include <gtest/gtest.h>

#include "protocol/http2/test_kit.h"
#include "protocol/testing/flow_test_kit.h"

namespace tattle {
namespace {

using http2_kit::unhex;

// RFC 8484 sections 4.1.1 and 4.2.2.
const std::string kQuery = unhex("00000100000100000000000003777777076578616d706c6503636f6d0000010001");
const std::string kResponse = unhex(
    "00008180000100010000000003777777076578616d706c6503636f6d00001c0001c00c001c000100000e7d001020010db8abcd001200010002"
    "00030004");

struct Seen : MessageSink {
  void on_message(const Message& message) override {
    std::string line = flow_kit::describe(message).substr(0, 60);
    for (const PathStep& step : message.layers) line += "/" + step.step;
    for (const auto& answer : message.name_answers) line += " " + answer.name + "=" + to_string(answer.address);
    line += " sni=" + message.sni;
    PacketRuns packets;
    message.body_pieces.packets(0, message.body.size(), packets);
    for (const PacketRun& run : packets) line += " packet " + std::to_string(run.first);
    if (message.protocol == "dns") lines.push_back(line);
    if (message.protocol != "dns") carried = message.target_carries;
    searched += message.body.size();
    listed += message.body.size() + message.split_bytes;
    ++count;
  }
  std::vector<std::string> lines;
  int count = 0;
  std::string carried;                   // part of the target
  std::size_t searched = 0, listed = 0;  // bytes of bodies
};

struct Doh : testing::Test {
  Doh() {
    message.flow = &info;
    message.client = info.client;
    message.server = info.server;
    message.protocol = "http/2";
    message.protection = Protection::tls;
    message.layers = {{"tls", "1.3"}, {"http/2", "stream 5"}};
    message.kind = MessageKind::request;
    message.sni = message.host = "doh.example";
    message.exchange = 5;
    message.head = as_bytes(head);
    const PacketRun run{0, 3, 3};
    message.head_pieces.add(head.size(), {&run, 1});
  }
  void body(std::string_view bytes, std::string_view type) {
    message.body = as_bytes(bytes);
    const PacketRun run{0, 4, 4};
    message.body_pieces.add(bytes.size(), {&run, 1});
    message.fields.push_back({"content-type", type});
  }
  FlowInfo info = flow_kit::flow(443);
  std::string head = "head";
  Message message;
  Seen seen;
  Anomalies anomalies;
  DohSink sink{seen, anomalies};
};

TEST_F(Doh, ReadsThePostOfTheRfc) {
  message.method = "POST";
  body(kQuery, "Application/dns-message; charset=x");
  sink.on_message(message);
  ASSERT_EQ(seen.lines.size(), 1u);
  EXPECT_EQ(seen.count, 2);
  EXPECT_EQ(seen.searched, kQuery.size());  // once, for the resolver
  EXPECT_EQ(seen.listed, 2 * kQuery.size());
  EXPECT_TRUE(seen.lines[0].starts_with("> query #9223372036854775813 dns host=www.example.com"));
  EXPECT_TRUE(seen.lines[0].ends_with("/tls/http/2/dns sni=doh.example packet 4")) << seen.lines[0];
}

TEST_F(Doh, ReadsTheGetOfTheRfc) {
  message.method = "GET";
  for (const char* target : {"/dns-query?dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB",
                             "/q?x=1&dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB&y=2"}) {
    message.target = target;
    sink.on_message(message);
    ASSERT_FALSE(seen.lines.empty()) << target;
    EXPECT_TRUE(seen.lines.back().starts_with("> query #9223372036854775813 dns host=www.example.com"));
    EXPECT_TRUE(seen.lines.back().ends_with(" packet 3"));
    EXPECT_EQ(seen.carried, message.target.ends_with("AAAQAB") ? message.target.substr(15) : "");
    seen.lines.clear();
  }
}

TEST_F(Doh, ReadsTheResponseOfTheRfc) {
  message.kind = MessageKind::response;
  message.direction = Direction::to_client;
  message.status = 200;
  body(kResponse, "application/dns-message");
  sink.on_message(message);
  ASSERT_EQ(seen.lines.size(), 1u);
  EXPECT_TRUE(seen.lines[0].starts_with("< response #9223372036854775813 dns 0 host=www.example.com"));
  EXPECT_NE(seen.lines[0].find("www.example.com=2001:db8:abcd:12:1:2:3:4"), std::string::npos) << seen.lines[0];
}

TEST_F(Doh, LeavesTheRestAlone) {
  message.method = "GET";
  for (const char* target : {"/?dns=", "/?dns=bm90IEROUw", "/?adns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB"}) {
    message.target = target;
    sink.on_message(message);
  }
  message.target = "/";
  body(R"({"Status":0})", "application/dns-json");
  sink.on_message(message);
  message.fields.clear();
  message.body_pieces.clear();
  const auto cut = kQuery.substr(0, 15);  // the body borrows it
  body(cut, "application/dns-message");
  sink.on_message(message);
  EXPECT_TRUE(seen.lines.empty());
  EXPECT_EQ(seen.count, 5);
}

}  // namespace
}  // namespace tattle
