#include "worker.h"

#include <list>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "decode/body/stream.h"
#include "decode/value.h"
#include "kept_message.h"
#include "protocol/idle.h"
#include "protocol/imported_flow.h"

namespace tattle {

namespace {

// Whether its exchange was begun by another message: a frame belongs to the request that opened its stream.
bool refers_back(const Message& message) {
  return message.kind == MessageKind::response || message.kind == MessageKind::frame ||
         message.kind == MessageKind::acknowledge;
}

}  // namespace

// A flow under way, with the numbers of those of its messages that later ones refer to.
struct Worker::OpenFlow {
  FlowId id = 0;
  std::unique_ptr<FlowParser> parser;      // null for an import's
  std::unique_ptr<ImportedFlow> imported;  // null for a flow of packets

  using Number = std::shared_ptr<std::uint64_t>;

  /// Numbers of requests, by exchange.
  struct Requests {
    std::map<std::uint64_t, Number> numbers;
    std::list<std::uint64_t> in_order;
    std::set<std::uint64_t> reserved;  // exchanges of requests that were answered before they were whole
    std::uint64_t last_forgotten = 0;  // highest exchange whose request's number is gone

    void remember(std::uint64_t exchange, const Number& number, std::size_t most) {
      if (!numbers.emplace(exchange, number).second) return;
      in_order.push_back(exchange);
      while (in_order.size() > most) {
        last_forgotten = std::max(last_forgotten, in_order.front());
        reserved.erase(in_order.front());
        numbers.erase(in_order.front());
        in_order.pop_front();
      }
    }
  };
  struct UnderWay {
    std::map<std::uint64_t, Number> pieces[2];                  // of a body, by exchange and direction
    std::map<const void*, std::unique_ptr<BodyStream>> bodies;  // that are decoded as they come; looked up only
    bool empty() const { return pieces[0].empty() && pieces[1].empty() && bodies.empty(); }
  };
  std::optional<std::list<OpenFlow*>::iterator> awake;
  // Most open flows say nothing at the moment: what only some need is made when they do.
  std::unique_ptr<Requests> requests_or_none;
  std::unique_ptr<UnderWay> under_way_or_none;

