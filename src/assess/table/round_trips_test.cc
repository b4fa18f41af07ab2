#include "assess/table/round_trips.h"

#include <gtest/gtest.h>

#include "assess/assess_testing.h"

namespace tattle {
namespace {

Address address(const char* text) { return *Address::parse(text); }

class RoundTripsTest : public testing::Test {
 protected:
  void measure(const char* server, std::uint32_t us, Transport transport = Transport::tcp) {
    FlowSummary summary;
    summary.flow.client = assess_testing::kPhone;
    summary.flow.server = {address(server), 443};
    summary.flow.device = DeviceSide::client;
    summary.flow.transport = transport;
    summary.handshake_rtt = us;
    trips_.on_flow(summary);
  }
  Limits limits_;
  Anomalies anomalies_;
  RoundTrips trips_{limits_, anomalies_};
};

TEST_F(RoundTripsTest, BoundByTheSmallestAtTheSpeedOfLight) {
  measure("203.0.113.5", 30000);
  measure("203.0.113.5", 12100);
  measure("203.0.113.5", 13000, Transport::udp);
  const auto bound = trips_.bound("a.example", {address("203.0.113.5")});
  ASSERT_TRUE(bound);
  EXPECT_EQ(bound->rtt_us, 12100u);
  EXPECT_EQ(bound->within_km, 1814u);  // 299792.458 km/s * 12.1 ms / 2 = 1813.74 km
  EXPECT_EQ(bound->fibre_km, 1210u);   // two thirds of that: 1209.16 km
  EXPECT_EQ(bound->ground, "smallest of 3 handshakes; at the speed of light in vacuum");
  EXPECT_FALSE(trips_.bound("b.example", {address("198.51.100.1")}));
  EXPECT_FALSE(trips_.bound("b.example", {}));
}

TEST_F(RoundTripsTest, OfSeveralAddressesHoldsForAll) {
  measure("203.0.113.5", 2000);
  EXPECT_FALSE(trips_.bound("a.example", {address("203.0.113.5"), address("198.51.100.1")}));
  measure("198.51.100.1", 20000);
  const auto bound = trips_.bound("a.example", {address("203.0.113.5"), address("198.51.100.1")});
  ASSERT_TRUE(bound);
  EXPECT_EQ(bound->rtt_us, 20000u);
  EXPECT_EQ(bound->ground,
            "smallest of 2 TCP handshakes, at the slowest of 2 addresses; at the speed of light in vacuum");
}

TEST_F(RoundTripsTest, IsWithheldWhereSomethingElseEndedTheConnection) {
  measure("10.0.0.1", 400);
  EXPECT_EQ(trips_.bound("", {address("10.0.0.1")})->withheld, "the address is on the phone's own network");
  MessageRecord message = assess_testing::request(1);
  message.via = Via::tunnel;
  trips_.on_message(message, {Party{Role::destination, "far.example", std::nullopt}});
  EXPECT_EQ(trips_.bound("far.example", {})->withheld, "a proxy ended the connection");
  // Three networks cannot all stand within 150 km of the capture and answer like this; two may.
  measure("203.0.113.5", 400);
  measure("198.51.100.1", 700);
  EXPECT_EQ(trips_.bound("a.example", {address("203.0.113.5")})->withheld, "");
  measure("192.88.98.1", 999);
  EXPECT_NE(trips_.bound("a.example", {address("203.0.113.5")})->withheld, "");
  EXPECT_EQ(trips_.bound("a.example", {address("203.0.113.5")})->rtt_us, 0u);
}

// A program on the phone or a transparent proxy answers for all alike, be it in three milliseconds or in thirty.
TEST_F(RoundTripsTest, IsWithheldWhereTheNearestAnswerAlike) {
  measure("203.0.113.5", 3000);
  measure("198.51.100.1", 3300);
  measure("203.0.113.6", 3000);  // of a network that was met
  measure("192.88.98.1", 3301);  // 10 % and a microsecond above the smallest
  EXPECT_EQ(trips_.bound("a.example", {address("203.0.113.5")})->withheld, "");
  measure("100.128.0.5", 40000);  // further away than something that answers for all
  EXPECT_EQ(trips_.bound("a.example", {address("203.0.113.5")})->withheld, "");
  measure("192.88.98.1", 3250);
  EXPECT_NE(trips_.bound("a.example", {address("203.0.113.5")})->withheld, "");
  EXPECT_NE(trips_.bound("d.example", {address("100.128.0.5")})->withheld, "");
}

}  // namespace
}  // namespace tattle
