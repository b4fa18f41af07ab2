#include "audit_har.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "report/utf8.h"

namespace tattle {
namespace {

using Json = nlohmann::ordered_json;

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string utf8(std::string_view text) {
  bool lossy = false;
  return to_utf8(text, lossy);
}

// A body as text, or as base64 where text would lose something.
void put_text(Json& holder, const std::string& body, const char* encoding) {
  bool lossy = false;
  std::string text = to_utf8(body, lossy);
  if (lossy || body.find('\0') != body.npos) {
    holder["text"] = to_base64(as_bytes(body));
    holder[encoding] = "base64";
  } else {
    holder["text"] = std::move(text);
  }
}

std::string field_of(const KeptMessage& message, std::string_view lower_case_name) {
  for (const auto& [name, value] : message.fields) {
    const bool same = std::equal(name.begin(), name.end(), lower_case_name.begin(), lower_case_name.end(),
                                 [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
    if (same) return utf8(value);
  }
  return {};
}

Json headers_of(const KeptMessage& message) {
  Json list = Json::array();
  for (const auto& [name, value] : message.fields) list.push_back({{"name", utf8(name)}, {"value", utf8(value)}});
  return list;
}

std::string version_of(const MessageRecord& record) {
  std::string version(record.protocol);
  std::transform(version.begin(), version.end(), version.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; });
  return version;
}

std::string url_of(const MessageRecord& record) {
  if (!record.kept->url.empty()) return utf8(record.kept->url);
  if (record.target.find("://") != std::string::npos) return utf8(record.target);
  // What could not be known stays out: no host is guessed.
  const std::string host = record.host.empty() ? "" : utf8(record.host);
  return fmt::format("{}://{}{}", record.protection == Protection::clear ? "http" : "https", host, utf8(record.target));
}

// Parameters as they were sent; HAR leaves open whether they are decoded, and nothing is lost this way.
Json query_of(std::string_view url) {
  Json list = Json::array();
  const auto mark = url.find('?');
  if (mark == url.npos) return list;
  std::string_view rest = url.substr(mark + 1);
  rest = rest.substr(0, rest.find('#'));
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find('&'));
    const auto equals = one.find('=');
    list.push_back({{"name", std::string(one.substr(0, equals))},
                    {"value", equals == one.npos ? std::string() : std::string(one.substr(equals + 1))}});
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
  }
  return list;
}

Json request_json(const MessageRecord& record) {
  const std::string url = url_of(record);
  Json json{{"method", utf8(record.method)},
            {"url", url},
            {"httpVersion", version_of(record)},
            {"cookies", Json::array()},
            {"headers", headers_of(*record.kept)},
            {"queryString", query_of(url)},
            {"headersSize", -1},
            {"bodySize", record.kept->body.size()}};
  if (!record.kept->body.empty()) {
    json["postData"] = {{"mimeType", field_of(*record.kept, "content-type")}, {"params", Json::array()}};
    put_text(json["postData"], record.kept->body, "_encoding");
  }
  if (!record.kept->whole) json["comment"] = "the body was longer, or bytes of it are missing from the capture";
  return json;
}

Json response_json(const MessageRecord* record) {
  Json content{{"size", 0}, {"mimeType", ""}};
  if (record == nullptr) {
    return {{"status", 0},
            {"statusText", ""},
            {"httpVersion", ""},
            {"cookies", Json::array()},
            {"headers", Json::array()},
            {"content", content},
            {"redirectURL", ""},
            {"headersSize", -1},
            {"bodySize", -1},
            {"comment", "no answer was seen"}};
  }
  content = {{"size", record->kept->body.size()}, {"mimeType", field_of(*record->kept, "content-type")}};
  if (!record->kept->body.empty()) put_text(content, record->kept->body, "encoding");
  Json json{{"status", record->status.value_or(0)},
            {"statusText", ""},
            {"httpVersion", version_of(*record)},
            {"cookies", Json::array()},
            {"headers", headers_of(*record->kept)},
            {"content", std::move(content)},
            {"redirectURL", field_of(*record->kept, "location")},
            {"headersSize", -1},
            {"bodySize", -1}};
  if (!record->kept->whole) json["comment"] = "the body was longer, or bytes of it are missing from the capture";
  return json;
}

}  // namespace

HarWriter::HarWriter(std::string_view version, const HostSelection& hosts, Write write)
    : hosts_(hosts), write_(std::move(write)) {
  const Json creator{{"name", "Tattle"}, {"version", std::string(version)}};
  write_(fmt::format("{{\"log\":{{\"version\":\"1.2\",\"creator\":{},\"entries\":[", dumped(creator)));
}

void HarWriter::on_message(const MessageRecord& record) {
  if (!record.kept || (!hosts_.selects(record.host) && !hosts_.selects(record.server.address))) return;
  auto copy = std::make_shared<MessageRecord>(record);
  copy->hits.clear();
  if (record.kind == MessageKind::request) {
    Exchange& exchange = open_[{record.flow.id, record.number}];
    exchange.request = std::move(copy);
    if (!exchange.response) return;
    emit(exchange);
    open_.erase({record.flow.id, record.number});
    return;
  }
  // An answer whose request was not seen says nothing of what was asked; HAR has no place for it.
  if (!record.request_number) return;
  // 1xx is no answer yet.
  if (record.status && *record.status >= 100 && *record.status < 200 && *record.status != 101) return;
  const std::pair key(record.flow.id, *record.request_number);
  Exchange& exchange = open_[key];
  exchange.response = std::move(copy);
  if (!exchange.request) return;
  emit(exchange);
  open_.erase(key);
}

void HarWriter::on_flow(const FlowRecord& record) {
  const FlowId flow = record.summary.flow.id;
  const auto begin = open_.lower_bound({flow, 0}), end = open_.lower_bound({flow + 1, 0});
  for (auto each = begin; each != end; ++each) emit(each->second);
  open_.erase(begin, end);
}

void HarWriter::emit(const Exchange& exchange) {
  if (!exchange.request) return;
  const MessageRecord& request = *exchange.request;
  const MessageRecord* response = exchange.response.get();
  const auto milliseconds = [](Time from, Time to) {
    return static_cast<double>(std::max<std::int64_t>(0, to.ns - from.ns)) / 1e6;
  };
  const double send = milliseconds(request.first, request.last);
  const double wait = response ? milliseconds(request.last, response->first) : 0;
  const double receive = response ? milliseconds(response->first, response->last) : 0;
  Json entry{{"startedDateTime", to_rfc3339(request.first)},
             {"time", send + wait + receive},
             {"request", request_json(request)},
             {"response", response_json(response)},
             {"cache", Json::object()},
             {"timings", {{"send", send}, {"wait", wait}, {"receive", receive}}}};
  if (!request.server.address.is_unspecified()) entry["serverIPAddress"] = to_string(request.server.address);
  entry["connection"] = std::to_string(request.flow.id);
  entry["_tattle"] = {{"flow", request.flow.id}, {"request", request.number}};
  if (response) entry["_tattle"]["response"] = response->number;
  write_((first_ ? "\n" : ",\n") + dumped(entry));
  first_ = false;
}

void HarWriter::finish() {
  for (const auto& [key, exchange] : open_) emit(exchange);
  open_.clear();
  write_("\n]}}\n");
}

}  // namespace tattle
