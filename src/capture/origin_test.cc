// What a capture file says of its own making (draft-ietf-opsawg-pcapng sections 4.1, 4.2 and 4.6).
#include <gtest/gtest.h>

#include "capture/capture_origin.h"
#include "capture/test_captures.h"

namespace tattle {
namespace {

using namespace testing_captures;

std::string count_option(bool big, std::uint16_t code, std::uint64_t count) {
  return option(big, code, Out{big}.u64(count).bytes);
}

std::string section_saying(bool big, std::string_view options) {
  return block(big, 0x0a0d0d0a, Out{big}.u32(0x1a2b3c4d).u16(1).u16(0).u64(~0ull).text(options).bytes);
}

std::string statistics(bool big, std::uint32_t interface, std::string_view options) {
  return block(big, 5, Out{big}.u32(interface).u32(0).u32(0).text(options).bytes);
}

CaptureOrigin read_origin(std::string_view content) {
  const TemporaryFile file(content);
  Anomalies anomalies;
  const auto reader = CaptureReader::open(file.path(), 0, {}, anomalies);
  while (!std::holds_alternative<CaptureEnd>(reader->next())) continue;
  return origin_of(*reader);
}

class Origin : public testing::TestWithParam<bool> {};

TEST_P(Origin, IsWhatTheFileSays) {
  const bool big = GetParam();
  const CaptureOrigin origin = read_origin(
      section_saying(big, option(big, 2, "Router 1") + option(big, 3, "Linux 6.1") + option(big, 4, "Dumpcap 4.0") +
                              option(big, 0, "")) +
      interface(big, 1,
                option(big, 2, "wlan0") + option(big, 3, "access point") + option(big, 11, std::string("\0tcp", 4)) +
                    option(big, 12, "Linux") + option(big, 15, "radio")) +
      interface(big, 1, "") + interface(big, 1, option(big, 2, std::string("eth0\0\0", 6))) +
      enhanced(big, 0, kThen * 1000000ull, "hello") +
      statistics(big, 0, count_option(big, 4, 90) + count_option(big, 5, 2)) +
      statistics(big, 0, count_option(big, 4, 100) + count_option(big, 5, 3) + count_option(big, 7, 4)) +
      statistics(big, 9, count_option(big, 5, 77)));
  EXPECT_EQ(origin.hardware, "Router 1");
  EXPECT_EQ(origin.system, "Linux 6.1");
  EXPECT_EQ(origin.application, "Dumpcap 4.0");
  ASSERT_EQ(origin.interfaces.size(), 2u);  // one of the three says nothing
  const CaptureOrigin::Interface& first = origin.interfaces[0];
  EXPECT_EQ(first.name, "wlan0");
  EXPECT_EQ(first.description, "access point");
  EXPECT_EQ(first.filter, "tcp");
  EXPECT_EQ(first.system, "Linux");
  EXPECT_EQ(first.hardware, "radio");
  EXPECT_EQ(first.received, 100u);
  EXPECT_EQ(first.dropped, 3u);
  EXPECT_EQ(first.dropped_by_system, 4u);
  EXPECT_EQ(origin.interfaces[1].name, "eth0");
  EXPECT_FALSE(origin.interfaces[1].dropped);
}

INSTANTIATE_TEST_SUITE_P(Orders, Origin, testing::Bool());

TEST(OriginOfFile, InterfacesOfLaterSectionsAreCountedOn) {
  const std::string later = section_saying(true, option(true, 4, "Other")) +
                            interface(true, 1, option(true, 2, "second")) +
                            statistics(true, 0, count_option(true, 5, 8));
  const CaptureOrigin origin = read_origin(section_saying(false, option(false, 4, "First")) +
                                           interface(false, 1, option(false, 2, "first")) + later);
  EXPECT_EQ(origin.application, "First");
  ASSERT_EQ(origin.interfaces.size(), 2u);
  EXPECT_FALSE(origin.interfaces[0].dropped);
  EXPECT_EQ(origin.interfaces[1].dropped, 8u);
}

TEST(OriginOfFile, ShortBlocksAndOtherFormatsSayNothing) {
  EXPECT_TRUE(read_origin(one(false)).empty());
  EXPECT_TRUE(read_origin(pcap_header(false, 0xa1b2c3d4) + pcap_record(false, kThen, 7, "hello")).empty());
  EXPECT_TRUE(read_origin(one(false) + block(false, 5, "1234")).empty());
}

}  // namespace
}  // namespace tattle
