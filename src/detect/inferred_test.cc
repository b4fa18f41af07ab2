#include "detect/inferred.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <random>

#include "detect/detect_testing.h"
#include "detect/search/scanner.h"

namespace tattle {
namespace {

using testing_detect::met;
using testing_detect::Sample;
using testing_detect::subject_of;

const std::string kPlanted = "{datum: imei, value: \"356938035643809\"}";

struct InferredCase {
  const char* name;
  const char* body;
  const char* datum;  // empty: nothing
};
void PrintTo(const InferredCase& c, std::ostream* out) { *out << c.body; }

class Inference : public testing::TestWithParam<InferredCase> {};

TEST_P(Inference, NeedsShapeAndContext) {
  Sample sample(GetParam().body);
  const auto& hits = sample.inspect({subject_of({kPlanted})});
  if (*GetParam().datum == '\0') {
    EXPECT_THAT(hits, testing::IsEmpty());
    return;
  }
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].entry, -1);
  EXPECT_EQ(hits[0].datum, GetParam().datum);
  EXPECT_TRUE(hits[0].corroborated);
  EXPECT_FALSE(hits[0].context.empty());
}

#define CASE_NAME [](const auto& info) { return std::string(info.param.name); }

INSTANTIATE_TEST_SUITE_P(
    Match, Inference,
    testing::Values(
        InferredCase{"EmailJson", R"({"userEmail":"someone@example.com"})", "email"},
        InferredCase{"EmailForm", "a=1&email=someone@mail.example.co.uk&b=2", "email"},
        InferredCase{"EmailEscaped", "a=1&email=someone%40example.com&b=2", "email"},
        InferredCase{"EmailLogin", R"({"login": "a.b+c@example.fi"})", "email"},
        InferredCase{"EmailXml", "<Account>some.one@example.org</Account>", "email"},
        InferredCase{"Imei", R"({"imei":"490154203237518"})", "imei"},
        InferredCase{"ImeiDeviceId", "device_id=490154203237518&x=1", "imei"},
        InferredCase{"Phone", R"({"phoneNumber":"+358 40 123 4567"})", "phone-number"},
        InferredCase{"Msisdn", "MSISDN: +358401234567\n", "phone-number"},
        InferredCase{"MsisdnBare", R"({"msisdn":"358401234567"})", "phone-number"},
        InferredCase{"MacBare", R"({"wifiBssid":"001a2b3c4d5e"})", "mac-address"},
        InferredCase{"Mac", R"({"bssid":"00:1a:2b:3c:4d:5e"})", "mac-address"},
        InferredCase{"MacAddress", R"({"macAddress":"00-1A-2B-3C-4D-5E"})", "mac-address"},
        InferredCase{"Coordinates", R"({"lat":60.16952,"lon":24.93545})", "location"},
        InferredCase{"CoordinatesLong", R"({"latitude":-33.859,"acc":12,"longitude":"151.209"})", "location"},
        InferredCase{"Adid", R"({"gaid":"8b1c2d3e-4f50-4a61-b273-8495a6b7c8d9"})", "advertising-id"},
        InferredCase{"AdvertisingId", R"({"advertisingId":"8B1C2D3E-4F50-4A61-B273-8495A6B7C8D9"})", "advertising-id"}),
    CASE_NAME);

