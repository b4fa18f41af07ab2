#include "report/json/cause_json.h"

#include "report/utf8.h"

namespace tattle {
namespace {

using Json = nlohmann::ordered_json;

Json latency_json(const Latency& latency) {
  return {{"min", latency.min}, {"median", latency.median}, {"max", latency.max}};
}

Json prompting_json(const PromptingReport& prompting, bool reveal) {
  const Following& following = prompting.following;
  Json json{{"kind", prompting.kind}, {"followed", following.followed}, {"of", following.of}};
  if (prompting.tests > 0) {
    json["p"] = following.p;
    json["tests"] = prompting.tests;
    json["base-rate"] = following.base_rate;
  }
  if (following.latency) json["latency-s"] = latency_json(*following.latency);
  if (!prompting.server.empty()) json["server"] = to_utf8(prompting.server.text(reveal));
  if (prompting.kind == "trigger") {
    json["controls"] = {{"followed", prompting.control_followed}, {"of", prompting.controls}};
    json["pushed"] = prompting.pushed;
    if (prompting.push) json["push-latency-s"] = latency_json(*prompting.push);
    json["unexplained"] = prompting.unexplained;
  }
  json["ground"] = to_utf8(prompting.ground.text(reveal));
  return json;
}

Json labels_json(const std::vector<Shown>& labels, bool reveal) {
  Json json = Json::array();
  for (const Shown& label : labels) json.push_back(to_utf8(label.text(reveal)));
  return json;
}

}  // namespace

void put_cause(Json& json, const DisclosureReport& disclosure, bool reveal) {
  if (disclosure.prompting) json["prompting"] = prompting_json(*disclosure.prompting, reveal);
  if (!disclosure.linked.empty()) json["linked"] = disclosure.linked;
}

void put_links(Json& json, const AuditDocument& document, bool reveal) {
  for (const LinkReport& link : document.links) {
    json["links"].push_back({{"kind", link.kind},
                             {"entry", to_utf8(link.entry.text(reveal))},
                             {"datum", link.datum},
                             {"disclosures", link.disclosures},
                             {"recipients", labels_json(link.recipients, reveal)}});
  }
  for (const ChangeReport& change : document.changes) {
    json["changes"].push_back({{"action", change.action},
                               {"began", change.began},
                               {"stopped", change.stopped},
                               {"recipients-began", labels_json(change.recipients_began, reveal)}});
  }
  for (const SwitchReport& each : document.switches) {
    Json still = Json::array();
    for (const SwitchReport::Still& one : each.still) {
      still.push_back({{"disclosure", one.disclosure},
                       {"before", one.before},
                       {"after", one.after},
                       {"last-before", to_rfc3339(one.last_before)},
                       {"first-after", to_rfc3339(one.first_after)}});
    }
    json["switches"].push_back({{"action", each.action},
                                {"still", std::move(still)},
                                {"only-before", each.only_before},
                                {"only-after", each.only_after}});
  }
}

}  // namespace tattle
