#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decode/testing.h"

namespace tattle {
namespace {

using testing::ElementsAreArray;
using testing::IsEmpty;

struct TreeCase {
  const char* name;
  std::string type;
  std::string bytes;
  std::vector<std::string> lines;  // `path = bytes`
};

class Tree : public testing::TestWithParam<TreeCase> {};

TEST_P(Tree, IsAsExpected) {
  const TreeCase& given = GetParam();
  SeenTree seen;
  Anomalies anomalies;
  walk_bytes(as_bytes(given.bytes), {given.type, ""}, Limits{}, anomalies, {}, seen);
  EXPECT_THAT(seen.lines(), ElementsAreArray(given.lines));
  EXPECT_THAT(seen.broken, IsEmpty());
}

std::string name_of(const testing::TestParamInfo<TreeCase>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(
    Json, Tree,
    testing::Values(
        TreeCase{"Leaves",
                 "",
                 R"({"events":[{"loc":"60.16952","n":-1.5e3},{"loc":"x"}],"ok":true,"nil":null})",
                 {"json $.events[*].loc = 60.16952", "json $.events[*].n = -1.5e3", "json $.events[*].loc = x"}},
        TreeCase{"OddKeys",
                 "",
                 R"({"a b":{"it's":"v"},"":"w","1x":2})",
                 {R"(json $['a b']['it\'s'] = v)", "json $[''] = w", "json $['1x'] = 2"}},
        TreeCase{"Escapes",
                 "",
                 R"({"a":"N\u00e4hd\u00E4\u00e4n\n\"\ud83d\ude00\"\/","k\u0065y":"z"})",
                 {"json $.a = Nähdään\n\"😀\"/", "json $.key = key", "json $.key = z"}},
        TreeCase{"HalfPair", "", R"(["\ud83dx"])", {"json $[*] = \xEF\xBF\xBDx"}},
        TreeCase{"Within",
                 "",
                 R"({"p":"{\"q\":\"[\\\"deep\\\"]\"}"})",
                 {R"(json $.p = {"q":"[\"deep\"]"})", R"(json $.p > json $.q = ["deep"])",
                  "json $.p > json $.q > json $[*] = deep"}},
        TreeCase{"Lines", "", "{\"a\":1}\n{\"a\":\"b\"}\n", {"json $.a = 1", "json $.a = b"}},
        TreeCase{"Mark", "", "\xEF\xBB\xBF{\"a\":\"b\"}", {"json $.a = b"}},
        TreeCase{"Guard", "", ")]}',\n{\"a\":\"b\"}", {"json $.a = b"}},
        TreeCase{"CutInString", "", R"({"a":"b","c":"hello\"wor)", {"json $.a = b", "json $.c = hello\"wor"}},
        TreeCase{"CutInNumber", "", R"({"a":"b","c":12.)", {"json $.a = b", "json $.c = 12."}},
        TreeCase{"CutAfterKey", "", R"({"a":"b","c")", {"json $.a = b"}},
        TreeCase{"RawNewline", "", "{\"a\":\"one\ntwo\",\"b\":3}", {"json $.a = one\ntwo", "json $.b = 3"}},
        TreeCase{"NotUtf8", "", "{\"a\":\"\xff\",\"b\":3}", {"json $.a = \xff", "json $.b = 3"}},
        TreeCase{"MalformedThenToken",
                 "",
                 R"({"a":"b", oops SGVsbG8sIHdvcmxkIQ== "x"})",
                 {"json $.a = b", "base64 = Hello, world!"}},
        TreeCase{"LogLineIsNoJson", "", "[2012-11-05 18:03:21] started", {}},
        TreeCase{"DeclaredScalar", "application/json", R"("just text")", {"json $ = just text"}}),
    name_of);

