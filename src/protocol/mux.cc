#include "protocol/mux.h"

#include <algorithm>
#include <array>
#include <utility>

#include "decrypt/keys/certificate_name.h"
#include "protocol/buffer/held_stream.h"
#include "protocol/dns/dns.h"
#include "protocol/http1/http1.h"
#include "protocol/http1/lines.h"
#include "protocol/http2/http2.h"
#include "protocol/http2/search.h"
#include "protocol/raw/raw.h"
#include "protocol/raw/sniff.h"
#include "protocol/stream_parser.h"

namespace tattle {
namespace {

constexpr std::size_t kDeepest = 8;       // layers in each other
constexpr std::size_t kHeldCount = 4096;  // chunks that may wait for a decision

enum class Kind : std::uint8_t { undecided, tls, http2, http1, dns, other, raw };

bool is_dns_port(std::uint16_t port) { return port == 53 || port == 853; }

}  // namespace

// A TLS connection and what is inside it.
struct TlsLayer : StreamSink, Idler {
  StreamContext context;
  Mux inner;
  TlsConnection tls;
  std::string alpn;
  bool settled = false;

  TlsLayer(const FlowInfo& flow, const StreamContext& outer, ParserContext& parser)
      : context(outer), inner(flow, context, parser, &alpn), tls(flow, *parser.tls, *this) {
    context.protection = Protection::tls;
    context.layers.push_back({"tls", ""});
  }
  // The plaintext. What the handshake said is whole by now, but for early data.
  void on_data(const Chunk& chunk) override {
    learn();
    inner.on_data(chunk);
  }
  void on_gap(const Chunk& where, std::uint64_t missing) override {
    learn();
    inner.on_gap(where, missing);
  }
  void on_end(const Chunk& where) override { inner.on_end(where); }

  void on_idle() override {
    tls.on_idle();
    inner.on_idle();
  }
  bool at_rest() const override { return tls.at_rest() && inner.at_rest(); }
  void pass(StateArchive& archive) override {
    tls.pass(archive);
    archive(settled);
    for (std::string* text :
         {&context.sni, &context.certificate_host, &alpn, &context.layers.back().step, &context.layers.back().detail}) {
      archive.shared(*text);
    }
    inner.pass(archive);
  }
  bool awaits_answers() const override { return inner.awaits_answers(); }

  void learn() {
    if (settled) return;
    const TlsFacts& facts = tls.facts();
    context.sni = facts.sni;
    alpn = facts.alpn;
    if (facts.sni.empty() && context.certificate_host.empty() && !facts.server_certificates.empty()) {
      context.certificate_host = single_certificate_name(facts.server_certificates.front());
    }
    if (facts.version == 0) return;
    std::string name = tls_version_name(facts.version);
    const std::size_t space = name.find(' ');
    const bool ssl = name.starts_with("SSL");
    context.layers.back() = {ssl ? "ssl" : "tls", space == std::string::npos ? name : name.substr(space + 1)};
    settled = facts.server_hello;
  }
};

struct Mux::State {
  const FlowInfo& flow;
  const StreamContext& context;
  ParserContext& parser;
  const std::string* alpn;
  Kind kind = Kind::undecided;
  // Until it is decided who reads.
  struct Beginning {
    HeldStream held;
    std::array<ByteVector, 2> start;  // what each direction began with
    bool blind[2] = {false, false};   // nothing more will come right behind `start`
    bool empty() const { return held.empty() && start[0].empty() && start[1].empty() && !blind[0] && !blind[1]; }
  };
  mutable std::unique_ptr<Beginning> beginning;  // null: nothing waits
  Beginning& begun() const {
    if (!beginning) beginning = std::make_unique<Beginning>();
    return *beginning;
  }
  bool gapped = false;
  std::unique_ptr<StreamSink> next;
  StreamSink* reader = nullptr;  // of the stream: `next`, or the TLS connection in it
  Idler* idler = nullptr;        // `next`, when it can do with less
  TlsLayer* tls = nullptr;
  Http1Connection* http1 = nullptr;
  const StreamProtocol* other = nullptr;  // the line of the table that reads it
  StreamParser* other_parser = nullptr;

