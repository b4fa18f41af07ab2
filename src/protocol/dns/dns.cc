#include "protocol/dns/dns.h"

#include <algorithm>

#include "protocol/buffer/held_stream.h"
#include "protocol/dns/dns_message.h"
#include "protocol/raw/raw.h"

namespace tattle {
namespace {

constexpr std::size_t kHeaderBytes = 12;
constexpr std::size_t kLengthBytes = 2;

std::string_view protocol_word(const FlowInfo& flow, const StreamContext& above) {
  if (!above.protocol.empty()) return above.protocol;
  for (const std::uint16_t port : {flow.server.port, flow.client.port}) {
    if (port == 5353) return "mdns";
    if (port == 5355) return "llmnr";
  }
  return "dns";
}

// Maps the name that was asked to the addresses at the end of its aliases, other names to their own.
void add_answers(const DnsMessage& read, const std::string& asked, const std::vector<DnsRecord>& records,
                 std::vector<Message::NameAnswer>& answers) {
  std::vector<std::string_view> aliases{asked};
  for (std::size_t i = 0; i < aliases.size(); ++i) {
    for (const DnsRecord& record : read.answers) {
      if (record.target.empty() || record.name != aliases[i]) continue;
      if (std::find(aliases.begin(), aliases.end(), record.target) == aliases.end()) aliases.push_back(record.target);
    }
  }
  for (const DnsRecord& record : records) {
    if (!record.address) continue;
    const bool alias = std::find(aliases.begin(), aliases.end(), record.name) != aliases.end();
    answers.push_back({alias && !asked.empty() ? asked : record.name, *record.address});
  }
}

struct Datagram {
  const FlowInfo& flow;
  Direction direction;
  Time first, last;
  Bytes bytes;
  bool cut = false;
};

void note_errors(const DnsMessage& read, const Datagram& datagram, PacketId where, Anomalies& anomalies) {
  if (read.error) {
    const bool pointer = read.error->why.starts_with("a name points");
    anomalies.note(pointer ? "dns.compression" : "dns.malformed", where);
  } else if (read.size < datagram.bytes.size()) {
    anomalies.note("dns.trailing-bytes", where);
  }
}

// Everything but where it came from and its body. `message.protocol` is set.
void describe(const DnsMessage& read, Message& message) {
  message.kind = read.response ? MessageKind::response : MessageKind::query;
  if (!read.questions.empty()) {
    message.host = read.questions.front().name;
    message.method = dns_type_name(read.questions.front().type);
  } else {
    message.host = read.first_owner;
  }
  if (!read.response) return;
  message.status = read.rcode;
  const std::string& asked = read.questions.empty() ? std::string() : read.questions.front().name;
  add_answers(read, asked, read.answers, message.name_answers);
  if (message.protocol == "mdns") add_answers(read, asked, read.additional, message.name_answers);
}

void hand_down(const Datagram& datagram, PieceMap& pieces, const DnsQueries::Paired& paired, const DnsMessage& read,
               const StreamContext& above, ParserContext& context) {
  Message message;
  above.apply(message, datagram.flow, datagram.direction, !read.response);
  message.protocol = protocol_word(datagram.flow, above);
  message.layers.push_back({std::string(message.protocol), ""});
  message.first = datagram.first;
  message.last = datagram.last;
  message.exchange = paired.exchange;
  describe(read, message);
  // No resolver believes it.
  if (paired.fit == DnsQueries::Fit::mismatched) message.name_answers.clear();
  message.damaged = datagram.cut || read.error.has_value();
  message.body = datagram.bytes;
  std::swap(message.body_pieces, pieces);
  context.sink->on_message(message);
}

}  // namespace

bool has_dns_header(Bytes datagram) {
  if (datagram.size() < kHeaderBytes) return false;
  const bool response = (datagram[2] & 0x80) != 0;
  const int opcode = datagram[2] >> 3 & 0xf;
  const auto count = [&](std::size_t at) { return datagram[at] << 8 | datagram[at + 1]; };
  const int questions = count(4), records = count(6) + count(8) + count(10);
  // QUERY, NOTIFY and UPDATE are in use; the reserved bit is zero (RFC 1035 section 4.1.1, RFC 4035 section 3.1.6).
  if ((opcode != 0 && opcode != 4 && opcode != 5) || (datagram[3] & 0x40) != 0) return false;
  if (questions > 255 || records > 1024 || questions + records == 0) return false;
  return response || questions > 0;
}

bool looks_like_dns(Bytes datagram) {
  if (!has_dns_header(datagram)) return false;
  const std::size_t questions = std::size_t{datagram[4]} << 8 | datagram[5];
  const DnsMessage read = read_dns_message(datagram);
  if (read.questions.size() < questions) return false;
  // Records may be cut off by a capture's snap length, but not be nonsense at once.
  return questions > 0 || !read.first_owner.empty();
}

void hand_down_carried_dns(Message& message, Anomalies& anomalies, MessageSink& sink) {
  const DnsMessage read = read_dns_message(message.body);
  PacketRuns packets;
  message.body_pieces.packets(0, message.body.size(), packets);
  const PacketId where = packets.empty() ? PacketId{} : PacketId{packets.front().capture, packets.front().first};
  note_errors(read, Datagram{*message.flow, message.direction, message.first, message.last, message.body}, where,
              anomalies);
  message.protocol = "dns";
  message.layers.push_back({"dns", ""});
  describe(read, message);
  message.damaged |= read.error.has_value();
  sink.on_message(message);
}

void parse_dns_datagram(const Chunk& chunk, DnsQueries& queries, const StreamContext& above, ParserContext& context) {
  const DnsMessage read = read_dns_message(chunk.data);
  const Datagram datagram{chunk.flow, chunk.direction, chunk.seen, chunk.seen, chunk.data};
  note_errors(read, datagram, chunk.first_packet(), *context.anomalies);
  PieceMap pieces;
  pieces.add(chunk.data.size(), chunk.packets);
  DnsQueries::Paired paired;
  if (protocol_word(chunk.flow, above) != "mdns") paired = queries.pair(read, above, context, chunk.first_packet());
  hand_down(datagram, pieces, paired, read, above, context);
}

struct DnsTcp::State {
  struct Half {
    ByteVector buffer;  // length and message, as far as they came
    PieceMap pieces;    // of buffer
    std::uint64_t offset = 0;
    Time first;
    bool astray = false;  // not DNS, or the next message's start is lost
  };

