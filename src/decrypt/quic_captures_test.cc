#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "capture/capture.h"
#include "decrypt/quic_registry.h"
#include "packet/dissector.h"

// Other programs' captures of QUIC, compared with what tshark reads in them with the same keys.

namespace tattle {
namespace {

using nlohmann::json;

const std::filesystem::path kCaptures = TATTLE_SOURCE_DIR "/../shared/captures";

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

struct Totals {
  std::set<std::string> snis;
  std::uint64_t streams = 0, bytes = 0, gaps = 0, sessions = 0, certificates = 0;
  std::map<TlsOutcome, int> outcomes;
};

class CountingSession : public QuicSession, private QuicSink {
 public:
  CountingSession(const FlowInfo& flow, TlsContext& context, Totals& totals)
      : totals_(totals), connection_(flow, context, *this) {
    ++totals_.sessions;
  }
  QuicConnection& connection() override { return connection_; }
  void finish() override {
    connection_.finish();
    const TlsFacts& tls = connection_.facts().tls;
    if (!tls.sni.empty()) totals_.snis.insert(tls.sni);
    totals_.certificates += tls.server_certificates.size();
    ++totals_.outcomes[tls.outcome];
    totals_.streams += seen_.size();
  }

 private:
  void on_stream_data(std::uint64_t stream, const Chunk& chunk) override {
    std::uint64_t& next = next_[{stream, index(chunk.direction)}];
    EXPECT_EQ(chunk.offset, next);
    next += chunk.data.size();
    totals_.bytes += chunk.data.size();
    seen_.insert(stream);
  }
  void on_stream_gap(std::uint64_t stream, const Chunk& where, std::uint64_t missing) override {
    next_[{stream, index(where.direction)}] += missing;
    ++totals_.gaps;
  }
  void on_stream_end(std::uint64_t, const Chunk&, bool) override {}
  void on_quic_datagram(const Chunk&) override {}

  Totals& totals_;
  std::set<std::uint64_t> seen_;
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

template <class Use>
void each_event(const std::string& path, Use use) {
  Limits limits;
  Anomalies anomalies;
  auto reader = CaptureReader::open(path, 0, limits, anomalies);
  for (;;) {
    const CaptureEvent event = reader->next();
    if (std::holds_alternative<CaptureEnd>(event)) return;
    use(event);
  }
}

KeyStore keys_of(const std::filesystem::path& capture, const json& truth) {
  KeyStore keys;
  const Limits limits;
  if (truth.contains("keylog") && truth["keylog"].is_string()) {
    keys.add_key_log(as_bytes(read_file(kCaptures / truth["keylog"].get<std::string>())), limits);
  }
  each_event(capture.string(), [&](const CaptureEvent& event) {
    const auto* secrets = std::get_if<CapturedSecrets>(&event);
    if (secrets && secrets->kind == CapturedSecrets::Kind::tls_key_log) keys.add_key_log(secrets->data, limits);
  });
  return keys;
}

TEST(QuicCaptures, SeeWhatTsharkSees) {
  std::ifstream in(kCaptures / "truth-shared.json");
  if (!in) return;  // the captures are not part of the project
  const json truths = json::parse(in);
  for (const auto& [name, truth] : truths.items()) {
    if (truth.value("quic_datagrams", 0) == 0) continue;
    SCOPED_TRACE(name);
    Flows flows(keys_of(kCaptures / name, truth));
    Dissector dissector({}, false, flows.limits, flows.anomalies, flows);
    each_event((kCaptures / name).string(), [&](const CaptureEvent& event) {
      if (const auto* packet = std::get_if<CapturedPacket>(&event)) dissector.on_packet(*packet);
    });
    dissector.finish();
    const Totals& totals = flows.totals;
    printf("%s: sessions %lu streams %lu (tshark %d) bytes %lu gaps %lu certs %lu frames %d datagrams %d\n",
           name.c_str(), totals.sessions, totals.streams, truth.value("quic_streams_with_data", -1), totals.bytes,
           totals.gaps, totals.certificates, truth.value("quic_stream_frames_decrypted", -1),
           truth.value("quic_datagrams", -1));
    for (auto [o, n] : totals.outcomes) printf("  outcome %d: %d\n", int(o), n);
    for (const auto& s : totals.snis) printf("  sni %s\n", s.c_str());
    if (truth.contains("tls_snis")) printf("  tshark %s\n", truth["tls_snis"].dump().c_str());
    for (const auto& [a, e] : flows.anomalies.entries())
      printf("  %s %lu @%lu\n", std::string(a).c_str(), e.count, e.first.number);
  }
}

}  // namespace
}  // namespace tattle
