// The versions of pcap with other record headers, a case a line.
#include <gtest/gtest.h>

#include "capture/test_captures.h"

namespace tattle {
namespace {

using namespace testing_captures;

struct Variant {
  const char* name;
  std::string content;
  Lines events;
  const char* format = "pcap (modified)";
  bool cut = false;
};

class PcapVariant : public testing::TestWithParam<Variant> {};

TEST_P(PcapVariant, IsRead) {
  const Read read = read_bytes(GetParam().content);
  EXPECT_EQ(read.events, GetParam().events);
  EXPECT_EQ(read.format, GetParam().format);
  EXPECT_EQ(read.cut, GetParam().cut);
}

// A record of each layout; what stands behind the lengths is what the kernel and the patches wrote.
std::string patched(bool big, std::uint32_t fraction, std::string_view data, bool processors = false) {
  Out out{big};
  out.u32(kThen).u32(fraction).u32(data.size()).u32(data.size()).u32(2).u16(0x0800).number(4, 1);
  if (processors) return out.number(0x55, 1).number(0xaa, 1).text("\x99\x99\x99").text(data).bytes;
  return out.number(0x99, 1).text(data).bytes;
}
std::string nokia(bool big, std::uint32_t fraction, std::string_view data, std::uint32_t word = 0xbfbfd902) {
  return Out{big}.u32(kThen).u32(fraction).u32(data.size()).u32(data.size()).u32(word).text(data).bytes;
}
std::string ixia(bool big, bool nanoseconds) {
  return pcap_header(big, nanoseconds ? 0x1c0001ac : 0x1c0001ab) + Out{big}.u32(16 + 5).bytes +
         pcap_record(big, kThen, 7, "hello");
}
std::string aix(std::uint32_t type) {
  return pcap_header(true, 0xa1b2c3d4, type, 2) + Out{true}.u32(kThen).u32(7).u32(9).u32(5).text("hello").bytes;
}

const std::string kUsual = pcap_header(false, 0xa1b2c3d4), kUsualBig = pcap_header(true, 0xa1b2c3d4);
const std::string kKuznetzov = pcap_header(false, 0xa1b2cd34), kKuznetzovBig = pcap_header(true, 0xa1b2cd34);
const Lines kTwo{kMicro[0], "2 if0 link1 100000000000008000 14 and once again"};

INSTANTIATE_TEST_SUITE_P(
    Layouts, PcapVariant,
    testing::Values(
        Variant{"RedHat", kUsual + patched(false, 7, "hello") + patched(false, 8, "and once again"), kTwo},
        Variant{"RedHatBig", kUsualBig + patched(true, 7, "hello") + patched(true, 8, "and once again"), kTwo},
        Variant{"RedHatOneRecord", kUsual + patched(false, 7, "hello"), kMicro},
        Variant{"RedHatCut", kUsual + patched(false, 7, "hello") + patched(false, 8, "and once again").substr(0, 30),
                kMicro, "pcap (modified)", true},
        Variant{"Kuznetzov", kKuznetzov + patched(false, 7, "hello") + patched(false, 8, "and once again"), kTwo},
        Variant{"KuznetzovBig", kKuznetzovBig + patched(true, 7, "hello") + patched(true, 8, "and once again"), kTwo},
        Variant{"SuSE", kKuznetzov + patched(false, 7, "hello", true) + patched(false, 8, "and once again", true),
                kTwo},
        Variant{"SuSEBig", kKuznetzovBig + patched(true, 7, "hello", true) + patched(true, 8, "and once again", true),
                kTwo},
        Variant{"SuSEOneRecord", kKuznetzov + patched(false, 7, "hello", true), kMicro},
        Variant{"Nokia", kUsual + nokia(false, 7, "hello") + nokia(false, 8, "and once again"), kTwo},
        Variant{"NokiaBig", kUsualBig + nokia(true, 7, "hello") + nokia(true, 8, "and once again"), kTwo},
        Variant{"NokiaConverted", kUsual + nokia(false, 7, "hello", 0) + nokia(false, 8, "and once again", 0), kTwo},
        Variant{"NotNokia",
                kUsual + nokia(false, 7, "hello", 0x12345678),
                {"1 if0 link1 100000000000007000 5 \x78\x56\x34\x12h"},
                "pcap",
                true},
        Variant{"IxiaSoftware", ixia(false, false), kMicro}, Variant{"IxiaHardwareBig", ixia(true, true), kNano},
        Variant{"AixEthernet", aix(6), {"1 if0 link1 100000000000000007 9 hello"}},
        Variant{"AixLoopback", aix(24), {"1 if0 link0 100000000000000007 9 hello"}},
        Variant{"Version2_2NotOfAix", aix(1), {"1 if0 link1 100000000000007000 9 hello"}, "pcap"},
        // Longer than the snap length, which some programs write: still the usual layout.
        Variant{"OverSnapLength",
                Out{}.u32(0xa1b2c3d4).u16(2).u16(4).u32(0).u32(0).u32(4).u32(1).bytes +
                    pcap_record(false, kThen, 7, "hello"),
                kMicro, "pcap"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace tattle
