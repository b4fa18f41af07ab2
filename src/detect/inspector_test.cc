#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "detect/detect_testing.h"

namespace tattle {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing_detect::met;
using testing_detect::Sample;
using testing_detect::subject_of;

std::string path_text(const Hit& hit) {
  std::string out;
  for (const PathStep& step : hit.path) out += (out.empty() ? "" : " > ") + step.step + " " + step.detail;
  return out;
}

const std::vector<std::string> kImei{"{datum: imei, value: \"356938035643809\"}"};

TEST(Inspector, SaysPathAndPacketsOfALeaf) {
  Sample sample("{\"filler\":\"" + std::string(200, 'x') + "\",\"device\":{\"imei\":\"356938035643809\"}}");
  sample.message.layers = {{"tls", "1.3"}};
  const auto& hits = sample.inspect({subject_of(kImei)});
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(path_text(hits[0]), "tls 1.3 > json $.device.imei");
  EXPECT_EQ(hits[0].value, "356938035643809");
  EXPECT_EQ(hits[0].spelling, "as planted");
  EXPECT_FALSE(hits[0].in_head);
  EXPECT_TRUE(hits[0].corroborated);
  EXPECT_THAT(hits[0].packets, ElementsAre(PacketRun{0, 4, 4}));
}

// RFC 5233: what stands behind the plus is its user's choice, the mailbox is the same.
TEST(Inspector, AMailboxWithADetailIsThePersonsOwn) {
  Sample sample(R"({"mail":"aino.virtanen+shop@example.com"})");
  const auto& hits = sample.inspect({subject_of({"{datum: email, value: aino.virtanen@example.com}"})});
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].value, "aino.virtanen+shop@example.com");
  EXPECT_EQ(hits[0].form, "plain");
  EXPECT_EQ(hits[0].spelling, "with a detail");
  EXPECT_LT(hits[0].log2_probability, -60);
}

TEST(Inspector, FindsInHeadOnce) {
  Sample sample("", "GET /a?imei=356938035643809 HTTP/1.1\r\nHost: example.com\r\n\r\n");
  sample.message.method = "GET";
  sample.message.target = "/a?imei=356938035643809";
  const auto& hits = sample.inspect({subject_of(kImei)});
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_TRUE(hits[0].in_head);
  EXPECT_THAT(hits[0].packets, ElementsAre(PacketRun{0, 1, 1}));
}

TEST(Inspector, EscapedStringIsOneHit) {
  Sample sample(R"({"note":"line\nimei 356938035643809 end"})");
  const auto& hits = sample.inspect({subject_of(kImei)});
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(path_text(hits[0]), "json $.note");
}

TEST(Inspector, TwoPlacesAreTwoHits) {
  EXPECT_EQ(met(kImei, R"({"a":"356938035643809","b":"356938035643809"})").size(), 2u);
}

TEST(Inspector, OthersTrafficDisclosesNothing) {
  Sample sample("imei=356938035643809");
  sample.flow.device = DeviceSide::none;
  EXPECT_THAT(sample.inspect({subject_of(kImei)}), IsEmpty());
}

TEST(Inspector, OnlyTheFlowsOwnSubject) {
  Sample sample("x=356938035643809");
  sample.flow.subject = 1;
  EXPECT_THAT(sample.inspect({subject_of(kImei), subject_of({"{datum: custom, value: something-else-0815}"})}),
              IsEmpty());
}

TEST(Inspector, OverlapOfPiecesIsNotFoundTwice) {
  Sample sample("imei=356938035643809 and then 356938035643809");
  sample.message.overlap = 30;
  EXPECT_EQ(sample.inspect({subject_of(kImei)}).size(), 1u);
}

// A number cut off by the end of a piece may go on: the next piece, which holds all of it, tells.
TEST(Inspector, EndOfAPieceIsTheNextOnes) {
  for (const std::size_t overlap : {20u, 60u}) {
    for (std::size_t cut = 1; cut < 20; ++cut) {
      const std::string whole = std::string(100, ' ') + "356938035643809" + std::string(100, ' ');
      const std::size_t border = 100 + cut;
      static Limits limits;
      limits.raw_overlap_bytes = overlap;
      std::size_t met = 0;
      Sample first(whole.substr(0, border)), second(whole.substr(border - overlap));
      first.message.last_piece = false;
      second.message.overlap = overlap;
      for (Sample* sample : {&first, &second}) {
        sample->prepare();
        Inspector inspector(MatcherDatabase::compile({subject_of(kImei)}), limits, sample->anomalies);
        inspector.inspect(sample->message, sample->hits);
        met += sample->hits.size();
      }
      EXPECT_EQ(met, 1u) << overlap << ' ' << cut;
    }
  }
}

TEST(Inspector, AnAddressWrittenWithEscapesIsNoHostNameToo) {
  Sample sample("u=www.site.example%2Fhealth%2F");
  const auto& hits = sample.inspect({subject_of({"{datum: browsing, url: \"https://www.site.example/health/\"}"})});
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].form, "plain");
}

TEST(Inspector, UnpacksBase64) {
  // printf '{"imei":"356938035643809"}' | base64
  Sample sample("data=eyJpbWVpIjoiMzU2OTM4MDM1NjQzODA5In0=");
  const auto& hits = sample.inspect({subject_of(kImei)});
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_NE(path_text(hits[0]).find("base64"), std::string::npos) << path_text(hits[0]);
}

TEST(Inspector, ReadsEscapedKeys) {
  Sample sample("{\"n\\u00e4hd\\u00e4\\u00e4n kello kuusi Kampissa\":1}");
  EXPECT_EQ(sample.inspect({subject_of({"{datum: sms, value: \"Nähdään kello kuusi Kampissa\"}"})}).size(), 1u);
}

