#include "evidence/seal/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "evidence/seal/file_hash.h"
#include "evidence/seal/manifest_replay.h"

namespace tattle {
namespace {

const std::string kHash(64, 'a');

Manifest example() {
  Manifest manifest;
  manifest.sealed = *parse_rfc3339("2026-01-02T03:04:05.000006Z");
  manifest.key_id = "82AD761E244C859F";
  manifest.build = {"0.1.0", "abc", "g++ 12", kHash};
  manifest.clock = {true, 500, {"chrony"}};
  manifest.selftest = {51, 0, 0, 0};
  manifest.audit_version = "0.1.0";
  manifest.arguments = {"audit", "evening.pcapng"};
  manifest.limits = {{"decode-depth", 7}, {"flows", 9}};
  manifest.captures = {{"/home/aino/evening \xff.pcapng", kHash, 1}};  // a path need not be UTF-8
  manifest.keys = {{"/home/aino/keys.log", kHash, 2}};
  manifest.subjects = {{"/home/aino/me.yaml", kHash, 3}};
  manifest.others = {{"/home/aino/me.places.csv", kHash, 4}};
  manifest.files = {{"audit.json", kHash, 5}, {"evidence/D7.pcapng", kHash, 6}};
  manifest.custody = {3, kHash};
  return manifest;
}

TEST(Manifest, IsReadAsItWasWritten) {
  const Manifest written = example();
  const std::string text = to_json(written);
  const auto read = parse_manifest(text);
  ASSERT_TRUE(read) << read.error().field;
  EXPECT_EQ(to_json(*read), text);
  EXPECT_EQ(read->captures[0].path, written.captures[0].path);
  EXPECT_EQ(read->files[1].path, "evidence/D7.pcapng");
  EXPECT_EQ(read->custody, written.custody);
  EXPECT_EQ(read->selftest, written.selftest);
  EXPECT_EQ(read->sealed, written.sealed);
  EXPECT_EQ(read->limits, written.limits);
  EXPECT_EQ(read->clock.synchronised, true);
}

TEST(Manifest, AClockThatTheKernelDoesNotTellOfIsNotGuessed) {
  Manifest manifest = example();
  manifest.clock = {};
  const auto read = parse_manifest(to_json(manifest));
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->clock.synchronised);
  EXPECT_FALSE(read->clock.max_error_us);
}

struct WrongManifest {
  const char* name;
  const char* where;  // JSON pointer
  const char* value;  // JSON; empty: the member is taken out
  std::string_view field;
};

class ManifestWrong : public testing::TestWithParam<WrongManifest> {};
TEST_P(ManifestWrong, IsTold) {
  auto json = nlohmann::json::parse(to_json(example()));
  const nlohmann::json::json_pointer at(GetParam().where);
  if (*GetParam().value == 0) {
    json.at(at.parent_pointer()).erase(at.back());
  } else {
    json[at] = nlohmann::json::parse(GetParam().value);
  }
  const auto read = parse_manifest(json.dump());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().field, GetParam().field);
}
INSTANTIATE_TEST_SUITE_P(
    Members, ManifestWrong,
    testing::Values(WrongManifest{"OtherSchema", "/schema", "2", "manifest.schema"},
                    WrongManifest{"SchemaIsText", "/schema", "\"1\"", "manifest.member"},
                    WrongManifest{"NoSchema", "/schema", "", "manifest.member"},
                    WrongManifest{"NoTime", "/sealed", "\"yesterday\"", "manifest.member"},
                    WrongManifest{"NoFiles", "/files", "", "manifest.member"},
                    WrongManifest{"FilesAreANumber", "/files", "7", "manifest.member"},
                    WrongManifest{"FileIsText", "/files/0", "\"audit.json\"", "manifest.member"},
                    WrongManifest{"NegativeSize", "/files/0/size", "\"-1\"", "manifest.member"},
                    WrongManifest{"Absolute", "/files/0/path", "\"/etc/passwd\"", "manifest.path"},
                    WrongManifest{"Climbs", "/files/0/path", "\"a/../../b\"", "manifest.path"},
                    WrongManifest{"Empty", "/files/0/path", "\"\"", "manifest.path"},
                    WrongManifest{"Unsorted", "/files/0/path", "\"f\"", "manifest.path"},
                    WrongManifest{"Twice", "/files/0/path", "\"evidence/D7.pcapng\"", "manifest.path"},
                    WrongManifest{"UpperHash", "/files/0/sha256", "\"AAAA\"", "manifest.sha256"},
                    WrongManifest{"NoCustody", "/custody", "", "manifest.member"},
                    WrongManifest{"CustodyHash", "/custody/sha256", "\"\"", "manifest.sha256"},
                    WrongManifest{"AuditIsAList", "/audit", "[]", "manifest.member"},
                    WrongManifest{"LimitIsText", "/audit/limits/flows", "\"7\"", "manifest.member"},
                    WrongManifest{"NoBase64", "/audit/captures/0/path-base64", "\"!\"", "manifest.member"}),
    [](const auto& info) { return info.param.name; });

