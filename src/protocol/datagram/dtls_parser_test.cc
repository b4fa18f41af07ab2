#include "protocol/datagram/dtls_parser.h"

#include <gtest/gtest.h>

#include "protocol/testing/flow_test_kit.h"
#include "stream/tcp_test_kit.h"

namespace tattle {
namespace {

using namespace std::string_literals;

std::string u16(std::size_t value) { return {static_cast<char>(value >> 8 & 0xff), static_cast<char>(value & 0xff)}; }

// RFC 9147 sections 4 and 5.2: a plaintext record with one whole handshake message.
std::string handshake(char type, const std::string& body) {
  const std::string length = "\0"s + u16(body.size());
  const std::string message = type + length + "\0\0\0\0\0"s + length + body;
  return "\x16\xfe\xfd\0\0\0\0\0\0\0\0"s + u16(message.size()) + message;
}

const std::string kRandom(32, 'r');
const std::string kClientHello = handshake(1, "\xfe\xfd"s + kRandom + "\0\0\0\2\x13\1\1\0\0\7\0\x2b\0\3\2\xfe\xfc"s);
const std::string kServerHello = handshake(2, "\xfe\xfd"s + kRandom + "\0\x13\1\0\0\6\0\x2b\0\2\xfe\xfc"s);
const std::string kProtected = "\x2e\xaa\xbb\0\x28"s + std::string(40, 'x');

TEST(DtlsParser, Version13IsNamedAsUnsupported) {
  flow_kit::Conversation conversation;
  conversation.info.transport = Transport::udp;
  const auto parser = make_udp_parser(conversation.info, conversation.parser);
  SegmentMaker make;
  parser->on_segment(make.data(Direction::to_server, 0, kClientHello));
  parser->on_segment(make.data(Direction::to_client, 0, kServerHello + kProtected));
  parser->on_segment(make.data(Direction::to_server, 0, kProtected));
  const FlowSummary summary = parser->finish();
  EXPECT_TRUE(conversation.seen.lines.empty());
  EXPECT_EQ(summary.protocol, "dtls");
  EXPECT_EQ(summary.opaque_reason, "unsupported");
  EXPECT_EQ(summary.opaque_bytes, 2 * kProtected.size());
  EXPECT_EQ(summary.parsed_bytes, kClientHello.size() + kServerHello.size());
  EXPECT_EQ(summary.tls.version, 0xfefc);
  EXPECT_TRUE(conversation.anomalies.entries().empty());
}

}  // namespace
}  // namespace tattle
