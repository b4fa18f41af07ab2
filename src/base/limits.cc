#include "base/limits.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/result.h"

namespace tattle {
namespace {

constexpr std::array kAll{
    LimitInfo{"packet-bytes", &Limits::packet_bytes, "captured bytes of one packet"},
    LimitInfo{"flows", &Limits::flows, "flows open at once; the longest idle is ended first"},
    LimitInfo{"awake-flows", &Limits::awake_flows,
              "connections of a worker that keep their buffers; the others are packed away until they go on"},
    LimitInfo{"flow-idle-seconds", &Limits::flow_idle_seconds,
              "silence that ends a UDP flow; TCP twelve times as long"},
    LimitInfo{"fragments", &Limits::fragments, "datagrams under reassembly"},
    LimitInfo{"fragment-bytes", &Limits::fragment_bytes, "bytes of all datagrams under reassembly"},
    LimitInfo{"fragment-seconds", &Limits::fragment_seconds, "age at which an incomplete datagram is given up"},
    LimitInfo{"tunnel-depth", &Limits::tunnel_depth, "tunnels around one packet"},
    LimitInfo{"tunnels", &Limits::tunnels, "WireGuard conversations that are remembered"},
    LimitInfo{"duplicates", &Limits::duplicates, "packets compared with those of other captures"},
    LimitInfo{"tcp-out-of-order-bytes", &Limits::tcp_out_of_order_bytes,
              "per direction, waiting for a missing segment"},
    LimitInfo{"tcp-out-of-order-segments", &Limits::tcp_out_of_order_segments, "per direction, likewise"},
    LimitInfo{"tls-handshake-bytes", &Limits::tls_handshake_bytes, "one handshake message"},
    LimitInfo{"tls-waiting-bytes", &Limits::tls_waiting_bytes, "records of a flow that wait for a secret"},
    LimitInfo{"tls-secrets", &Limits::tls_secrets, "entries of all key logs"},
    LimitInfo{"quic-streams", &Limits::quic_streams, "open streams of a QUIC connection"},
    LimitInfo{"quic-stream-bytes", &Limits::quic_stream_bytes,
              "per direction of a QUIC stream, waiting for missing bytes"},
    LimitInfo{"quic-connection-bytes", &Limits::quic_connection_bytes, "of all streams of a QUIC connection, likewise"},
    LimitInfo{"quic-connection-ids", &Limits::quic_connection_ids, "ids per direction of a QUIC connection"},
    LimitInfo{"quic-connections", &Limits::quic_connections, "QUIC connections of a flow remembered at once"},
    LimitInfo{"http-head-bytes", &Limits::http_head_bytes, "first line and fields of an HTTP message"},
    LimitInfo{"http-pending-requests", &Limits::http_pending_requests, "requests of a flow that wait for a response"},
    LimitInfo{"server-messages", &Limits::server_messages, "moments of a flow at which its server spoke after silence"},
    LimitInfo{"dns-queries", &Limits::dns_queries, "DNS queries of a flow that are remembered for their answers"},
    LimitInfo{"http2-streams", &Limits::http2_streams, "open streams of an HTTP/2 connection"},
    LimitInfo{"http2-header-table-bytes", &Limits::http2_header_table_bytes, "HPACK or QPACK dynamic table"},
    LimitInfo{"http3-blocked-bytes", &Limits::http3_blocked_bytes,
              "of an HTTP/3 connection, waiting for entries of its header table"},
    LimitInfo{"body-bytes", &Limits::body_bytes, "a body before it is searched in pieces"},
    LimitInfo{"body-seconds", &Limits::body_seconds,
              "age of a body of unknown length, before it is searched in pieces"},
    LimitInfo{"held-bytes", &Limits::held_bytes,
              "of all bodies that are not whole; over it the largest are searched in pieces"},
    LimitInfo{"raw-window-bytes", &Limits::raw_window_bytes,
              "window in which an unknown stream or a body in pieces is searched"},
    LimitInfo{"raw-overlap-bytes", &Limits::raw_overlap_bytes, "overlap of such windows"},
    LimitInfo{"decode-depth", &Limits::decode_depth, "nested decoding steps"},
    LimitInfo{"decode-nodes", &Limits::decode_nodes, "values of one message"},
    LimitInfo{"decode-output-bytes", &Limits::decode_output_bytes, "decoded bytes of one message"},
    LimitInfo{"decode-ratio", &Limits::decode_ratio, "output against input of one decompression over 1 MiB"},
    LimitInfo{"decode-stream-ratio", &Limits::decode_stream_ratio,
              "likewise of a body that is decoded as it comes, over decode-output-bytes"},
    LimitInfo{"json-nesting", &Limits::json_nesting, "open brackets of a JSON text"},
    LimitInfo{"hits-per-message", &Limits::hits_per_message, "matches kept of one message"},
    LimitInfo{"names", &Limits::names, "addresses whose DNS name is remembered"},
    LimitInfo{"actions", &Limits::actions, "lines of the log of actions; a longer one is refused"},
    LimitInfo{"disclosures", &Limits::disclosures, "different disclosures that are told apart"},
    LimitInfo{"occurrence-times", &Limits::occurrence_times,
              "messages of one disclosure whose time is kept; periods and causes rest on the first of them"},
    LimitInfo{"all-occurrence-times", &Limits::all_occurrence_times, "likewise, of all disclosures"},
    LimitInfo{"all-server-messages", &Limits::all_server_messages,
              "moments at which servers spoke after silence that are compared with uploads"},
    LimitInfo{"ties", &Limits::ties, "pairs of disclosures remembered for having been met together"},
    LimitInfo{"recipients", &Limits::recipients, "different recipients that are told apart"},
    LimitInfo{"recipient-addresses", &Limits::recipient_addresses, "addresses listed of one recipient"},
    LimitInfo{"import-entry-bytes", &Limits::import_entry_bytes, "one entry of a HAR or other import"},
    LimitInfo{"import-waiting-bytes", &Limits::import_waiting_bytes,
              "messages of an import held back to order them by time"},
    LimitInfo{"import-connections", &Limits::import_connections, "connections of imports open at once"},
    LimitInfo{"archive-bytes", &Limits::archive_bytes, "unpacked bytes of one archive"},
    LimitInfo{"archive-members", &Limits::archive_members, "files of one archive that are looked at"},
    LimitInfo{"archive-captures", &Limits::archive_captures, "captures read of one archive"},
};

}  // namespace

std::span<const LimitInfo> all_limits() { return kAll; }

void set_limit(Limits& limits, std::string_view assignment) {
  const auto equals = assignment.find('=');
  const std::string_view name = assignment.substr(0, equals);
  for (const LimitInfo& info : kAll) {
    if (info.name != name) continue;
    const std::string_view digits = equals == std::string_view::npos ? "" : assignment.substr(equals + 1);
    std::uint64_t value = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size() || value == 0) {
      throw UserError(fmt::format("--limit {}: '{}' is not a positive whole number", name, digits));
    }
    limits.*info.value = value;
    return;
  }
  throw UserError(fmt::format("--limit {}: there is no such limit; `tattle limits` lists them", name));
}

}  // namespace tattle
