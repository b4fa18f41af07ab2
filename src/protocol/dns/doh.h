#pragma once

#include "base/anomalies.h"
#include "protocol/message.h"

namespace tattle {

/// Hands messages on; behind an HTTP message that carries a DNS message it hands that one down too, protocol `dns`, so
/// that names and who resolves them are known. Its `sni` is the host that was asked, for that is who reads it.
/// The body that holds it is searched there alone: the server got it once, as the resolver.
/// JSON forms of DNS over HTTPS are left to the search.
/// Source: RFC 8484: bodies of application/dns-message, and the variable `dns` of a GET.
class DohSink : public MessageSink {
 public:
  /// Both outlive it.
  DohSink(MessageSink& next, Anomalies& anomalies) : next_(next), anomalies_(anomalies) {}
  void on_message(const Message& message) override;

 private:
  void hand_down(const Message& carrier, Bytes dns, PieceMap pieces);

  MessageSink& next_;
  Anomalies& anomalies_;
};

}  // namespace tattle
