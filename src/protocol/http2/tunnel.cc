#include "protocol/http2/tunnel.h"

#include "protocol/mux.h"
#include "protocol/raw/raw.h"

namespace tattle {
namespace {

constexpr std::size_t kDeepest = 8;  // layers in each other

StreamContext inside(const StreamContext& above, std::vector<PathStep> layers, const std::string& host,
                     std::uint16_t port) {
  StreamContext context = above;
  context.layers = std::move(layers);
  context.layers.push_back({"connect", host + (port == 0 ? "" : ":" + std::to_string(port))});
  context.via = Via::tunnel;
  context.tunnel_host = host;
  context.tunnel_port = port;
  return context;
}

}  // namespace

struct Http2Tunnel::State {
  State(const FlowInfo& info, StreamContext made, ParserContext& parser) : flow(info), context(std::move(made)) {
    if (context.layers.size() > kDeepest || parser.tls == nullptr) {
      reader = std::make_unique<RawStream>(flow, context, parser);
    } else {
      auto made_mux = std::make_unique<Mux>(flow, context, parser);
      mux = made_mux.get();
      reader = std::move(made_mux);
    }
  }

  State(const FlowInfo& info, StreamContext made, ParserContext& parser, WebSocketOpening opening)
      : flow(info),
        context(std::move(made)),
        reader(std::make_unique<WebSocketConnection>(flow, context, parser, std::move(opening))) {}

  const FlowInfo& flow;
  StreamContext context;
  std::unique_ptr<StreamSink> reader;
  const Mux* mux = nullptr;
  std::uint64_t offsets[2] = {0, 0};
  bool used[2] = {false, false};
  bool ended[2] = {false, false};
  Time seen;
};

Http2Tunnel::Http2Tunnel(const FlowInfo& flow, const StreamContext& above, ParserContext& context,
                         std::vector<PathStep> layers, const std::string& host, std::uint16_t port)
    : state_(std::make_unique<State>(flow, inside(above, std::move(layers), host, port), context)) {}

Http2Tunnel::Http2Tunnel(const FlowInfo& flow, const StreamContext& above, ParserContext& context,
                         std::vector<PathStep> layers, WebSocketOpening opening) {
  StreamContext made = above;
  made.layers = std::move(layers);
  state_ = std::make_unique<State>(flow, std::move(made), context, std::move(opening));
}

Http2Tunnel::~Http2Tunnel() {
  // TLS that stayed closed in the tunnel is not counted by the layers above.
  for (const Mux* mux = state_->mux; mux != nullptr; mux = mux->inner()) {
    if (const TlsFacts* facts = mux->tls()) state_->context.counters->opaque_bytes += facts->opaque_bytes;
  }
}

void Http2Tunnel::on_data(const Chunk& chunk, Bytes data) {
  if (data.empty()) return;
  std::uint64_t& offset = state_->offsets[index(chunk.direction)];
  state_->used[index(chunk.direction)] = true;
  state_->seen = chunk.seen;
  state_->reader->on_data(Chunk{state_->flow, chunk.direction, offset, chunk.seen, chunk.packets, data});
  offset += data.size();
}

void Http2Tunnel::on_gap(Direction direction, std::uint64_t missing) {
  std::uint64_t& offset = state_->offsets[index(direction)];
  state_->used[index(direction)] = true;
  state_->reader->on_gap(Chunk{state_->flow, direction, offset, state_->seen, {}, {}}, missing);
  offset += missing;
}

void Http2Tunnel::on_end(Direction direction) {
  const std::size_t side = index(direction);
  if (!state_->used[side] || state_->ended[side]) return;
  state_->ended[side] = true;
  state_->reader->on_end(Chunk{state_->flow, direction, state_->offsets[side], state_->seen, {}, {}});
}

}  // namespace tattle
