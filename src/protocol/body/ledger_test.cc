#include "protocol/body/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace tattle {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Holder : public BodyHolder {
 public:
  Holder(BodyLedger& ledger, FlowId flow) : BodyHolder(&ledger, flow) {}
  void hold(std::uint64_t bytes) {
    bytes_ = bytes;
    note_held(bytes);
  }
  std::uint64_t held_bytes() const override { return bytes_; }
  void relieve() override { bytes_ = left_; }
  std::uint64_t bytes_ = 0, left_ = 0;
};

TEST(BodyLedger, TellsWhatChanged) {
  BodyLedger ledger;
  Holder first(ledger, 1), second(ledger, 1);
  auto other = std::make_unique<Holder>(ledger, 2);
  first.hold(8191);
  EXPECT_THAT(ledger.changes(), IsEmpty());
  first.hold(10000);
  second.hold(20000);
  other->hold(9000);
  EXPECT_THAT(ledger.changes(), ElementsAre(BodyLedger::Held{1, 30000}, BodyLedger::Held{2, 9000}));
  EXPECT_THAT(ledger.changes(), IsEmpty());
  other.reset();
  second.bytes_ = 5;
  EXPECT_THAT(ledger.changes(), ElementsAre(BodyLedger::Held{2, 0}, BodyLedger::Held{1, 10000}));
}

TEST(BodyLedger, TellsWhatReliefLeft) {
  BodyLedger ledger;
  Holder holder(ledger, 1);
  holder.hold(10000);
  ledger.changes();
  EXPECT_TRUE(ledger.holds(1));
  EXPECT_FALSE(ledger.holds(2));
  holder.left_ = 10000;  // it could not
  ledger.relieve(1);
  EXPECT_THAT(ledger.changes(), ElementsAre(BodyLedger::Held{1, 10000}));
  holder.left_ = 0;
  ledger.relieve(1);
  EXPECT_THAT(ledger.changes(), ElementsAre(BodyLedger::Held{1, 0}));
}

}  // namespace
}  // namespace tattle
