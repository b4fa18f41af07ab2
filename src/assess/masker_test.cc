#include "assess/masker.h"

#include <gtest/gtest.h>

namespace tattle {
namespace {

Subject subject() {
  Subject subject;
  const auto add = [&](const char* datum, const char* role, const char* text) {
    Entry& entry = subject.entries.emplace_back();
    entry.datum = datum;
    entry.name = std::string(datum) + "#1";
    entry.parts.push_back({role, text, 0, {}});
  };
  add("imei", "value", "356938035643809");
  add("email", "value", "aino.virtanen@example.com");
  add("phone-number", "value", "+358 40 123 4567");
  add("sms", "value", "N\xc3\xa4hd\xc3\xa4\xc3\xa4n kello kuusi");
  add("wifi-network", "ssid", "Koti");
  add("browsing", "url", "https://www.site.example/terveys/");
  add("custom", "value", "ab");
  add("birthday", "value", "1984-03-17");
  Entry& home = subject.entries.emplace_back();
  home.datum = "location";
  home.place = Entry::Place{60.16952, -24.93545, 250};
  return subject;
}

struct MaskCase {
  const char* name;
  const char* text;
  const char* hidden;  // must not be in the result
  const char* kept;    // must be
};

class Masking : public testing::TestWithParam<MaskCase> {};

TEST_P(Masking, HidesTheValueAndNothingElse) {
  const Masker masker({subject()}, Masker::Scope::everything);
  const std::string masked = masker.mask(GetParam().text);
  EXPECT_EQ(masked.find(GetParam().hidden), std::string::npos) << masked;
  EXPECT_NE(masked.find(GetParam().kept), std::string::npos) << masked;
}

INSTANTIATE_TEST_SUITE_P(
    Texts, Masking,
    testing::Values(
        MaskCase{"Key", "$.by['356938035643809'].x", "6938035643", "$.by['"},
        MaskCase{"Separated", "id=35-693803-564380-9;", "693803", "id="},
        MaskCase{"NationalJoined", "tel-040-123-4567.x", "123-4567", ".x"},
        MaskCase{"Date", "born 17.3.1984, she said", "17.3", "she said"},
        // printf 356938035643809 | base64, | xxd -p; the last of {"m":"aino.virtanen@example.com"}
        MaskCase{"Base64", "$.MzU2OTM4MDM1NjQzODA5.x", "OTM4MDM1", ".x"},
        MaskCase{"Hex", "$['333536393338303335363433383039'].x", "3933383033353634", "].x"},
        MaskCase{"Base64Inside", "/v1/eyJtIjoiYWluby52aXJ0YW5lbkBleGFtcGxlLmNvbSJ9/x", "aXJ0YW5lbkB", "/v1/"},
        // python3: base64.b32encode, percent twice, reversed
        MaskCase{"Base32", "host MFUW43ZOOZUXE5DBNZSW4QDFPBQW24DMMUXGG33N.loc.example", "DBNZSW4Q", "loc.example"},
        MaskCase{"Base32LowerCase", "mfuw43zoozuxe5dbnzsw4qdfpbqw24dmmuxgg33n.loc.example", "dbnzsw4q", "loc.example"},
        MaskCase{"PercentTwice", "A/aino%252Evirtanen%2540example%252Ecom B", "virtanen", "A/"},
        MaskCase{"Html", "to aino&#46;virtanen&#x40;example&#46;com now", "virtanen", " now"},
        MaskCase{"JsonEscape", R"(to aino\u002evirtanen\u0040example.com now)", "virtanen", " now"},
        MaskCase{"WordsBeforeTheDomain", "A/aino(dot)virtanen(at)example.com B", "virtanen", " B"},
        MaskCase{"Words", "to aino(dot)virtanen(at)example(dot)com now", "virtanen", " now"},
        MaskCase{"Backwards", "to moc.elpmaxe@nenatriv.onia now", "natriv", " now"},
        MaskCase{"UpperCase", "AINO.VIRTANEN@EXAMPLE.COM joined", "VIRTANEN", " joined"},
        MaskCase{"Detail", "to aino.virtanen+shop@example.com now", "virtanen", " now"},
        MaskCase{"DetailPercent", "/u/Aino.Virtanen%2Bshop%40example.com/x", "shop", "/u/"},
        MaskCase{"NoDetail", "/u/aino.virtanen/at/example.com", "xyz", "aino.virtanen/at/example.com"},
        MaskCase{"Percent", "/u/aino.virtanen%40example.com/x", "virtanen", "/u/"},
        MaskCase{"PercentInside", "/u/aino%2Evirtanen%40example.com/x", "irtanen", "/x"},
        MaskCase{"National", "tel 040 1234567!", "1234567", "tel 0"},
        MaskCase{"Umlauts", "re: N\xc3\x84HD\xc3\x84\xc3\x84N KELLO KUUSI", "KELLO", "re: "},
        MaskCase{"Coordinate", "pos/60.169521/x", "169", "pos/"},
        MaskCase{"CoordinateWest", "pos=-24.9354", "935", "pos=-"}, MaskCase{"Ssid", "wifi.Koti.rssi", "Koti", "wifi."},
        MaskCase{"Url", "ref=https%3A%2F%2Fwww.site.example%2Fterveys%2F", "terveys", "ref="},
        MaskCase{"TooShortToHide", "tab", "xyz", "tab"},
        MaskCase{"Nothing", "$.events[*].loc", "xyz", "$.events[*].loc"}),
    [](const auto& info) { return info.param.name; });

TEST(Masker, AHostIsNotHiddenForHavingBeenPlantedAsASite) {
  Subject one = subject();
  one.entries[5].parts[0].text = "www.site.example";
  EXPECT_EQ(Masker({one}, Masker::Scope::hosts).mask("www.site.example"), "www.site.example");
  EXPECT_NE(Masker({one}, Masker::Scope::everything).mask("www.site.example"), "www.site.example");
  EXPECT_EQ(Masker({one}, Masker::Scope::hosts).mask("356938035643809.id.example").find("69380356438"),
            std::string::npos);
}

TEST(Masker, HidesWhatElseTheMessageHeld) {
  const Masker masker({}, Masker::Scope::everything);
  EXPECT_EQ(masker.mask("$.deadbeefcafe.x", {"deadbeefcafe"}).find("beef"), std::string::npos);
  EXPECT_EQ(masker.mask("$.plain.x", {}), "$.plain.x");
}

TEST(Masker, TheEndsOfALongValueDoNotShowAShortOne) {
  const Masker masker({subject()}, Masker::Scope::everything);
  EXPECT_EQ(masker.mask_whole("koti is where the heart is, they say").find("koti"), std::string::npos);
}

TEST(Masker, SurvivesAnything) {
  const Masker masker({subject()}, Masker::Scope::everything);
  for (const char* text : {"", "%", "%4", "%zz", "\xc3", "\xff\xfe", "%35%36%39"}) masker.mask(text);
}

}  // namespace
}  // namespace tattle
