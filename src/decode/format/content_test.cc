#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decode/testing.h"

namespace tattle {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A JPEG without a picture: Make, Model, and 60° 10' 10.272" N, 24° 56' 7.62" W, put together by hand.
constexpr std::string_view kPhoto =
    "ffd8ffe000104a46494600010100000100010000ffe100b445786966000049492a000800000003000f010200080000003200"
    "0000100102000c0000003a000000258804000100000046000000000000004578616d706c65004578616d706c652039323000"
    "040001000200020000004e00000002000500030000007c000000030002000200000057000000040005000300000094000000"
    "000000003c000000010000000a0000000100000020280000e803000018000000010000003800000001000000fa0200006400"
    "0000ffda0002ffd9";

SeenTree walk(const std::string& bytes, std::string_view type = "", Anomalies* noted = nullptr) {
  SeenTree seen;
  Anomalies anomalies;
  walk_bytes(as_bytes(bytes), {type, ""}, Limits{}, anomalies, {}, seen);
  EXPECT_THAT(seen.broken, IsEmpty());
  if (noted) *noted = anomalies;
  return seen;
}

std::string utf16(std::string_view ascii, bool little) {
  std::string out;
  for (char c : ascii) out += little ? std::string{c, '\0'} : std::string{'\0', c};
  return out;
}

TEST(Charset, ReadsUtf16ByMarkDeclarationAndShape) {
  const std::string json = R"({"a":"value"})";
  EXPECT_EQ(walk("\xFF\xFE" + utf16(json, true)).at("utf-16 LE > json $.a"), "value");
  EXPECT_EQ(walk("\xFE\xFF" + utf16(json, false)).at("utf-16 BE > json $.a"), "value");
  EXPECT_EQ(walk(utf16(json, true)).at("utf-16 LE > json $.a"), "value");
  EXPECT_EQ(walk(utf16(json, false), "application/json; charset=\"UTF-16\"").at("utf-16 BE > json $.a"), "value");
  EXPECT_EQ(walk(utf16(json, true), "application/json;charset=utf-16le").at("utf-16 LE > json $.a"), "value");
  // RFC 2781 section 5: the sign U+12345 as a surrogate pair.
  EXPECT_EQ(walk(std::string("\xFE\xFF\xD8\x08\xDF\x45\0=\0R\0a", 12)).at("utf-16 BE"), "\xF0\x92\x8D\x85=Ra");
}

TEST(Charset, ReadsWhatIsDeclared) {
  EXPECT_EQ(walk("[\"N\xE4hd\xE4\xE4n\"]", "application/json; charset=ISO-8859-1").at("charset iso-8859-1 > json $[*]"),
            "Nähdään");
  EXPECT_EQ(walk("\x80 5", "text/plain; charset=windows-1252").at("charset windows-1252"), "€ 5");
  EXPECT_EQ(walk("plain ascii", "text/plain; charset=iso-8859-1").nodes.size(), 1u);
  EXPECT_EQ(walk("Nähdään", "text/plain; charset=utf-8").nodes.size(), 1u);
  Anomalies noted;
  EXPECT_EQ(walk("Nähdään", "text/plain; charset=iso-8859-1", &noted).nodes.size(), 1u);
  EXPECT_EQ(noted.count("decode.charset-mismatch"), 1u);
  walk("N\xE4hd", "text/plain; charset=no-such-thing", &noted);
  EXPECT_EQ(noted.count("decode.unknown-charset"), 1u);
}

// After RFC 7578 section 4 and RFC 2046 section 5.1.1.
TEST(Multipart, OpensEachPartByItsFields) {
  const std::string body =
      "preamble\r\n--AaB03x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nJoe owes 100\r\n"
      "--AaB03x\r\ncontent-disposition: form-data; name=\"meta; data\"; filename=\"aino virtanen.json\"\r\n"
      "Content-Type: application/json\r\n\r\n{\"a\":\"b\"}\r\n"
      "--AaB03x\r\nContent-ID: <third>\r\nContent-Transfer-Encoding: base64\r\n\r\neyJj\r\nIjoi\r\nZCJ9\r\n"
      "--AaB03x\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nN=C3=A4h=\r\nd=C3=A4\r\n--AaB03x--\r\nepilogue";
  const SeenTree seen = walk(body, "multipart/form-data; boundary=AaB03x");
  EXPECT_EQ(seen.at("multipart meta; data > header content-disposition"),
            "form-data; name=\"meta; data\"; filename=\"aino virtanen.json\"");
  EXPECT_EQ(seen.at("multipart meta; data > json $.a"), "b");
  EXPECT_EQ(seen.at("multipart <third> > base64 > json $.c"), "d");
  EXPECT_EQ(seen.at("multipart > quoted-printable"), "Nähdä");
  EXPECT_EQ(seen.count("multipart text"), 2u);
  const auto text =
      std::find_if(seen.nodes.begin(), seen.nodes.end(), [](const SeenNode& n) { return n.bytes == "Joe owes 100"; });
  ASSERT_NE(text, seen.nodes.end());
  EXPECT_FALSE(text->fresh);
  EXPECT_EQ(text->begin, body.find("Joe"));
}

TEST(Multipart, IsFoundUndeclaredAndCut) {
  Anomalies noted;
  const SeenTree seen = walk("--xyz\r\nContent-Type: text/plain\r\n\r\nhello", "", &noted);
  EXPECT_EQ(seen.nodes.back().bytes, "hello");
  EXPECT_EQ(seen.nodes.back().path, "multipart");
  EXPECT_EQ(noted.count("decode.cut-multipart"), 1u);
}

TEST(Exif, ShowsWhereThePhotoWasTakenAndWithWhat) {
  const std::string photo = from_hex(kPhoto);
  const SeenTree seen = walk(photo);
  EXPECT_EQ(seen.at("exif GPS position"), "60.169520,-24.935450");
  EXPECT_EQ(seen.at("exif Make"), "Example");
  EXPECT_EQ(seen.at("exif Model"), "Example 920");
  const SeenTree cut = walk(photo.substr(0, 120), "image/jpeg");
  EXPECT_EQ(cut.at("exif Make"), "Example");
}

TEST(Walk, GoesTenLevelsDeepAndNamesEach) {
  // Made with python: json, base64, json, gzip, hex, form, json, zlib, base64url, json, json.
  const std::string body =
      R"({"escaped": "{\"z\": \"eJxFjTEKQkEMRK8iC2udn01MVviF4kWSrOlEsFLEu_8VCwcGXjNv3iXvj1s57spzXVIdFP5BaOZ8IGNyZFT9so0ktMSIMMqUCBhh2tUEKCijC6PTFTpkDApwJ2dmnUvgaR0mnZug_E72r7XKuSL6bG2npcqlfDY_Yifn\"}"})";
  const SeenTree seen = walk(body);
  EXPECT_EQ(seen.at("json $.escaped > json $.z > base64url > deflate > json $.form > form x > hex > gzip > "
                    "json $.a[*] > base64 > json $.k"),
            "deep value");
  EXPECT_EQ(seen.at("json $.escaped > json $.z > base64url > deflate > json $.form > form y > percent > json $.b"),
            "1");
}

