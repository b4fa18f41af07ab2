#include "assess/cause/occurrence_times.h"

#include <gtest/gtest.h>

#include "assess/assess_testing.h"
#include "assess/table/disclosure_table.h"

namespace tattle {
namespace {

constexpr Time at(std::int64_t seconds) { return {seconds * 1'000'000'000}; }
using Rows = std::vector<OccurrenceTimes::Row>;

TEST(OccurrenceTimes, OneMessageIsOneRowHoweverOftenItCarriesTheValue) {
  OccurrenceTimes times;
  EXPECT_TRUE(times.add(at(1), at(1), 7, true));
  EXPECT_FALSE(times.add(at(1), at(3), 7, true)) << "a further piece of the same message";
  EXPECT_TRUE(times.add(at(2), at(2), 7, true));
  EXPECT_TRUE(times.add(at(2), at(2), 8, true));
  EXPECT_EQ(times.rows(), (Rows{{at(1), at(3), 7, 2}, {at(2), at(2), 7, 1}, {at(2), at(2), 8, 1}}));
  EXPECT_EQ(times.listed(), 4u);
  EXPECT_FALSE(times.end());
}

TEST(OccurrenceTimes, RowsAreInOrderOfTimeThoughMessagesEndInAnother) {
  OccurrenceTimes times;
  times.add(at(5), at(5), 1, true);
  times.add(at(3), at(3), 2, true);
  times.add(at(5), at(5), 1, true);
  EXPECT_EQ(times.rows(), (Rows{{at(3), at(3), 2, 1}, {at(5), at(5), 1, 2}}));
}

TEST(OccurrenceTimes, AListWithoutRoomIsCompleteUpToItsEnd) {
  OccurrenceTimes times;
  times.add(at(1), at(1), 1, true);
  times.add(at(9), at(9), 1, true);
  EXPECT_FALSE(times.add(at(9), at(9), 1, false)) << "the message is listed already";
  EXPECT_FALSE(times.end());
  EXPECT_FALSE(times.add(at(6), at(6), 2, false));
  EXPECT_FALSE(times.add(at(8), at(8), 3, false));
  EXPECT_EQ(times.end(), at(6));
  EXPECT_EQ(times.rows(), (Rows{{at(1), at(1), 1, 1}})) << "of what follows the end, something is missing";
  EXPECT_EQ(times.listed(), 1u);
}

TEST(OccurrenceTimes, MergedListsEndWhereTheFirstOfThemEnds) {
  OccurrenceTimes whole, cut;
  whole.add(at(1), at(1), 1, true);
  whole.add(at(4), at(4), 1, true);
  cut.add(at(2), at(2), 2, true);
  cut.add(at(3), at(3), 2, false);
  whole.merge(cut);
  EXPECT_EQ(whole.rows(), (Rows{{at(1), at(1), 1, 1}, {at(2), at(2), 2, 1}}));
  EXPECT_EQ(whole.end(), at(3));

  OccurrenceTimes other;
  other.add(at(2), at(2), 2, true);
  cut.merge(other);
  EXPECT_EQ(cut.rows(), (Rows{{at(2), at(2), 2, 2}}));
}

// One disclosure a second and another every other second, met in turn; how many rows each keeps.
std::pair<std::size_t, std::size_t> kept_under(const Limits& limits, std::uint64_t& notes) {
  const Subject subject = assess_testing::subject();
  Anomalies anomalies;
  DisclosureTable table(limits, anomalies);
  Party party;
  party.host = "data.vendor.example";
  for (std::uint64_t second = 1; second <= 20; ++second) {
    for (std::int32_t entry = 0; entry < (second % 2 == 0 ? 2 : 1); ++entry) {
      table.add(assess_testing::request(second), assess_testing::hit(subject, entry), party, Travel::sent, {});
    }
  }
  notes = 0;
  for (const auto& [name, anomaly] : anomalies.entries()) {
    if (name == "assess.occurrence-times-full") notes += anomaly.count;
  }
  EXPECT_EQ(table.aggregates().at(0).count, 20u);
  return {table.aggregates().at(0).times.rows().size(), table.aggregates().at(1).times.rows().size()};
}

TEST(OccurrenceTimes, LimitsHoldForEachAndForAll) {
  Limits limits;
  std::uint64_t notes = 0;
  EXPECT_EQ(kept_under(limits, notes), (std::pair<std::size_t, std::size_t>{20, 10}));
  EXPECT_EQ(notes, 0u);
  limits.occurrence_times = 12;
  EXPECT_EQ(kept_under(limits, notes), (std::pair<std::size_t, std::size_t>{12, 10}));
  EXPECT_EQ(notes, 1u) << "once for each disclosure that lost some";
  limits.all_occurrence_times = 9;
  EXPECT_EQ(kept_under(limits, notes), (std::pair<std::size_t, std::size_t>{6, 3}));
  EXPECT_EQ(notes, 2u);
}

}  // namespace
}  // namespace tattle
