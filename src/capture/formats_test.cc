// pcap and pcapng, a case a line.
#include <gtest/gtest.h>

#include "capture/pcapng_format.h"
#include "capture/test_captures.h"

namespace tattle {
namespace {

using namespace testing_captures;

struct FormatCase {
  const char* name;
  std::string content;
  Lines events;
  bool cut = false;
  Lines anomalies = {};
};

class CaptureFormat : public testing::TestWithParam<FormatCase> {};

TEST_P(CaptureFormat, IsRead) {
  const Read read = read_bytes(GetParam().content);
  EXPECT_EQ(read.events, GetParam().events);
  EXPECT_EQ(read.cut, GetParam().cut);
  Lines anomalies;
  for (const auto& [name, entry] : read.anomalies.entries()) anomalies.emplace_back(name);
  EXPECT_EQ(anomalies, GetParam().anomalies);
}

std::string kuznetzov(bool big) {
  return pcap_header(big, 0xa1b2cd34) +
         Out{big}.u32(kThen).u32(7).u32(5).u32(5).u32(2).u16(0x0800).u16(0).text("hello").bytes;
}

INSTANTIATE_TEST_SUITE_P(
    Pcap, CaptureFormat,
    testing::Values(
        FormatCase{"MicroLittle", pcap_header(false, 0xa1b2c3d4) + pcap_record(false, kThen, 7, "hello"), kMicro},
        FormatCase{"MicroBig", pcap_header(true, 0xa1b2c3d4) + pcap_record(true, kThen, 7, "hello"), kMicro},
        FormatCase{"NanoLittle", pcap_header(false, 0xa1b23c4d) + pcap_record(false, kThen, 7, "hello"), kNano},
        FormatCase{"NanoBig", pcap_header(true, 0xa1b23c4d) + pcap_record(true, kThen, 7, "hello"), kNano},
        FormatCase{"KuznetzovLittle", kuznetzov(false), kMicro}, FormatCase{"KuznetzovBig", kuznetzov(true), kMicro},
        FormatCase{"NoPacket", pcap_header(false, 0xa1b2c3d4), {}},
        FormatCase{
            "FcsOfFourBytes",
            pcap_header(false, 0xa1b2c3d4, 0x24000001) + pcap_record(false, 1, 0, "helloFCS!") +
                pcap_record(false, 1, 0, "hell", 9) + pcap_record(false, 1, 0, "helloF", 9),
            {"1 if0 link1 1000000000 5 hello", "2 if0 link1 1000000000 5 hell", "3 if0 link1 1000000000 5 hello"}},
        FormatCase{"SnapLength",
                   pcap_header(false, 0xa1b2c3d4, 101) + pcap_record(false, 1, 0, "hello", 1500),
                   {"1 if0 link101 1000000000 1500 hello"}},
        FormatCase{"LengthsSwappedBefore2_3",
                   pcap_header(false, 0xa1b2c3d4, 1, 2) + Out{}.u32(1).u32(0).u32(9).u32(5).text("hello").bytes,
                   {"1 if0 link1 1000000000 9 hello"}},
        FormatCase{"CutInHeader",
                   pcap_header(false, 0xa1b2c3d4) + pcap_record(false, kThen, 7, "hello") + std::string(9, 'x'),
                   kMicro,
                   true,
                   {"capture.cut"}},
        FormatCase{"CutInPacket",
                   pcap_header(false, 0xa1b2c3d4) + pcap_record(false, kThen, 7, "hello") +
                       pcap_record(false, kThen, 7, "hello").substr(0, 19),
                   kMicro,
                   true,
                   {"capture.cut"}},
        FormatCase{"DamagedLengthThenTwoSound",
                   pcap_header(false, 0xa1b2c3d4) + pcap_record(false, kThen, 7, "hello") +
                       Out{}.u32(kThen).u32(7).u32(0xfffffff0).u32(5).text("lost!").bytes +
                       pcap_record(false, kThen, 8, "after") + pcap_record(false, kThen, 9, "again"),
                   {kMicro[0], "2 if0 link1 100000000000008000 5 after", "3 if0 link1 100000000000009000 5 again"},
                   false,
                   {"capture.damaged-length"}},
        FormatCase{"DamagedLengthToTheEnd",
                   pcap_header(false, 0xa1b2c3d4) + pcap_record(false, kThen, 7, "hello") +
                       Out{}.u32(kThen).u32(7).u32(0xfffffff0).u32(5).text("lost!").bytes,
                   kMicro,
                   true,
                   {"capture.cut", "capture.damaged-length"}}),
    [](const auto& info) { return info.param.name; });

std::string names_block(bool big) {
  const std::string v6 = "\x20\x01\x0d\xb8" + std::string(11, '\0') + "\x01";
  const std::string body =
      Out{big}
          .u16(1)
          .u16(4 + 22)
          .padded(std::string("\xc0\0\2\x11", 4) + std::string("a.example\0bb.example\0", 21) + '\0')
          .u16(2)
          .u16(16 + 10)
          .padded(v6 + std::string("c.example\0", 10))
          .u16(0)
          .u16(0)
          .bytes;
  return block(big, 4, body);
}

INSTANTIATE_TEST_SUITE_P(
    Pcapng, CaptureFormat,
    testing::Values(
        FormatCase{"Little", one(false), kMicro}, FormatCase{"Big", one(true), kMicro},
        FormatCase{
            "SectionsOfBothOrders", one(false) + one(true), {kMicro[0], "2 if1 link1 100000000000007000 5 hello"}},
        FormatCase{"InterfacesWithTimes",
                   section(false) + interface(false, 1, option(false, 9, "\x09")) +
                       interface(false, 101, option(false, 9, "\x83") + option(false, 14, Out{}.u64(5).bytes)) +
                       interface(false, 113, option(false, 2, "wlan0") + option(false, 9, "\x03")) +
                       enhanced(false, 0, 7, "nano") + enhanced(false, 1, 9, "eighths") + enhanced(false, 2, 7, "ms"),
                   {"1 if0 link1 7 4 nano", "2 if1 link101 6125000000 7 eighths", "3 if2 link113 7000000 2 ms"}},
        FormatCase{
            "SimpleAndObsolete",
            section(true) + interface(true, 1, "", 4) + enhanced(true, 0, 1000000, "first") +
                block(true, 3, Out{true}.u32(9).text("simp").bytes) +
                block(true, 2, Out{true}.u16(0).u16(77).u32(0).u32(2000000).u32(3).u32(60).padded("old").bytes),
            {"1 if0 link1 1000000000 5 first", "2 if0 link1 1000000000 9 simp", "3 if0 link1 2000000000 60 old"}},
        FormatCase{"NamesAndSecrets",
                   section(false) + names_block(false) +
                       block(false, 10, Out{}.u32(0x544c534b).u32(7).padded("CLIENT_").bytes) +
                       block(false, 10, Out{}.u32(0x57474b4c).u32(3).padded("wg!").bytes),
                   {"name 192.0.2.17 a.example", "name 192.0.2.17 bb.example", "name 2001:db8::1 c.example",
                    "keys CLIENT_", "other wg!"}},
        FormatCase{"OtherBlocksCountAsWiresharkDoes",
                   one(false) + block(false, 5, Out{}.u32(0).u32(1).u32(2).bytes) + block(false, 0x12345, "unknown!") +
                       block(false, 9, "MESSAGE=journal\n") + block(false, 0xbad, Out{}.u32(12345).text("abcd").bytes) +
                       enhanced(false, 0, 1000000, "fourth"),
                   {kMicro[0], "4 if0 link1 1000000000 6 fourth"}},
        FormatCase{"FcsOfInterfaceAndOfPacket",
                   section(false) + interface(false, 1, option(false, 13, "\x04")) +
                       enhanced(false, 0, 1000000, "helloFCS!") +
                       enhanced(false, 0, 1000000, "helloFC", 0,
                                option(false, 1, "a comment") + option(false, 2, Out{}.u32(2 << 5).bytes)),
                   {"1 if0 link1 1000000000 5 hello", "2 if0 link1 1000000000 5 hello"}},
        FormatCase{"UnknownInterface",
                   one(false) + enhanced(false, 7, 0, "whose"),
                   {kMicro[0], "2 if4294967295 link65535 100000000000007000 5 whose"},
                   false,
                   {"capture.unknown-interface"}},
        FormatCase{"CutInBlock", one(false) + one(false).substr(0, 30), kMicro, true, {"capture.cut"}},
        FormatCase{"CutInPacketBlock",
                   one(false) + enhanced(false, 0, 0, "cut here").substr(0, 33),
                   kMicro,
                   true,
                   {"capture.cut"}},
        FormatCase{"DamagedLengthThenSound",
                   one(false) + Out{}.u32(6).u32(7).u32(0).u32(0).bytes + enhanced(false, 0, 1000000, "after"),
                   {kMicro[0], "2 if0 link1 1000000000 5 after"},
                   false,
                   {"capture.damaged-length"}},
        FormatCase{"LengthsDisagreeThenNextSection",
                   one(false) + Out{}.u32(5).u32(20).u32(0).u32(0).u32(16).bytes + one(true),
                   {kMicro[0], "2 if1 link1 100000000000007000 5 hello"},
                   false,
                   {"capture.damaged-length"}},
        FormatCase{"LengthWithoutPadding",
                   one(false) + Out{}.u32(0x12345).u32(13).u32(0).u32(13).bytes + enhanced(false, 0, 1000000, "after"),
                   {kMicro[0], "2 if0 link1 1000000000 5 after"}},
        FormatCase{"CapturedLengthLeavesBlock",
                   section(false) + interface(false, 1) +
                       block(false, 6, Out{}.u32(0).u32(0).u32(1000000).u32(900).u32(900).text("fits").bytes),
                   {"1 if0 link1 1000000000 900 fits"},
                   false,
                   {"capture.malformed-block"}}),
    [](const auto& info) { return info.param.name; });

struct TimeCase {
  const char* name;
  std::uint8_t resolution;
  std::int64_t offset;
  std::uint64_t units;
  std::int64_t ns;
};
class PcapngTime : public testing::TestWithParam<TimeCase> {};
TEST_P(PcapngTime, IsNanoseconds) {
  PcapngInterface interface;
  interface.resolution = GetParam().resolution;
  interface.offset_seconds = GetParam().offset;
  EXPECT_EQ(pcapng_time(GetParam().units, interface).ns, GetParam().ns);
}
INSTANTIATE_TEST_SUITE_P(Resolutions, PcapngTime,
                         testing::Values(TimeCase{"Seconds", 0, 0, 3, 3000000000}, TimeCase{"Pico", 12, 0, 5999, 5},
                                         TimeCase{"Micro", 6, -1, 2500000, 1500000000},
                                         TimeCase{"TwoToTheTen", 0x8a, 0, 512, 500000000},
                                         TimeCase{"TwoToThe127", 0xff, 0, ~0ull, 0},
                                         TimeCase{"TenToThe127", 127, 0, ~0ull, 0},
                                         TimeCase{"TooLarge", 0, 0, ~0ull, INT64_MAX / 2},
                                         TimeCase{"TooSmall", 0, INT64_MIN, 0, -(INT64_MAX / 2)}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace tattle
