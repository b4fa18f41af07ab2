#include "protocol/quic/session.h"

#include <string>

#include "decrypt/keys/certificate_name.h"
#include "protocol/dns/doq.h"
#include "protocol/http3/http3.h"
#include "protocol/quic/streams.h"

namespace tattle {
namespace {

// Exchange numbers that a connection takes for itself, so that those of a flow's connections stay apart.
constexpr std::uint64_t kExchanges = std::uint64_t{1} << 32;

std::string version_name(std::uint32_t version) {
  if (version == 1) return "v1";
  if (version == 0x6b3343cf) return "v2";  // RFC 9369 section 3.1
  if (version >> 8 == 0xff0000) return "draft-" + std::to_string(version & 0xff);
  return "";
}

}  // namespace

QuicFlowSession::QuicFlowSession(const FlowInfo& flow, const StreamContext& above, ParserContext& context)
    : flow_(flow), parser_(context), context_(above), connection_(flow, *context.tls, *this) {
  counters_.exchanges = above.counters->exchanges;
  above.counters->exchanges += kExchanges;
  context_.counters = &counters_;
  context_.protection = Protection::quic;
  context_.layers.push_back({"quic", ""});
}

QuicFlowSession::Kind QuicFlowSession::kind_of(std::string_view alpn) {
  if (alpn.empty()) return Kind::undecided;
  if (alpn == "h3" || alpn.starts_with("h3-")) return Kind::http3;
  if (alpn == "doq" || alpn.starts_with("doq-i")) return Kind::doq;
  return Kind::unknown;
}

// By what was agreed on; before that is seen, by what was offered, when that leaves no choice; else by the streams.
QuicFlowSession::Kind QuicFlowSession::judge(std::uint64_t stream, const Chunk& chunk) const {
  const TlsFacts& tls = connection_.facts().tls;
  if (!tls.alpn.empty()) return kind_of(tls.alpn);
  if (!tls.alpn_offered.empty()) {
    const Kind first = kind_of(tls.alpn_offered.front());
    bool same = true;
    for (const std::string& each : tls.alpn_offered) same = same && kind_of(each) == first;
    if (same) return first;
  } else if (tls.client_hello) {
    return Kind::unknown;
  }
  // A unidirectional stream of type 0 that begins with SETTINGS (RFC 9114 section 6.2.1).
  const bool control =
      (stream & 2) != 0 && chunk.offset == 0 && chunk.data.size() >= 2 && chunk.data[0] == 0 && chunk.data[1] == 4;
  return control ? Kind::http3 : Kind::undecided;
}

void QuicFlowSession::learn() {
  if (learnt_) return;
  const QuicFacts& facts = connection_.facts();
  context_.sni = facts.tls.sni;
  if (facts.tls.sni.empty() && !facts.tls.server_certificates.empty()) {
    context_.certificate_host = single_certificate_name(facts.tls.server_certificates.front());
  }
  context_.layers.back().detail = version_name(facts.version);
  learnt_ = facts.version != 0 && facts.tls.server_hello;
}

void QuicFlowSession::become(Kind kind) {
  learn();
  if (kind == Kind::http3) {
    application_ = std::make_unique<Http3Connection>(flow_, context_, parser_);
  } else if (kind == Kind::doq) {
    application_ = make_doq(flow_, context_, parser_);
  } else {
    application_ = make_unknown_quic(flow_, context_, parser_);
  }
  const std::vector<Held> held = std::move(held_);
  held_ = {};
  for (const Held& each : held) {
    const Chunk chunk{flow_, each.direction, each.offset, each.seen, each.packets, each.data};
    switch (each.what) {
      case What::data:
        application_->on_stream_data(each.stream, chunk);
        break;
      case What::gap:
        application_->on_stream_gap(each.stream, chunk, each.number);
        break;
      case What::end:
        application_->on_stream_end(each.stream, chunk, each.number != 0);
        break;
      case What::datagram:
        application_->on_quic_datagram(chunk);
        break;
    }
  }
}

QuicSink* QuicFlowSession::reader_for(std::uint64_t stream, const Chunk& chunk) {
  if (application_) {
    learn();
    return application_.get();
  }
  const Kind kind = judge(stream, chunk);
  const bool too_much = held_bytes_ > parser_.limits->http_head_bytes;
  if (kind == Kind::undecided && !too_much) return nullptr;
  become(kind);
  return application_.get();
}

void QuicFlowSession::hold(What what, std::uint64_t stream, const Chunk& chunk, std::uint64_t number) {
  constexpr std::uint64_t kBookkeeping = 128;
  held_.push_back({what, stream, number, chunk.direction, chunk.offset, chunk.seen,
                   PacketRuns(chunk.packets.begin(), chunk.packets.end()),
                   ByteVector(chunk.data.begin(), chunk.data.end())});
  held_bytes_ += kBookkeeping + chunk.data.size();
}

void QuicFlowSession::on_stream_data(std::uint64_t stream, const Chunk& chunk) {
  if (QuicSink* reader = reader_for(stream, chunk)) return reader->on_stream_data(stream, chunk);
  hold(What::data, stream, chunk, 0);
}

void QuicFlowSession::on_stream_gap(std::uint64_t stream, const Chunk& where, std::uint64_t missing) {
  if (QuicSink* reader = reader_for(stream, where)) return reader->on_stream_gap(stream, where, missing);
  hold(What::gap, stream, where, missing);
}

void QuicFlowSession::on_stream_end(std::uint64_t stream, const Chunk& where, bool reset) {
  if (QuicSink* reader = reader_for(stream, where)) return reader->on_stream_end(stream, where, reset);
  hold(What::end, stream, where, reset ? 1 : 0);
}

void QuicFlowSession::on_quic_datagram(const Chunk& chunk) {
  constexpr std::uint64_t kNone = 0;  // bidirectional, so that nothing is concluded from its bytes
  if (QuicSink* reader = reader_for(kNone, chunk)) return reader->on_quic_datagram(chunk);
  hold(What::datagram, 0, chunk, 0);
}

void QuicFlowSession::finish() {
  connection_.finish();
  if (!application_ && !held_.empty()) become(Kind::unknown);
  if (application_) application_->finish();
}

}  // namespace tattle
