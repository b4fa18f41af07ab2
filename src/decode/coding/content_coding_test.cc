#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "decode/testing.h"

namespace tattle {
namespace {

using testing::IsEmpty;

// {"imei":"356938035643809","imei2":"356938035643809"} as gzip(1), zstd(1), python's zlib and libbrotlienc write it.
constexpr std::string_view kPlain = R"({"imei":"356938035643809","imei2":"356938035643809"})";
constexpr std::string_view kGzip =
    "1f8b0800000000000003ab56cacc4dcd54b252323635b334b63000522640ca5249072c618445a6160004178cef34000000";
constexpr std::string_view kZlib = "789cab56cacc4dcd54b252323635b334b63000522640ca5249072c618445a6160054a40c53";
constexpr std::string_view kRaw = "ab56cacc4dcd54b252323635b334b63000522640ca5249072c618445a61600";
constexpr std::string_view kBrotli = "1b330000c42e97fa67c1791c5a5f1016d26ea9c8321b55518d87bd67316064b39491ced28664191f";
constexpr std::string_view kZstd =
    "28b52ffd04582d0100e07b22696d6569223a22333536393338303335363433383039222c327d02003d53c8d71c03c20053a4";
constexpr std::string_view kGzipOfBrotli =
    "1f8b08000000000000039336666038a237fd57fac14a99a87801b14b792b4f18498706f6b6ef4d374c48d93c65e2b94b6d2992f20083ca"
    "623528000000";

struct CodingCase {
  const char* name;
  std::string_view codings;
  std::string_view hex;
  std::string_view path;     // of the node that holds kPlain
  std::string_view anomaly;  // empty: none
};

class Coding : public testing::TestWithParam<CodingCase> {};

TEST_P(Coding, ComesOff) {
  const CodingCase& given = GetParam();
  const std::string bytes = from_hex(given.hex);
  SeenTree seen;
  Anomalies anomalies;
  const DecodeCounts counts = walk_bytes(as_bytes(bytes), {"", given.codings}, Limits{}, anomalies, {}, seen);
  EXPECT_THAT(seen.broken, IsEmpty());
  if (!given.path.empty()) {
    EXPECT_EQ(seen.at(given.path), kPlain);
    EXPECT_EQ(seen.at(std::string(given.path) + " > json $.imei"), "356938035643809");
    if (!given.codings.empty()) EXPECT_EQ(counts.content_bytes, kPlain.size());
  } else {
    EXPECT_EQ(seen.nodes.size(), 1u);
    EXPECT_EQ(counts.content_bytes, bytes.size());
  }
  if (!given.anomaly.empty()) EXPECT_EQ(anomalies.count(given.anomaly), 1u);
  EXPECT_EQ(anomalies.entries().size(), given.anomaly.empty() ? 0u : 1u);
}

INSTANTIATE_TEST_SUITE_P(
    All, Coding,
    testing::Values(CodingCase{"Gzip", "gzip", kGzip, "gzip", ""}, CodingCase{"XGzip", "x-gzip", kGzip, "gzip", ""},
                    CodingCase{"GzipByMagic", "", kGzip, "gzip", ""},
                    CodingCase{"Zlib", "Deflate", kZlib, "deflate", ""},
                    CodingCase{"ZlibByMagic", "", kZlib, "deflate", ""},
                    CodingCase{"RawDeflate", "deflate", kRaw, "deflate", ""},
                    CodingCase{"Brotli", "br", kBrotli, "br", ""}, CodingCase{"Zstd", "zstd", kZstd, "zstd", ""},
                    CodingCase{"ZstdByMagic", "", kZstd, "zstd", ""},
                    CodingCase{"Chain", "br, gzip", kGzipOfBrotli, "gzip > br", ""},
                    CodingCase{"ChainWithIdentity", "identity,br,,gzip", kGzipOfBrotli, "gzip > br", ""},
                    CodingCase{"Unknown", "sdch", kRaw, "", "decode.unknown-coding"},
                    CodingCase{"NotWhatItSays", "br", "68656c6c6f21", "", "decode.coding-mismatch"}),
    [](const auto& info) { return info.param.name; });

TEST(ContentCoding, KeepsWhatCameBeforeACut) {
  const struct {
    std::string_view codings, hex, path, anomaly;
  } cases[] = {{"gzip", kGzip, "gzip", "decode.cut-gzip"},
               {"deflate", kZlib, "deflate", "decode.cut-deflate"},
               {"br", kBrotli, "br", "decode.cut-br"}};
  for (const auto& each : cases) {
    std::string bytes = from_hex(each.hex);
    bytes.resize(bytes.size() - 10);
    SeenTree seen;
    Anomalies anomalies;
    walk_bytes(as_bytes(bytes), {"", each.codings}, Limits{}, anomalies, {}, seen);
    const std::string out = seen.at(each.path);
    EXPECT_TRUE(kPlain.starts_with(out)) << each.path;
    EXPECT_GE(out.size(), 10u) << each.path;
    EXPECT_EQ(anomalies.count(each.anomaly), 1u) << each.path;
  }
}

TEST(ContentCoding, ReadsMembersAndFramesThatFollowOneAnother) {
  for (auto [hex, path] : {std::pair(kGzip, "gzip"), std::pair(kZstd, "zstd")}) {
    const std::string once = from_hex(hex);
    SeenTree seen;
    Anomalies anomalies;
    const std::string twice = once + once;
    walk_bytes(as_bytes(twice), {}, Limits{}, anomalies, {}, seen);
    EXPECT_EQ(seen.at(path), std::string(kPlain) + std::string(kPlain));
    EXPECT_TRUE(anomalies.entries().empty());
  }
}

std::string deflated(const std::string& plain) {
  std::string out(compressBound(plain.size()), '\0');
  uLongf size = out.size();
  compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(plain.data()), plain.size());
  out.resize(size);
  return out;
}

TEST(ContentCoding, CutsABombAtTheRatioAndKeepsItsStart) {
  Limits limits;
  limits.decode_ratio = 100;
  const std::string bomb = deflated(R"(["start")" + std::string(8 << 20, ' '));
  SeenTree seen;
  Anomalies anomalies;
  const DecodeCounts counts = walk_bytes(as_bytes(bomb), {}, limits, anomalies, {}, seen);
  EXPECT_EQ(seen.at("deflate").size(), std::max<std::size_t>(1 << 20, 100 * bomb.size()));
  EXPECT_EQ(seen.at("deflate > json $[*]"), "start");
  EXPECT_TRUE(counts.limit_hit);
  EXPECT_EQ(anomalies.count("decode.limit-ratio"), 1u);
}

TEST(ContentCoding, CutsAtTheMessagesOutput) {
  Limits limits;
  limits.decode_output_bytes = 10000;
  SeenTree seen;
  Anomalies anomalies;
  const std::string coded = deflated(R"(["start")" + std::string(20000, ' '));
  const DecodeCounts counts = walk_bytes(as_bytes(coded), {}, limits, anomalies, {}, seen);
  EXPECT_EQ(seen.at("deflate").size(), 10000u);
  EXPECT_EQ(counts.output_bytes, 10000u);
  EXPECT_TRUE(counts.limit_hit);
  EXPECT_EQ(anomalies.count("decode.limit-output"), 1u);
}

TEST(ContentCoding, AllowsASmallBodyToGrowMuch) {
  SeenTree seen;
  Anomalies anomalies;
  const std::string coded = deflated(std::string(900000, 'x'));
  EXPECT_FALSE(walk_bytes(as_bytes(coded), {"", "deflate"}, Limits{}, anomalies, {}, seen).limit_hit);
  EXPECT_EQ(seen.at("deflate").size(), 900000u);
}

}  // namespace
}  // namespace tattle
