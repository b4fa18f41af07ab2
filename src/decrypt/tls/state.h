#pragma once

// Private to the stage: what a TlsConnection remembers. Its parts are in tls_*.cc.

#include <array>
#include <list>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "decrypt/hello.h"
#include "decrypt/keys/cipher_suites.h"
#include "decrypt/tls/epoch.h"
#include "decrypt/tls/handshake_reader.h"
#include "decrypt/tls/record_cipher.h"
#include "decrypt/tls/record_reader.h"
#include "decrypt/tls/tls.h"

namespace tattle {

/// Which of TLS 1.3's secrets protects a direction.
enum class TlsPhase : std::uint8_t { early, handshake, application };

/// A record that waits for a secret or for the other direction.
struct WaitingRecord {
  Record record;  // its spans are set when it is processed
  ByteVector body;
  PacketRuns packets;
  std::uint64_t order = 0;
  // Records that came when the limit was reached: only counted.
  std::uint64_t dropped = 0, dropped_bytes = 0, dropped_data_bytes = 0;
  bool uncertain = false;
};

/// A cipher that takes no room before there are keys.
class CipherSlot {
 public:
  CipherSlot& operator=(RecordCipher&& made) {
    get() = std::move(made);
    return *this;
  }
  bool ready() const { return cipher_ && cipher_->ready(); }
  bool repeatable() const { return cipher_ && cipher_->repeatable(); }
  RecordCipher& get() {
    if (!cipher_) cipher_ = std::make_unique<RecordCipher>();
    return *cipher_;
  }
  RecordCipher* operator->() { return &get(); }
  void reset() { cipher_.reset(); }
  void release() {
    if (cipher_) cipher_->release();
  }
  void lose_track() {
    if (cipher_) cipher_->lose_track();
  }

 private:
  std::unique_ptr<RecordCipher> cipher_;
};

/// One direction.
struct TlsSide {
  explicit TlsSide(Direction d) : direction(d), reader(true) {}

  Direction direction;
  RecordReader reader;
  HandshakeReader handshake;

  std::shared_ptr<TlsEpoch> epoch;  // protects this direction; null while in clear (up to TLS 1.2)
  CipherSlot cipher;
  std::uint64_t number = 0;  // of the next record under these keys
  std::uint64_t window = 0;  // it may be up to this much higher
  bool after_gap = false;    // in clear, and it is not known whether still
  // Records sent under keys that are not known yet, for ciphers whose state runs on.
  std::uint64_t unopened_bytes = 0;
  ByteVector unopened_tail;

  // Up to TLS 1.2: at which state of the key store, and on how many records, no master secret fitted.
  std::uint64_t tried_keys = 0;
  unsigned tried_records = 0;

  // TLS 1.3.
  TlsPhase phase = TlsPhase::handshake;
  ByteVector secret;
  std::uint64_t passed_over = 0;  // bytes of records under a handshake secret that is not known

  std::list<WaitingRecord> waiting;  // a deque takes half a kilobyte while it is empty
  bool blocked = false;

  std::uint64_t plain_offset = 0;
  bool gap_pending = false;
  bool had_input = false, ended = false, end_told = false;
  PacketRuns end_packets;
  Time end_time;
};

struct TlsConnection::State {
  State(const FlowInfo& flow_info, TlsContext& tls_context, StreamSink& sink)
      : flow(flow_info), context(tls_context), plaintext(sink) {}

  enum class Step : std::uint8_t {
    done,
    wait_order,  // for the other direction
    wait_key,
  };
  /// What is known of the early data that the client offered.
  enum class Early : std::uint8_t { none, offered, accepted, rejected };

  const FlowInfo& flow;
  TlsContext& context;
  StreamSink& plaintext;
  std::shared_ptr<const CryptoLibrary> crypto;  // set with the first secret that is tried
  TlsFacts facts;

