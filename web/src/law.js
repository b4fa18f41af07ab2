// The law's facts about a recipient, each with its source; as src/report/page/html_law.cc says them.
import { element, sentence } from "./dom.js";
import { country, text } from "./messages.js";

/** The source and date of a fact in small print: members `PREFIXsource` and `PREFIXdate`. */
export function sourceOf(fact, prefix = "") {
  const source = [fact?.[`${prefix}source`], fact?.[`${prefix}date`]].filter(Boolean).join(", ");
  return source ? element("span", { class: "soft" }, ` (${source})`) : null;
}

function item(what, fact, prefix) {
  return element("li", {}, what, sourceOf(fact, prefix));
}

function entity(fact, who, day) {
  if (!fact) return who === "entity" && day ? [item(text("card.law.entity-unknown", { day }))] : [];
  return [item(text(`card.law.${who}${fact["head-office"] ? "-elsewhere" : ""}`, { name: fact.name, country: country(fact.seat), office: country(fact["head-office"]) }), fact)];
}

/** One day, or from the first to the last. */
const dayOf = (law) => [law.day, law["last-day"]].filter(Boolean).join(" \u2013 ");

function covers(decision) {
  if (decision.covers === "country") return text("card.law.covers.country");
  if (decision.covers === "listed-organisation" && decision.listed === true) return text("card.law.covers.list");
  if (decision.covers === "listed-organisation" && decision.listed === false) return text("card.law.covers.not-listed");
  return text("card.law.covers.unknown");
}

function decisions(law) {
  const all = law.adequacy ?? [];
  const items = all.flatMap((each) => [item(text("card.law.adequacy", { decision: each.decision + (each.name ? ` (${each.name})` : ""), country: country(each.country), from: each.from ?? "",
    until: each.until || text("card.law.today"), covers: covers(each) }), each),
    each["listed-entity"] ? item(text("card.law.listed", { entity: each["listed-entity"], decision: each.decision, day: dayOf(law), from: each["listed-from"] ?? "", until: each["listed-until"] ?? "" }), each, "listed-") : null]);
  if (law.changed) return [...items, item(text("card.law.changed", { day: dayOf(law) }))];
  return all.length === 0 && law.eea === false ? [item(text("card.law.no-adequacy"))] : items;
}

export function lawItems(law) {
  if (!law) return [];
  const items = [];
  if (law.registered) {
    items.push(item(text("card.law.registered", { country: country(law.registered) }), law, "registered-"));
    if (typeof law.eea === "boolean") items.push(item(text(law.eea ? "card.law.eea" : "card.law.not-eea", { day: dayOf(law) }), law, "eea-"));
  }
  if (law.arrangement) items.push(element("li", {}, sentence(law.arrangement), sourceOf(law, "eea-")));
  return [...items, ...entity(law.entity, "entity", dayOf(law)), ...entity(law.parent, "parent"), ...decisions(law)];
}
