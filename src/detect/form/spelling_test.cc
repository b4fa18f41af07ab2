#include "detect/form/spelling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "detect/detect_testing.h"
#include "detect/mask.h"
#include "detect/search/scanner.h"

namespace tattle {
namespace {

using testing::Contains;
using testing::Not;
using testing_detect::met;

struct SpellingCase {
  const char* name;
  const char* datum;  // a YAML element
  const char* body;
  bool found;
};
void PrintTo(const SpellingCase& c, std::ostream* out) { *out << c.body; }

class Spellings : public testing::TestWithParam<SpellingCase> {};

TEST_P(Spellings, AreMetOnceOrNot) {
  EXPECT_EQ(met({GetParam().datum}, GetParam().body).size(), GetParam().found ? 1u : 0u);
}

constexpr const char* kPhone = "{datum: phone-number, value: \"+358 40 123 4567\"}";
constexpr const char* kUsPhone = "{datum: phone-number, value: \"+12025550123\"}";
constexpr const char* kImei = "{datum: imei, value: \"356938035643809\"}";
constexpr const char* kMac = "{datum: mac-address, value: \"00:1A:2B:3C:4D:5E\"}";
constexpr const char* kUuid = "{datum: advertising-id, value: 8b1c2d3e-4f50-4a61-b273-8495a6b7c8d9}";
constexpr const char* kEmail = "{datum: email, value: aino.virtanen@example.com}";
constexpr const char* kSms = "{datum: sms, value: \"Nähdään kello kuusi Kampissa\"}";
constexpr const char* kSerial = "{datum: serial-number, value: RF8M20ABCDE}";
constexpr const char* kUrl = "{datum: browsing, url: \"https://www.example.fi/terveys/\"}";
constexpr const char* kCyrillic = "{datum: sms, value: \"Встретимся в шесть у пирса\"}";

#define CASE_NAME [](const auto& info) { return std::string(info.param.name); }

INSTANTIATE_TEST_SUITE_P(Phone, Spellings,
                         testing::Values(SpellingCase{"E164", kPhone, "a +358401234567 b", true},
                                         SpellingCase{"NoPlus", kPhone, "a 358401234567 b", true},
                                         SpellingCase{"Zeros", kPhone, "a 00358401234567 b", true},
                                         SpellingCase{"National", kPhone, "a 0401234567 b", true},
                                         SpellingCase{"NationalSpaced", kPhone, "a 040 1234567 b", true},
                                         SpellingCase{"AsPlanted", kPhone, "a +358 40 123 4567 b", true},
                                         SpellingCase{"Hyphens", kPhone, "a +358-40-123-4567 b", true},
                                         SpellingCase{"Rfc3966", kPhone, "tel:+358-40-1234567;x", true},
                                         SpellingCase{"PlantedGroups", kPhone, "a 040-123 4567 b", true},
                                         SpellingCase{"Slash", kPhone, "a 040/1234567 b", true},
                                         SpellingCase{"TrunkInBrackets", kPhone, "a +358 (0)40 123 4567 b", true},
                                         SpellingCase{"GroupsOneOff", kPhone, "a 040-123 4568 b", false},
                                         SpellingCase{"Longer", kPhone, "a 3584012345678 b", false},
                                         SpellingCase{"LongerBefore", kPhone, "a 10401234567 b", false},
                                         SpellingCase{"Fraction", kPhone, "a 0.0401234567 b", false},
                                         SpellingCase{"OneOff", kPhone, "a +358401234568 b", false},
                                         SpellingCase{"UsBrackets", kUsPhone, "a (202) 555-0123 b", true},
                                         SpellingCase{"UsDots", kUsPhone, "a 202.555.0123 b", true},
                                         SpellingCase{"UsPlus", kUsPhone, "a +1 202-555-0123 b", true}),
                         CASE_NAME);

INSTANTIATE_TEST_SUITE_P(
    Numbers, Spellings,
    testing::Values(SpellingCase{"Imei", kImei, "x=356938035643809", true},
                    SpellingCase{"ImeiHyphens", kImei, "x=35-693803-564380-9", true},
                    SpellingCase{"ImeiSpaces", kImei, "x=35 693803 564380 9", true},
                    SpellingCase{"ImeiNoCheck", kImei, "x=35693803564380", true},
                    SpellingCase{"ImeiSpare", kImei, "x=356938035643800", true},
                    SpellingCase{"ImeiSv", kImei, "x=3569380356438023", true},
                    SpellingCase{"ImeiOtherCheck", kImei, "x=356938035643805", false},
                    SpellingCase{"ImeiInLonger", kImei, "x=35693803564380912", false},
                    SpellingCase{"ImeiAfterDigit", kImei, "x=1356938035643809", false},
                    SpellingCase{"Iccid", "{datum: iccid, value: \"8988201866479478819\"}", "\"8988201866479478819\"",
                                 true},
                    SpellingCase{"Imsi", "{datum: imsi, value: \"244120123456789\"}", "i=244120123456789&", true},
                    SpellingCase{"Birthday", "{datum: birthday, value: 1985-03-14}", "born 14.3.1985.", true}),
    CASE_NAME);

INSTANTIATE_TEST_SUITE_P(
    Hex, Spellings,
    testing::Values(SpellingCase{"MacColons", kMac, "\"00:1a:2b:3c:4d:5e\"", true},
                    SpellingCase{"MacHyphens", kMac, "\"00-1A-2B-3C-4D-5E\"", true},
                    SpellingCase{"MacBare", kMac, "\"001a2B3c4d5E\"", true},
                    SpellingCase{"MacDots", kMac, "\"001a.2b3c.4d5e\"", true},
                    SpellingCase{"MacNoZeros", kMac, "\"0:1a:2b:3c:4d:5e\"", true},
                    SpellingCase{"MacInLonger", kMac, "\"001a2b3c4d5e77\"", false},
                    SpellingCase{"Uuid", kUuid, "id=8B1C2D3E-4F50-4A61-B273-8495A6B7C8D9", true},
                    SpellingCase{"UuidBraces", kUuid, "id={8b1c2d3e-4f50-4a61-b273-8495a6b7c8d9}", true},
                    SpellingCase{"UuidBare", kUuid, "id=8b1c2d3e4f504a61b2738495a6b7c8d9", true},
                    SpellingCase{"UuidOther", kUuid, "id=8b1c2d3e-4f50-4a61-b273-8495a6b7c8da", false}),
    CASE_NAME);

INSTANTIATE_TEST_SUITE_P(
    Text, Spellings,
    testing::Values(
        SpellingCase{"Email", kEmail, "m=Aino.Virtanen@Example.com", true},
        SpellingCase{"EmailAngle", kEmail, "<aino.virtanen@example.com>", true},
        SpellingCase{"EmailSentence", kEmail, "write aino.virtanen@example.com.", true},
        SpellingCase{"EmailDetail", kEmail, "m=Aino.Virtanen%2Bshop@Example.com", true},
        SpellingCase{"EmailDetails", kEmail, "<aino.virtanen+a.b+c-1_d@example.com>", true},
        SpellingCase{"EmailDetailEmpty", kEmail, "m:aino.virtanen+@example.com", false},
        SpellingCase{"EmailDetailLonger", kEmail, "m:aino.virtanen+shop@example.com.fi", false},
        SpellingCase{"EmailDetailOther", kEmail, "m:kaino.virtanen+shop@example.com", false},
        SpellingCase{"EmailDetailElsewhere", kEmail, "m:aino.virtanen+shop@example.org", false},
        SpellingCase{"EmailDetailTwo", kEmail, "?a=aino.virtanen+x&b=k@example.com", false},
        SpellingCase{
            "EmailDetailTooLong", kEmail,
            "m:aino.virtanen+0123456789012345678901234567890123456789012345678901234567890123456789@example.com",
            false},
        SpellingCase{"EmailDots", kEmail, "m:ainovirtanen@example.com", false},
        SpellingCase{"EmailLonger", kEmail, "m:aino.virtanen@example.com.fi", false},
        SpellingCase{"EmailOther", kEmail, "m:kaino.virtanen@example.com", false},
        SpellingCase{"Sms", kSms, "t: nähdään KELLO kuusi Kampissa!", true},
        SpellingCase{"SmsUpper", kSms, "t: NÄHDÄÄN KELLO KUUSI KAMPISSA", true},
        SpellingCase{"SmsDecomposed", kSms, "t: Na\u0308hda\u0308a\u0308n kello kuusi Kampissa", true},
        SpellingCase{"SmsOther", kSms, "t: Nähdään kello viisi Kampissa", false},
        SpellingCase{"Serial", kSerial, "sn=rf8m20abcde;", true},
        SpellingCase{"SerialLonger", kSerial, "sn=RF8M20ABCDEF", false},
        SpellingCase{"SerialAccent", kSerial, "sn=äRF8M20ABCDE", false}),
    CASE_NAME);

INSTANTIATE_TEST_SUITE_P(Url, Spellings,
                         testing::Values(SpellingCase{"Whole", kUrl, "u https://www.example.fi/terveys/ x", true},
                                         SpellingCase{"NoSlash", kUrl, "u http://www.example.fi/terveys x", true},
                                         SpellingCase{"Query", kUrl, "u //www.example.fi/terveys/?a=1", true},
                                         SpellingCase{"HostOnly", kUrl, "Host: www.example.fi", true},
                                         SpellingCase{"HostLonger", kUrl, "Host: awww.example.fi", false},
                                         SpellingCase{"HostSub", kUrl, "Host: a.www.example.fi", false},
                                         SpellingCase{"HostSuffix", kUrl, "Host: www.example.fi.evil.example", false}),
                         CASE_NAME);

TEST(Wide, Utf16BothOrders) {
  for (bool big : {false, true}) {
    std::string body("\x01\x02\x03", 3);
    for (char c : std::string("aino.virtanen@example.com")) {
      if (big) body += '\0';
      body += c;
      if (!big) body += '\0';
    }
    body += "\x01\x02";
    EXPECT_EQ(met({kEmail}, body).size(), 1u) << big;
  }
}

TEST(Wide, LongTextIsSearchedInPieces) {
  // One value at every place around the end of a piece of 1 MiB, none of them twice.
  for (std::size_t shift = 0; shift < 30; shift += 3) {
    std::string text((1 << 20) - 5000 + 4980 - shift, '.');
    text += " aino.virtanen@example.com " + std::string(3000, '.');
    std::string body("\x01", 1);
    for (char c : text) body += {c, '\0'};
    const auto database = std::make_shared<Database>(std::vector<Subject>{testing_detect::subject_of({kEmail})});
    Scanner scanner(database, 100);
    std::vector<Candidate> found;
    scanner.scan(as_bytes(body), 0, false, found);
    EXPECT_EQ(found.size(), 1u) << shift;
  }
}

TEST(Wide, Utf16BeyondLatin) {
  const std::u16string text = u"Встретимся в шесть у пирса";
  std::string body("\x01", 1);
  for (char16_t unit : text) {
    body += static_cast<char>(unit & 0xff);
    body += static_cast<char>(unit >> 8);
  }
  EXPECT_EQ(met({kCyrillic}, body).size(), 1u);
}

TEST(Binary, UuidAs16BytesInBothOrders) {
  // python3: uuid.UUID('8b1c2d3e-…').bytes and .bytes_le
  const std::string big("\x8b\x1c\x2d\x3e\x4f\x50\x4a\x61\xb2\x73\x84\x95\xa6\xb7\xc8\xd9", 16);
  const std::string little("\x3e\x2d\x1c\x8b\x50\x4f\x61\x4a\xb2\x73\x84\x95\xa6\xb7\xc8\xd9", 16);
  for (const std::string& bytes : {big, little}) {
    testing_detect::Sample sample(std::string(100, '\x01') + bytes + std::string(70, 'a'));
    const auto& hits = sample.inspect({testing_detect::subject_of({kUuid})});
    ASSERT_EQ(hits.size(), 1u);
    EXPECT_EQ(hits[0].form, "plain");
    EXPECT_THAT(hits[0].spelling, testing::StartsWith("16 bytes"));
  }
}

TEST(Digests, AtEveryOffsetOfBinary) {
  // printf aino.virtanen@example.com | openssl dgst -sha1
  const std::string sha1 = "12bc0aae9a2e6dfa2bf9e37c6320717452db1fca";
  std::string raw;
  for (std::size_t i = 0; i < sha1.size(); i += 2) raw += static_cast<char>(std::stoi(sha1.substr(i, 2), nullptr, 16));
  for (std::size_t offset = 0; offset < 200; offset += 7) {
    const std::string body = std::string(offset, 'a') + raw + std::string(150, 'b');
    EXPECT_EQ(met({kEmail}, body), std::vector<std::string>{"email.value sha1"}) << offset;
  }
}

TEST(Probability, CountsCharacters) {
  // 15 digits of 10, and 16 bytes at least for each place.
  EXPECT_NEAR(log2_probability({"356938035643809", "", Edge::digit, false}), -15 * 3.3219 - 4, 0.01);
  EXPECT_NEAR(log2_probability({"0a1b", "", Edge::hex, false}), -16 - 2.32, 0.01);
  EXPECT_NEAR(log2_probability({"ab c", "", Edge::none, false}), -17, 0.01);
}

TEST(Mask, ShowsAQuarterAtMost) {
  EXPECT_EQ(mask_value("356938035643809"), "3•••9");
  EXPECT_EQ(mask_value("Eino"), "•••");
  EXPECT_EQ(mask_value("aino.virtanen@example.com"), "a•••@•••.com");
  EXPECT_EQ(mask_value("a@b.fi"), "•••");
  EXPECT_EQ(mask_value("Nähdään kello kuusi Kampissa"), "Näh•••ssa");
  EXPECT_EQ(mask_value("\x1b[31mred and more text"), "•••");
  EXPECT_EQ(mask_place(-43.53871, 24.9), "-43.•••, 24.•••");
}

}  // namespace
}  // namespace tattle