TEST(Manifest, WhatIsNoObject) {
  for (const char* text : {"", "[]", "{", "null", "\xff"}) {
    const auto read = parse_manifest(text);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().field, "manifest.json") << text;
  }
}

TEST(Manifest, InnerPaths) {
  for (const char* path : {"a", "a/b", "seals/1/manifest.json", "a b", "..a", "ä"})
    EXPECT_TRUE(is_inner_path(path)) << path;
  for (const char* path :
       {"", "/", "/a", "a/", "a//b", ".", "..", "a/.", "./a", "a/../b", "a\\b", "a\nb", "a\x7f", "\xff"}) {
    EXPECT_FALSE(is_inner_path(path)) << path;
  }
}

class FileStates : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "tattle-file-hash-" + std::to_string(::getpid());
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ + "/abc") << "abc";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  FileState state(const std::string& name, bool follow = false) const {
    return state_of_file(folder_ + "/" + name, abc_, follow);
  }
  std::string folder_;
  // FIPS 180-2, B.1
  RecordedFile abc_{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 3};
};

TEST_F(FileStates, EachIsTold) {
  EXPECT_EQ(sha256_hex(as_bytes("abc")), abc_.sha256);
  EXPECT_EQ(state("abc"), FileState::same);
  EXPECT_EQ(state("none"), FileState::missing);
  EXPECT_EQ(state("abc/below"), FileState::missing);
  std::ofstream(folder_ + "/abd") << "abd";
  EXPECT_EQ(state("abd"), FileState::changed);
  std::ofstream(folder_ + "/abcd") << "abcd";
  EXPECT_EQ(state("abcd"), FileState::changed);
  std::filesystem::create_symlink("abc", folder_ + "/link");
  EXPECT_EQ(state("link"), FileState::not_a_file);
  EXPECT_EQ(state("link", true), FileState::same);
  EXPECT_EQ(state("."), FileState::not_a_file);
  ASSERT_EQ(::mkfifo((folder_ + "/pipe").c_str(), 0600), 0);
  EXPECT_EQ(state("pipe"), FileState::not_a_file);  // and nobody waits for a writer
  EXPECT_EQ(state_of_file("/dev/zero", abc_, true), FileState::not_a_file);
  EXPECT_THROW(read_document(folder_ + "/pipe", 100), UserError);
  EXPECT_THROW(read_document(folder_ + "/abcd", 3), UserError);
  EXPECT_EQ(read_document(folder_ + "/abc", 3), "abc");
}

TEST(Replay, SaysWhatDiffers) {
  const auto document = [](const char* disclosures, const char* rest) {
    return std::string("{\"disclosures\":[") + disclosures + "]," + rest + "}";
  };
  constexpr const char* kOne =
      R"({"id":"D1","key":"k1","entry":"imei","direction":"sent","count":1,"recipient":{"host":"a.example"}})";
  constexpr const char* kTwo =
      R"({"id":"D1","key":"k1","entry":"imei","direction":"sent","count":2,"recipient":{"host":"a.example"}})";
  const std::string before = document(kOne, "\"tattle\":\"1\"");
  using testing::ElementsAre;
  EXPECT_THAT(audit_differences(before, before), testing::IsEmpty());
  EXPECT_THAT(audit_differences(before, document("", "\"tattle\":\"1\"")),
              ElementsAre("not found again: D1: imei sent to a.example"));
  EXPECT_THAT(audit_differences(document("", "\"tattle\":\"1\""), before),
              ElementsAre("found only now: D1: imei sent to a.example"));
  EXPECT_THAT(audit_differences(before, document(kTwo, "\"tattle\":\"2\"")),
              ElementsAre("differs: D1: imei sent to a.example (count)", "differs: tattle"));
  EXPECT_THAT(audit_differences(before, before + " "), ElementsAre("the same, but written in another order"));
  EXPECT_THAT(audit_differences(before, "[]"), ElementsAre("audit.json is no audit document"));
  for (const char* hostile :
       {"{\"disclosures\":7}", "{\"disclosures\":[7,null,{}]}", "{\"disclosures\":[{\"recipient\":[]}]}"}) {
    EXPECT_FALSE(audit_differences(before, hostile).empty());
    EXPECT_FALSE(audit_differences(hostile, before).empty());
  }
}

}  // namespace
}  // namespace tattle
