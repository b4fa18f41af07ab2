#include "protocol/body/splitter.h"

#include <utility>

namespace tattle {
namespace {

// The media type without its parameters, lower case.
std::string essence_of(const Message& head) {
  const Field* type = head.field("content-type");
  if (type == nullptr || type->unknown) return {};
  std::string essence(type->value.substr(0, type->value.find(';')));
  while (!essence.empty() && (essence.back() == ' ' || essence.back() == '\t')) essence.pop_back();
  for (char& c : essence) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return essence;
}

// A coding around the whole body must come off first; then it is read as an ordinary body.
bool is_coded(const Message& head) {
  const Field* coding = head.field("content-encoding");
  return coding != nullptr && (coding->unknown || coding->value != "identity");
}

bool is_type(std::string_view essence, std::string_view wanted) {
  return essence.starts_with(wanted) && (essence.size() == wanted.size() || essence[wanted.size()] == '+');
}

}  // namespace

BodySplitter::BodySplitter(const Message& head, ParserContext& parser) : parser_(parser) {
  frame_.flow = head.flow;
  frame_.direction = head.direction;
  frame_.client = head.client;
  frame_.server = head.server;
  frame_.protection = head.protection;
  frame_.layers = head.layers;
  frame_.host = head.host;
  frame_.host_port = head.host_port;
  frame_.target = head.target;
  frame_.url = head.url;
  frame_.sni = head.sni;
  frame_.via = head.via;
  frame_.tunnel_host = head.tunnel_host;
  frame_.exchange = head.exchange;
  frame_.kind = MessageKind::frame;
}

void BodySplitter::emit(BodyAssembler& body, bool last) {
  bytes_ += body.bytes().size() - body.overlap();
  body.lend(frame_, last);
  parser_.sink->on_message(frame_);
  body.give_back(frame_);
  frame_.body = {};
}

std::unique_ptr<BodySplitter> make_body_splitter(const Message& head, ParserContext& parser) {
  const std::string essence = essence_of(head);
  if (essence.empty() || is_coded(head)) return nullptr;
  if (head.kind == MessageKind::response && essence == "text/event-stream") return make_event_splitter(head, parser);
  for (const std::string_view type : {"application/grpc", "application/grpc-web", "application/grpc-web-text"}) {
    if (is_type(essence, type)) return make_grpc_splitter(head, essence, parser);
  }
  return nullptr;
}

}  // namespace tattle
