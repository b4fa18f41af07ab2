#include "report/db/audit_db.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <unordered_map>

#include "assess/masker.h"
#include "attribute/recipient.h"
#include "base/result.h"
#include "decode/token/text.h"
#include "report/db/audit_db_end.h"
#include "report/db/audit_db_tables.h"
#include "report/db/sql_insert.h"

namespace tattle {
namespace {

using Column = SqlInsert::Column;
using Type = SqlInsert::Type;
constexpr SqlInsert::Null kNull{};
constexpr std::uint64_t kRowsOfBatch = 20000;

const std::vector<Column> kFlowColumns{{"flow", Type::integer},
                                       {"subject", Type::integer},
                                       {"transport", Type::text},
                                       {"client", Type::text},
                                       {"client_port", Type::integer},
                                       {"server", Type::text},
                                       {"server_port", Type::integer},
                                       {"host", Type::text},
                                       {"device", Type::text},
                                       {"start", Type::text},
                                       {"last", Type::text},
                                       {"packets", Type::integer},
                                       {"bytes_to_server", Type::integer},
                                       {"bytes_to_client", Type::integer},
                                       {"read_bytes", Type::integer},
                                       {"raw_bytes", Type::integer},
                                       {"opaque_bytes", Type::integer},
                                       {"missing_bytes", Type::integer},
                                       {"protocol", Type::text},
                                       {"opaque_reason", Type::text},
                                       {"sni", Type::text},
                                       {"alpn", Type::text},
                                       {"tls_version", Type::text},
                                       {"cipher_suite", Type::integer},
                                       {"resumed", Type::integer},
                                       {"app", Type::text},
                                       {"app_uid", Type::integer},
                                       {"ja4", Type::text},
                                       {"http2_fingerprint", Type::text},
                                       {"handshake_rtt_us", Type::integer}};

const std::vector<Column> kMessageColumns{{"message", Type::integer},    {"flow", Type::integer},
                                          {"request", Type::integer},    {"time", Type::text},
                                          {"last", Type::text},          {"direction", Type::text},
                                          {"protocol", Type::text},      {"kind", Type::text},
                                          {"transport", Type::text},     {"method", Type::text},
                                          {"host", Type::text},          {"target", Type::text},
                                          {"status", Type::integer},     {"body_bytes", Type::integer},
                                          {"wire_bytes", Type::integer}, {"searched_bytes", Type::integer},
                                          {"damaged", Type::integer},    {"partly_decoded", Type::integer}};

const std::vector<Column> kSpokeColumns{
    {"flow", Type::integer},    {"time", Type::text},      {"silence_s", Type::integer}, {"bytes", Type::integer},
    {"capture", Type::integer}, {"packet", Type::integer}, {"farewell", Type::integer}};

// A body that came in pieces is one message.
constexpr const char* kNextPiece =
    "on conflict (message) do update set last = excluded.last, body_bytes = body_bytes + excluded.body_bytes, "
    "wire_bytes = wire_bytes + excluded.wire_bytes, searched_bytes = searched_bytes + excluded.searched_bytes, "
    "damaged = max(damaged, excluded.damaged), partly_decoded = max(partly_decoded, excluded.partly_decoded)";

const std::vector<Column> kOccurrenceColumns{
    {"occurrence", Type::integer}, {"disclosure", Type::integer}, {"message", Type::integer}, {"flow", Type::integer},
    {"time", Type::text},          {"direction", Type::text},     {"role", Type::text},       {"host", Type::text},
    {"datum", Type::text},         {"form", Type::text},          {"spelling", Type::text},   {"value", Type::text}};

const std::vector<Column> kPacketColumns{
    {"occurrence", Type::integer}, {"capture", Type::integer}, {"first", Type::integer}, {"last", Type::integer}};

std::string_view word(DeviceSide side) {
  return side == DeviceSide::client ? "client" : side == DeviceSide::server ? "server" : "other-device";
}

/// The part of a request target that says which service was asked, not what it was told.
std::string_view without_query(std::string_view target) { return target.substr(0, target.find_first_of("?#")); }

}  // namespace

struct AuditDatabase::State {
  State(const std::string& folder, const std::vector<Subject>& subjects, bool reveal_given)
      : whole(std::filesystem::path(folder) / "audit.db"),
        part(std::filesystem::path(folder) / ".audit.db.part"),
        reveal(reveal_given),
        masker(subjects, Masker::Scope::everything),
        host_masker(subjects, Masker::Scope::hosts) {
    ::unlink(part.c_str());
    // SQLite would make it for everyone to read; an existing file it takes as it is.
    const int file = ::open(part.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) throw UserError(fmt::format("{}: cannot be written: {}", whole.string(), std::strerror(errno)));
    ::close(file);
    guarded([&] {
      session.open(soci::sqlite3, "dbname=" + part.string() + " shared_cache=false");
      // Nobody reads a part that was not finished, so nothing need be undone or made durable before the end.
      session << "pragma journal_mode = off";
      session << "pragma synchronous = off";
      session << "pragma temp_store = memory";
      for (std::string_view table : kAuditDbTables) session << std::string(table);
      session.begin();
      flows = std::make_unique<SqlInsert>(session, "flows", kFlowColumns);
      secrets = std::make_unique<SqlInsert>(session, "secrets",
                                            std::vector<Column>{{"flow", Type::integer}, {"label", Type::text}});
      spoke = std::make_unique<SqlInsert>(session, "server_messages", kSpokeColumns);
      messages = std::make_unique<SqlInsert>(session, "messages", kMessageColumns, kNextPiece);
      occurrences = std::make_unique<SqlInsert>(session, "occurrences", kOccurrenceColumns);
      packets = std::make_unique<SqlInsert>(session, "occurrence_packets", kPacketColumns);
    });
  }

