// What the cards say of Wireshark, against what tshark 4.0 showed of the sample's frames.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/page/html_parts.h"

namespace tattle {
namespace {

using testing::HasSubstr;

struct SeeCase {
  const char* name;
  std::vector<PathReport> path;
  const char* form;
  std::vector<std::string> said;  // parts of each sentence, in order; empty: nothing
};

class See : public testing::TestWithParam<SeeCase> {};

TEST_P(See, SaysWhereAndWhatIsLeftToDo) {
  DisclosureReport each;
  each.path = GetParam().path;
  each.form = GetParam().form;
  const AuditDocument document;
  const nlohmann::ordered_json json = nlohmann::ordered_json::object();
  const std::string html = see_html(each, {document, json, true, Messages::english()});
  std::size_t at = 0, sentences = 0;
  for (const std::string& part : GetParam().said) {
    const std::size_t found = html.find(part, at);
    ASSERT_NE(found, std::string::npos) << part << " in " << html;
    at = found;
  }
  for (std::size_t i = html.find("<li>"); i != std::string::npos; i = html.find("<li>", i + 1)) ++sentences;
  EXPECT_EQ(sentences, GetParam().said.size()) << html;
}

PathReport step(const char* name, const char* detail = "") { return {name, {detail, detail}}; }

INSTANTIATE_TEST_SUITE_P(
    Sample, See,
    testing::Values(
        // tshark -V: JavaScript Object Notation under the deflated body (frame 505), as under a plain one (257).
        SeeCase{"CodedJson",
                {step("tls"), step("http/2"), step("deflate"), step("json", "$.ids.mail")},
                "plain",
                {"JavaScript Object Notation”, at $.ids.mail"}},
        SeeCase{"Hash",
                {step("tls"), step("http/2"), step("json", "$.device.id")},
                "sha1",
                {"at $.device.id", "printf %s VALUE | sha1sum"}},
        // Frame 599: only "Uncompressed entity body (216 bytes)", whose text is UTF-16.
        SeeCase{"Utf16",
                {step("tls"), step("http/2"), step("deflate"), step("utf-16", "LE")},
                "plain",
                {"“Uncompressed entity body”", "Show as UTF-16"}},
        // Frame 257: the member's base64 as it is.
        SeeCase{
            "Base64InJson",
            {step("tls"), step("http/2"), step("json", "$.events[*].payload"), step("base64"), step("json", "$.state")},
            "plain",
            {"at $.events[*].payload", "copy the content of $.events[*].payload and run `tattle decode`"}},
        // Frame 836: GPSLatitude with its type and count, without its value.
        SeeCase{"Position",
                {step("http/2"), step("multipart", "photo"), step("exif", "GPS position")},
                "plain",
                {"in the part photo", "exiftool -GPSPosition"}},
        // Frame 204: line-based text that is not readable.
        SeeCase{"Zstd", {step("http/2"), step("zstd"), step("json", "$.a")}, "plain", {"run `tattle decode FILE`"}},
        // Frame 200: Form item: "email" = "aino.virtanen@example.com", decoded.
        SeeCase{"Form", {step("http/2"), step("form", "email"), step("percent")}, "plain", {"in the field email"}},
        SeeCase{"Query",
                {step("http/1.1"), step("target"), step("query", "eh"), step("percent")},
                "plain",
                {"http.request.uri", "Percent-Encoding"}},
        // Frame 461: eXtensible Markup Language, the body's text.
        SeeCase{"Body", {step("tls"), step("http/1.1")}, "plain", {"in the body of the message"}},
        SeeCase{"Question", {step("dns"), step("question")}, "host-name", {"Domain Name System"}},
        SeeCase{"Header",
                {step("http/2"), step("header", "cookie"), step("cookie", "MUID")},
                "plain",
                {"in the header field cookie"}},
        SeeCase{"Unknown", {step("mqtt"), step("json", "$.a")}, "plain", {}}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace tattle
