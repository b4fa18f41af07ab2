// ERF files: records by hand from Endace's description, a case a line, and a real capture as tshark sees both.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "base/result.h"
#include "capture/real_captures.h"
#include "capture/test_captures.h"

namespace tattle {
namespace {

using namespace testing_captures;

constexpr int kHdlc = 1, kEthernet = 2, kAal5 = 4, kMultiRaw = 6, kIpv4 = 22, kMeta = 27, kPad = 48;
constexpr std::uint64_t kHalf = 1u << 31;  // a second's fraction, in 1/2^32

// The time is little-endian, all else big-endian.
std::string record(int type, std::uint64_t fraction, std::string_view inside, std::uint32_t wire, int flags = 4,
                   std::uint32_t seconds = kThen) {
  const std::string time = Out{}.u64(std::uint64_t{seconds} << 32 | fraction).bytes;
  const std::size_t whole = 16 + inside.size();
  return Out{true}
      .text(time)
      .number(static_cast<std::uint64_t>(type), 1)
      .number(static_cast<std::uint64_t>(flags), 1)
      .u16(whole)
      .u16(0)
      .u16(wire)
      .text(inside)
      .bytes;
}
std::string ethernet(std::uint64_t fraction, std::string_view data, int flags = 4) {
  std::string inside(2, '\0');
  inside += data;
  inside.append((8 - inside.size() % 8) % 8, 'p');
  return record(kEthernet, fraction, inside, static_cast<std::uint32_t>(data.size()), flags);
}

struct ErfCase {
  const char* name;
  std::string content;
  Lines events;
  bool cut = false;
  Lines anomalies = {};
};

class Erf : public testing::TestWithParam<ErfCase> {};

TEST_P(Erf, IsRead) {
  const Read read = read_bytes(GetParam().content);
  EXPECT_EQ(read.events, GetParam().events);
  EXPECT_EQ(read.cut, GetParam().cut);
  EXPECT_EQ(read.format, "erf");
  Lines anomalies;
  for (const auto& [name, entry] : read.anomalies.entries()) anomalies.emplace_back(name);
  EXPECT_EQ(anomalies, GetParam().anomalies);
}

// An extension header goes on with another when its first bit is set.
std::string extended(std::string_view data) {
  std::string one = "\x85" + std::string(7, 'x'), two = "\x05" + std::string(7, 'y');
  return record(kEthernet | 0x80, kHalf, one + two + std::string(2, '\0') + std::string(data),
                static_cast<std::uint32_t>(data.size()));
}

const Lines kTwo{"1 if0 link1 100000000500000000 5 hello", "2 if1 link1 100000000750000000 5 again"};
const std::string kFirst = ethernet(kHalf, "hello"), kSecond = ethernet(kHalf + kHalf / 2, "again", 5);
const std::string kDamaged = Out{}.u64(0).bytes + std::string("\x02\x04\0\7damage!", 11);

INSTANTIATE_TEST_SUITE_P(
    Files, Erf,
    testing::Values(ErfCase{"Two", kFirst + kSecond, kTwo}, ErfCase{"OneAlone", kFirst, {kTwo[0]}},
                    ErfCase{"PaddingHasNoNumber", kFirst + record(kPad, 0, "pppppppp", 0) + kSecond, kTwo},
                    ErfCase{"MetaHasANumber",
                            record(kMeta, 0, "mmmmmmmm", 24, 4, 0) + kFirst,
                            {"2 if0 link1 100000000500000000 5 hello"}},
                    ErfCase{"CutBySnapLength",
                            record(kEthernet, kHalf, std::string("\0\0hellow", 8), 1500),
                            {"1 if0 link1 100000000500000000 1500 hellow"}},
                    ErfCase{"ExtensionHeaders", extended("hello"), {kTwo[0]}},
                    ErfCase{"OtherTypes",
                            record(kHdlc, kHalf, "\xff\3ppp", 5) +
                                record(kHdlc, kHalf, std::string("\x0f\0cisco", 7), 7) +
                                record(kAal5, kHalf, "cells", 5) + record(kMultiRaw, kHalf, "chanraw", 3) +
                                record(kIpv4, kHalf, "Eip", 3),
                            {"1 if0 link50 100000000500000000 5 \xff\3ppp",
                             std::string("2 if0 link104 100000000500000000 7 \x0f\0cisco", 42),
                             "3 if0 link65535 100000000500000000 5 cells", "4 if0 link65535 100000000500000000 3 raw",
                             "5 if0 link228 100000000500000000 3 Eip"}},
                    ErfCase{"CutInARecord",
                            kFirst + kSecond + kFirst + kFirst.substr(0, 20),
                            {kTwo[0], kTwo[1], "3 if0 link1 100000000500000000 5 hello"},
                            true,
                            {"capture.cut"}},
                    ErfCase{"DamagedLength",
                            kFirst + kFirst + kFirst + kFirst + kFirst + kFirst + kFirst + kFirst + kFirst + kFirst +
                                kDamaged + kSecond + kSecond,
                            {"1 if0 link1 100000000500000000 5 hello", "2 if0 link1 100000000500000000 5 hello",
                             "3 if0 link1 100000000500000000 5 hello", "4 if0 link1 100000000500000000 5 hello",
                             "5 if0 link1 100000000500000000 5 hello", "6 if0 link1 100000000500000000 5 hello",
                             "7 if0 link1 100000000500000000 5 hello", "8 if0 link1 100000000500000000 5 hello",
                             "9 if0 link1 100000000500000000 5 hello", "10 if0 link1 100000000500000000 5 hello",
                             "11 if1 link1 100000000750000000 5 again", "12 if1 link1 100000000750000000 5 again"},
                            false,
                            {"capture.damaged-length"}}),
    [](const auto& info) { return info.param.name; });

// Without a magic number only what makes sense as a row of records is one.
TEST(ErfSniff, OtherFilesAreNone) {
  for (const std::string& content :
       {std::string(100000, '0'), std::string(4096, '\0'), kFirst.substr(0, 20), kFirst + kSecond.substr(0, 20),
        kFirst + record(kEthernet, 0, "hello", 5, 4, kThen - 10), kFirst + record(40, 0, "hello", 5) + kSecond,
        record(kPad, 0, "pppppppp", 0) + record(kPad, 0, "pppppppp", 0) + record(kPad, 0, "pppppppp", 0)}) {
    EXPECT_THROW(read_bytes(content), UserError) << content.size();
  }
}

bool run(const std::string& command) { return std::system((command + " 2>/dev/null").c_str()) == 0; }

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// editcap does not write Ethernet in ERF, so that this file does: tshark must see the same packets in it as in the
// original.
TEST(ErfFile, AgreesWithTshark) {
  if (!real_captures::present() || !run("tshark -v > /dev/null")) GTEST_SKIP() << "needs captures and tshark";
  const std::string original = (real_captures::folder() / "phone-app" / "netflix.pcap").string();
  const Read expected = read_path(original);
  std::string content;
  for (const CapturedPacket& packet : expected.packets) {
    const std::uint64_t seconds = static_cast<std::uint64_t>(packet.time.ns / 1000000000);
    const std::uint64_t rest = static_cast<std::uint64_t>(packet.time.ns % 1000000000);
    content += record(kEthernet, ((rest << 32) + 500000000) / 1000000000,
                      std::string(2, '\0') + std::string(as_text(packet.data)), packet.wire_length, 4,
                      static_cast<std::uint32_t>(seconds));
  }
  const ScratchFolder folder;
  const std::string path = folder.write("packets.erf", content);
  const Read read = read_path(path);
  ASSERT_GT(read.packets.size(), 100u);
  EXPECT_TRUE(read.events == expected.events);
  const std::string fields =
      " -T fields -e frame.number -e frame.time_epoch -e eth.src -e ip.src -e tcp.seq_raw -e tcp.len -e udp.length > ";
  ASSERT_TRUE(run("tshark -n -r " + path + fields + folder.file("erf")));
  ASSERT_TRUE(run("tshark -n -r '" + original + "'" + fields + folder.file("pcap")));
  EXPECT_GT(text_of(folder.file("pcap")).size(), 1000u);
  EXPECT_EQ(text_of(folder.file("erf")), text_of(folder.file("pcap")));
}

}  // namespace
}  // namespace tattle
