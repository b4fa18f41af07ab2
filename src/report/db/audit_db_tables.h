#pragma once

#include <array>
#include <string_view>

namespace tattle {

/// The tables of audit.db; docs/audit-db.md says what they mean. A change here is a new kAuditDbSchema.
inline constexpr int kAuditDbSchema = 1;

inline constexpr std::array<std::string_view, 13> kAuditDbTables{
    "create table meta (name text primary key, value text) without rowid",
    "create table captures (capture integer primary key, name text not null, sha256 text not null, "
    "size integer not null, packets integer not null, captured_bytes integer not null, format text, "
    "cut integer not null, first text, last text)",
    "create table subjects (subject integer primary key, name text not null, ground text)",
    "create table flows (flow integer primary key, subject integer, transport text not null, "
    "client text, client_port integer, server text, server_port integer, host text, device text not null, "
    "start text not null, last text not null, packets integer not null, bytes_to_server integer not null, "
    "bytes_to_client integer not null, read_bytes integer not null, raw_bytes integer not null, "
    "opaque_bytes integer not null, missing_bytes integer not null, protocol text, opaque_reason text, sni text, "
    "alpn text, tls_version text, cipher_suite integer, resumed integer, app text, app_uid integer, ja4 text, "
    "http2_fingerprint text, handshake_rtt_us integer)",
    "create table secrets (flow integer not null, label text not null)",
    "create table server_messages (flow integer not null, time text not null, silence_s integer not null, "
    "bytes integer not null, capture integer not null, packet integer not null, farewell integer not null)",
    "create table messages (message integer primary key, flow integer not null, request integer, time text not null, "
    "last text not null, direction text not null, protocol text not null, kind text not null, transport text not null, "
    "method text, host text, target text, status integer, body_bytes integer not null, wire_bytes integer not null, "
    "searched_bytes integer not null, damaged integer not null, partly_decoded integer not null)",
    "create table occurrences (occurrence integer primary key, disclosure integer, message integer not null, "
    "flow integer not null, time text not null, direction text not null, role text not null, host text, "
    "datum text not null, form text not null, spelling text, value text)",
    "create table occurrence_packets (occurrence integer not null, capture integer not null, "
    "first integer not null, last integer not null)",
    "create table disclosures (disclosure integer primary key, id text not null, key text not null, "
    "subject integer not null, entry text, datum text not null, kind text not null, value text, "
    "certainty text not null, chance real not null, form text not null, direction text not null, "
    "transport text not null, path text not null, count integer not null, first text not null, last text not null, "
    "host text, addresses text not null, organisation text, network text, country text, role text not null, "
    "sender_kind text not null, sender_name text, sender_ground text)",
    "create table actions (action integer primary key, time text not null, uncertainty_s real not null, what text, "
    "app text, setting text, by_default text, asked text, granted text, refused text, told text, told_elsewhere text, "
    "pressed_elsewhere text, screen_sha256 text, screen_text text, recipient text)",
    "create table times (disclosure integer primary key, timed integer not null, period_s real, jitter_s real, "
    "events integer, idle integer, beside text, permission text, permission_count integer, permission_action integer, "
    "gap_s real, told text, told_late integer, not_covered integer)",
    "create table anomalies (name text primary key, count integer not null, capture integer not null, "
    "packet integer not null) without rowid",
};

/// Made when the rows are there: faster than keeping them up to date.
inline constexpr std::array<std::string_view, 4> kAuditDbIndices{
    "create index messages_flow on messages (flow)",
    "create index occurrences_disclosure on occurrences (disclosure)",
    "create index occurrences_message on occurrences (message)",
    "create index occurrence_packets_occurrence on occurrence_packets (occurrence)",
};

}  // namespace tattle
