// Network Monitor's files, a case a line: read by their table, and compressed in sequence.
#include <gtest/gtest.h>

#include "capture/test_captures.h"

namespace tattle {
namespace {

using namespace testing_captures;

// A frame's header of version 2.
std::string frame(std::uint64_t microseconds, std::string_view data, std::string_view trailer = "",
                  std::uint32_t wire = 0) {
  return Out{}.u64(microseconds).u32(wire ? wire : data.size()).u32(data.size()).text(data).text(trailer).bytes;
}
std::string frame_of_1(std::uint32_t milliseconds, std::string_view data) {
  return Out{}.u32(milliseconds).u16(data.size()).u16(data.size()).text(data).bytes;
}
std::string network(std::uint16_t type) { return Out{}.u16(type).bytes; }

// 1973-03-03T09:46:40.250Z is 100,000,000.25 s. Frames stand as given, and the table has `order`, by their places.
std::string file(std::uint8_t major, std::uint8_t minor, const std::vector<std::string>& frames,
                 std::vector<int> order = {}, std::uint16_t type = 1) {
  std::string body;
  std::vector<std::uint32_t> places;
  for (const std::string& each : frames) {
    places.push_back(static_cast<std::uint32_t>(128 + body.size()));
    body += each;
  }
  if (order.empty()) {
    for (std::size_t i = 0; i < frames.size(); ++i) order.push_back(static_cast<int>(i));
  }
  Out out;
  out.text(major == 1 ? "RTSS" : "GMBU").number(minor, 1).number(major, 1).u16(type);
  for (int field : {1973, 3, 6, 3, 9, 46, 40, 250}) out.u16(static_cast<std::uint64_t>(field));
  out.u32(128 + body.size()).u32(4 * order.size());
  out.text(std::string(128 - out.bytes.size(), '\0')).text(body);
  for (int at : order) out.u32(at < 0 ? 0xfffffff0u : places[static_cast<std::size_t>(at)]);
  return out.bytes;
}

// The same frame of 21 bytes again and again, until there are more bytes of frames than the file has: 229.
Lines overlapping() {
  Lines lines;
  for (int i = 1; i <= 11; ++i) lines.push_back(std::to_string(i) + " if0 link1 100000000250007000 5 hello");
  return lines;
}

struct NetmonCase {
  const char* name;
  std::string content;
  Lines events;
  bool cut = false;
  Lines anomalies = {"capture.zone-unknown"};
  const char* format = "netmon 2";
};

class Netmon : public testing::TestWithParam<NetmonCase> {};

TEST_P(Netmon, IsRead) {
  const Read read = read_bytes(GetParam().content);
  EXPECT_EQ(read.events, GetParam().events);
  EXPECT_EQ(read.cut, GetParam().cut);
  EXPECT_EQ(read.format, GetParam().format);
  Lines anomalies;
  for (const auto& [name, entry] : read.anomalies.entries()) anomalies.emplace_back(name);
  EXPECT_EQ(anomalies, GetParam().anomalies);
}

const std::string kA = frame(7, "hello"), kB = frame(1000000, "again", "", 1500);
const Lines kHello{"1 if0 link1 100000000250007000 5 hello"};
const Lines kTwo{kHello[0], "2 if0 link1 100000001250000000 1500 again"};
// 2012-11-05T18:03:21.1234567Z as a FILETIME, by Python's datetime: (t - 1601-01-01) in 100 ns.
const std::string kTrailer23 = network(1) + Out{}.u32(0).u64(129966122011234567).number(0, 1).bytes;
const std::string kWifiHeader = Out{}.number(2, 1).u16(8).text("radio").bytes;

INSTANTIATE_TEST_SUITE_P(
    Files, Netmon,
    testing::Values(
        NetmonCase{"Two", file(2, 0, {kA, kB}), kTwo},
        NetmonCase{"One",
                   file(1, 1, {frame_of_1(7, "hello")}),
                   {"1 if0 link1 100000000257000000 5 hello"},
                   false,
                   {"capture.zone-unknown"},
                   "netmon 1"},
        NetmonCase{"OrderOfTheTable", file(2, 0, {kB, kA}, {1, 0}), kTwo},
        NetmonCase{"Holes", file(2, 0, {kA, std::string(40, 'h'), kB}, {0, 2}), kTwo},
        NetmonCase{"BeforeTheStart",
                   file(2, 0, {frame(static_cast<std::uint64_t>(-250000), "hello")}),
                   {"1 if0 link1 100000000000000000 5 hello"}},
        NetmonCase{"RawIpOfTheFile", file(2, 0, {kA}, {}, 9), {"1 if0 link101 100000000250007000 5 hello"}},
        NetmonCase{"NetworkOfEachFrame",
                   file(2, 1,
                        {frame(7, "hello", network(1)), frame(7, "raw", network(8)), frame(7, "ring", network(2)),
                         frame(7, "odd", network(5)), frame(7, "cooked", network(0xe000 + 113)),
                         frame(7, kWifiHeader + "wifi", network(6)), frame(7, "wfp", network(0xe083))}),
                   {kHello[0], "2 if0 link101 100000000250007000 3 raw", "3 if0 link6 100000000250007000 4 ring",
                    "4 if0 link65535 100000000250007000 3 odd", "5 if0 link113 100000000250007000 6 cooked",
                    "6 if0 link105 100000000250007000 4 wifi", "7 if0 link65535 100000000250007000 3 wfp"}},
        NetmonCase{"NetmonsOwnFrames",
                   file(2, 2,
                        {frame(7, "filter", network(0xffff) + "pppp"), frame(7, "names", network(0xfffe) + "pppp"),
                         frame(7, "info", network(0xfffd) + "pppp"), frame(7, "fake", network(0xfffc) + "pppp"),
                         frame(7, "info", network(0xfffb) + "pppp"), frame(7, "event", network(0xffe0) + "pppp"),
                         frame(7, "hello", network(1) + "pppp")}),
                   {"4 if0 link1 100000000250007000 5 hello"}},
        NetmonCase{"TimeOfEachFrame",
                   file(2, 3, {frame(7, "hello", kTrailer23)}),
                   {"1 if0 link1 1352138601123456700 5 hello"},
                   false,
                   {}},
        NetmonCase{"NoTable", file(2, 0, {kA, kB}).substr(0, 24) + std::string(104, '\0') + kA + kB, kTwo},
        NetmonCase{"CutBeforeTheTable",
                   file(2, 0, {kA, kB}).substr(0, 128 + 21 + 18),
                   kHello,
                   true,
                   {"capture.cut", "capture.zone-unknown"}},
        NetmonCase{"PlaceBeyondTheFile",
                   file(2, 0, {kA, kB}, {0, -1, 1}),
                   {kHello[0], "3 if0 link1 100000001250000000 1500 again"},
                   false,
                   {"capture.damaged-length", "capture.zone-unknown"}},
        NetmonCase{"TheSameFrameOverAndOver",
                   file(2, 0, {kA}, std::vector<int>(20, 0)),
                   overlapping(),
                   true,
                   {"capture.cut", "capture.damaged-length", "capture.zone-unknown"}},
        NetmonCase{"Compressed", gzip(file(2, 0, {kA, kB})), kTwo, false, {"capture.zone-unknown"}, "netmon 2 (gzip)"},
        NetmonCase{"CompressedInAnotherOrder",
                   gzip(file(2, 0, {kA, kB}, {1, 0})),
                   kTwo,
                   false,
                   {"capture.frame-order", "capture.zone-unknown"},
                   "netmon 2 (gzip)"},
        NetmonCase{"CompressedWithAHole",
                   gzip(file(2, 0, {kA, std::string(40, '\xff'), kB, kB}, {0, 2, 3})),
                   {kTwo[0], kTwo[1], "3 if0 link1 100000001250000000 1500 again"},
                   false,
                   {"capture.damaged-length", "capture.zone-unknown"},
                   "netmon 2 (gzip)"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace tattle
