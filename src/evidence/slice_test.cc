#include "evidence/slice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/result.h"
#include "base/testing/scratch_folder.h"
#include "evidence/pcapng_writer.h"
#include "evidence/private_file.h"

namespace tattle {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Address address(const char* text) { return *Address::parse(text); }

// What our own reader makes of a written file: one line an event.
std::vector<std::string> read_back(const ByteVector& file) {
  const ScratchFolder folder;
  Anomalies anomalies;
  const Limits limits;
  std::vector<std::string> events;
  {
    auto reader = CaptureReader::open(folder.write("slice", as_text(file)), 0, limits, anomalies);
    for (;;) {
      const CaptureEvent event = reader->next();
      if (const auto* packet = std::get_if<CapturedPacket>(&event)) {
        events.push_back(std::to_string(packet->interface) + "/" + std::to_string(packet->link_type) + " " +
                         to_rfc3339(packet->time) + " " + std::to_string(packet->wire_length) + " " +
                         std::string(as_text(packet->data)));
      } else if (const auto* secrets = std::get_if<CapturedSecrets>(&event)) {
        events.push_back("secrets " + std::string(as_text(secrets->data)));
      } else if (const auto* name = std::get_if<CapturedName>(&event)) {
        events.push_back(to_string(name->address) + "=" + std::string(name->name));
      } else if (const auto* end = std::get_if<CaptureEnd>(&event)) {
        if (end->cut) events.emplace_back("cut");
        break;
      }
    }
  }
  EXPECT_EQ(anomalies.entries().size(), 0u);
  return events;
}

TEST(PcapngWriter, IsReadAsItWasWritten) {
  ByteVector file;
  pcapng::put_section(file, "a comment", "tattle 1");
  pcapng::put_secrets(file, "CLIENT_RANDOM 00 11\n");
  pcapng::put_names(file, {{address("192.0.2.1"), "a.example"}, {address("2001:db8::1"), "six.example"}});
  pcapng::put_interface(file, 1, "one.pcap");
  pcapng::put_interface(file, 228, "");
  const Time time = *parse_rfc3339("2012-11-05T18:03:21.000125Z");
  pcapng::put_packet(file, {0, time, 1500, as_bytes("abcde"), 7, "told"});
  pcapng::put_packet(file, {1, time, 0, as_bytes("wxyz"), 8, ""});
  EXPECT_THAT(read_back(file),
              ElementsAre("secrets CLIENT_RANDOM 00 11\n", "192.0.2.1=a.example", "2001:db8::1=six.example",
                          "0/1 2012-11-05T18:03:21.000125Z 1500 abcde", "1/228 2012-11-05T18:03:21.000125Z 4 wxyz"));
}

TEST(PcapngWriter, LongAndOddTextsStillMakeBlocks) {
  ByteVector file;
  // 70,000 bytes of two-byte characters, and bytes that are no UTF-8.
  std::string text;
  for (int i = 0; i < 35000; ++i) text += "\xc3\xa4";
  pcapng::put_section(file, text, "\xff");
  pcapng::put_names(file, {{address("192.0.2.1"), std::string("a\0b", 3)}});
  pcapng::put_interface(file, 1, text);
  pcapng::put_packet(file, {0, Time{-5}, 1, as_bytes("x"), 1, text});
  EXPECT_THAT(read_back(file), ElementsAre("192.0.2.1=ab", "0/1 1970-01-01T00:00:00.000000Z 1 x"));
}

AuditedDisclosure disclosure() {
  AuditedDisclosure each;
  each.id = "D7";
  each.datum = "location";
  each.form = "plain";
  each.certainty = "verified";
  each.direction = "sent";
  each.path = "http/1.1 > target > query lat";
  each.host = "where.example";
  each.country = "IE";
  each.count = 43;
  each.occurrences = {{5, 9, {{0, 4, 4}}, "2012-11-05T18:03:21.000125Z"}};
  return each;
}

CapturedPacket packet(std::uint64_t number, const char* bytes) {
  CapturedPacket made;
  made.id = {0, number};
  made.link_type = 1;
  made.data = as_bytes(bytes);
  made.wire_length = static_cast<std::uint32_t>(made.data.size());
  return made;
}

TEST(Slice, HoldsItsPacketsSecretsNamesAndComments) {
  const AuditedDisclosure told = disclosure();
  SlicePlan plan;
  plan.disclosure = &told;
  plan.occurrences = {&told.occurrences[0]};
  plan.packets = {{0, 2, 2}, {0, 4, 4}};
  plan.dns = {{0, 2, 2}};
  plan.secrets = {{"CLIENT_RANDOM", {0xaa, 0xbb}, {0x01, 0x02}}};
  plan.names = {{address("192.0.2.1"), "where.example"}};
  plan.left_out = 3;
  const std::vector<AuditedCapture> captures{{"evening.pcapng", "c0ffee", false}};
  ByteVector file;
  SliceWriter writer(plan, captures, "tattle 1",
                     [&](Bytes bytes) { file.insert(file.end(), bytes.begin(), bytes.end()); });
  for (std::uint64_t number = 1; number <= 5; ++number) writer.on_packet(packet(number, number == 4 ? "hit" : "any"));
  EXPECT_EQ(writer.packets(), 2u);
  EXPECT_THAT(read_back(file),
              ElementsAre("secrets CLIENT_RANDOM aabb 0102\n", "192.0.2.1=where.example",
                          "0/1 1970-01-01T00:00:00.000000Z 3 any", "0/1 1970-01-01T00:00:00.000000Z 3 hit"));
  const std::string text(as_text(file));
  EXPECT_THAT(text, HasSubstr("Evidence of disclosure D7: location as plain, sent to where.example (IE), verified."));
  EXPECT_THAT(text, HasSubstr("Shown: 1 of 43 occurrences"));
  EXPECT_THAT(text, HasSubstr("Left out: 3 later packets of that conversation."));
  EXPECT_THAT(text, HasSubstr("Cut from evening.pcapng (SHA-256 c0ffee)"));
  EXPECT_THAT(text, HasSubstr("D7: carries location as plain, sent to where.example (IE). Path: http/1.1 > target > "
                              "query lat. Packet 4 of evening.pcapng"));
  EXPECT_THAT(text, HasSubstr("D7: names the recipient's address"));
  EXPECT_THAT(text, Not(HasSubstr("Packet 2 of")));
}

TEST(Slice, RunsHoldTheirPackets) {
  const PacketRuns runs{{0, 2, 4}, {0, 9, 9}, {2, 1, 1}};
  for (const PacketId& in : {PacketId{0, 2}, PacketId{0, 4}, PacketId{0, 9}, PacketId{2, 1}})
    EXPECT_TRUE(holds(runs, in));
  for (const PacketId& out : {PacketId{0, 1}, PacketId{0, 5}, PacketId{1, 2}, PacketId{1, 9}, PacketId{2, 2}}) {
    EXPECT_FALSE(holds(runs, out));
  }
  EXPECT_FALSE(holds({}, {0, 1}));
}

TEST(AuditFolder, GroupsWhatSeveralCapturesCarried) {
  const AuditFolder folder = parse_audit(R"({"tattle":"0.1.0","schema":1,
    "captures":[{"name":"a.pcap","sha256":"aa"},{"name":"b.har","sha256":"bb","entries":4}],
    "disclosures":[{"id":"D1","datum":"imei","path":[{"step":"tls","detail":"1.3"},{"step":"json","detail":"$.id"}],
      "count":3,"recipient":{"host":"x.example","addresses":["192.0.2.1","mac"],"organisation":"X","country":"IE","role":"destination"},
      "evidence":[{"capture":"a.pcap","packets":[[1,2]],"flow":1,"message":2,"time":"t1"},
                  {"capture":"b.har","packets":[[3,3]],"flow":1,"message":2,"time":"t1"},
                  {"capture":"gone","packets":[[9,9]],"flow":1,"message":2,"time":"t1"},
                  {"capture":"a.pcap","packets":[[7,7]],"flow":1,"message":3,"time":"t2"}]}]})",
                                         "audit.json");
  ASSERT_EQ(folder.disclosures.size(), 1u);
  const AuditedDisclosure& each = folder.find("D1");
  EXPECT_EQ(each.path, "tls 1.3 > json $.id");
  EXPECT_EQ(each.recipient(), "x.example (X, IE)");
  EXPECT_EQ(each.addresses.size(), 1u);
  ASSERT_EQ(each.occurrences.size(), 2u);
  EXPECT_THAT(each.occurrences[0].packets, ElementsAre(PacketRun{0, 1, 2}, PacketRun{1, 3, 3}));
  EXPECT_THAT(each.occurrences[1].packets, ElementsAre(PacketRun{0, 7, 7}));
  EXPECT_FALSE(folder.captures[0].entries);
  EXPECT_TRUE(folder.captures[1].entries);
  try {
    folder.find("D2");
    FAIL();
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("the report has D1 to"));
  }
}

TEST(AuditFolder, WhatIsNoneIsAUsersMistake) {
  for (const char* text : {"", "[]", "{}", R"({"schema":2})", R"({"schema":1,"captures":[],"disclosures":[{}]})",
                           R"({"schema":1,"captures":[],"disclosures":[{"id":"../D1","path":[]}]})",
                           R"({"schema":1,"captures":7,"disclosures":[]})"}) {
    EXPECT_THROW(parse_audit(text, "audit.json"), UserError) << text;
  }
}

TEST(PrivateFile, IsWholeOrNotThere) {
  const ScratchFolder folder;
  const std::string path = folder.file("d7.pcapng");
  { PrivateFile(path).write(as_bytes("half")); }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  PrivateFile file(path);
  file.write(as_bytes("whole"));
  EXPECT_FALSE(std::filesystem::exists(path));
  file.finish();
  std::ifstream read(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(read), {}), "whole");
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::filesystem::remove_all(folder.path());
  EXPECT_THROW(PrivateFile{path}, UserError);
}

}  // namespace
}  // namespace tattle
