#include "report/json/sums_json.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "assess/message_sums.h"

namespace tattle {
namespace {

using Json = nlohmann::ordered_json;

Json sum_json(const MessageSum& sum, bool log) {
  Json json{{"messages", sum.messages}, {"clear", sum.clear}};
  if (sum.unknown > 0) json["unknown"] = sum.unknown;
  if (!log) return json;
  json["idle"] = sum.idle;
  if (sum.not_covered > 0) json["not-covered"] = sum.not_covered;
  if (sum.left_alone > 0) json["left-alone"] = sum.left_alone;
  return json;
}

}  // namespace

void put_sums(Json& json, const AuditDocument& document) {
  const bool log = !document.actions.empty();
  Json rows = Json::array();
  for (const CarriedReport& row : document.carried) {
    Json ids = Json::array();
    for (const std::uint32_t index : row.disclosures) {
      if (index < document.disclosures.size()) ids.push_back(document.disclosures[index].id);
    }
    Json one{{"disclosures", std::move(ids)}, {"messages", row.messages}};
    if (row.idle > 0) one["idle"] = row.idle;
    if (row.not_covered > 0) one["not-covered"] = row.not_covered;
    if (row.left_alone) one["left-alone"] = *row.left_alone;
    rows.push_back(std::move(one));
  }
  json["carried"] = {{"exact", document.carried_exact}, {"sets", std::move(rows)}};

  Json totals = sum_json(message_sum(document, is_told), log);
  std::uint64_t finds = 0;
  std::map<std::string, std::set<std::string>> recipients;
  std::vector<std::string> order;  // gravest first
  for (const DisclosureReport& each : document.disclosures) {
    if (!is_told(each)) continue;
    finds += each.count;
    if (!recipients.contains(each.datum)) order.push_back(each.datum);
    const RecipientReport& to = each.recipient;
    recipients[each.datum].insert(!to.host.empty() || to.addresses.empty() ? to.host.clear : to.addresses.front());
  }
  totals["finds"] = finds;
  const auto by_datum = message_sums<std::string>(document, [](const DisclosureReport& each, auto& keys) {
    if (is_told(each)) keys.push_back(each.datum);
  });
  Json data = Json::array();
  for (const std::string& datum : order) {
    const auto found = by_datum.find(datum);
    Json one{{"datum", datum}};
    one.update(sum_json(found == by_datum.end() ? MessageSum{} : found->second, log));
    one["recipients"] = recipients[datum].size();
    data.push_back(std::move(one));
  }
  totals["data"] = std::move(data);
  json["totals"] = std::move(totals);
}

}  // namespace tattle