TEST(Walk, StopsAtEachLimitAndSaysSo) {
  const std::string body = R"(["{\"a\":\"[\\\"x\\\"]\"}","one","two"])";
  struct {
    std::uint64_t Limits::*limit;
    std::uint64_t value;
    const char* anomaly;
    std::size_t nodes;
  } cases[] = {{&Limits::decode_depth, 3, "decode.limit-depth", 5},
               {&Limits::decode_nodes, 3, "decode.limit-nodes", 3},
               {&Limits::decode_output_bytes, 3, "decode.limit-output", 1},
               {&Limits::json_nesting, 0, "decode.limit-json-nesting", 1}};
  for (const auto& each : cases) {
    Limits limits;
    limits.*each.limit = each.value;
    SeenTree seen;
    Anomalies anomalies;
    EXPECT_TRUE(walk_bytes(as_bytes(body), {}, limits, anomalies, {}, seen).limit_hit) << each.anomaly;
    EXPECT_EQ(anomalies.count(each.anomaly), 1u) << each.anomaly;
    EXPECT_EQ(seen.nodes.size(), each.nodes) << each.anomaly;
    EXPECT_THAT(seen.broken, IsEmpty());
  }
}

TEST(Walk, KeepsRangesInTheirParents) {
  const SeenTree seen = walk(R"( {"a" : "xy", "b":"p\u0041q"})");
  ASSERT_EQ(seen.nodes.size(), 3u);
  EXPECT_FALSE(seen.nodes[1].fresh);
  EXPECT_EQ(seen.nodes[1].begin, 9u);
  EXPECT_EQ(seen.nodes[1].end, 11u);
  EXPECT_TRUE(seen.nodes[2].fresh);
  EXPECT_EQ(seen.nodes[2].bytes, "pAq");
  EXPECT_EQ(seen.nodes[2].begin, 19u);
  EXPECT_EQ(seen.nodes[2].end, 27u);
}

}  // namespace
}  // namespace tattle
