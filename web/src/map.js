// Where the recipients' addresses are registered: neutral marks on a grey world.
import atlas from "virtual:atlas";
import { hostOf, sent } from "./audit.js";
import { chart, plain, registerMap, tooltip } from "./chart.js";
import { append, element } from "./dom.js";
import { counted, country, number, text } from "./messages.js";
import { colours, font } from "./theme.js";

const kLabels = 12;

/** [{code, times, hosts, contacted}] by country of registration; times are verified values sent. */
export function registrations(audit) {
  const places = new Map();
  const at = (code) => {
    if (!places.has(code)) places.set(code, { code, times: 0, hosts: new Set(), contacted: new Set() });
    return places.get(code);
  };
  let unknown = 0;
  for (const each of sent(audit.disclosures, "verified")) {
    const { country: code, local } = each.recipient;
    if (!code || local) {
      unknown += each.count;
      continue;
    }
    at(code).times += each.count;
    at(code).hosts.add(hostOf(each.recipient));
  }
  for (const each of audit.recipients ?? []) {
    if (each.country && !each.local) at(each.country).contacted.add(hostOf(each));
  }
  return { places: [...places.values()].sort((a, b) => b.times - a.times), unknown };
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
    : text("map.mark", { country: where, times: counted("count.times", place.times), recipients: counted("count.recipients", place.hosts.size) });
}

// A label goes to the left of its mark where another mark stands close to the right.
function side({ point: [x, y] }, drawn, narrow) {
  const reach = narrow ? 30 : 45;
  return drawn.slice(0, kLabels).some(({ point }) => point[0] > x && point[0] - x < reach && Math.abs(point[1] - y) < 9) ? "left" : "right";
}

function option(drawn, width) {
  const theme = colours(), most = Math.max(1, ...drawn.map(({ place }) => place.times)), narrow = width < 620;
  return {
    textStyle: { fontFamily: font() },
    tooltip: tooltip(theme, ({ data }) => (data?.place ? plain(markText(data.place)) : "")),
    geo: { map: "world", projection: equalEarth, roam: false, silent: true, left: 0, right: 0, top: 4, bottom: 4,
      itemStyle: { areaColor: theme.land, borderColor: theme.coast, borderWidth: 0.6 } },
    series: [{
      type: "scatter", coordinateSystem: "geo",
      data: drawn.map(({ place, point }, at, all) => ({
        value: point, place, symbol: place.times ? "circle" : "emptyCircle",
        symbolSize: place.times ? 9 + (narrow ? 13 : 22) * Math.sqrt(place.times / most) : 7,
        itemStyle: { color: theme.mark, opacity: place.times ? 0.78 : 0.6 },
        label: { show: at < kLabels && place.times > 0, formatter: plain(narrow ? place.code : `${country(place.code)} ${number(place.times)}`), position: side({ point }, all, narrow),
          color: theme.ink, fontSize: narrow ? 11 : 13, textBorderColor: theme.paper, textBorderWidth: 3 },
      })),
      labelLayout: { moveOverlap: "shiftY" },
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
  append(section, [element("p", { class: "soft" }, text("map.note")), box,
    unknown ? element("p", { class: "soft" }, text("map.unknown", { times: counted("count.times", unknown) })) : null,
    element("details", { class: "as-table", open: places.length <= 4 }, element("summary", {}, text("flow.table")), table(places)),
    element("p", { class: "soft" }, text("map.source"))]);
  return {
    section,
    draw: () => {
      registerMap("world", atlas.outlines);
      chart(box, (width) => Math.round(width * 0.47), (width) => option(drawn, width), ({ data }) => data?.place && filterBy({ country: data.place.code }));
    },
  };
}
