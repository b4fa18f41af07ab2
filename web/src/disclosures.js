// The table of disclosures with its filters; the cards of the static part remain for print.
import { entryLabel, partsLabel, protection, recipientLabel } from "./audit.js";
import { append, element, host, visible } from "./dom.js";
import { country, number, shortTime, text, word } from "./messages.js";
import { virtualTable } from "./table.js";

const kChoices = 300;

function columns() {
  return [
    { key: "id", label: text("table.column.id"), value: (row) => row.each.id, sort: (row) => row.at },
    { key: "datum", label: text("table.column.datum"), sort: (row) => row.datum, cell: (row) => [row.datum + (row.each.form && row.each.form !== "plain" ? ` (${word("form", row.each.form)})` : ""),
      row.which ? element("span", { class: "soft" }, ` ${row.which}`) : null] },
    { key: "recipient", label: text("table.column.recipient"), cell: (row) => host(row.recipient), sort: (row) => row.recipient },
    { key: "country", label: text("table.column.country"), value: (row) => row.countryName, sort: (row) => row.countryName },
    { key: "transport", label: text("table.column.transport"), sort: (row) => row.how + row.transport,
      cell: (row) => element("span", { class: `tag ${row.how}` }, row.transport) },
    { key: "certainty", label: text("table.column.certainty"), sort: (row) => row.certainty,
      value: (row) => row.certainty + (row.each.direction === "received" ? `, ${word("direction", "received")}` : "") },
    { key: "count", label: text("table.column.count"), number: true, value: (row) => number(row.each.count), sort: (row) => row.each.count },
    { key: "first", label: text("table.column.first"), value: (row) => shortTime(row.each.first), sort: (row) => row.each.first ?? "" },
  ];
}

/** What tells rows of the same kind of data apart: which planted entry, and which part of it. */
function which(audit, each) {
  if (!each.entry) return "";
  const label = entryLabel(audit, each), plain = word("datum", each.datum);
  return [label.startsWith(plain) ? label.slice(plain.length).trim() : label, partsLabel(each)].filter(Boolean).join(", ");
}

function rowOf(audit, each, at) {
  const datum = word("datum", each.datum), recipient = recipientLabel(each), code = each.recipient.local ? "local" : each.recipient.country ?? "";
  return { each, at, datum, which: which(audit, each), recipient, code, countryName: code === "local" ? text("place.local") : code ? country(code) : "\u2013",
    how: protection(each), transport: word("transport", each.transport), certainty: word("certainty", each.certainty), haystack: null };
}

/** All that a search may mean: ids, words as printed and words of the document. */
function haystack(row) {
  const { each } = row;
  row.haystack = [each.id, each.datum, row.datum, row.recipient, row.countryName, row.code, each.form, row.transport, row.certainty, each.entry, row.which, each.sender?.name,
    each.recipient.organisation, each.recipient.operator, each.recipient.network, (each.recipient.addresses ?? []).join(" "), each.kind]
    .filter(Boolean).join("\n").toLowerCase();
  return row.haystack;
}

function choices(rows, value, label) {
  const counts = new Map();
  for (const row of rows) {
    const key = value(row);
    const one = counts.get(key) ?? { key, label: label(row), count: 0 };
    one.count += 1;
    counts.set(key, one);
  }
  return [...counts.values()].sort((a, b) => b.count - a.count).slice(0, kChoices).sort((a, b) => (a.label < b.label ? -1 : 1));
}

export function enhanceDisclosures(audit, open) {
  const section = document.getElementById("disclosures");
  const rows = audit.disclosures.map((each, at) => rowOf(audit, each, at));
  if (!section || rows.length === 0) return { filterBy() {}, start() {}, current: () => [] };
  const filters = {
    datum: [(row) => row.each.datum, (row) => row.datum],
    recipient: [(row) => row.recipient, (row) => row.recipient],
    country: [(row) => row.code, (row) => row.countryName],
    transport: [(row) => row.how, (row) => text(row.how === "unknown" ? "transport.unknown" : `matrix.cell.${row.how}`)],
    certainty: [(row) => row.each.certainty, (row) => row.certainty],
    direction: [(row) => row.each.direction, (row) => word("direction", row.each.direction)],
  };
  const selects = {};
  for (const [name, [value, label]] of Object.entries(filters)) {
    const found = choices(rows, value, label);
    selects[name] = element("select", { id: `filter-${name}`, onchange: apply }, element("option", { value: "" }, text("table.filter.all")),
      found.map((one) => element("option", { value: one.key || "-" }, `${one.label.length > 60 ? `${one.label.slice(0, 59)}\u2026` : one.label} (${number(one.count)})`)));
  }
  const search = element("input", { type: "search", id: "filter-search", autocomplete: "off", spellcheck: "false", oninput: apply });
  const table = virtualTable({ label: text("table.disclosures"), columns: columns(), rows, open: (row) => open(row.each.id) });

  function apply() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = Object.entries(selects).filter(([, select]) => select.value !== "").map(([name, select]) => [filters[name][0], select.value === "-" ? "" : select.value]);
    const keep = (row) => chosen.every(([value, wanted]) => value(row) === wanted) && (words.length === 0 || words.every((one) => (row.haystack ?? haystack(row)).includes(one)));
    table.filter(words.length || chosen.length ? keep : null);
  }
  const field = (name, control) => element("label", { for: control.id }, element("span", {}, text(name)), control);
  const form = element("form", { class: "filters", role: "search", onsubmit: (event) => event.preventDefault(), onreset: () => setTimeout(apply) }, field("table.search", search),
    Object.entries(selects).map(([name, select]) => field(`table.filter.${name}`, select)), element("button", { type: "reset" }, text("table.reset")));
  const cards = element("div", { class: "without-script" });
  for (const child of [...section.children]) if (child.tagName !== "H2") cards.append(child);
  append(section, [element("div", { class: "on-screen" }, form, element("p", { class: "soft" }, text("table.help")), table.nodes), cards]);
  cards.classList.add("in-print");
  return {
    start: () => table.filter(null),
    filterBy(wanted) {
      form.reset();
      for (const [name, value] of Object.entries(wanted)) {
        if (value === undefined || !selects[name]) continue;
        selects[name].value = value || "-";
        if (selects[name].selectedIndex < 0) {  // merged or too many to list: search for it
          selects[name].value = "";
          search.value = visible(value);
        }
      }
      apply();
      section.scrollIntoView();
    },
    current: () => table.current().map((row) => row.each.id),
  };
}
