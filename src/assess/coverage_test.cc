#include "assess/coverage.h"

#include <gtest/gtest.h>

namespace tattle {
namespace {

FlowSummary flow(std::uint64_t payload, std::uint64_t parsed, std::uint64_t raw, std::uint64_t opaque) {
  FlowSummary summary;
  summary.flow.device = DeviceSide::client;
  summary.payload_bytes[0] = payload;
  summary.parsed_bytes = parsed;
  summary.raw_bytes = raw;
  summary.opaque_bytes = opaque;
  return summary;
}

struct FateCase {
  const char* name;
  FlowSummary flow;
  std::uint64_t read, raw, opaque, framing;
};

class Fates : public testing::TestWithParam<FateCase> {};

TEST_P(Fates, AddUpToWhatWasCaptured) {
  CoverageCounter counter;
  counter.add_flow(GetParam().flow);
  counter.add_unread(Unread::malformed, 30);
  counter.add_unread(Unread::encrypted_tunnel, 20);
  const CoverageReport report = counter.finish(10, 1100);
  EXPECT_EQ(report.bytes_of(Fate::read), GetParam().read);
  EXPECT_EQ(report.bytes_of(Fate::searched_raw), GetParam().raw);
  EXPECT_EQ(report.bytes_of(Fate::opaque), GetParam().opaque + 20);
  EXPECT_EQ(report.bytes_of(Fate::unread), 30u);
  EXPECT_EQ(report.bytes_of(Fate::framing), GetParam().framing);
  std::uint64_t sum = 0;
  for (const CoverageLine& line : report.lines) sum += line.bytes;
  EXPECT_EQ(sum, report.bytes);
  EXPECT_EQ(report.bytes, 1100u);
}

INSTANTIATE_TEST_SUITE_P(Flows, Fates,
                         testing::Values(FateCase{"Read", flow(1000, 1000, 0, 0), 1000, 0, 0, 50},
                                         FateCase{"Mixed", flow(1000, 400, 300, 200), 400, 300, 200, 150},
                                         FateCase{"Nothing", flow(0, 0, 0, 0), 0, 0, 0, 1050},
                                         // More than there was: what is closed is never called read.
                                         FateCase{"TooMuch", flow(1000, 800, 300, 600), 100, 300, 600, 50},
                                         FateCase{"AllClosed", flow(1000, 1000, 0, 1000), 0, 0, 1000, 50}),
                         [](const auto& info) { return info.param.name; });

TEST(Coverage, NeverClaimsFewerBytesThanItsParts) {
  CoverageCounter counter;
  counter.add_unread(Unread::not_ip, 500);
  const CoverageReport report = counter.finish(1, 100);
  EXPECT_EQ(report.bytes, 500u);
}

TEST(Coverage, MissingBytesAreNotOfTheWhole) {
  CoverageCounter counter;
  FlowSummary summary = flow(10, 10, 0, 0);
  summary.missing_bytes = 77;
  counter.add_flow(summary);
  const CoverageReport report = counter.finish(1, 10);
  EXPECT_EQ(report.missing_bytes, 77u);
  EXPECT_EQ(report.missing_flows, 1u);
  EXPECT_EQ(report.bytes, 10u);
}

TEST(Coverage, ABodyInPiecesIsOneMessage) {
  CoverageCounter counter;
  MessageRecord piece;
  piece.searched_bytes = 5;
  counter.add_message(piece);
  piece.body_offset = 5;
  counter.add_message(piece);
  const CoverageReport report = counter.finish(1, 10);
  EXPECT_EQ(report.messages, 1u);
  EXPECT_EQ(report.searched_bytes, 10u);
}

}  // namespace
}  // namespace tattle
