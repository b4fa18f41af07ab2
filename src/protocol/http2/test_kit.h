#pragma once

// What the tests of HTTP/2 share: frames by hand, and a connection that remembers what came out.

#include <string>
#include <string_view>
#include <vector>

#include "protocol/http2/http2.h"

namespace tattle::http2_kit {

inline std::string unhex(std::string_view hex) {
  auto digit = [](char each) { return each <= '9' ? each - '0' : each - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(digit(hex[i]) << 4 | digit(hex[i + 1])));
  }
  return bytes;
}

inline std::string frame(int type, int flags, std::uint32_t stream, std::string_view payload) {
  std::string bytes;
  for (int shift : {16, 8, 0}) bytes.push_back(static_cast<char>(payload.size() >> shift & 0xff));
  bytes.push_back(static_cast<char>(type));
  bytes.push_back(static_cast<char>(flags));
  for (int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<char>(stream >> shift & 0xff));
  return bytes.append(payload);
}

/// RFC 7541 section 6.2.2 (without indexing) or 6.2.1 (with); name and value under 127 bytes.
inline std::string literal(std::string_view name, std::string_view value, bool indexed = false) {
  std::string bytes(1, indexed ? '\x40' : '\0');
  bytes.push_back(static_cast<char>(name.size()));
  bytes.append(name);
  bytes.push_back(static_cast<char>(value.size()));
  return bytes.append(value);
}

/// A message as it was handed down, copied.
struct Seen {
  MessageKind kind;
  Direction direction;
  std::string protocol, method, host, target, url, answered, layers, head, body, tunnel_host;
  std::uint16_t host_port = 0, client_port = 0;
  int status = 0;
  std::uint64_t exchange = 0, overlap = 0, body_offset = 0;
  std::vector<std::string> fields;
  PacketRuns head_packets, body_packets;
  Time first, last;
  Via via = Via::direct;
  bool damaged = false, last_piece = true;

  std::string brief() const {
    std::string text = std::string(to_string(kind)) + " " + std::to_string(exchange);
    if (kind == MessageKind::request) {
      return text + " " + method + " " + host + ":" + std::to_string(host_port) + " " + target + " " + url;
    }
    return text + " " + std::to_string(status) + " to " + answered;
  }
};

class Recorder : public MessageSink {
 public:
  void on_message(const Message& message) override {
    Seen seen{};
    seen.kind = message.kind;
    seen.direction = message.direction;
    seen.protocol = message.protocol;
    seen.method = message.method;
    seen.host = message.host;
    seen.target = message.target;
    seen.url = message.url;
    seen.answered = message.answered_method;
    for (const PathStep& step : message.layers) seen.layers += step.step + " " + step.detail;
    seen.head = as_text(message.head);
    seen.body = as_text(message.body);
    seen.tunnel_host = message.tunnel_host;
    seen.host_port = message.host_port;
    seen.client_port = message.client.port;
    seen.status = message.status.value_or(0);
    seen.exchange = message.exchange;
    seen.overlap = message.overlap;
    seen.body_offset = message.body_offset;
    for (const Field& field : message.fields) {
      seen.fields.push_back(std::string(field.name) + "=" + std::string(field.value) +
                            (field.trailer ? " (trailer)" : "") + (field.unknown ? " (unknown)" : ""));
    }
    message.head_pieces.packets(0, message.head.size(), seen.head_packets);
    message.body_pieces.packets(0, message.body.size(), seen.body_packets);
    seen.first = message.first;
    seen.last = message.last;
    seen.via = message.via;
    seen.damaged = message.damaged;
    seen.last_piece = message.last_piece;
    messages.push_back(seen);
  }
  std::vector<Seen> messages;
};

/// One connection; each call is one packet, numbered from 1, seen at that many nanoseconds.
struct Harness {
  Harness() {
    flow.client.port = 50000;
    flow.server.port = 80;
    above.counters = &counters;
  }
  void send(Direction direction, std::string_view bytes) {
    ++packet;
    const PacketRun run{0, packet, packet};
    std::uint64_t& offset = offsets[index(direction)];
    connection.on_data(Chunk{flow, direction, offset, Time{static_cast<std::int64_t>(packet)}, PacketRunsView(&run, 1),
                             as_bytes(bytes)});
    offset += bytes.size();
  }
  void client(std::string_view bytes) { send(Direction::to_server, bytes); }
  void server(std::string_view bytes) { send(Direction::to_client, bytes); }
  void gap(Direction direction, std::uint64_t missing) {
    const PacketRun run{0, packet, packet};
    connection.on_gap(Chunk{flow,
                            direction,
                            offsets[index(direction)],
                            Time{static_cast<std::int64_t>(packet)},
                            PacketRunsView(&run, 1),
                            {}},
                      missing);
    offsets[index(direction)] += missing;
  }
  void end() {
    for (Direction direction : {Direction::to_server, Direction::to_client}) {
      connection.on_end(
          Chunk{flow, direction, offsets[index(direction)], Time{static_cast<std::int64_t>(packet)}, {}, {}});
    }
  }
  const std::vector<Seen>& messages() const { return recorder.messages; }
  std::string summary() const {
    std::string text;
    for (const Seen& each : recorder.messages) {
      text += each.brief() + "|" + each.head + "|" + each.body + "|" + (each.damaged ? "damaged" : "") + "\n";
    }
    return text;
  }

  FlowInfo flow;
  Limits limits;
  Anomalies anomalies;
  FlowCounters counters;
  StreamContext above;
  Recorder recorder;
  ParserContext context{nullptr, &limits, &anomalies, &recorder};
  std::uint64_t packet = 0;
  std::uint64_t offsets[2] = {0, 0};
  Http2Connection connection{flow, above, context};
};

}  // namespace tattle::http2_kit
