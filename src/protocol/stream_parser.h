#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "protocol/flow_parser.h"
#include "protocol/raw/sniff.h"
#include "protocol/stream_context.h"

namespace tattle {

class Mux;

/// Reads both directions of a stream once it was recognised.
class StreamParser : public StreamSink {
 public:
  /// What runs inside it (behind STARTTLS, a SOCKS greeting, …); nullptr when there is nothing.
  virtual const Mux* inner() const { return nullptr; }
};

/// What is known of a stream that nobody reads yet.
struct StreamStart {
  const FlowInfo& flow;
  const StreamContext& context;
  std::string_view alpn;  // that TLS above agreed on; empty when unknown
  Bytes bytes[2];         // how each direction began, by Direction; empty until it says something
  bool more[2];           // whether more bytes may follow right behind them
};

/// A protocol over TCP, TLS or any other stream: how to recognise it and who reads it. HTTP, TLS and DNS are the
/// mux's own; a new one is a file and a line in stream_protocols.cc. Asked for streams that those three are not.
struct StreamProtocol {
  std::string_view name;  // as in FlowSummary::protocol
  /// `maybe` makes the stream wait, within limits, for more bytes of either side.
  Sniff (*sniff)(const StreamStart& start);
  std::unique_ptr<StreamParser> (*make)(const FlowInfo& flow, const StreamContext& above, ParserContext& context);
};

/// All of them; the first that says yes reads.
std::span<const StreamProtocol> stream_protocols();

}  // namespace tattle
