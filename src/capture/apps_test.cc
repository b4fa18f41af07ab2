// The apps that PCAPdroid names in a pcapng file: a custom block for each, and a comment at each packet.
#include <gtest/gtest.h>

#include "capture/test_captures.h"

namespace tattle {
namespace {

using namespace testing_captures;

std::string app_block(bool big, std::uint32_t uid, const std::string& package, const std::string& name,
                      std::uint32_t number = 62652, std::uint16_t version = 1, char type = 1) {
  return block(
      big, 0xbad,
      Out{big}.u32(number).u16(version).padded(std::string{type, 0}).bytes.substr(0, 8) +
          Out{big}
              .u32(uid)
              .padded(std::string{static_cast<char>(package.size()), static_cast<char>(name.size())} + package + name)
              .bytes);
}

std::string file_of(bool big, const std::string& apps, const std::string& comment) {
  return section(big) + interface(big, 101) + apps + enhanced(big, 0, 7, "hello", 0, option(big, 1, comment));
}

std::string app_of(const std::string& file) {
  const Read read = read_bytes(file);
  EXPECT_EQ(read.packets.size(), 1u);
  if (read.packets.empty() || !read.packets[0].app) return "";
  const AppInfo& app = *read.packets[0].app;
  return std::to_string(app.uid) + " " + app.name + " " + app.package;
}

TEST(PcapngApps, ANamedUserIdIsAnApp) {
  for (bool big : {false, true}) {
    const std::string named = app_block(big, 10123, "com.example.weather", "Weather");
    EXPECT_EQ(app_of(file_of(big, named, "u-10123")), "10123 Weather com.example.weather");
    EXPECT_EQ(app_of(file_of(big, app_block(big, 10123, "com.example.weather", ""), "u-10123")),
              "10123 com.example.weather com.example.weather");
    EXPECT_EQ(app_of(file_of(big, named, "u-10124")), "");
    EXPECT_EQ(app_of(file_of(big, named, "u-10123 and more")), "");
    EXPECT_EQ(app_of(file_of(big, named, "someone's own words")), "");
    EXPECT_EQ(app_of(file_of(big, "", "u-10123")), "");
    EXPECT_EQ(app_of(file_of(big, app_block(big, 10123, "p", "n", 62653), "u-10123")), "");
    EXPECT_EQ(app_of(file_of(big, app_block(big, 10123, "p", "n", 62652, 2), "u-10123")), "");
    EXPECT_EQ(app_of(file_of(big, app_block(big, 10123, "p", "n", 62652, 1, 2), "u-10123")), "");
  }
}

TEST(PcapngApps, ABlockThatIsCutIsAnAnomaly) {
  std::string lengths = app_block(false, 10123, "p", "n");
  lengths[8 + 13] = '\x40';
  const Read read = read_bytes(file_of(false, lengths, "u-10123"));
  EXPECT_EQ(read.anomalies.count("capture.malformed-block"), 1u);
  ASSERT_EQ(read.packets.size(), 1u);
  EXPECT_EQ(read.packets[0].app, nullptr);
}

}  // namespace
}  // namespace tattle
