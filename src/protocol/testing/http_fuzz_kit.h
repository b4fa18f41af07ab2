#pragma once

// What the fuzz targets of HTTP/2 and HTTP/3 share.

#include <algorithm>
#include <cstdlib>

#include "protocol/body/ledger.h"
#include "protocol/flow_parser.h"
#include "protocol/stream_context.h"

namespace tattle::http_fuzz_kit {

/// What every message must keep, however strange the input: views that lie in the head, packets for its bytes.
struct Check : MessageSink {
  void on_message(const Message& message) override {
    const std::string_view head = as_text(message.head);
    for (const Field& field : message.fields) {
      if (message.body_offset > 0) break;  // a further piece: its head holds trailers only
      if (field.value.data() < head.data() || field.value.data() + field.value.size() > head.data() + head.size())
        std::abort();
    }
    if (message.overlap > message.body.size() || message.body_pieces.size() != message.body.size()) std::abort();
  }
};

/// All that a connection stands in, with small limits.
struct Surroundings {
  FlowInfo flow;
  Limits limits;
  Anomalies anomalies;
  Check sink;
  FlowCounters counters;
  StreamContext above;
  TlsContext tls;
  BodyLedger bodies{1};
  ParserContext context;

  Surroundings() {
    static const KeyStore keys;  // loads the crypto library, which takes longer than a run
    limits.body_bytes = limits.http2_header_table_bytes = limits.http3_blocked_bytes = 4096;
    limits.raw_window_bytes = 1024;
    limits.raw_overlap_bytes = 64;
    limits.http_head_bytes = 2048;
    limits.http2_streams = 8;
    above.counters = &counters;
    tls = {&keys, &limits, &anomalies, nullptr};
    context = {&tls, &limits, &anomalies, &sink, nullptr, &bodies};
  }
  Surroundings(const Surroundings&) = delete;
};

}  // namespace tattle::http_fuzz_kit
