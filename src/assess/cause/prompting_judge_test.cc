#include "assess/cause/prompting_judge.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tattle {
namespace {

using Kind = PromptingVerdict::Kind;

Time at(double seconds) { return {static_cast<std::int64_t>(seconds * 1e9)}; }

// Irregular minutes of two hours, far from each other.
const std::vector<double> kMoments{200, 530, 1110, 1390, 2050, 2470, 3190, 3530, 4210, 4870, 5390, 6110, 6770};

class JudgeTest : public testing::Test {
 protected:
  ServerTalk talk(const std::vector<double>& seconds) {
    ServerTalk made;
    made.party.host = "push.vendor.example";
    for (double second : seconds) made.messages.push_back(at(second));
    made.observed = {{at(0), at(7200)}};
    return made;
  }
  UploadSeries series(std::vector<double> seconds) {
    std::sort(seconds.begin(), seconds.end());
    UploadSeries made;
    for (double second : seconds) made.times.push_back(at(second));
    made.observed = {{at(0), at(7200)}};
    return made;
  }
  std::vector<double> later(const std::vector<double>& seconds, double by) {
    std::vector<double> moved;
    for (double second : seconds) moved.push_back(second + by);
    return moved;
  }
  PromptingVerdict judge(const UploadSeries& uploads, const std::vector<ServerTalk>& talks,
                         const TriggerLog& log = {}) {
    return judge_prompting({uploads}, talks, log).at(0);
  }
  std::vector<double> first(std::size_t count) {
    return {kMoments.begin(), kMoments.begin() + static_cast<long>(count)};
  }
  std::vector<double> rest(std::size_t from) { return {kMoments.begin() + static_cast<long>(from), kMoments.end()}; }
};

TEST_F(JudgeTest, NobodySpoke) {
  EXPECT_EQ(judge(series(kMoments), {}).kind, Kind::none_seen);
  ServerTalk other = talk(kMoments);
  other.subject = 1;
  EXPECT_EQ(judge(series(later(kMoments, 1)), {other}).kind, Kind::none_seen);
}

TEST_F(JudgeTest, AServersMessagesWithoutALog) {
  const PromptingVerdict verdict = judge(series(later(kMoments, 1.5)), {talk({90, 95}), talk(kMoments)});
  EXPECT_EQ(verdict.kind, Kind::server_message);
  EXPECT_EQ(verdict.talk, 1);
  EXPECT_EQ(verdict.following.followed, 13u);
  EXPECT_EQ(verdict.tests, 2u);
}

// A trigger outside of the log's time would not stand in it.
TEST_F(JudgeTest, OnlyWhileTheLogWasKeptIsAnythingUnexplained) {
  const auto judged = [&](double from, std::optional<Time> until) {
    return judge(series(later(kMoments, 1.5)), {talk(kMoments)}, {true, {}, LogCover{at(from), until}});
  };
  EXPECT_EQ(judged(0, std::nullopt).kind, Kind::unexplained);
  const PromptingVerdict half = judged(3000, at(6500));
  EXPECT_EQ(half.kind, Kind::unexplained);
  EXPECT_EQ(half.following.of, 6u) << "3190, 3530, 4210, 4870, 5390 and 6110";
  const PromptingVerdict little = judged(3000, at(3600));
  EXPECT_EQ(little.kind, Kind::server_message);
  EXPECT_EQ(little.following.followed, 13u);
}

TEST_F(JudgeTest, WhatALogDoesNotExplainIsUnexplained) {
  EXPECT_EQ(judge(series(later(kMoments, 1.5)), {talk(kMoments)}, {true, {}}).kind, Kind::unexplained);
  // Nor do triggers at other times.
  const TriggerLog elsewhere{true, {{at(700), at(1)}, {at(1700), at(1)}, {at(2900), at(1)}}};
  const PromptingVerdict verdict = judge(series(later(kMoments, 1.5)), {talk(kMoments)}, elsewhere);
  EXPECT_EQ(verdict.kind, Kind::unexplained);
  EXPECT_EQ(verdict.following.followed, 13u);
}

TEST_F(JudgeTest, Triggers) {
  TriggerLog log{true, {}};
  for (double second : first(8)) log.triggers.push_back({at(second), at(1)});
  const PromptingVerdict verdict = judge(series(later(first(8), 6)), {talk(later(first(8), 2))}, log);
  EXPECT_EQ(verdict.kind, Kind::trigger);
  EXPECT_EQ(verdict.following.followed, 8u);
  EXPECT_EQ(verdict.following.of, 8u);
  EXPECT_DOUBLE_EQ(verdict.following.latency->median, 6);
  EXPECT_EQ(verdict.pushed, 8u);
  EXPECT_DOUBLE_EQ(verdict.push->median, 2);
  EXPECT_EQ(verdict.unexplained, 0u);
  EXPECT_GT(verdict.controls, 90u);
  EXPECT_EQ(verdict.control_followed, 0u);
}

TEST_F(JudgeTest, TriggersAndWhatTheyDoNotExplain) {
  TriggerLog log{true, {}};
  for (double second : first(8)) log.triggers.push_back({at(second), at(1)});
  std::vector<double> uploads = later(first(8), 6), pushes = later(first(8), 2);
  for (double second : rest(8)) {
    pushes.push_back(second + 2);
    uploads.push_back(second + 4);
  }
  const PromptingVerdict verdict = judge(series(uploads), {talk(pushes)}, log);
  EXPECT_EQ(verdict.kind, Kind::trigger);
  EXPECT_EQ(verdict.unexplained, 5u);
}

TEST_F(JudgeTest, TriggersThatNothingFollows) {
  TriggerLog log{true, {}};
  for (double second : kMoments) log.triggers.push_back({at(second), at(1)});
  EXPECT_EQ(judge(series(later(kMoments, 150)), {talk(later(kMoments, 2))}, log).kind, Kind::not_shown);
}

TEST_F(JudgeTest, TooFewToSay) {
  const PromptingVerdict verdict = judge(series({201, 532}), {talk(kMoments)});
  EXPECT_EQ(verdict.kind, Kind::not_shown);
  EXPECT_EQ(verdict.talk, -1);
}

TEST_F(JudgeTest, TheSameRhythmIsSaid) {
  std::vector<double> ticks;
  for (int i = 0; i < 29; ++i) ticks.push_back(i * 240 + 40);
  const PromptingVerdict verdict = judge(series(later(ticks, 2)), {talk(ticks)});
  EXPECT_EQ(verdict.kind, Kind::not_shown);
  EXPECT_TRUE(verdict.same_rhythm);
}

TEST_F(JudgeTest, MoreTestsAskForMore) {
  // Four of four at a base rate of 6 %: under the level alone (1.3e-5), not among a hundred tests.
  std::vector<double> messages;
  for (int i = 0; i < 43; ++i) messages.push_back(i * 165 + (i * i) % 90);
  const std::vector<double> uploads{messages[3] + 2, messages[11] + 5, messages[24] + 1, messages[37] + 8};
  EXPECT_EQ(judge(series(uploads), {talk(messages)}).kind, Kind::server_message);
  std::vector<UploadSeries> many(100, series(uploads));
  EXPECT_EQ(judge_prompting(many, {talk(messages)}, {})[0].kind, Kind::not_shown);
}

TEST_F(JudgeTest, OnlyTheTimeThatIsComplete) {
  UploadSeries cut = series(later(kMoments, 1.5));
  cut.observed = {{at(0), at(1000)}};
  EXPECT_EQ(judge(cut, {talk(kMoments)}).kind, Kind::not_shown);
}

}  // namespace
}  // namespace tattle
