// HTTP/1 of captures that others made, against what Wireshark sees in them.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>

#include "capture/real_captures.h"
#include "packet/dissector.h"
#include "protocol/flow_parser.h"

namespace tattle {
namespace {

// Where a difference is known and why.
const std::map<std::string, const char*> kOther{
    {"http1/http_compressed-zstd.pcap", "one packet: a response whose end, the close, Wireshark waits for"},
    {"tcp-reassembly/unidirectional_tcp_stream_with_missing_packet.pcap",
     "Wireshark waits for a lost segment to the end, and does not read the whole request behind it"},
    {"tunnels/Teredo.pcap", "a relay on another port than 3544, where Wireshark does not look"},
    {"tls-keys/feature_test.pcap", "a response up to the close, which Wireshark misses in the encrypted stream"},
};

struct Reading : SegmentSink, MessageSink {
  Limits limits;
  Anomalies anomalies;
  KeyStore keys;
  TlsContext tls{&keys, &limits, &anomalies, nullptr};
  ParserContext context{&tls, &limits, &anomalies, this};
  std::unordered_map<FlowId, std::unique_ptr<FlowParser>> flows;
  std::vector<std::string> whole, damaged;  // requests
  std::uint64_t responses[2] = {0, 0};      // whole, damaged
  std::uint64_t unaccounted = 0;

  void on_flow(const FlowInfo& flow) override { flows[flow.id] = FlowParser::make(flow, context); }
  void on_segment(const Segment& segment) override { flows.at(segment.flow)->on_segment(segment); }
  void on_flow_end(FlowId flow, FlowEndReason, std::uint64_t) override {
    const FlowSummary summary = flows.at(flow)->finish();
    const std::uint64_t payload = summary.payload_bytes[0] + summary.payload_bytes[1];
    if (summary.parsed_bytes + summary.raw_bytes + summary.opaque_bytes > payload) ++unaccounted;
    flows.erase(flow);
  }
  void on_unread(Unread, PacketId, std::uint64_t) override {}
  void on_message(const Message& message) override {
    if (message.protocol != "http/1.1" || !message.last_piece) return;
    if (message.kind == MessageKind::response) ++responses[message.damaged];
    if (message.kind != MessageKind::request) return;
    std::string host = message.host.find(':') == std::string::npos ? message.host : "[" + message.host + "]";
    if (message.host_port != 0) host += ":" + std::to_string(message.host_port);
    // The truth holds 500 characters of a target.
    (message.damaged ? damaged : whole).push_back(message.method + " " + host + " " + message.target.substr(0, 500));
  }

  void read(const std::string& name) {
    Dissector dissector({}, false, limits, anomalies, *this);
    real_captures::each_event(name, [&](const CaptureEvent& event) {
      if (const auto* packet = std::get_if<CapturedPacket>(&event)) dissector.on_packet(*packet);
      if (const auto* secrets = std::get_if<CapturedSecrets>(&event)) keys.add_key_log(secrets->data, limits);
    });
    dissector.finish();
  }
};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

TEST(Http1SharedCaptures, AgreeWithWireshark) {
  const nlohmann::json truth = real_captures::truth();
  for (const auto& [name, seen] : truth.items()) {
    if (seen["kind"] != "capture") continue;
    SCOPED_TRACE(name);
    Reading reading;
    if (seen["keylog_file"].is_string()) {
      const std::string text = real_captures::text_of(seen["keylog_file"].get<std::string>());
      reading.keys.add_key_log(as_bytes(text), reading.limits);
    }
    reading.read(name);
    EXPECT_TRUE(reading.flows.empty());
    EXPECT_EQ(reading.unaccounted, 0u);
    if (kOther.contains(name)) continue;
    std::vector<std::string> wanted;
    for (const auto& request : seen["http1_request_list"]) {
      const auto text = [&](int i) { return request[i].is_null() ? std::string() : request[i].get<std::string>(); };
      wanted.push_back(text(0) + " " + lower(text(1)) + " " + text(2));
    }
    std::vector<std::string> extra;
    for (const std::string& request : reading.whole) {
      const auto found = std::find(wanted.begin(), wanted.end(), request);
      if (found == wanted.end()) {
        extra.push_back(request);
      } else {
        wanted.erase(found);
      }
    }
    // Wireshark shows a message only once its body is whole; here it is read as far as it goes.
    for (const std::string& request : reading.damaged) std::erase(wanted, request);
    EXPECT_EQ(extra, std::vector<std::string>());
    EXPECT_EQ(wanted, std::vector<std::string>());
    const std::uint64_t responses = seen["http1_responses"];
    EXPECT_LE(reading.responses[0], responses);
    EXPECT_GE(reading.responses[0] + reading.responses[1], responses);
  }
}

}  // namespace
}  // namespace tattle
