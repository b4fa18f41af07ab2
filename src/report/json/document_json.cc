#include "report/json/document_json.h"

#include <string_view>

#include "report/json/cause_json.h"
#include "report/json/sums_json.h"
#include "report/say/clock.h"
#include "report/utf8.h"

namespace tattle {
namespace {

using Json = nlohmann::ordered_json;

/// Adds a text that must be there.
void put_always(Json& object, const char* name, std::string_view text) {
  bool lossy = false;
  object[name] = to_utf8(text, lossy);
  if (lossy) object[std::string(name) + "-base64"] = to_base64(as_bytes(text));
}

/// Adds a text if it is known.
void put(Json& object, const char* name, std::string_view text) {
  if (!text.empty()) put_always(object, name, text);
}

void put_list(Json& object, const char* name, const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) {
    bool lossy = false;
    list.push_back(to_utf8(text, lossy));
  }
  object[name] = std::move(list);
}

Json subject_json(const SubjectReport& subject, bool reveal) {
  Json json;
  put_always(json, "name", subject.name.text(reveal));
  Json device = Json::object();
  put(device, "maker", subject.maker);
  put(device, "model", subject.model);
  put(device, "system", subject.system);
  put(device, "system-vendor", subject.system_vendor);
  std::vector<std::string> addresses;
  for (const Shown& address : subject.addresses) addresses.push_back(address.text(reveal));
  put_list(device, "addresses", addresses);
  json["device"] = std::move(device);
  put_always(json, "ground", subject.ground);
  Json entries = Json::array();
  for (const SubjectReport::Entry& entry : subject.entries) {
    Json one;
    put_always(one, "entry", entry.name.text(reveal));
    put_always(one, "datum", entry.datum);
    put_always(one, "kind", entry.kind);
    put_always(one, "value", entry.value.text(reveal));
    entries.push_back(std::move(one));
  }
  json["entries"] = std::move(entries);
  if (!subject.warnings.empty()) put_list(json, "warnings", subject.warnings);
  return json;
}

/// Where and with what it was recorded; what the file does not say is absent.
Json origin_json(const CaptureOrigin& origin) {
  Json json = Json::object();
  put(json, "hardware", origin.hardware);
  put(json, "system", origin.system);
  put(json, "application", origin.application);
  Json interfaces = Json::array();
  for (const CaptureOrigin::Interface& each : origin.interfaces) {
    Json one = Json::object();
    put(one, "name", each.name);
    put(one, "description", each.description);
    put(one, "hardware", each.hardware);
    put(one, "system", each.system);
    put(one, "filter", each.filter);
    if (each.received) one["received"] = *each.received;
    if (each.dropped) one["dropped"] = *each.dropped;
    if (each.dropped_by_system) one["dropped-by-system"] = *each.dropped_by_system;
    interfaces.push_back(std::move(one));
  }
  if (!interfaces.empty()) json["interfaces"] = std::move(interfaces);
  return json;
}

Json capture_json(const CaptureReport& capture) {
  Json json;
  put_always(json, "name", capture.name);
  json["sha256"] = capture.sha256;
  json["size"] = capture.bytes;
  json["packets"] = capture.packets;
  if (capture.entries) json["entries"] = capture.packets;
  put(json, "format", capture.format);
  if (capture.first.ns != 0 || capture.last.ns != 0) {
    json["first"] = to_rfc3339(capture.first);
    json["last"] = to_rfc3339(capture.last);
  }
  json["cut"] = capture.cut;
  if (!capture.origin.empty()) json["origin"] = origin_json(capture.origin);
  return json;
}

Json coverage_json(const CoverageReport& coverage) {
  Json json;
  json["packets"] = coverage.packets;
  if (coverage.entries > 0) json["entries"] = coverage.entries;
  json["bytes"] = coverage.bytes;
  json["flows"] = coverage.flows;
  json["messages"] = coverage.messages;
  json["searched-bytes"] = coverage.searched_bytes;
  json["opaque-share"] = coverage.opaque_share();
  Json fates = Json::array();
  for (const CoverageLine& line : coverage.lines) {
    Json one;
    one["fate"] = to_string(line.fate);
    if (!line.reason.empty()) one["reason"] = line.reason;
    one["bytes"] = line.bytes;
    one["flows"] = line.flows;
    if (line.packets > 0) one["packets"] = line.packets;
    fates.push_back(std::move(one));
  }
  json["fates"] = std::move(fates);
  json["missing"] = {{"bytes", coverage.missing_bytes}, {"flows", coverage.missing_flows}};
  json["partly-decoded-messages"] = coverage.partly_decoded_messages;
  json["dropped-occurrences"] = coverage.dropped_occurrences;
  return json;
}

Json entity_json(const LawFacts::Entity& entity) {
  Json json = Json::object();
  put(json, "name", entity.name);
  put(json, "seat", entity.seat);
  put(json, "head-office", entity.head_office);
  put(json, "source", entity.source);
  put(json, "date", entity.date);
  return json;
}

/// Facts beside each other; what follows from them is for a lawyer.
Json law_json(const LawFacts& law) {
  Json json = Json::object();
  put(json, "registered", law.registered);
  put(json, "registered-source", law.registered_source);
  put(json, "registered-date", law.registered_date);
  put(json, "day", law.day);
  put(json, "last-day", law.last_day);
  if (law.changed) json["changed"] = true;
  if (law.entity) json["entity"] = entity_json(*law.entity);
  if (law.parent) json["parent"] = entity_json(*law.parent);
  if (law.eea) json["eea"] = *law.eea;
  put(json, "eea-source", law.eea_source);
  put(json, "eea-date", law.eea_date);
  put(json, "arrangement", law.arrangement);
  Json adequacy = Json::array();
  for (const LawFacts::Adequacy& each : law.adequacy) {
    Json one;
    put_always(one, "decision", each.decision);
    put(one, "name", each.name);
    put_always(one, "country", each.country);
    put(one, "from", each.from);
    put(one, "until", each.until);
    put_always(one, "covers", each.covers);
    put(one, "scope", each.scope);
    one["listed"] = each.listed ? Json(*each.listed) : Json(nullptr);
    put(one, "listed-entity", each.listed_entity);
    put(one, "listed-from", each.listed_from);
    put(one, "listed-until", each.listed_until);
    put(one, "listed-source", each.listed_source);
    put(one, "listed-date", each.listed_date);
    put(one, "source", each.source);
    put(one, "date", each.date);
    adequacy.push_back(std::move(one));
  }
  json["adequacy"] = std::move(adequacy);
  return json;
}

Json recipient_json(const RecipientReport& recipient, bool reveal) {
  Json json = Json::object();
  put(json, "host", recipient.host.text(reveal));
  put_list(json, "addresses", recipient.addresses);
  put(json, "organisation", recipient.organisation);
  put(json, "organisation-source", recipient.organisation_source);
  put(json, "organisation-date", recipient.organisation_date);
  put(json, "operator", recipient.operated_by);
  put(json, "network", recipient.network);
  put(json, "country", recipient.country);
  put(json, "country-source", recipient.country_source);
  put(json, "country-date", recipient.country_date);
  if (recipient.as_number != 0) json["as-number"] = recipient.as_number;
  if (!recipient.networks.empty()) put_list(json, "networks", recipient.networks);
  if (!recipient.countries.empty()) put_list(json, "countries", recipient.countries);
  if (recipient.local) json["local"] = true;
  put(json, "host-ground", to_string(recipient.host_ground));
  put(json, "hosted-by", recipient.hosted_by);
  put(json, "note", recipient.note);
  if (recipient.owner) {
    Json owner;
    put_always(owner, "name", recipient.owner->name);
    put(owner, "source", recipient.owner->source);
    put(owner, "date", recipient.owner->date);
    json["owner"] = std::move(owner);
  }
  json["relation"] = to_string(recipient.relation);
  put(json, "relation-ground", recipient.relation_ground.text(reveal));
  if (!recipient.law.empty()) json["law"] = law_json(recipient.law);
  if (recipient.distance) {
    Json distance;
    if (recipient.distance->withheld.empty()) {
      distance["rtt-ms"] = recipient.distance->rtt_us / 1000.0;
      distance["within-km"] = recipient.distance->within_km;
      distance["within-km-in-fibre"] = recipient.distance->fibre_km;
      if (!recipient.distance->not_in.empty()) distance["not-in"] = recipient.distance->not_in;
      distance["ground"] = recipient.distance->ground;
    } else {
      distance["withheld"] = recipient.distance->withheld;
    }
    json["distance"] = std::move(distance);
  }
  if (recipient.anycast) json["anycast"] = true;
  put(json, "anycast-ground", recipient.anycast_ground);
  return json;
}

std::string capture_name(const AuditDocument& document, std::uint32_t capture) {
  return capture < document.captures.size() ? document.captures[capture].name : std::string();
}

Json evidence_json(const AuditDocument& document, const Evidence& evidence) {
  Json json;
  put_always(json, "capture", capture_name(document, evidence.capture));
  Json packets = Json::array();
  for (const PacketRun& run : evidence.packets) packets.push_back({run.first, run.last});
  if (document.unit_of(evidence.capture) == std::string_view("entry")) json["entries"] = packets;
  json["packets"] = std::move(packets);
  json["flow"] = evidence.flow;
  json["message"] = evidence.message;
  json["time"] = to_rfc3339(evidence.time);
  return json;
}

Json path_json(const std::vector<PathReport>& path, bool reveal) {
  Json json = Json::array();
  for (const PathReport& step : path) {
    Json one;
    put_always(one, "step", step.step);
    put_always(one, "detail", step.detail.text(reveal));
    json.push_back(std::move(one));
  }
  return json;
}

std::string subject_name(const AuditDocument& document, std::uint32_t subject, bool reveal) {
  return subject < document.subjects.size() ? document.subjects[subject].name.text(reveal) : std::string();
}

/// What the times of a disclosure say, as far as they are known.
void put_times(Json& json, const DisclosureReport& disclosure) {
  if (disclosure.timed < disclosure.count) json["of-first"] = disclosure.timed;
  if (const auto& period = disclosure.period) {
    json["period"] = {
        {"seconds", period->seconds}, {"jitter-s", period->jitter_s}, {"occurrences", period->occurrences}};
    if (period->burst_s > 0) json["period"]["burst-s"] = period->burst_s;
  }
  if (const auto& timing = disclosure.timing) {
    Json& out = json["timing"] = {{"idle", timing->idle}, {"beside", Json::array()}, {"window-s", timing->window_s}};
    for (const TimingReport::Beside& each : timing->beside) {
      out["beside"].push_back({{"action", each.action}, {"count", each.count}, {"median-s", each.median_s}});
      out["beside"].back()["max-s"] = each.max_s;
    }
    if (timing->others > 0) out["others"] = timing->others;
    if (timing->not_covered > 0) out["not-covered"] = timing->not_covered;
  }
  if (const auto& permission = disclosure.permission) {
    Json& out = json["permission"] = {{"state", to_string(permission->state)}, {"count", permission->count}};
    if (permission->state != PermissionState::unknown) {
      out["action"] = permission->action;
      out["gap-s"] = permission->gap_s;
    }
  }
  if (const auto& told = disclosure.told) {
    json["told"] = to_string(told->told);
    const bool screen = told->told == Told::at_a_screen;
    if (told->late > 0) json[screen ? "told-late" : "mentioned-late"] = told->late;
    if (told->action) json["told-by"] = *told->action;
  }
}

Json disclosure_json(const AuditDocument& document, const DisclosureReport& disclosure, bool reveal) {
  Json json;
  json["id"] = disclosure.id;
  json["key"] = disclosure.key;
  put_always(json, "subject", subject_name(document, disclosure.subject, reveal));
  put(json, "entry", disclosure.entry.text(reveal));
  put_always(json, "datum", disclosure.datum);
  put_always(json, "kind", disclosure.kind);
  put_always(json, "value", disclosure.value.text(reveal));
  if (!disclosure.parts.empty()) put_list(json, "parts", disclosure.parts);
  json["certainty"] = to_string(disclosure.certainty);
  json["chance"] = disclosure.chance;
  put(json, "corroboration", disclosure.corroboration.text(reveal));
  put_always(json, "form", disclosure.form);
  if (!disclosure.terms.empty()) put_list(json, "dpv", disclosure.terms);
  put(json, "dpv-note", disclosure.term_note);
  json["direction"] = to_string(disclosure.direction);
  json["transport"] = to_string(disclosure.transport);
  json["path"] = path_json(disclosure.path, reveal);
  json["count"] = disclosure.count;
  json["first"] = to_rfc3339(disclosure.first);
  json["last"] = to_rfc3339(disclosure.last);
  json["recipient"] = recipient_json(disclosure.recipient, reveal);
  json["recipient"]["role"] = to_string(disclosure.role);
  Json sender;
  sender["kind"] = disclosure.sender.kind;
  put(sender, "name", disclosure.sender.name.text(reveal));
  put_always(sender, "ground", disclosure.sender.ground.text(reveal));
  if (disclosure.sender.inferred) sender["inferred"] = true;
  Json fingerprints = Json::object();
  put(fingerprints, "ja4", disclosure.sender.ja4);
  put(fingerprints, "http2", disclosure.sender.http2);
  if (!fingerprints.empty()) sender["fingerprints"] = std::move(fingerprints);
  json["sender"] = std::move(sender);
  put_times(json, disclosure);
  put_cause(json, disclosure, reveal);
  Json evidence = Json::array();
  for (const Evidence& one : disclosure.evidence) evidence.push_back(evidence_json(document, one));
  json["evidence"] = std::move(evidence);
  return json;
}

/// One line of the tester's log; what is not given is absent.
Json action_json(const ActionReport& action, bool reveal) {
  Json json;
  json["time"] = to_rfc3339(action.time);
  json["uncertainty-s"] = action.uncertainty_s;
  if (action.rest) json["rest"] = true;
  put(json, "action", action.action.text(reveal));
  put(json, "app", action.app.text(reveal));
  put(json, "recipient", action.recipient.text(reveal));
  put(json, "setting", action.setting.text(reveal));
  put(json, "default", action.usual);
  const auto data = [&](const char* name, const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    put(json, name, text);
  };
  data("asked", action.asked);
  data("granted", action.granted);
  data("refused", action.refused);
  data("told", action.told);
  data("told-elsewhere", action.told_elsewhere);
  put(json, "trigger", action.trigger.text(reveal));
  if (!action.screen_sha256.empty() || !action.screen_text.empty()) {
    put(json["screen"], "sha256", action.screen_sha256);
    put(json["screen"], "text", action.screen_text.text(reveal));
  }
  return json;
}

Json contact_json(const ContactReport& contact, bool reveal) {
  Json json = recipient_json(contact.recipient, reveal);
  Json roles = Json::array();
  for (Role role : contact.roles) roles.push_back(to_string(role));
  json["roles"] = std::move(roles);
  json["flows"] = contact.flows;
  json["messages"] = contact.messages;
  json["sent-bytes"] = contact.sent_bytes;
  json["received-bytes"] = contact.received_bytes;
  json["opaque-bytes"] = contact.opaque_bytes;
  json["opaque-flows"] = contact.opaque_flows;
  json["first"] = to_rfc3339(contact.first);
  json["last"] = to_rfc3339(contact.last);
  put_list(json, "disclosures", contact.disclosures);
  return json;
}

// Where it lay is the computer's business.
Json used_json(const UsedFacts& facts) {
  Json json;
  put_always(json, "name", facts.name);
  json["sha256"] = facts.sha256;
  json["size"] = facts.size;
  put(json, "version", facts.version);
  put(json, "date", facts.date);
  return json;
}

Json places_json(const PlacesReport& places) {
  Json json;
  json["known"] = places.known;
  json["countries"] = places.countries;
  json["networks"] = places.networks;
  put(json, "how", places.how);
  put_list(json, "attribution", places.attribution);
  return json;
}

}  // namespace

