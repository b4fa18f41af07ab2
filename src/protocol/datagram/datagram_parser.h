#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "protocol/flow_parser.h"
#include "protocol/stream_context.h"

namespace tattle {

/// What became of one datagram's bytes.
enum class DatagramFate : std::uint8_t {
  parsed,   // read, or known to hold nothing of a person's
  opaque,   // encrypted, no key
  counted,  // the parser adds them to the flow's summary itself when it finishes
  unknown,  // not this protocol after all: another parser may read it, else it is searched as it is
};

/// Reads the datagrams of one UDP flow, both directions, in capture order.
class DatagramParser {
 public:
  virtual ~DatagramParser() = default;
  /// @param cut  The capture does not hold the whole datagram.
  virtual DatagramFate on_datagram(const Chunk& chunk, bool cut) = 0;
  /// The flow is over: what waits is handed down, and what is known of the flow is added to its summary.
  virtual void finish(FlowSummary&) {}
  /// Whether a new parser goes on as this one does.
  virtual bool stateless() const { return false; }
};

/// A protocol over UDP: how to recognise it and who reads it. A new one is a file and a line in datagram_protocols.cc.
struct DatagramProtocol {
  std::string_view name;                // as in FlowSummary::protocol
  bool (*fits)(const Chunk& datagram);  // by ports and shape; asked for datagrams that nobody has read so far
  /// Null: not within so many layers.
  std::unique_ptr<DatagramParser> (*make)(const FlowInfo& flow, const StreamContext& above, ParserContext& context);
};

/// All of them; the first that fits reads.
std::span<const DatagramProtocol> datagram_protocols();

/// The parser of a UDP flow, or of one of ESP, which is nothing but closed: finds by the table above who reads its
/// datagrams; the others go down as they are.
std::unique_ptr<FlowParser> make_udp_parser(const FlowInfo& flow, ParserContext& context);

}  // namespace tattle
