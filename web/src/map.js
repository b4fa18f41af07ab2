// Where the recipients' addresses are registered: neutral marks on a grey world.
import atlas from "virtual:atlas";
import { hostOf, sent } from "./audit.js";
import { chart, plain, registerMap, tooltip } from "./chart.js";
import { append, element } from "./dom.js";
import { messageSums } from "./sums.js";
import { counted, country, number, text } from "./messages.js";
import { colours, font, isPrinting } from "./theme.js";

const kLabels = 12;

/** [{code, times, hosts, contacted}] by country of registration; times are messages with verified values. */
export function registrations(audit) {
  const places = new Map();
  const at = (code) => {
    if (!places.has(code)) places.set(code, { code, times: 0, hosts: new Set(), contacted: new Set() });
    return places.get(code);
  };
  const told = sent(audit.disclosures, "verified");
  const sums = messageSums(audit, told, ({ recipient }) => (recipient.local ? [] : [recipient.country || ""]));
  for (const [code, messages] of sums) if (code) at(code).times = messages;
  for (const each of told) {
    const { country: code, local } = each.recipient;
    if (!code || local) continue;
    at(code).hosts.add(hostOf(each.recipient));
  }
  for (const each of audit.recipients ?? []) {
    if (each.country && !each.local) at(each.country).contacted.add(hostOf(each));
  }
  return { places: [...places.values()].sort((a, b) => b.times - a.times), unknown: sums.get("") ?? 0 };
}

// Equal Earth (Savric, Patterson, Jenny 2018): areas keep their proportions, so no country looks larger than it is.
const a1 = 1.340264, a2 = -0.081106, a3 = 0.000893, a4 = 0.003796, m = Math.sqrt(3) / 2;
export const equalEarth = {
  project([longitude, latitude]) {
    const theta = Math.asin(m * Math.sin((latitude * Math.PI) / 180)), t2 = theta * theta, t6 = t2 ** 3;
    const x = ((longitude * Math.PI) / 180 * Math.cos(theta)) / (m * (a1 + 3 * a2 * t2 + t6 * (7 * a3 + 9 * a4 * t2)));
    return [x * 100, -theta * (a1 + a2 * t2 + t6 * (a3 + a4 * t2)) * 100];
  },
  unproject([x, y]) {
    let theta = -y / 100;
    for (let i = 0; i < 12; ++i) {
      const t2 = theta * theta, t6 = t2 ** 3;
      theta -= (theta * (a1 + a2 * t2 + t6 * (a3 + a4 * t2)) + y / 100) / (a1 + 3 * a2 * t2 + t6 * (7 * a3 + 9 * a4 * t2));
    }
    const t2 = theta * theta, t6 = t2 ** 3;
    const longitude = (m * (x / 100) * (a1 + 3 * a2 * t2 + t6 * (7 * a3 + 9 * a4 * t2))) / Math.cos(theta);
    return [(longitude * 180) / Math.PI, (Math.asin(Math.sin(theta) / m) * 180) / Math.PI];
  },
};

function markText(place) {
  const where = country(place.code);
  return place.times === 0 ? `${where}: ${text("map.contacted")}`
    : text("map.mark", { country: where, times: counted("count.messages", place.times), recipients: counted("count.recipients", place.hosts.size) });
}

const kExtent = 541.4;  // of the projection, from the date line to the date line

/**
 * Where each mark's label finds room: beside its own mark and over no other mark or label; the most important first.
 * @return  Positions as ECharts names them; null: none, then the table says it.
 */
