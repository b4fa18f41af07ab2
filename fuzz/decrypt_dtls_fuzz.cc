// Datagrams of a DTLS connection, cut out of the input: a byte for the direction and two for the length before each.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/byte_reader.h"
#include "decrypt/dtls/dtls.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tattle;
  struct Nothing : DatagramSink {
    void on_datagram(const Chunk&) override {}
    void on_end(const Chunk&) override {}
  } nothing;
  static const KeyStore keys = [] {
    KeyStore store;
    const std::string random(64, '4'), secret(96, '5');
    store.add_key_log(as_bytes("CLIENT_RANDOM " + random + " " + secret + "\n"), Limits{});
    return store;
  }();
  const FlowInfo flow;
  Limits limits;
  limits.tls_handshake_bytes = 1 << 12;
  Anomalies anomalies;
  TlsContext context{&keys, &limits, &anomalies, nullptr, size % 2 == 0};
  DtlsConnection connection(flow, context, nothing);
  ByteReader in(Bytes(data, size));
  for (std::uint64_t packet = 1; !in.done(); ++packet) {
    const auto direction = in.u8("direction") % 2 == 0 ? Direction::to_server : Direction::to_client;
    const std::size_t length = in.u16("length");
    const PacketRun run{0, packet, packet};
    const Bytes datagram = in.take(std::min(length, in.remaining()), "datagram");
    connection.on_datagram(Chunk{flow, direction, 0, Time{}, {&run, 1}, datagram});
  }
  connection.finish();
  return connection.facts().sni.size() > size ? 1 : 0;
}
