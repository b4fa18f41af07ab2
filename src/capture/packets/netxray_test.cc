// NetXRay's and the Windows Sniffer's files, a case a line.
#include <gtest/gtest.h>

#include "base/result.h"
#include "capture/test_captures.h"

namespace tattle {
namespace {

using namespace testing_captures;

struct Head {
  const char* version = "002.001";
  std::uint64_t network = 0, captured_by = 0, unit = 0, frequency = 0, start_ticks = 0;
};

std::string file(const Head& head, const std::string& records, std::uint32_t begin = 128, std::uint32_t end = 0) {
  Out out;
  out.text(std::string_view("XCP\0", 4)).text(std::string_view(head.version, 8)).u32(kThen).u32(0).u32(0);
  out.u32(begin).u32(end ? end : begin + records.size()).u64(0).u32(0).u16(head.network).u16(0).u32(head.unit);
  out.u64(head.start_ticks).u32(0).u64(0).u32(0).u32(head.frequency).u32(0).u32(head.captured_by);
  out.text(std::string(begin - out.bytes.size(), '\0'));
  return out.bytes + records + "behind the end";
}
std::string record(std::uint64_t ticks, std::string_view data, std::uint32_t wire = 0, bool check = false,
                   int header = 40) {
  Out out;
  out.u64(ticks).u16(wire ? wire : data.size()).u16(data.size()).u16(0).u16(check ? 0xffff : 0);
  return out.text(std::string(static_cast<std::size_t>(header) - out.bytes.size(), '\0')).text(data).bytes;
}

struct NetxrayCase {
  const char* name;
  std::string content;
  Lines events;
  bool cut = false;
  Lines anomalies = {};
};

class Netxray : public testing::TestWithParam<NetxrayCase> {};

TEST_P(Netxray, IsRead) {
  const Read read = read_bytes(GetParam().content);
  EXPECT_EQ(read.events, GetParam().events);
  EXPECT_EQ(read.cut, GetParam().cut);
  EXPECT_EQ(read.format, "netxray");
  Lines anomalies;
  for (const auto& [name, entry] : read.anomalies.entries()) anomalies.emplace_back(name);
  EXPECT_EQ(anomalies, GetParam().anomalies);
}

const std::string kSound = record(7, "hello") + record(1000000, "again", 1500);
const Lines kTwo{"1 if0 link1 100000000000007000 5 hello", "2 if0 link1 100000001000000000 1500 again"};
std::string times(std::uint64_t ticks) { return record(ticks, "hello"); }

INSTANTIATE_TEST_SUITE_P(
    Files, Netxray,
    testing::Values(
        NetxrayCase{"Two", file({}, kSound), kTwo}, NetxrayCase{"FurtherBehind", file({}, kSound, 200), kTwo},
        NetxrayCase{"TicksOfTheStart", file({"002.000", 0, 0, 0, 0, 5}, times(12)), {kTwo[0]}},
        NetxrayCase{"BeforeTheStart",
                    file({"002.000", 0, 0, 0, 0, 500000}, times(0)),
                    {"1 if0 link1 99999999500000000 5 hello"}},
        NetxrayCase{"Milliseconds",
                    file({"001.000"}, record(7, "hello", 0, false, 28)),
                    {"1 if0 link1 100000000007000000 5 hello"}},
        NetxrayCase{"Microseconds", file({"001.100"}, record(7, "hello", 0, false, 28)), {kTwo[0]}},
        NetxrayCase{"TheHeadersFrequency",
                    file({"002.002", 0, 0, 2, 1000}, times(1500)),
                    {"1 if0 link1 100000001500000000 5 hello"}},
        NetxrayCase{"GigabitPodCountsFromZero",
                    file({"002.003", 0, 2, 2, 0, 77}, times(31250000 + 1)),
                    {"1 if0 link1 100000001000000032 5 hello"}},
        NetxrayCase{"CheckSequence", file({}, record(7, "helloFCS!", 0, true)), {kTwo[0]}},
        NetxrayCase{"Wifi", file({"002.001", 9}, times(7)), {"1 if0 link105 100000000000007000 5 hello"}},
        NetxrayCase{"Serial", file({"002.001", 3}, times(7)), {"1 if0 link65535 100000000000007000 5 hello"}},
        NetxrayCase{"Cut", file({}, kSound).substr(0, 128 + 45 + 44), {kTwo[0]}, true, {"capture.cut"}},
        NetxrayCase{"DamagedLength",
                    file({}, record(7, "hello") + record(8, "lost!", 3) + kSound),
                    {kTwo[0], "2 if0 link1 100000000000007000 5 hello", "3 if0 link1 100000001000000000 1500 again"},
                    false,
                    {"capture.damaged-length"}}),
    [](const auto& info) { return info.param.name; });

TEST(NetxrayFile, WhatCannotBeReadNamesTheNextStep) {
  for (const std::string& content :
       {file({"003.000"}, kSound), file({"002.004"}, kSound), file({"002.001", 0, 4}, kSound),
        file({"002.001", 0, 0, 3}, kSound), file({"002.001", 0, 0, 2, 0}, kSound), file({}, kSound, 300, 200)}) {
    try {
      read_bytes(content);
      ADD_FAILURE();
    } catch (const UserError& error) {
      EXPECT_NE(std::string(error.what()).find("`editcap -F pcapng IN OUT`"), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace tattle
