#include "base/address.h"

#include <gtest/gtest.h>

#include "base/byte_reader.h"
#include "base/packet_ref.h"
#include "base/time.h"

namespace tattle {
namespace {

struct AddressCase {
  const char* name;
  const char* text;
  const char* printed;  // RFC 5952; empty: not an address
};

class AddressText : public testing::TestWithParam<AddressCase> {};

TEST_P(AddressText, ParsesAndPrints) {
  auto address = Address::parse(GetParam().text);
  EXPECT_EQ(address ? to_string(*address) : "", GetParam().printed);
}

INSTANTIATE_TEST_SUITE_P(Rfc5952, AddressText,
                         testing::Values(AddressCase{"V4", "192.0.2.17", "192.0.2.17"},
                                         AddressCase{"V6", "2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
                                         AddressCase{"Short", "192.0.2", ""}, AddressCase{"Over", "192.0.2.256", ""},
                                         AddressCase{"Name", "example.com", ""}),
                         [](const auto& info) { return info.param.name; });

TEST(Prefix, HoldsItsAddressesOnly) {
  auto prefix = Prefix::parse("192.0.2.128/25");
  ASSERT_TRUE(prefix);
  EXPECT_TRUE(prefix->contains(*Address::parse("192.0.2.200")));
  EXPECT_FALSE(prefix->contains(*Address::parse("192.0.2.100")));
  EXPECT_FALSE(prefix->contains(*Address::parse("2001:db8::1")));
  EXPECT_FALSE(Prefix::parse("192.0.2.0/33"));
  EXPECT_TRUE(Prefix::parse("2001:db8::/33")->contains(*Address::parse("2001:db8:7fff::1")));
  EXPECT_FALSE(Prefix::parse("2001:db8::/33")->contains(*Address::parse("2001:db8:8000::1")));
}

TEST(MacAddress, TakesAnySeparator) {
  for (const char* text : {"00:1A:2B:3C:4D:5E", "00-1a-2b-3c-4d-5e", "001a.2b3c.4d5e", "001A2B3C4D5E"}) {
    auto mac = MacAddress::parse(text);
    ASSERT_TRUE(mac) << text;
    EXPECT_EQ(to_string(*mac), "00:1a:2b:3c:4d:5e");
  }
  EXPECT_FALSE(MacAddress::parse("00:1a:2b:3c:4d"));
  EXPECT_FALSE(MacAddress::parse("00:1a:2b:3c:4d:5g"));
}

TEST(ByteReader, KeepsTheFirstFailureAndNeverReadsPastTheEnd) {
  const std::uint8_t data[] = {1, 2, 3};
  ByteReader in(data);
  EXPECT_EQ(in.u16("first"), 0x0102);
  EXPECT_EQ(in.u16("second"), 0);
  EXPECT_EQ(in.u8("third"), 0);
  ASSERT_TRUE(in.error());
  EXPECT_EQ(in.error()->field, "second");
  EXPECT_EQ(in.error()->offset, 2u);
}

TEST(PacketRuns, CoalescesInAnyOrder) {
  PacketRuns runs;
  for (std::uint64_t number : {7, 3, 4, 9, 8, 3, 20}) add_packets(runs, PacketRun{0, number, number});
  add_packets(runs, PacketRun{1, 5, 6});
  EXPECT_EQ(runs, (PacketRuns{{0, 3, 4}, {0, 7, 9}, {0, 20, 20}, {1, 5, 6}}));
}

TEST(Time, PrintsMicrosecondsUtc) {
  EXPECT_EQ(to_rfc3339(Time{1352138601000125999}), "2012-11-05T18:03:21.000125Z");
  EXPECT_EQ(to_rfc3339(Time{0}), "1970-01-01T00:00:00.000000Z");
}

}  // namespace
}  // namespace tattle
