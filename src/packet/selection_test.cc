#include "packet/selection.h"

#include <gtest/gtest.h>

#include "base/result.h"
#include "packet/test_packets.h"

namespace tattle {
namespace {

using namespace testing_packets;

const double kNoon = 1352116800;  // 2012-11-05T12:00:00Z (date -d)
const std::string kTcp = ipv4("192.0.2.17", "198.51.100.1", 6, Tcp{.flags = "S"}.bytes()),
                  kUdp = ipv4("192.0.2.17", "198.51.100.1", 17, udp(40000, 53, "q"));

std::string error_of(const SelectionOptions& options) {
  try {
    PacketSelection selection(options);
    return "";
  } catch (const UserError& error) {
    return error.what();
  }
}

TEST(Selection, FiltersByTheExpressionForEachLink) {
  PacketSelection selection({"udp port 53", "", ""});
  EXPECT_TRUE(selection.selects(captured(1, 0, kUdp)));
  EXPECT_FALSE(selection.selects(captured(2, 0, kTcp)));
  EXPECT_TRUE(selection.selects(captured(3, 0, ethernet("020000000001", "020000000002", kUdp), 1)));
  EXPECT_FALSE(selection.selects(captured(4, 0, ethernet("020000000001", "020000000002", kTcp), 1)));
  EXPECT_FALSE(selection.selects(captured(5, 0, kUdp, 65535)));  // nobody knows how to read it
  EXPECT_FALSE(selection.selects(captured(6, 0, kUdp.substr(0, 21))));
}

TEST(Selection, AnExpressionThatIsWrongIsTheUsersMistake) {
  EXPECT_NE(error_of({"udp prot 53", "", ""}).find("--filter 'udp prot 53'"), std::string::npos);
  EXPECT_EQ(error_of({"udp prot 53", "", ""}).find('\n'), std::string::npos);
  EXPECT_EQ(error_of({"ether host 02:00:00:00:00:01", "", ""}), "");
  PacketSelection selection({"ether host 02:00:00:00:00:01", "", ""});
  EXPECT_TRUE(selection.selects(captured(1, 0, ethernet("020000000001", "020000000002", kUdp), 1)));
  EXPECT_THROW(selection.selects(captured(2, 0, kUdp)), UserError);
}

struct TimeCase {
  const char* since;
  const char* until;
  double seconds;  // after noon
  bool selected;
};

class SelectionTime : public testing::TestWithParam<TimeCase> {};

TEST_P(SelectionTime, BoundsAreFirstInFirstOut) {
  PacketSelection selection({"", GetParam().since, GetParam().until});
  EXPECT_EQ(selection.selects(captured(1, kNoon + GetParam().seconds, kUdp)), GetParam().selected);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, SelectionTime,
    testing::Values(TimeCase{"2012-11-05T12:00:00Z", "", 0, true}, TimeCase{"2012-11-05T12:00:00Z", "", -1, false},
                    TimeCase{"2012-11-05T12:00:00", "", 0, true}, TimeCase{"2012-11-05T14:00:00+02:00", "", 0, true},
                    TimeCase{"2012-11-05T14:00:01+02:00", "", 0, false},
                    TimeCase{"", "2012-11-05T12:00:00.5Z", 0.25, true},
                    TimeCase{"", "2012-11-05T12:00:00.5Z", 0.5, false}, TimeCase{"2012-11-05", "2012-11-06", 0, true},
                    TimeCase{"2012-11-06", "", 0, false}, TimeCase{"12:00", "12:01", 59, true},
                    TimeCase{"12:00", "12:01", 60, false}, TimeCase{"12:00:30", "", 29, false},
                    TimeCase{"12:00", "2012-11-05T12:01:00Z", 30, true}));

TEST(Selection, TimesThatAreNoneAreTheUsersMistake) {
  for (const char* wrong : {"noon", "2012-13-05", "2012-02-30T00:00:00Z", "25:00", "12:60", "2012-11-05T12:00:00Zx",
                            "2012-11-05T12:00:00.Z", "12", "1600-01-01", "2012-11-05T12"}) {
    EXPECT_NE(error_of({"", wrong, ""}).find("not a time"), std::string::npos) << wrong;
  }
  EXPECT_NE(error_of({"", "13:00", "12:00"}).find("no time lies between"), std::string::npos);
  EXPECT_NE(error_of({"", "2012-11-05", "2012-11-05"}).find("no time lies between"), std::string::npos);
}

TEST(Selection, ATimeOfDayWantsOneDay) {
  PacketSelection selection({"", "10:00", ""});
  EXPECT_TRUE(selection.selects(captured(1, kNoon, kUdp)));
  EXPECT_THROW(selection.selects(captured(2, kNoon + 86400, kUdp)), UserError);
}

}  // namespace
}  // namespace tattle
