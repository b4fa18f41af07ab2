// Media told apart by rows of packets, built after RFC 3550 section 5.1, and a real call as tshark sees it.
#include "protocol/datagram/rtp.h"

#include <gtest/gtest.h>

#include "protocol/testing/flow_test_kit.h"
#include "stream/tcp_test_kit.h"

namespace tattle {
namespace {

using namespace std::string_literals;

struct Packet {
  Direction direction;
  std::string bytes;
};

std::string be(std::uint32_t value, int size) {
  std::string out;
  for (int i = size - 1; i >= 0; --i) out += static_cast<char>(value >> 8 * i);
  return out;
}

struct Rtp {
  std::uint32_t sequence = 1, timestamp = 0, source = 0x11223344, type = 0, first = 0x80;
  std::string rest = "\x81\x92\xa3\xb4";
  Packet packet(Direction direction = Direction::to_server) const {
    return {direction, be(first, 1) + be(type, 1) + be(sequence, 2) + be(timestamp, 4) + be(source, 4) + rest};
  }
  operator Packet() const { return packet(); }
};

constexpr Direction kDown = Direction::to_client;
// A binding request of STUN (RFC 8489 section 5) without attributes.
const Packet kStun{Direction::to_server, "\0\1\0\0\x21\x12\xa4\x42"s + std::string(12, 'i')};
const Packet kSip{Direction::to_server, "OPTIONS sip:a@b.example SIP/2.0\r\nCall-ID: 1\r\n\r\n"};
const Packet kRtcp{Direction::to_server, "\x80\xc9\0\1\x11\x22\x33\x44"s};

struct RtpCase {
  const char* name;
  std::vector<Packet> packets;
  std::vector<std::size_t> closed;  // places of those that are media
  const char* protocol = "rtp";
  const char* reason = "media";
  std::vector<std::size_t> read = {};
};

class RtpFlow : public testing::TestWithParam<RtpCase> {};

TEST_P(RtpFlow, CountsMedia) {
  flow_kit::Conversation talk;
  talk.info = flow_kit::flow(40000);
  talk.info.transport = Transport::udp;
  const auto parser = FlowParser::make(talk.info, talk.parser);
  SegmentMaker make;
  std::uint64_t closed = 0, read = 0, all = 0;
  for (const Packet& packet : GetParam().packets) {
    parser->on_segment(make.data(packet.direction, 0, packet.bytes, 0));
    all += packet.bytes.size();
  }
  for (const std::size_t at : GetParam().closed) closed += GetParam().packets[at].bytes.size();
  for (const std::size_t at : GetParam().read) read += GetParam().packets[at].bytes.size();
  const FlowSummary summary = parser->finish();
  EXPECT_EQ(summary.opaque_bytes, closed);
  EXPECT_EQ(summary.parsed_bytes, read);
  EXPECT_EQ(summary.raw_bytes, all - closed - read);
  EXPECT_EQ(summary.protocol, GetParam().protocol);
  EXPECT_EQ(summary.opaque_reason, closed > 0 ? GetParam().reason : "");
}

constexpr std::uint32_t kOther = 0x55667788;

INSTANTIATE_TEST_SUITE_P(
    Rows, RtpFlow,
    testing::Values(
        RtpCase{"Two", {Rtp{1, 0}, Rtp{2, 160}, Rtp{3, 320}}, {1, 2}},
        RtpCase{"AroundTheEndOfNumbers", {Rtp{0xffff, 0xffffff00}, Rtp{0, 160}}, {1}},
        RtpCase{"OneAlone", {Rtp{1, 0}}, {}, "unknown"},
        RtpCase{"TheSameAgain", {Rtp{1, 0}, Rtp{1, 0}, Rtp{1, 0}}, {}, "unknown"},
        RtpCase{"NumbersApart", {Rtp{1, 0}, Rtp{3, 0}, Rtp{5, 0}}, {}, "unknown"},
        RtpCase{"NumbersBackwards", {Rtp{3, 0}, Rtp{2, 0}, Rtp{1, 0}}, {}, "unknown"},
        RtpCase{"EachOfAnotherSource", {Rtp{1, 0}, Rtp{2, 160, kOther}, Rtp{3, 320, 3}}, {}, "unknown"},
        RtpCase{"NoSource", {Rtp{1, 0, 0}, Rtp{2, 160, 0}}, {}, "unknown"},
        RtpCase{"TimesFarApart", {Rtp{1, 0}, Rtp{2, 900001}}, {}, "unknown"},
        RtpCase{"TimeBackALittle", {Rtp{1, 900000}, Rtp{2, 0}}, {1}},
        RtpCase{"OtherType", {Rtp{1, 0, 1, 0}, Rtp{2, 0, 1, 8}}, {}, "unknown"},
        RtpCase{
            "TypesOfNobody", {Rtp{1, 0, 1, 35}, Rtp{2, 0, 1, 35}, Rtp{3, 0, 1, 95}, Rtp{4, 0, 1, 95}}, {}, "unknown"},
        RtpCase{"LastStaticType", {Rtp{1, 0, 1, 34}, Rtp{2, 0, 1, 34}}, {1}},
        RtpCase{"FirstDynamicTypeWithMarker", {Rtp{1, 0, 1, 96}, Rtp{2, 0, 1, 0xe0}}, {1}},
        RtpCase{"OtherVersion", {Rtp{1, 0, 1, 0, 0x40}, Rtp{2, 0, 1, 0, 0x40}}, {}, "unknown"},
        RtpCase{"SourcesAndExtension",
                {Rtp{1, 0, 1, 0, 0x92, "cc01cc02\xbe\xde\0\1ext1\x80"s},
                 Rtp{2, 0, 1, 0, 0x92, "cc01cc02\xbe\xde\0\1ext1\x80"s}},
                {1}},
        RtpCase{"ExtensionLeavesThePacket",
                {Rtp{1, 0, 1, 0, 0x90, "\xbe\xde\0\2ext1"s}, Rtp{2, 0, 1, 0, 0x90, "\xbe\xde\0\2ext1"s}},
                {},
                "unknown"},
        RtpCase{"Padding", {Rtp{1, 0, 1, 0, 0xa0, "\x81\0\0\3"s}, Rtp{2, 0, 1, 0, 0xa0, "\x81\0\0\3"s}}, {1}},
        RtpCase{"PaddingLeavesThePacket",
                {Rtp{1, 0, 1, 0, 0xa0, "\x81\5"}, Rtp{2, 0, 1, 0, 0xa0, "\x81\5"}},
                {},
                "unknown"},
        RtpCase{"NothingBehindTheHeader", {Rtp{1, 0, 1, 0, 0x80, ""}, Rtp{2, 0, 1, 0, 0x80, ""}}, {}, "unknown"},
        RtpCase{"EachDirectionForItself",
                {Rtp{1, 0}, Rtp{2, 0}.packet(kDown), Rtp{7, 0}.packet(kDown), Rtp{2, 0}, Rtp{8, 0}.packet(kDown)},
                {3, 4}},
        RtpCase{"SoundAndPicturesInTurns",
                {Rtp{1, 0, 1, 111}, Rtp{7, 0, 2, 96}, Rtp{2, 9, 1, 111}, Rtp{8, 9, 2, 96}, Rtp{9, 9, 2, 96}},
                {2, 3, 4}},
        RtpCase{"LostAndLate",
                {Rtp{1, 0}, Rtp{2, 0}, Rtp{3002, 0}, Rtp{2902, 0}, Rtp{3003, 0, 0x11223344, 101}},
                {1, 2, 3, 4}},
        RtpCase{"TooFarToBeLost", {Rtp{1, 0}, Rtp{2, 0}, Rtp{3003, 0}, Rtp{3004, 0}}, {1, 3}},
        RtpCase{"BesideStunAndRtcp", {kStun, kRtcp, Rtp{1, 0}, Rtp{2, 0}, kStun}, {3}, "stun", "media", {0, 1, 4}},
        RtpCase{"NotBesideOthers", {kSip, Rtp{1, 0}, Rtp{2, 0}}, {}, "sip", "media", {0}},
        RtpCase{"TextIsSearched",
                {Rtp{1, 0}, Rtp{2, 0}, Rtp{3, 0, 0x11223344, 98, 0x80, "\xff imei 3569380356\xff"}},
                {1},
                "rtp",
                "media",
                {2}}),
    [](const auto& info) { return info.param.name; });

TEST(RtpFlow, TextIsHandedDown) {
  flow_kit::Conversation talk;
  talk.info = flow_kit::flow(40000);
  talk.info.transport = Transport::udp;
  const auto parser = FlowParser::make(talk.info, talk.parser);
  SegmentMaker make;
  for (std::uint32_t i = 1; i <= 3; ++i) {
    const Packet packet = Rtp{i, 0, 1, 98, 0x80, "See you at six"};
    parser->on_segment(make.data(packet.direction, 0, packet.bytes, 0));
  }
  parser->finish();
  ASSERT_EQ(talk.seen.lines.size(), 3u);
  EXPECT_EQ(talk.seen.lines[2], "> data #0 rtp [See you at six]");
}

}  // namespace
}  // namespace tattle
