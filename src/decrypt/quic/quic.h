#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "decrypt/tls/tls.h"
#include "stream/stream.h"

namespace tattle {

/// Receives what one QUIC connection carries. `stream` is the stream's id (RFC 9000 section 2.1); a chunk's direction
/// says who sent it, its offset counts the stream's bytes, its packets are those that carried them.
class QuicSink {
 public:
  virtual ~QuicSink() = default;
  /// The next bytes of one direction of a stream, in order.
  virtual void on_stream_data(std::uint64_t stream, const Chunk& chunk) = 0;
  /// `missing` bytes of it are lost; 0 when their number is not known.
  virtual void on_stream_gap(std::uint64_t stream, const Chunk& where, std::uint64_t missing) = 0;
  /// One direction of a stream is over: FIN, RESET_STREAM (`reset`), or the connection's end.
  virtual void on_stream_end(std::uint64_t stream, const Chunk& where, bool reset) = 0;
  /// An unreliable datagram (RFC 9221).
  virtual void on_quic_datagram(const Chunk& chunk) = 0;
};

/// Learns which connection ids a connection uses, so that its packets are known wherever they come from.
class QuicIdObserver {
 public:
  virtual ~QuicIdObserver() = default;
  /// Packets going in `direction` may have this destination connection id from now on; never empty.
  virtual void on_connection_id(Direction direction, Bytes id) = 0;
};

/// Whether a datagram starts with a long header of a QUIC version that QuicConnection reads (v1, v2, drafts 29 to 32)
/// or with a Version Negotiation packet, and its lengths hold together. Whatever the port.
bool starts_quic(Bytes datagram);
/// Whether it starts with a client's Initial packet of such a version, which begins a connection.
bool starts_quic_initial(Bytes datagram);

/// What became of those bytes of a connection that travelled in one flow.
struct QuicFlowBytes {
  std::uint64_t parsed = 0, opaque = 0;
};

/// What is known of a connection. Bytes are UDP payload.
struct QuicFacts {
  std::uint32_t version = 0;  // of its long headers; 0 when none was seen
  TlsFacts tls;               // SNI, ALPN, certificates, secrets used; sni also without keys, from the Initial
  std::uint64_t parsed_bytes = 0;
  std::uint64_t opaque_bytes = 0;
};

/// Reads the datagrams of one QUIC connection, both directions: packet protection with the secrets at hand (Initial
/// secrets are derived), CRYPTO and STREAM frames put in order.
/// Sources: RFC 8999, 9000, 9001, 9221, 9369.
class QuicConnection {
 public:
  QuicConnection(const FlowInfo& flow, TlsContext& context, QuicSink& sink);
  ~QuicConnection();
  /// `chunk.flow` may be another flow than the connection's after a migration; what is handed down has the
  /// connection's.
  void on_datagram(const Chunk& chunk);
  /// Ends every stream. What waits for a secret counts as opaque.
  void finish();
  const QuicFacts& facts() const;

  /// Takes out what became of the bytes that this flow carried; what still waits for a secret counts as opaque.
  QuicFlowBytes take_flow_bytes(FlowId flow);
  /// May be null. Told at once of the ids known so far.
  void set_id_observer(QuicIdObserver* observer);
  /// Whether keys in use open this datagram, which starts with a short header; changes nothing.
  bool can_open(const Chunk& chunk) const;
  /// Whether this datagram starts with an Initial packet that begins another connection: keys from its own destination
  /// id open it.
  bool begins_another(const Chunk& chunk) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tattle
