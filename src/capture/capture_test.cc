// Files as a whole: compression, standard input, lifetime of bytes, mistakes.
#include "capture/capture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "capture/test_captures.h"

namespace tattle {
namespace {

using namespace testing_captures;

std::string zstd(std::string_view plain) {
  std::string out(ZSTD_compressBound(plain.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), 3));
  return out;
}

TEST(Compression, MembersAndFramesAreOneStream) {
  const std::string head = pcap_header(false, 0xa1b2c3d4), body = pcap_record(false, kThen, 7, "hello");
  const Read gzipped = read_bytes(gzip(head) + gzip(body));
  EXPECT_EQ(gzipped.events, kMicro);
  EXPECT_EQ(gzipped.format, "pcap (gzip)");
  EXPECT_FALSE(gzipped.cut);
  const Read zstandard = read_bytes(zstd(one(true).substr(0, 20)) + zstd(one(true).substr(20)));
  EXPECT_EQ(zstandard.events, kMicro);
  EXPECT_EQ(zstandard.format, "pcapng (zstd)");
  EXPECT_FALSE(zstandard.cut);
}

TEST(Compression, CutDamagedAndTrailing) {
  std::string plain = pcap_header(false, 0xa1b2c3d4);
  std::uint32_t noise = 1;  // so that it compresses into several blocks
  for (int i = 0; i < 20000; ++i)
    plain += pcap_record(false, kThen, (noise = noise * 1664525 + 1013904223) % 1000000, "hello");
  for (const auto& compress : {gzip, zstd}) {
    const std::string whole = compress(plain);
    const Read cut = read_bytes(whole.substr(0, whole.size() * 3 / 4));
    EXPECT_TRUE(cut.cut);
    EXPECT_EQ(cut.anomalies.count("capture.cut"), 1u);
    const Read trailing = read_bytes(whole + "and what is this?");
    EXPECT_EQ(trailing.events.size(), 20000u);
    EXPECT_FALSE(trailing.cut);
    EXPECT_EQ(trailing.anomalies.count("capture.trailing-bytes"), 1u);
  }
  std::string damaged = gzip(plain);
  damaged[damaged.size() - 6] = static_cast<char>(damaged[damaged.size() - 6] ^ 0x55);  // its checksum
  const Read read = read_bytes(damaged);
  EXPECT_EQ(read.events.size(), 20000u);
  EXPECT_TRUE(read.cut);
  EXPECT_EQ(read.anomalies.count("capture.damaged-compression"), 1u);
}

TEST(Capture, ComesThroughStandardInputInPieces) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const int saved = dup(STDIN_FILENO);
  dup2(ends[0], STDIN_FILENO);
  std::thread writer([&] {
    for (char byte : one(true)) EXPECT_EQ(write(ends[1], &byte, 1), 1);
    close(ends[1]);
  });
  const Read read = read_path("-");
  writer.join();
  dup2(saved, STDIN_FILENO);
  close(saved);
  close(ends[0]);
  EXPECT_EQ(read.events, kMicro);
  EXPECT_FALSE(read.cut);
}

TEST(Capture, HashIsOfTheFileAsItIsOnDisk) {
  // printf of the same bytes through sha256sum.
  EXPECT_EQ(read_bytes(pcap_header(true, 0xa1b2c3d4)).sha256,
            "6b602ceecb257b5d83dbb964621e460e514d64f2a33277f6c869e320f80a1850");
}

TEST(Capture, BlocksAreKeptWhileAPacketOfThemIs) {
  std::string content = pcap_header(false, 0xa1b2c3d4);
  constexpr int kPackets = 3000;
  for (int i = 0; i < kPackets; ++i) {
    content += pcap_record(false, 1, 0, std::string(1500, static_cast<char>('a' + i % 26)));
  }
  const Read read = read_bytes(content);
  ASSERT_EQ(read.packets.size(), std::size_t{kPackets});
  for (int i = 0; i < kPackets; ++i) {
    ASSERT_EQ(as_text(read.packets[i].data), std::string(1500, static_cast<char>('a' + i % 26))) << i;
  }
}

TEST(Capture, PacketsOverTheLimitAreCutOrSearchedPast) {
  Limits limits;
  limits.packet_bytes = 100;
  const std::string huge(200000, 'x');
  const Read read = read_bytes(
      section(false) + interface(false, 1) + enhanced(false, 0, 0, huge) + enhanced(false, 0, 0, "after"), limits);
  ASSERT_EQ(read.packets.size(), 2u);
  EXPECT_EQ(read.packets[0].data.size(), 100u);
  EXPECT_EQ(read.packets[0].wire_length, 200000u);
  EXPECT_EQ(as_text(read.packets[1].data), "after");
  EXPECT_EQ(read.anomalies.count("capture.packet-too-long"), 1u);
}

TEST(Capture, MistakesAreOneClearLine) {
  const auto refusal = [](const std::string& path) -> std::string {
    try {
      read_path(path);
    } catch (const UserError& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(refusal("/nowhere/at/all.pcap"), testing::HasSubstr("/nowhere/at/all.pcap: there is no such file"));
  EXPECT_THAT(refusal("/usr"), testing::HasSubstr("/usr: is a directory"));
  const std::vector<std::pair<std::string, std::string>> contents{
      {"", "is empty"},
      {gzip(""), "is empty"},
      {"hello, this is text", "is not a capture: tattle reads pcap, pcapng, snoop"},
      {gzip("hello, this is text"), "is not a capture"},
      {"\x1f\x8b", "cut or damaged from the start"},
      {pcap_header(false, 0xa1b2c3d4).substr(0, 20), "ends within its file header"},
      {section(false).substr(0, 20), "first section header"},
  };
  for (const auto& [content, expected] : contents) {
    const TemporaryFile file(content);
    const std::string said = refusal(file.path());
    EXPECT_THAT(said, testing::HasSubstr(expected));
    EXPECT_EQ(said.find('\n'), std::string::npos);
  }
  if (geteuid() != 0) {
    const TemporaryFile file("secret");
    chmod(file.path().c_str(), 0);
    EXPECT_THAT(refusal(file.path()), testing::HasSubstr("no permission"));
  }
}

}  // namespace
}  // namespace tattle