  ~State() {
    close_statements();
    try {
      session.close();
    } catch (const soci::soci_error&) {
      // Nothing can be done about it here; the part goes away.
    }
    if (!finished) ::unlink(part.c_str());
  }

  void close_statements() {
    for (auto* statement : {&flows, &secrets, &spoke, &messages, &occurrences, &packets}) statement->reset();
  }

  template <class Work>
  void guarded(Work work) {
    try {
      work();
    } catch (const soci::soci_error& error) {
      throw UserError(fmt::format("{}: cannot be written: {}", whole.string(), error.what()));
    }
  }

  void count_row() {
    if (++rows < kRowsOfBatch) return;
    rows = 0;
    session.commit();
    session.begin();
  }

  const std::string& host(const std::string& text) {
    if (reveal || text.empty()) return text;
    auto found = hosts.find(text);
    if (found != hosts.end()) return found->second;
    if (hosts.size() > 10000) hosts.clear();
    return hosts.emplace(text, host_masker.mask(text)).first->second;
  }

  std::filesystem::path whole, part;
  bool reveal;
  bool finished = false;
  Masker masker, host_masker;
  std::unordered_map<std::string, std::string> hosts;
  soci::session session;
  std::unique_ptr<SqlInsert> flows, secrets, spoke, messages, occurrences, packets;
  std::uint64_t rows = 0;
  std::uint64_t occurrence = 0;
};

AuditDatabase::AuditDatabase(const std::string& folder, const std::vector<Subject>& subjects, bool reveal)
    : state_(std::make_unique<State>(folder, subjects, reveal)) {}

AuditDatabase::~AuditDatabase() = default;

void AuditDatabase::on_message(const MessageRecord& message) {
  State& state = *state_;
  state.guarded([&] {
    SqlInsert& row = *state.messages;
    row << message.number << message.flow.id;
    const bool answers =
        message.kind == MessageKind::response && message.request_number && *message.request_number != 0;
    answers ? row << *message.request_number : row << kNull;
    row << to_rfc3339(message.first) << to_rfc3339(message.last) << (sent_by_phone(message) ? "sent" : "received")
        << message.protocol << to_string(message.kind) << to_string(message.protection);
    // A value in the head may stand in the target in any disguise: then the target is left out as a whole.
    bool in_head = false;
    for (const Hit& hit : message.hits) in_head |= hit.in_head;
    // Methods are for the sender to invent.
    row.known(state.reveal ? message.method : state.masker.mask(message.method)).known(state.host(message.host));
    if (state.reveal) {
      row.known(message.target);
    } else if (in_head) {
      row << kNull;
    } else {
      row.known(state.masker.mask(without_query(message.target)));
    }
    message.status ? row << *message.status : row << kNull;
    row << message.body_bytes << message.wire_bytes << message.searched_bytes << message.damaged
        << message.partly_decoded;
    row.run();
    state.count_row();
  });
}

void AuditDatabase::on_occurrence(const Occurrence& occurrence) {
  State& state = *state_;
  state.guarded([&] {
    const MessageRecord& message = *occurrence.message;
    const Hit& hit = *occurrence.hit;
    const auto id = ++state.occurrence;
    SqlInsert& row = *state.occurrences;
    row << id;
    occurrence.number != 0 ? row << occurrence.number : row << kNull;
    row << message.number << message.flow.id << to_rfc3339(message.first) << to_string(occurrence.direction)
        << to_string(occurrence.party->role);
    row.known(state.host(occurrence.party->host));
    row << hit.datum << hit.form;
    row.known(hit.spelling).known(state.reveal ? hit.value : state.masker.mask_whole(hit.value));
    row.run();
    for (const PacketRun& run : hit.packets) {
      *state.packets << id << run.capture << run.first << run.last;
      state.packets->run();
    }
    state.count_row();
  });
}

void AuditDatabase::on_flow(const FlowRecord& record, const std::string& host) {
  State& state = *state_;
  state.guarded([&] {
    const FlowSummary& summary = record.summary;
    const FlowInfo& flow = summary.flow;
    const bool ours = flow.device != DeviceSide::none;
    SqlInsert& row = *state.flows;
    row << flow.id;
    ours ? row << flow.subject : row << kNull;
    row << to_string(flow.transport);
    if (ours) {
      for (const Endpoint& end : {flow.client, flow.server}) {
        const bool unknown = flow.imported && end.address.is_unspecified();
        unknown ? row << kNull : row << to_string(end.address);
        unknown&& end.port == 0 ? row << kNull : row << end.port;
      }
      row.known(state.host(host));
    } else {
      // Whom a bystander talked to is nobody's business.
      row << kNull << kNull << kNull << kNull << kNull;
    }
    row << word(flow.device) << to_rfc3339(flow.start) << to_rfc3339(summary.last) << summary.packets
        << summary.payload_bytes[0] << summary.payload_bytes[1] << summary.parsed_bytes << summary.raw_bytes
        << summary.opaque_bytes << summary.missing_bytes;
    row.known(summary.protocol).known(summary.opaque_reason);
    if (ours && summary.has_tls) {
      row.known(state.host(summary.tls.sni)).known(summary.tls.alpn).known(tls_version_name(summary.tls.version));
      row << summary.tls.cipher_suite << summary.tls.resumed;
    } else {
      row << kNull << kNull << kNull << kNull << kNull;
    }
    const AppInfo* app = ours ? flow.app.get() : nullptr;
    const std::string name = app != nullptr ? to_utf8(as_bytes(app->name)) : "";
    row.known(state.reveal ? name : state.masker.mask(name));
    app != nullptr && app->uid >= 0 ? row << app->uid : row << kNull;
    row.known(ours ? summary.tls.ja4 : "").known(ours ? summary.http2_fingerprint : "");
    ours&& summary.handshake_rtt ? row << *summary.handshake_rtt : row << kNull;
    row.run();
    if (ours) {
      for (const std::string& label : summary.tls.secrets_used) {
        *state.secrets << flow.id << label;
        state.secrets->run();
      }
      for (const ServerSpoke& each : summary.server_spoke) {
        *state.spoke << flow.id << to_rfc3339(each.time) << each.silence << each.bytes << each.packet.capture
                     << each.packet.number << each.farewell;
        state.spoke->run();
      }
    }
    state.count_row();
  });
}

void AuditDatabase::finish(const AuditDocument& document) {
  State& state = *state_;
  state.guarded([&] {
    write_audit_db_end(state.session, document, state.reveal);
    for (std::string_view index : kAuditDbIndices) state.session << std::string(index);
    state.close_statements();
    state.session.commit();
    state.session.close();
  });
  const int file = ::open(state.part.c_str(), O_RDONLY | O_CLOEXEC);
  if (file >= 0) {
    ::fsync(file);
    ::close(file);
  }
  if (::rename(state.part.c_str(), state.whole.c_str()) != 0) {
    throw UserError(fmt::format("{}: cannot be written: {}", state.whole.string(), std::strerror(errno)));
  }
  state.finished = true;
}

}  // namespace tattle
