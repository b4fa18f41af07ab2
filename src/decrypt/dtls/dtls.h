#pragma once

#include <memory>

#include "decrypt/tls/tls.h"
#include "stream/stream.h"

namespace tattle {

/// Reads one DTLS connection (1.0 and 1.2), both directions, and hands on the plaintext of its application data, a
/// datagram for each record. Secrets are those of TLS: key log lines by client random, server keys, sessions.
/// Connection ids (RFC 9146) and DTLS 1.3 (RFC 9147) are not read; of the latter the hellos are, and what follows
/// counts as opaque, outcome `unsupported`.
/// @anomaly dtls.bad-handshake   A handshake message that does not hold together, or over limits.tls_handshake_bytes.
/// @anomaly dtls.bad-record-mac  A record under known keys that does not open.
/// @anomaly dtls.waiting-limit   More records wait for a secret than limits.tls_waiting_bytes allows.
/// Sources: RFC 4347, RFC 6347.
class DtlsConnection {
 public:
  DtlsConnection(const FlowInfo& flow, TlsContext& context, DatagramSink& plaintext);
  ~DtlsConnection();

  /// False when the datagram is no DTLS.
  bool on_datagram(const Chunk& chunk);
  /// What waits for a secret stays closed.
  void finish();
  /// `version` is the DTLS version on the wire: 0xfeff, 0xfefd, 0xfefc.
  const TlsFacts& facts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tattle
