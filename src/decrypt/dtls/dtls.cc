#include "decrypt/dtls/dtls.h"

#include <algorithm>
#include <array>
#include <deque>
#include <optional>

#include "decrypt/dtls/record.h"
#include "decrypt/fingerprint.h"
#include "decrypt/hello.h"
#include "decrypt/keys/key_schedule.h"
#include "decrypt/tls/epoch.h"
#include "decrypt/tls/record_cipher.h"

namespace tattle {
namespace {

constexpr std::size_t kEpochsKept = 2;  // records of the last one may still come behind a renegotiation

ByteVector copy(Bytes bytes) { return ByteVector(bytes.begin(), bytes.end()); }

// Which of the last 64 records were met: a datagram captured twice counts once (RFC 6347 section 4.1.2.6).
class ReplayWindow {
 public:
  bool fresh(std::uint64_t sequence) const {
    if (seen_ == 0 || sequence > highest_) return true;
    return highest_ - sequence < 64 && (seen_ >> (highest_ - sequence) & 1) == 0;
  }
  void add(std::uint64_t sequence) {
    if (seen_ == 0 || sequence > highest_) {
      const std::uint64_t step = seen_ == 0 ? 64 : sequence - highest_;
      seen_ = (step >= 64 ? 0 : seen_ << step) | 1;
      highest_ = sequence;
    } else {
      seen_ |= std::uint64_t{1} << (highest_ - sequence);
    }
  }

 private:
  std::uint64_t highest_ = 0, seen_ = 0;
};

// One direction's protection from one ChangeCipherSpec to the next.
struct Protected {
  std::uint16_t number = 0;  // the wire's epoch
  std::shared_ptr<TlsEpoch> epoch;
  RecordCipher cipher;
  ReplayWindow window;
};

struct Side {
  DtlsHandshakeReader handshake;
  std::uint16_t handshake_epoch = 0;  // in which the handshake that is read began
  std::deque<Protected> under;
};

struct Waiting {
  Direction direction;
  ByteVector body;
  DtlsRecord record;  // its body is set when it is read
  PacketRuns packets;
  Time seen;
};

}  // namespace

constexpr std::uint16_t kDtls13 = 0xfefc;

struct DtlsConnection::State {
  State(const FlowInfo& f, TlsContext& c, DatagramSink& sink) : flow(f), context(c), plaintext(sink) {}

  enum class Opened : std::uint8_t {
    yes,
    again,    // a record met before
    closed,   // no keys will open it
    bad_mac,  // the keys are known, and it does not open
    wait,     // for a secret
  };

  const FlowInfo& flow;
  TlsContext& context;
  DatagramSink& plaintext;
  std::shared_ptr<const CryptoLibrary> crypto;
  TlsFacts facts;
  std::array<Side, 2> sides;
  Direction client = Direction::to_server;
  std::shared_ptr<TlsEpoch> latest;
  bool unsupported = false, mismatch = false;
  std::vector<Waiting> waiting;
  std::uint64_t waiting_bytes = 0, keys_size = 0;
  std::array<std::uint64_t, 2> offsets{};
  ByteVector buffer;

