// The members that a disclosure may carry beyond the plain finding, in words: [term, text or nodes, …] or nothing.
import { element } from "./dom.js";
import { counted, country, duration, has, number, text, word } from "./messages.js";

const seconds = (value) => number(Math.round(value * 10) / 10);

export function relation(each) {
  const name = each.recipient.relation;
  return name && has(`relation.${name}`) ? [text("card.relation"), word("relation", name)] : null;
}

export function distance(each) {
  const found = each.recipient.distance;
  if (!found) return null;
  const what = found.withheld ? text("card.distance.withheld", { why: found.withheld })
    : text("card.distance.within", { km: number(found["within-km"]), rtt: number(found["rtt-ms"]) });
  const countries = (found["not-in"] ?? []).map((code) => (has(`country.in.${code}`) ? text(`country.in.${code}`) : country(code)));
  const where = countries.length ? what + text("card.distance.not-in", { countries: countries.join(", ") }) : what;
  return [text("card.distance"), found.ground ? `${where}; ${found.ground}` : where];
}

const sourced = (what, fact) => element("li", {}, what, fact?.source ? element("span", { class: "soft" }, ` (${[fact.source, fact.date].filter(Boolean).join(", ")})`) : null);

function covers(decision) {
  if (decision.covers === "country") return text("card.law.covers.country");
  if (decision.covers === "listed-organisation" && decision.listed === true) return text("card.law.covers.listed");
  if (decision.covers === "listed-organisation" && decision.listed === false) return text("card.law.covers.not-listed");
  return text("card.law.covers.unknown");
}

export function law(each) {
  const facts = each.recipient.law;
  if (!facts) return null;
  const items = [];
  if (facts.registered) items.push(element("li", {}, text("card.law.registered", { country: country(facts.registered) })));
  if (facts.entity) items.push(sourced(text("card.law.entity", { name: facts.entity.name, country: country(facts.entity.seat) }), facts.entity));
  if (facts.parent) items.push(sourced(text("card.law.parent", { name: facts.parent.name, country: country(facts.parent.seat) }), facts.parent));
  if (typeof facts.eea === "boolean") items.push(element("li", {}, text(facts.eea ? "card.law.eea" : "card.law.not-eea")));
  for (const decision of facts.adequacy ?? []) {
    items.push(sourced(text("card.law.adequacy", { decision: decision.decision, from: decision.from ?? "", until: decision.until || text("card.law.today"), covers: covers(decision) }), decision));
  }
  return items.length ? [text("card.law"), element("ul", { class: "plain" }, items), element("span", { class: "soft" }, text("card.law.note"))] : null;
}

export function period(each) {
  const found = each.period;
  return found ? [text("card.period"), text("card.period.every", { period: duration(found.seconds), jitter: duration(found["jitter-s"] ?? 0), times: counted("count.times", found.occurrences ?? each.count) })] : null;
}

/** A line of the tester's log in few words. */
export function actionName(action) {
  return action?.action ?? action?.setting ?? action?.trigger ?? action?.app ?? ["granted", "refused"].filter((name) => action?.[name]).map((name) => `${name}: ${action[name]}`)[0];
}

export function timing(each, actions) {
  const found = each.timing;
  if (!found) return null;
  const parts = [];
  if (found.idle > 0) parts.push(text("card.timing.idle", { times: counted("count.times", found.idle) }));
  for (const beside of found.beside ?? []) {
    parts.push(text("card.timing.beside", { times: counted("count.times", beside.count), seconds: seconds(beside["median-s"] ?? 0), action: actionName(actions?.[beside.action]) ?? `#${beside.action}` }));
  }
  return parts.length ? [text("card.timing"), parts.join("; ")] : null;
}

export function permission(each) {
  const found = each.permission;
  if (!found || !has(`card.permission.${found.state}`)) return null;
  const what = text(`card.permission.${found.state}`, { gap: seconds(Math.abs(found["gap-s"] ?? 0)) });
  return [text("card.permission"), found.count < each.count ? text("card.permission.some", { times: counted("count.times", found.count), all: each.count, what }) : what];
}

export function told(each) {
  if (!each.told || !has(`card.told.${each.told}`)) return null;
  const late = each["told-late"] > 0 ? [text("card.told.late", { times: counted("count.times", each["told-late"]) })] : [];
  return [text("card.told"), [text(`card.told.${each.told}`), ...late].join("; ")];
}

/** What the facts about time rest on, where a limit cut it. */
export function ofFirst(each) {
  return each["of-first"] !== undefined ? [text("card.of-first"), text("card.of-first.text", { times: counted("count.times", each["of-first"]) })] : null;
}

export function prompting(each) {
  const found = each.prompting;
  if (!found || !has(`card.prompting.${found.kind}`)) return null;
  const parts = [text(`card.prompting.${found.kind}`)];
  if (found.of) parts.push(text("card.prompting.of", { followed: number(found.followed), of: number(found.of), rate: `${number(Math.round((found["base-rate"] ?? 0) * 1000) / 10)} %`, p: found.p < 1e-4 ? Number(found.p).toExponential(1) : String(Number(found.p).toPrecision(2)) }));
  const latency = found["latency-s"];
  if (latency) parts.push(text("card.prompting.latency", { median: seconds(latency.median), min: seconds(latency.min), max: seconds(latency.max) }));
  return [text("card.prompting"), parts.join("; "), found.ground ? element("span", { class: "soft", lang: "en" }, ` ${found.ground}`) : null];
}

export function dpv(each) {
  return each.dpv?.length ? [text("card.dpv"), each.dpv.map((term, at) => [at ? ", " : "", element("code", {}, term.replace(/^https:\/\/w3id\.org\/dpv\//, "dpv:"))])] : null;
}

export function linked(each) {
  return each.linked?.length ? [text("card.linked"), each.linked.slice(0, 40).map((id) => [element("a", { href: `#${id}` }, id), " "])] : null;
}

export function fingerprints(each) {
  const found = Object.entries(each.sender?.fingerprints ?? {});
  return found.length ? [text("card.fingerprints"), found.map(([name, value], at) => [at ? ", " : "", `${name} `, element("code", {}, value)])] : null;
}
