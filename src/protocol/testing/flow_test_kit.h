#pragma once

// What the tests of streams and HTTP/1 share: a conversation as a script, and a line for each message.

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "protocol/mux.h"

namespace tattle::flow_kit {

inline FlowInfo flow(std::uint16_t port = 80) {
  FlowInfo flow;
  flow.id = 7;
  flow.client = {*Address::parse("192.0.2.17"), 50000};
  flow.server = {*Address::parse("198.51.100.5"), port};
  flow.opening_seen = true;
  return flow;
}

inline std::string printable(std::string_view text) {
  std::string result;
  for (char c : text) {
    if (c == '\r') {
      result += "\\r";
    } else if (c == '\n') {
      result += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      result += c;
    }
  }
  return result;
}

/// One line a message, with everything but its packets and times.
inline std::string describe(const Message& message) {
  std::string line = fmt::format("{}{} #{}", message.direction == Direction::to_server ? "> " : "< ",
                                 to_string(message.kind), message.exchange);
  if (message.protocol != "http/1.1") line += fmt::format(" {}", message.protocol);
  if (message.client.port != 50000) line += " from the server's side";
  if (message.kind == MessageKind::request) line += fmt::format(" {} {}", message.method, message.target);
  if (message.status) line += fmt::format(" {}", *message.status);
  if (!message.host.empty()) line += fmt::format(" host={}", message.host);
  if (message.host_port != 0) line += fmt::format(":{}", message.host_port);
  if (!message.url.empty()) line += fmt::format(" url={}", message.url);
  if (!message.answered_method.empty()) line += fmt::format(" to {}", message.answered_method);
  if (message.via == Via::proxy_absolute) line += " via=absolute";
  if (message.via == Via::proxy_connect) line += " via=connect";
  if (message.via == Via::tunnel) line += " via=tunnel";
  if (!message.tunnel_host.empty()) line += fmt::format(" tunnel={}", message.tunnel_host);
  if (message.body_offset > 0) line += fmt::format(" at={}", message.body_offset);
  if (message.overlap > 0) line += fmt::format(" overlap={}", message.overlap);
  if (!message.last_piece) line += " more";
  if (message.damaged) line += " damaged";
  for (const Field& field : message.fields) {
    if (field.trailer) line += fmt::format(" trailer {}={}", field.name, field.value);
  }
  return line + fmt::format(" [{}]", printable(as_text(message.body)));
}

class Lines : public MessageSink {
 public:
  void on_message(const Message& message) override {
    lines.push_back(describe(message));
    const auto inside = [](std::string_view part, Bytes whole) {
      return part.empty() || (part.data() >= as_text(whole).data() &&
                              part.data() + part.size() <= as_text(whole).data() + whole.size());
    };
    for (const Field& field : message.fields) {
      if (message.body_offset > 0) break;  // the head was handed down before
      borrowed_well &= inside(field.name, message.head) && inside(field.value, message.head);
    }
    borrowed_well &= message.body.size() == message.body_pieces.size();
  }
  std::vector<std::string> lines;
  bool borrowed_well = true;  // fields lie in the head, every byte of the body has its packet
};

/// One thing that happens: bytes, or with `gap` a loss.
struct Step {
  Direction direction = Direction::to_server;
  std::string text;
  bool gap = false;
  std::uint64_t missing = 0;
};
inline Step up(std::string text) { return {Direction::to_server, std::move(text), false, 0}; }
inline Step down(std::string text) { return {Direction::to_client, std::move(text), false, 0}; }
inline Step lost(Direction direction, std::uint64_t missing) { return {direction, {}, true, missing}; }

struct Conversation {
  FlowInfo info = flow();
  Limits limits;
  Anomalies anomalies;
  FlowCounters counters;
  StreamContext context;
  Lines seen;
  KeyStore keys;
  TlsContext tls{&keys, &limits, &anomalies, nullptr};
  ParserContext parser{&tls, &limits, &anomalies, &seen};

  Conversation() { context.counters = &counters; }

  /// Runs the script through a mux; every step is cut behind its first `cut` bytes and then into `most` bytes a chunk.
  void run(const std::vector<Step>& steps, std::size_t cut = 0, std::size_t most = static_cast<std::size_t>(-1)) {
    Mux mux(info, context, parser);
    std::uint64_t offset[2] = {0, 0};
    std::uint64_t packet = 0;
    for (const Step& step : steps) {
      std::uint64_t& at = offset[index(step.direction)];
      std::string_view rest = step.text;
      std::size_t next = cut == 0 ? most : cut;
      do {
        const PacketRun run{0, ++packet, packet};
        const Bytes data = as_bytes(rest.substr(0, next));
        const Chunk chunk{info, step.direction, at, Time{static_cast<std::int64_t>(packet)}, {&run, 1}, data};
        if (step.gap) {
          mux.on_gap(chunk, step.missing);
          at += step.missing;
        } else {
          mux.on_data(chunk);
          at += data.size();
        }
        rest.remove_prefix(data.size());
        next = most;
      } while (!rest.empty());
    }
    const PacketRun run{0, packet, packet};
    for (Direction direction : {Direction::to_server, Direction::to_client}) {
      if (offset[index(direction)] == 0) continue;
      mux.on_end({info, direction, offset[index(direction)], Time{}, {&run, 1}, {}});
    }
    protocol = mux.protocol();
  }
  std::string protocol;
};

}  // namespace tattle::flow_kit
