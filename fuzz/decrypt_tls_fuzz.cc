#include <algorithm>
#include <cstdlib>
#include <utility>

#include "decrypt/tls/tls.h"

// A key log, a zero byte, then pieces: what (bit 0 direction, bits 1-2 data, gap, known gap, end), length (2 bytes),
// bytes. The plaintext must come in order whatever the pieces are.
namespace {

struct Checker : tattle::StreamSink {
  void on_data(const tattle::Chunk& chunk) override {
    const std::size_t d = tattle::index(chunk.direction);
    if (chunk.offset != offset[d] || ended[d] || chunk.data.empty()) std::abort();
    offset[d] += chunk.data.size();
  }
  void on_gap(const tattle::Chunk& where, std::uint64_t) override {
    if (ended[tattle::index(where.direction)]) std::abort();
  }
  void on_end(const tattle::Chunk& where) override {
    if (std::exchange(ended[tattle::index(where.direction)], true)) std::abort();
  }
  std::uint64_t offset[2] = {0, 0};
  bool ended[2] = {false, false};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tattle;
  static const KeyStore empty;
  const std::uint8_t* start = std::find(data, data + size, 0);
  KeyStore keys(empty);
  keys.add_key_log({data, start}, Limits{});
  Limits limits;
  limits.tls_waiting_bytes = 4096;
  limits.tls_handshake_bytes = 4096;
  Anomalies anomalies;
  TlsContext context{&keys, &limits, &anomalies, nullptr, false};
  const FlowInfo flow;
  Checker checker;
  TlsConnection tls(flow, context, checker);
  Bytes rest(start, data + size);
  if (!rest.empty()) rest = rest.subspan(1);
  while (rest.size() >= 3) {
    const std::uint8_t what = rest[0];
    const std::size_t length = std::min<std::size_t>(rest[1] << 8 | rest[2], rest.size() - 3);
    const PacketRun run{0, 1, 1};
    Chunk chunk{flow, what & 1 ? Direction::to_client : Direction::to_server, 0, Time{}, {&run, 1}, {}};
    const int kind = what >> 1 & 3;
    if (kind == 0) {
      chunk.data = rest.subspan(3, length);
      tls.on_data(chunk);
    } else if (kind == 3) {
      tls.on_end(chunk);
    } else {
      tls.on_gap(chunk, kind == 1 ? 0 : length);
    }
    rest = rest.subspan(3 + (kind == 0 ? length : 0));
  }
  const Chunk end_up{flow, Direction::to_server, 0, Time{}, {}, {}};
  const Chunk end_down{flow, Direction::to_client, 0, Time{}, {}, {}};
  tls.on_end(end_up);
  tls.on_end(end_down);
  if (!checker.ended[0] || !checker.ended[1]) std::abort();
  return tls.facts().decrypted_bytes == checker.offset[0] + checker.offset[1] ? 0 : (std::abort(), 0);
}
