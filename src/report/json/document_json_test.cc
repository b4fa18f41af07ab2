#include "report/json/document_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>

#include "assess/assess_testing.h"
#include "report/utf8.h"

namespace tattle {
namespace {

using Json = nlohmann::ordered_json;

/// The part of JSON Schema 2020-12 that audit.schema.json uses. Says where the first fault is; empty when there is
/// none.
class SchemaCheck {
 public:
  explicit SchemaCheck(const Json& schema) : root_(schema) {}
  std::string fault(const Json& value) const { return check(root_, value, "$"); }

 private:
  std::string check(const Json& schema, const Json& value, const std::string& at) const {
    if (schema.contains("$ref")) {
      const auto name = schema["$ref"].get<std::string>().substr(std::string("#/$defs/").size());
      if (!root_["$defs"].contains(name)) return at + ": schema names " + name + ", which it lacks";
      const std::string fault = check(root_["$defs"][name], value, at);
      if (!fault.empty()) return fault;
    }
    for (const Json& part : schema.value("allOf", Json::array())) {
      const std::string fault = check(part, value, at);
      if (!fault.empty()) return fault;
    }
    if (schema.contains("const") && schema["const"] != value) return at + ": not the constant";
    if (schema.contains("enum")) {
      const Json& words = schema["enum"];
      if (std::find(words.begin(), words.end(), value) == words.end()) return at + ": not one of the words";
    }
    if (schema.contains("type") && !is(schema["type"], value)) return at + ": not " + schema["type"].dump();
    if (value.is_string() && schema.contains("pattern")) {
      const std::regex pattern(schema["pattern"].get<std::string>());
      if (!std::regex_search(value.get<std::string>(), pattern)) return at + ": " + value.dump() + " does not match";
    }
    if (value.is_number() && value.get<double>() < schema.value("minimum", -1e308)) return at + ": too little";
    if (value.is_number() && value.get<double>() > schema.value("maximum", 1e308)) return at + ": too much";
    return children(schema, value, at);
  }

  std::string children(const Json& schema, const Json& value, const std::string& at) const {
    if (value.is_array()) {
      if (value.size() < schema.value("minItems", 0u)) return at + ": too few";
      if (value.size() > schema.value("maxItems", ~0u)) return at + ": too many";
      for (std::size_t i = 0; schema.contains("items") && i < value.size(); ++i) {
        const std::string fault = check(schema["items"], value[i], at + "[" + std::to_string(i) + "]");
        if (!fault.empty()) return fault;
      }
    }
    if (!value.is_object()) return {};
    for (const Json& name : schema.value("required", Json::array())) {
      if (!value.contains(name.get<std::string>())) return at + ": lacks " + name.get<std::string>();
    }
    const Json properties = schema.value("properties", Json::object());
    for (const auto& [name, part] : properties.items()) {
      if (!value.contains(name)) continue;
      const std::string fault = check(part, value[name], at + "." + name);
      if (!fault.empty()) return fault;
    }
    return {};
  }

  static bool is(const Json& type, const Json& value) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "integer") return value.is_number_integer();
    return type == "number" && value.is_number();
  }

  const Json& root_;
};

Json schema() {
  std::ifstream file(std::string(TATTLE_SOURCE_DIR) + "/data/audit.schema.json");
  return Json::parse(file);
}

/// Names of all members anywhere that the schema does not know.
void unlisted(const Json& schema_root, const Json& value, std::set<std::string>& names) {
  if (value.is_array()) {
    for (const Json& each : value) unlisted(schema_root, each, names);
  }
  if (!value.is_object()) return;
  const std::string text = schema_root.dump();
  for (const auto& [name, each] : value.items()) {
    if (text.find('"' + name + '"') == std::string::npos) names.insert(name);
    unlisted(schema_root, each, names);
  }
}

TEST(DocumentJson, KeepsToItsSchema) {
  const Json rules = schema();
  const SchemaCheck check(rules);
  for (bool reveal : {false, true}) {
    const Json json = to_json(assess_testing::tell_everything(), reveal);
    ASSERT_GE(json["disclosures"].size(), 5u);
    EXPECT_EQ(check.fault(json), "");
    std::set<std::string> names;
    unlisted(rules, json, names);
    EXPECT_THAT(names, testing::IsEmpty());
  }
  EXPECT_EQ(check.fault(to_json(AuditDocument{}, false)), "");
}