INSTANTIATE_TEST_SUITE_P(
    NoMatch, Inference,
    testing::Values(InferredCase{"MsisdnNoCountry", R"({"msisdn":"0401234567"})", ""},
                    InferredCase{"MacBareLonger", R"({"bssid":"001a2b3c4d5e6f"})", ""},
                    InferredCase{"MacBareZeros", R"({"bssid":"000000000000"})", ""},
                    InferredCase{"LongTask", R"({"lat":12.345,"longTask":3.456,"longest":4.567})", ""},
                    InferredCase{"EmailNoKey", "write to someone@example.com today", ""},
                    InferredCase{"EmailOtherKey", R"({"x":"someone@example.com"})", ""},
                    InferredCase{"EmailNoDomain", R"({"email":"someone@localhost"})", ""},
                    InferredCase{"EmailImage", R"({"user":"avatar@2x.png"})", ""},
                    InferredCase{"ImeiBadCheck", R"({"imei":"490154203237517"})", ""},
                    InferredCase{"ImeiOtherKey", R"({"count":"490154203237518"})", ""},
                    InferredCase{"ImeiLonger", R"({"imei":"4901542032375180"})", ""},
                    InferredCase{"ImeiZeros", R"({"imei":"000000000000000"})", ""},
                    InferredCase{"PhoneNoPlus", R"({"phone":"0401234567"})", ""},
                    InferredCase{"PhoneInvalid", R"({"phone":"+99912345678"})", ""},
                    InferredCase{"MacZero", R"({"mac":"00:00:00:00:00:00"})", ""},
                    InferredCase{"MacHidden", R"({"mac":"02:00:00:00:00:00"})", ""},
                    InferredCase{"MacBroadcast", R"({"mac":"ff:ff:ff:ff:ff:ff"})", ""},
                    InferredCase{"Template", R"({"template":60.16952,"lon":24.93545})", ""},
                    InferredCase{"LatitudeAlone", R"({"lat":60.16952})", ""},
                    InferredCase{"LatitudeRange", R"({"lat":160.16952,"lon":24.93545})", ""},
                    InferredCase{"CoordinatesZero", R"({"lat":0.0000,"lon":0.0000})", ""},
                    InferredCase{"AdidZero", R"({"idfa":"00000000-0000-0000-0000-000000000000"})", ""},
                    InferredCase{"UuidOtherKey", R"({"session":"8b1c2d3e-4f50-4a61-b273-8495a6b7c8d9"})", ""}),
    CASE_NAME);

TEST(Inference, PlantedValuesAreNotInferredAgain) {
  EXPECT_EQ(met({kPlanted}, R"({"imei":"356938035643809"})"), std::vector<std::string>{"imei.value plain"});
  // A correspondent's address, in a form's escapes: known in the decoded child, merely shaped in its parent.
  EXPECT_EQ(met({"{datum: email, value: \"aino+x@example.com\"}"}, "email=aino%2Bx@example.com&b=%20"),
            std::vector<std::string>{"email.value plain"});
}

// Nothing may be met in noise: neither known values nor shapes.
TEST(Inference, NothingInNoise) {
  const auto database = std::make_shared<Database>(std::vector<Subject>{
      subject_of({kPlanted, "{datum: phone-number, value: \"+358 40 123 4567\"}", "{datum: name, value: Aino Virtanen}",
                  "{datum: location, latitude: 60.16952, longitude: 24.93545, radius-m: 250}",
                  "{datum: wifi-network, ssid: Virtaset, bssid: \"00:1A:2B:3C:4D:5E\"}",
                  "{datum: advertising-id, value: 8b1c2d3e-4f50-4a61-b273-8495a6b7c8d9}"})});
  Scanner scanner(database, 10000);
  const std::vector<std::string> alphabets{
      "",  // all bytes
      "0123456789",
      "0123456789.,-",
      "0123456789abcdef",
      "abcdefghijklmnopqrstuvwxyz ",
      "0123456789\":{},. lationgt",
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
      " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~\n"};
  std::mt19937_64 random(20131105);
  std::vector<std::uint8_t> bytes(1 << 20);
  for (const std::string& alphabet : alphabets) {
    const int rounds = alphabet.empty() ? 50 : 8;
    for (int round = 0; round < rounds; ++round) {
      for (std::uint8_t& byte : bytes) {
        const auto number = static_cast<std::size_t>(random() >> 32);
        byte = alphabet.empty() ? static_cast<std::uint8_t>(number)
                                : static_cast<std::uint8_t>(alphabet[number % alphabet.size()]);
      }
      std::vector<Candidate> found;
      EXPECT_TRUE(scanner.scan(bytes, 0, true, found));
      EXPECT_THAT(found, testing::IsEmpty()) << "alphabet " << alphabet;
    }
  }
}

}  // namespace
}  // namespace tattle
