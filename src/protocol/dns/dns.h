#pragma once

#include <memory>

#include "protocol/dns/queries.h"
#include "protocol/flow_parser.h"
#include "protocol/stream_context.h"

namespace tattle {

/// Whether the first 12 bytes are a DNS header with values in use: enough on DNS's own port, where what follows may be
/// cut or malformed.
bool has_dns_header(Bytes datagram);

/// Whether a datagram has the shape of a DNS message: header values in use, and questions that can be read.
bool looks_like_dns(Bytes datagram);

/// Reads one DNS, mDNS or LLMNR datagram and hands down a query or a response. A response's `exchange` is that of the
/// query with its id and question; one with another question gives no addresses. Multicast DNS pairs nothing (RFC 6762
/// section 18.1).
/// @param queries  Of the datagram's flow.
/// @anomaly dns.malformed       The message does not hold together; what was read is handed down as damaged.
/// @anomaly dns.compression     A name's pointer goes forward, to itself or round.
/// @anomaly dns.trailing-bytes  Bytes behind the message; searched with it.
/// Sources: RFC 1035, 6891, 6762, 4795.
void parse_dns_datagram(const Chunk& chunk, DnsQueries& queries, const StreamContext& above, ParserContext& context);

/// Hands down the DNS message that another protocol carried. `message` says where it came from and holds it as its
/// body; the rest is filled in here.
void hand_down_carried_dns(Message& message, Anomalies& anomalies, MessageSink& sink);

/// DNS over TCP, and inside TLS: messages with a length of two bytes before each (RFC 1035 section 4.2.2, RFC 7858).
/// What does not look like DNS goes down as it is.
/// @anomaly dns.not-dns  A stream on DNS's port that is none, or where its lengths go astray.
class DnsTcp : public StreamSink {
 public:
  DnsTcp(const FlowInfo& flow, const StreamContext& above, ParserContext& context);
  ~DnsTcp() override;
  void on_data(const Chunk& chunk) override;
  void on_gap(const Chunk& where, std::uint64_t missing) override;
  void on_end(const Chunk& where) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tattle
