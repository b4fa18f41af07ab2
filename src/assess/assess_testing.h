#pragma once

// A small run of invented messages, for the tests of this stage and of the report.
#include <string>
#include <vector>

#include "assess/auditor.h"

namespace tattle::assess_testing {

inline const Endpoint kPhone{*Address::parse("192.0.2.17"), 50000};
inline const Endpoint kServer{*Address::parse("203.0.113.5"), 443};
inline const Endpoint kProxy{*Address::parse("198.51.100.9"), 8080};
inline constexpr const char* kImei = "356938035643809";
inline constexpr const char* kSms = "N\xc3\xa4hd\xc3\xa4\xc3\xa4n kello kuusi Kampissa";
inline constexpr const char* kAgent = "Mozilla/5.0 (compatible; MSIE 10.0; Windows Phone 8.0)";
inline constexpr const char* kUrl = "https://www.site.example/terveys/";

inline Subject subject() {
  Subject subject;
  subject.name = "Aino's Lumia";
  subject.maker = "Nokia";
  subject.model = "Lumia 920";
  subject.addresses.prefixes.push_back(*Prefix::parse("192.0.2.17"));
  const auto add = [&](const char* datum, const char* kind, const char* role, const char* text) {
    Entry entry;
    entry.datum = datum;
    entry.kind = kind;
    entry.name = std::string(datum) + "#1";
    entry.display = text;
    entry.masked = "\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2";
    entry.parts.push_back({role, text, 0, {}});
    subject.entries.push_back(entry);
  };
  add("imei", "identifier", "value", kImei);
  add("sms", "communication", "value", kSms);
  add("user-agent", "device", "value", kAgent);
  add("browsing", "browsing", "url", kUrl);
  return subject;
}

inline Hit hit(const Subject& subject, std::int32_t entry, std::string form = "plain", double log2 = -120) {
  Hit hit;
  hit.subject = 0;
  hit.entry = entry;
  hit.datum = subject.entries[static_cast<std::size_t>(entry)].datum;
  hit.part = subject.entries[static_cast<std::size_t>(entry)].parts[0].role;
  hit.value = subject.entries[static_cast<std::size_t>(entry)].parts[0].text;
  hit.form = std::move(form);
  hit.log2_probability = log2;
  hit.path = {{"tls", "1.3"}, {"http/2", "stream 5"}, {"json", "$.events[*].id"}};
  hit.packets = {{0, 10, 12}};
  return hit;
}

/// A request from the phone, at this second, with number `number` on flow `flow`.
inline MessageRecord request(std::uint64_t number, FlowId flow = 1) {
  MessageRecord message;
  message.order = message.number = number;
  message.flow.id = flow;
  message.flow.client = message.client = kPhone;
  message.flow.server = message.server = kServer;
  message.flow.device = DeviceSide::client;
  message.flow.start = message.first = message.last = Time{static_cast<std::int64_t>(number) * 1000000000};
  message.protocol = "http/2";
  message.kind = MessageKind::request;
  message.protection = Protection::tls;
  message.method = "POST";
  message.host = "data.vendor.example";
  message.target = "/collect?x=1";
  message.body_bytes = 100;
  message.wire_bytes = 150;
  message.searched_bytes = 200;
  message.packets = {{0, 10, 12}};
  return message;
}

inline FlowRecord flow_end(const MessageRecord& last, std::uint64_t parsed, std::uint64_t raw, std::uint64_t opaque) {
  FlowRecord record;
  record.order = last.order;
  record.summary.flow = last.flow;
  record.summary.last = last.last;
  record.summary.packets = 9;
  record.summary.payload_bytes[0] = parsed + raw;
  record.summary.payload_bytes[1] = opaque + 40;
  record.summary.parsed_bytes = parsed;
  record.summary.raw_bytes = raw;
  record.summary.opaque_bytes = opaque;
  if (opaque > 0) record.summary.opaque_reason = "no-key";
  record.summary.protocol = "tls/http/2";
  return record;
}

inline AuditEnd ending() {
  AuditEnd end;
  end.version = "0.1.0";
  CaptureReport capture;
  capture.name = "evening.pcapng";
  capture.sha256 = std::string(64, 'a');
  capture.bytes = 12000;
  capture.packets = 100;
  capture.captured_bytes = 10000;
  end.captures.push_back(capture);
  end.grounds = {"address given by the subject file or --device"};
  return end;
}

/// Puts planted values wherever traffic can put them.
inline AuditDocument tell_everything(AuditObserver* observer = nullptr) {
  AuditSetup setup;
  setup.subjects = {subject()};
  setup.observer = observer;
  const Subject s = subject();
  Auditor auditor(std::move(setup));
  auditor.add_unread(Unread::not_ip, {0, 1}, 60);
  std::uint64_t number = 0;
  for (int i = 0; i < 12; ++i) {
    MessageRecord message = request(++number);
    message.hits = {hit(s, 0)};
    message.hits[0].path[1].detail = "stream " + std::to_string(2 * i + 1);
    auditor.on_message(message);
  }
  MessageRecord spread = request(++number);
  spread.host = std::string(kImei) + ".id.vendor.example";
  spread.target = std::string("/u/") + kImei + "?sms=" + kSms;
  spread.user_agent = kAgent;
  spread.hits = {hit(s, 0, "md5"), hit(s, 1), hit(s, 2), hit(s, 3)};
  spread.hits[0].value = "8d5e957f297893487bd98fa830fa6413";
  spread.hits[0].path = {{"json", "$.by['8d5e957f297893487bd98fa830fa6413'].seen"}};
  spread.hits[1].path = {{"json", std::string("$['") + kSms + "'][3]"}, {"header", kAgent}};
  spread.hits[1].in_head = true;
  spread.hits[2].context = std::string("beside ") + kImei;
  spread.hits[2].corroborated = true;
  auditor.on_message(spread);
  MessageRecord quiet = request(++number);
  quiet.target = std::string("/quiet/") + kImei + "/x?y";
  auditor.on_message(quiet);
  MessageRecord answer = request(++number);
  answer.kind = MessageKind::response;
  answer.direction = Direction::to_client;
  answer.request_number = std::make_shared<std::uint64_t>(number - 1);
  answer.status = 200;
  answer.hits = {hit(s, 1)};
  auditor.on_message(answer);
  auditor.on_flow(flow_end(answer, 3000, 500, 700));

  MessageRecord bystander = request(++number, 2);
  bystander.flow.device = DeviceSide::none;
  bystander.host = "bystander.example";
  bystander.hits = {hit(s, 0)};
  auditor.on_message(bystander);
  FlowRecord other = flow_end(bystander, 800, 0, 0);
  other.summary.tls.sni = "bystander.example";
  other.summary.has_tls = true;
  auditor.on_flow(other);
  Anomalies anomalies;
  anomalies.note("http1.both-lengths", {0, 44}, 2);
  AuditEnd end = ending();
  end.anomalies = &anomalies;
  return auditor.finish(std::move(end));
}

}  // namespace tattle::assess_testing