// RFC 4648 section 10 and python's base64 module.
INSTANTIATE_TEST_SUITE_P(
    Tokens, Tree,
    testing::Values(
        TreeCase{"Whole", "", "SGVsbG8sIHdvcmxkIQ==", {"base64 = Hello, world!"}},
        TreeCase{"Unpadded", "", "SGVsbG8sIHdvcmxkIQ", {"base64 = Hello, world!"}},
        TreeCase{"ShortLeaf", "", R"(["Zm9vYmFy"])", {"json $[*] = Zm9vYmFy", "json $[*] > base64 = foobar"}},
        TreeCase{"Url", "", "token: w7_DvsO9w7w_Pj48PD8", {"base64url = ÿþýü?>><<?"}},
        TreeCase{"InText", "", "id=SGVsbG8sIHdvcmxkIQ==; next", {"base64 = Hello, world!"}},
        TreeCase{"DataUrl", "", "url(data:text/plain;base64,SGVsbG8sIHdvcmxkIQ==)", {"base64 = Hello, world!"}},
        TreeCase{"BehindSlash", "", "/v1/blob/SGVsbG8sIHdvcmxkIQ", {"base64 = Hello, world!"}},
        TreeCase{"BehindDash", "", "session-SGVsbG8sIHdvcmxkIQ==", {"base64 = Hello, world!"}},
        TreeCase{"Words", "", "internationalization of lowercasewordsonly and CamelCaseIdentifierNames", {}},
        TreeCase{"Uuid", "", "8b1c2d3e-4f50-4a6b-9c7d-8e9fa0b1c2d3", {}},
        TreeCase{"Path", "", "/some/ordinary/path/to/a/file/somewhere/else", {}},
        TreeCase{"Hex", "", "x=48656c6c6f2c20776f726c6421;", {"hex = Hello, world!"}},
        TreeCase{"UpperHex",
                 "",
                 R"(["48656C6C6F2C20776F726C64"])",
                 {"json $[*] = 48656C6C6F2C20776F726C64", "json $[*] > hex = Hello, world"}},
        TreeCase{"OddHex", "", "48656c6c6f2c20776f726c642", {}},
        TreeCase{"Jwt",
                 "",
                 "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhaW5vQGV4YW1wbGUuY29tIn0.",
                 {R"(base64 = {"alg":"none"})", "base64 > json $.alg = none", R"(base64 = {"sub":"aino@example.com"})",
                  "base64 > json $.sub = aino@example.com"}},
        TreeCase{"PercentWord", "", "see https://example.com/a%20b c", {"percent = https://example.com/a b"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Forms, Tree,
    testing::Values(
        TreeCase{"Declared",
                 "application/x-www-form-urlencoded",
                 "q=a+b%26c&e=",
                 {"form q = a+b%26c", "form q > percent = a b&c"}},
        TreeCase{"Shape", "", "lat=60.1695&lon=24.9354", {"form lat = 60.1695", "form lon = 24.9354"}},
        TreeCase{
            "JsonInForm",
            "application/x-www-form-urlencoded",
            "d=%7B%22a%22%3A%22b%22%7D",
            {"form d = %7B%22a%22%3A%22b%22%7D", R"(form d > percent = {"a":"b"})", "form d > percent > json $.a = b"}},
        TreeCase{"JsonDeclaredForm", "application/x-www-form-urlencoded", R"({"a":"b=c"})", {"json $.a = b=c"}},
        TreeCase{"FormInJson",
                 "",
                 R"(["imei=356938035643809&v=2"])",
                 {"json $[*] = imei=356938035643809&v=2", "json $[*] > form imei = 356938035643809",
                  "json $[*] > form v = 2"}},
        TreeCase{"UrlInJson",
                 "",
                 R"(["https://example.com/p?e=aino%40example.com"])",
                 {"json $[*] = https://example.com/p?e=aino%40example.com", "json $[*] > query e = aino%40example.com",
                  "json $[*] > query e > percent = aino@example.com"}}),
    name_of);

}  // namespace
}  // namespace tattle
