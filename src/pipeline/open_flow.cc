#include "pipeline/open_flow.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tattle {
namespace {

// A frame in pieces may lie within a body that has its own.
std::uint64_t piece_key(const Message& message) {
  return message.exchange << 1 | (message.kind == MessageKind::frame ? 1 : 0);
}

bool is_http(const Message& message) { return message.protocol.starts_with("http/"); }

// All but its number and its app.
void pass_info(StateArchive& archive, FlowInfo& info) {
  archive.flags(info.opening_seen, info.imported);
  archive(info.transport, info.start, info.device, info.subject);
  for (Endpoint* end : {&info.client, &info.server}) {
    bool v4 = end->address.is_v4();
    archive(v4, end->port);
    if (!v4) {
      archive.raw(end->address.bytes);
      continue;
    }
    std::array<std::uint8_t, 4> four{};
    std::copy(end->address.bytes.end() - 4, end->address.bytes.end(), four.begin());
    archive.raw(four);
    end->address = Address::v4(four);
  }
}

}  // namespace

bool refers_back(const Message& message) {
  return message.kind == MessageKind::response || message.kind == MessageKind::frame ||
         message.kind == MessageKind::acknowledge;
}

MessageNumber RequestNumbers::find(std::uint64_t exchange) const {
  // Answers are for the latest, most often.
  for (std::size_t i = entries_.size(); i > begin_; --i) {
    if (entries_[i - 1].exchange == exchange) return entries_[i - 1].number;
  }
  return nullptr;
}

bool RequestNumbers::add(Entry entry, std::size_t most) {
  if (entry.exchange <= highest_ && find(entry.exchange)) return false;
  highest_ = std::max(highest_, entry.exchange);
  entries_.push_back(std::move(entry));
  while (entries_.size() - begin_ > most) {
    Entry& oldest = entries_[begin_++];
    last_forgotten_ = std::max(last_forgotten_, oldest.exchange);
    if (oldest.reserved) --reserved_;
    oldest = {};
  }
  if (begin_ * 2 > entries_.size()) {
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
  }
  return true;
}

void RequestNumbers::remember(std::uint64_t exchange, const MessageNumber& number, std::size_t most) {
  add({exchange, number, false}, most);
}

void RequestNumbers::reserve(std::uint64_t exchange, const MessageNumber& number, std::size_t most) {
  ++reserved_;
  add({exchange, number, true}, most);
}

MessageNumber RequestNumbers::take_reserved(std::uint64_t exchange) {
  if (reserved_ == 0) return nullptr;
  for (std::size_t i = begin_; i < entries_.size(); ++i) {
    if (entries_[i].exchange != exchange || !entries_[i].reserved) continue;
    entries_[i].reserved = false;
    --reserved_;
    return entries_[i].number;
  }
  return nullptr;
}

void RequestNumbers::forget_before(std::uint64_t exchange) {
  if (begin_ == entries_.size() || entries_[begin_].exchange >= exchange) return;
  std::erase_if(entries_, [&](const Entry& entry) { return entry.exchange < exchange && !entry.reserved; });
  begin_ = 0;
}

// An HTTP answer may be whole before its request is: then the request gets its number already.
MessageNumber OpenFlow::request_of(const Message& message, const Limits& limits) {
  const bool http = is_http(message);
  if (!requests_or_none && !http) return nullptr;
  RequestNumbers& known = requests();
  if (MessageNumber found = known.find(message.exchange)) return found;
  if (known.is_forgotten(message.exchange) || !http) return nullptr;
  auto number = std::make_shared<std::uint64_t>(0);
  known.reserve(message.exchange, number, limits.http_pending_requests);
  return number;
}

// A new message's own number.
MessageNumber OpenFlow::number_for(const Message& message) {
  if (requests_or_none && !refers_back(message) && message.body_offset == 0) {
    if (MessageNumber reserved = requests_or_none->take_reserved(message.exchange)) return reserved;
  }
  return std::make_shared<std::uint64_t>(0);
}

MessageNumber OpenFlow::number_of(const Message& message, const Limits& limits) {
  const std::size_t side = index(message.direction);
  const std::uint64_t key = piece_key(message);
  if (message.body_offset > 0 && under_way_or_none) {
    auto& pieces = under_way_or_none->pieces[side];
    if (auto known = pieces.find(key); known != pieces.end()) {
      MessageNumber number = known->second;
      if (message.last_piece) pieces.erase(known);
      settle();
      return number;
    }
  }
  MessageNumber number = number_for(message);
  if (!message.last_piece && under_way().pieces[side].size() < limits.http2_streams) {
    under_way().pieces[side].emplace(key, number);
  }
  settle();
  return number;
}

OpenFlow& Flow::open(FlowId id, ParserContext& context) {
  if (open_) return *open_;
  const std::unique_ptr<Rest> rest = rest_ ? std::move(rest_) : std::make_unique<Rest>();
  StateArchive archive(packed_.get(), rest->long_rows, context.tls->texts);
  FlowInfo info;
  info.id = id;
  pass_info(archive, info);
  info.app = std::move(rest->app);
  open_ = std::make_unique<OpenFlow>();
  open_->id = id;
  open_->parser = FlowParser::make(info, context);
  open_->parser->pass(archive);
  open_->requests_or_none = std::move(rest->requests);
  packed_.reset();
  return *open_;
}

void Flow::on_idle(SharedTexts& texts) {
  if (!open_ || !open_->parser) return;
  FlowParser& parser = *open_->parser;
  parser.on_idle();
  if (open_->under_way_or_none || !parser.at_rest()) return;
  StateArchive archive(&texts);
  FlowInfo info = parser.flow();
  pass_info(archive, info);
  parser.pass(archive);
  packed_ = std::make_unique<std::uint8_t[]>(archive.written().size());
  std::memcpy(packed_.get(), archive.written().data(), archive.written().size());
  Rest rest{archive.take_long_rows(), nullptr, std::move(info.app)};
  if (parser.awaits_answers()) rest.requests = std::move(open_->requests_or_none);
  if (!rest.long_rows.empty() || rest.requests || rest.app) rest_ = std::make_unique<Rest>(std::move(rest));
  open_.reset();
}

}  // namespace tattle
