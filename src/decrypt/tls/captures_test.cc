#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "capture/real_captures.h"
#include "decrypt/test_peers.h"
#include "packet/dissector.h"
#include "stream/tcp_reassembly.h"

// Other programs' captures, compared with what tshark reads in them with the same keys.

namespace tattle {
namespace {

struct Totals {
  std::map<std::string, int> snis;
  std::uint64_t records = 0, bytes = 0, hellos = 0;
  std::map<TlsOutcome, int> outcomes;
};

struct CountingSink : StreamSink {
  explicit CountingSink(Totals& t) : totals(t) {}
  void on_data(const Chunk& chunk) override {
    ++totals.records;
    totals.bytes += chunk.data.size();
  }
  void on_gap(const Chunk&, std::uint64_t) override {}
  void on_end(const Chunk&) override {}
  Totals& totals;
};

// One TCP flow: read as TLS when it starts as TLS.
struct OpenFlow : StreamSink {
  OpenFlow(const FlowInfo& info, TlsContext& context, Totals& totals, Anomalies& anomalies)
      : flow(info), counting(totals), tls(flow, context, counting), tcp(flow, *context.limits, anomalies, *this) {}
  void on_data(const Chunk& chunk) override {
    if (!decided) {
      decided = true;
      is_tls = looks_like_tls(chunk.data);
    }
    if (is_tls) tls.on_data(chunk);
  }
  void on_gap(const Chunk& where, std::uint64_t missing) override {
    if (is_tls) tls.on_gap(where, missing);
  }
  void on_end(const Chunk& where) override {
    if (is_tls) tls.on_end(where);
  }
  FlowInfo flow;
  CountingSink counting;
  bool decided = false, is_tls = false;
  TlsConnection tls;
  TcpReassembly tcp;
};

struct Flows : SegmentSink {
  explicit Flows(KeyStore store) : keys(std::move(store)), context{&keys, &limits, &anomalies, nullptr, true} {}
  void on_flow(const FlowInfo& flow) override {
    if (flow.transport == Transport::tcp) {
      open[flow.id] = std::make_unique<OpenFlow>(flow, context, totals, anomalies);
    }
  }
  void on_segment(const Segment& segment) override {
    if (auto found = open.find(segment.flow); found != open.end()) found->second->tcp.on_segment(segment);
  }
  void on_flow_end(FlowId flow, FlowEndReason, std::uint64_t) override {
    auto found = open.find(flow);
    if (found == open.end()) return;
    found->second->tcp.finish();
    const TlsFacts& facts = found->second->tls.facts();
    if (!facts.sni.empty()) ++totals.snis[facts.sni];
    if (facts.client_hello) {
      ++totals.hellos;
      ++totals.outcomes[facts.outcome];
    }
    open.erase(found);
  }
  void on_unread(Unread, PacketId, std::uint64_t) override {}

  KeyStore keys;
  Limits limits;
  Anomalies anomalies;
  TlsContext context;
  Totals totals;
  std::map<FlowId, std::unique_ptr<OpenFlow>> open;
};

Totals read_capture(const std::string& name, const std::string& key_log) {
  KeyStore keys = testing_peers::store_of(key_log);
  real_captures::each_event(name, [&](const CaptureEvent& event) {
    if (const auto* secrets = std::get_if<CapturedSecrets>(&event)) keys.add_key_log(secrets->data, Limits{});
  });
  Flows flows(std::move(keys));
  Dissector dissector({}, false, flows.limits, flows.anomalies, flows);
  real_captures::each_event(name, [&](const CaptureEvent& event) {
    if (const auto* packet = std::get_if<CapturedPacket>(&event)) dissector.on_packet(*packet);
  });
  dissector.finish();
  return flows.totals;
}

std::map<std::string, std::string> key_logs() {
  std::map<std::string, std::string> logs;
  std::istringstream list(real_captures::text_of("shared-list.tsv"));
  for (std::string line; std::getline(list, line);) {
    std::istringstream columns(line);
    std::string capture, log;
    std::getline(columns, capture, '\t');
    std::getline(columns, log, '\t');
    if (!log.empty()) logs[capture] = log;
  }
  return logs;
}

TEST(TlsCaptures, AgreeWithTshark) {
  const nlohmann::json truth = real_captures::truth();
  const auto logs = key_logs();
  int compared = 0;
  for (const auto& [name, expected] : truth.items()) {
    const bool keys_here = name.starts_with("tls-") || logs.contains(name);
    if (expected.value("tls_client_hellos", 0) == 0 || name.starts_with("quic")) continue;
    SCOPED_TRACE(name);
    const auto log = logs.find(name);
    const Totals got = read_capture(name, log == logs.end() ? "" : real_captures::text_of(log->second));
    if (keys_here) {
      EXPECT_EQ(got.records, expected["tls_decrypted_app_data_records"].get<std::uint64_t>());
      EXPECT_EQ(got.bytes, expected["tls_decrypted_app_data_bytes"].get<std::uint64_t>());
    }
    std::map<std::string, int> snis;
    for (const auto& entry : expected["tls_snis"]) snis[entry[0].get<std::string>()] = entry[1].get<int>();
    // Names that stand in QUIC, in a tunnel, or twice because of a HelloRetryRequest.
    if (name == "phone-app/sites.pcapng" || name == "tunnels/6in4tunnel.pcap" || name == "pcapdroid/metadata.pcap") {
      for (const auto& [sni, count] : got.snis) EXPECT_TRUE(snis.contains(sni)) << sni;
    } else {
      EXPECT_EQ(got.snis, snis);
    }
    ++compared;
  }
  if (real_captures::present()) EXPECT_GE(compared, 20);
}

}  // namespace
}  // namespace tattle
