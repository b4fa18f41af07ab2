// Real captures that editcap brought into each format hold the same packets, numbers, times and lengths; tshark's
// view of the converted file agrees. Passes when the captures or those programs are absent.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>

#include "capture/real_captures.h"
#include "capture/test_captures.h"

namespace tattle {
namespace {

namespace fs = std::filesystem;
using namespace testing_captures;

bool run(const std::string& command) { return std::system((command + " 2>/dev/null").c_str()) == 0; }

struct Target {
  const char* format;              // editcap's name
  const char* name;                // what the reader calls it
  std::int64_t resolution = 1000;  // of its times, in nanoseconds; over a millisecond: not compared
};

constexpr Target kTargets[] = {
    {"modpcap", "pcap (modified)"},      {"rh6_1pcap", "pcap (modified)"}, {"suse6_3pcap", "pcap (modified)"},
    {"nokiapcap", "pcap (modified)"},    {"nsecpcap", "pcap", 1},          {"snoop", "snoop"},
    {"netmon1", "netmon 1", 1000000000}, {"netmon2", "netmon 2"},          {"ngwsniffer_1_1", "netxray"},
    {"ngwsniffer_2_0", "netxray"},
};

// Number, time and lengths; and the bytes, unless only what tshark prints is wanted.
Lines lines_of(const Read& read, std::int64_t resolution, bool bytes) {
  Lines lines;
  for (const CapturedPacket& packet : read.packets) {
    std::ostringstream line;
    const std::int64_t time = resolution > 1000000 ? 0 : packet.time.ns / resolution * resolution;
    line << packet.id.number << ' ' << time << ' ' << packet.wire_length << ' ' << packet.data.size();
    if (bytes) line << ' ' << packet.link_type << ' ' << as_text(packet.data);
    lines.push_back(line.str());
  }
  return lines;
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// `12.000000345` in nanoseconds.
std::int64_t nanoseconds(const std::string& seconds) {
  const auto point = seconds.find('.');
  return std::stoll(seconds.substr(0, point)) * 1000000000 + std::stoll(seconds.substr(point + 1));
}

class Converted : public testing::TestWithParam<Target> {
 protected:
  void SetUp() override {
    if (!real_captures::present() || !run("editcap -v > /dev/null")) GTEST_SKIP() << "needs captures and editcap";
  }
  std::string path(const char* name) const { return folder_.file(name); }
  // False when the format has no room for the capture's links.
  bool convert(const fs::path& capture) const {
    return run("editcap -F " + std::string(GetParam().format) + " '" + capture.string() + "' " + path("converted"));
  }
  const ScratchFolder folder_;
};

TEST_P(Converted, HoldsTheSamePackets) {
  int compared = 0;
  for (const char* folder : {"http1", "linktypes", "dns", "ip-fragments"}) {
    for (const auto& entry : fs::directory_iterator(real_captures::folder() / folder)) {
      const std::string plain_format = GetParam().resolution == 1 ? "nsecpcap" : "pcap";
      if (!run("editcap -F " + plain_format + " '" + entry.path().string() + "' " + path("plain"))) continue;
      if (!convert(path("plain"))) continue;
      const Read expected = read_path(path("plain")), read = read_path(path("converted"));
      EXPECT_EQ(read.format, GetParam().name) << entry.path();
      EXPECT_FALSE(read.cut) << entry.path();
      EXPECT_TRUE(lines_of(read, GetParam().resolution, true) == lines_of(expected, GetParam().resolution, true))
          << entry.path();
      compared += !read.packets.empty();
    }
  }
  EXPECT_GT(compared, 10);
}

TEST_P(Converted, AgreesWithTshark) {
  if (!run("tshark -v > /dev/null")) GTEST_SKIP() << "needs tshark";
  ASSERT_TRUE(convert(real_captures::folder() / "phone-app" / "netflix.pcap"));
  ASSERT_TRUE(run("tshark -n -r " + path("converted") +
                  " -T fields -e frame.number -e frame.time_epoch -e frame.len -e frame.cap_len > " + path("fields")));
  std::istringstream fields(text_of(path("fields")));
  Lines expected;
  for (std::string number, time, wire, captured; fields >> number >> time >> wire >> captured;) {
    std::int64_t at = nanoseconds(time);
    // Wireshark divides these ticks as floating-point numbers, which leaves some times a nanosecond short.
    if (GetParam().name == std::string("netxray")) at = (at + 1) / 1000 * 1000;
    expected.push_back(number + " " + std::to_string(at) + " " + wire + " " + captured);
  }
  EXPECT_GT(expected.size(), 100u);
  EXPECT_EQ(lines_of(read_path(path("converted")), 1, false), expected);
}

TEST_P(Converted, CutCopiesGiveWhatStandsBeforeTheCut) {
  ASSERT_TRUE(convert(real_captures::folder() / "http1" / "multipart-form-data.pcap"));
  const std::string whole = text_of(path("converted"));
  const Lines all = lines_of(read_path(path("converted")), 1, true);
  for (std::size_t size = 200; size < whole.size(); size += 97) {
    const Read read = read_bytes(std::string_view(whole).substr(0, size));
    const Lines lines = lines_of(read, 1, true);
    ASSERT_LE(lines.size(), all.size()) << size;
    EXPECT_TRUE(std::equal(lines.begin(), lines.end(), all.begin())) << size;
    EXPECT_TRUE(read.cut || lines == all || read.anomalies.entries().empty()) << size;
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, Converted, testing::ValuesIn(kTargets),
                         [](const auto& info) { return std::string(info.param.format); });

}  // namespace
}  // namespace tattle
