#include "pipeline/worker.h"

#include <algorithm>
#include <utility>

#include "decode/body/stream.h"
#include "decode/value.h"
#include "pipeline/kept_message.h"

namespace tattle {

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

// Answers of HTTP/1 come in the order of their requests; within a tunnel there may be several such rows.
bool answers_in_order(const Message& message) {
  return message.kind == MessageKind::response && message.protocol == "http/1.1" && message.via != Via::tunnel;
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
  record.certificate_host = message.certificate_host;
  record.host_port = message.host_port;
  record.status = message.status;
  record.via = message.via;
  record.wire_bytes = message.head.size() + message.body.size() - message.overlap;
  record.user_agent = text_of(message.field("user-agent"));
  record.damaged = message.damaged;
  record.broadcast = message.broadcast;
  record.last_piece = message.last_piece;
  record.body_offset = message.body_offset;
  record.packets = packets_of(message);
  record.name_answers = message.name_answers;
  return record;
}

// What a segment carries is in the cache of the core that read it: it comes over while the one before is at work.
void fetch_ahead(const WorkItem& item) {
  constexpr std::size_t kLine = 64;
  const auto* segment = std::get_if<Segment>(&item);
  if (segment == nullptr) return;
  for (std::size_t at = 0; at < segment->payload.size(); at += kLine) __builtin_prefetch(segment->payload.data() + at);
}

}  // namespace

Worker::Worker(const WorkerSetup& setup, const Limits& limits)
    : limits_(limits),
      sizes_of_all_(setup.sizes_of_all),
      keep_http_(setup.keep_http),
      contents_(setup.contents),
      secrets_(setup.secrets),
      doh_(*this, anomalies_),
      tls_{nullptr, &limits_, &anomalies_, nullptr, setup.keys_complete, setup.secrets != nullptr ? this : nullptr,
           &texts_},
      context_{&tls_, &limits_, &anomalies_, &doh_, &quic_, &bodies_},
      inspector_(setup.database, limits_, anomalies_),
      quic_(limits_, &anomalies_) {}

Worker::~Worker() = default;

OpenFlow* Worker::find(FlowId flow) {
  auto found = flows_.find(flow);
  return found == flows_.end() ? nullptr : &found->second.open(flow, context_);
}

WorkResults Worker::run(const std::vector<WorkItem>& items, const KeyStore& keys, const Relief& relief) {
  tls_.keys = &keys;
  relieve(relief);
  for (std::size_t number = 0; number < items.size(); ++number) {
    const WorkItem& item = items[number];
    if (number + 1 < items.size()) fetch_ahead(items[number + 1]);
    if (const auto* segment = std::get_if<Segment>(&item)) {
      current_ = find(segment->flow);
      if (!current_) continue;
      order_ = segment->order;
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
      flows_.emplace(info->id, std::move(flow));
    } else if (const auto* imported = std::get_if<ImportedItem>(&item)) {
      current_ = find(imported->flow);
      if (!current_) continue;
      order_ = imported->order;
      current_->imported->on_message(*imported->message);
    } else {
      const FlowEnd& end = std::get<FlowEnd>(item);
      end_flow(end.flow, end.order);
    }
    // Flows whose QUIC connections went on elsewhere, and are over now.
    for (const FlowId flow : quic_.take_released()) end_flow(flow, order_);
  }
  results_.held = bodies_.changes();
  return std::exchange(results_, {});
}

void Worker::relieve(const Relief& relief) {
  for (const FlowId flow : relief.flows) {
    if (!bodies_.holds(flow)) continue;
    current_ = find(flow);
    if (!current_) continue;
    order_ = relief.order;
    anomalies_.note("protocol.held-bytes-limit", {});
    bodies_.relieve(flow);
  }
}

// Flows that were silent the longest give back what they do not need. What they hand down does not depend on it.
void Worker::wake(OpenFlow& flow) {
  if (flow.awake) return awake_.splice(awake_.begin(), awake_, *flow.awake);
  awake_.push_front(&flow);
  flow.awake = awake_.begin();
  if (awake_.size() <= std::max<std::uint64_t>(limits_.awake_flows, 1)) return;
  OpenFlow& silent = *awake_.back();
  awake_.pop_back();
  silent.awake.reset();
  flows_.find(silent.id)->second.on_idle(texts_);
}

void Worker::end_flow(FlowId flow, std::uint64_t order) {
  OpenFlow* const open = find(flow);
  if (!open) return;
  order_ = order;
  current_ = open;
  if (!quic_.may_end(flow)) return quic_.suspend(flow);
  FlowRecord record{order, current_->imported ? current_->imported->finish() : current_->parser->finish()};
  results_.flows.push_back(std::move(record));
  if (current_->awake) awake_.erase(*current_->awake);
  flows_.erase(flow);
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
    if (message.body_key != nullptr) inspect_member(message, counts.member, record);
  } else if (sizes_of_all_ && whole_body && !message.body.empty()) {
    SizeOnly nobody;
    record.body_bytes = walk_message(message, limits_, anomalies_, nobody).content_bytes;
  }
}

// Windows of a stream that no parser knows are searched one by one; a compressed member in it is read across them.
void Worker::inspect_member(const Message& message, OpenMember begun, MessageRecord& record) {
  if (begun.coding.empty() && !current_->under_way_or_none) return;
  auto& members = current_->under_way().members;
  if (message.body_offset == 0) members.erase(message.body_key);
  auto found = members.find(message.body_key);
  if (found == members.end() && begun.coding.empty()) return;
  WindowInspector windows(inspector_, limits_.hits_per_message, record);
  const auto read = [&](BodyStream& stream, std::size_t from) {
    Message piece = message;
    piece.body = message.body.subspan(from);
    piece.body_pieces.drop_front(from);
    piece.body_offset = message.body_offset + from;
    piece.overlap = 0;
    stream.add(piece, windows);
    return !stream.over() && !message.last_piece;
  };
  if (found != members.end() && !read(*found->second, message.overlap)) {
    members.erase(found);
    found = members.end();
  }
  if (found != members.end() || begun.coding.empty()) return;
  auto stream = std::make_unique<BodyStream>(begun, message.body_offset + begun.begin, limits_, anomalies_);
  if (read(*stream, begun.begin)) members.emplace(message.body_key, std::move(stream));
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
    record.partly_decoded = message.split_bytes == 0;  // else the body went down in frames, which say it themselves
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
    if (OpenFlow* const home = find(message.flow->id)) current_ = home;
  }
  MessageRecord record = to_record(message);
  record.order = order_;
  record.body_bytes = message.body.size() - message.overlap;
  message.streamed ? inspect_streamed(message, record) : inspect_whole(message, record);

  record.body_bytes += message.split_bytes;

  record.own_number = current_->number_of(message, limits_);
  if (message.exchange != 0) {
    if (refers_back(message)) {
      record.request_number = current_->request_of(message, limits_);
    } else {
      current_->requests().remember(message.exchange, record.own_number, limits_.http_pending_requests);
    }
    if (answers_in_order(message)) current_->requests().forget_before(message.exchange);
  }
  if (contents_ != nullptr) contents_->on_content(message, record);
  if (keep_http_) record.kept = keep_message(message, limits_);
  results_.messages.push_back(std::move(record));
}

}  // namespace tattle
