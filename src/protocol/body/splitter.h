#pragma once

#include <cstdint>
#include <memory>

#include "protocol/body/assembler.h"
#include "protocol/flow_parser.h"
#include "protocol/message.h"
#include "stream/stream.h"

namespace tattle {

/// Cuts a body into the messages that it is a row of, and hands each down as it completes, kind `frame`: the HTTP
/// message itself then has no body of its own, so that no byte is searched twice (docs/decisions/frames-in-bodies.md).
class BodySplitter {
 public:
  virtual ~BodySplitter() = default;
  /// The body's next bytes; `chunk` says where and when they came.
  virtual void on_data(const Chunk& chunk, Bytes data) = 0;
  /// `missing` bytes of the body are lost; 0 when their number is not known.
  virtual void on_gap(const Chunk& where, std::uint64_t missing) = 0;
  /// The body is over. `damaged`: not where its sender meant it to end.
  virtual void on_end(bool damaged) = 0;

  virtual std::uint64_t held_bytes() const = 0;   // of the frame under way
  virtual void relieve() = 0;                     // as BodyHolder's
  std::uint64_t bytes() const { return bytes_; }  // handed down in frames so far

 protected:
  BodySplitter(const Message& head, ParserContext& parser);
  /// Hands `frame_` down with what is held of its body.
  void emit(BodyAssembler& body, bool last);

  ParserContext& parser_;
  Message frame_;  // what all frames have in common, and what the subclass says of the one under way

 private:
  std::uint64_t bytes_ = 0;
};

/// The splitter for a message of HTTP, asked once, when its head is whole; nullptr for an ordinary body. `head` is a
/// request or response; its target and url, if set, go on each frame.
std::unique_ptr<BodySplitter> make_body_splitter(const Message& head, ParserContext& parser);

/// `text/event-stream`. Source: HTML Living Standard, section 9.2.
std::unique_ptr<BodySplitter> make_event_splitter(const Message& head, ParserContext& parser);
/// `application/grpc` and, with trailers in the body, `application/grpc-web` and `-web-text`.
/// Sources: gRPC's PROTOCOL-HTTP2.md and PROTOCOL-WEB.md.
std::unique_ptr<BodySplitter> make_grpc_splitter(const Message& head, std::string_view media_type,
                                                 ParserContext& parser);

}  // namespace tattle
