// The law's facts about a recipient, each with its source; as src/report/page/html_law.cc says them.
import { element, sentence } from "./dom.js";
import { country, text } from "./messages.js";

function item(what, fact) {
  const source = [fact?.source, fact?.date].filter(Boolean).join(", ");
  return element("li", {}, what, source ? element("span", { class: "soft" }, ` (${source})`) : null);
}

function entity(fact, who) {
  if (!fact) return [];
  return [item(text(`card.law.${who}${fact["head-office"] ? "-elsewhere" : ""}`, { name: fact.name, country: country(fact.seat), office: country(fact["head-office"]) }), fact)];
}

function covers(decision) {
  if (decision.covers === "country") return text("card.law.covers.country");
  if (decision.covers === "listed-organisation" && decision.listed === true) return text("card.law.covers.listed", { entity: decision["listed-entity"] ?? "" });
  if (decision.covers === "listed-organisation" && decision.listed === false) return text("card.law.covers.not-listed");
  return text("card.law.covers.unknown");
}

function decisions(law) {
  const all = law.adequacy ?? [];
  const items = all.map((each) => item(text("card.law.adequacy", { decision: each.decision + (each.name ? ` (${each.name})` : ""), country: country(each.country), from: each.from ?? "",
    until: each.until || text("card.law.today"), covers: covers(each) }), each));
  return all.length === 0 && law.eea === false ? [item(text("card.law.no-adequacy"))] : items;
}

export function lawItems(law) {
  if (!law) return [];
  const items = [];
  if (law.registered) {
    const where = text("card.law.registered", { country: country(law.registered) });
    items.push(item(typeof law.eea === "boolean" ? `${where}; ${text(law.eea ? "card.law.eea" : "card.law.not-eea", { day: law.day ?? "" })}` : where));
  }
  if (law.arrangement) items.push(element("li", {}, sentence(law.arrangement)));
  return [...items, ...entity(law.entity, "entity"), ...entity(law.parent, "parent"), ...decisions(law)];
}
