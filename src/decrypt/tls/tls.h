#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/state_archive.h"
#include "decrypt/keys/key_store.h"
#include "stream/stream.h"

namespace tattle {

/// What became of a TLS flow's application data.
enum class TlsOutcome : std::uint8_t {
  none,              // no application data was seen
  decrypted,         // all of it that was seen whole
  partly,            // some of it
  no_key,            // no secret for this connection
  key_mismatch,      // secrets for this client random, none of which fits
  handshake_unseen,  // joined midway
  unsupported,       // a cipher suite that is not read
};

/// What a connection's handshake says in clear or, once decrypted, under encryption.
struct TlsFacts {
  bool client_hello = false, server_hello = false;
  std::string sni;  // server_name, lower case; empty when absent
  std::vector<std::string> alpn_offered;
  std::string alpn;           // chosen; empty when absent or unseen
  std::uint16_t version = 0;  // 0x0300 … 0x0304, negotiated
  std::uint16_t cipher_suite = 0;
  std::vector<ByteVector> server_certificates;  // DER, leaf first
  std::vector<ByteVector> client_certificates;
  std::string ja4;  // of the ClientHello; empty when none was seen
  bool resumed = false;
  bool ech_or_grease = false;
  bool early_data = false;
  ByteVector client_random;
  std::vector<std::string> secrets_used;  // key log labels, or `private-key`
  TlsOutcome outcome = TlsOutcome::none;
  std::uint64_t decrypted_bytes = 0;  // application data, plaintext
  std::uint64_t opaque_bytes = 0;     // application data records that stayed closed, as on the wire
};

/// `TLS 1.2`; `SSL 3.0`.
std::string tls_version_name(std::uint16_t version);

/// Learns of sessions (id or ticket with their master secret), for resumption across flows.
class TlsSessionObserver {
 public:
  virtual ~TlsSessionObserver() = default;
  virtual void on_session(Bytes session_id_or_ticket, Bytes master_secret) = 0;
};

/// Learns which secrets opened something, as lines of a key log; a master secret is `CLIENT_RANDOM` whatever it was
/// derived from. Called in the thread that reads the flow.
class TlsSecretObserver {
 public:
  virtual ~TlsSecretObserver() = default;
  virtual void on_secret(FlowId flow, std::string_view label, Bytes client_random, Bytes secret) = 0;
};

struct TlsContext {
  const KeyStore* keys = nullptr;  // the current snapshot; may be exchanged for a richer one between calls
  const Limits* limits = nullptr;
  Anomalies* anomalies = nullptr;
  TlsSessionObserver* sessions = nullptr;  // may be null
  bool keys_complete = false;              // no more secrets will come: records without one need not wait
  TlsSecretObserver* used = nullptr;       // may be null
  SharedTexts* texts = nullptr;            // of silent connections; null: each keeps its own
  ByteVector buffer{};                     // for plaintext; of whichever connection is at work

  void note_used(FlowId flow, std::string_view label, Bytes client_random, Bytes secret) const {
    if (used != nullptr) used->on_secret(flow, label, client_random, secret);
  }
};

/// Whether a stream that starts with these bytes may be TLS (or an SSLv2-compatible ClientHello). Needs up to 6 bytes;
/// says yes when fewer are there and they fit so far.
bool looks_like_tls(Bytes start);

/// Reads one TLS connection, both directions: takes the stream, gives the plaintext of application data as a stream
/// of its own. Records without a key are counted, reported as a gap of unknown meaning never as bytes.
/// Sources: RFC 6101, 2246, 4346, 5246, 7366, 8446.
class TlsConnection : public StreamSink {
 public:
  TlsConnection(const FlowInfo& flow, TlsContext& context, StreamSink& plaintext);
  ~TlsConnection() override;
  void on_data(const Chunk& chunk) override;
  void on_gap(const Chunk& where, std::uint64_t missing) override;
  void on_end(const Chunk& where) override;
  /// Nothing has come for long: gives back what only a busy connection needs. Secrets and counters stay, and what
  /// comes later is read as if nothing had happened; of certificates nobody is in need any more.
  void on_idle();
  /// Whether nothing is half read since on_idle(): then pass() tells everything.
  bool at_rest() const;
  void pass(StateArchive& archive);
  const TlsFacts& facts() const;

 private:
  struct State;
  State& state() const;

  const FlowInfo& flow_;
  TlsContext& context_;
  StreamSink& plaintext_;
  mutable std::unique_ptr<State> state_;
  mutable PackedState frozen_;  // the state of a silent connection, when state_ is null; empty: nothing has come yet
};

}  // namespace tattle
