#pragma once

#include <map>
#include <memory>
#include <string>

#include "capture/import/import.h"
#include "protocol/dns/queries.h"
#include "protocol/flow_parser.h"
#include "protocol/http1/head.h"
#include "protocol/http2/head.h"
#include "protocol/mux.h"
#include "protocol/stream_context.h"

namespace tattle {

/// One flow of an import: makes of its entries what the parsers make of packets. Heads are put together as text, hosts
/// and targets read by the same code; streams and datagrams go to the parsers themselves. Pieces of evidence are
/// entries.
class ImportedFlow : private MessageSink {
 public:
  ImportedFlow(const FlowInfo& flow, ParserContext& context);
  ~ImportedFlow() override;
  void on_message(const ImportedMessage& imported);
  FlowSummary finish();

 private:
  struct Request;
  void on_message(const Message& message) override;
  void take_facts(const ImportedConnection& connection);
  void read_http(const ImportedMessage& imported);
  Http1Head read_head1(const ImportedMessage& imported, std::string_view target, ByteVector& head) const;
  void read_request(const ImportedMessage& imported, Message& message, Request& request);
  void read_frame(const ImportedMessage& imported);
  void read_stream(const ImportedMessage& imported);
  void read_datagram(const ImportedMessage& imported);
  Message start(const ImportedMessage& imported, MessageKind kind, std::string_view layer, std::string detail);
  void hand_down(const ImportedMessage& imported, Message& message);

  /// What a request said, for what follows it in its entry.
  struct Request {
    std::string method, host, target, url;
    std::uint16_t port = 0;
  };

  const FlowInfo flow_;
  ParserContext outer_;
  ParserContext inner_;  // of streams and datagrams: hands messages to this object
  FlowCounters counters_;
  StreamContext context_;
  FlowSummary summary_;
  std::map<std::uint64_t, Request> requests_;  // of entries that are not over
  std::unique_ptr<Mux> stream_;
  std::uint64_t offsets_[2] = {0, 0};
  std::unique_ptr<FlowParser> datagrams_;
  DnsQueries queries_;
};

}  // namespace tattle
