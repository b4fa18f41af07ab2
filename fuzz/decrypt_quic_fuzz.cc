#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>

#include "decrypt/quic/registry.h"
#include "decrypt/quic/test_kit.h"

// First byte: 0, datagrams as they are; 1, frames that are sealed with keys at hand, behind a handshake; 2, likewise
// and the keys come at the end. Then pieces: what, length (2 bytes), bytes. What: bit 0 direction, bit 1 from another
// port, bits 2-3 encryption level, bit 4 key phase, bits 5-7 packet numbers passed over. Streams must come in order
// whatever the pieces are.
namespace {

using namespace tattle;
using quic_kit::Maker;

struct Checker : QuicSession, QuicSink {
  Checker(const FlowInfo& flow, TlsContext& context) : quic(flow, context, *this) {}
  QuicConnection& connection() override { return quic; }
  void finish() override {
    if (std::exchange(finished, true)) std::abort();
    quic.finish();
    for (const auto& [id, half] : halves) {
      if (!half.ended) std::abort();
    }
  }
  struct Half {
    std::uint64_t next = 0;
    bool ended = false;
  };
  Half& at(std::uint64_t stream, const Chunk& chunk) {
    Half& half = halves[{stream, index(chunk.direction)}];
    if (half.ended || chunk.offset != half.next) std::abort();
    return half;
  }
  void on_stream_data(std::uint64_t stream, const Chunk& chunk) override {
    if (chunk.data.empty()) std::abort();
    at(stream, chunk).next += chunk.data.size();
  }
  void on_stream_gap(std::uint64_t stream, const Chunk& chunk, std::uint64_t missing) override {
    at(stream, chunk).next += missing;
  }
  void on_stream_end(std::uint64_t stream, const Chunk& chunk, bool) override { at(stream, chunk).ended = true; }
  void on_quic_datagram(const Chunk&) override {}

  std::map<std::pair<std::uint64_t, std::size_t>, Half> halves;
  bool finished = false;
  QuicConnection quic;
};

ByteVector seal(const Maker& maker, std::uint8_t what, std::uint64_t number, Bytes frames) {
  const Direction direction = what & 1 ? Direction::to_client : Direction::to_server;
  const ByteVector plain(frames.begin(), frames.end());
  const auto level = static_cast<Maker::Level>(3 - (what >> 2 & 3));
  if (level == Maker::application) return maker.short_packet(direction, number, plain, what >> 4 & 1);
  return maker.long_packet(level, direction, number, plain);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Maker maker;
  static const ByteVector hello = maker.hello(), answer = maker.answer();
  static const KeyStore keyed = [] {
    KeyStore keys;
    keys.add_key_log(as_bytes(maker.key_log()), Limits{});
    return keys;
  }();
  static const KeyStore empty;
  if (size == 0) return 0;
  const unsigned mode = data[0] % 3;
  Limits limits;
  limits.tls_waiting_bytes = 4096;
  limits.tls_handshake_bytes = 4096;
  limits.quic_streams = 4;
  limits.quic_stream_bytes = 2000;
  limits.quic_connection_bytes = 3000;
  limits.quic_connections = 2;
  Anomalies anomalies;
  TlsContext context{mode == 2 ? &empty : &keyed, &limits, &anomalies, nullptr, mode != 2};
  FlowInfo flows[2];
  for (std::size_t i = 0; i < 2; ++i) {
    flows[i].id = i + 1;
    flows[i].transport = Transport::udp;
    flows[i].server.port = 443;
    flows[i].client.port = static_cast<std::uint16_t>(50000 + i);
  }
  QuicRegistry registry(limits, &anomalies);
  auto feed = [&](std::size_t flow, Direction direction, Bytes datagram) {
    const PacketRun run{0, 1, 1};
    const Chunk chunk{flows[flow], direction, 0, Time{}, {&run, 1}, datagram};
    if (!registry.deliver(chunk) && starts_quic(datagram)) {
      registry.begin(std::make_shared<Checker>(flows[flow], context), chunk);
    }
  };
  if (mode != 0) {
    feed(0, Direction::to_server, hello);
    feed(0, Direction::to_client, answer);
  }
  std::uint64_t numbers[2] = {1, 1};
  Bytes rest(data + 1, size - 1);
  while (rest.size() >= 3) {
    const std::uint8_t what = rest[0];
    const std::size_t length = std::min<std::size_t>(rest[1] << 8 | rest[2], rest.size() - 3);
    const Bytes bytes = rest.subspan(3, length);
    const Direction direction = what & 1 ? Direction::to_client : Direction::to_server;
    numbers[what & 1] += what >> 5;
    feed(what >> 1 & 1, direction,
         mode == 0 ? ByteVector(bytes.begin(), bytes.end()) : seal(maker, what, numbers[what & 1]++, bytes));
    rest = rest.subspan(3 + length);
  }
  context.keys = &keyed;
  for (const FlowInfo& flow : flows) {
    if (!registry.may_end(flow.id)) {
      registry.suspend(flow.id);
      continue;
    }
    registry.leave(flow.id);
    for (FlowId released : registry.take_released()) registry.leave(released);
  }
  return 0;
}
