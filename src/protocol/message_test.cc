#include "protocol/message.h"

#include <gtest/gtest.h>

namespace tattle {
namespace {

TEST(PieceMap, NamesThePacketsOfARange) {
  PieceMap map;
  const PacketRun one{0, 1, 1}, two{0, 2, 2}, five{0, 5, 5}, six{0, 6, 6};
  map.add(10, PacketRunsView(&one, 1));
  map.add(10, PacketRunsView(&two, 1));
  const PacketRun both[] = {five, six};
  map.add(10, both);
  EXPECT_EQ(map.size(), 30u);
  auto runs = [&](std::size_t begin, std::size_t end) {
    PacketRuns out;
    map.packets(begin, end, out);
    return out;
  };
  EXPECT_EQ(runs(0, 10), (PacketRuns{{0, 1, 1}}));
  EXPECT_EQ(runs(9, 11), (PacketRuns{{0, 1, 2}}));
  EXPECT_EQ(runs(15, 16), (PacketRuns{{0, 2, 2}}));
  EXPECT_EQ(runs(20, 30), (PacketRuns{{0, 5, 6}}));
  EXPECT_EQ(runs(29, 30), (PacketRuns{{0, 5, 6}}));
  map.drop_front(15);
  EXPECT_EQ(runs(0, 5), (PacketRuns{{0, 2, 2}}));
  EXPECT_EQ(runs(5, 15), (PacketRuns{{0, 5, 6}}));
}

}  // namespace
}  // namespace tattle
