#include "evidence/seal/selftest.h"

#include <gtest/gtest.h>

namespace tattle {
namespace {

// tests/test_seal.py holds the comparison against tests/score.py; here only what is no audit.
TEST(Selftest, CountsAndNames) {
  constexpr const char* kTruth =
      R"({"disclosures":[{"datum":"imei","entry":"imei#1","form":"plain","direction":"sent","transport":"tls","host":"a.example","role":"destination","count":2}]})";
  constexpr const char* kFound =
      R"({"disclosures":[{"certainty":"verified","datum":"imei","entry":"imei#1","form":"plain","direction":"sent","transport":"tls","recipient":{"host":"a.example","role":"destination"},"count":2},
                         {"certainty":"inferred","recipient":{}}]})";
  const auto result = compare_with_truth(kFound, kTruth);
  ASSERT_TRUE(result);
  EXPECT_EQ(to_string(result->score), "1 right, 0 missed, 0 extra");
  EXPECT_TRUE(result->score.perfect());
  const auto none = compare_with_truth(R"({"disclosures":[]})", kTruth);
  ASSERT_TRUE(none);
  EXPECT_EQ(to_string(none->score), "0 right, 1 missed, 0 extra");
  ASSERT_EQ(none->faults.size(), 1u);
  EXPECT_EQ(none->faults[0], "missed: imei imei#1 plain sent tls a.example destination");
  EXPECT_FALSE((SelftestScore{}.perfect()));  // that nothing was looked for proves nothing
}

TEST(Selftest, WhatIsNoDocument) {
  EXPECT_EQ(compare_with_truth("", "{}").error().field, "selftest.document");
  EXPECT_EQ(compare_with_truth("{\"disclosures\":[7]}", "{}").error().field, "selftest.document");
  EXPECT_EQ(compare_with_truth("{\"disclosures\":[]}", "{}").error().field, "selftest.truth");
}

}  // namespace
}  // namespace tattle
