#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "decode/body/stream.h"
#include "protocol/flow_parser.h"
#include "protocol/imported_flow.h"
#include "protocol/message.h"

namespace tattle {

/// A message's number: a cell that the merge fills in.
using MessageNumber = std::shared_ptr<std::uint64_t>;

/// Numbers of a flow's requests, by exchange, for the answers to come; the oldest are forgotten.
class RequestNumbers {
 public:
  /// Null: not known, or forgotten.
  MessageNumber find(std::uint64_t exchange) const;
  void remember(std::uint64_t exchange, const MessageNumber& number, std::size_t most);
  /// That of a request which was answered before it was whole; it is certain to come.
  void reserve(std::uint64_t exchange, const MessageNumber& number, std::size_t most);
  /// The reserved number of a request that came now; null when none is.
  MessageNumber take_reserved(std::uint64_t exchange);
  /// No answer to one before this exchange will come.
  void forget_before(std::uint64_t exchange);
  bool is_forgotten(std::uint64_t exchange) const { return exchange <= last_forgotten_; }

 private:
  struct Entry {
    std::uint64_t exchange = 0;
    MessageNumber number;
    bool reserved = false;
  };
  bool add(Entry entry, std::size_t most);

  std::vector<Entry> entries_;  // in the order in which they came
  std::size_t begin_ = 0;       // those before are forgotten
  std::size_t reserved_ = 0;
  std::uint64_t highest_ = 0;         // exchange ever added
  std::uint64_t last_forgotten_ = 0;  // highest exchange of those
};

/// A flow under way in its worker, with the numbers of those of its messages that later ones refer to.
struct OpenFlow {
  struct UnderWay {
    std::map<std::uint64_t, MessageNumber> pieces[2];            // of a body, by exchange and direction
    std::map<const void*, std::unique_ptr<BodyStream>> bodies;   // that are decoded as they come; looked up only
    std::map<const void*, std::unique_ptr<BodyStream>> members;  // compressed, of streams that no parser knows
    bool empty() const { return pieces[0].empty() && pieces[1].empty() && bodies.empty() && members.empty(); }
  };

  FlowId id = 0;
  std::unique_ptr<FlowParser> parser;      // null for an import's
  std::unique_ptr<ImportedFlow> imported;  // null for a flow of packets
  std::optional<std::list<OpenFlow*>::iterator> awake;
  // Most open flows say nothing at the moment: what only some need is made when they do.
  std::unique_ptr<RequestNumbers> requests_or_none;
  std::unique_ptr<UnderWay> under_way_or_none;

  RequestNumbers& requests() {
    if (!requests_or_none) requests_or_none = std::make_unique<RequestNumbers>();
    return *requests_or_none;
  }
  UnderWay& under_way() {
    if (!under_way_or_none) under_way_or_none = std::make_unique<UnderWay>();
    return *under_way_or_none;
  }
  /// Of a message, one for all pieces of a body.
  MessageNumber number_of(const Message& message, const Limits& limits);
  /// Of the request that a message refers to.
  MessageNumber request_of(const Message& message, const Limits& limits);

 private:
  MessageNumber number_for(const Message& message);
  void settle() {
    if (under_way_or_none && under_way_or_none->empty()) under_way_or_none.reset();
  }
};

/// Whether a message's exchange was begun by another one: a frame belongs to the request that opened its stream.
bool refers_back(const Message& message);

/// A flow that its worker knows: open, or, while it is silent, as the few bytes from which it is made again.
class Flow {
 public:
  explicit Flow(std::unique_ptr<OpenFlow> open) : open_(std::move(open)) {}

  /// Opened when it was packed; with the same texts.
  OpenFlow& open(FlowId id, ParserContext& context);
  /// Lets the flow take less memory; packs it when nothing is under way in it.
  void on_idle(SharedTexts& texts);

 private:
  /// What some packed flows have besides.
  struct Rest {
    std::vector<ByteVector> long_rows;
    std::unique_ptr<RequestNumbers> requests;  // when it awaits answers
    std::shared_ptr<const AppInfo> app;
  };
  std::unique_ptr<OpenFlow> open_;  // null: packed
  std::unique_ptr<std::uint8_t[]> packed_;
  std::unique_ptr<Rest> rest_;  // null: none
};

}  // namespace tattle
