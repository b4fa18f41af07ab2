#include "protocol/dns/dns.h"

using namespace tattle;

namespace {
struct Ignore : MessageSink {
  void on_message(const Message&) override {}
};
}  // namespace

// The first byte says how: a datagram, or a TCP stream cut into pieces of that size.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  FlowInfo flow;
  flow.server.port = 53;
  Limits limits;
  Anomalies anomalies;
  Ignore sink;
  FlowCounters counters;
  StreamContext above;
  above.counters = &counters;
  ParserContext context{nullptr, &limits, &anomalies, &sink};
  const std::size_t step = data[0];
  const Bytes input(data + 1, size - 1);
  if (step == 0) {
    looks_like_dns(input);
    DnsQueries queries;
    ByteVector query(input.begin(), input.end());
    if (query.size() > 2) query[2] &= 0x7f;  // what this may answer
    for (const Bytes datagram : {Bytes(query), input}) {
      parse_dns_datagram(Chunk{flow, Direction::to_client, 0, {}, {}, datagram}, queries, above, context);
    }
    return 0;
  }
  DnsTcp tcp(flow, above, context);
  for (std::size_t at = 0; at < input.size(); at += step) {
    const Bytes part = input.subspan(at, std::min(step, input.size() - at));
    const Chunk chunk{flow, at / step % 3 == 2 ? Direction::to_client : Direction::to_server, at, {}, {}, part};
    tcp.on_data(chunk);
    if (step == 77) tcp.on_gap(Chunk{flow, chunk.direction, at, {}, {}, {}}, 5);
  }
  tcp.on_end(Chunk{flow, Direction::to_server, input.size(), {}, {}, {}});
  tcp.on_end(Chunk{flow, Direction::to_client, input.size(), {}, {}, {}});
  return 0;
}
