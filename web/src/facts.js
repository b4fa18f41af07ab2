// The members that a disclosure may carry beyond the plain finding, in words: [term, text or nodes, …] or nothing.
// As src/report/page/html_facts.cc says them.
import { element, ground, sentence } from "./dom.js";
import { lawItems, sourceOf } from "./law.js";
import { counted, country, duration, has, number, share, text, word } from "./messages.js";

const kPersonalData = "https://w3id.org/dpv/pd#";
const seconds = (value) => number(Math.round(value * 10) / 10);

/** Seconds of which thousandths may matter. */
const fineSeconds = (value) => (value > 0 && value < 0.0995 ? number(Math.round(value * 1000) / 1000) : seconds(value));

/** A switch of the log (`feedback: off`), its states in the language of the page. */
function settingLabel(setting) {
  return String(setting ?? "").split(", ").map((one) => {
    const at = one.lastIndexOf(": ");
    return at < 0 ? one : `${one.slice(0, at + 2)}${word("state", one.slice(at + 2))}`;
  }).join(", ");
}

/** The tester's own words have hyphens for blanks. */
const words = (text) => String(text ?? "").replaceAll("-", " ");

/** A line of the tester's log in few words, hyphens as spaces. */
export function actionName(action) {
  // `switch-off` alone does not say what.
  const setting = settingLabel(action?.setting);
  const name = action?.action && setting ? `${words(action.action)} (${setting})` : words(action?.action) || setting || words(action?.trigger) || words(action?.app)
    || ["asked", "granted", "refused", "told", "told-elsewhere"].filter((each) => action?.[each]).map((each) => text(`timeline.action.${each}`, { what: String(action[each]).split(", ").map((datum) => word("datum", datum)).join(", ") }))[0];
  return String(name || "?");
}

/** The action as a link to its line beside the timeline. */
function action(actions, index) {
  const name = actionName(actions?.[index]);
  return actions?.[index] ? element("a", { href: `#A${index + 1}` }, `${name} (${index + 1})`) : name;
}

export function relation(each) {
  const name = each.recipient.relation;
  return name && has(`relation.${name}`) ? [text("card.relation"), word("relation", name), ground(each.recipient["relation-ground"])] : null;
}

export function owner(each) {
  const found = each.recipient.owner;
  return found?.name ? [text("card.owner"), found.name, sourceOf(found)] : null;
}

export function distance(each) {
  const found = each.recipient.distance;
  if (!found) return null;
  if (found.withheld) return [text("card.distance"), text("card.distance.withheld"), " ", sentence(found.withheld)];
  const countries = (found["not-in"] ?? []).map((code) => (has(`country.in.${code}`) ? text(`country.in.${code}`) : country(code)));
  return [text("card.distance"), text("card.distance.within", { km: number(found["within-km"]), rtt: number(found["rtt-ms"]) }),
    countries.length ? text("card.distance.not-in", { countries: countries.join(", ") }) : null, ground(found.ground)];
}

export function law(each) {
  const items = lawItems(each.recipient.law);
  return items.length ? [text("card.law"), element("ul", { class: "plain" }, items), element("span", { class: "soft" }, text("card.law.note"))] : null;
}

export function period(each) {
  const found = each.period;
  const burst = found?.["burst-s"] > 0 ? element("span", { class: "soft" }, ` (${text("card.period.burst", { burst: duration(found["burst-s"]) })})`) : null;
  return found ? [text("card.period"), text("card.period.every", { period: duration(found.seconds, "span"), jitter: duration(found["jitter-s"] ?? 0), times: counted("count.times", found.occurrences ?? each.count) }), burst] : null;
}

export function timing(each, actions) {
  const found = each.timing;
  if (!found) return null;
  const parts = [];
  if (found.idle > 0) parts.push([text("card.timing.idle", { times: counted("count.times", found.idle) })]);
  if (found["not-covered"] > 0) parts.push([text("card.timing.not-covered", { times: counted("count.times", found["not-covered"]) })]);
  for (const beside of found.beside ?? []) {
    const median = beside["median-s"] ?? 0;
    const [before, after] = text(beside.count === 1 ? "card.timing.after" : "card.timing.after-some", { times: counted("count.times", beside.count), seconds: seconds(median), longest: seconds(beside["max-s"] ?? median) }).split("{action}");
    parts.push([before, action(actions, beside.action), after]);
  }
  if (found.others > 0) parts.push([text("card.timing.others", { times: counted("count.times", found.others) })]);
  return parts.length ? [text("card.timing"), parts.map((part, at) => [at ? "; " : "", part]),
    found["window-s"] > 0 ? element("span", { class: "soft" }, ` (${text("card.timing.window", { seconds: seconds(found["window-s"]) })})`) : null] : null;
}

