#include "stream/round_trip.h"

#include <gtest/gtest.h>

namespace tattle {
namespace {

using Packets = std::vector<Segment>;

Segment tcp(std::int64_t us, bool from_client, bool syn, bool ack, std::uint32_t capture = 0) {
  Segment segment;
  segment.time = Time{us * 1000};
  segment.packet.capture = capture;
  segment.direction = from_client ? Direction::to_server : Direction::to_client;
  segment.tcp.syn = syn;
  segment.tcp.ack = ack;
  return segment;
}

TEST(RoundTrip, IsFromSynToItsAnswer) {
  const Segment syn = tcp(1000, true, true, false), answer = tcp(13100, false, true, true);
  const Segment late = tcp(20000, true, true, false);
  const std::optional<std::uint32_t> none;
  const std::pair<Packets, std::optional<std::uint32_t>> cases[] = {
      {{syn, answer}, 12100},
      {{syn, answer, tcp(14000, true, false, true)}, 12100},
      {{syn}, none},
      {{answer}, none},
      {{answer, syn}, none},
      // Karn: of a SYN or an answer sent twice nobody knows which belongs to which.
      {{syn, tcp(5000, true, true, false), answer}, none},
      {{syn, answer, tcp(15000, false, true, true)}, none},
      {{syn, answer, late}, none},
      // Two captures have two clocks, and a clock that goes back tells nothing.
      {{syn, tcp(13100, false, true, true, 1)}, none},
      {{syn, tcp(1000, false, true, true)}, none},
      {{syn, tcp(900, false, true, true)}, none},
  };
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    RoundTrip trip;
    for (const Segment& each : cases[i].first) trip.on_tcp(each);
    EXPECT_EQ(trip.microseconds(), cases[i].second) << i;
  }
}

TEST(RoundTrip, OfQuicIsFromTheFirstInitialToTheFirstAnswer) {
  const auto datagram = [](std::int64_t us, bool from_client, const ByteVector& payload) {
    Segment segment = tcp(us, from_client, false, false);
    segment.payload = payload;
    return segment;
  };
  ByteVector one(1200), two(1200), handshake(1200), small(100);
  for (ByteVector* each : {&one, &handshake, &small}) std::copy_n("\xc0\0\0\0\1", 5, each->begin());
  handshake[0] = 0xe0;
  std::copy_n("\xd0\x6b\x33\x43\xcf", 5, two.begin());
  const ByteVector answer(50);
  const auto measure = [&](const ByteVector& first) {
    RoundTrip trip;
    trip.on_quic(datagram(1000, true, first));
    trip.on_quic(datagram(2000, true, one));
    trip.on_quic(datagram(9000, false, answer));
    trip.on_quic(datagram(9100, false, answer));
    return trip.microseconds();
  };
  EXPECT_EQ(measure(one), 8000u);
  EXPECT_EQ(measure(two), 8000u);
  EXPECT_EQ(measure(handshake), std::nullopt);
  EXPECT_EQ(measure(small), std::nullopt);  // RFC 9000 section 14.1: an Initial fills 1200 bytes
  EXPECT_EQ(measure(answer), std::nullopt);
  RoundTrip joined;
  joined.on_quic(datagram(1000, false, answer));
  joined.on_quic(datagram(2000, true, one));
  joined.on_quic(datagram(3000, false, answer));
  EXPECT_EQ(joined.microseconds(), std::nullopt);
}

TEST(RoundTrip, SurvivesBeingPutAway) {
  RoundTrip trip;
  trip.on_tcp(tcp(1000, true, true, false, 3));
  StateArchive out;
  trip.pass(out, Time{1000000});
  const ByteVector kept = out.written();
  std::vector<ByteVector> long_rows;
  StateArchive in(kept.data(), long_rows);
  RoundTrip again;
  again.pass(in, Time{1000000});
  again.on_tcp(tcp(13100, false, true, true, 3));
  EXPECT_EQ(again.microseconds(), 12100u);
}

}  // namespace
}  // namespace tattle
