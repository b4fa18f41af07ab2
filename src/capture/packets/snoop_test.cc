// snoop files, a case a line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result.h"
#include "capture/test_captures.h"

namespace tattle {
namespace {

using namespace testing_captures;

// RFC 1761: everything big-endian.
std::string header(std::uint32_t data_link = 4, std::uint32_t version = 2) {
  return Out{true}.text(std::string_view("snoop\0\0\0", 8)).u32(version).u32(data_link).bytes;
}
std::string record(std::uint32_t microseconds, std::string_view data, std::uint32_t padding = 3,
                   std::uint32_t wire = 0) {
  return Out{true}
      .u32(wire ? wire : data.size())
      .u32(data.size())
      .u32(24 + data.size() + padding)
      .u32(0)
      .u32(kThen)
      .u32(microseconds)
      .text(data)
      .text(std::string(padding, 'p'))
      .bytes;
}

struct SnoopCase {
  const char* name;
  std::string content;
  Lines events;
  bool cut = false;
  Lines anomalies = {};
};

class Snoop : public testing::TestWithParam<SnoopCase> {};

TEST_P(Snoop, IsRead) {
  const Read read = read_bytes(GetParam().content);
  EXPECT_EQ(read.events, GetParam().events);
  EXPECT_EQ(read.cut, GetParam().cut);
  EXPECT_EQ(read.format, "snoop");
  Lines anomalies;
  for (const auto& [name, entry] : read.anomalies.entries()) anomalies.emplace_back(name);
  EXPECT_EQ(anomalies, GetParam().anomalies);
}

const std::string kLongRecord =
    Out{true}.u32(5).u32(0xfffffff0).u32(32).u32(0).u32(kThen).u32(7).text("lost!ppp").bytes;
const std::string kShortRecord = Out{true}.u32(5).u32(5).u32(20).u32(0).u32(kThen).u32(7).text("lost!ppp").bytes;
const Lines kAfterDamage{kMicro[0], "2 if0 link1 100000000000008000 5 after", "3 if0 link1 100000000000009000 5 again"};
const std::string kSound = record(8, "after") + record(9, "again");
const std::string kSurveyorHeader{
    "\0\0\0\x0a"
    "1234567890",
    14};

INSTANTIATE_TEST_SUITE_P(
    Files, Snoop,
    testing::Values(
        SnoopCase{"Ethernet", header() + record(7, "hello"), kMicro},
        SnoopCase{"Ieee8023", header(0) + record(7, "hello"), kMicro}, SnoopCase{"NoPacket", header(), {}},
        SnoopCase{"Loopback", header(14) + record(7, "hello"), {"1 if0 link0 100000000000007000 5 hello"}},
        SnoopCase{"Cut", header() + record(7, "hello", 3, 1500), {"1 if0 link1 100000000000007000 1500 hello"}},
        SnoopCase{"UnknownLink", header(13) + record(7, "hello"), {"1 if0 link65535 100000000000007000 5 hello"}},
        SnoopCase{"PaddingOfTheLastLeftOut",
                  header() + record(7, "hello") + record(8, "after").substr(0, 29),
                  {kMicro[0], kAfterDamage[1]}},
        SnoopCase{"SurveyorGigabit", header(12, 5) + record(7, "hello", 16), kMicro},
        SnoopCase{"SurveyorWireless",
                  header(18, 4) + record(7, kSurveyorHeader + "hello", 16),
                  {"1 if0 link105 100000000000007000 5 hello"}},
        SnoopCase{"AtmIsNotWireless", header(18) + record(7, "hello"), {"1 if0 link123 100000000000007000 5 hello"}},
        SnoopCase{"CutInHeader", header() + record(7, "hello") + std::string(9, 'x'), kMicro, true, {"capture.cut"}},
        SnoopCase{"CutInPacket",
                  header() + record(7, "hello") + record(8, "after").substr(0, 28),
                  kMicro,
                  true,
                  {"capture.cut"}},
        SnoopCase{"DamagedCapturedLength",
                  header() + record(7, "hello") + kLongRecord + kSound,
                  kAfterDamage,
                  false,
                  {"capture.damaged-length"}},
        SnoopCase{"DamagedRecordLength",
                  header() + record(7, "hello") + kShortRecord + kSound,
                  kAfterDamage,
                  false,
                  {"capture.damaged-length"}},
        SnoopCase{"DamagedToTheEnd",
                  header() + record(7, "hello") + kLongRecord,
                  kMicro,
                  true,
                  {"capture.cut", "capture.damaged-length"}}),
    [](const auto& info) { return info.param.name; });

TEST(Snoop, MistakesAreOneClearLine) {
  const auto refusal = [](const std::string& content) -> std::string {
    try {
      read_bytes(content);
    } catch (const UserError& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(refusal(header(4, 9)), testing::HasSubstr("snoop capture of version 9; convert it with `editcap"));
  EXPECT_THAT(refusal(header().substr(0, 12)), testing::HasSubstr("ends within its file header"));
}

}  // namespace
}  // namespace tattle
