#include "protocol/mqtt/mqtt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/mqtt/packet.h"
#include "protocol/testing/frame_test_kit.h"

namespace tattle::frame_kit {
namespace {

using testing::ElementsAreArray;

std::string text(std::string_view value) {
  std::string bytes;
  bytes += static_cast<char>(value.size() >> 8);
  bytes += static_cast<char>(value.size() & 0xff);
  return bytes.append(value);
}

// Fixed header and body; bodies here are under 16,384 bytes.
std::string packet(int first, std::string_view body) {
  std::string bytes(1, static_cast<char>(first));
  if (body.size() < 128) {
    bytes += static_cast<char>(body.size());
  } else {
    bytes += static_cast<char>(0x80 | (body.size() & 0x7f));
    bytes += static_cast<char>(body.size() >> 7);
  }
  return bytes.append(body);
}

std::string connect(int level = 4) {
  const std::string properties = level == 5 ? hex("00") : "";
  return packet(0x10, text("MQTT") + static_cast<char>(level) + hex("02 00 3c") + properties + text("phone-17"));
}

const std::string kConnack3 = hex("20 02 00 00"), kConnack5 = hex("20 03 00 00 00");
const std::string kConnected = "> mqtt connect CONNECT #1 (mqtt CONNECT) client-id=phone-17 []";
const std::string kAccepted = "< mqtt acknowledge CONNACK #1 0 (mqtt CONNACK) []";

class MqttTable : public testing::TestWithParam<Case> {};

TEST_P(MqttTable, SameHoweverCut) {
  for (const std::size_t most : {100000u, 1u, 2u, 3u, 7u}) {
    const Result result = run(GetParam().steps, most, 40000);
    EXPECT_THAT(result.lines, ElementsAreArray(GetParam().lines)) << most;
    EXPECT_THAT(result.anomalies, ElementsAreArray(GetParam().anomalies)) << most;
    EXPECT_TRUE(result.whole_pieces);
    EXPECT_EQ(result.protocol, "mqtt");
  }
}

INSTANTIATE_TEST_SUITE_P(
    Version311, MqttTable,
    testing::Values(
        // The non-normative example of MQTT 3.1.1 section 3.1.2, flags 0xCE, with its payload fields in order.
        Case{"ConnectWithEverything",
             {up(packet(0x10, text("MQTT") + hex("04 ce 00 0a") + text("id-1") + text("last/will") + text("gone") +
                                  text("aino") + text("s3cret"))),
              down(kConnack3)},
             {"> mqtt connect CONNECT #1 (mqtt CONNECT) client-id=id-1 will-topic=last/will user-name=aino "
              "password=s3cret [gone]",
              kAccepted}},
        Case{"Version31",
             {up(packet(0x10, text("MQIsdp") + hex("03 02 00 3c") + text("old"))), down(kConnack3)},
             {"> mqtt connect CONNECT #1 (mqtt CONNECT) client-id=old []", kAccepted}},
        Case{"PublishQos0",
             {up(connect() + packet(0x30, text("a/b") + "21.5"))},
             {kConnected, "> mqtt publish PUBLISH #2 a/b (mqtt PUBLISH) topic=a/b [21.5]"}},
        // Section 3.3.2.3: topic a/b, identifier 10.
        Case{"PublishQos1AndItsAnswer",
             {up(connect() + packet(0x32, text("a/b") + hex("00 0a") + "x")), down(kConnack3 + hex("40 02 00 0a"))},
             {kConnected, "> mqtt publish PUBLISH #2 a/b (mqtt PUBLISH) topic=a/b [x]", kAccepted,
              "< mqtt acknowledge PUBACK #2 (mqtt PUBACK) []"}},
        // Section 3.8.3: a/b with QoS 1 and c/d with QoS 2, identifier 10.
        Case{
            "Subscribe",
            {up(connect() + packet(0x82, hex("00 0a") + text("a/b") + hex("01") + text("c/d") + hex("02"))),
             down(kConnack3 + hex("90 04 00 0a 01 02"))},
            {kConnected, "> mqtt subscribe SUBSCRIBE #2 a/b, c/d (mqtt SUBSCRIBE) topic-filter=a/b topic-filter=c/d []",
             kAccepted, "< mqtt acknowledge SUBACK #2 (mqtt SUBACK) []"}},
        Case{"UnsubscribePingDisconnect",
             {up(connect() + packet(0xa2, hex("00 0a") + text("a/b")) + hex("c0 00")), down(hex("d0 00")),
              up(hex("e0 00"))},
             {kConnected, "> mqtt unsubscribe UNSUBSCRIBE #2 a/b (mqtt UNSUBSCRIBE) topic-filter=a/b []",
              "> mqtt control PINGREQ (mqtt PINGREQ) []", "< mqtt control PINGRESP (mqtt PINGRESP) []",
              "> mqtt control DISCONNECT (mqtt DISCONNECT) []"}},
        Case{"LongPayload",
             {up(connect() + packet(0x30, text("t") + std::string(300, 'p')))},
             {kConnected, "> mqtt publish PUBLISH #2 t (mqtt PUBLISH) topic=t [" + std::string(300, 'p') + "]"}},
        Case{"PublishCut",
             {up(connect() + packet(0x30, text("a/b") + "21.5").substr(0, 9))},
             {kConnected, "> mqtt publish PUBLISH #2 a/b (mqtt PUBLISH) topic=a/b damaged [21]"},
             {"mqtt.cut-packet"}},
        Case{"BadPacketIsSearchedAsItIs",
             {up(connect() + packet(0x82, hex("00 0a 00 30") + "imei"))},
             {kConnected, "> mqtt subscribe SUBSCRIBE (mqtt SUBSCRIBE) damaged [\\x00\\n\\x000imei]"},
             {"mqtt.bad-packet"}}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Version5, MqttTable,
    testing::Values(
        Case{"AssignedClientIdentifier",
             {up(connect(5)), down(packet(0x20, hex("00 00") + hex("08") + hex("12") + text("auto-")))},
             {kConnected, "< mqtt acknowledge CONNACK #1 0 (mqtt CONNACK) assigned-client-identifier=auto- []"}},
        Case{"UserProperties",
             {up(connect(5) + packet(0x30, text("t") + hex("0c") + hex("26") + text("imei") + text("356") + "{}"))},
             {kConnected, "> mqtt publish PUBLISH #2 t (mqtt PUBLISH) user-property.imei=356 topic=t [{}]"}},
        Case{"WillProperties",
             {up(packet(0x10, text("MQTT") + hex("05 06 00 3c 00") + text("c") + hex("08 03") + text("a/b") +
                                  hex("01 00") + text("w") + text("bye")))},
             {"> mqtt connect CONNECT #1 (mqtt CONNECT) client-id=c will-content-type=a/b will-topic=w [bye]"}},
        // Section 3.3.2.3.4: an alias stands for the topic that it came with.
        Case{
            "TopicAlias",
            {up(connect(5) + packet(0x30, text("a/b") + hex("03 23 00 01") + "x") +
                packet(0x30, text("") + hex("03 23 00 01") + "y") + packet(0x30, text("") + hex("03 23 00 02") + "z"))},
            {kConnected, "> mqtt publish PUBLISH #2 a/b (mqtt PUBLISH) topic=a/b [x]",
             "> mqtt publish PUBLISH #3 a/b (mqtt PUBLISH) topic=a/b [y]",
             "> mqtt publish PUBLISH #4 (mqtt PUBLISH) topic=? [z]"},
            {"mqtt.unknown-alias"}},
        Case{"Subscribe",
             {up(connect(5) + packet(0x82, hex("00 0a 00") + text("a/b") + hex("01")))},
             {kConnected, "> mqtt subscribe SUBSCRIBE #2 a/b (mqtt SUBSCRIBE) topic-filter=a/b []"}},
        Case{"AuthAndReason",
             {up(connect(5)), down(packet(0xf0, hex("18 0b 15") + text("SCRAM") + hex("16") + text("")) + kConnack5),
              up(packet(0xe0, hex("04 06 1f") + text("bye")))},
             {kConnected, "< mqtt control AUTH 24 (mqtt AUTH) authentication-method=SCRAM []",
              "< mqtt acknowledge CONNACK #1 0 (mqtt CONNACK) []",
              "> mqtt control DISCONNECT 4 (mqtt DISCONNECT) reason-string=bye []"}}),
    [](const auto& info) { return info.param.name; });

TEST(MqttLoss, InsideAPayload) {
  const Result result = run({up(connect() + packet(0x30, text("a/b") + "0123456789").substr(0, 10)),
                             lost(Direction::to_server, 4), up("789" + packet(0x30, text("c") + "x"))},
                            100000, 40000);
  EXPECT_THAT(result.lines,
              ElementsAreArray(
                  {kConnected, std::string("> mqtt publish PUBLISH #2 a/b (mqtt PUBLISH) topic=a/b more damaged [012]"),
                   std::string("> mqtt publish PUBLISH #2 a/b (mqtt PUBLISH) at=7 damaged [789]"),
                   std::string("> mqtt publish PUBLISH #3 c (mqtt PUBLISH) topic=c [x]")}));
}

// Behind a loss of unknown extent two whole packets in a row are needed, and what an alias meant before is forgotten.
TEST(MqttLoss, FindsPacketsAgain) {
  const std::string set = packet(0x30, text("a/b") + hex("03 23 00 01") + "x");
  const std::string use = packet(0x30, text("") + hex("03 23 00 01") + "y");
  const Result result = run(
      {up(connect(5)), up(set), lost(Direction::to_server, 50), up("of a payload"), up(use), up(use)}, 100000, 40000);
  EXPECT_THAT(result.lines,
              ElementsAreArray({kConnected, std::string("> mqtt publish PUBLISH #2 a/b (mqtt PUBLISH) topic=a/b [x]"),
                                std::string("> tcp data (tcp) [of a payload]"),
                                std::string("> mqtt publish PUBLISH #3 (mqtt PUBLISH) topic=? [y]"),
                                std::string("> mqtt publish PUBLISH #4 (mqtt PUBLISH) topic=? [y]")}));
}

// Joined midway the version is not known: what may be properties stays with the payload.
TEST(MqttJoined, UnknownVersion) {
  const std::string publish = packet(0x30, text("a/b") + hex("00") + "x");
  const Result result = run({up(publish)}, 100000, 1883, {}, false);
  EXPECT_THAT(result.lines,
              ElementsAreArray({std::string("> mqtt publish PUBLISH #1 a/b (mqtt PUBLISH) topic=a/b [\\x00x]")}));
  const Result elsewhere = run({up(publish)}, 100000, 1884, {}, false);
  EXPECT_EQ(elsewhere.protocol, "unknown");
}

TEST(MqttHeaderTest, WhatCannotBe) {
  MqttHeader header;
  EXPECT_EQ(read_mqtt_header(as_bytes(hex("00 00")), header), Sniff::no);
  EXPECT_EQ(read_mqtt_header(as_bytes(hex("36 00")), header), Sniff::no);  // QoS 3
  EXPECT_EQ(read_mqtt_header(as_bytes(hex("80 00")), header), Sniff::no);  // SUBSCRIBE with flags 0
  EXPECT_EQ(read_mqtt_header(as_bytes(hex("30 80 80 80 80")), header), Sniff::no);
  EXPECT_EQ(read_mqtt_header(as_bytes(hex("30 80")), header), Sniff::maybe);
  ASSERT_EQ(read_mqtt_header(as_bytes(hex("30 c1 02")), header), Sniff::yes);
  EXPECT_EQ(header.length, 321u);  // 65 + 2 * 128: MQTT 3.1.1 section 2.2.3
  EXPECT_EQ(surely_mqtt_packets(ByteVector(100, 0), MqttVersion::unknown, true), Sniff::no);
}

// Over WebSocket: packets need not begin where frames do (MQTT 5.0 section 6).
TEST(MqttOverWebSocket, PacketsAcrossFrames) {
  const std::string both = connect() + packet(0x30, text("a/b") + "x");
  const auto masked = [](std::string_view part) {
    return hex("82") + static_cast<char>(0x80 | part.size()) + std::string(4, '\0') + std::string(part);
  };
  const Result result = run(
      {up("GET /mqtt HTTP/1.1\r\nHost: broker.example\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n"),
       down("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n"),
       up(masked(both.substr(0, 10)) + masked(both.substr(10)))},
      100000);
  ASSERT_EQ(result.lines.size(), 4u);
  EXPECT_EQ(result.lines[2],
            "> mqtt connect CONNECT #2 broker.example (websocket binary, mqtt CONNECT) client-id=phone-17 []");
  EXPECT_EQ(result.lines[3],
            "> mqtt publish PUBLISH #3 broker.example a/b (websocket binary, mqtt PUBLISH) topic=a/b [x]");
}

}  // namespace
}  // namespace tattle::frame_kit