  State(const FlowInfo& info, const StreamContext& context_above, ParserContext& parser)
      : flow(info), above(context_above), context(parser), raw(info, context_above, parser) {}

  void take(Half& half, const Chunk& chunk);
  void finish(Half& half, Direction direction, Time seen, bool cut);
  void go_astray(Half& half, Direction direction, Time seen);
  static std::size_t needed(const Half& half) {
    if (half.buffer.size() < kLengthBytes) return kLengthBytes;
    return kLengthBytes + (std::size_t{half.buffer[0]} << 8 | half.buffer[1]);
  }

  const FlowInfo& flow;
  const StreamContext& above;
  ParserContext& context;
  RawStream raw;
  Half halves[2];
  DnsQueries queries;
};

// Takes bytes of one chunk until it is used up or the stream turns out not to be DNS.
void DnsTcp::State::take(Half& half, const Chunk& chunk) {
  std::size_t used = 0;
  while (used < chunk.data.size()) {
    if (half.buffer.empty()) {
      half.offset = chunk.offset + used;
      half.first = chunk.seen;
    }
    const std::size_t count = std::min(chunk.data.size() - used, needed(half) - half.buffer.size());
    const Bytes part = chunk.data.subspan(used, count);
    half.buffer.insert(half.buffer.end(), part.begin(), part.end());
    half.pieces.add(count, chunk.packets);
    used += count;
    if (half.buffer.size() < kLengthBytes || half.buffer.size() < needed(half)) continue;
    if (!looks_like_dns(Bytes(half.buffer).subspan(kLengthBytes))) {
      context.anomalies->note("dns.not-dns", chunk.first_packet());
      go_astray(half, chunk.direction, chunk.seen);
      if (used < chunk.data.size()) raw.on_data(slice(chunk, used));
      return;
    }
    finish(half, chunk.direction, chunk.seen, false);
  }
}

void DnsTcp::State::finish(Half& half, Direction direction, Time seen, bool cut) {
  const Bytes bytes = Bytes(half.buffer).subspan(kLengthBytes);
  const DnsMessage read = read_dns_message(bytes);
  const Datagram datagram{flow, direction, half.first, seen, bytes, cut};
  PacketRuns packets;
  half.pieces.packets(0, half.buffer.size(), packets);
  const PacketId where = packets.empty() ? PacketId{} : PacketId{packets.front().capture, packets.front().first};
  if (!cut) note_errors(read, datagram, where, *context.anomalies);
  const DnsQueries::Paired paired = queries.pair(read, above, context, where);
  half.pieces.drop_front(kLengthBytes);
  hand_down(datagram, half.pieces, paired, read, above, context);
  half.buffer.clear();
  half.pieces.clear();
}

void DnsTcp::State::go_astray(Half& half, Direction direction, Time seen) {
  half.astray = true;
  if (half.buffer.empty()) return;
  PacketRuns packets;
  half.pieces.packets(0, half.buffer.size(), packets);
  raw.on_data(Chunk{flow, direction, half.offset, seen, packets, half.buffer});
  half.buffer.clear();
  half.pieces.clear();
}

DnsTcp::DnsTcp(const FlowInfo& flow, const StreamContext& above, ParserContext& context)
    : state_(std::make_unique<State>(flow, above, context)) {}
DnsTcp::~DnsTcp() = default;

void DnsTcp::on_data(const Chunk& chunk) {
  State::Half& half = state_->halves[index(chunk.direction)];
  if (half.astray) {
    // A segment often starts with a message: pick it up where one fits.
    if (chunk.data.size() < kLengthBytes || !looks_like_dns(chunk.data.subspan(kLengthBytes))) {
      return state_->raw.on_data(chunk);
    }
    half.astray = false;
  }
  state_->take(half, chunk);
}

void DnsTcp::on_gap(const Chunk& where, std::uint64_t missing) {
  State::Half& half = state_->halves[index(where.direction)];
  if (half.buffer.size() >= kLengthBytes + kHeaderBytes) {
    state_->finish(half, where.direction, where.seen, true);
  }
  state_->go_astray(half, where.direction, where.seen);
  state_->raw.on_gap(where, missing);
}

void DnsTcp::on_end(const Chunk& where) {
  State::Half& half = state_->halves[index(where.direction)];
  if (half.buffer.size() >= kLengthBytes + kHeaderBytes && looks_like_dns(Bytes(half.buffer).subspan(kLengthBytes))) {
    state_->finish(half, where.direction, where.seen, true);
  }
  state_->go_astray(half, where.direction, where.seen);
  state_->raw.on_end(where);
}

}  // namespace tattle
