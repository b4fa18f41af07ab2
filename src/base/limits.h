#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tattle {

/// Every bound of the program, in one place. Each holds per flow, per message or in the reader, never per worker,
/// so that output does not depend on the number of threads. Hitting one is an anomaly. Sizes are bytes.
struct Limits {
  std::uint64_t packet_bytes = 262144 * 4;           // one packet's captured bytes
  std::uint64_t flows = 250000;                      // open flows; the longest idle is ended first
  std::uint64_t awake_flows = 256;                   // that keep their buffers; the others are packed until they go on
  std::uint64_t flow_idle_seconds = 300;             // a silent UDP flow ends; TCP after twelve times as long
  std::uint64_t fragments = 4096;                    // datagrams under reassembly
  std::uint64_t fragment_bytes = 64 << 20;           // of all datagrams under reassembly
  std::uint64_t fragment_seconds = 60;               // age at which an incomplete datagram is given up
  std::uint64_t tunnel_depth = 8;                    // tunnels around one packet
  std::uint64_t tunnels = 10000;                     // WireGuard conversations that are remembered
  std::uint64_t duplicates = 200000;                 // packets compared with those of other captures
  std::uint64_t tcp_out_of_order_bytes = 4 << 20;    // per direction, waiting for a missing segment
  std::uint64_t tcp_out_of_order_segments = 4096;    // per direction
  std::uint64_t tls_handshake_bytes = 1 << 18;       // one handshake message
  std::uint64_t tls_waiting_bytes = 1 << 18;         // records of a flow that wait for a secret
  std::uint64_t tls_secrets = 1000000;               // key log entries
  std::uint64_t quic_streams = 10000;                // open streams of a connection
  std::uint64_t quic_stream_bytes = 1 << 20;         // per direction of a stream, waiting for missing bytes
  std::uint64_t quic_connection_bytes = 4 << 20;     // likewise, of all streams of a connection
  std::uint64_t quic_connection_ids = 64;            // per direction of a connection
  std::uint64_t quic_connections = 16;               // of one flow that are remembered at once
  std::uint64_t http_head_bytes = 1 << 18;           // request line and fields, or status line and fields
  std::uint64_t http_pending_requests = 1000;        // requests of a flow that wait for their response
  std::uint64_t server_messages = 512;               // of a flow, at which its server spoke after silence
  std::uint64_t dns_queries = 1000;                  // queries of a flow that are remembered for their answers
  std::uint64_t http2_streams = 10000;               // open streams of a connection
  std::uint64_t http2_header_table_bytes = 1 << 20;  // HPACK or QPACK dynamic table
  std::uint64_t http3_blocked_bytes = 4 << 20;       // of a connection, waiting for QPACK table entries
  std::uint64_t body_bytes = 16 << 20;               // one message's body before it is emitted in pieces
  std::uint64_t body_seconds = 600;                  // a body without a declared length, before it is emitted in pieces
  std::uint64_t held_bytes = 64 << 20;               // of all bodies that are not whole
  std::uint64_t raw_window_bytes = 1 << 16;          // window in which unknown streams are searched
  std::uint64_t raw_overlap_bytes = 1 << 12;         // overlap of such windows
  std::uint64_t decode_depth = 32;                   // nodes from the root to a leaf
  std::uint64_t decode_nodes = 200000;               // nodes of one message
  std::uint64_t decode_output_bytes = 64 << 20;      // decoded bytes of one message
  std::uint64_t decode_ratio = 1000;                 // output against input of one decompression over 1 MiB
  std::uint64_t decode_stream_ratio = 200;           // likewise of a streamed body, once over decode_output_bytes
  std::uint64_t json_nesting = 1024;                 // open brackets of a JSON text
  std::uint64_t hits_per_message = 10000;            // matches kept of one message
  std::uint64_t names = 200000;                      // addresses whose DNS name is remembered
  std::uint64_t actions = 20000;                     // lines of the tester's log
  std::uint64_t disclosures = 100000;                // different disclosures that are told apart
  std::uint64_t occurrence_times = 10000;            // messages of one disclosure whose time is kept
  std::uint64_t all_occurrence_times = 500000;       // likewise, of all disclosures
  std::uint64_t all_server_messages = 200000;        // moments of all flows that are compared with the uploads
  std::uint64_t ties = 100000;                       // pairs of disclosures that were met together
  std::uint64_t recipients = 50000;                  // different recipients that are told apart
  std::uint64_t recipient_addresses = 64;            // addresses listed of one recipient or phone
  std::uint64_t import_entry_bytes = 32 << 20;       // one entry of an import, as its file holds it
  std::uint64_t import_waiting_bytes = 32 << 20;     // messages of an import held back to put them in order of time
  std::uint64_t import_connections = 10000;          // connections of imports that are open at once
  std::uint64_t archive_bytes = 1ull << 35;          // unpacked bytes of one archive
  std::uint64_t archive_members = 100000;            // files of one archive that are looked at
  std::uint64_t archive_captures = 100;              // captures read of one archive
};

/// A limit as the user sees it.
struct LimitInfo {
  std::string_view name;  // `decode-depth`
  std::uint64_t Limits::*value;
  std::string_view meaning;
};

/// All of them, in the order above.
std::span<const LimitInfo> all_limits();

/// Sets one from `NAME=NUMBER`. Throws UserError that names the limits there are.
void set_limit(Limits& limits, std::string_view assignment);

}  // namespace tattle