  State(const FlowInfo& f, const StreamContext& c, ParserContext& p, const std::string* a)
      : flow(f), context(c), parser(p), alpn(a) {}

  Kind judge(Direction direction) const;
  Kind judge_others(Kind otherwise);
  Kind judge_midway(Kind otherwise) const;
  bool begins_request() const;
  void decide(StreamSink& self);
  void become(Kind wanted, bool joined, StreamSink& self);
  void make_reader(Kind wanted, bool joined);
  void recognise_again(const Chunk& chunk, StreamSink& self);
};

// What one direction's first bytes say on their own.
Kind Mux::State::judge(Direction direction) const {
  const Bytes bytes = begun().start[index(direction)];
  if (bytes.empty()) return Kind::undecided;
  const bool more = !begun().blind[index(direction)];
  if (alpn && *alpn == "h2") return Kind::http2;
  if (alpn && *alpn == "dot") return Kind::dns;  // RFC 7858, on whatever port
  if (is_dns_port(flow.server.port) || (is_dns_port(flow.client.port) && !flow.opening_seen)) {
    if (context.via != Via::tunnel && (flow.server.port != 853 || context.protection == Protection::tls)) {
      return Kind::dns;
    }
  }
  const Sniff http2 = sniff_http2_preface(bytes);
  const Sniff http1 = sniff_http1(bytes);
  if (http2 == Sniff::yes) return Kind::http2;
  if (http1 == Sniff::yes) return Kind::http1;
  const bool tls_fits = looks_like_tls(bytes);
  if (tls_fits && bytes.size() >= 6) return Kind::tls;
  // A server of HTTP/2 may speak before its client's preface has come, but hardly without it.
  const Sniff settings = sniff_http2_settings(bytes);
  if (settings == Sniff::yes && !more) return Kind::http2;
  const bool maybe =
      http1 == Sniff::maybe || http2 == Sniff::maybe || tls_fits || settings == Sniff::yes || settings == Sniff::maybe;
  return maybe && more ? Kind::undecided : Kind::raw;
}

// What the table of further protocols says; `otherwise` when none of them wants the stream or may yet want it.
Kind Mux::State::judge_others(Kind otherwise) {
  const StreamStart heard{flow,
                          context,
                          alpn ? std::string_view(*alpn) : std::string_view(),
                          {begun().start[0], begun().start[1]},
                          {!begun().blind[0], !begun().blind[1]}};
  bool maybe = false;
  for (const StreamProtocol& protocol : stream_protocols()) {
    const Sniff seen = protocol.sniff(heard);
    if (seen == Sniff::yes && otherwise == Kind::raw) {
      other = &protocol;
      return Kind::other;
    }
    maybe = maybe || seen != Sniff::no;
  }
  return maybe && (heard.more[0] || heard.more[1]) ? Kind::undecided : otherwise;
}

// HTTP/2 whose beginning was not captured has no preface. Its frames, one behind the other from a segment's first byte
// on, are told from anything else once there are three, on one side or on both, and a HEADERS frame among them.
Kind Mux::State::judge_midway(Kind otherwise) const {
  if (flow.opening_seen) return otherwise;
  const Http2Run runs[] = {run_of_http2_frames(begun().start[0]), run_of_http2_frames(begun().start[1])};
  const auto alone = [](const Http2Run& run) { return !run.broken && run.whole >= 3 && run.heads; };
  const bool together = !runs[0].broken && !runs[1].broken && runs[0].whole > 0 && runs[1].whole > 0 &&
                        runs[0].whole + runs[1].whole >= 3 && (runs[0].heads || runs[1].heads);
  if (alone(runs[0]) || alone(runs[1]) || together) return Kind::http2;
  for (std::size_t side = 0; side < 2; ++side) {
    const ByteVector& start = begun().start[side];
    // A frame's length has a zero on top: hardly any text or other protocol has to wait.
    const bool maybe = !start.empty() && start[0] == 0 && start.size() < parser.limits->raw_window_bytes &&
                       !runs[side].broken && runs[side].whole < Http2Run::kMost;
    if (maybe && !begun().blind[side]) return Kind::undecided;
  }
  return otherwise;
}

// A request line over the limit: its reader says so, and reads what follows and what answers.
bool Mux::State::begins_request() const {
  constexpr std::size_t kLongEnough = 64;  // for any method with what stands behind it
  return std::any_of(begun().start.begin(), begun().start.end(), [](const ByteVector& start) {
    return start.size() >= kLongEnough && sniff_next_request(start) == Sniff::maybe;
  });
}

// Decides when a direction's start is known for what it is; what only one direction fails to show, the other may.
void Mux::State::decide(StreamSink& self) {
  Kind verdict = Kind::undecided;
  for (Direction direction : {Direction::to_server, Direction::to_client}) {
    const Kind one = judge(direction);
    if (one == Kind::undecided) continue;
    if (verdict == Kind::undecided || verdict == Kind::raw) verdict = one;
  }
  // The client's preface may be lost; the server's, which is whole, shows as well what this is.
  const auto settings = [this](std::size_t side) { return sniff_http2_settings(begun().start[side]) == Sniff::yes; };
  if (verdict == Kind::raw && gapped && (settings(0) || settings(1))) verdict = Kind::http2;
  if (verdict == Kind::undecided || verdict == Kind::raw) verdict = judge_others(verdict);
  if (verdict == Kind::undecided || verdict == Kind::raw) verdict = judge_midway(verdict);
  const bool too_much = begun().held.count() >= kHeldCount || begun().held.bytes() > parser.limits->http_head_bytes;
  if (verdict == Kind::undecided && too_much) verdict = begins_request() ? Kind::http1 : Kind::raw;
  if (verdict != Kind::undecided) become(verdict, gapped, self);
}

void Mux::State::become(Kind wanted, bool joined, StreamSink& self) {
  if (wanted == Kind::tls && context.layers.size() >= kDeepest) wanted = Kind::raw;
  make_reader(wanted, joined);
  begun().start = {};
  begun().blind[0] = begun().blind[1] = false;
  // Through the mux itself: what waited behind an unknown start may be recognised at its own.
  begun().held.replay(flow, self);
}

void Mux::State::make_reader(Kind wanted, bool joined) {
  kind = wanted;
  tls = nullptr;
  http1 = nullptr;
  other_parser = nullptr;
  const auto take = [this](auto made) {
    auto* const raw = made.get();
    next = std::move(made);
    if constexpr (std::is_base_of_v<Idler, std::remove_pointer_t<decltype(raw)>>) {
      idler = raw;
    } else {
      idler = nullptr;
    }
    return raw;
  };
  switch (wanted) {
    case Kind::tls:
      tls = take(std::make_unique<TlsLayer>(flow, context, parser));
      break;
    case Kind::http2:
      take(std::make_unique<Http2Connection>(flow, context, parser));
      break;
    case Kind::http1:
      http1 = take(std::make_unique<Http1Connection>(flow, context, parser, joined));
      break;
    case Kind::dns:
      take(std::make_unique<DnsTcp>(flow, context, parser));
      break;
    case Kind::other:
      other_parser = take(other->make(flow, context, parser));
      break;
    case Kind::undecided:
    case Kind::raw:
      take(std::make_unique<RawStream>(flow, context, parser));
      break;
  }
  reader = tls ? static_cast<StreamSink*>(&tls->tls) : next.get();
}

// The start of a chunk of a stream that nobody knew so far.
void Mux::State::recognise_again(const Chunk& chunk, StreamSink& self) {
  Kind seen = Kind::raw;
  if (sniff_request_line(chunk.data) == Sniff::yes) {
    seen = Kind::http1;
  } else if (sniff_client_hello(chunk.data) == Sniff::yes) {
    seen = Kind::tls;
  } else if (sniff_http2_preface(chunk.data) == Sniff::yes) {
    seen = Kind::http2;
  } else if ((gapped || !flow.opening_seen) && sniff_status_line(chunk.data) == Sniff::yes) {
    // A server's greeting never has this shape unless what was asked is lost.
    seen = Kind::http1;
  } else if (gapped || !flow.opening_seen) {
    const Http2Run run = run_of_http2_frames(chunk.data);
    if (!run.broken && run.heads && (run.whole >= 3 || (run.whole == 2 && run.exact))) seen = Kind::http2;
  }
  if (seen == Kind::raw || (seen == Kind::tls && context.layers.size() >= kDeepest)) return;
  for (Direction direction : {Direction::to_server, Direction::to_client}) {
    next->on_end({chunk.flow, direction, chunk.offset, chunk.seen, chunk.packets, {}});
  }
  become(seen, true, self);
}

Mux::Mux(const FlowInfo& flow, const StreamContext& context, ParserContext& parser, const std::string* alpn)
    : state_(std::make_unique<State>(flow, context, parser, alpn)) {}
Mux::~Mux() = default;

void Mux::on_data(const Chunk& chunk) {
  State& state = *state_;
  if (state.kind == Kind::raw) state.recognise_again(chunk, *this);
  if (state.reader) return state.reader->on_data(chunk);
  ByteVector& start = state.begun().start[index(chunk.direction)];
  if (!state.begun().blind[index(chunk.direction)]) start.insert(start.end(), chunk.data.begin(), chunk.data.end());
  state.begun().held.add(chunk);
  state.decide(*this);
}

void Mux::on_gap(const Chunk& where, std::uint64_t missing) {
  State& state = *state_;
  state.gapped = true;
  if (state.reader) return state.reader->on_gap(where, missing);
  state.begun().held.add_gap(where, missing);
  if (!state.begun().start[index(where.direction)].empty()) state.begun().blind[index(where.direction)] = true;
  state.decide(*this);
}

void Mux::on_end(const Chunk& where) {
  State& state = *state_;
  if (state.reader) return state.reader->on_end(where);
  state.begun().held.add_end(where);
  state.begun().blind[index(where.direction)] = true;
  state.decide(*this);
}

void Mux::on_idle() {
  State& state = *state_;
  if (state.beginning && state.beginning->empty()) state.beginning.reset();
  if (state.idler) state.idler->on_idle();
}

bool Mux::at_rest() const {
  const State& state = *state_;
  if (state.beginning) return false;
  return state.next ? state.idler && state.idler->at_rest() : true;
}

void Mux::pass(StateArchive& archive) {
  State& state = *state_;
  Kind kind = state.kind;
  archive(kind, state.gapped, state.other);
  if (archive.reads() && kind != Kind::undecided) state.make_reader(kind, false);
  if (state.idler) state.idler->pass(archive);
}

bool Mux::awaits_answers() const { return state_->idler && state_->idler->awaits_answers(); }

std::string Mux::protocol() const {
  const auto within = [](const std::string& outer, const std::string& inner) {
    return inner.empty() ? outer : outer + "/" + inner;
  };
  switch (state_->kind) {
    case Kind::undecided:
      return "";
    case Kind::tls:
      return within("tls", state_->tls->inner.protocol());
    case Kind::http2:
      return "http/2";
    case Kind::http1:
      return within("http/1.1", state_->http1->inner_protocol());
    case Kind::dns:
      return "dns";
    case Kind::other:
      return within(std::string(state_->other->name), inner() ? inner()->protocol() : "");
    case Kind::raw:
      return "unknown";
  }
  return "";
}

const Mux* Mux::inner() const {
  if (state_->tls) return &state_->tls->inner;
  if (state_->other_parser) return state_->other_parser->inner();
  return state_->http1 ? state_->http1->tunnel() : nullptr;
}

const TlsFacts* Mux::tls() const { return state_->tls ? &state_->tls->tls.facts() : nullptr; }

}  // namespace tattle
