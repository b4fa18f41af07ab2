#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "capture/real_captures.h"
#include "decrypt/quic/registry.h"
#include "packet/dissector.h"

// Other programs' captures of QUIC, compared with what tshark reads in them with the same keys.

namespace tattle {
namespace {

struct Totals {
  std::set<std::string> snis;
  std::uint64_t halves = 0, bytes = 0, gaps = 0;
  std::map<TlsOutcome, int> outcomes;
};

class CountingSession : public QuicSession, private QuicSink {
 public:
  CountingSession(const FlowInfo& flow, TlsContext& context, Totals& totals)
      : totals_(totals), connection_(flow, context, *this) {}
  QuicConnection& connection() override { return connection_; }
  void finish() override {
    connection_.finish();
    const TlsFacts& tls = connection_.facts().tls;
    if (!tls.sni.empty()) totals_.snis.insert(tls.sni);
    ++totals_.outcomes[tls.outcome];
    totals_.halves += next_.size();
  }

 private:
  void on_stream_data(std::uint64_t stream, const Chunk& chunk) override {
    std::uint64_t& next = next_[{stream, index(chunk.direction)}];
    EXPECT_EQ(chunk.offset, next);
    next += chunk.data.size();
    totals_.bytes += chunk.data.size();
  }
  void on_stream_gap(std::uint64_t stream, const Chunk& where, std::uint64_t missing) override {
    next_[{stream, index(where.direction)}] += missing;
    ++totals_.gaps;
  }
  void on_stream_end(std::uint64_t, const Chunk&, bool) override {}
  void on_quic_datagram(const Chunk&) override {}

  Totals& totals_;
  std::map<std::pair<std::uint64_t, std::size_t>, std::uint64_t> next_;
  QuicConnection connection_;
};

struct Flows : SegmentSink {
  explicit Flows(KeyStore store) : keys(std::move(store)), context{&keys, &limits, &anomalies, nullptr, true} {}
  void on_flow(const FlowInfo& flow) override {
    if (flow.transport == Transport::udp) open[flow.id] = flow;
  }
  void on_segment(const Segment& segment) override {
    auto found = open.find(segment.flow);
    if (found == open.end()) return;
    const PacketRun run{segment.packet.capture, segment.packet.number, segment.packet.number};
    const Chunk chunk{found->second, segment.direction, 0, segment.time, {&run, 1}, segment.payload};
    if (!registry.deliver(chunk) && starts_quic(chunk.data)) {
      registry.begin(std::make_shared<CountingSession>(found->second, context, totals), chunk);
    }
  }
  void on_flow_end(FlowId flow, FlowEndReason, std::uint64_t) override {
    if (!open.contains(flow)) return;
    if (!registry.may_end(flow)) return registry.suspend(flow);
    registry.leave(flow);
  }
  void on_unread(Unread, PacketId, std::uint64_t) override {}

  KeyStore keys;
  Limits limits;
  Anomalies anomalies;
  TlsContext context;
  Totals totals;
  QuicRegistry registry{limits};
  std::map<FlowId, FlowInfo> open;
};

Totals read_capture(const std::string& name, const std::string& key_log) {
  KeyStore keys;
  if (!key_log.empty()) keys.add_key_log(as_bytes(real_captures::text_of(key_log)), Limits{});
  real_captures::each_event(name, [&](const CaptureEvent& event) {
    const auto* secrets = std::get_if<CapturedSecrets>(&event);
    if (secrets && secrets->kind == CapturedSecrets::Kind::tls_key_log) keys.add_key_log(secrets->data, Limits{});
  });
  Flows flows(std::move(keys));
  Dissector dissector({}, false, flows.limits, flows.anomalies, flows);
  real_captures::each_event(name, [&](const CaptureEvent& event) {
    if (const auto* packet = std::get_if<CapturedPacket>(&event)) dissector.on_packet(*packet);
  });
  dissector.finish();
  EXPECT_EQ(flows.anomalies.count("quic.bad-packet"), 0u);
  EXPECT_EQ(flows.anomalies.count("quic.bad-frame"), 0u);
  EXPECT_EQ(flows.anomalies.count("quic.unknown-frame"), 0u);
  return flows.totals;
}

struct CaptureCase {
  std::string name, key_log;
  std::uint64_t halves, bytes;  // directions of streams with data and their bytes, each once, as tshark 4.0.17 has them
  std::set<std::string> snis;   // likewise
  std::map<TlsOutcome, int> outcomes;
};

void PrintTo(const CaptureCase& each, std::ostream* out) { *out << each.name; }

class QuicCapture : public testing::TestWithParam<CaptureCase> {};

TEST_P(QuicCapture, GivesWhatTsharkReads) {
  const CaptureCase& want = GetParam();
  if (!real_captures::present()) return;  // they are not part of the project
  const Totals got = read_capture(want.name, want.key_log);
  EXPECT_EQ(got.halves, want.halves);
  EXPECT_EQ(got.bytes, want.bytes);
  EXPECT_EQ(got.gaps, 0u);
  EXPECT_EQ(got.snis, want.snis);
  EXPECT_EQ(got.outcomes, want.outcomes);
}

const std::string kQuic = "quic-http3/";

INSTANTIATE_TEST_SUITE_P(
    Shared, QuicCapture,
    testing::Values(
        CaptureCase{"dns/doq.pcapng", "", 2, 96, {}, {{TlsOutcome::decrypted, 1}}},
        CaptureCase{kQuic + "chrome-cloudflare-quic-with-secrets.pcapng",
                    "",
                    7,
                    10815,
                    {"cloudflare-quic.com"},
                    {{TlsOutcome::decrypted, 1}}},
        CaptureCase{kQuic + "illustrated-quic-captures-capture.pcap",
                    kQuic + "illustrated-quic-captures-capture.keylog",
                    2,
                    8,
                    {"example.ulfheim.net"},
                    {{TlsOutcome::decrypted, 1}}},
        CaptureCase{kQuic + "quic-v2.pcapng", "", 11, 556, {"test"}, {{TlsOutcome::partly, 1}}},
        CaptureCase{kQuic + "quic_frags_ch_in_multiple_packets.pcapng", "", 0, 0, {}, {{TlsOutcome::none, 1}}},
        CaptureCase{kQuic + "quic_kyber.pcapng", "", 0, 0, {"encrypted-tbn0.gstatic.com"}, {{TlsOutcome::no_key, 1}}},
        CaptureCase{kQuic + "quic_retry.pcapng", "", 0, 0, {"127.0.0.1"}, {{TlsOutcome::no_key, 2}}},
        CaptureCase{kQuic + "suricata-verify-tests-quic-frag-unordered-input.pcap",
                    "",
                    0,
                    0,
                    {"mastodon.social"},
                    {{TlsOutcome::no_key, 1}}}),
    [](const auto& info) {
      std::string name = info.param.name;
      std::erase_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
      return name;
    });

}  // namespace
}  // namespace tattle
