#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "detect/search/matcher.h"
#include "protocol/flow_parser.h"
#include "protocol/message.h"

namespace tattle {

/// Head and body of an HTTP message. Kept only where somebody asked for them (PipelineOptions::keep_http).
struct KeptMessage {
  std::string url;                                          // effective request URI when known
  std::vector<std::pair<std::string, std::string>> fields;  // in order, without pseudo-fields
  std::string body;                                         // content codings off, where they could be taken off
  bool whole = true;                                        // false: the body is longer, or bytes of it were lost
};

/// A message as it leaves its worker: what is printed and counted of it, and its hits. Owns everything.
struct MessageRecord {
  std::uint64_t order = 0;   // Segment::order at which it was completed
  std::uint64_t number = 0;  // `message`: from 1 over the whole run; given by the merge
  FlowInfo flow;
  Direction direction = Direction::to_server;
  Endpoint client, server;
  std::string_view protocol;
  MessageKind kind = MessageKind::data;
  Protection protection = Protection::clear;
  Time first, last;
  std::string method, host, target, sni, tunnel_host, certificate_host;
  std::uint16_t host_port = 0;
  std::optional<int> status;
  Via via = Via::direct;
  std::uint64_t body_bytes = 0;  // after content decoding
  std::uint64_t wire_bytes = 0;  // head and body as they travelled in the stream
  std::string user_agent;
  bool damaged = false;
  bool broadcast = false;       // it says itself that everybody on the link is spoken to
  bool partly_decoded = false;  // a decoding limit was hit; the rest was searched as it is
  bool last_piece = true;
  std::uint64_t body_offset = 0;  // of this piece in its body; more than 0: a further piece of the same message
  // Cells that the merge fills with the message's number: its own, shared by its pieces, and its request's.
  std::shared_ptr<std::uint64_t> own_number;
  std::shared_ptr<std::uint64_t> request_number;
  PacketRuns packets;  // first and last packet runs of the message
  std::vector<Message::NameAnswer> name_answers;
  std::vector<Hit> hits;
  std::uint64_t searched_bytes = 0;
  std::shared_ptr<const KeptMessage> kept;  // null: not asked for, or no HTTP of a phone
};

/// Learns which secrets opened something, and when. Called by every worker's thread.
class SecretUseObserver {
 public:
  virtual ~SecretUseObserver() = default;
  /// As TlsSecretObserver's; `order` as in Segment, of what was being read.
  virtual void on_secret(std::uint64_t order, FlowId flow, std::string_view label, Bytes client_random,
                         Bytes secret) = 0;
};

/// Sees a message while its bytes live, with what was found in it. Called in the thread that reads the flow.
class ContentObserver {
 public:
  virtual ~ContentObserver() = default;
  /// The record's number is in its cell only once the merge has met it.
  virtual void on_content(const Message& message, const MessageRecord& record) = 0;
};

/// A flow at its end.
struct FlowRecord {
  std::uint64_t order = 0;
  FlowSummary summary;
};

/// Receives results in capture order: messages by (order, flow, position), flows when they end. One thread.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  virtual void on_message(const MessageRecord& record) = 0;
  virtual void on_flow(const FlowRecord& record) = 0;
};

}  // namespace tattle
