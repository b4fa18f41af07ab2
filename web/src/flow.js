// The flow picture: kind of data -> recipient -> country of registration.
import { grouped, kProtections, protection, recipientLabel, sent } from "./audit.js";
import { chart, plain, tooltip } from "./chart.js";
import { append, element, visible } from "./dom.js";
import { counted, country, number, text, word } from "./messages.js";
import { messageSums } from "./sums.js";
import { colours, font, isPrinting } from "./theme.js";

// On a screen, and on paper, which may be grey: there the classes must differ by their darkness.
const kOpacities = [{ clear: 0.62, unknown: 0.62, closed: 0.38 }, { clear: 0.9, unknown: 0.6, closed: 0.26 }];
const kRecipients = 18, kData = 16, kTableRows = 400;

function countryOf(disclosure) {
  return disclosure.recipient?.local ? "local" : disclosure.recipient?.country || "";
}

function countryLabel(code) {
  return code === "local" ? text("place.local") : code ? country(code) : text("flow.unknown-country");
}

/** The names that get a band of their own, most first; the rest share one. */
function keepMost(groups, most) {
  const names = [...groups].sort((a, b) => b[1].count - a[1].count).map(([name]) => name);
  return new Set(names.length > most ? names.slice(0, most - 1) : names);
}

/**
 * Bands of the picture: [{from, to, count, messages, how}] with layers in the names, so that equal names of two layers
 * differ. `count` is its thickness, in which a message with several kinds of data counts for each; `messages` are distinct.
 */
export function bands(audit, disclosures) {
  const data = keepMost(grouped(disclosures, (each) => each.datum), kData);
  const byRecipient = grouped(disclosures, recipientLabel);
  const recipients = keepMost(byRecipient, kRecipients);
  const others = text("flow.others", { count: number(byRecipient.size - recipients.size) });
  const layers = (each) => {
    const label = recipientLabel(each);
    return [`d${data.has(each.datum) ? word("datum", each.datum) : "\u2026"}`, `r${recipients.has(label) ? label : others}`,
      `c${countryLabel(countryOf(each))}`, protection(each)];
  };
  const links = new Map();
  const linkOf = (from, to, how) => {
    const key = JSON.stringify([from, to, how]);
    if (!links.has(key)) links.set(key, { from, to, how, count: 0, messages: 0 });
    return links.get(key);
  };
  for (const [key, messages] of messageSums(audit, disclosures, (each) => [JSON.stringify(layers(each))])) {
    const [datum, recipient, place, how] = JSON.parse(key);
    for (const link of [linkOf(datum, recipient, how), linkOf(recipient, place, how)]) link.count += messages;
  }
  const ends = (each) => {
    const [datum, recipient, place, how] = layers(each);
    return [[datum, recipient, how], [recipient, place, how]].map((one) => JSON.stringify(one));
  };
  for (const [key, messages] of messageSums(audit, disclosures, ends)) linkOf(...JSON.parse(key)).messages = messages;
  return [...links.values()].sort((a, b) => kProtections.indexOf(a.how) - kProtections.indexOf(b.how));
}

function option(links, width) {
  const theme = colours(), narrow = width < 620;
  const names = [...new Set(links.flatMap((link) => [link.from, link.to]))];
  const depth = { d: 0, r: 1, c: 2 };
  const shown = (name) => plain(visible(name.slice(1)));
  // A host's name has two lines on a narrow screen, and what stands in brackets is left to the table.
  const cut = (name, most) => (name.length > most ? `${name.slice(0, most - 1)}\u2026` : name);
  const label = (name) => (name[0] === "d" && narrow ? shown(name).replace(/ \([^)]*\)$/, "")
    : name[0] === "r" && narrow ? shown(name).replace(/^([^.]{4,}\.)(?=.{8})/, "$1\n").split("\n").map((line) => cut(line, 16)).join("\n")
      : name[0] === "r" ? cut(shown(name), width < 850 && !isPrinting() ? 28 : 40) : shown(name));
  return {
    textStyle: { fontFamily: font() },
    tooltip: tooltip(theme, ({ dataType, data, name }) =>
      dataType === "edge"
        ? text("flow.link", { from: shown(data.source), to: shown(data.target), times: counted("count.messages", data.messages), how: text(`matrix.cell.${data.how}`) })
        : shown(name)),
    series: [{
      type: "sankey", left: narrow ? 82 : isPrinting() ? 150 : 190, right: narrow ? 62 : isPrinting() ? 104 : 150, top: 8, bottom: 8, nodeWidth: 10, nodeGap: narrow ? 16 : isPrinting() ? 6 : 10,
      nodeAlign: "left", draggable: false, emphasis: { focus: "adjacency" }, layoutIterations: 48,
      // On paper of their own: a name across a band reads as struck through.
      label: { color: theme.ink, fontSize: narrow ? 10 : isPrinting() ? 11 : 13, lineHeight: narrow ? 11.5 : isPrinting() ? 13 : 15, formatter: ({ name }) => label(name),
        backgroundColor: theme.paper, padding: [1, 3], borderRadius: 2 },
      data: names.map((name) => ({ name, depth: depth[name[0]], itemStyle: { color: theme.node, borderWidth: 0 },
        label: name[0] === "d" ? { position: "left", width: narrow ? 66 : isPrinting() ? 145 : 185, overflow: "break", backgroundColor: "transparent" }
          : name[0] === "c" ? { width: narrow ? 50 : isPrinting() ? 96 : 140, overflow: "break", backgroundColor: "transparent" } : {} })),
      links: links.map((link) => ({ source: link.from, target: link.to, value: link.count, messages: link.messages, how: link.how,
        lineStyle: { color: theme[link.how], opacity: kOpacities[isPrinting() ? 1 : 0][link.how], curveness: 0.5 } })),
    }],
  };
}