struct DigestCase {
  const char* name;
  const char* body;
  const char* form;
};
void PrintTo(const DigestCase& c, std::ostream* out) { *out << c.name; }

class Digest : public testing::TestWithParam<DigestCase> {};

TEST_P(Digest, IsMetOnce) {
  Sample sample(GetParam().body);
  const auto& hits = sample.inspect({subject_of(kImei)});
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].form, GetParam().form);
  EXPECT_LE(hits[0].log2_probability, -64);
  if (!hits[0].path.empty()) {
    EXPECT_THAT(hits[0].path.back().step, testing::Not(testing::AnyOf("hex", "base64")));
  }
}

// printf 356938035643809 | openssl dgst -md5 and so on; base64 by `openssl dgst -binary | base64`.
INSTANTIATE_TEST_SUITE_P(
    Openssl, Digest,
    testing::Values(
        DigestCase{"Md5Hex", R"({"id":"af2d48f2495881aed1737bb21017f9b6"})", "md5"},
        DigestCase{"Sha1UpperHex", R"(id=31F455635A12252F8CEDB39CD7533FC58A064BFF)", "sha1"},
        DigestCase{"Sha256Hex", R"({"id":"a1b575e0d3dabdc93f3c6190a239b5420f65d13601dcf1eee2bbd4f6a6168111","x":1})",
                   "sha256"},
        DigestCase{
            "Sha512Hex",
            R"({"id":"a4097009d6471c5945f3bc6e4585158ba7633a124c67a78aa906781c9f279edd220ec3078db04827acf01fd6f9a55f96205cb96b6eebd50578e6a4cd8d1f07d9"})",
            "sha512"},
        DigestCase{"Md5HexKey", R"({"af2d48f2495881aed1737bb21017f9b6":{"x":1}})", "md5"},
        DigestCase{"Md5Base64Key", R"({"ry1I8klYga7Rc3uyEBf5tg==":1})", "md5"},
        DigestCase{"Md5Base64", R"({"id":"ry1I8klYga7Rc3uyEBf5tg=="})", "md5"},
        DigestCase{"Sha256Base64Url", R"(id=obV14NPavck_PGGQojm1Qg9l0TYB3PHu4rvU9qYWgRE)", "sha256"},
        DigestCase{"Sha1OfSpacedInText", R"(the token 988bc684ca89076bf1e0a90e1cee18ae2f742bc0, again)", "sha1"}),
    [](const auto& info) { return info.param.name; });

TEST(Inspector, InfersOnlyWhatIsSent) {
  Sample sent(R"({"email":"someone@example.com"})");
  const auto& hits = sent.inspect({subject_of(kImei)});
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].entry, -1);
  EXPECT_EQ(hits[0].datum, "email");
  EXPECT_TRUE(hits[0].corroborated);
  Sample received(R"({"email":"someone@example.com"})");
  received.message.direction = Direction::to_client;
  EXPECT_THAT(received.inspect({subject_of(kImei)}), IsEmpty());
}

TEST(Inspector, DnsQuestionGivesAHostName) {
  Sample sample(
      std::string("\x03www\x07example\x02"
                  "fi\x00",
                  16));
  sample.message.kind = MessageKind::query;
  sample.message.protocol = "dns";
  sample.message.host = "www.example.fi";
  const auto& hits = sample.inspect({subject_of({"{datum: browsing, url: \"https://www.example.fi/terveys/\"}"})});
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].form, "host-name");
  EXPECT_THAT(hits[0].packets, ElementsAre(PacketRun{0, 2, 2}));
}

TEST(Inspector, HexIdentifierIsTextRatherThanBytes) {
  Sample sample(R"({"id":"0003bffdc7a2e9f1"})");
  const auto& hits = sample.inspect({subject_of({"{datum: account-id, value: 0003bffdc7a2e9f1}"})});
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(path_text(hits[0]), "json $.id");
  EXPECT_EQ(hits[0].spelling, "as planted");
}

TEST(Inspector, AnswerToConnectDisclosesNothing) {
  Sample sample("", "HTTP/1.1 200 OK\r\n\r\n");
  sample.message.via = Via::proxy_connect;
  sample.message.tunnel_host = "www.example.fi";
  sample.message.kind = MessageKind::response;
  EXPECT_THAT(sample.inspect({subject_of({"{datum: browsing, url: \"https://www.example.fi/terveys/\"}"})}), IsEmpty());
}

TEST(Inspector, PhotoWhole) {
  std::string body = "--b\r\nContent-Disposition: form-data; name=\"x\"; filename=\"x\"\r\n\r\n";
  const std::string photo = [] {
    std::string bytes;
    for (int i = 0; i < 300; ++i) bytes += static_cast<char>(i * 7);
    return bytes;
  }();
  body += photo + "\r\n--b--\r\n";
  Subject subject;
  Entry entry;
  entry.datum = "photo";
  entry.display = "x.jpg";
  Entry::Part part{"file", "x.jpg", 300, {}};
  // python3: hashlib.sha256(bytes(i*7&255 for i in range(300))).hexdigest()
  const std::string digest = "9a76b8af8f16f19d60de2b3999c22f9d10be4395c90ea3bfc5eb6cd6254243af";
  for (std::size_t i = 0; i < 64; i += 2) {
    part.sha256.push_back(static_cast<std::uint8_t>(std::stoi(digest.substr(i, 2), nullptr, 16)));
  }
  entry.parts.push_back(part);
  subject.entries.push_back(entry);
  Sample sample(body, "POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n");
  const auto& hits = sample.inspect({subject});
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].form, "plain");
  EXPECT_EQ(path_text(hits[0]).substr(0, 9), "multipart");
}

}  // namespace
}  // namespace tattle