export function permission(each, actions) {
  const found = each.permission;
  if (!found || !has(`card.permission.${found.state}`)) return null;
  const what = text(`card.permission.${found.state}`, { gap: seconds(Math.abs(found["gap-s"] ?? 0)) });
  return [text("card.permission"), found.count > 0 && found.count < each.count ? text("card.permission.some", { count: number(found.count), all: number(each.count), what }) : what,
    actions?.[found.action] ? element("span", { class: "soft" }, " (", action(actions, found.action), ")") : null];
}

export function told(each, actions) {
  if (!each.told || !has(`card.told.${each.told}`)) return null;
  const line = actions?.[each["told-by"]], words = line?.screen?.text;
  const late = (each["told-late"] ?? 0) + (each["mentioned-late"] ?? 0);
  return [text("card.told"), text(`card.told.${each.told}`),
    line ? element("span", { class: "soft" }, " (", action(actions, each["told-by"]), words ? `: \u201c${words}\u201d` : null, ")") : null,
    late > 0 ? `; ${text("card.told.late", { times: counted("count.times", late) })}` : null];
}

export function restsOn(each) {
  return each["of-first"] > 0 ? [text("card.of-first"), text("card.of-first.text", { times: counted("count.times", each["of-first"]) })] : null;
}

/** What a p-value says, for those who have not met one. */
function chanceWords(p) {
  if (p >= 0.05) return text("card.prompting.plain.chance");
  if (p < 1e-9) return text("card.prompting.plain.never");
  return text("card.prompting.plain.one-in", { count: number(Math.max(1, Math.floor(1 / p))) });
}

export function prompting(each) {
  const found = each.prompting;
  if (!found || !has(`card.prompting.${found.kind}`)) return null;
  const parts = [text(`card.prompting.${found.kind}`)];
  if (found.of) {
    parts.push(`: ${text(typeof found["base-rate"] === "number" ? "card.prompting.of" : "card.prompting.of-few", { followed: number(found.followed), of: number(found.of), rate: share(found["base-rate"] ?? 0) })}`);
    if (typeof found.p === "number") {
      const p = found.p < 1e-4 ? found.p.toExponential(1) : String(Number(found.p.toPrecision(2))).replace(".", text("number.decimal"));
      parts.push(`. ${chanceWords(found.p)} `, element("span", { class: "soft" }, `(${text("card.prompting.p", { p })})`));
    }
  }
  const latency = found["latency-s"];
  if (latency) parts.push(`; ${text("card.prompting.latency", { median: fineSeconds(latency.median), min: fineSeconds(latency.min), max: fineSeconds(latency.max) })}`);
  return [text("card.prompting"), parts, ground(found.ground)];
}

export function dpv(each, audit) {
  const terms = each.dpv ?? [], { vocabulary } = audit, note = each["dpv-note"];
  if (!terms.length && !note) return null;
  const short = (iri) => (iri.startsWith(kPersonalData) ? [element("code", {}, `pd:${iri.slice(kPersonalData.length)}`), ", "] : null);
  return [text("card.dpv"), terms.map((iri, at) => [at ? ", " : "", short(iri), element("code", {}, iri)]),
    terms.length && vocabulary ? element("span", { class: "soft" }, ` (${vocabulary.name} ${vocabulary.version})`) : null,
    note ? [terms.length ? "; " : "", sentence(note)] : null];
}

export function linked(each) {
  return each.linked?.length ? [text("card.linked"), each.linked.slice(0, 40).map((id) => [element("a", { href: `#${id}` }, id), " "])] : null;
}

export function fingerprints(each) {
  const found = Object.entries(each.sender?.fingerprints ?? {});
  return found.length ? [text("card.fingerprints"), found.map(([name, value], at) => [at ? ", " : "", `${name} `, element("code", {}, value)])] : null;
}