TEST(DocumentJson, SaysWhatTimesAndTheTestersLogSay) {
  AuditDocument document = assess_testing::tell_everything();
  ActionReport& asked = document.actions.emplace_back();
  asked.time = Time{1'353'946'906'000'000'000};
  asked.uncertainty_s = 0.5;
  asked.asked = {"location", "wifi-network"};
  asked.screen_sha256 = std::string(64, 'a');
  asked.screen_text = {"Allow Aino?", "Allow \u2022?"};
  ActionReport& done = document.actions.emplace_back();
  done.time = Time{1'353'946'918'000'000'000};
  done.setting = {"Feedback: off", "Feedback: off"};
  done.usual = "pre-ticked";
  DisclosureReport& each = document.disclosures[0];
  each.count = 9;
  each.timed = 8;
  each.period = PeriodReport{270, 3, 8, 1};
  each.timing = TimingReport{30, 5, {{1, 2, 1.5, 2.5}}, 1};
  each.permission = PermissionReport{PermissionState::before_granted, 3, 1, 12.5};
  each.told = ToldReport{Told::at_a_screen, 4, 0};
  document.actions[0].recipient = {"maker.example", "maker.example"};
  document.switches = {
      {1, {{"D1", 3, 2, Time{1'353'946'000'000'000'000}, Time{1'353'947'000'000'000'000}}}, {"D2"}, {}}};
  document.disclosures[1].permission = PermissionReport{};
  document.disclosures[1].told = ToldReport{Told::mentioned, 2, 1};

  const Json json = to_json(document, false);
  const Json rules = schema();
  EXPECT_EQ(SchemaCheck(rules).fault(json), "");
  std::set<std::string> names;
  unlisted(rules, json, names);
  EXPECT_THAT(names, testing::IsEmpty());
  EXPECT_EQ(json["actions"][0], Json::parse(R"({"time": "2012-11-26T16:21:46.000000Z", "uncertainty-s": 0.5,
      "recipient": "maker.example", "asked": "location, wifi-network", "screen": {"sha256": ")" +
                                            std::string(64, 'a') + R"(", "text": "Allow \u2022?"}})"));
  EXPECT_EQ(json["actions"][1], Json::parse(R"({"time": "2012-11-26T16:21:58.000000Z", "uncertainty-s": 0.0,
      "setting": "Feedback: off", "default": "pre-ticked"})"));
  const Json& first = json["disclosures"][0];
  EXPECT_EQ(first["of-first"], 8);
  EXPECT_EQ(first["period"], Json::parse(R"({"seconds": 270.0, "jitter-s": 3.0, "occurrences": 8, "burst-s": 1.0})"));
  EXPECT_EQ(first["timing"],
            Json::parse(R"({"idle": 5, "beside": [{"action": 1, "count": 2, "median-s": 1.5, "max-s": 2.5}],
      "window-s": 30.0, "others": 1})"));
  EXPECT_EQ(first["permission"], Json::parse(R"({"state": "before-granted", "count": 3, "action": 1, "gap-s": 12.5})"));
  EXPECT_EQ(first["told"], "at-a-screen");
  EXPECT_EQ(first["told-late"], 4);
  EXPECT_EQ(first["told-by"], 0);
  EXPECT_EQ(json["switches"], Json::parse(R"([{"action": 1, "still": [{"disclosure": "D1", "before": 3, "after": 2,
      "last-before": "2012-11-26T16:06:40.000000Z", "first-after": "2012-11-26T16:23:20.000000Z"}],
      "only-before": ["D2"], "only-after": []}])"));
  const Json& second = json["disclosures"][1];
  EXPECT_EQ(second["permission"], Json::parse(R"({"state": "unknown", "count": 0})"));
  EXPECT_EQ(second["told"], "mentioned");
  EXPECT_EQ(second["mentioned-late"], 2);
  EXPECT_FALSE(second.contains("told-late") || second.contains("period") || second.contains("timing"));
}

TEST(DocumentJson, TheCheckFindsFaults) {
  const Json rules = schema();
  const SchemaCheck check(rules);
  Json json = to_json(assess_testing::tell_everything(), false);
  json["disclosures"][0]["recipient"].erase("role");
  EXPECT_EQ(check.fault(json), "$.disclosures[0].recipient: lacks role");
  json["disclosures"][0]["recipient"]["role"] = "friend";
  EXPECT_EQ(check.fault(json), "$.disclosures[0].recipient.role: not one of the words");
}

