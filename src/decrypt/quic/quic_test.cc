#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decrypt/quic/test_kit.h"

// Connections made packet by packet: what may happen to them on the way, and what must come out.

namespace tattle {
namespace {

using quic_kit::ack_frame;
using quic_kit::crypto_frame;
using quic_kit::join;
using quic_kit::kClientHello;
using quic_kit::Maker;
using quic_kit::Rig;
using quic_kit::stream_frame;
using quic_kit::text;
using quic_kit::unhex;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Direction up = Direction::to_server, down = Direction::to_client;

// Client's and server's first packets; from then on both may send 1-RTT packets.
void shake_hands(Rig& rig, const Maker& maker) {
  rig.feed(up, maker.hello());
  rig.feed(down, maker.answer());
}

struct SuiteCase {
  std::uint16_t suite;
  std::uint32_t version;
};
class QuicSuites : public testing::TestWithParam<SuiteCase> {};
TEST_P(QuicSuites, AreOpened) {
  Maker maker;
  maker.version = GetParam().version;
  maker.suite = GetParam().suite;
  Rig rig(maker.key_log());
  rig.feed(up, maker.hello());
  // The same ServerHello with this suite.
  std::string hello = quic_kit::kServerHello;
  hello.replace(hello.find("001301"), 6, "00" + to_hex(ByteVector{0x13, static_cast<std::uint8_t>(maker.suite)}));
  rig.feed(down, maker.long_packet(Maker::initial, down, 0, crypto_frame(0, unhex(hello))));
  rig.feed(up, maker.short_packet(up, 0, stream_frame(0, 0, text("abc"), true)));
  rig.feed(down, maker.short_packet(down, 0, stream_frame(0, 0, text("def"), true)));
  rig.connection.finish();
  EXPECT_THAT(rig.told.all, ElementsAre("0>abc", "0>.", "0<def", "0<."));
  EXPECT_EQ(rig.connection.facts().tls.outcome, TlsOutcome::decrypted);
  EXPECT_TRUE(rig.anomalies.entries().empty());
}
INSTANTIATE_TEST_SUITE_P(All, QuicSuites,
                         testing::Values(SuiteCase{0x1301, kQuicV1}, SuiteCase{0x1302, kQuicV1},
                                         SuiteCase{0x1303, kQuicV1}, SuiteCase{0x1304, kQuicV1},
                                         SuiteCase{0x1301, kQuicV2}, SuiteCase{0x1303, kQuicV2}));

TEST(Quic, PutsStreamsInOrderAcrossReorderingRepetitionAndOverlap) {
  const Maker maker;
  Rig rig(maker.key_log());
  shake_hands(rig, maker);
  rig.feed(up, maker.short_packet(up, 3, stream_frame(0, 6, text("ghi"), true)));
  rig.feed(up, maker.short_packet(up, 1, stream_frame(0, 1, text("bcd"))));
  rig.feed(up, maker.short_packet(up, 1, stream_frame(0, 1, text("bcd"))));
  rig.feed(up,
           maker.short_packet(up, 2, join({stream_frame(0, 2, text("cdefg")), stream_frame(4, 0, text("x"), true)})));
  rig.feed(up, maker.short_packet(up, 0, stream_frame(0, 0, text("ab"))));
  rig.connection.finish();
  EXPECT_THAT(rig.told.all, ElementsAre("4>x", "4>.", "0>a", "0>bcd", "0>ef", "0>ghi", "0>.", "0<.", "4<."));
  EXPECT_TRUE(rig.anomalies.entries().empty());
}

TEST(Quic, ReadsAClientHelloThatIsSpreadInAnyOrder) {
  const Maker maker;
  const ByteVector hello = unhex(kClientHello);
  auto part = [&](std::size_t from, std::size_t to) {
    return crypto_frame(from,
                        ByteVector(hello.begin() + static_cast<long>(from), hello.begin() + static_cast<long>(to)));
  };
  Rig rig;
  rig.feed(up, maker.long_packet(Maker::initial, up, 1, join({part(200, hello.size()), {0x01, 0, 0}, part(50, 120)})));
  EXPECT_EQ(rig.connection.facts().tls.sni, "");
  rig.feed(up, maker.long_packet(Maker::initial, up, 0, join({part(100, 210), part(0, 60)})));
  EXPECT_EQ(rig.connection.facts().tls.sni, "example.com");
}

TEST(Quic, ReadsCoalescedPacketsAndWhatWasCapturedBeforeTheHandshake) {
  const Maker maker;
  Rig rig(maker.key_log());
  const ByteVector early_bird = maker.short_packet(down, 0, stream_frame(3, 0, text("s")));
  rig.feed(down, join({maker.answer(), maker.long_packet(Maker::handshake, down, 0, {0x01}), early_bird}));
  EXPECT_THAT(rig.told.all, IsEmpty());
  rig.feed(up, maker.hello());
  EXPECT_THAT(rig.told.all, ElementsAre("3<s"));
  EXPECT_TRUE(rig.anomalies.entries().empty());
}

// As a capture on the sending machine shows them: UDP segmentation offload cuts them later.
TEST(Quic, ReadsPacketsThatSegmentationOffloadMerged) {
  for (const bool with_id : {true, false}) {
    Maker maker;
    if (!with_id) maker.client_id.clear();
    Rig rig(maker.key_log());
    const ByteVector size(1200, 0);
    auto full = [&](std::uint64_t number, std::string_view what) {
      return maker.short_packet(down, number, join({stream_frame(0, number, text(what)), size}));
    };
    auto last = [&](std::uint64_t number, std::string_view what, bool fin = false) {
      return maker.short_packet(down, number, stream_frame(0, number, text(what), fin));
    };
    // Behind long headers, and while the keys still have to be found.
    rig.feed(up, maker.hello());
    rig.feed(down, join({full(0, "a"), full(1, "b"), last(2, "c")}));
    rig.feed(down, join({maker.answer(), full(3, "d"), full(4, "e"), full(5, "f")}));
    rig.feed(down, join({full(6, "g"), last(7, "h")}));
    rig.feed(down, last(8, "i", true));
    rig.connection.finish();
    EXPECT_THAT(rig.told.all, ElementsAre("0<a", "0<b", "0<c", "0<d", "0<e", "0<f", "0<g", "0<h", "0<i", "0<.", "0>."));
    EXPECT_TRUE(rig.anomalies.entries().empty());
    EXPECT_EQ(rig.connection.facts().opaque_bytes, 0u);
  }
}

TEST(Quic, ReadsPacketsWhoseFixedBitIsGreased) {
  const Maker maker;
  Rig rig(maker.key_log());
  rig.feed(up, maker.hello());
  const ByteVector greased = maker.short_packet(down, 0, stream_frame(3, 0, text("s")), 0, true);
  ASSERT_EQ(greased[0] & 0x40, 0);
  rig.feed(down, join({maker.answer(), greased}));
  rig.feed(down, join({maker.long_packet(Maker::handshake, down, 0, {0x01}), ByteVector(40, 0)}));
  EXPECT_THAT(rig.told.all, ElementsAre("3<s"));
  EXPECT_TRUE(rig.anomalies.entries().empty());
}

TEST(Quic, FollowsKeyUpdatesOfBothSidesWithPacketsOutOfOrder) {
  const Maker maker;
  Rig rig(maker.key_log());
  shake_hands(rig, maker);
  rig.feed(up, maker.short_packet(up, 0, stream_frame(0, 0, text("a"))));
  rig.feed(up, maker.short_packet(up, 2, stream_frame(0, 2, text("c")), 1));
  rig.feed(up, maker.short_packet(up, 1, stream_frame(0, 1, text("b")), 0));  // late, under the keys before
  rig.feed(down, maker.short_packet(down, 0, stream_frame(0, 0, text("x")), 1));
  rig.feed(down, maker.short_packet(down, 1, stream_frame(0, 1, text("y")), 2));
  rig.feed(up, maker.short_packet(up, 3, stream_frame(0, 3, text("d")), 4));  // two updates in what was lost
  rig.feed(up, maker.short_packet(up, 4, stream_frame(0, 4, text("e")), 4));
  EXPECT_THAT(rig.told.all, ElementsAre("0>a", "0>b", "0>c", "0<x", "0<y", "0>d", "0>e"));
  EXPECT_TRUE(rig.anomalies.entries().empty());
}

TEST(Quic, TellsAGapOnceTheOtherSideHasWhatTheCaptureLacks) {
  const Maker maker;
  Rig rig(maker.key_log());
  shake_hands(rig, maker);
  rig.feed(up, maker.short_packet(up, 0, stream_frame(0, 0, text("ab"))));
  rig.feed(up, maker.short_packet(up, 2, stream_frame(0, 5, text("fg"), true)));
  rig.feed(down, maker.short_packet(down, 0, ack_frame(0, 0)));  // the missing one may yet come again
  EXPECT_THAT(rig.told.all, ElementsAre("0>ab"));
  rig.feed(down, maker.short_packet(down, 1, ack_frame(0, 2)));
  EXPECT_THAT(rig.told.all, ElementsAre("0>ab", "0>?3", "0>fg", "0>."));
}

TEST(Quic, TellsGapsAtTheEndOfAConnection) {
  const Maker maker;
  Rig rig(maker.key_log());
  shake_hands(rig, maker);
  rig.feed(up, maker.short_packet(up, 0, stream_frame(0, 2, text("c"))));
  rig.feed(up, maker.short_packet(up, 1, stream_frame(0, 6, {}, true)));
  rig.connection.finish();
  EXPECT_THAT(rig.told.all, ElementsAre("0>?2", "0>c", "0>?3", "0>.", "0<."));
}

TEST(Quic, EndsAStreamThatIsResetAndPassesOnDatagrams) {
  const Maker maker;
  Rig rig(maker.key_log());
  shake_hands(rig, maker);
  rig.feed(up, maker.short_packet(up, 0, join({stream_frame(0, 0, text("a")), {0x31, 2, 'h', 'i'}})));
  rig.feed(up, maker.short_packet(up, 1, {0x04, 0, 0, 9}));
  rig.feed(up, maker.short_packet(up, 2, stream_frame(0, 1, text("b"))));
  EXPECT_THAT(rig.told.all, ElementsAre("0>a", "d>hi", "0>!"));
}

TEST(Quic, TakesEarlyDataOnlyOnceItIsKnownToBeAccepted) {
  const Maker maker;
  Rig rig(maker.key_log());
  // A ClientHello that offers early data: the extension 42 in place of extension 28.
  std::string hello = kClientHello;
  hello.replace(hello.find("001c00024001"), 12, "002a00024001");
  rig.feed(up, maker.long_packet(Maker::initial, up, 0, crypto_frame(0, unhex(hello))));
  rig.feed(up, maker.long_packet(Maker::early, up, 0, stream_frame(0, 0, text("early"))));
  EXPECT_THAT(rig.told.all, IsEmpty());
  std::string resumed = quic_kit::kServerHello;  // pre_shared_key, 41
  resumed.replace(resumed.find("002b00020304"), 12, "002900020000");
  rig.feed(down, maker.long_packet(Maker::initial, down, 0, crypto_frame(0, unhex(resumed))));
  EXPECT_THAT(rig.told.all, IsEmpty());
  const ByteVector accepts = unhex(
      "08000006"
      "0004"
      "002a0000");
  rig.feed(down, maker.long_packet(Maker::handshake, down, 0, crypto_frame(0, accepts)));
  EXPECT_THAT(rig.told.all, ElementsAre("0>early"));
}

TEST(Quic, LeavesRejectedEarlyDataClosed) {
  const Maker maker;
  Rig rig(maker.key_log());
  std::string hello = kClientHello;
  hello.replace(hello.find("001c00024001"), 12, "002a00024001");
  rig.feed(up, maker.long_packet(Maker::initial, up, 0, crypto_frame(0, unhex(hello))));
  rig.feed(up, maker.long_packet(Maker::early, up, 0, stream_frame(0, 0, text("early"))));
  rig.feed(down, maker.answer());  // no pre_shared_key
  rig.feed(up, maker.short_packet(up, 1, stream_frame(0, 0, text("again"), true)));
  EXPECT_THAT(rig.told.all, ElementsAre("0>again", "0>."));
  EXPECT_EQ(rig.anomalies.count("tls.early-data-rejected"), 1u);
}

TEST(Quic, WaitsForSecretsThatComeLater) {
  const Maker maker;
  Rig rig({}, false);
  shake_hands(rig, maker);
  rig.feed(up, maker.short_packet(up, 0, stream_frame(0, 0, text("abc"))));
  EXPECT_EQ(rig.connection.facts().tls.outcome, TlsOutcome::no_key);
  rig.keys.add_key_log(as_bytes(maker.key_log()), rig.limits);
  rig.feed(up, maker.short_packet(up, 1, stream_frame(0, 3, text("d"))));
  EXPECT_THAT(rig.told.all, ElementsAre("0>abc", "0>d"));
  EXPECT_EQ(rig.connection.facts().opaque_bytes, 0u);
}

TEST(Quic, KeepsNoMorePacketsWaitingThanItsLimit) {
  const Maker maker;
  Rig rig({}, false);
  rig.limits.tls_waiting_bytes = 100;
  shake_hands(rig, maker);
  for (std::uint64_t i = 0; i < 4; ++i) rig.feed(up, maker.short_packet(up, i, stream_frame(0, i, text("a"))));
  EXPECT_EQ(rig.anomalies.count("tls.waiting-limit"), 3u);
  rig.keys.add_key_log(as_bytes(maker.key_log()), rig.limits);
  rig.connection.finish();
  EXPECT_THAT(rig.told.all, ElementsAre("0>a", "0>?0", "0>.", "0<."));
}

TEST(Quic, TriesEverySecretOfAClientRandom) {
  const Maker maker;
  std::string wrong = maker.key_log();
  for (char& c : wrong) c = c == '1' ? '9' : c;
  wrong = "CLIENT_TRAFFIC_SECRET_0 " + quic_kit::kClientRandom + " " + std::string(64, '0') + "\n";
  Rig rig(wrong + maker.key_log()), none(wrong);
  for (Rig* each : {&rig, &none}) {
    shake_hands(*each, maker);
    each->feed(up, maker.short_packet(up, 0, stream_frame(0, 0, text("abc"))));
  }
  EXPECT_THAT(rig.told.all, ElementsAre("0>abc"));
  EXPECT_THAT(none.told.all, IsEmpty());
  EXPECT_EQ(none.connection.facts().tls.outcome, TlsOutcome::key_mismatch);
}

TEST(Quic, SaysWhyItStaysClosed) {
  const Maker maker;
  Rig joined(maker.key_log()), keyless;
  joined.feed(up, maker.short_packet(up, 0, stream_frame(0, 0, text("abc"))));
  joined.connection.finish();
  EXPECT_EQ(joined.connection.facts().tls.outcome, TlsOutcome::handshake_unseen);
  shake_hands(keyless, maker);
  keyless.feed(up, maker.short_packet(up, 0, stream_frame(0, 0, text("abc"))));
  EXPECT_EQ(keyless.connection.facts().tls.outcome, TlsOutcome::no_key);
  EXPECT_EQ(keyless.connection.facts().tls.sni, "example.com");
}

TEST(Quic, OpensPacketsThoughTheServerHelloWasLost) {
  const Maker maker;
  Rig rig(maker.key_log());
  rig.feed(up, maker.hello());
  rig.feed(down, maker.long_packet(Maker::handshake, down, 0, {0x01}));
  rig.feed(up, maker.short_packet(up, 0, stream_frame(0, 0, text("abc"))));
  EXPECT_THAT(rig.told.all, ElementsAre("0>abc"));
}

TEST(Quic, FollowsARetryAndASwitchOfVersion) {
  Maker maker;
  Rig rig(maker.key_log());
  rig.feed(up, maker.hello());
  // RFC 9001 appendix A.4 answers exactly this client.
  rig.feed(down, unhex("ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba"));
  maker.original = unhex("f067a5502a4262b5");
  rig.feed(up, maker.hello());
  maker.version = kQuicV2;
  rig.feed(down, maker.answer());
  rig.feed(down, maker.short_packet(down, 0, stream_frame(3, 0, text("v2"))));
  EXPECT_THAT(rig.told.all, ElementsAre("3<v2"));
  EXPECT_EQ(rig.connection.facts().version, kQuicV2);
  EXPECT_TRUE(rig.anomalies.entries().empty());
}

TEST(Quic, CompletesPacketNumbersAfterALongLoss) {
  Maker maker;
  maker.number_bytes = 1;
  Rig rig(maker.key_log());
  shake_hands(rig, maker);
  rig.feed(up, maker.short_packet(up, 0, stream_frame(0, 0, text("a"))));
  rig.feed(down, maker.short_packet(down, 0, ack_frame(0, 1000)));
  rig.feed(up, maker.short_packet(up, 1001, stream_frame(0, 1, text("b"))));
  EXPECT_THAT(rig.told.all, ElementsAre("0>a", "0>b"));
}

struct HostileCase {
  std::string name;
  ByteVector frames;
  std::string anomaly;
};
void PrintTo(const HostileCase& each, std::ostream* out) { *out << each.name; }
class QuicHostile : public testing::TestWithParam<HostileCase> {};
TEST_P(QuicHostile, IsNotedAndTheRestGoesOn) {
  const Maker maker;
  Rig rig(maker.key_log());
  shake_hands(rig, maker);
  rig.feed(up, maker.short_packet(up, 0, stream_frame(0, 0, text("a"))));
  rig.feed(up, maker.short_packet(up, 1, GetParam().frames));
  rig.feed(up, maker.short_packet(up, 2, stream_frame(0, 1, text("b"))));
  EXPECT_THAT(rig.told.all, ElementsAre("0>a", "0>b"));
  EXPECT_EQ(rig.anomalies.count(GetParam().anomaly), 1u);
}
const ByteVector kLast = unhex("ffffffffffffffff");  // 2^62-1
INSTANTIATE_TEST_SUITE_P(
    Frames, QuicHostile,
    testing::Values(HostileCase{"UnknownType", {0x21, 1, 2, 3}, "quic.unknown-frame"},
                    HostileCase{"StreamPastEnd", join({{0x0e, 0, 1}, kLast, text("x")}), "quic.bad-frame"},
                    HostileCase{"OffsetOverLimit", join({{0x0c, 0}, kLast, text("xyz")}), "quic.bad-frame"},
                    HostileCase{"AckBelowZero", {0x02, 5, 0, 0, 6}, "quic.bad-frame"},
                    HostileCase{"EndlessAck", join({{0x02, 5, 0}, kLast, {0}}), "quic.bad-frame"},
                    HostileCase{"CryptoFarAhead", join({{0x06}, unhex("bfffffff"), {1, 'x'}}), "quic.crypto-limit"},
                    HostileCase{"LongId", {0x18, 1, 0, 21}, "quic.bad-frame"},
                    HostileCase{"OthersStream", stream_frame(3, 0, text("x")), "quic.bad-frame"},
                    HostileCase{"BackwardsEnd", stream_frame(0, 0, {}, true), "quic.final-size"}),
    [](const auto& info) { return info.param.name; });

TEST(Quic, KeepsItsBounds) {
  const Maker maker;
  Rig rig(maker.key_log());
  rig.limits.quic_streams = 2;
  rig.limits.quic_stream_bytes = 1000;
  shake_hands(rig, maker);
  for (std::uint64_t i = 0; i < 4; ++i) rig.feed(up, maker.short_packet(up, i, stream_frame(4 * i, 0, text("a"))));
  EXPECT_EQ(rig.anomalies.count("quic.streams-limit"), 2u);
  for (std::uint64_t i = 0; i < 10; ++i) {
    rig.feed(up, maker.short_packet(up, 10 + i, stream_frame(0, 10 + 2 * i, text("x"))));
  }
  EXPECT_GE(rig.anomalies.count("quic.out-of-order-limit"), 1u);
  EXPECT_EQ(rig.told.all[2], "0>?9");
}

TEST(Quic, CountsForgeriesAsClosed) {
  const Maker maker;
  Rig rig(maker.key_log());
  shake_hands(rig, maker);
  rig.feed(up, maker.short_packet(up, 0, stream_frame(0, 0, text("a"))));
  ByteVector forged = maker.short_packet(up, 1, stream_frame(0, 1, text("b")));
  forged.back() ^= 1;
  rig.feed(up, forged);
  EXPECT_EQ(rig.connection.facts().opaque_bytes, forged.size());
  EXPECT_EQ(rig.anomalies.count("quic.bad-packet"), 1u);
  EXPECT_THAT(rig.told.all, ElementsAre("0>a"));
}

}  // namespace
}  // namespace tattle