function table(audit, disclosures) {
  const keyOf = (each) => JSON.stringify([each.datum, recipientLabel(each), countryOf(each), protection(each)]);
  const rows = new Map([...messageSums(audit, disclosures, (each) => [keyOf(each)])].map(([key, count]) => {
    const [datum, to, place, how] = JSON.parse(key);
    return [key, { datum: word("datum", datum), to, country: countryLabel(place), how, count }];
  }));
  const most = [...rows.values()].sort((a, b) => b.count - a.count);
  const head = ["table.column.datum", "table.column.recipient", "table.column.country", "table.column.transport", "table.column.messages"];
  return element("table", { class: "stacked" },
    element("thead", {}, element("tr", {}, head.map((key, at) => element("th", { scope: "col", class: at === 4 ? "number" : null }, text(key))))),
    element("tbody", {}, most.slice(0, kTableRows).map((row) => element("tr", {},
      [row.datum, row.to, row.country, text(`matrix.cell.${row.how}`), number(row.count)].map((cell, at) =>
        element("td", { "data-label": text(head[at]), class: at === 4 ? "number" : null }, cell))))));
}

export function flowSection(audit, filterBy) {
  const section = element("section", { id: "flow", "aria-labelledby": "flow-title" }, element("h2", { id: "flow-title" }, text("flow.title")),
    element("p", { class: "soft" }, text("flow.note")));
  const sets = ["verified", "inferred"].map((certainty) => [certainty, sent(audit.disclosures, certainty)]);
  const box = element("div", { class: "picture", role: "img" });
  const nothing = element("p", { hidden: true }, text("flow.none"));
  const details = element("details", { class: "as-table" }, element("summary", {}, text("flow.table")));
  const which = element("p", { class: "only-print" });
  let links = [], current = [], drawn = null;
  const show = (certainty) => {
    current = sets.find(([name]) => name === certainty)[1];
    which.textContent = word("certainty", certainty);
    links = bands(audit, current);
    nothing.hidden = links.length > 0;
    box.hidden = links.length === 0;
    box.setAttribute("aria-label", text("flow.aria", {
      data: counted("headline.data", grouped(current, (each) => each.datum).size),
      recipients: counted("count.recipients", grouped(current, recipientLabel).size),
      countries: counted("flow.countries", grouped(current, countryOf).size) }));
    details.replaceChildren(details.firstChild, table(audit, current));
    if (drawn) drawn.redraw();
  };
  // Verified and inferred are two pictures, never one.
  const choice = sets[1][1].length === 0 ? null : element("fieldset", { class: "choice" }, element("legend", {}, text("flow.choice")),
    sets.map(([certainty], at) => element("label", {}, element("input", { type: "radio", name: "flow-certainty", value: certainty, checked: at === 0,
      onchange: () => show(certainty) }), " ", word("certainty", certainty))));
  const legend = element("ul", { class: "legend" }, kProtections.filter((how) => how !== "unknown" || sets.some(([, list]) => list.some((each) => protection(each) === how))).map((how) => element("li", {}, element("span", { class: `band ${how}` }), " ",
    text(how === "unknown" ? "transport.unknown" : `matrix.legend.${how}`))));
  append(section, [choice, which, legend, nothing, box, details]);
  return {
    section,
    draw: () => {
      show("verified");
      drawn = chart(box, (width) => Math.max(320, Math.min(isPrinting() ? 390 : width < 620 ? 900 : 760, (width < 620 ? 36 : 26) * new Set(links.map((link) => (link.to[0] === "r" ? link.to : link.from))).size + (width < 620 ? 60 : 90))),
        (width) => option(links, width), (event) => {
          const name = event.dataType === "node" ? event.name : event.data.source;
          if (name[0] === "r") filterBy({ recipient: name.slice(1) });
          else if (name[0] === "d") filterBy({ datum: current.find((each) => word("datum", each.datum) === name.slice(1))?.datum });
        });
    },
  };
}