// Members of the contract by name: renaming one breaks somebody's script.
TEST(DocumentJson, HasTheContractsMembers) {
  const Json json = to_json(assess_testing::tell_everything(), false);
  for (const char* name :
       {"tattle", "schema", "subjects", "captures", "coverage", "disclosures", "recipients", "anomalies"}) {
    EXPECT_TRUE(json.contains(name)) << name;
  }
  const Json& disclosure = json["disclosures"][0];
  for (const char* name :
       {"id", "key", "subject", "entry", "datum", "kind", "value", "certainty", "chance", "form", "direction",
        "transport", "path", "count", "first", "last", "recipient", "sender", "evidence"}) {
    EXPECT_TRUE(disclosure.contains(name)) << name;
  }
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(
      disclosure["evidence"][0].dump(),
      R"({"capture":"evening.pcapng","packets":[[10,12]],"flow":1,"message":13,"time":"1970-01-01T00:00:13.000000Z"})");
  EXPECT_EQ(json["anomalies"].dump(),
            R"([{"name":"http1.both-lengths","count":2,"first":{"capture":"evening.pcapng","packet":44}}])");
}

/// What may never be in a masked output, in whatever member.
const std::vector<std::string> kSecrets{
    assess_testing::kImei,  "69380356438",       assess_testing::kSms, "kello kuusi",
    assess_testing::kAgent, "Windows Phone 8.0", assess_testing::kUrl, "8d5e957f297893487bd98fa830fa6413"};

TEST(DocumentJson, MaskedHoldsNoPlantedValueAnywhere) {
  const AuditDocument document = assess_testing::tell_everything();
  const std::string masked = to_json(document, false).dump();
  const std::string clear = to_json(document, true).dump();
  for (const std::string& secret : kSecrets) {
    EXPECT_EQ(masked.find(secret), std::string::npos) << secret;
    EXPECT_NE(clear.find(secret), std::string::npos) << secret;
  }
  // What is hidden is still told apart.
  EXPECT_NE(masked.find(".id.vendor.example"), std::string::npos);
}

TEST(DocumentJson, TextThatIsNotUtf8HasItsBytesBeside) {
  AuditDocument document;
  ContactReport& contact = document.recipients.emplace_back();
  contact.recipient.host = {
      "a\xff"
      "b.example",
      "a\xff"
      "b.example"};
  const Json json = to_json(document, false)["recipients"][0];
  EXPECT_EQ(json["host"],
            "a\xef\xbf\xbd"
            "b.example");
  EXPECT_EQ(json["host-base64"], "Yf9iLmV4YW1wbGU=");
}

struct Utf8Case {
  const char* name;
  std::string bytes, shown;
};

class Utf8 : public testing::TestWithParam<Utf8Case> {};

TEST_P(Utf8, IsMadeWellFormed) {
  bool lossy = false;
  EXPECT_EQ(to_utf8(GetParam().bytes, lossy), GetParam().shown);
  EXPECT_EQ(lossy, GetParam().bytes != GetParam().shown);
}

#define REPLACEMENT "\xef\xbf\xbd"
// Unicode 15, tables 3-8 to 3-11.
INSTANTIATE_TEST_SUITE_P(
    Chapter3, Utf8,
    testing::Values(
        Utf8Case{"Good", "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
        Utf8Case{"NonShortest", "\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41",
                 REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT "A"},
        Utf8Case{"Surrogates", "\xed\xa0\x80\x41", REPLACEMENT REPLACEMENT REPLACEMENT "A"},
        Utf8Case{"TooLarge", "\xf4\x91\x92\x93\xff\x41",
                 REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT "A"},
        Utf8Case{"Truncated", "\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41",
                 REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT "A"},
        Utf8Case{"End", "x\xe2\x82", "x" REPLACEMENT}),
    [](const auto& info) { return info.param.name; });
#undef REPLACEMENT

// RFC 4648 section 10.
TEST(Base64, Rfc4648) {
  const std::vector<std::pair<const char*, const char*>> vectors{{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : vectors) EXPECT_EQ(to_base64(as_bytes(plain)), coded);
}

}  // namespace
}  // namespace tattle