  Side& side(Direction direction) { return sides[index(direction)]; }
  void note(std::string_view anomaly, const Chunk& where) {
    if (context.anomalies) context.anomalies->note(anomaly, where.first_packet());
  }
  bool is_unified(Bytes records) const;
  void take(const DtlsRecord& record, const Chunk& where, bool may_wait);
  void close(const DtlsRecord& record);
  void drain_if_keys_came();
  Protected* protection(Side& mine, std::uint16_t number);
  Opened open(Direction direction, const DtlsRecord& record, Bytes& plain);
  bool init(Direction direction, const TlsEpoch& epoch, Bytes master, RecordCipher& cipher);
  void take_handshake(const Chunk& where, std::uint16_t epoch, Bytes content);
  void on_message(const Chunk& where, const DtlsHandshakeReader::Message& message);
  bool on_client_hello(Direction from, const DtlsHandshakeReader::Message& message);
  bool on_server_hello(const DtlsHandshakeReader::Message& message);
  bool on_certificate(Direction from, Bytes body);
  void on_client_key_exchange(Bytes body);
  void add_transcript(Direction from, const DtlsHandshakeReader::Message& message);
  void report_session(const TlsEpoch& epoch);
};

void DtlsConnection::State::take(const DtlsRecord& record, const Chunk& where, bool may_wait) {
  if (record.epoch == 0) {
    if (record.type == RecordType::handshake) take_handshake(where, 0, record.body);
    if (record.type == RecordType::application_data) close(record);
    return;
  }
  Bytes plain;
  switch (open(where.direction, record, plain)) {
    case Opened::again:
      return;
    case Opened::bad_mac:
      note("dtls.bad-record-mac", where);
      return close(record);
    case Opened::closed:
      return close(record);
    case Opened::wait:
      if (!may_wait || context.keys_complete) return close(record);
      if (waiting_bytes + record.body.size() > context.limits->tls_waiting_bytes) {
        note("dtls.waiting-limit", where);
        return close(record);
      }
      waiting_bytes += record.body.size();
      waiting.push_back({where.direction, copy(record.body), record,
                         PacketRuns(where.packets.begin(), where.packets.end()), where.seen});
      return;
    case Opened::yes:
      break;
  }
  if (record.type == RecordType::handshake) return take_handshake(where, record.epoch, plain);
  if (record.type != RecordType::application_data || plain.empty()) return;
  facts.decrypted_bytes += plain.size();
  std::uint64_t& offset = offsets[index(where.direction)];
  plaintext.on_datagram(Chunk{flow, where.direction, offset, where.seen, where.packets, plain});
  offset += plain.size();
}

// A protected record of DTLS 1.3, once its server has chosen that version: RFC 9147 section 4, 001 at the top. They are
// not read, and whether one of them holds application data is encrypted itself.
bool DtlsConnection::State::is_unified(Bytes records) const {
  return facts.version == kDtls13 && !records.empty() && records[0] >> 5 == 1;
}

void DtlsConnection::State::close(const DtlsRecord& record) {
  if (record.type == RecordType::application_data) facts.opaque_bytes += record.body.size();
}

// Records that waited are read once the store has more than it had.
void DtlsConnection::State::drain_if_keys_came() {
  if (!context.keys || context.keys->size() == keys_size) return;
  keys_size = context.keys->size();
  std::vector<Waiting> held;
  held.swap(waiting);
  waiting_bytes = 0;
  for (Waiting& each : held) {
    each.record.body = each.body;
    take(each.record, Chunk{flow, each.direction, 0, each.seen, each.packets, {}}, true);
  }
}

// The keys of an epoch of the wire; a new one stands for the latest handshake.
Protected* DtlsConnection::State::protection(Side& mine, std::uint16_t number) {
  for (Protected& each : mine.under) {
    if (each.number == number) return &each;
  }
  const bool newer = mine.under.empty() || number > mine.under.back().number;
  const bool taken = !mine.under.empty() && latest && mine.under.back().epoch == latest;
  if (!newer || taken || !latest || !latest->server_hello) return nullptr;
  if (mine.under.size() == kEpochsKept) mine.under.pop_front();
  return &mine.under.emplace_back(Protected{number, latest, {}, {}});
}

DtlsConnection::State::Opened DtlsConnection::State::open(Direction direction, const DtlsRecord& record, Bytes& plain) {
  Protected* under = protection(side(direction), record.epoch);
  if (!under || !under->epoch->supported || under->epoch->client_random.empty()) return Opened::closed;
  if (!under->window.fresh(record.sequence)) return Opened::again;
  TlsEpoch& epoch = *under->epoch;
  const SealedRecord sealed{static_cast<std::uint8_t>(record.type), record.version, record.body};
  if (!under->cipher.ready() && !epoch.master.empty()) init(direction, epoch, epoch.master, under->cipher);
  if (!under->cipher.ready()) {
    if (!context.keys) return Opened::wait;
    if (!crypto) crypto = context.keys->crypto();
    bool had_candidates = false;
    for (MasterCandidate& candidate : master_candidates(*context.keys, *crypto, epoch)) {
      had_candidates = true;
      RecordCipher cipher;
      if (!init(direction, epoch, candidate.master, cipher)) return Opened::closed;
      if (!cipher.open(record.number(), 1, sealed, buffer, plain)) continue;
      under->cipher = std::move(cipher);
      under->window.add(record.sequence);
      epoch.master = std::move(candidate.master);
      facts.secrets_used.emplace_back(candidate.label);
      context.note_used(flow.id, "CLIENT_RANDOM", epoch.client_random, epoch.master);
      report_session(epoch);
      return Opened::yes;
    }
    mismatch = mismatch || had_candidates;
    return Opened::wait;
  }
  if (!under->cipher.open(record.number(), 1, sealed, buffer, plain)) return Opened::bad_mac;
  under->window.add(record.sequence);
  return Opened::yes;
}

bool DtlsConnection::State::init(Direction direction, const TlsEpoch& epoch, Bytes master, RecordCipher& cipher) {
  if (!crypto) crypto = context.keys->crypto();
  const ConnectionKeys keys =
      connection_keys(*crypto, epoch.version, *epoch.suite, master, {epoch.client_random, epoch.server_random});
  if (cipher.init(*crypto, *epoch.suite, epoch.version, epoch.encrypt_then_mac,
                  direction == client ? keys.client : keys.server)) {
    return true;
  }
  unsupported = true;
  return false;
}

void DtlsConnection::State::take_handshake(const Chunk& where, std::uint16_t epoch, Bytes content) {
  Side& mine = side(where.direction);
  const bool opens = content.size() >= 6 && content[0] <= 2 && content[4] == 0 && content[5] == 0;
  if (opens && epoch > mine.handshake_epoch) {  // a renegotiation numbers its messages from 0 again
    mine.handshake_epoch = epoch;
    mine.handshake.restart();
  }
  std::vector<DtlsHandshakeReader::Message> whole;
  if (!mine.handshake.feed(content, context.limits->tls_handshake_bytes, whole)) {
    note("dtls.bad-handshake", where);
  }
  for (const auto& message : whole) on_message(where, message);
}

void DtlsConnection::State::on_message(const Chunk& where, const DtlsHandshakeReader::Message& message) {
  const Direction from = where.direction;
  bool good = true;
  switch (message.type) {
    case HandshakeType::client_hello:
      good = on_client_hello(from, message);
      break;
    case HandshakeType::server_hello:
      good = on_server_hello(message);
      break;
    case HandshakeType::certificate:
      good = on_certificate(from, message.body());
      break;
    case HandshakeType::new_session_ticket:
      if (auto ticket = parse_session_ticket(message.body()); ticket && latest && latest->new_tickets.size() < 8) {
        latest->new_tickets.push_back(copy(*ticket));
        report_session(*latest);
      }
      break;
    case HandshakeType::server_hello_done:
      if (latest) latest->full_handshake = true;
      break;
    default:
      break;
  }
  if (!good) note("dtls.bad-handshake", where);
  if (message.type == HandshakeType::client_hello || message.type == HandshakeType::server_hello) return;
  add_transcript(from, message);
  if (message.type == HandshakeType::client_key_exchange && from == client) on_client_key_exchange(message.body());
}

bool DtlsConnection::State::on_client_hello(Direction from, const DtlsHandshakeReader::Message& message) {
  const ByteVector as_tls = without_cookie(message.body());
  auto hello = parse_client_hello(as_tls);
  if (!hello) return false;
  client = from;
  latest = std::make_shared<TlsEpoch>();
  latest->client_hello = true;
  latest->client_random = hello->random;
  latest->offered_session = copy(hello->session_id);
  latest->offered_ticket = copy(hello->ticket);
  latest->hello_transcript = message.raw;
  if (facts.server_hello) return true;  // a renegotiation: the first one's facts stand
  facts.client_hello = true;
  facts.client_random = hello->random;
  facts.sni = hello->sni;
  facts.alpn_offered = hello->alpn;
  facts.ja4 = ja4_of(as_tls, HelloCarrier::dtls);
  facts.ech_or_grease = hello->ech;
  return true;
}

bool DtlsConnection::State::on_server_hello(const DtlsHandshakeReader::Message& message) {
  auto hello = parse_server_hello(message.body());
  if (!hello) return false;
  if (!latest || latest->server_hello) latest = std::make_shared<TlsEpoch>();
  TlsEpoch& epoch = *latest;
  epoch.server_hello = true;
  epoch.server_random = hello->random;
  epoch.version = tls_image(hello->version);
  epoch.suite = find_cipher_suite(hello->cipher_suite);
  epoch.extended_master_secret = hello->extended_master_secret;
  epoch.encrypt_then_mac = hello->encrypt_then_mac;
  epoch.session_id = copy(hello->session_id);
  const bool known = epoch.version == 0x0302 || epoch.version == 0x0303;
  epoch.supported = known && epoch.suite && epoch.suite->kx != Kx::tls13 && hello->compression == 0;
  unsupported = unsupported || !epoch.supported;
  const bool needs_transcript = epoch.suite && epoch.suite->kx == Kx::rsa && epoch.extended_master_secret;
  if (!needs_transcript) epoch.hello_transcript = {};
  if (needs_transcript) epoch.server_transcript = message.raw;
  if (facts.server_hello) return true;
  facts.server_hello = true;
  facts.version = hello->version;
  facts.cipher_suite = hello->cipher_suite;
  facts.alpn = hello->alpn;
  return true;
}

bool DtlsConnection::State::on_certificate(Direction from, Bytes body) {
  auto certificates = parse_certificates(body, false);
  if (!certificates) return false;
  if (latest) latest->full_handshake = true;
  std::vector<ByteVector>& into = from == client ? facts.client_certificates : facts.server_certificates;
  if (!into.empty()) return true;
  for (Bytes der : *certificates) into.push_back(copy(der));
  return true;
}

void DtlsConnection::State::on_client_key_exchange(Bytes body) {
  if (!latest) return;
  latest->full_handshake = true;
  const bool rsa = latest->suite && latest->suite->kx == Kx::rsa && body.size() > 2;
  if (rsa) latest->encrypted_premaster = copy(body.subspan(2));  // behind its length (RFC 5246 section 7.4.7.1)
}

// Messages that the extended master secret covers; nothing is kept where no premaster secret can be had.
void DtlsConnection::State::add_transcript(Direction from, const DtlsHandshakeReader::Message& message) {
  if (!latest || latest->hello_transcript.empty() || !latest->encrypted_premaster.empty()) return;
  if (message.type == HandshakeType::hello_request || message.type == HandshakeType::finished) return;
  ByteVector& into = from == client ? latest->client_transcript : latest->server_transcript;
  if (into.size() + message.raw.size() > 2 * context.limits->tls_handshake_bytes) return;
  into.insert(into.end(), message.raw.begin(), message.raw.end());
}

void DtlsConnection::State::report_session(const TlsEpoch& epoch) {
  if (!context.sessions || epoch.master.empty()) return;
  if (!epoch.session_id.empty()) context.sessions->on_session(epoch.session_id, epoch.master);
  for (const ByteVector& ticket : epoch.new_tickets) context.sessions->on_session(ticket, epoch.master);
}

DtlsConnection::DtlsConnection(const FlowInfo& flow, TlsContext& context, DatagramSink& plaintext)
    : state_(std::make_unique<State>(flow, context, plaintext)) {}
DtlsConnection::~DtlsConnection() = default;

bool DtlsConnection::on_datagram(const Chunk& chunk) {
  if (state_->is_unified(chunk.data)) {
    state_->facts.opaque_bytes += chunk.data.size();
    return true;
  }
  if (!looks_like_dtls(chunk.data)) return false;
  state_->drain_if_keys_came();
  ByteReader in(chunk.data);
  while (!in.done()) {
    if (state_->is_unified(in.rest())) {
      state_->facts.opaque_bytes += in.remaining();
      break;
    }
    auto record = parse_dtls_record(in);
    if (!record) break;  // what follows the records in a datagram is ignored (RFC 6347 section 4.1.1)
    state_->take(*record, chunk, true);
  }
  return true;
}

void DtlsConnection::finish() {
  state_->drain_if_keys_came();
  for (const Waiting& each : state_->waiting) state_->close(each.record);
  state_->waiting.clear();
  const Chunk where{state_->flow, Direction::to_server, 0, {}, {}, {}};
  state_->plaintext.on_end(where);
}

const TlsFacts& DtlsConnection::facts() const {
  TlsFacts& facts = state_->facts;
  const bool read = facts.decrypted_bytes > 0;
  if (facts.opaque_bytes == 0 && state_->waiting.empty()) {
    facts.outcome = read ? TlsOutcome::decrypted : TlsOutcome::none;
  } else if (read) {
    facts.outcome = TlsOutcome::partly;
  } else if (state_->unsupported) {
    facts.outcome = TlsOutcome::unsupported;
  } else if (!facts.client_hello || !facts.server_hello) {
    facts.outcome = TlsOutcome::handshake_unseen;
  } else {
    facts.outcome = state_->mismatch ? TlsOutcome::key_mismatch : TlsOutcome::no_key;
  }
  return facts;
}

}  // namespace tattle
