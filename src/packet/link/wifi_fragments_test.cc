// Fragments of 802.11 frames (IEEE 802.11-2020 sections 9.2.4.4 and 10.4), and IP fragments of several VLANs.
#include <gtest/gtest.h>
#include <zlib.h>

#include "packet/dissector.h"
#include "packet/test_packets.h"

namespace tattle {
namespace {

using namespace testing_packets;
using Lines = std::vector<std::string>;

const std::string kLlc = hex("aaaa03 000000 0800");
const std::string kDatagram = ipv4("192.0.2.17", "198.51.100.1", 17, udp(40000, 5000, "The quick brown fox jumps."));

struct Recorder : SegmentSink {
  Lines lines;
  void on_flow(const FlowInfo&) override {}
  void on_segment(const Segment& segment) override {
    std::string packets;
    for (const PacketRun& run : segment.fragments) {
      packets += " " + std::to_string(run.first) + "-" + std::to_string(run.last);
    }
    lines.push_back(std::string(as_text(segment.payload)) + packets);
  }
  void on_flow_end(FlowId, FlowEndReason, std::uint64_t) override {}
  void on_unread(Unread why, PacketId packet, std::uint64_t bytes) override {
    lines.push_back((why == Unread::fragment_lost ? "lost " : "unread ") + std::to_string(packet.number) + " " +
                    std::to_string(bytes));
  }
};

struct Dissection {
  Limits limits;
  Anomalies anomalies;
  Lines operator()(const std::vector<CapturedPacket>& packets) {
    Recorder recorder;
    Dissector dissector({}, false, limits, anomalies, recorder);
    for (const CapturedPacket& packet : packets) dissector.on_packet(packet);
    dissector.finish();
    return recorder.lines;
  }
};

struct Part {
  unsigned sequence = 5, number = 0;
  bool more = true, retry = false, fcs = false;
  int tid = -1;  // of QoS data
  bool subframes = false;
  const char* transmitter = "020000000002";
};

std::string frame(const Part& part, std::string_view body) {
  const unsigned bits = 1u | (part.more ? 4u : 0u) | (part.retry ? 8u : 0u), control = part.sequence << 4 | part.number;
  std::string out = be(part.tid >= 0 ? 0x88 : 0x08, 1) + be(bits, 1) + hex("0000 020000000001") +
                    hex(part.transmitter) + hex("020000000003") + be(control & 255, 1) + be(control >> 8, 1);
  if (part.tid >= 0) out += be(static_cast<unsigned>(part.tid) | (part.subframes ? 0x80u : 0u), 1) + be(0, 1);
  out += body;
  if (!part.fcs) return out;
  const auto crc = crc32(0, as_bytes(out).data(), static_cast<uInt>(out.size()));
  return out + be(crc & 255, 1) + be(crc >> 8 & 255, 1) + be(crc >> 16 & 255, 1) + be(crc >> 24, 1);
}

CapturedPacket wifi(std::uint64_t number, const Part& part, std::string_view body, double at = 0) {
  return captured(number, at, frame(part, body), 105);
}

const std::string kBody = kLlc + kDatagram;
const std::string kA = kBody.substr(0, 24), kB = kBody.substr(24, 20), kC = kBody.substr(44);

TEST(WifiFragments, AreJoined) {
  const Lines whole{"The quick brown fox jumps. 1-3"};
  EXPECT_EQ(Dissection{}({wifi(1, {}, kA), wifi(2, {.number = 1}, kB), wifi(3, {.number = 2, .more = false}, kC)}),
            whole);
  EXPECT_EQ(Dissection{}({wifi(1, {.number = 2, .more = false}, kC), wifi(2, {}, kA), wifi(3, {.number = 1}, kB)}),
            whole);
  EXPECT_EQ(Dissection{}({wifi(1, {.fcs = true}, kA), wifi(2, {.number = 1, .fcs = true}, kB),
                          wifi(3, {.number = 2, .more = false, .fcs = true}, kC)}),
            whole);
  EXPECT_EQ(Dissection{}({wifi(1, {.tid = 6}, kA), wifi(2, {.number = 1, .tid = 6}, kB),
                          wifi(3, {.number = 2, .more = false, .tid = 6}, kC)}),
            whole);
}

TEST(WifiFragments, ARetryIsNoNewFragment) {
  Dissection run;
  EXPECT_EQ(run({wifi(1, {}, kA), wifi(2, {.retry = true}, kA), wifi(3, {.number = 1}, kB),
                 wifi(4, {.number = 2, .more = false}, kC)}),
            (Lines{"The quick brown fox jumps. 1-1 3-4"}));
  EXPECT_TRUE(run.anomalies.entries().empty());
}

TEST(WifiFragments, OfTwoSendersOrFramesStayApart) {
  const std::string other = kLlc + ipv4("192.0.2.18", "198.51.100.1", 17, udp(40000, 5000, "Sphinx of black quartz."));
  for (const Part& second : {Part{.transmitter = "020000000009"}, Part{.sequence = 6}, Part{.tid = 3}}) {
    Part last = second;
    last.number = 1;
    last.more = false;
    EXPECT_EQ(Dissection{}({wifi(1, {}, kBody.substr(0, 40)), wifi(2, second, other.substr(0, 40)),
                            wifi(3, last, other.substr(40)), wifi(4, {.number = 1, .more = false}, kBody.substr(40))}),
              (Lines{"Sphinx of black quartz. 2-3", "The quick brown fox jumps. 1-1 4-4"}));
  }
}

TEST(WifiFragments, OfWhichOneIsMissingAreCountedAsLost) {
  Dissection run;
  EXPECT_EQ(run({wifi(1, {}, kA), wifi(2, {.number = 2, .more = false}, kC)}), (Lines{"lost 1 90"}));
  EXPECT_EQ(run.anomalies.entries().size(), 1u);
  // The number comes again with another frame: nothing of the two may be mixed.
  Dissection anew;
  EXPECT_EQ(anew({wifi(1, {}, kA), wifi(2, {}, "other" + kA), wifi(3, {.number = 1, .more = false}, kB)}).size(), 2u);
  EXPECT_EQ(anew.anomalies.count("wlan.fragment"), 1u);  // the first is lost; the second whole, but no IP packet
}

TEST(WifiFragments, AgeAndNumberAreBounded) {
  Dissection old;
  EXPECT_EQ(old({wifi(1, {}, kBody.substr(0, 40)), wifi(2, {.number = 1, .more = false}, kBody.substr(40), 61)}),
            (Lines{"lost 1 64", "lost 2 46"}));
  Dissection full;
  full.limits.fragments = 1;
  EXPECT_EQ(full({wifi(1, {}, kA), wifi(2, {.sequence = 6}, kA)}), (Lines{"lost 1 48", "lost 2 48"}));
  CapturedPacket cut = wifi(1, {}, kA);
  cut.wire_length += 4;
  EXPECT_EQ(Dissection{}({cut}), (Lines{"lost 1 48"}));
}

TEST(WifiFragments, SubframesOfOneFrameAreAllRead) {
  const auto subframe = [](const std::string& body) {
    std::string out = hex("020000000004 020000000002") + be(body.size(), 2) + body;
    while (out.size() % 4 != 0) out += '\0';
    return out;
  };
  const std::string two = kLlc + ipv4("192.0.2.17", "198.51.100.1", 17, udp(40000, 5000, "second"));
  const std::string both = subframe(kBody) + subframe(two);
  EXPECT_EQ(Dissection{}({wifi(1, {.more = false, .tid = 0, .subframes = true}, both)}),
            (Lines{"The quick brown fox jumps.", "second"}));
  EXPECT_EQ(Dissection{}({wifi(1, {.tid = 0, .subframes = true}, both.substr(0, 50)),
                          wifi(2, {.number = 1, .more = false, .tid = 0, .subframes = true}, both.substr(50))}),
            (Lines{"The quick brown fox jumps. 1-2", "second 1-2"}));
}

// Two networks on one wire may use the same private addresses and the same identification.
TEST(IpFragments, OfTwoVlansStayApart) {
  const auto tagged = [](std::uint64_t number, unsigned vlan, const std::string& text, unsigned offset, bool more) {
    const std::string datagram = udp(40000, 5000, text);
    const std::string part = more ? datagram.substr(0, 16) : datagram.substr(16);
    const std::string ip = ipv4("192.0.2.17", "192.0.2.1", 17, part, offset | (more ? 0x2000u : 0u), 7);
    return captured(number, 0, hex("020000000001 020000000002 8100") + be(vlan, 2) + be(0x0800, 2) + ip, 1);
  };
  EXPECT_EQ(Dissection{}({tagged(1, 10, "tens tens tens", 0, true), tagged(2, 20, "twenties twent", 0, true),
                          tagged(3, 20, "twenties twent", 2, false), tagged(4, 10, "tens tens tens", 2, false)}),
            (Lines{"twenties twent 2-3", "tens tens tens 1-1 4-4"}));
}

}  // namespace
}  // namespace tattle
