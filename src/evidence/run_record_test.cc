#include "evidence/run_record.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/result.h"
#include "base/testing/scratch_folder.h"

namespace tattle {
namespace {

RunRecord example() {
  RunRecord record;
  record.version = "0.1.0";
  record.arguments = {"audit", "evening.pcapng", "--subject", "me.yaml"};
  record.folder = "/home/aino";
  record.captures = {{"/home/aino/evening.pcapng", std::string(64, 'a'), 1234}, {"-", std::string(64, 'b'), 5}};
  record.keys = {{"/home/aino/keys \xff.log", std::string(64, 'c'), 77}};  // a path need not be UTF-8
  record.subjects = {{{"/home/aino/me.yaml", std::string(64, 'd'), 8}, {"192.0.2.17", "2001:db8::/64"}}};
  record.files = {{"--places", {"/home/aino/me.places.csv", std::string(64, 'e'), 9}}};
  record.facts = {
      {"/usr/share/tattle/organisations.yaml", "organisations.yaml", std::string(64, 'f'), 10, "", "2026-11"},
      {"built-in:dpv.yaml", "dpv.yaml", std::string(64, '0'), 11, "2.2", "2025-08"}};
  record.filter = "tcp port 80";
  record.since = "18:00";
  record.until = "19:00";
  record.devices = {"192.0.2.17"};
  record.hosts = {"example.com"};
  record.data = "/srv/data";
  record.reveal = true;
  record.limits = {{"decode-depth", 7}};
  record.started = *parse_rfc3339("2026-01-02T03:04:05.000006Z");
  record.ended = *parse_rfc3339("2026-01-02T03:05:05.5Z");
  return record;
}

TEST(RunRecord, IsReadAsItWasWritten) {
  const RunRecord written = example();
  const RunRecord read = parse_run_record(to_json(written), "run.json");
  EXPECT_EQ(read.version, "0.1.0");
  EXPECT_EQ(read.arguments, written.arguments);
  EXPECT_EQ(read.folder, "/home/aino");
  ASSERT_EQ(read.captures.size(), 2u);
  EXPECT_EQ(read.captures[0].path, "/home/aino/evening.pcapng");
  EXPECT_EQ(read.captures[0].sha256, std::string(64, 'a'));
  EXPECT_EQ(read.captures[0].size, 1234u);
  EXPECT_EQ(read.captures[1].path, "-");
  ASSERT_EQ(read.keys.size(), 1u);
  EXPECT_EQ(read.keys[0].path, written.keys[0].path);
  ASSERT_EQ(read.subjects.size(), 1u);
  EXPECT_EQ(read.subjects[0].addresses, written.subjects[0].addresses);
  ASSERT_EQ(read.facts.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(read.facts[i].path, written.facts[i].path);
    EXPECT_EQ(read.facts[i].name, written.facts[i].name);
    EXPECT_EQ(read.facts[i].sha256, written.facts[i].sha256);
    EXPECT_EQ(read.facts[i].size, written.facts[i].size);
    EXPECT_EQ(read.facts[i].version, written.facts[i].version);
    EXPECT_EQ(read.facts[i].date, written.facts[i].date);
  }
  ASSERT_EQ(read.files.size(), 1u);
  EXPECT_EQ(read.files[0].option, "--places");
  EXPECT_EQ(read.files[0].file.path, "/home/aino/me.places.csv");
  EXPECT_EQ(std::tie(read.filter, read.since, read.until), std::tie(written.filter, written.since, written.until));
  EXPECT_EQ(read.devices, written.devices);
  EXPECT_EQ(read.hosts, written.hosts);
  EXPECT_EQ(read.data, "/srv/data");
  EXPECT_TRUE(read.reveal);
  EXPECT_EQ(read.limits, written.limits);
  EXPECT_EQ(read.started, written.started);
  EXPECT_EQ(read.ended, written.ended);
}

TEST(RunRecord, LimitsAreThoseThatDiffer) {
  Limits limits;
  EXPECT_TRUE(changed_limits(limits).empty());
  limits.decode_depth = 7;
  RunRecord record;
  record.limits = changed_limits(limits);
  ASSERT_EQ(record.limits.size(), 1u);
  EXPECT_EQ(record.limits[0].first, "decode-depth");
  EXPECT_EQ(limits_of(record).decode_depth, 7u);
}

TEST(RunRecord, HashIsThatOfSha256sum) {
  const ScratchFolder folder;
  const std::string path = folder.write("abc", "abc");
  const RecordedFile file = record_file(path);
  std::filesystem::remove(path);
  EXPECT_EQ(file.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-2, B.1
  EXPECT_EQ(file.size, 3u);
  EXPECT_EQ(file.path, path);
  EXPECT_THROW(record_file(path), UserError);
}

TEST(RunRecord, WhatIsNoneIsAUsersMistake) {
  for (const char* text : {"", "[]", "{}", "{\"schema\":1}", "{\"schema\":\"1\"}", "{\"schema\":2,\"tattle\":\"9\"}",
                           "{\"schema\":1,\"tattle\":\"0\",\"captures\":7}"}) {
    EXPECT_THROW(parse_run_record(text, "run.json"), UserError) << text;
  }
  EXPECT_THROW(read_run_record("/nowhere/at/all"), UserError);
}

}  // namespace
}  // namespace tattle
