// 802.11 frames, field by field after IEEE 802.11-2020 section 9.
#include <gtest/gtest.h>

#include "packet/link/link.h"
#include "packet/test_packets.h"

namespace tattle {
namespace {

using namespace testing_packets;

const std::string kA1 = "020000000001 ", kA2 = "020000000002 ", kA3 = "020000000003 ", kA4 = "020000000004 ";
const std::string kDuration = "0000 ", kSequence = "1000 ", kLlc4 = "aaaa03 000000 0800 ",
                  kLlc6 = "aaaa03 000000 86dd ";

struct WifiCase {
  const char* name;
  std::uint16_t link_type;
  std::string frame;
  std::string found;         // hex of each IP packet, or why there is none; by blanks
  std::string from_to = "";  // last bytes of the addresses of the first
};

std::string describe(LinkPayload link) {
  std::string out;
  do {
    if (!out.empty()) out += ' ';
    for (std::uint8_t byte : link.ip) out += "0123456789abcdef"[byte >> 4], out += "0123456789abcdef"[byte & 15];
    if (!link.why) continue;
    out += link.why == Unread::malformed        ? "malformed"
           : link.why == Unread::not_ip         ? "not-ip"
           : link.why == Unread::encrypted_link ? "encrypted"
           : link.why == Unread::fragment_lost  ? "fragment"
                                                : "other";
  } while (next_subframe(link));
  return out;
}

class Wifi : public testing::TestWithParam<WifiCase> {};

TEST_P(Wifi, FindsTheIpPacket) {
  const std::string frame = hex(GetParam().frame);
  const LinkPayload link = link_parser(GetParam().link_type)(as_bytes(frame));
  EXPECT_EQ(describe(link), GetParam().found);
  if (GetParam().from_to.empty()) return;
  ASSERT_TRUE(link.has_source && link.has_destination);
  EXPECT_EQ(std::to_string(link.source.bytes[5]) + std::to_string(link.destination.bytes[5]), GetParam().from_to);
}

std::string data(const std::string& control, const std::string& after, const std::string& sequence = kSequence) {
  return control + kDuration + kA1 + kA2 + kA3 + sequence + after;
}
const std::string kPlain = data("0801 ", kLlc4 + "45aa");

INSTANTIATE_TEST_SUITE_P(
    Frames, Wifi,
    testing::Values(
        WifiCase{"AdHoc", 105, data("0800 ", kLlc4 + "45aa"), "45aa", "21"},
        WifiCase{"ToAccessPoint", 105, kPlain, "45aa", "23"},
        WifiCase{"FromAccessPoint", 105, data("0802 ", kLlc6 + "60aa"), "60aa", "31"},
        WifiCase{"BetweenAccessPoints", 105, data("0803 ", kA4 + kLlc4 + "45"), "45", "43"},
        WifiCase{"Qos", 105, data("8801 ", "0000 " + kLlc4 + "45"), "45", "23"},
        WifiCase{"QosHtControl", 105, data("8881 ", "0000 00000000 " + kLlc4 + "45"), "45", "23"},
        WifiCase{"OrderWithoutQos", 105, data("0881 ", kLlc4 + "45"), "45", "23"},
        WifiCase{"QosBetween", 105, data("8803 ", kA4 + "0000 " + kLlc4 + "45"), "45", "43"},
        WifiCase{"BridgeTunnel", 105, data("0801 ", "aaaa03 0000f8 0800 45"), "45"},
        WifiCase{"Aggregate", 105,
                 data("8801 ",
                      "8000 " + kA1 + kA2 + "000b " + kLlc4 + "45aabb 000000 " + kA3 + kA4 + "0009 " + kLlc6 + "60"),
                 "45aabb 60", "21"},
        WifiCase{"AggregateThenFcs", 105, data("8801 ", "8000 " + kA1 + kA2 + "0009 " + kLlc4 + "45 00 12345678"), "45",
                 "21"},
        WifiCase{"AggregateCut", 105, data("8801 ", "8000 " + kA1 + kA2), "malformed"},
        WifiCase{"Eapol", 105, data("0801 ", "aaaa03 000000 888e 0103"), "not-ip"},
        WifiCase{"SpanningTree", 105, data("0801 ", "424203 000000 0000"), "not-ip"},
        WifiCase{"Null", 105, data("4801 ", ""), "not-ip"}, WifiCase{"QosNull", 105, data("c801 ", "0000"), "not-ip"},
        WifiCase{"Beacon", 105, data("8000 ", "00"), "not-ip"},
        WifiCase{"Acknowledgment", 105, "d400 0000 020000000001", "not-ip"},
        WifiCase{"Protected", 105, data("0841 ", "00112233 44556677 8899aabbccddeeff"), "encrypted"},
        WifiCase{"ProtectedYetDecrypted", 105, data("0841 ", kLlc4 + "45aa"), "45aa"},
        WifiCase{"ProtectedYetDecryptedBehindIv", 105, data("0841 ", "0011002044556677 " + kLlc4 + "45aa"), "45aa"},
        WifiCase{"FirstFragment", 105, data("0805 ", kLlc4 + "45aa"), "fragment"},
        WifiCase{"LaterFragment", 105, data("0801 ", "aabbcc", "1100 "), "fragment"},
        WifiCase{"HeaderCut", 105, "0801 0000 020000000001", "malformed"}, WifiCase{"Empty", 105, "", "malformed"},
        WifiCase{"BodyCut", 105, data("0801 ", "aaaa03"), "not-ip"}),
    [](const auto& info) { return info.param.name; });

// radiotap.org: version, pad, length, presence; fields aligned to their size.
INSTANTIATE_TEST_SUITE_P(
    CaptureHeaders, Wifi,
    testing::Values(
        WifiCase{"RadiotapBare", 127, "0000 0800 00000000 " + kPlain, "45aa"},
        WifiCase{"RadiotapFcs", 127, "0000 0900 02000000 10 " + kPlain + "deadbeef", "45aadeadbeef"},
        WifiCase{"RadiotapBadFcs", 127, "0000 0900 02000000 50 " + kPlain + "deadbeef", "malformed"},
        WifiCase{"RadiotapTsft", 127, "0000 1100 03000000 0000000000000000 40 " + kPlain, "malformed"},
        WifiCase{"RadiotapTwoWords", 127, "0000 1900 03000080 00000000 00000000 5050505050505050 00 " + kPlain, "45aa"},
        WifiCase{"RadiotapTwoWordsAligned", 127, "0000 1900 03000080 00000000 00000000 0000000000000000 50 " + kPlain,
                 "malformed"},
        WifiCase{"RadiotapPadded", 127, "0000 0900 02000000 20 " + data("8801 ", "0000 0000 " + kLlc4 + "45"), "45"},
        WifiCase{"RadiotapLength", 127, "0000 ff00 00000000 " + kPlain, "malformed"},
        WifiCase{"RadiotapEndlessWords", 127, "0000 0800 00000080 " + kPlain, "malformed"},
        WifiCase{"RadiotapVersion", 127, "0100 0800 00000000 " + kPlain, "malformed"},
        WifiCase{"Avs", 163, "80211001 0000000c 00000000 " + kPlain, "45aa"},
        WifiCase{"AvsMagic", 163, "80210001 0000000c 00000000 " + kPlain, "malformed"},
        WifiCase{"PrismLittle", 119, "44000000 0c000000 00000000 " + kPlain, "45aa"},
        WifiCase{"PrismBig", 119, "00000044 0000000c 00000000 " + kPlain, "45aa"},
        WifiCase{"PrismIsAvs", 119, "80211002 0000000c 00000000 " + kPlain, "45aa"},
        WifiCase{"PrismLength", 119, "44000000 ff000000 00000000 " + kPlain, "malformed"},
        WifiCase{"Ppi", 192, "0000 0800 69000000 " + kPlain, "45aa"},
        WifiCase{"PpiCommonBadFcs", 192,
                 "0000 2000 69000000 0200 1400 0000000000000000 0500 000000000000000000 00 " + kPlain, "malformed"},
        WifiCase{"PpiEthernet", 192, "0000 0800 01000000 020000000003020000000002 0800 45", "45", "23"},
        WifiCase{"PpiInPpi", 192, "0000 0800 c0000000 " + kPlain, "malformed"},
        WifiCase{"PpiUnknown", 192, "0000 0800 93000000 " + kPlain, "other"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace tattle
