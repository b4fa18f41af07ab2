#include "detect/subject/subject.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>

#include "base/result.h"
#include "base/testing/scratch_folder.h"
#include "detect/subject/datum.h"
#include "detect/subject/template.h"

namespace tattle {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

struct MistakeCase {
  const char* name;
  const char* yaml;
  const char* says;
};
void PrintTo(const MistakeCase& c, std::ostream* out) { *out << c.name; }

class Mistakes : public testing::TestWithParam<MistakeCase> {};

TEST_P(Mistakes, NameLineAndField) {
  try {
    parse_subject(GetParam().yaml, "", "s.yaml");
    FAIL() << "accepted";
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr(GetParam().says));
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("\n")));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, Mistakes,
    testing::Values(
        MistakeCase{"Syntax", "device: {\ndata: [\n", "s.yaml:3: YAML: "},
        MistakeCase{"NoMap", "- a\n", "s.yaml:1: file: "}, MistakeCase{"Empty", "", "s.yaml:1: file: "},
        MistakeCase{"NoData", "device: {maker: A}\n", "s.yaml:1: data: is missing"},
        MistakeCase{"UnknownTop", "data: []\ndevise: {}\n",
                    "s.yaml:2: devise: is not known here; did you mean 'device'?"},
        MistakeCase{"UnknownDevice", "device:\n  vendor: x\ndata: []\n",
                    "s.yaml:2: vendor: is not known here; use one of"},
        MistakeCase{"Address", "device:\n  addresses:\n    - 192.0.2.999\ndata: []\n",
                    "s.yaml:3: addresses: '192.0.2.999' is no"},
        MistakeCase{"Word", "data:\n  - {datum: imeo, value: 1}\n",
                    "s.yaml:2: datum: 'imeo' is not known; did you mean 'imei'?"},
        MistakeCase{"WordList", "data:\n  - {datum: zzzzzzzz, value: 1}\n", "use one of imei, "},
        MistakeCase{"NoWord", "data:\n\n  - {value: 1}\n", "s.yaml:3: datum: is missing"},
        MistakeCase{"Field", "data:\n  - {datum: email,\n     valu: a@b.fi}\n",
                    "s.yaml:3: valu: is not known here; did you mean 'value'?"},
        MistakeCase{"Missing", "data:\n  - datum: imei\n", "s.yaml:2: value: is missing"},
        MistakeCase{"Null", "data:\n  - datum: imei\n    value:\n", "s.yaml:3: value: is empty"},
        MistakeCase{"Twice", "data:\n  - datum: imei\n    value: 356938035643809\n    value: 1\n",
                    "s.yaml:4: value: stands twice"},
        MistakeCase{"Control", "data:\n  - datum: note\n    value: \"a\\0b\"\n", "s.yaml:3: value: holds a control"},
        MistakeCase{"Nested", "data:\n  - datum: note\n    value: [a]\n", "s.yaml:3: value: is not a single value"},
        MistakeCase{"ShortImei", "data:\n  - {datum: imei, value: 12345}\n", "s.yaml:2: value: an IMEI has 15 digits"},
        MistakeCase{"Latitude", "data:\n  - datum: location\n    latitude: 95\n    longitude: 1\n",
                    "s.yaml:3: latitude: '95' is no number from -90"},
        MistakeCase{"Comma", "data:\n  - {datum: location, latitude: \"60,1\", longitude: 1}\n",
                    "s.yaml:2: latitude: '60,1'"},
        MistakeCase{"NoLongitude", "data:\n  - {datum: location, latitude: 1}\n", "s.yaml:2: longitude: is missing"},
        MistakeCase{"Photo", "data:\n  - {datum: photo, file: none.jpg}\n",
                    "s.yaml:2: file: 'none.jpg' cannot be read"},
        MistakeCase{"Mac", "data:\n  - {datum: wifi-network, bssid: \"00:11\"}\n",
                    "s.yaml:2: bssid: '00:11' is no MAC"},
        MistakeCase{"NoPart", "data:\n  - {datum: sms}\n",
                    "s.yaml:2: sms: has no value; give it one of value, from, to"},
        MistakeCase{"Url", "data:\n  - {datum: browsing, url: example.fi}\n",
                    "s.yaml:2: url: 'example.fi' is no web address"},
        MistakeCase{"SameName",
                    "data:\n  - {datum: note, name: a, value: one and only}\n  - {datum: note, name: a, value: x}\n",
                    "s.yaml:3: name: 'a' names two"},
        MistakeCase{"Date", "data:\n  - {datum: birthday, value: 14.3.1985}\n",
                    "s.yaml:2: value: '14.3.1985' is no date"}),
    [](const auto& info) { return info.param.name; });