function labelPlaces(drawn, width, label, sizeOf, fontSize) {
  const scale = width / kExtent, boxes = drawn.map(({ point, place }) => {
    const [x, y] = equalEarth.project(point), r = sizeOf(place) / 2;
    return { x: x * scale, y: y * scale, r };
  });
  const taken = boxes.map(({ x, y, r }) => [x - r, y - r, x + r, y + r]);
  return drawn.map(({ place }, at) => {
    if (at >= kLabels) return null;
    const { x, y, r } = boxes[at], w = label(place).length * fontSize * 0.58 + 6, h = fontSize * 0.6;
    const around = { right: [x + r + 2, y - h, x + r + 5 + w, y + h], left: [x - r - 5 - w, y - h, x - r - 2, y + h],
      top: [x - w / 2, y - r - 3 - 2 * h, x + w / 2, y - r - 2], bottom: [x - w / 2, y + r + 2, x + w / 2, y + r + 3 + 2 * h] };
    for (const [position, box] of Object.entries(around)) {
      if (Math.abs(box[0]) > width / 2 || Math.abs(box[2]) > width / 2) continue;
      if (taken.some((other, i) => i !== at && box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) continue;
      taken.push(box);
      return position;
    }
    return null;
  });
}

function option(drawn, width) {
  const theme = colours(), most = Math.max(1, ...drawn.map(({ place }) => place.times)), narrow = width < 620, fontSize = narrow ? 11 : 13;
  const label = (place) => (narrow ? place.code : place.times ? `${country(place.code)} ${number(place.times)}` : country(place.code));
  const sizeOf = (place) => (place.times ? (narrow ? 6 : 9) + (narrow ? 7 : 22) * Math.sqrt(place.times / most) : 7);
  const places = labelPlaces(drawn, width, label, sizeOf, fontSize);
  return {
    textStyle: { fontFamily: font() },
    tooltip: tooltip(theme, ({ data }) => (data?.place ? plain(markText(data.place)) : "")),
    geo: { map: "world", projection: equalEarth, roam: false, silent: true, left: 0, right: 0, top: 4, bottom: 4,
      itemStyle: { areaColor: theme.land, borderColor: theme.coast, borderWidth: 0.6 } },
    series: [{
      type: "scatter", coordinateSystem: "geo",
      data: drawn.map(({ place, point }, at) => ({
        value: point, place, symbol: place.times ? "circle" : "emptyCircle", symbolSize: sizeOf(place),
        itemStyle: { color: theme.mark, opacity: place.times ? 0.78 : 0.8, borderColor: place.times ? theme.paper : undefined, borderWidth: place.times ? 0.8 : 2 },
        label: { show: places[at] !== null, formatter: plain(label(place)), position: places[at] ?? "right", color: theme.ink, fontSize, textBorderColor: theme.paper, textBorderWidth: 3 },
      })),
    }],
  };
}

function table(places) {
  const head = ["map.country", "map.times", "map.recipients"];
  return element("table", { class: "stacked" },
    element("thead", {}, element("tr", {}, head.map((key, at) => element("th", { scope: "col", class: at ? "number" : null }, text(key))))),
    element("tbody", {}, places.map((place) => element("tr", {},
      [country(place.code), place.times ? number(place.times) : text("map.contacted"), number(place.hosts.size || place.contacted.size)]
        .map((cell, at) => element("td", { "data-label": text(head[at]), class: at ? "number" : null }, cell))))));
}

export function mapSection(audit, countries, filterBy) {
  const { places, unknown } = registrations(audit);
  const drawn = places.map((place) => ({ place, point: atlas.points[countries[place.code]] })).filter(({ point }) => point);
  const section = element("section", { id: "map", "aria-labelledby": "map-title" }, element("h2", { id: "map-title" }, text("map.title")));
  if (places.length === 0) {
    append(section, element("p", {}, text("map.none")));
    return { section, draw() {} };
  }
  const box = element("div", { class: "picture", role: "img", "aria-label": text("map.aria", { countries: counted("flow.countries", drawn.length) }) });
  append(section, [element("p", { class: "soft" }, text("map.note"), drawn.some(({ place }) => place.times === 0) ? ` ${text("map.ring")}` : null), box,
    unknown ? element("p", { class: "soft" }, text("map.unknown", { times: counted("count.messages", unknown) })) : null,
    element("details", { class: "as-table", open: places.length <= 4 }, element("summary", {}, text("flow.table")), table(places)),
    element("p", { class: "soft" }, text("map.source"))]);
  return {
    section,
    draw: () => {
      registerMap("world", atlas.outlines);
      chart(box, (width) => Math.round(width * (isPrinting() ? 0.4 : 0.47)), (width) => option(drawn, width), ({ data }) => data?.place && filterBy({ country: data.place.code }));
    },
  };
}
