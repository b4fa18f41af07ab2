// One disclosure with its proof, drawn when asked for.
import { entryLabel, hostOf, protection } from "./audit.js";
import { append, element, ground, options, sentence as words } from "./dom.js";
import * as facts from "./facts.js";
import { sourceOf } from "./law.js";
import { counted, country, has, number, shortTime, text, timeOfDay, word } from "./messages.js";
import { see } from "./see.js";

const kFilterRuns = 8, kShownRuns = 4, kAddresses = 4;

function sentence(each) {
  const { recipient } = each, role = recipient.role === "proxy" || recipient.role === "resolver" ? text(`card.role.${recipient.role}`) : "";
  const place = recipient.local ? text("place.local") : recipient.country ? country(recipient.country) : "";
  const said = text(each.direction === "received" ? "card.received" : "card.sent", { datum: word("datum", each.datum),
    form: each.form && each.form !== "plain" ? text("card.form", { form: word("form", each.form) }) : "", role, host: hostOf(recipient),
    place: place ? text("card.place", { place }) : "" });
  return said.charAt(0).toLocaleUpperCase() + said.slice(1);
}

function chance(value) {
  if (value < 1e-12) return text("card.chance.tiny");
  if (value < 1e-3) return text("card.chance.one-in", { count: number(Math.round(1 / value)) });
  return text("card.chance.expected", { count: Number(value).toPrecision(2) });
}

function recipientFacts(each, imported) {
  const { recipient } = each, parts = [], all = recipient.addresses ?? [];
  const addresses = all.slice(0, kAddresses).join(", ") + (all.length > kAddresses ? ", \u2026" : "");
  const network = recipient.networks?.length ? recipient.networks.join(", ") : recipient.network;
  parts.push(addresses ? text("card.at", { addresses }) : text(imported ? "card.address-not-recorded" : "card.address-behind-proxy"));
  if (recipient.organisation) parts.push([text("card.organisation", recipient), sourceOf(recipient, "organisation-")]);
  if (network) parts.push(recipient.local ? text("card.local") : text(recipient.operator ? "card.operated" : "card.hosted", { operator: recipient.operator, network }));
  if (recipient.country) parts.push([text("card.registered", { country: country(recipient.country) }), sourceOf(recipient, "country-")]);
  else if (recipient.countries?.length) parts.push([text("card.registered", { country: recipient.countries.map(country).join(", ") }), sourceOf(recipient, "country-")]);
  if (has(`card.host-ground.${recipient["host-ground"]}`)) parts.push(text(`card.host-ground.${recipient["host-ground"]}`));
  if (recipient["hosted-by"]) parts.push(text("card.hosted-by", { organisation: recipient["hosted-by"] }));
  if (recipient.anycast) parts.push([text("card.anycast"), ground(recipient["anycast-ground"])]);
  return [text("card.recipient"), parts.map((part, at) => [at ? "; " : "", part]), recipient.note ? ["; ", words(recipient.note)] : null];
}

const stepName = (step) => (has(`step.${step}`) ? text(`step.${step}`) : step);

function path(each) {
  if (!each.path?.length) return element("p", { class: "soft" }, text("card.path.none"));
  const steps = each.path.map((step) => element("li", {}, element("b", {}, stepName(step.step)), step.detail ? [" ", element("code", {}, step.detail)] : null));
  if (each.path.at(-1).step.startsWith("http/")) steps.push(element("li", {}, element("b", {}, stepName("body"))));
  return element("ol", { class: "path", "aria-label": text("card.path") }, steps);
}

