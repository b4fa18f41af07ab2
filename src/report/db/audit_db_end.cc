#include "report/db/audit_db_end.h"

#include <string>
#include <vector>

#include "report/db/audit_db_tables.h"
#include "report/db/sql_insert.h"
#include "report/json/document_json.h"

namespace tattle {
namespace {

using Type = SqlInsert::Type;

const std::vector<SqlInsert::Column> kDisclosureColumns{
    {"disclosure", Type::integer}, {"id", Type::text},           {"key", Type::text},
    {"subject", Type::integer},    {"entry", Type::text},        {"datum", Type::text},
    {"kind", Type::text},          {"value", Type::text},        {"certainty", Type::text},
    {"chance", Type::real},        {"form", Type::text},         {"direction", Type::text},
    {"transport", Type::text},     {"path", Type::text},         {"count", Type::integer},
    {"first", Type::text},         {"last", Type::text},         {"host", Type::text},
    {"addresses", Type::text},     {"organisation", Type::text}, {"network", Type::text},
    {"country", Type::text},       {"role", Type::text},         {"sender_kind", Type::text},
    {"sender_name", Type::text},   {"sender_ground", Type::text}};

void write_captures(soci::session& session, const AuditDocument& document) {
  SqlInsert row(session, "captures",
                {{"capture", Type::integer},
                 {"name", Type::text},
                 {"sha256", Type::text},
                 {"size", Type::integer},
                 {"packets", Type::integer},
                 {"captured_bytes", Type::integer},
                 {"format", Type::text},
                 {"cut", Type::integer},
                 {"first", Type::text},
                 {"last", Type::text}});
  for (std::size_t i = 0; i < document.captures.size(); ++i) {
    const CaptureReport& capture = document.captures[i];
    row << i << capture.name << capture.sha256 << capture.bytes << capture.packets << capture.captured_bytes;
    row.known(capture.format) << capture.cut << to_rfc3339(capture.first) << to_rfc3339(capture.last);
    row.run();
  }
}

void write_disclosures(soci::session& session, const AuditDocument& document, bool reveal) {
  const nlohmann::ordered_json json = to_json(document, reveal);
  SqlInsert row(session, "disclosures", kDisclosureColumns);
  for (std::size_t i = 0; i < document.disclosures.size(); ++i) {
    const DisclosureReport& d = document.disclosures[i];
    const auto& shown = json["disclosures"][i];
    row << d.numbers.front() << d.id << d.key << d.subject;
    row.known(d.entry.text(reveal)) << d.datum << d.kind;
    row.known(d.value.text(reveal)) << to_string(d.certainty) << d.chance << d.form << to_string(d.direction)
                                    << to_string(d.transport) << shown["path"].dump() << d.count << to_rfc3339(d.first)
                                    << to_rfc3339(d.last);
    row.known(d.recipient.host.text(reveal)) << shown["recipient"]["addresses"].dump();
    row.known(d.recipient.organisation).known(d.recipient.network).known(d.recipient.country)
        << to_string(d.role) << d.sender.kind;
    row.known(d.sender.name.text(reveal)).known(d.sender.ground.text(reveal));
    row.run();
  }
}

/// Occurrences were written under their aggregate's number; a disclosure's first aggregate stands for the others.
void join_aggregates(soci::session& session, const AuditDocument& document) {
  session << "create temp table joined (aggregate integer primary key, disclosure integer not null)";
  bool any = false;
  {
    SqlInsert row(session, "joined", {{"aggregate", Type::integer}, {"disclosure", Type::integer}});
    for (const DisclosureReport& d : document.disclosures) {
      for (std::size_t i = 1; i < d.numbers.size(); ++i) {
        row << d.numbers[i] << d.numbers.front();
        row.run();
        any = true;
      }
    }
  }
  if (any) {
    session << "update occurrences set disclosure = (select j.disclosure from joined j where j.aggregate = "
               "occurrences.disclosure) where disclosure in (select aggregate from joined)";
  }
  session << "drop table joined";
}

void write_rest(soci::session& session, const AuditDocument& document, bool reveal) {
  SqlInsert meta(session, "meta", {{"name", Type::text}, {"value", Type::text}});
  const auto put = [&](const char* name, const std::string& value) {
    meta << name << value;
    meta.run();
  };
  put("schema", std::to_string(kAuditDbSchema));
  put("tattle", document.version);
  put("masked", reveal ? "0" : "1");
  SqlInsert subject(session, "subjects", {{"subject", Type::integer}, {"name", Type::text}, {"ground", Type::text}});
  for (std::size_t i = 0; i < document.subjects.size(); ++i) {
    subject << i << document.subjects[i].name.text(reveal);
    subject.known(document.subjects[i].ground);
    subject.run();
  }
  SqlInsert anomaly(
      session, "anomalies",
      {{"name", Type::text}, {"count", Type::integer}, {"capture", Type::integer}, {"packet", Type::integer}});
  for (const AnomalyReport& each : document.anomalies) {
    anomaly << each.name << each.count << each.first.capture << each.first.number;
    anomaly.run();
  }
}

}  // namespace

void write_audit_db_end(soci::session& session, const AuditDocument& document, bool reveal) {
  write_captures(session, document);
  write_disclosures(session, document, reveal);
  write_audit_db_times(session, document, reveal);
  write_rest(session, document, reveal);
  join_aggregates(session, document);
}

}  // namespace tattle