TEST(SubjectFile, ReadsTheDesignsExample) {
  const Subject subject = parse_subject(R"(
device: {maker: Nokia, model: Lumia 920, system: Windows Phone 8, system-vendor: Microsoft, addresses: ["192.0.2.17", "00:1A:2B:3C:4D:5F"]}
data:
  - {datum: imei, value: "356938035643809"}
  - {datum: sms, value: "Nähdään kello kuusi Kampissa", from: "+358 50 765 4321"}
  - {datum: location, latitude: 60.16952, longitude: 24.93545, radius-m: 250, name: home}
  - {datum: contact, name: Eino Leino, phone-number: "+358 45 111 2222", email: eino@example.com}
  - {datum: contact, name: Aleksis Kivi}
)",
                                        "", "lumia.yaml");
  EXPECT_EQ(subject.name, "Nokia Lumia 920");
  EXPECT_EQ(subject.system_vendor, "Microsoft");
  EXPECT_EQ(subject.addresses.macs.size(), 1u);
  EXPECT_EQ(subject.addresses.prefixes.size(), 1u);
  ASSERT_EQ(subject.entries.size(), 5u);
  EXPECT_EQ(subject.entries[0].name, "imei#1");
  EXPECT_EQ(subject.entries[0].kind, "identifier");
  EXPECT_EQ(subject.entries[0].line, 4);
  EXPECT_EQ(subject.entries[1].parts.size(), 2u);
  EXPECT_EQ(subject.entries[2].name, "home");
  EXPECT_EQ(subject.entries[2].place->radius_m, 250);
  EXPECT_EQ(subject.entries[3].name, "contact#1");
  EXPECT_EQ(subject.entries[4].name, "contact#2");
  EXPECT_THAT(subject.entries[3].masked, testing::Not(HasSubstr("Leino")));
}

struct DoubtCase {
  const char* name;
  const char* datum;
  const char* says;  // empty: no warning
};
void PrintTo(const DoubtCase& c, std::ostream* out) { *out << c.datum; }

class Doubts : public testing::TestWithParam<DoubtCase> {};

TEST_P(Doubts, AreWarned) {
  const Subject subject = parse_subject(std::string("data:\n  - ") + GetParam().datum + "\n", "", "s.yaml");
  if (*GetParam().says == '\0') {
    EXPECT_THAT(subject.warnings, IsEmpty());
  } else {
    ASSERT_EQ(subject.warnings.size(), 1u);
    EXPECT_THAT(subject.warnings[0], HasSubstr(GetParam().says));
    EXPECT_THAT(subject.warnings[0], HasSubstr("s.yaml:2: "));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, Doubts,
    testing::Values(DoubtCase{"GoodImei", "{datum: imei, value: \"356938035643809\"}", ""},
                    DoubtCase{"BadCheckDigit", "{datum: imei, value: \"356938035643808\"}", "check digit"},
                    DoubtCase{"ShortName", "{datum: name, value: Eino}", "too short"},
                    DoubtCase{"Common", "{datum: wifi-network, ssid: Linksys}", "common"},
                    DoubtCase{"Placeholder", "{datum: serial-number, value: \"0000000000000000\"}", "few characters"},
                    DoubtCase{"NoCountry", "{datum: phone-number, value: \"040 123 4567 890\"}", "country code"},
                    DoubtCase{"GoodPhone", "{datum: phone-number, value: \"+358 40 123 4567\"}", ""},
                    DoubtCase{"GoodSms", "{datum: sms, value: \"Nähdään kello kuusi Kampissa\"}", ""},
                    DoubtCase{"GoodUuid", "{datum: advertising-id, value: 8b1c2d3e-4f50-4a61-b273-8495a6b7c8d9}", ""}),
    [](const auto& info) { return info.param.name; });

TEST(SubjectFile, SchemaKnowsTheSameWords) {
  std::ifstream in(TATTLE_SOURCE_DIR "/data/subject.schema.json");
  const auto schema = nlohmann::json::parse(in);
  std::set<std::string> words, known;
  for (const auto& item : schema["properties"]["data"]["items"]["oneOf"]) {
    const std::string word = item["properties"]["datum"]["const"];
    words.insert(word);
    std::set<std::string> fields, wanted{"datum", "name"};
    for (const auto& [field, rule] : item["properties"].items()) fields.insert(field);
    for (const FieldRule& field : find_datum(word)->fields) wanted.insert(std::string(field.name));
    if (word == "location") wanted.insert({"latitude", "longitude", "radius-m"});
    EXPECT_EQ(fields, wanted) << word;
  }
  for (const DatumRule& rule : all_data()) known.insert(std::string(rule.word));
  EXPECT_EQ(words, known);
}

TEST(SubjectFile, FreshOneHasNothingToWarnOf) {
  const ScratchFolder folder;
  for (const FreshFile& file : fresh_subject("fresh", {"Nokia", "Lumia 920", "", "", {"192.0.2.17"}, 0, 0, false})) {
    folder.write("fresh" + file.ending, file.content);
  }
  const Subject subject = load_subject(folder.file("fresh.yaml"));
  EXPECT_THAT(subject.warnings, IsEmpty());
  EXPECT_GE(subject.entries.size(), 20u);
  EXPECT_EQ(subject.addresses.prefixes.size(), 1u);
}

TEST(Luhn, KnownNumbers) {
  // The IMEI of 3GPP TS 23.003 examples and ISO/IEC 7812-1 annex B's account number.
  EXPECT_TRUE(luhn_valid("490154203237518"));
  EXPECT_TRUE(luhn_valid("79927398713"));
  EXPECT_FALSE(luhn_valid("79927398710"));
}

}  // namespace
}  // namespace tattle