const runsText = (runs) => runs.slice(0, kShownRuns).map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`)).join(", ") + (runs.length > kShownRuns ? ", \u2026" : "");
const filter = (runs) => `frame.number in {${runs.slice(0, kFilterRuns).map(([a, b]) => (a === b ? `${a}` : `${a}..${b}`)).join(", ")}}`;

function occurrence(one) {
  const runs = one.packets ?? [], unit = one.entries ? ["entry", "entries"] : ["packet", "packets"];
  const single = runs.length === 1 && runs[0][0] === runs[0][1];
  return element("li", {}, text("card.occurrence", { time: timeOfDay(Date.parse(one.time ?? ""), 12), packets: text(`card.occurrence.${unit[single ? 0 : 1]}`, { runs: runsText(runs) }),
    capture: one.capture, message: one.message, flow: one.flow }), one.entries || !runs.length ? null : [": ", element("code", {}, filter(runs))]);
}

function wireshark(each) {
  const proof = each.evidence ?? [], packets = proof.find((one) => !one.entries && one.packets?.length);
  const command = `tattle evidence ${text("card.wireshark.folder-name")} ${each.id} -o ${each.id.toLowerCase()}.pcapng`;
  return [packets ? element("div", { class: "wireshark" }, element("h3", {}, text("card.wireshark")), element("p", {}, text("card.wireshark.how")),
    element("pre", { tabindex: "0" }, element("code", {}, command)),
    element("p", {}, text("card.wireshark.slice"), " ", element("code", {}, 'frame.comment contains "carries"')), see(each),
    each.count > 1 ? element("p", { class: "soft" }, options(text("card.wireshark.more"))) : null,
    element("p", { class: "soft" }, text("card.wireshark.folder"))) : null,
  element("h3", {}, text(each.count > proof.length ? "card.occurrences.first-and-last" : "card.occurrences.every")),
  element("ul", { class: "plain" }, proof.map(occurrence))];
}

/** The card's content; every string of the document becomes text. */
export function card(audit, each) {
  const how = protection(each), verified = each.certainty === "verified", imported = (each.evidence ?? []).length > 0 && each.evidence.every((one) => one.entries);
  const rows = [
    (audit.subjects ?? []).length > 1 ? [text("card.subject"), each.subject] : null,
    each.entry ? [text("card.entry"), entryLabel(audit, each)] : null,
    [text("card.value"), element("code", {}, each.value)],
    [text("card.times"), text(shortTime(each.first) === shortTime(each.last) ? "card.times.at" : "card.times.between", { times: counted("count.times", each.count), first: shortTime(each.first), last: shortTime(each.last) })],
    facts.period(each), facts.timing(each, audit.actions), facts.prompting(each), facts.permission(each, audit.actions), facts.told(each, audit.actions), facts.restsOn(each),
    recipientFacts(each, imported), facts.relation(each), facts.owner(each), facts.distance(each), facts.law(each),
    each.direction === "sent" ? [text("card.sender"), [word("sender", each.sender?.kind), each.sender?.name].filter(Boolean).join(": "),
      ground(each.sender?.ground)] : null,
    facts.fingerprints(each),
    verified || each.entry ? [text("card.chance"), chance(each.chance ?? 0)] : null,
    each.corroboration ? [text("card.ground"), each.corroboration.startsWith("key with ") ? text("card.ground.key", { word: each.corroboration.slice(9) }) : words(each.corroboration)] : null,
    facts.linked(each), facts.dpv(each, audit),
  ].filter(Boolean);
  return append(element("div", { class: `card-body ${how}${verified ? "" : " inferred"}` }), [
    element("h2", { id: "card-title" }, element("span", { class: "id" }, each.id), " ", sentence(each)),
    element("ul", { class: "tags" }, element("li", {}, word("certainty", each.certainty)), element("li", { class: how }, word("transport", each.transport)),
      element("li", {}, counted("count.times", each.count))),
    path(each),
    element("dl", { class: "facts" }, rows.map(([term, ...what]) => [element("dt", {}, term), element("dd", {}, what)])),
    wireshark(each)]);
}

/** The dialog that shows cards; follows `#D7` in the address, so that a card can be linked to. */
export function cardDialog(audit, currentIds) {
  const byId = new Map(audit.disclosures.map((each) => [each.id, each]));
  const content = element("div", {});
  const step = (by) => {
    const ids = currentIds(), at = ids.indexOf(location.hash.slice(1));
    if (ids.length) open(ids[(at + by + ids.length) % ids.length]);
  };
  const dialog = element("dialog", { class: "card-dialog", "aria-labelledby": "card-title", onclose: () => {
    if (byId.has(location.hash.slice(1))) history.replaceState(null, "", location.pathname + location.search);
  } },
  element("div", { class: "card-buttons" }, element("button", { type: "button", onclick: () => step(-1) }, text("card.previous")),
    element("button", { type: "button", onclick: () => step(1) }, text("card.next")),
    element("button", { type: "button", class: "close", onclick: () => dialog.close() }, text("card.close"))), content);
  document.body.append(dialog);

  function show(id) {
    const each = byId.get(id);
    if (!each) return false;
    content.replaceChildren(card(audit, each));
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
    return true;
  }
  function open(id) {
    if (show(id)) history.replaceState(null, "", `#${id}`);
  }
  addEventListener("hashchange", () => { if (!show(location.hash.slice(1)) && dialog.open) dialog.close(); });
  // Links to cards that stand in the static part: the dialog is nearer than a hidden card.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#']");
    const id = link && decodeURIComponent(link.getAttribute("href").slice(1));
    // A line of the tester's log stands in a part of the page that may be folded, below the dialog.
    if (/^A\d+$/.test(id ?? "")) {
      if (dialog.open) dialog.close();
      document.getElementById(id)?.closest("details")?.setAttribute("open", "");
    }
    if (!id || !byId.has(id)) return;
    event.preventDefault();
    open(id);
  });
  return { open, showAddressed: () => show(location.hash.slice(1)) };
}
