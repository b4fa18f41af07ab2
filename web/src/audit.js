// The audit document as the pictures and tables need it. Members may be absent: older documents have fewer.
import { has, text, word } from "./messages.js";

export const kProtections = ["clear", "closed", "unknown"];

/** How a value travelled, in three classes: `clear`, `closed` (encrypted on the way), `unknown`. */
export function protection(disclosure) {
  if (disclosure.transport === "clear") return "clear";
  return ["tls", "quic", "dtls"].includes(disclosure.transport) ? "closed" : "unknown";
}

export function hostOf(recipient) {
  return recipient?.host || recipient?.addresses?.[0] || text("host.unknown");
}

export function recipientLabel(disclosure) {
  const host = hostOf(disclosure.recipient);
  const role = disclosure.recipient?.role;
  return role === "proxy" || role === "resolver" ? `${host} (${text(`role.${role}`)})` : host;
}

/** Sums over disclosures: `grouped(list, key)` gives Map key -> {count, items}. Counts of occurrences, never of both directions. */
export function grouped(disclosures, key) {
  const groups = new Map();
  for (const each of disclosures) {
    const name = key(each);
    let group = groups.get(name);
    if (!group) groups.set(name, (group = { count: 0, items: [] }));
    group.count += each.count ?? 0;
    group.items.push(each);
  }
  return groups;
}

export function sent(disclosures, certainty) {
  return disclosures.filter((each) => each.direction === "sent" && each.certainty === certainty);
}

export function milliseconds(time) {
  return time ? Date.parse(time) : NaN;
}

/** `sms#2` as "text message 2", `imei#1` without its number where there is no second one (as src/report/say/words.cc). */
export function entryLabel(audit, { entry, datum }) {
  const label = word("datum", datum), numbered = `${datum}#`;
  if (entry === datum) return label;
  if (!entry.startsWith(numbered)) return text("entry.named", { datum: label, name: entry });
  const same = (audit.subjects ?? []).flatMap((subject) => subject.entries ?? []).filter((one) => String(one.entry).startsWith(numbered)).length;
  return same > 1 ? `${label} ${entry.slice(numbered.length)}` : label;
}

/** Which parts of the entry were met, where that is not its value: `sender's number`. */
export function partsLabel({ parts }) {
  return (parts ?? []).filter((part) => has(`part.${part}`)).map((part) => text(`part.${part}`)).join(", ");
}
