#include "run/audit_har.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "report/format/har.h"

namespace tattle {
namespace {

std::string version_of(const MessageRecord& record) {
  std::string version(record.protocol);
  std::transform(version.begin(), version.end(), version.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; });
  return version;
}

std::string url_of(const MessageRecord& record) {
  if (!record.kept->url.empty()) return record.kept->url;
  if (record.target.find("://") != std::string::npos) return record.target;
  // No host is guessed: where it could not be known, the address that was spoken to stands there.
  const std::string address = to_string(record.server.address);
  const std::string server = record.server.address.is_v4() ? address : fmt::format("[{}]", address);
  return fmt::format("{}://{}{}", record.protection == Protection::clear ? "http" : "https",
                     record.host.empty() ? server : record.host, record.target);
}

double milliseconds(Time from, Time to) {
  return static_cast<double>(std::max<std::int64_t>(0, to.ns - from.ns)) / 1e6;
}

// What HarMessage borrows.
struct Side {
  explicit Side(const MessageRecord& record) : version(version_of(record)), url(url_of(record)) {
    message.http_version = version;
    message.method = record.method;
    message.url = url;
    message.status = record.status.value_or(0);
    message.fields = &record.kept->fields;
    message.body = record.kept->body;
    message.whole = record.kept->whole;
  }
  Side(const Side&) = delete;
  std::string version, url;
  HarMessage message;
};

}  // namespace

HarWriter::HarWriter(std::string_view version, const HostSelection& hosts, Write write)
    : hosts_(hosts), write_(std::move(write)) {
  write_(fmt::format("{{\"log\":{{\"version\":\"1.2\",\"creator\":{},\"entries\":[", har_line(har_creator(version))));
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
  const Side sent(request);
  std::optional<Side> answered;
  if (response) answered.emplace(*response);
  HarTimings timings;
  timings.send = milliseconds(request.first, request.last);
  if (response) {
    timings.wait = milliseconds(request.last, response->first);
    timings.receive = milliseconds(response->first, response->last);
  }
  auto entry =
      har_entry(request.first, sent.message, answered ? &answered->message : nullptr, timings, request.server.address);
  entry["connection"] = std::to_string(request.flow.id);
  entry["_tattle"] = {{"flow", request.flow.id}, {"request", request.number}};
  if (response) entry["_tattle"]["response"] = response->number;
  write_((first_ ? "\n" : ",\n") + har_line(entry));
  first_ = false;
}

void HarWriter::finish() {
  for (const auto& [key, exchange] : open_) emit(exchange);
  open_.clear();
  write_("\n]}}\n");
}

}  // namespace tattle
