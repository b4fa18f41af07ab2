#include "capture/capture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "capture/pcapng_format.h"

namespace tattle {
namespace {

/// Writes numbers in either byte order.
struct Out {
  bool big = false;
  std::string bytes = "";
  Out& number(std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> 8 * (big ? size - 1 - i : i));
    return *this;
  }
  Out& u16(std::uint64_t value) { return number(value, 2); }
  Out& u32(std::uint64_t value) { return number(value, 4); }
  Out& u64(std::uint64_t value) { return number(value, 8); }
  Out& text(std::string_view raw) {
    bytes += raw;
    return *this;
  }
  Out& padded(std::string_view raw) {
    bytes += raw;
    bytes.append((4 - raw.size() % 4) % 4, '\0');
    return *this;
  }
};

std::string pcap_header(bool big, std::uint32_t magic, std::uint32_t link = 1, std::uint16_t minor = 4) {
  return Out{big}.u32(magic).u16(2).u16(minor).u32(0).u32(0).u32(65535).u32(link).bytes;
}
std::string pcap_record(bool big, std::uint32_t seconds, std::uint32_t fraction, std::string_view data,
                        std::uint32_t wire = 0) {
  return Out{big}.u32(seconds).u32(fraction).u32(data.size()).u32(wire ? wire : data.size()).text(data).bytes;
}

std::string block(bool big, std::uint32_t type, std::string_view body) {
  const std::size_t length = 12 + (body.size() + 3) / 4 * 4;
  return Out{big}.u32(type).u32(length).padded(body).u32(length).bytes;
}
std::string section(bool big) {
  return block(big, 0x0a0d0d0a, Out{big}.u32(0x1a2b3c4d).u16(1).u16(0).u64(~0ull).bytes);
}
std::string interface(bool big, std::uint16_t link, std::string_view options = "", std::uint32_t snap = 0) {
  return block(big, 1, Out{big}.u16(link).u16(0).u32(snap).text(options).bytes);
}
std::string option(bool big, std::uint16_t code, std::string_view value) {
  return Out{big}.u16(code).u16(value.size()).padded(value).bytes;
}
std::string enhanced(bool big, std::uint32_t interface, std::uint64_t units, std::string_view data,
                     std::uint32_t wire = 0, std::string_view options = "") {
  return block(big, 6,
               Out{big}
                   .u32(interface)
                   .u32(units >> 32)
                   .u32(units)
                   .u32(data.size())
                   .u32(wire ? wire : data.size())
                   .padded(data)
                   .text(options)
                   .bytes);
}

class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content) {
    static int serial = 0;
    path_ = (std::filesystem::temp_directory_path() /
             ("tattle-capture-" + std::to_string(getpid()) + "-" + std::to_string(serial++)))
                .string();
    std::ofstream(path_, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Everything of a capture, a line an event.
struct Read {
  std::vector<std::string> events;
  bool cut = false;
  std::string format;
  std::string sha256;
  Anomalies anomalies;
  std::vector<CapturedPacket> packets;
};

Read read_path(const std::string& path, const Limits& limits = {}) {
  Read read;
  auto reader = CaptureReader::open(path, 3, limits, read.anomalies);
  while (true) {
    CaptureEvent event = reader->next();
    if (const auto* end = std::get_if<CaptureEnd>(&event)) {
      read.cut = end->cut;
      break;
    }
    if (const auto* packet = std::get_if<CapturedPacket>(&event)) {
      read.events.push_back(std::to_string(packet->id.number) + " if" + std::to_string(packet->interface) + " link" +
                            std::to_string(packet->link_type) + " " + std::to_string(packet->time.ns) + " " +
                            std::to_string(packet->wire_length) + " " + std::string(as_text(packet->data)));
      read.packets.push_back(*packet);
    } else if (const auto* secrets = std::get_if<CapturedSecrets>(&event)) {
      read.events.push_back((secrets->kind == CapturedSecrets::Kind::tls_key_log ? "keys " : "other ") +
                            std::string(as_text(secrets->data)));
    } else if (const auto* name = std::get_if<CapturedName>(&event)) {
      read.events.push_back("name " + to_string(name->address) + " " + std::string(name->name));
    }
  }
  EXPECT_TRUE(std::holds_alternative<CaptureEnd>(reader->next()));
  read.format = reader->format();
  for (std::uint8_t byte : reader->sha256()) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", byte);
    read.sha256 += two;
  }
  return read;
}

Read read_bytes(std::string_view content, const Limits& limits = {}) {
  const TemporaryFile file(content);
  return read_path(file.path(), limits);
}

using Lines = std::vector<std::string>;

struct FormatCase {
  const char* name;
  std::string content;
  Lines events;
  bool cut = false;
  Lines anomalies = {};
};

class CaptureFormat : public testing::TestWithParam<FormatCase> {};

TEST_P(CaptureFormat, IsRead) {
  const Read read = read_bytes(GetParam().content);
  EXPECT_EQ(read.events, GetParam().events);
  EXPECT_EQ(read.cut, GetParam().cut);
  Lines anomalies;
  for (const auto& [name, entry] : read.anomalies.entries()) anomalies.emplace_back(name);
  EXPECT_EQ(anomalies, GetParam().anomalies);
}

// One packet of 0x5f5e100 = 100,000,000 seconds and 7 microseconds or nanoseconds.
const Lines kMicro{"1 if0 link1 100000000000007000 5 hello"}, kNano{"1 if0 link1 100000000000000007 5 hello"};
constexpr std::uint32_t kThen = 100000000;

std::string kuznetzov(bool big) {
  return pcap_header(big, 0xa1b2cd34) +
         Out{big}.u32(kThen).u32(7).u32(5).u32(5).u32(2).u16(0x0800).u16(0).text("hello").bytes;
}

INSTANTIATE_TEST_SUITE_P(
    Pcap, CaptureFormat,
    testing::Values(
        FormatCase{"MicroLittle", pcap_header(false, 0xa1b2c3d4) + pcap_record(false, kThen, 7, "hello"), kMicro},
        FormatCase{"MicroBig", pcap_header(true, 0xa1b2c3d4) + pcap_record(true, kThen, 7, "hello"), kMicro},
        FormatCase{"NanoLittle", pcap_header(false, 0xa1b23c4d) + pcap_record(false, kThen, 7, "hello"), kNano},
        FormatCase{"NanoBig", pcap_header(true, 0xa1b23c4d) + pcap_record(true, kThen, 7, "hello"), kNano},
        FormatCase{"KuznetzovLittle", kuznetzov(false), kMicro}, FormatCase{"KuznetzovBig", kuznetzov(true), kMicro},
        FormatCase{"NoPacket", pcap_header(false, 0xa1b2c3d4), {}},
        FormatCase{
            "FcsOfFourBytes",
            pcap_header(false, 0xa1b2c3d4, 0x24000001) + pcap_record(false, 1, 0, "helloFCS!") +
                pcap_record(false, 1, 0, "hell", 9) + pcap_record(false, 1, 0, "helloF", 9),
            {"1 if0 link1 1000000000 5 hello", "2 if0 link1 1000000000 5 hell", "3 if0 link1 1000000000 5 hello"}},
        FormatCase{"SnapLength",
                   pcap_header(false, 0xa1b2c3d4, 101) + pcap_record(false, 1, 0, "hello", 1500),
                   {"1 if0 link101 1000000000 1500 hello"}},
        FormatCase{"LengthsSwappedBefore2_3",
                   pcap_header(false, 0xa1b2c3d4, 1, 2) + Out{}.u32(1).u32(0).u32(9).u32(5).text("hello").bytes,
                   {"1 if0 link1 1000000000 9 hello"}},
        FormatCase{"CutInHeader",
                   pcap_header(false, 0xa1b2c3d4) + pcap_record(false, kThen, 7, "hello") + std::string(9, 'x'),
                   kMicro,
                   true,
                   {"capture.cut"}},
        FormatCase{"CutInPacket",
                   pcap_header(false, 0xa1b2c3d4) + pcap_record(false, kThen, 7, "hello") +
                       pcap_record(false, kThen, 7, "hello").substr(0, 19),
                   kMicro,
                   true,
                   {"capture.cut"}},
        FormatCase{"DamagedLengthThenTwoSound",
                   pcap_header(false, 0xa1b2c3d4) + pcap_record(false, kThen, 7, "hello") +
                       Out{}.u32(kThen).u32(7).u32(0xfffffff0).u32(5).text("lost!").bytes +
                       pcap_record(false, kThen, 8, "after") + pcap_record(false, kThen, 9, "again"),
                   {kMicro[0], "2 if0 link1 100000000000008000 5 after", "3 if0 link1 100000000000009000 5 again"},
                   false,
                   {"capture.damaged-length"}},
        FormatCase{"DamagedLengthToTheEnd",
                   pcap_header(false, 0xa1b2c3d4) + pcap_record(false, kThen, 7, "hello") +
                       Out{}.u32(kThen).u32(7).u32(0xfffffff0).u32(5).text("lost!").bytes,
                   kMicro,
                   true,
                   {"capture.cut", "capture.damaged-length"}}),
    [](const auto& info) { return info.param.name; });

std::string names_block(bool big) {
  const std::string v6 = "\x20\x01\x0d\xb8" + std::string(11, '\0') + "\x01";
  const std::string body =
      Out{big}
          .u16(1)
          .u16(4 + 22)
          .padded(std::string("\xc0\0\2\x11", 4) + std::string("a.example\0bb.example\0", 21) + '\0')
          .u16(2)
          .u16(16 + 10)
          .padded(v6 + std::string("c.example\0", 10))
          .u16(0)
          .u16(0)
          .bytes;
  return block(big, 4, body);
}

std::string one(bool big) {
  return section(big) + interface(big, 1) + enhanced(big, 0, kThen * 1000000ull + 7, "hello");
}

INSTANTIATE_TEST_SUITE_P(
    Pcapng, CaptureFormat,
    testing::Values(
        FormatCase{"Little", one(false), kMicro}, FormatCase{"Big", one(true), kMicro},
        FormatCase{
            "SectionsOfBothOrders", one(false) + one(true), {kMicro[0], "2 if1 link1 100000000000007000 5 hello"}},
        FormatCase{"InterfacesWithTimes",
                   section(false) + interface(false, 1, option(false, 9, "\x09")) +
                       interface(false, 101, option(false, 9, "\x83") + option(false, 14, Out{}.u64(5).bytes)) +
                       interface(false, 113, option(false, 2, "wlan0") + option(false, 9, "\x03")) +
                       enhanced(false, 0, 7, "nano") + enhanced(false, 1, 9, "eighths") + enhanced(false, 2, 7, "ms"),
                   {"1 if0 link1 7 4 nano", "2 if1 link101 6125000000 7 eighths", "3 if2 link113 7000000 2 ms"}},
        FormatCase{
            "SimpleAndObsolete",
            section(true) + interface(true, 1, "", 4) + enhanced(true, 0, 1000000, "first") +
                block(true, 3, Out{true}.u32(9).text("simp").bytes) +
                block(true, 2, Out{true}.u16(0).u16(77).u32(0).u32(2000000).u32(3).u32(60).padded("old").bytes),
            {"1 if0 link1 1000000000 5 first", "2 if0 link1 1000000000 9 simp", "3 if0 link1 2000000000 60 old"}},
        FormatCase{"NamesAndSecrets",
                   section(false) + names_block(false) +
                       block(false, 10, Out{}.u32(0x544c534b).u32(7).padded("CLIENT_").bytes) +
                       block(false, 10, Out{}.u32(0x57474b4c).u32(3).padded("wg!").bytes),
                   {"name 192.0.2.17 a.example", "name 192.0.2.17 bb.example", "name 2001:db8::1 c.example",
                    "keys CLIENT_", "other wg!"}},
        FormatCase{"OtherBlocksCountAsWiresharkDoes",
                   one(false) + block(false, 5, Out{}.u32(0).u32(1).u32(2).bytes) + block(false, 0x12345, "unknown!") +
                       block(false, 9, "MESSAGE=journal\n") + block(false, 0xbad, Out{}.u32(12345).text("abcd").bytes) +
                       enhanced(false, 0, 1000000, "fourth"),
                   {kMicro[0], "4 if0 link1 1000000000 6 fourth"}},
        FormatCase{"FcsOfInterfaceAndOfPacket",
                   section(false) + interface(false, 1, option(false, 13, "\x04")) +
                       enhanced(false, 0, 1000000, "helloFCS!") +
                       enhanced(false, 0, 1000000, "helloFC", 0,
                                option(false, 1, "a comment") + option(false, 2, Out{}.u32(2 << 5).bytes)),
                   {"1 if0 link1 1000000000 5 hello", "2 if0 link1 1000000000 5 hello"}},
        FormatCase{"UnknownInterface",
                   one(false) + enhanced(false, 7, 0, "whose"),
                   {kMicro[0], "2 if4294967295 link65535 100000000000007000 5 whose"},
                   false,
                   {"capture.unknown-interface"}},
        FormatCase{"CutInBlock", one(false) + one(false).substr(0, 30), kMicro, true, {"capture.cut"}},
        FormatCase{"CutInPacketBlock",
                   one(false) + enhanced(false, 0, 0, "cut here").substr(0, 33),
                   kMicro,
                   true,
                   {"capture.cut"}},
        FormatCase{"DamagedLengthThenSound",
                   one(false) + Out{}.u32(6).u32(7).u32(0).u32(0).bytes + enhanced(false, 0, 1000000, "after"),
                   {kMicro[0], "2 if0 link1 1000000000 5 after"},
                   false,
                   {"capture.damaged-length"}},
        FormatCase{"LengthsDisagreeThenNextSection",
                   one(false) + Out{}.u32(5).u32(20).u32(0).u32(0).u32(16).bytes + one(true),
                   {kMicro[0], "2 if1 link1 100000000000007000 5 hello"},
                   false,
                   {"capture.damaged-length"}},
        FormatCase{"LengthWithoutPadding",
                   one(false) + Out{}.u32(0x12345).u32(13).u32(0).u32(13).bytes + enhanced(false, 0, 1000000, "after"),
                   {kMicro[0], "2 if0 link1 1000000000 5 after"}},
        FormatCase{"CapturedLengthLeavesBlock",
                   section(false) + interface(false, 1) +
                       block(false, 6, Out{}.u32(0).u32(0).u32(1000000).u32(900).u32(900).text("fits").bytes),
                   {"1 if0 link1 1000000000 900 fits"},
                   false,
                   {"capture.malformed-block"}}),
    [](const auto& info) { return info.param.name; });

struct TimeCase {
  const char* name;
  std::uint8_t resolution;
  std::int64_t offset;
  std::uint64_t units;
  std::int64_t ns;
};
class PcapngTime : public testing::TestWithParam<TimeCase> {};
TEST_P(PcapngTime, IsNanoseconds) {
  PcapngInterface interface;
  interface.resolution = GetParam().resolution;
  interface.offset_seconds = GetParam().offset;
  EXPECT_EQ(pcapng_time(GetParam().units, interface).ns, GetParam().ns);
}
INSTANTIATE_TEST_SUITE_P(Resolutions, PcapngTime,
                         testing::Values(TimeCase{"Seconds", 0, 0, 3, 3000000000}, TimeCase{"Pico", 12, 0, 5999, 5},
                                         TimeCase{"Micro", 6, -1, 2500000, 1500000000},
                                         TimeCase{"TwoToTheTen", 0x8a, 0, 512, 500000000},
                                         TimeCase{"TwoToThe127", 0xff, 0, ~0ull, 0},
                                         TimeCase{"TenToThe127", 127, 0, ~0ull, 0},
                                         TimeCase{"TooLarge", 0, 0, ~0ull, INT64_MAX / 2},
                                         TimeCase{"TooSmall", 0, INT64_MIN, 0, -(INT64_MAX / 2)}),
                         [](const auto& info) { return info.param.name; });

std::string gzip(std::string_view plain) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, plain.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
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
      {"hello, this is text", "is not a capture: tattle reads pcap and pcapng"},
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