  Requests& requests() {
    if (!requests_or_none) requests_or_none = std::make_unique<Requests>();
    return *requests_or_none;
  }
  UnderWay& under_way() {
    if (!under_way_or_none) under_way_or_none = std::make_unique<UnderWay>();
    return *under_way_or_none;
  }
  void settle() {
    if (under_way_or_none && under_way_or_none->empty()) under_way_or_none.reset();
  }
  // The number of the request that a message refers to. An HTTP answer may be whole before its request is: then the
  // request, which is certain to come, gets its number already.
  Number request_of(const Message& message, std::size_t most) {
    const bool http = message.protocol.starts_with("http/");
    if (!requests_or_none && !http) return nullptr;
    Requests& known = requests();
    const std::uint64_t exchange = message.exchange;
    if (auto found = known.numbers.find(exchange); found != known.numbers.end()) return found->second;
    if (exchange <= known.last_forgotten || !http) return nullptr;
    auto number = std::make_shared<std::uint64_t>(0);
    known.remember(exchange, number, most);
    known.reserved.insert(exchange);
    return number;
  }
  // A new message's own number.
  Number number_for(const Message& message) {
    if (requests_or_none) {
      Requests& known = *requests_or_none;
      const bool awaited =
          !refers_back(message) && message.body_offset == 0 && known.reserved.erase(message.exchange) > 0;
      auto found = awaited ? known.numbers.find(message.exchange) : known.numbers.end();
      if (found != known.numbers.end()) return found->second;
    }
    return std::make_shared<std::uint64_t>(0);
  }
  Number number_of(const Message& message, std::size_t most);
};

namespace {

std::string text_of(const Field* field) { return field ? std::string(field->value) : std::string(); }

// Walks a message for the size of its decoded body.
class SizeOnly : public ValueVisitor {
 public:
  void enter(const Value&) override {}
  void leave(const Value&) override {}
  std::size_t least_part() const override { return static_cast<std::size_t>(-1); }
};

PacketRuns packets_of(const Message& message) {
  PacketRuns runs;
  message.head_pieces.packets(0, message.head_pieces.size(), runs);
  message.body_pieces.packets(0, message.body_pieces.size(), runs);
  return runs;
}

// A frame in pieces may lie within a body that has its own.
std::uint64_t piece_key(const Message& message) {
  return message.exchange << 1 | (message.kind == MessageKind::frame ? 1 : 0);
}

MessageRecord to_record(const Message& message) {
  MessageRecord record;
  record.flow = *message.flow;
  record.direction = message.direction;
  record.client = message.client;
  record.server = message.server;
  record.protocol = message.protocol;
  record.kind = message.kind;
  record.protection = message.protection;
  record.first = message.first;
  record.last = message.last;
  record.method = message.method;
  record.host = message.host;
  record.target = message.target;
  record.sni = message.sni;
  record.tunnel_host = message.tunnel_host;
  record.host_port = message.host_port;
  record.status = message.status;
  record.via = message.via;
  record.wire_bytes = message.head.size() + message.body.size() - message.overlap;
  record.user_agent = text_of(message.field("user-agent"));
  record.damaged = message.damaged;
  record.last_piece = message.last_piece;
  record.body_offset = message.body_offset;
  record.packets = packets_of(message);
  record.name_answers = message.name_answers;
  return record;
}

}  // namespace

// The number of a message, one for all pieces of a body.
Worker::OpenFlow::Number Worker::OpenFlow::number_of(const Message& message, std::size_t most) {
  const std::size_t side = index(message.direction);
  const std::uint64_t key = piece_key(message);
  if (message.body_offset > 0 && under_way_or_none) {
    auto& pieces = under_way_or_none->pieces[side];
    if (auto known = pieces.find(key); known != pieces.end()) {
      Number number = known->second;
      if (message.last_piece) pieces.erase(known);
      settle();
      return number;
    }
  }
  Number number = number_for(message);
  if (!message.last_piece && under_way().pieces[side].size() < most) under_way().pieces[side].emplace(key, number);
  settle();
  return number;
}

Worker::Worker(const WorkerSetup& setup, const Limits& limits)
    : limits_(limits),
      sizes_of_all_(setup.sizes_of_all),
      keep_http_(setup.keep_http),
      contents_(setup.contents),
      doh_(*this, anomalies_),
      tls_{nullptr, &limits_, &anomalies_, nullptr, setup.keys_complete, setup.secrets},
      context_{&tls_, &limits_, &anomalies_, &doh_, &quic_},
      inspector_(setup.database, limits_, anomalies_),
      quic_(limits_, &anomalies_) {}

Worker::~Worker() = default;

WorkResults Worker::run(const std::vector<WorkItem>& items, const KeyStore& keys) {
  tls_.keys = &keys;
  for (const WorkItem& item : items) {
    if (const auto* segment = std::get_if<Segment>(&item)) {
      auto found = flows_.find(segment->flow);
      if (found == flows_.end()) continue;
      order_ = segment->order;
      current_ = found->second.get();
      wake(*current_);
      current_->parser->on_segment(*segment);
    } else if (const auto* info = std::get_if<FlowInfo>(&item)) {
      auto flow = std::make_unique<OpenFlow>();
      flow->id = info->id;
      if (info->imported) {
        flow->imported = std::make_unique<ImportedFlow>(*info, context_);
      } else {
        flow->parser = FlowParser::make(*info, context_);
      }
      flows_[info->id] = std::move(flow);
    } else if (const auto* imported = std::get_if<ImportedItem>(&item)) {
      auto found = flows_.find(imported->flow);
      if (found == flows_.end()) continue;
      order_ = imported->order;
      current_ = found->second.get();
      current_->imported->on_message(*imported->message);
    } else {
      const FlowEnd& end = std::get<FlowEnd>(item);
      end_flow(end.flow, end.order);
    }
    // Flows whose QUIC connections went on elsewhere, and are over now.
    for (const FlowId flow : quic_.take_released()) end_flow(flow, order_);
  }
  return std::exchange(results_, {});
}

// Flows that were silent the longest give back what they do not need. What they hand down does not depend on it.
void Worker::wake(OpenFlow& flow) {
  if (flow.awake) return awake_.splice(awake_.begin(), awake_, *flow.awake);
  awake_.push_front(&flow);
  flow.awake = awake_.begin();
  if (awake_.size() <= limits_.awake_flows) return;
  OpenFlow& silent = *awake_.back();
  awake_.pop_back();
  silent.awake.reset();
  if (auto* idler = dynamic_cast<Idler*>(silent.parser.get())) idler->on_idle();
}

void Worker::end_flow(FlowId flow, std::uint64_t order) {
  auto found = flows_.find(flow);
  if (found == flows_.end()) return;
  order_ = order;
  current_ = found->second.get();
  if (!quic_.may_end(flow)) return quic_.suspend(flow);
  FlowRecord record{order, current_->imported ? current_->imported->finish() : current_->parser->finish()};
  results_.flows.push_back(std::move(record));
  if (current_->awake) awake_.erase(*current_->awake);
  flows_.erase(found);
  current_ = nullptr;
}

namespace {

// Searches the windows of a body that is decoded as it comes.
class WindowInspector : public MessageSink {
 public:
  WindowInspector(Inspector& inspector, std::uint64_t most_hits, MessageRecord& record)
      : inspector_(inspector), most_hits_(most_hits), record_(record) {}
  void on_message(const Message& window) override {
    const InspectionCounts counts = inspector_.inspect(window, record_.hits);
    record_.searched_bytes += counts.searched_bytes;
    if (record_.hits.size() > most_hits_) {
      record_.hits.resize(most_hits_);
      full_ = true;
    }
  }
  bool full() const { return full_; }

