#include "evidence/redact.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace tattle {
namespace {

struct Case {
  const char* name;
  const char* text;
  KeptText kept;
  const char* masked;
};

class Redact : public testing::TestWithParam<Case> {};

TEST_P(Redact, LeavesTheValueAndItsNames) {
  const Case& each = GetParam();
  EXPECT_EQ(redact_json(each.text, each.kept), each.masked);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, Redact,
    testing::Values(
        Case{"Query", "/a/b7?lat=60.1695&token=s3cret", {{"60.1695"}, {"lat"}}, "/x/x1?lat=60.1695&xxxxx=x1xxxx"},
        Case{"Partner",
             "/a?lat=60.1695&lon=24.9354&x=24.9354&token=s3cret",
             {{"60.1695", "24.9354"}, {"lat"}, true},
             "/x?lat=60.1695&lon=24.9354&x=24.9354&xxxxx=x1xxxx"},
        Case{"PartnerIsAWord", "/a?358401=24.9354&=24.9354", {{"24.9354"}, {}, true}, "/x?111111=24.9354&=24.9354"},
        Case{"JsonPartner",
             R"({"lat": 60.1695, "lng" : "24.9354", "other": 24.5})",
             {{"60.1695", "24.9354"}, {"lat"}, true},
             R"({"lat": 60.1695, "lng" : "24.9354", "xxxxx": 1})"},
        Case{"NameInAValue", "x=lat&latency=lat", {{}, {"lat"}}, "x=xxx&xxxxxxx=xxx"},
        Case{"ShortValue", "no 123", {{"123"}, {}}, "xx 111"}, Case{"NotAscii", "\xc3\x84iti\x01", {{}, {}}, "xxxxxx"},
        Case{"Json",
             R"({"imei": "35693", "other": "secret", "n": -12.5e3, "ok": true, "no": null})",
             {{"35693"}, {"imei"}},
             R"({"imei": "35693", "xxxxx": "xxxxxx", "x": 1, "xx": null, "xx": null})"},
        Case{"JsonNumber", R"([60.1695, 60.16951])", {{"60.1695"}, {}}, "[60.1695, 1]"},
        Case{"JsonEscapes", R"({"a": "q\"w\\", "b": "\u00e4\n"})", {{}, {}}, R"({"x": "xxxxxx", "x": "xx11x1xx"})"},
        Case{"JsonNameAsValue", R"({"a": "imei"})", {{}, {"imei"}}, R"({"x": "xxxx"})"},
        Case{"JsonCut", R"({"a": "b)", {{}, {}}, R"({"x": "x)"}, Case{"JsonCutEscape", R"(["\)", {{}, {}}, R"(["x)"},
        Case{"Empty", "", {{}, {}}, ""}),
    [](const auto& info) { return info.param.name; });

TEST(Redact, JsonStaysJson) {
  const char* text = R"({"a": [1, -2.5, true, "x\\\"y", {"k\"": "\ud83d\ude00"}], "b": null})";
  ASSERT_TRUE(nlohmann::json::accept(text));
  EXPECT_TRUE(nlohmann::json::accept(redact_json(text, {})));
}

}  // namespace
}  // namespace tattle
