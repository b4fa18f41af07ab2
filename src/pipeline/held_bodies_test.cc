#include "pipeline/held_bodies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace tattle {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(HeldBodies, RelievesTheLargestWhenAllAreOverTheLimit) {
  HeldBodies bodies(800, 1);
  EXPECT_THAT(bodies.choose(), IsEmpty());
  bodies.add({{1, 300}, {2, 400}, {3, 100}});
  EXPECT_THAT(bodies.choose(), IsEmpty());  // 800 is not over it
  bodies.add({{4, 400}});
  EXPECT_THAT(bodies.choose(), ElementsAre(2, 4));  // down to 700; of equal ones the lower number
}

TEST(HeldBodies, KnowsNothingOfLaterBatches) {
  HeldBodies early(100, 3), late(100, 3);
  // The one is told at once, the other as late as can be.
  std::vector<std::vector<FlowId>> chosen[2];
  const auto told = [](std::uint64_t batch) { return std::vector<BodyLedger::Held>{{batch % 3 + 1, 60 + batch}}; };
  for (std::uint64_t batch = 0; batch < 20; ++batch) {
    chosen[0].push_back(early.choose());
    early.add(told(batch));
    if (batch >= 3) late.add(told(batch - 3));
    chosen[1].push_back(late.choose());
  }
  EXPECT_EQ(chosen[0], chosen[1]);
  EXPECT_THAT(chosen[0][3], IsEmpty());
  EXPECT_THAT(chosen[0][4], ElementsAre(2));  // batches 0 and 1 are known
}

TEST(HeldBodies, ARelievedFlowHoldsNothingUntilItsBatchTells) {
  HeldBodies bodies(100, 2);
  bodies.choose();                               // 0
  bodies.add({{1, 200}});                        // of batch 0
  bodies.choose();                               // 1
  bodies.add({{1, 250}});                        // of batch 1
  EXPECT_THAT(bodies.choose(), ElementsAre(1));  // 2
  bodies.add({{1, 120}});                        // of batch 2, before which it was relieved
  EXPECT_THAT(bodies.choose(), IsEmpty());       // 3 knows batch 1, which was before
  bodies.add({});
  EXPECT_THAT(bodies.choose(), ElementsAre(1));  // 4 knows batch 2
}

TEST(HeldBodies, ForgetsFlowsThatHoldNothingAnyMore) {
  HeldBodies bodies(100, 1);
  bodies.choose();
  bodies.add({{1, 90}});
  bodies.choose();
  bodies.add({{1, 0}, {2, 90}});
  EXPECT_THAT(bodies.choose(), IsEmpty());
}

TEST(HeldBodies, RefusesToGuess) {
  HeldBodies bodies(100, 2);
  bodies.choose();
  bodies.choose();
  EXPECT_THROW(bodies.choose(), std::logic_error);  // batch 0 has not told
}

}  // namespace
}  // namespace tattle
