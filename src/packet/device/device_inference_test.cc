#include "packet/device/device_inference.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "packet/test_packets.h"

namespace tattle {
namespace {

using namespace testing_packets;

struct Sent {
  std::string from, to;
  std::string mac = "", to_mac = "";  // with both: Ethernet; else raw IP
  std::string flags = "S";            // of TCP; "" is UDP
  std::uint16_t from_port = 40000, to_port = 443;
};

CapturedPacket packet(const Sent& sent) {
  const std::string payload = sent.flags.empty() ? udp(sent.from_port, sent.to_port, "x")
                                                 : Tcp{sent.from_port, sent.to_port, 1, 1, sent.flags}.bytes();
  const int protocol = sent.flags.empty() ? 17 : 6;
  const std::string ip = sent.from.find(':') == std::string::npos ? ipv4(sent.from, sent.to, protocol, payload)
                                                                  : ipv6(sent.from, sent.to, protocol, payload);
  return sent.mac.empty() ? captured(1, 0, ip) : captured(1, 0, ethernet(sent.mac, sent.to_mac, ip), 1);
}

const std::string kPhoneMac = "020000000017", kRouterMac = "020000000001", kLaptopMac = "020000000022";
const char *kPhone = "192.168.1.17", *kLaptop = "192.168.1.22", *kServer = "198.51.100.1";

struct InferenceCase {
  const char* name;
  std::vector<Sent> packets;
  std::string ground;
  std::vector<std::string> addresses;
  std::vector<std::string> candidates;
};

class Inference : public testing::TestWithParam<InferenceCase> {};

TEST_P(Inference, Answers) {
  DeviceInference inference;
  for (const Sent& sent : GetParam().packets) inference.on_packet(packet(sent));
  const auto answer = inference.answer();
  EXPECT_EQ(answer.ground, GetParam().ground);
  std::vector<std::string> addresses;
  for (const MacAddress& mac : answer.addresses.macs) addresses.push_back(to_string(mac));
  for (const Prefix& prefix : answer.addresses.prefixes) addresses.push_back(to_string(prefix.address));
  EXPECT_EQ(addresses, GetParam().addresses);
  EXPECT_EQ(answer.candidates, GetParam().candidates);
}

std::vector<Sent> behind_router() {
  std::vector<Sent> packets;
  for (int i = 1; i <= 6; ++i) {
    const std::string server = "198.51.100." + std::to_string(i);
    packets.push_back({kPhone, server, kPhoneMac, kRouterMac});
    packets.push_back({server, kPhone, kRouterMac, kPhoneMac, "SA", 443, 40000});
  }
  packets.push_back({"192.168.1.1", kPhone, kRouterMac, kPhoneMac, "", 53, 40000});
  // A server opens a conversation of its own: it must not be taken for the router, which has a private address.
  packets.push_back({"198.51.100.1", kPhone, kRouterMac, kPhoneMac, "S", 50000, 8080});
  return packets;
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Inference,
    testing::Values(
        InferenceCase{"OneHost",
                      {{"192.0.2.17", kServer},
                       {kServer, "192.0.2.17", "", "", "SA", 443, 40000},
                       {"192.0.2.17", kServer},
                       {"192.0.2.17", "198.51.100.2", "", "", "", 40000, 53}},
                      "192.0.2.17 is the only host that opened conversations (2 of 2)",
                      {"192.0.2.17"},
                      {"192.0.2.17 opened 2 conversations"}},
        InferenceCase{"BothVersionsOfOneMac",
                      {{kPhone, kServer, kPhoneMac, kRouterMac},
                       {"fe80::17", "fe80::1", kPhoneMac, kRouterMac, "", 40000, 53},
                       {"2001:db8::17", "2001:db8:1::1", kPhoneMac, kRouterMac}},
                      "192.168.1.17 (02:00:00:00:00:17) is the only host that opened conversations (3 of 3)",
                      {"02:00:00:00:00:17", "192.168.1.17", "2001:db8::17", "fe80::17"},
                      {"192.168.1.17 (02:00:00:00:00:17) opened 3 conversations"}},
        InferenceCase{"BothVersionsWithoutMac",
                      {{"192.0.2.17", kServer}, {"2001:db8::17", "2001:db8:1::1"}, {"2001:db8::18", "2001:db8:1::1"}},
                      "192.0.2.17 is the only host that opened conversations (3 of 3)",
                      {"192.0.2.17", "2001:db8::17", "2001:db8::18"},
                      {"192.0.2.17 opened 3 conversations"}},
        InferenceCase{"PhoneAndLaptop",
                      {{kPhone, kServer, kPhoneMac, kRouterMac},
                       {kLaptop, kServer, kLaptopMac, kRouterMac},
                       {kLaptop, kServer, kLaptopMac, kRouterMac, "S", 40001}},
                      "",
                      {},
                      {"192.168.1.22 (02:00:00:00:00:22) opened 2 conversations",
                       "192.168.1.17 (02:00:00:00:00:17) opened 1 conversation"}},
        InferenceCase{"PublicHostsOpenToo",
                      behind_router(),
                      "192.168.1.17 (02:00:00:00:00:17) is the only host with a private address that opened "
                      "conversations (6 of 7)",
                      {"02:00:00:00:00:17", "192.168.1.17"},
                      {"192.168.1.17 (02:00:00:00:00:17) opened 6 conversations"}},
        InferenceCase{"LocalNoiseProvesNothing",
                      {{kLaptop, "224.0.0.251", kLaptopMac, "01005e0000fb", "", 5353, 5353},
                       {kLaptop, "239.255.255.250", kLaptopMac, "01005e7ffffa", "", 50000, 1900},
                       {"0.0.0.0", "255.255.255.255", kLaptopMac, "ffffffffffff", "", 68, 67},
                       {kLaptop, "192.168.1.255", kLaptopMac, "ffffffffffff", "", 137, 137},
                       {kPhone, kServer, kPhoneMac, kRouterMac}},
                      "192.168.1.17 (02:00:00:00:00:17) is the only host that opened conversations (1 of 1)",
                      {"02:00:00:00:00:17", "192.168.1.17"},
                      {"192.168.1.17 (02:00:00:00:00:17) opened 1 conversation"}},
        InferenceCase{"Midstream",
                      {{kServer, "192.0.2.17", "", "", "A", 443, 40000}, {"192.0.2.17", kServer, "", "", "A"}},
                      "192.0.2.17 is the only host that is a client by the ports, no opening being captured (1 of 1)",
                      {"192.0.2.17"},
                      {"192.0.2.17 is by its ports the client of 1 conversation"}},
        InferenceCase{"OneMacForAll",
                      {{"192.0.2.17", kServer, "020000000001", "020000000001"},
                       {kServer, "192.0.2.17", "020000000001", "020000000001", "SA", 443, 40000}},
                      "192.0.2.17 is the only host that opened conversations (1 of 1)",
                      {"192.0.2.17"},
                      {"192.0.2.17 opened 1 conversation"}},
        InferenceCase{"MacOfBothEnds",
                      {{"192.0.2.17", kServer, "020000000001", "020000000002"},
                       {kServer, "192.0.2.17", "020000000001", "020000000002", "SA", 443, 40000}},
                      "192.0.2.17 is the only host that opened conversations (1 of 1)",
                      {"192.0.2.17"},
                      {"192.0.2.17 opened 1 conversation"}},
        InferenceCase{"Nobody", {}, "", {}, {}}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace tattle
