#include "assess/cause/prompting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace tattle {
namespace {

using testing::ElementsAre;

Time at(double seconds) { return {static_cast<std::int64_t>(seconds * 1e9)}; }
std::vector<Interval> whole(double seconds) { return {{at(0), at(seconds)}}; }

// Exact sums of binomial terms with Python's fractions and math.comb:
// float(sum(comb(n, i) * p**i * (1 - p)**(n - i) for i in range(k, n + 1))) with p = Fraction(10 * messages, span).
struct BinomialCase {
  std::uint64_t k, n, messages, span;
  double base_rate, p;
};

class Binomial : public testing::TestWithParam<BinomialCase> {};

TEST_P(Binomial, AsCountedExactly) {
  const BinomialCase& c = GetParam();
  std::vector<Time> messages, uploads;
  const double apart = static_cast<double>(c.span) / static_cast<double>(c.messages);
  for (std::uint64_t i = 0; i < c.messages; ++i) messages.push_back(at(static_cast<double>(i) * apart + 1));
  for (std::uint64_t i = 0; i < c.k; ++i) uploads.push_back(messages[i % c.messages]);
  for (std::uint64_t i = 0; i < c.k; ++i) uploads[i].ns += 2'000'000'000;
  // The others, each in the middle between two messages, away from every burst.
  for (std::uint64_t i = c.k; i < c.n; ++i) {
    uploads.push_back(at(static_cast<double>(i % c.messages) * apart + apart / 2 + 6));
    if (i >= c.messages) uploads.back().ns += 30'000'000'000;
  }
  std::sort(uploads.begin(), uploads.end());
  const Following found = follow_messages(messages, uploads, whole(static_cast<double>(c.span)));
  EXPECT_EQ(found.followed, c.k);
  EXPECT_EQ(found.of, c.n);
  EXPECT_NEAR(found.base_rate, c.base_rate, c.base_rate * 1e-12);
  EXPECT_NEAR(found.p, c.p, c.p * 1e-9);
  ASSERT_TRUE(found.latency);
  EXPECT_DOUBLE_EQ(found.latency->median, 2);
}

INSTANTIATE_TEST_SUITE_P(Exact, Binomial,
                         testing::Values(BinomialCase{12, 14, 12, 3600, 0.03333333333333333, 1.6085824516111228e-16},
                                         BinomialCase{3, 4, 10, 3600, 0.027777777777777776, 8.394775948788295e-05},
                                         BinomialCase{5, 5, 36, 3600, 0.1, 1e-05},
                                         BinomialCase{2, 2, 3, 3600, 0.008333333333333333, 6.944444444444444e-05},
                                         BinomialCase{3, 3, 60, 3600, 0.16666666666666666, 0.004629629629629629},
                                         BinomialCase{7, 40, 30, 7200, 0.041666666666666664, 0.0012087905599726014},
                                         BinomialCase{1, 1, 1, 3600, 0.002777777777777778, 0.002777777777777778}),
                         [](const auto& info) {
                           return std::to_string(info.param.k) + "of" + std::to_string(info.param.n) + "by" +
                                  std::to_string(info.param.messages);
                         });

// float(sum(Fraction(comb(K, i) * comb(N - K, n - i), comb(N, n)) for i in range(k, min(K, n) + 1)))
struct FisherCase {
  std::uint64_t k, n, control_followed, controls;
  double p;
};

class Fisher : public testing::TestWithParam<FisherCase> {};

TEST_P(Fisher, AsCountedExactly) {
  const FisherCase& c = GetParam();
  std::vector<Trigger> triggers;
  std::vector<Time> uploads;
  // Triggers first, a minute each, then the control minutes.
  for (std::uint64_t i = 0; i < c.n; ++i) {
    triggers.push_back({at(static_cast<double>(i) * 60), at(0)});
    if (i < c.k) uploads.push_back(at(static_cast<double>(i) * 60 + 7.5));
  }
  for (std::uint64_t i = 0; i < c.control_followed; ++i) {
    uploads.push_back(at(static_cast<double>(c.n + i) * 60 + 30));
  }
  const TriggerFollowing found = follow_triggers(triggers, uploads, whole(static_cast<double>(c.n + c.controls) * 60));
  EXPECT_EQ(found.following.followed, c.k);
  EXPECT_EQ(found.following.of, c.n);
  EXPECT_EQ(found.control_followed, c.control_followed);
  EXPECT_EQ(found.controls, c.controls);
  EXPECT_NEAR(found.following.p, c.p, c.p * 1e-9);
}

INSTANTIATE_TEST_SUITE_P(Exact, Fisher,
                         testing::Values(FisherCase{5, 5, 0, 115, 5.247194713279218e-09},
                                         FisherCase{3, 5, 20, 100, 0.0687780195671019}, FisherCase{4, 4, 50, 50, 1},
                                         FisherCase{3, 3, 2, 57, 0.0002922267679719462}, FisherCase{0, 4, 3, 50, 1}),
                         [](const auto& info) {
                           return std::to_string(info.param.k) + "of" + std::to_string(info.param.n) + "against" +
                                  std::to_string(info.param.control_followed);
                         });

TEST(Prompting, ABurstIsOneUpload) {
  EXPECT_THAT(first_of_bursts(std::vector<Time>{at(1), at(2), at(11), at(22), at(31), at(60)}),
              ElementsAre(at(1), at(22), at(60)));
  // A chain of any length is one: its uploads are not independent.
  std::vector<Time> chain;
  for (int i = 0; i < 100; ++i) chain.push_back(at(i * 9));
  EXPECT_EQ(first_of_bursts(chain).size(), 1u);
}

TEST(Prompting, OnlyObservedTimeCounts) {
  // Two stretches; an upload and a message outside are not looked at, and windows end with their stretch.
  const std::vector<Interval> observed{{at(1000), at(1100)}, {at(0), at(100)}};
  const std::vector<Time> messages{at(50), at(95), at(500), at(1050)};
  const std::vector<Time> uploads{at(52), at(96), at(105), at(505), at(1080)};
  const Following found = follow_messages(messages, uploads, observed);
  EXPECT_EQ(found.of, 3u);  // 105 belongs to the burst of 96
  EXPECT_EQ(found.followed, 2u);
  EXPECT_NEAR(found.base_rate, 25.0 / 200, 1e-9);
  EXPECT_DOUBLE_EQ(found.latency->min, 1);
  EXPECT_DOUBLE_EQ(found.latency->max, 2);
  EXPECT_DOUBLE_EQ(found.latency->median, 1.5);
}

TEST(Prompting, WhatComesAtTheSameInstantDoesNotFollow) {
  EXPECT_EQ(follow_messages(std::vector<Time>{at(50)}, std::vector<Time>{at(50)}, whole(100)).followed, 0u);
  EXPECT_EQ(follow_messages(std::vector<Time>{at(50)}, std::vector<Time>{at(60)}, whole(100)).followed, 1u);
  EXPECT_EQ(follow_messages(std::vector<Time>{at(50)}, std::vector<Time>{{at(60).ns + 1}}, whole(100)).followed, 0u);
}

TEST(Prompting, NothingObservedIsNoReasonToSayAnything) {
  EXPECT_EQ(follow_messages({}, {}, {}).p, 1);
  EXPECT_EQ(follow_messages(std::vector<Time>{at(1)}, std::vector<Time>{at(2)}, {}).of, 0u);
  EXPECT_FALSE(is_prompted(follow_messages({}, std::vector<Time>{at(1), at(20), at(50)}, whole(100)), 1));
  EXPECT_EQ(follow_triggers({}, std::vector<Time>{at(2)}, whole(1000)).following.p, 1);
}

// The far ends of the clock, which a capture may claim.
TEST(Prompting, AnyTimeIsTaken) {
  const Time first{std::numeric_limits<std::int64_t>::min()}, last{std::numeric_limits<std::int64_t>::max()};
  const std::vector<Time> times{first, at(0), last};
  const std::vector<Trigger> triggers{{first, at(5)}, {at(0), at(5)}, {last, at(5)}};
  EXPECT_FALSE(is_prompted(follow_messages(times, times, {{first, last}}), 1));
  EXPECT_LE(follow_triggers(triggers, times, {{first, last}}).controls, 100000u);
}

TEST(Prompting, TwoClocksThatTickAlikeAreNotACause) {
  // Keepalives and uploads, both every four minutes: one coincidence of phases, not thirty.
  std::vector<Time> messages, uploads;
  for (int i = 0; i < 30; ++i) {
    messages.push_back(at(i * 240 + 20));
    uploads.push_back(at(i * 240 + 23));
  }
  const Following found = follow_messages(messages, uploads, whole(7200));
  EXPECT_EQ(found.followed, 30u);
  EXPECT_LT(found.p, 1e-30);
  EXPECT_GT(found.other_clocks, 0.02);
  EXPECT_FALSE(is_prompted(found, 1));
}

TEST(Prompting, TriggersThatShareAnUploadHaveItOnce) {
  const std::vector<Trigger> triggers{{at(100), at(1)}, {at(120), at(1)}, {at(400), at(1)}};
  const TriggerFollowing found = follow_triggers(triggers, std::vector<Time>{at(125), at(399.5)}, whole(1000));
  EXPECT_EQ(found.following.of, 3u);
  EXPECT_EQ(found.following.followed, 2u);
  EXPECT_DOUBLE_EQ(found.following.latency->max, 5);
  EXPECT_DOUBLE_EQ(found.following.latency->min, -0.5);  // within the log's uncertainty
}

// The engine's words are the same everywhere; the library's distributions are not.
double uniform(std::mt19937_64& engine, double until) {
  return static_cast<double>(engine() >> 11) / 9007199254740992.0 * until;
}

std::vector<Time> scattered(std::mt19937_64& engine, std::size_t count, double span) {
  std::vector<Time> times;
  for (std::size_t i = 0; i < count; ++i) times.push_back(at(uniform(engine, span)));
  std::sort(times.begin(), times.end());
  return times;
}

// 2,000 runs at the level 0.001: two by chance were each run a fair draw; the further conditions leave fewer. More than
// seven have a probability under one in 800 at the level itself.
TEST(Prompting, IndependentRunsAreNotCalledPrompted) {
  std::mt19937_64 engine(20121126);
  int called = 0, under = 0;
  for (int run = 0; run < 2000; ++run) {
    const auto messages = scattered(engine, 5 + engine() % 60, 7200);
    const auto uploads = scattered(engine, 3 + engine() % 40, 7200);
    const Following found = follow_messages(messages, uploads, whole(7200));
    called += is_prompted(found, 1);
    under += found.p < 0.05;
  }
  EXPECT_LE(called, 7);
  // The probabilities themselves: of an honest test at most a twentieth is under 0.05 (three standard errors: 129).
  EXPECT_LE(under, 129);
  EXPECT_GE(under, 20);
}

TEST(Prompting, UploadsThatFollowAreFound) {
  std::mt19937_64 engine(7);
  int called = 0;
  for (int run = 0; run < 200; ++run) {
    const auto messages = scattered(engine, 12, 7200);
    std::vector<Time> uploads = scattered(engine, 3, 7200);
    for (const Time& message : messages) uploads.push_back({message.ns + at(0.5 + uniform(engine, 3)).ns});
    std::sort(uploads.begin(), uploads.end());
    called += is_prompted(follow_messages(messages, uploads, whole(7200)), 50);
  }
  EXPECT_GE(called, 198);
}

}  // namespace
}  // namespace tattle