  std::array<TlsSide, 2> sides{TlsSide(Direction::to_server), TlsSide(Direction::to_client)};
  std::size_t client_index = 0;  // the side that sent the ClientHello
  std::shared_ptr<TlsEpoch> latest;
  std::uint16_t version = 0;  // 0 until a ServerHello says
  bool retry_requested = false;
  Early early = Early::none;
  bool unsupported = false, mismatch = false;

  std::uint64_t seen_size = 0;
  std::uint64_t keys_version = 1;  // counts changes of the key store
  bool progress = false;           // something was learnt that the other side may wait for
  std::uint64_t waiting_bytes = 0;
  std::uint64_t next_order = 0;
  std::uint64_t trial_bytes = 0;
  bool draining = false, flushing = false;
  ByteVector buffer;

  // frozen.cc
  /// Nothing is half read: pass() tells everything.
  bool at_rest() const;
  void pass(StateArchive& archive);

  // tls.cc: records in, plaintext out.
  void take_records(TlsSide& side);
  Step process(TlsSide& side, const Record& record);
  void take_loss(TlsSide& side, const Record& record);
  void take_lost_record(TlsSide& side, const Record& record);
  void deliver(TlsSide& side, const Record& record, Bytes plain);
  void close_record(TlsSide& side, const Record& record);
  void note(std::string_view anomaly, PacketRunsView packets);
  TlsSide& other(const TlsSide& side) { return sides[&side == &sides[0] ? 1 : 0]; }
  bool from_client(const TlsSide& side) const { return &side == &sides[client_index]; }
  bool may_try(std::uint64_t bytes);
  /// Whether this direction may still say something that the other one waits for.
  bool may_come(const TlsSide& side) const { return !side.ended && !flushing; }
  /// The server's answer was captured before its ClientHello.
  bool awaits_client_hello() const {
    return !facts.client_hello && !sides[client_index].had_input && may_come(sides[client_index]);
  }
  void update_outcome();

  // tls_waiting.cc: records that cannot be read yet.
  void enqueue(TlsSide& side, const Record& record);
  void check_keys();
  void drain();
  void pass_dropped(TlsSide& side, const WaitingRecord& item);
  void flush(TlsSide& side);
  void end(TlsSide& side);

  // tls_handshake.cc
  void take_handshake(TlsSide& side, const Record& record, Bytes content, bool encrypted);
  void on_message(TlsSide& side, const Record& record, const HandshakeMessage& message);
  void on_client_hello(TlsSide& side, const Record& record, const ClientHello& hello, Bytes raw);
  void on_server_hello(const Record& record, const HandshakeMessage& message);
  void on_certificate(TlsSide& side, const Record& record, Bytes body);
  void on_client_key_exchange(Bytes body);
  void add_transcript(TlsSide& side, const HandshakeMessage& message);
  void report_session(TlsEpoch& epoch);
  void use_secret(std::string_view label);

  // tls_legacy.cc: SSL 3.0 to TLS 1.2
  Step process_legacy(TlsSide& side, const Record& record);
  Step open_legacy(TlsSide& side, const Record& record);
  void switch_keys(TlsSide& side, std::uint64_t window);
  bool init_cipher(TlsSide& side, Bytes master, RecordCipher& cipher);
  bool find_master(TlsSide& side, const Record& record, Bytes& plain, bool& had_candidates);
  void take_content_legacy(TlsSide& side, const Record& record, Bytes plain);

  // tls13.cc
  Step process_13(TlsSide& side, const Record& record);
  bool open_13(TlsSide& side, const Record& record, Bytes& plain);
  bool try_current(TlsSide& side, const Record& record, Bytes& plain);
  bool try_phase(TlsSide& side, TlsPhase phase, const Record& record, Bytes& plain);
  bool has_secret(const TlsSide& side, TlsPhase phase) const;
  void take_content_13(TlsSide& side, const Record& record, Bytes plain);
  void on_message_13(TlsSide& side, const Record& record, const HandshakeMessage& message);
  void change_phase(TlsSide& side, TlsPhase phase);
};

}  // namespace tattle
