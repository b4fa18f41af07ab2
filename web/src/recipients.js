// The table of everyone the phone talked to, sortable; the static table remains for print.
import { hostOf } from "./audit.js";
import { append, element, host } from "./dom.js";
import { country, has, share, size, text, word } from "./messages.js";
import { virtualTable } from "./table.js";

function runBy(each) {
  if (each.local) return text("place.local");
  const parts = [each.organisation, each.operator ? text("card.operated", { operator: each.operator, network: each.network ?? "" })
    : each.network ? text("card.hosted", { network: each.network }) : null,
  each.relation && each.relation !== "unknown" && has(`relation.${each.relation}`) ? word("relation", each.relation) : null].filter(Boolean);
  return parts.join(", ") || text("place.unknown");
}

function closed(each) {
  const bytes = (each["sent-bytes"] ?? 0) + (each["received-bytes"] ?? 0);
  return !each["opaque-bytes"] ? 0 : bytes > 0 ? Math.min(1, each["opaque-bytes"] / bytes) : 1;
}

function found(each) {
  const ids = each.disclosures ?? [];
  if (ids.length) {
    return [ids.slice(0, 6).map((id) => [element("a", { href: `#${id}` }, id), " "]),
      ids.length > 6 ? text("recipients.and-more", { count: ids.length - 6 }) : null];
  }
  return text(!each["opaque-bytes"] ? "recipients.none" : each.messages === 0 ? "recipients.none-read" : "recipients.none-part");
}

export function enhanceRecipients(audit) {
  const section = document.getElementById("recipients"), old = section?.querySelector("table.wide");
  const rows = audit.recipients ?? [];
  if (!old || rows.length === 0) return;
  const roles = (each) => (each.roles ?? []).filter((role) => role !== "destination").map((role) => ` (${text(`role.${role}`)})`).join("");
  const behind = (each) => (each.addresses ?? []).length === 0 && !each["sent-bytes"] && !each["received-bytes"] && each.messages > 0;
  const table = virtualTable({
    label: text("table.recipients"), rows, rowHeight: 62, narrowHeight: 168, open: () => {},
    columns: [
      { key: "host", label: text("recipients.host"), cell: (each) => host(hostOf(each) + roles(each)), sort: hostOf },
      { key: "run-by", label: text("recipients.run-by"), value: runBy, sort: runBy },
      { key: "registered", label: text("recipients.registered"), value: (each) => country(each.country), sort: (each) => country(each.country) },
      { key: "sent", label: text("recipients.sent"), number: true, value: (each) => (behind(each) ? text("recipients.by-proxy") : size(each["sent-bytes"] ?? 0)), sort: (each) => each["sent-bytes"] ?? 0 },
      { key: "received", label: text("recipients.received"), number: true, value: (each) => (behind(each) ? text("recipients.by-proxy") : size(each["received-bytes"] ?? 0)), sort: (each) => each["received-bytes"] ?? 0 },
      { key: "closed", label: text("recipients.closed"), number: true, value: (each) => (closed(each) ? share(closed(each)) : text("recipients.closed.nothing")), sort: closed },
      { key: "disclosures", label: text("recipients.disclosures"), cell: found, sort: (each) => -(each.disclosures ?? []).length },
    ],
  });
  const live = append(element("div", { class: "on-screen recipients-grid" }), table.nodes);
  old.before(live);
  old.classList.add("without-script", "in-print");
  table.filter(null);
}
