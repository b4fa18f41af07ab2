#include "attribute/network/networks.h"

#include <gtest/gtest.h>

namespace tattle {
namespace {

// Documentation ranges (RFC 5737, RFC 3849) and AS numbers (RFC 5398).
constexpr std::string_view kV4 =
    "198.51.100.0,198.51.100.255,64497,\"Second, \"\"quoted\"\" Oy\"\n"
    "192.0.2.0,192.0.2.127,64496,First Oy\r\n"
    "192.0.2.128,192.0.2.200,64497,Renamed\n"
    "not,a,line\n"
    "203.0.113.9,203.0.113.1,64496,Backwards\n"
    "2001:db8::,2001:db8::1,64496,Wrong family\n";
constexpr std::string_view kV6 = "2001:db8:1::,2001:db8:1:ffff:ffff:ffff:ffff:ffff,64511,Sixth\n";

ByteVector table() {
  CompileCounts counts;
  return compile_networks(kV4, kV6, counts);
}

struct LookupCase {
  const char* name;
  const char* address;
  std::uint32_t number;  // 0: not found
  const char* holder;
};

class NetworkLookup : public testing::TestWithParam<LookupCase> {};

TEST_P(NetworkLookup, FindsTheRange) {
  const ByteVector bytes = table();
  const auto parsed = NetworkTable::parse(bytes);
  ASSERT_TRUE(parsed.has_value());
  const auto found = parsed->find(*Address::parse(GetParam().address));
  ASSERT_EQ(found.has_value(), GetParam().number != 0);
  if (!found) return;
  EXPECT_EQ(found->as_number, GetParam().number);
  EXPECT_EQ(found->holder, GetParam().holder);
}

INSTANTIATE_TEST_SUITE_P(
    Ranges, NetworkLookup,
    testing::Values(LookupCase{"First", "192.0.2.0", 64496, "First Oy"},
                    LookupCase{"LastIncluded", "192.0.2.127", 64496, "First Oy"},
                    LookupCase{"Next", "192.0.2.128", 64497, "Renamed"}, LookupCase{"Behind", "192.0.2.201", 0, ""},
                    LookupCase{"BeforeAll", "1.1.1.1", 0, ""},
                    LookupCase{"Quoted", "198.51.100.7", 64497, "Second, \"quoted\" Oy"},
                    LookupCase{"AfterAll", "203.0.113.5", 0, ""}, LookupCase{"V6", "2001:db8:1::5", 64511, "Sixth"},
                    LookupCase{"V6Behind", "2001:db8:2::", 0, ""}, LookupCase{"V6Before", "2001:db8::1", 0, ""}),
    [](const auto& info) { return info.param.name; });

TEST(NetworkCompile, CountsWhatItSkips) {
  CompileCounts counts;
  compile_networks(kV4, kV6, counts);
  EXPECT_EQ(counts.ranges, 4u);
  EXPECT_EQ(counts.skipped_lines, 3u);
  EXPECT_EQ(counts.overlaps, 0u);
}

TEST(NetworkCompile, ANestedRangeKeepsBothSidesOfTheOuterOne) {
  CompileCounts counts;
  const ByteVector bytes = compile_networks(
      "192.0.2.0,192.0.2.255,64496,Outer\n"
      "192.0.2.16,192.0.2.31,64497,Inner\n"
      "192.0.2.32,192.0.2.63,64498,Next\n",
      "", counts);
  EXPECT_EQ(counts.overlaps, 2u);
  const auto parsed = NetworkTable::parse(bytes);
  ASSERT_TRUE(parsed.has_value());
  const auto number = [&](const char* text) {
    const auto found = parsed->find(*Address::parse(text));
    return found ? found->as_number : 0;
  };
  EXPECT_EQ(number("192.0.2.15"), 64496u);
  EXPECT_EQ(number("192.0.2.16"), 64497u);
  EXPECT_EQ(number("192.0.2.31"), 64497u);
  EXPECT_EQ(number("192.0.2.32"), 64498u);
  EXPECT_EQ(number("192.0.2.64"), 64496u);
  EXPECT_EQ(number("192.0.2.255"), 64496u);
}

struct DamageCase {
  const char* name;
  std::size_t offset;  // byte to overwrite, or size to cut to when `cut`
  bool cut;
  std::uint8_t value;
  const char* field;
};

class NetworkDamage : public testing::TestWithParam<DamageCase> {};

TEST_P(NetworkDamage, IsSaid) {
  ByteVector bytes = table();
  if (GetParam().cut) {
    bytes.resize(GetParam().offset);
  } else if (GetParam().offset == bytes.size()) {
    bytes.push_back(GetParam().value);
  } else {
    bytes[GetParam().offset] = GetParam().value;
  }
  const auto parsed = NetworkTable::parse(bytes);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().field, GetParam().field);
}

INSTANTIATE_TEST_SUITE_P(
    Fields, NetworkDamage,
    testing::Values(DamageCase{"Magic", 0, false, 'X', "magic"}, DamageCase{"Empty", 0, true, 0, "magic"},
                    DamageCase{"Version", 8, false, 2, "version"}, DamageCase{"CutHead", 20, true, 0, "holders.count"},
                    DamageCase{"CutBody", 60, true, 0, "size"}, DamageCase{"HugeCount", 15, false, 0xff, "size"},
                    DamageCase{"Trailing", 24, false, 0, "size"}),
    [](const auto& info) { return info.param.name; });

TEST(NetworkTable, AHolderOutOfBoundsIsNotFound) {
  ByteVector bytes = table();
  bytes[28 + 8 + 3] = 0x7f;  // high byte of the first IPv4 range's holder index
  const auto parsed = NetworkTable::parse(bytes);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_FALSE(parsed->find(*Address::parse("192.0.2.1")).has_value());
  EXPECT_TRUE(parsed->find(*Address::parse("192.0.2.129")).has_value());
}

}  // namespace
}  // namespace tattle
