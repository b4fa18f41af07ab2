#include "protocol/websocket/websocket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/testing/frame_test_kit.h"
#include "protocol/websocket/deflate.h"
#include "protocol/websocket/frame.h"

namespace tattle::frame_kit {
namespace {

using testing::ElementsAreArray;

const char kRequest[] =
    "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

std::string answer(const std::string& more = "") {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" +
         more + "\r\n";
}

const std::string kDeflate = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
const std::string kDeflateAlone =
    "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n";

// The opening's two messages, then what the frames gave.
std::vector<std::string> after_opening(std::vector<std::string> lines) {
  lines.insert(lines.begin(), {"> http/1.1 request GET #1 server.example.com /chat []",
                               "< http/1.1 response #1 server.example.com 101 []"});
  return lines;
}

std::string frame_line(const std::string& direction, const std::string& opcode, const std::string& rest,
                       const std::string& more_layers = "") {
  return direction + " websocket frame " + opcode + " #1 server.example.com /chat (websocket " + opcode + more_layers +
         ") " + rest;
}

class WebSocketTable : public testing::TestWithParam<Case> {};

TEST_P(WebSocketTable, SameHoweverCut) {
  std::vector<Step> steps{up(kRequest)};
  steps.insert(steps.end(), GetParam().steps.begin(), GetParam().steps.end());
  for (const std::size_t most : {100000u, 1u, 2u, 3u, 7u}) {
    const Result result = run(steps, most);
    EXPECT_THAT(result.lines, ElementsAreArray(after_opening(GetParam().lines))) << most;
    EXPECT_THAT(result.anomalies, ElementsAreArray(GetParam().anomalies)) << most;
    EXPECT_TRUE(result.whole_pieces);
    EXPECT_EQ(result.protocol, "http/1.1/websocket");
  }
}

// Frames as they stand in RFC 6455 section 5.7.
INSTANTIATE_TEST_SUITE_P(
    Rfc6455Section57, WebSocketTable,
    testing::Values(
        Case{"UnmaskedText", {down(answer()), down(hex("81 05 48 65 6c 6c 6f"))}, {frame_line("<", "text", "[Hello]")}},
        Case{"MaskedText",
             {down(answer()), up(hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"))},
             {frame_line(">", "text", "[Hello]")}},
        Case{"Fragmented",
             {down(answer()), down(hex("01 03 48 65 6c") + hex("80 02 6c 6f"))},
             {frame_line("<", "text", "[Hello]")}},
        Case{"PingAndPong",
             {down(answer()), down(hex("89 05 48 65 6c 6c 6f")), up(hex("8a 85 37 fa 21 3d 7f 9f 4d 51 58"))},
             {frame_line("<", "ping", "[Hello]"), frame_line(">", "pong", "[Hello]")}},
        Case{"Binary256",
             {down(answer()), down(hex("82 7e 01 00") + std::string(256, 'b'))},
             {frame_line("<", "binary", "[" + std::string(256, 'b') + "]")}},
        Case{"Binary64K",
             {down(answer()), down(hex("82 7f 00 00 00 00 00 01 00 00") + std::string(65536, 'b'))},
             {frame_line("<", "binary", "[" + std::string(65536, 'b') + "]")}}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Frames, WebSocketTable,
    testing::Values(
        Case{"ControlBetweenFragments",
             {down(answer()), down(hex("01 03 48 65 6c") + hex("89 02 68 69") + hex("80 02 6c 6f"))},
             {frame_line("<", "ping", "[hi]"), frame_line("<", "text", "[Hello]")}},
        Case{"EmptyControlIsNoMessage", {down(answer()), down(hex("89 00 8a 00 88 00"))}, {}},
        Case{"Close",
             {down(answer()), down(hex("88 05 03 e8 62 79 65"))},
             {frame_line("<", "close", "[\\x03\\xe8bye]")}},
        Case{"RightBehindTheAnswer", {down(answer() + hex("81 02 6f 6b"))}, {frame_line("<", "text", "[ok]")}},
        Case{"ClientDoesNotWait",
             {up(hex("81 85 37 fa 21 3d 7f 9f 4d 51 58")), down(answer())},
             {frame_line(">", "text", "[Hello]")}},
        Case{"UnmaskedClient",
             {down(answer()), up(hex("81 02 6f 6b"))},
             {frame_line(">", "text", "[ok]")},
             {"websocket.mask"}},
        Case{"LongLength",
             {down(answer()), down(hex("81 7e 00 02 6f 6b"))},
             {frame_line("<", "text", "[ok]")},
             {"websocket.long-length"}},
        Case{"CutFrame",
             {down(answer()), down(hex("81 05 48 65"))},
             {frame_line("<", "text", "damaged [He]")},
             {"websocket.cut-frame"}},
        Case{"NewMessageWithinFragments",
             {down(answer()), down(hex("01 02 6f 6b") + hex("82 01 62"))},
             {frame_line("<", "text", "damaged [ok]"), frame_line("<", "binary", "[b]")},
             {"websocket.fragments"}},
        Case{"ReservedBitsOfNoExtension",
             {down(answer()), down(hex("c1 02 6f 6b") + hex("81 02 6f 6b"))},
             {frame_line("<", "text", "damaged []"), frame_line("<", "text", "[ok]")},
             {"websocket.reserved-bits"}}),
    [](const auto& info) { return info.param.name; });

// RFC 7692 section 7.2.3: the examples there.
INSTANTIATE_TEST_SUITE_P(
    Rfc7692Section723, WebSocketTable,
    testing::Values(
        Case{"OneFrame",
             {down(answer(kDeflate)), down(hex("c1 07 f2 48 cd c9 c9 07 00"))},
             {frame_line("<", "text", "[Hello]", ", permessage-deflate")}},
        Case{"TwoFrames",
             {down(answer(kDeflate)), down(hex("41 03 f2 48 cd 80 04 c9 c9 07 00"))},
             {frame_line("<", "text", "[Hello]", ", permessage-deflate")}},
        Case{"SharedWindow",
             {down(answer(kDeflate)), down(hex("c1 07 f2 48 cd c9 c9 07 00") + hex("c1 05 f2 00 11 00 00"))},
             {frame_line("<", "text", "[Hello]", ", permessage-deflate"),
              frame_line("<", "text", "[Hello]", ", permessage-deflate")}},
        Case{"WithoutTakeover",
             {down(answer(kDeflateAlone)), down(hex("c1 07 f2 48 cd c9 c9 07 00") + hex("c1 07 f2 48 cd c9 c9 07 00"))},
             {frame_line("<", "text", "[Hello]", ", permessage-deflate"),
              frame_line("<", "text", "[Hello]", ", permessage-deflate")}},
        Case{"NoCompressionBlock",
             {down(answer(kDeflate)), down(hex("c1 0b 00 05 00 fa ff 48 65 6c 6c 6f 00"))},
             {frame_line("<", "text", "[Hello]", ", permessage-deflate")}},
        Case{"FinalBlock",
             {down(answer(kDeflate)), down(hex("c1 08 f3 48 cd c9 c9 07 00 00"))},
             {frame_line("<", "text", "[Hello]", ", permessage-deflate")}},
        Case{"TwoBlocks",
             {down(answer(kDeflate)), down(hex("c1 0d f2 48 05 00 00 00 ff ff ca c9 c9 07 00"))},
             {frame_line("<", "text", "[Hello]", ", permessage-deflate")}},
        Case{"UncompressedBetween",
             {down(answer(kDeflate)), down(hex("c1 07 f2 48 cd c9 c9 07 00 81 02 6f 6b c1 05 f2 00 11 00 00"))},
             {frame_line("<", "text", "[Hello]", ", permessage-deflate"), frame_line("<", "text", "[ok]"),
              frame_line("<", "text", "[Hello]", ", permessage-deflate")}}),
    [](const auto& info) { return info.param.name; });

// A loss within a frame leaves the next frame's place known; what was compressed against lost bytes stays closed.
TEST(WebSocketLoss, InsideAFrame) {
  const Result plain = run({up(kRequest), down(answer()), down(hex("82 0a") + "abc"), lost(Direction::to_client, 3),
                            down("ghij" + hex("81 02 6f 6b"))},
                           100000);
  EXPECT_THAT(plain.lines, ElementsAreArray(after_opening({frame_line("<", "binary", "more damaged [abc]"),
                                                           frame_line("<", "binary", "at=6 damaged [ghij]"),
                                                           frame_line("<", "text", "[ok]")})));
  const Result shared = run({up(kRequest), down(answer(kDeflate)), down(hex("c1 07 f2 48")),
                             lost(Direction::to_client, 3), down(hex("07 00") + hex("c1 05 f2 00 11 00 00"))},
                            100000);
  // The first message's first two bytes hold the letter H in fixed codes and the beginning of the next.
  ASSERT_EQ(shared.lines.size(), 4u + (shared.lines.size() > 4 ? 1 : 0));
  EXPECT_EQ(shared.lines.back(), frame_line("<", "text", "damaged []"));
  EXPECT_EQ(shared.opaque_bytes, 2u + 5u);
  const Result alone = run({up(kRequest), down(answer(kDeflateAlone)), down(hex("c1 07 f2 48")),
                            lost(Direction::to_client, 3), down(hex("07 00") + hex("c1 07 f2 48 cd c9 c9 07 00"))},
                           100000);
  EXPECT_EQ(alone.lines.back(), frame_line("<", "text", "[Hello]", ", permessage-deflate"));
}

// Behind a loss of unknown extent only rows of frames that cannot be an accident are read.
TEST(WebSocketLoss, FindsFramesAgain) {
  const std::string text = hex("81 05 48 65 6c 6c 6f");
  const Result found = run({up(kRequest), down(answer()), down(text), lost(Direction::to_client, 100),
                            down("middle of something"), down(text), down(text)},
                           100000);
  EXPECT_THAT(
      found.lines,
      ElementsAreArray(after_opening({frame_line("<", "text", "[Hello]"), "< tcp data (tcp) [middle of something]",
                                      frame_line("<", "text", "[Hello]"), frame_line("<", "text", "[Hello]")})));
  EXPECT_THAT(found.anomalies, testing::Contains("websocket.resync"));
  const Result single =
      run({up(kRequest), down(answer()), down(text), lost(Direction::to_client, 100), down(text)}, 100000);
  EXPECT_EQ(single.lines.back(), "< tcp data (tcp) [\\x81\\x05Hello]");
}

TEST(WebSocketLoss, RowsOfZeroBytesAreNoFrames) {
  EXPECT_FALSE(surely_websocket_frames(ByteVector(1000, 0), false, false));
  EXPECT_FALSE(surely_websocket_frames(as_bytes(std::string(1000, 'a')), false, false));
}

// A message over the limit goes down in pieces that overlap.
TEST(WebSocketLimits, LongMessageInPieces) {
  Limits limits;
  limits.body_bytes = 8;
  limits.raw_overlap_bytes = 2;
  const Result result =
      run({up(kRequest), down(answer()), down(hex("02 08") + "abcdefgh" + hex("80 04") + "ijkl")}, 100000, 80, limits);
  EXPECT_THAT(result.lines, ElementsAreArray(after_opening({frame_line("<", "binary", "more [abcdefgh]"),
                                                            frame_line("<", "binary", "at=6 overlap=2 [ghijkl]")})));
}

// A megabyte of zero bytes compressed a thousandfold and more is cut once over the limit.
TEST(WebSocketLimits, Bomb) {
  z_stream stream{};
  ASSERT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
  std::string zeros(8 << 20, '\0'), packed(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(zeros.data());
  stream.avail_in = static_cast<uInt>(zeros.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  ASSERT_EQ(deflate(&stream, Z_SYNC_FLUSH), Z_OK);
  packed.resize(packed.size() - stream.avail_out - 4);
  deflateEnd(&stream);
  Limits limits;
  limits.decode_ratio = 100;
  std::string header = hex("c2 7e");
  header += static_cast<char>(packed.size() >> 8);
  header += static_cast<char>(packed.size() & 0xff);
  const Result result = run({up(kRequest), down(answer(kDeflate)), down(header + packed)}, 100000, 80, limits);
  EXPECT_THAT(result.anomalies, testing::Contains("websocket.limit-ratio"));
  ASSERT_EQ(result.lines.size(), 3u);
  EXPECT_THAT(result.lines[2], testing::HasSubstr("damaged"));
}

TEST(WebSocketAgreement, Read) {
  EXPECT_FALSE(read_deflate_agreement(""));
  EXPECT_FALSE(read_deflate_agreement("x-webkit-deflate-frame"));
  EXPECT_FALSE(read_deflate_agreement("permessage-deflate; unheard-of"));
  EXPECT_FALSE(read_deflate_agreement("permessage-deflate; client_max_window_bits=16"));
  const auto plain = read_deflate_agreement("foo; a=1, permessage-deflate");
  ASSERT_TRUE(plain);
  EXPECT_TRUE(plain->client.takeover && plain->server.takeover);
  const auto full =
      read_deflate_agreement("permessage-deflate;server_no_context_takeover ; client_max_window_bits=\"10\"");
  ASSERT_TRUE(full);
  EXPECT_FALSE(full->server.takeover);
  EXPECT_TRUE(full->client.takeover);
  EXPECT_EQ(full->client.window_bits, 10);
  EXPECT_EQ(full->server.window_bits, 15);
}

}  // namespace
}  // namespace tattle::frame_kit
