#pragma once

// What the tests of HTTP/3 share: frames and field sections by hand, and a connection that remembers what came out.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/http2/test_kit.h"
#include "protocol/http3/http3.h"

namespace tattle::http3_kit {

using http2_kit::Recorder;
using http2_kit::Seen;
using http2_kit::unhex;

constexpr Direction kUp = Direction::to_server, kDown = Direction::to_client;
// RFC 9000 section 2.1: the first unidirectional streams of the client, and of the server.
constexpr std::uint64_t kClientControl = 2, kClientEncoder = 6, kClientDecoder = 10;
constexpr std::uint64_t kServerControl = 3, kServerEncoder = 7, kServerDecoder = 11, kServerPush = 15;

/// RFC 9000 section 16, in the fewest bytes.
inline std::string varint(std::uint64_t value) {
  const int size = value < 64 ? 1 : value < 16384 ? 2 : value < (1u << 30) ? 4 : 8;
  std::string bytes;
  for (int i = size - 1; i >= 0; --i) bytes.push_back(static_cast<char>(value >> (8 * i) & 0xff));
  const int mark = size == 1 ? 0 : size == 2 ? 0x40 : size == 4 ? 0x80 : 0xc0;
  bytes[0] = static_cast<char>(static_cast<unsigned char>(bytes[0]) | mark);
  return bytes;
}

inline std::string frame3(std::uint64_t type, std::string_view payload) {
  return varint(type) + varint(payload.size()).append(payload);
}
inline std::string data3(std::string_view bytes) { return frame3(0, bytes); }
inline std::string headers(std::string_view section) { return frame3(1, section); }
inline std::string settings(std::uint64_t table_capacity) { return frame3(4, varint(1) + varint(table_capacity)); }

/// RFC 9204 section 4.5.6; name under 7 bytes, or up to 133; value under 127.
inline std::string literal3(std::string_view name, std::string_view value) {
  std::string bytes;
  if (name.size() < 7) {
    bytes.push_back(static_cast<char>(0x20 | name.size()));
  } else {
    bytes.push_back(0x27);
    bytes.push_back(static_cast<char>(name.size() - 7));
  }
  bytes.append(name);
  bytes.push_back(static_cast<char>(value.size()));
  return bytes.append(value);
}
/// A section that needs no table.
inline std::string section(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string bytes(2, '\0');
  for (const auto& [name, value] : fields) bytes += literal3(name, value);
  return bytes;
}
inline std::string request(std::string_view path, std::string_view method = "GET") {
  return section({{":method", std::string(method)},
                  {":scheme", "https"},
                  {":authority", "a.example"},
                  {":path", std::string(path)}});
}
inline std::string response(std::string_view status) { return section({{":status", std::string(status)}}); }

/// One connection; each call is one packet, numbered from 1, seen at that many nanoseconds.
struct Connection3 {
  Connection3() {
    flow.transport = Transport::udp;
    flow.client.port = 50000;
    flow.server.port = 443;
    above.counters = &counters;
    above.protection = Protection::quic;
    above.layers = {{"quic", "v1"}};
  }
  Chunk chunk(std::uint64_t id, Direction direction, std::string_view bytes) {
    run = {0, packet, packet};
    return {flow,      direction,      offsets[{id, direction}], Time{static_cast<std::int64_t>(packet)},
            {&run, 1}, as_bytes(bytes)};
  }
  void send(std::uint64_t id, Direction direction, std::string_view bytes, bool fin = false) {
    ++packet;
    connection.on_stream_data(id, chunk(id, direction, bytes));
    offsets[{id, direction}] += bytes.size();
    if (fin) connection.on_stream_end(id, chunk(id, direction, ""), false);
  }
  void up(std::uint64_t id, std::string_view bytes, bool fin = false) { send(id, kUp, bytes, fin); }
  void down(std::uint64_t id, std::string_view bytes, bool fin = false) { send(id, kDown, bytes, fin); }
  void gap(std::uint64_t id, Direction direction, std::uint64_t missing) {
    ++packet;
    connection.on_stream_gap(id, chunk(id, direction, ""), missing);
    offsets[{id, direction}] += missing;
  }
  void reset(std::uint64_t id, Direction direction) {
    ++packet;
    connection.on_stream_end(id, chunk(id, direction, ""), true);
  }
  /// The connection's end: of each stream of which something was seen, without a packet.
  void end() {
    const std::map<std::pair<std::uint64_t, Direction>, std::uint64_t> open = offsets;
    for (const auto& [stream, offset] : open) {
      connection.on_stream_end(stream.first, Chunk{flow, stream.second, offset, {}, {}, {}}, false);
    }
    connection.finish();
  }
  const std::vector<Seen>& messages() const { return recorder.messages; }
  std::string summary() const {
    std::string text;
    for (const Seen& each : recorder.messages) {
      text += each.brief() + "|" + each.layers + "|" + each.body + "|" + (each.damaged ? "damaged" : "");
      for (const std::string& field : each.fields) text += "|" + field;
      text += "\n";
    }
    return text;
  }

  FlowInfo flow;
  Limits limits;
  Anomalies anomalies;
  FlowCounters counters;
  StreamContext above;
  Recorder recorder;
  KeyStore keys;
  TlsContext tls{&keys, &limits, &anomalies, nullptr};
  ParserContext context{&tls, &limits, &anomalies, &recorder};
  std::uint64_t packet = 0;
  PacketRun run;
  std::map<std::pair<std::uint64_t, Direction>, std::uint64_t> offsets;
  Http3Connection connection{flow, above, context};
};

}  // namespace tattle::http3_kit
