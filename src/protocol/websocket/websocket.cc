#include "protocol/websocket/websocket.h"

#include <algorithm>
#include <utility>

#include "protocol/body/ledger.h"
#include "protocol/mqtt/mqtt.h"
#include "protocol/raw/raw.h"
#include "protocol/websocket/half.h"

namespace tattle {
namespace {

bool is_mqtt(std::string_view subprotocol) { return subprotocol == "mqtt" || subprotocol == "mqttv3.1"; }

std::optional<DeflateAgreement::Side> side_of(const std::optional<DeflateAgreement>& agreed, bool client) {
  if (!agreed) return std::nullopt;
  return client ? agreed->client : agreed->server;
}

}  // namespace

std::string joined_values(const std::vector<Field>& fields, std::string_view lower_case_name) {
  std::string all;
  for (const Field& field : fields) {
    const bool same = std::equal(field.name.begin(), field.name.end(), lower_case_name.begin(), lower_case_name.end(),
                                 [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
    if (!same) continue;
    if (field.unknown) return {};
    if (!all.empty()) all += ", ";
    all += field.value;
  }
  return all;
}

struct WebSocketConnection::State : WebSocketHalfOwner, BodyHolder {
  State(const FlowInfo& info, const StreamContext& outer, ParserContext& context, WebSocketOpening open)
      : BodyHolder(context.bodies, info.id),
        flow(info),
        above(outer),
        parser(context),
        opening(std::move(open)),
        agreed(read_deflate_agreement(opening.extensions)),
        halves{make_half(Direction::to_server), make_half(Direction::to_client)} {
    if (!is_mqtt(opening.subprotocol)) return;
    mqtt_context = above;
    mqtt_context.layers.push_back({"websocket", "binary"});
    mqtt = std::make_unique<MqttConnection>(flow, mqtt_context, parser,
                                            MqttCarrier{opening.host, opening.url, opening.host_port});
  }

  WebSocketHalf make_half(Direction direction) {
    const bool client = direction == opening.client;
    return {direction, client, side_of(agreed, client), *parser.limits, *parser.anomalies, *this};
  }

  void on_part(Direction direction, const WebSocketPart& part) override;
  bool streams_binary() const override { return mqtt != nullptr; }
  void on_stream_bytes(const Chunk& chunk, Bytes data) override;
  void on_stream_gap(const Chunk& where, std::uint64_t missing) override;
  void on_raw(const Chunk& chunk) override;
  void on_raw_end(const Chunk& where) override {
    if (raw) raw->on_end(where);
  }
  void on_opaque(std::uint64_t bytes) override { above.counters->opaque_bytes += bytes; }
  std::uint64_t held_bytes() const override { return halves[0].held_bytes() + halves[1].held_bytes(); }
  void relieve() override {
    for (WebSocketHalf& each : halves) each.relieve();
  }
  void read(const Chunk& chunk) {
    WebSocketHalf& half = halves[index(chunk.direction)];
    half.on_data(chunk);
    note_held(half.held_bytes());
  }
  void end(const Chunk& where);

  const FlowInfo& flow;
  const StreamContext& above;
  ParserContext& parser;
  const WebSocketOpening opening;
  const std::optional<DeflateAgreement> agreed;
  WebSocketHalf halves[2];
  StreamContext mqtt_context;
  std::unique_ptr<MqttConnection> mqtt;
  std::uint64_t stream_offset[2] = {0, 0};  // in the stream that the binary messages carry
  std::unique_ptr<RawStream> raw;
};

void WebSocketConnection::State::on_part(Direction direction, const WebSocketPart& part) {
  Message message;
  above.apply(message, flow, direction, direction == opening.client);
  message.protocol = "websocket";
  message.kind = MessageKind::frame;
  message.method = websocket_opcode_name(part.opcode);
  message.layers.push_back({"websocket", message.method});
  if (part.inflated) message.layers.push_back({"permessage-deflate", ""});
  message.host = opening.host;
  message.host_port = opening.host_port;
  message.target = opening.target;
  message.url = opening.url;
  message.exchange = opening.exchange;
  message.first = part.first;
  message.last = part.last_seen;
  message.damaged = part.damaged;
  message.body = part.body;
  message.body_offset = part.offset;
  message.overlap = part.overlap;
  message.last_piece = part.last;
  message.streamed = part.streamed;
  message.body_key = part.key;
  std::swap(message.body_pieces, *part.pieces);
  parser.sink->on_message(message);
  std::swap(message.body_pieces, *part.pieces);
}

void WebSocketConnection::State::on_stream_bytes(const Chunk& chunk, Bytes data) {
  std::uint64_t& offset = stream_offset[index(chunk.direction)];
  mqtt->on_data({flow, chunk.direction, offset, chunk.seen, chunk.packets, data});
  offset += data.size();
}

void WebSocketConnection::State::on_stream_gap(const Chunk& where, std::uint64_t missing) {
  std::uint64_t& offset = stream_offset[index(where.direction)];
  mqtt->on_gap({flow, where.direction, offset, where.seen, where.packets, {}}, missing);
  offset += missing;
}

void WebSocketConnection::State::on_raw(const Chunk& chunk) {
  if (!raw) raw = std::make_unique<RawStream>(flow, above, parser);
  raw->on_data(chunk);
}

void WebSocketConnection::State::end(const Chunk& where) {
  halves[index(where.direction)].on_end(where);
  on_raw_end(where);
  if (mqtt) {
    mqtt->on_end({flow, where.direction, stream_offset[index(where.direction)], where.seen, where.packets, {}});
  }
}

WebSocketConnection::WebSocketConnection(const FlowInfo& flow, const StreamContext& above, ParserContext& context,
                                         WebSocketOpening opening)
    : state_(std::make_unique<State>(flow, above, context, std::move(opening))) {}
WebSocketConnection::~WebSocketConnection() = default;
void WebSocketConnection::on_data(const Chunk& chunk) { state_->read(chunk); }
void WebSocketConnection::on_gap(const Chunk& where, std::uint64_t missing) {
  state_->halves[index(where.direction)].on_gap(where, missing);
}
void WebSocketConnection::on_end(const Chunk& where) { state_->end(where); }

}  // namespace tattle
