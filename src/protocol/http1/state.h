#pragma once

#include <array>
#include <list>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "protocol/body/ledger.h"
#include "protocol/buffer/held_stream.h"
#include "protocol/http1/half.h"
#include "protocol/http1/http1.h"
#include "protocol/mux.h"
#include "protocol/raw/raw.h"

namespace tattle {

// A request that waits for its response.
struct Http1Pending {
  std::uint64_t exchange = 0;
  std::string method;
  RequestTarget to;
  Via via = Via::direct;
  bool certain = true;  // nothing was lost that would shift responses against requests
};

// Offers another protocol: kept until the response takes it up.
struct Http1Offer {
  bool connect = false;
  std::uint64_t exchange = 0;
  Http1Message request;
};

/// The first field of this name; nullptr when there is none.
const Field* find_field(const std::vector<Field>& fields, std::string_view lower_name);

// What is added here is told by pass(), or keeps the connection from at_rest().
struct Http1Connection::State : Http1HalfOwner, BodyHolder {
  const FlowInfo& flow;
  const StreamContext& context;
  ParserContext& parser;
  std::array<Http1Half, 2> halves;
  std::unique_ptr<RawStream> raw;  // what is not HTTP; made when something is not
  std::optional<Direction> requester;
  std::list<Http1Pending> pending;  // a deque takes half a kilobyte while it is empty
  bool shifted = false;             // a message may have been lost: which response answers which request is not known
  std::uint64_t ahead = 0;          // responses that came while their requests waited behind a loss
  std::optional<Time> last_ahead;   // when the last of them came

  std::unique_ptr<Http1Offer> offer;  // the requester waits for its answer
  HeldStream held;                    // what it sent since
  bool refused = false;               // the offer was turned down: read on as HTTP
  bool early = false;  // the requester went on before its CONNECT was refused: it is the proxy that has these bytes
  std::unique_ptr<ByteVector> doubt;  // a final answer came before the body: what follows is the body or a request
  bool offers = true;                 // false once too much had to wait for an answer
  bool had[2] = {false, false}, over[2] = {false, false};

  std::unique_ptr<StreamContext> inner_context;  // of `next`
  std::unique_ptr<StreamSink> next;              // reads both directions once there is one
  Mux* inner_mux = nullptr;                      // `next`, when it is a tunnel
  std::string_view inner_name;                   // of `next` otherwise

  State(const FlowInfo& f, const StreamContext& c, ParserContext& p, bool joined)
      : BodyHolder(p.bodies, f.id),
        flow(f),
        context(c),
        parser(p),
        halves{Http1Half(Direction::to_server, *p.limits, *p.anomalies, *this, joined),
               Http1Half(Direction::to_client, *p.limits, *p.anomalies, *this, joined)} {}

  bool waiting(Direction direction) const { return (offer || doubt) && requester == direction; }
  Http1Half& half(Direction direction) { return halves[index(direction)]; }

  std::uint64_t held_bytes() const override { return halves[0].held_bytes() + halves[1].held_bytes(); }
  void relieve() override {
    for (Http1Half& each : halves) each.relieve();
  }
  void feed(const Chunk& chunk, StreamSink& self);
  void after(StreamSink& self);
  void gap(const Chunk& where, std::uint64_t missing, StreamSink& self);
  void end(const Chunk& where, StreamSink& self);

  bool may_send(Direction direction, bool request) const override {
    return !requester || request == (*requester == direction);
  }
  BodyEnd on_head(Direction direction, Http1Message& message, PacketId where, bool cut) override;
  BodyEnd on_request(Http1Message& message, PacketId where, bool cut);
  BodyEnd on_response(Direction direction, Http1Message& message, PacketId where, bool cut);
  void on_body(Direction direction, Http1Message& read, BodyAssembler& body, bool last) override;
  void on_whole_body(Direction direction, Http1Message& read, Bytes body, PacketRunsView packets) override;
  bool on_complete(const Http1Message& message) override;
  std::unique_ptr<BodySplitter> split(Direction direction, const Http1Message& message) override {
    return make_body_splitter(to_message(direction, message), parser);
  }
  void on_resumed(Direction direction) override { lose_count(direction); }
  void on_raw(const Chunk& chunk) override {
    if (!raw) raw = std::make_unique<RawStream>(flow, context, parser);
    raw->on_data(chunk);
  }

  Message to_message(Direction direction, const Http1Message& read) const;
  std::string url(const Http1Message& read) const;
  void lose_count(Direction direction);
  void open_tunnel();
  void upgrade(const Http1Message& response);
  std::unique_ptr<StreamSink> open_websocket(const std::vector<Field>& answer);
  void refuse();
  void refuse_tunnel();
  void settle_doubt(const Chunk& where, bool more);
};

}  // namespace tattle
