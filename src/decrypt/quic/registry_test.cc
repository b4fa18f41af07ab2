#include "decrypt/quic/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decrypt/quic/test_kit.h"

namespace tattle {
namespace {

using quic_kit::Maker;
using quic_kit::new_id_frame;
using quic_kit::stream_frame;
using quic_kit::text;
using quic_kit::unhex;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Direction up = Direction::to_server, down = Direction::to_client;

struct Session : QuicSession {
  Session(const FlowInfo& flow, TlsContext& context) : quic(flow, context, told) {}
  QuicConnection& connection() override { return quic; }
  void finish() override {
    quic.finish();
    ++finished;
  }
  quic_kit::Told told;
  int finished = 0;
  QuicConnection quic;
};

struct RegistryTest : testing::Test {
  RegistryTest() {
    for (std::size_t i = 0; i < flows.size(); ++i) {
      flows[i].id = i + 1;
      flows[i].transport = Transport::udp;
      flows[i].server.port = 443;
      flows[i].client.port = static_cast<std::uint16_t>(50000 + i);
    }
    keys.add_key_log(as_bytes(maker.key_log()), limits);
  }
  // Whether a session took it.
  bool feed(std::size_t flow, Direction direction, const ByteVector& datagram) {
    const PacketRun run{0, 1, 1};
    return registry.deliver({flows[flow], direction, 0, {}, {&run, 1}, datagram});
  }
  std::shared_ptr<Session> begin(std::size_t flow) {
    auto session = std::make_shared<Session>(flows[flow], context);
    const PacketRun run{0, 1, 1};
    const ByteVector hello = maker.hello();
    registry.begin(session, {flows[flow], up, 0, {}, {&run, 1}, hello});
    EXPECT_TRUE(feed(flow, down, maker.answer()));
    return session;
  }

  Maker maker;
  std::array<FlowInfo, 4> flows;
  KeyStore keys;
  Limits limits;
  Anomalies anomalies;
  TlsContext context{&keys, &limits, &anomalies, nullptr, true};
  QuicRegistry registry{limits, &anomalies};
};
using QuicRegistryTest = RegistryTest;

TEST_F(QuicRegistryTest, KeepsAConnectionWholeThatMovesToAnotherFlow) {
  const auto session = begin(0);
  EXPECT_TRUE(feed(0, down, maker.short_packet(down, 0, new_id_frame(unhex("a0a1a2a3a4a5a6a7")))));
  EXPECT_TRUE(feed(0, up, maker.short_packet(up, 0, stream_frame(0, 0, text("here ")))));
  maker.server_id = unhex("a0a1a2a3a4a5a6a7");  // as a client that moves must do
  const ByteVector moved = maker.short_packet(up, 1, stream_frame(0, 5, text("there"), true));
  EXPECT_TRUE(feed(1, up, moved));
  EXPECT_THAT(session->told.all, ElementsAre("0>here ", "0>there", "0>."));

  EXPECT_FALSE(registry.may_end(1));
  EXPECT_TRUE(registry.may_end(2));
  registry.suspend(1);
  EXPECT_EQ(session->finished, 0);
  EXPECT_THAT(registry.take_released(), IsEmpty());
  const QuicFlowReport there = registry.leave(2);
  EXPECT_EQ(session->finished, 1);
  EXPECT_EQ(there.bytes.parsed, moved.size());
  EXPECT_THAT(registry.take_released(), ElementsAre(FlowId{1}));
  const QuicFlowReport here = registry.leave(1);
  EXPECT_EQ(here.bytes.parsed + there.bytes.parsed, session->quic.facts().parsed_bytes);
  EXPECT_EQ(session->finished, 1);
  EXPECT_FALSE(feed(2, up, moved));  // its ids are forgotten
}

TEST_F(QuicRegistryTest, LetsKeysDecideAboutShortIds) {
  begin(0);  // the client's id has 4 bytes
  EXPECT_TRUE(feed(1, down, maker.short_packet(down, 0, stream_frame(3, 0, text("s")))) == false);
  EXPECT_TRUE(feed(0, down, maker.short_packet(down, 0, stream_frame(3, 0, text("s")))));
  EXPECT_TRUE(feed(1, down, maker.short_packet(down, 1, stream_frame(3, 1, text("t")))));
  ByteVector chance = maker.short_packet(down, 2, stream_frame(3, 2, text("u")));
  chance.back() ^= 1;
  EXPECT_FALSE(feed(2, down, chance));
}

TEST_F(QuicRegistryTest, DoesNotMixServers) {
  begin(0);
  flows[1].server.port = 444;
  EXPECT_FALSE(feed(1, up, maker.short_packet(up, 0, stream_frame(0, 0, text("a")))));
}

TEST_F(QuicRegistryTest, TellsASecondConnectionOfAFlowByKeysFromItsOwnId) {
  begin(0);
  Maker second;
  second.original = unhex("1112131415161718");
  EXPECT_FALSE(feed(0, up, second.hello()));
  ByteVector forged = second.hello();
  forged.back() ^= 1;
  EXPECT_TRUE(feed(0, up, forged));  // belongs to the one that is there
}

TEST_F(QuicRegistryTest, EndsTheEarliestOfTooManyConnections) {
  limits.quic_connections = 2;
  const auto first = begin(0);
  maker.original = unhex("1112131415161718");
  maker.server_id = unhex("2122232425262728");
  begin(0);
  maker.original = unhex("3132333435363738");
  maker.server_id = unhex("4142434445464748");
  begin(0);
  EXPECT_EQ(first->finished, 1);
  EXPECT_EQ(anomalies.count("quic.connections-limit"), 1u);
  const QuicFlowReport report = registry.leave(1);
  EXPECT_EQ(report.sessions.size(), 3u);
  EXPECT_EQ(report.bytes.parsed, 3 * (maker.hello().size() + maker.answer().size()));
}

}  // namespace
}  // namespace tattle
