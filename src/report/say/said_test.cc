#include <gtest/gtest.h>

#include "report/say/messages.h"

namespace tattle {
namespace {

struct SaidCase {
  const char* name;
  const char* english;
  const char* finnish;  // null: stays English
};

class InFinnish : public testing::TestWithParam<SaidCase> {};
TEST_P(InFinnish, IsFoundByItsPattern) {
  const Messages::Said said = Messages::of("fi").said(GetParam().english);
  EXPECT_EQ(said.text, GetParam().finnish ? GetParam().finnish : GetParam().english);
  EXPECT_EQ(said.foreign, GetParam().finnish == nullptr);
  EXPECT_EQ(Messages::english().said(GetParam().english).text, GetParam().english);
  EXPECT_FALSE(Messages::english().said(GetParam().english).foreign);
}

INSTANTIATE_TEST_SUITE_P(
    Sentences, InFinnish,
    testing::Values(
        SaidCase{"Whole", "no sign of which software sent it", "lähettäneestä ohjelmistosta ei ole merkkiä"},
        SaidCase{"WithAValue", "the message names its software \"A {name}; B\", which nothing confirms",
                 "viesti ilmoittaa ohjelmistokseen ”A {name}; B”, mitä mikään ei vahvista"},
        SaidCase{"InAnother", "Maker owned Shop, the vendor of its system, on 2012-11-26",
                 "Maker omisti 2012-11-26 yrityksen Shop, joka oli sen käyttöjärjestelmän toimittaja"},
        SaidCase{"Joined",
                 "inferred: 192.0.2.1 is the client recorded in the import; the client recorded in the import",
                 "päätelty: 192.0.2.1 on tuotuun aineistoon kirjattu asiakas; tuotuun aineistoon kirjattu asiakas"},
        SaidCase{"SeveralSentences",
                 "3 of 4 uploads came within 10 s after push.example had sent a message that answers no request; 1.0 % "
                 "of the time lies so near behind such a message. The probability of so many by chance is 0.01, in 2 "
                 "tests. That may be chance.",
                 "3 (4 lähetyksestä) tuli enintään 10 s sen jälkeen, kun push.example oli lähettänyt viestin, joka ei "
                 "vastaa mihinkään pyyntöön; ajasta 1.0 % on näin pian tällaisen viestin jälkeen. Näin monen "
                 "todennäköisyys sattumalta on 0.01, kun testejä on 2. Se voi olla sattumaa."},
        // Only what it joins makes it known; that is not known here.
        SaidCase{"OnlyColons", "a.yaml:3: time: strange", nullptr},
        SaidCase{"Unheard", "a sentence of a later version", nullptr},
        SaidCase{"HalfKnown", "no sign of which software sent it; a later version", nullptr}),
    [](const auto& each) { return each.param.name; });

TEST(Said, TheScriptGetsTheEnglishSentencesOfOtherLanguagesOnly) {
  EXPECT_EQ(Messages::english().sentences(), "{}");
  EXPECT_NE(Messages::of("fi").sentences().find("\"said.sender.none\":\"no sign of which"), std::string::npos);
}

}  // namespace
}  // namespace tattle
