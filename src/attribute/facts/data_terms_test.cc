#include "attribute/facts/data_terms.h"

#include <gtest/gtest.h>

#include "detect/subject/datum.h"

namespace tattle {
namespace {

TEST(DataTerms, HaveAWordForEachDatumOfTheSubjectFile) {
  const auto terms = DataTerms::load(TATTLE_SOURCE_DIR "/data/dpv.yaml");
  for (const DatumRule& rule : all_data()) EXPECT_NE(terms->find(rule.word), nullptr) << rule.word;
  EXPECT_EQ(terms->all().size(), all_data().size());
  EXPECT_EQ(terms->find("nonsense"), nullptr);
}

// DPV 2.2, Personal Data extension.
TEST(DataTerms, AreTheVocabularysOwn) {
  const auto terms = DataTerms::load(TATTLE_SOURCE_DIR "/data/dpv.yaml");
  EXPECT_EQ(terms->version(), "2.2");
  EXPECT_EQ(terms->find("location")->iri, "https://w3id.org/dpv/pd#Location");
  EXPECT_EQ(terms->find("mac-address")->iri, "https://w3id.org/dpv/pd#MACAddress");
  EXPECT_EQ(terms->find("browsing")->iri, "https://w3id.org/dpv/pd#BrowserHistory");
  EXPECT_EQ(terms->find("custom")->iri, "");
  EXPECT_FALSE(terms->find("custom")->note.empty());
  EXPECT_TRUE(DataTerms::load("")->all().empty());
}

}  // namespace
}  // namespace tattle