nlohmann::ordered_json to_json(const AuditDocument& document, bool reveal) {
  Json json;
  put_always(json, "tattle", document.version);
  json["schema"] = AuditDocument::kSchema;
  json["masked"] = !reveal;
  const auto list = [&](const char* name, const auto& items, auto make) {
    Json array = Json::array();
    for (const auto& item : items) array.push_back(make(item));
    json[name] = std::move(array);
  };
  list("subjects", document.subjects, [&](const auto& item) { return subject_json(item, reveal); });
  list("captures", document.captures, [](const auto& item) { return capture_json(item); });
  json["coverage"] = coverage_json(document.coverage);
  json["places"] = places_json(document.places);
  list("disclosures", document.disclosures, [&](const auto& item) { return disclosure_json(document, item, reveal); });
  put_sums(json, document);
  list("recipients", document.recipients, [&](const auto& item) { return contact_json(item, reveal); });
  if (!document.actions.empty()) {
    list("actions", document.actions, [&](const auto& item) { return action_json(item, reveal); });
  }
  if (const std::string offset = Clock(document, Messages::english()).offset(); !offset.empty()) {
    json["clock"] = {{"offset", offset}, {"ground", "the tester's log"}};
  }
  if (const auto& cover = document.log_cover) {
    json["actions-cover"]["from"] = to_rfc3339(cover->from);
    if (cover->until) json["actions-cover"]["until"] = to_rfc3339(*cover->until);
  }
  put_links(json, document, reveal);
  list("anomalies", document.anomalies, [&](const AnomalyReport& item) {
    Json first;
    put_always(first, "capture", capture_name(document, item.first.capture));
    first["packet"] = item.first.number;
    if (document.unit_of(item.first.capture) == std::string_view("entry")) first["entry"] = item.first.number;
    return Json{{"name", item.name}, {"count", item.count}, {"first", std::move(first)}};
  });
  put_list(json, "warnings", document.warnings);
  if (!document.vocabulary.empty()) {
    put(json["vocabulary"], "name", document.vocabulary);
    put(json["vocabulary"], "version", document.vocabulary_version);
  }
  list("facts", document.facts, [](const auto& item) { return used_json(item); });
  return json;
}

}  // namespace tattle
