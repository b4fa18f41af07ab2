#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "decode/testing.h"

namespace tattle {
namespace {

using testing::ElementsAreArray;
using testing::IsEmpty;

// What zlib and zstd make of a text: another program's words.
std::string deflated(const std::string& text, int window_bits) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 100, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
std::string gzip(const std::string& text) { return deflated(text, 31); }
std::string zlib(const std::string& text) { return deflated(text, 15); }
std::string zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}
std::string counted(const std::string& bytes) {  // behind its size in four bytes
  std::string out(4, '\0');
  for (unsigned i = 0; i < 4; ++i) out[i] = static_cast<char>(bytes.size() >> (24 - 8 * i));
  return out + bytes;
}
std::string noise(std::size_t size) {
  std::string out;
  std::uint64_t state = 88172645463325252;  // xorshift64
  while (out.size() < size) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    out += static_cast<char>(state >> 24);
  }
  return out;
}

struct RawSeen {
  explicit RawSeen(const std::string& bytes, std::string_view protocol = "tcp") {
    Message message;
    message.protocol = protocol;
    message.kind = MessageKind::data;
    message.body = as_bytes(bytes);
    counts = walk_message(message, Limits{}, anomalies, tree);
  }
  SeenTree tree;
  Anomalies anomalies;
  DecodeCounts counts;
};

struct RawCase {
  const char* name;
  std::string bytes;
  std::vector<std::string> leaves;  // of the tree's lines those that name a step below `json`, in order
};

class Embedded : public testing::TestWithParam<RawCase> {};

TEST_P(Embedded, IsOpened) {
  for (const std::string_view protocol : {"tcp", "udp", "quic"}) {
    RawSeen seen(GetParam().bytes, protocol);
    std::vector<std::string> leaves;
    for (const std::string& line : seen.tree.lines()) {
      if (line.find("json $") != std::string::npos) leaves.push_back(line);
    }
    EXPECT_THAT(leaves, ElementsAreArray(GetParam().leaves));
    EXPECT_THAT(seen.tree.broken, IsEmpty());
    EXPECT_EQ(seen.counts.content_bytes, GetParam().bytes.size());
  }
}

const std::string kOne = R"({"id":"one"})", kTwo = R"([{"id":"two\"]}"}])",
                  kLong = R"({"id":")" + noise(0) + std::string(200, 'l') + R"("})";

INSTANTIATE_TEST_SUITE_P(
    Raw, Embedded,
    testing::Values(
        RawCase{"GzipAlone", gzip(kOne), {"gzip > json $.id = one"}},
        RawCase{"ZlibAlone", zlib(kOne), {"deflate > json $.id = one"}},
        RawCase{"JsonAlone", kOne, {"json $.id = one"}},
        RawCase{"JsonLines", kOne + "\n" + kOne + "\r\n", {"json $.id = one", "json $.id = one"}},
        RawCase{"CountedGzips",
                counted(gzip(kOne)) + counted(gzip(kTwo)),
                {"embedded > gzip > json $.id = one", "embedded > gzip > json $[*].id = two\"]}"}},
        RawCase{"GzipThenMore",
                gzip(kOne) + counted(kTwo),
                {"embedded > gzip > json $.id = one", "embedded > json $[*].id = two\"]}"}},
        RawCase{"ShortCountedZlib", std::string("\0\x20", 2) + zlib(kOne), {"embedded > deflate > json $.id = one"}},
        RawCase{"CountedZstd", counted(zstd(kLong)), {"embedded > zstd > json $.id = " + std::string(200, 'l')}},
        RawCase{"JsonBehindHeader",
                std::string("\x7f\x01\x00\x0c", 4) + kOne + std::string(3, '\0'),
                {"embedded > json $.id = one"}},
        RawCase{"JsonParted",
                kOne + std::string(1, '\0') + kOne + std::string(1, '\0'),
                {"embedded > json $.id = one", "embedded > json $.id = one"}},
        RawCase{"JsonCut",
                "\x01\x02" + kLong + R"( {"n":"m","cu)",
                {"embedded > json $.id = " + std::string(200, 'l'), "embedded > json $.n = m"}},
        RawCase{"BetweenNoise",
                noise(40000) + zlib(kLong) + noise(20000),
                {"embedded > deflate > json $.id = " + std::string(200, 'l')}}),
    [](const auto& info) { return info.param.name; });

TEST(Embedded, NoiseHoldsNothing) {
  RawSeen seen(noise(1 << 20));
  EXPECT_EQ(seen.tree.count("embedded"), 0u);
  EXPECT_FALSE(seen.counts.limit_hit);
}

TEST(Embedded, CutMemberIsReadAsFarAsItGoes) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += std::to_string(i * 7919 % 100003) + ",";
  const std::string packed = gzip("{\"id\":\"begin\",\"n\":[" + text + "1]}");
  RawSeen seen(counted(packed).substr(0, packed.size() / 2));
  EXPECT_EQ(seen.tree.at("embedded > gzip > json $.id"), "begin");
  EXPECT_EQ(seen.anomalies.count("decode.cut-gzip"), 1u);
}

TEST(Embedded, OpensTokensBetweenThem) {
  RawSeen seen(counted(gzip(kOne)) + " ZGV2aWNlIG51bWJlciAxMjM0NTY3OA== " + counted(gzip(kOne)));
  EXPECT_EQ(seen.tree.at("base64"), "device number 12345678");
}

TEST(Embedded, ManyFalseStartsEndSoon) {
  // Each is a gzip head with a stored block that holds the next one and never ends.
  std::string hostile;
  while (hostile.size() < 1 << 16) hostile += std::string("\x1f\x8b\x08\0\0\0\0\0\0\xff\0\xff\xff\0\0", 15) + "0123456";
  RawSeen seen("x" + hostile);
  EXPECT_THAT(seen.tree.broken, IsEmpty());
}

TEST(Embedded, OtherProtocolsKnowWhereThingsBegin) {
  const std::string bytes = counted(gzip(kOne));
  RawSeen seen(bytes, "http/1.1");
  EXPECT_EQ(seen.tree.count("embedded"), 0u);
}

}  // namespace
}  // namespace tattle