 private:
  Inspector& inspector_;
  const std::uint64_t most_hits_;
  MessageRecord& record_;
  bool full_ = false;
};

class NoWindows : public MessageSink {
 public:
  void on_message(const Message&) override {}
};

}  // namespace

void Worker::inspect_whole(const Message& message, MessageRecord& record) {
  const bool whole_body = message.overlap == 0 && message.last_piece;
  if (message.flow->device != DeviceSide::none) {
    InspectionCounts counts = inspector_.inspect(message, record.hits);
    record.searched_bytes = counts.searched_bytes;
    if (whole_body) record.body_bytes = counts.content_bytes;
    record.partly_decoded = counts.limit_hit;
  } else if (sizes_of_all_ && whole_body && !message.body.empty()) {
    SizeOnly nobody;
    record.body_bytes = walk_message(message, limits_, anomalies_, nobody).content_bytes;
  }
}

void Worker::inspect_streamed(const Message& message, MessageRecord& record) {
  const bool searched = message.flow->device != DeviceSide::none;
  if (!searched && !sizes_of_all_) return;
  std::unique_ptr<BodyStream>& stream = current_->under_way().bodies[message.body_key];
  if (!stream || message.body_offset == 0) stream = std::make_unique<BodyStream>(message, limits_, anomalies_);
  const std::uint64_t before = stream->content_bytes();
  if (searched) {
    if (!message.head.empty()) {
      Message head = message;
      head.body = {};
      head.body_pieces.clear();
      record.searched_bytes = inspector_.inspect(head, record.hits).searched_bytes;
    }
    WindowInspector windows(inspector_, limits_.hits_per_message, record);
    stream->add(message, windows);
    if (windows.full() && !record.packets.empty()) {
      anomalies_.note("detect.limit-hits", {record.packets[0].capture, record.packets[0].first});
    }
    record.partly_decoded = true;
  } else {
    NoWindows nobody;
    stream->add(message, nobody);
  }
  record.body_bytes = stream->content_bytes() - before;
  if (message.last_piece) current_->under_way().bodies.erase(message.body_key);
}

void Worker::on_message(const Message& message) {
  // A QUIC connection that moved to another flow hands its messages down in the one where it began.
  struct Restore {
    OpenFlow*& current;
    OpenFlow* const carrier;
    ~Restore() { current = carrier; }
  } restore{current_, current_};
  if (message.flow->id != current_->id) {
    if (auto home = flows_.find(message.flow->id); home != flows_.end()) current_ = home->second.get();
  }
  MessageRecord record = to_record(message);
  record.order = order_;
  record.body_bytes = message.body.size() - message.overlap;
  message.streamed ? inspect_streamed(message, record) : inspect_whole(message, record);

  record.body_bytes += message.split_bytes;

  record.own_number = current_->number_of(message, limits_.http2_streams);
  if (message.exchange != 0) {
    if (refers_back(message)) {
      record.request_number = current_->request_of(message, limits_.http_pending_requests);
    } else {
      current_->requests().remember(message.exchange, record.own_number, limits_.http_pending_requests);
    }
  }
  if (contents_ != nullptr) contents_->on_content(message, record);
  if (keep_http_) record.kept = keep_message(message, limits_);
  results_.messages.push_back(std::move(record));
}

}  // namespace tattle
