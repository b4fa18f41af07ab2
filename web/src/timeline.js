// When which host got what, with what the tester did.
import { hostOf, milliseconds, protection } from "./audit.js";
import { chart, plain, tooltip } from "./chart.js";
import { append, element, visible } from "./dom.js";
import { counted, number, shortTime, text, word } from "./messages.js";
import { colours, font, isPrinting } from "./theme.js";

const kRows = 24, kActions = 500;

/** Whether an action of the log says that the phone was left alone. */
const isSleep = (action) => /^(sleep|asleep|idle|left-alone|untouched)/.test(action.action ?? "");

function rowsOf(audit) {
  const rows = new Map();
  const at = (label) => rows.get(label) ?? rows.set(label, { label, first: Infinity, last: -Infinity, marks: [] }).get(label);
  const extend = (row, time) => {
    if (Number.isNaN(time)) return;
    row.first = Math.min(row.first, time);
    row.last = Math.max(row.last, time);
  };
  for (const each of audit.recipients ?? []) {
    const row = at(hostOf(each));
    extend(row, milliseconds(each.first));
    extend(row, milliseconds(each.last));
  }
  for (const each of audit.disclosures) {
    const row = at(hostOf(each.recipient));
    const times = (each.evidence ?? []).map((one) => one.time).filter(Boolean);
    for (const time of times.length ? times : [each.first]) {
      extend(row, milliseconds(time));
      row.marks.push({ time, each });
    }
  }
  const seen = [...rows.values()].filter((row) => row.last >= row.first);
  const most = seen.sort((a, b) => b.marks.length - a.marks.length).slice(0, kRows);
  return most.sort((a, b) => a.first - b.first);
}

function sleeps(actions, end) {
  return actions.flatMap((action, at) => (isSleep(action) ? [[milliseconds(action.time), at + 1 < actions.length ? milliseconds(actions[at + 1].time) : end]] : []));
}

function points(rows) {
  return rows.flatMap((row, y) => row.marks.map(({ time, each }) => ({
    value: [milliseconds(time), y], id: each.id, received: each.direction === "received", how: protection(each), inferred: each.certainty !== "verified",
    tip: text("timeline.mark", { id: each.id, datum: word("datum", each.datum), direction: word("direction", each.direction), time: shortTime(time).slice(11) }) })));
}

function symbol(mark, theme) {
  const colour = mark.received ? theme.closed : theme[mark.how];
  const shape = mark.received ? "triangle" : mark.how === "clear" ? "rect" : mark.how === "closed" ? "circle" : "diamond";
  const hollow = mark.received || mark.inferred;
  return { symbol: shape, symbolSize: mark.received || mark.how === "unknown" ? 11 : 10, symbolOffset: [0, mark.received ? 5 : mark.inferred ? -5 : 0],
    itemStyle: { opacity: 1, color: hollow ? theme.paper : colour, borderColor: hollow ? colour : theme.paper, borderWidth: hollow ? 1.6 : 1, borderType: mark.inferred ? [2, 1.5] : "solid" } };
}

function option({ rows, actions }, width) {
  const theme = colours(), narrow = width < 620, left = narrow ? 112 : 230;
  const from = Math.min(...rows.map((row) => row.first), ...actions.map((one) => milliseconds(one.time)));
  const to = Math.max(...rows.map((row) => row.last), ...actions.map((one) => milliseconds(one.time)));
  const pad = Math.max(1000, (to - from) * 0.012);
  const api = (render) => ({ type: "custom", renderItem: render, silent: true, clip: true });
  return {
    textStyle: { fontFamily: font() },
    tooltip: tooltip(theme, ({ data }) => (data?.tip ? plain(data.tip) : "")),
    grid: { left, right: 14, top: actions.length ? 44 : 26, bottom: isPrinting() ? 8 : 44 },
    dataZoom: isPrinting() ? [] : [
      { type: "inside", zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false, moveOnMouseMove: true, filterMode: "none" },
      { type: "slider", bottom: 8, height: 20, filterMode: "none", borderColor: theme.line, fillerColor: "rgba(128,144,168,.22)", showDataShadow: false,
        textStyle: { color: theme.soft }, labelFormatter: (value) => new Date(value).toISOString().slice(11, 16), handleStyle: { color: theme.paper, borderColor: theme.soft } }],
    xAxis: { type: "time", position: "top", min: from - pad, max: to + pad, axisLine: { show: false }, axisTick: { show: false },
      splitLine: { show: true, lineStyle: { color: theme.line } }, axisLabel: { color: theme.soft, hideOverlap: true, margin: actions.length ? 18 : 8,
        formatter: (value) => { const iso = new Date(value).toISOString(); return to - from > 2 * 86400e3 ? iso.slice(5, 10) : to - from < 600e3 ? iso.slice(11, 19) : iso.slice(11, 16); } } },
    yAxis: { type: "category", inverse: true, data: rows.map((row) => row.label), axisLine: { show: false }, axisTick: { show: false },
      axisLabel: { color: theme.ink, fontSize: narrow ? 11 : 13, width: left - 12, overflow: "truncate", interval: 0, formatter: (name) => plain(visible(name)) } },
    series: [
      { ...api((params, context) => {
        const [a, b] = [context.coord([context.value(0), 0]), context.coord([context.value(1), 0])];
        const area = params.coordSys;
        return { type: "rect", shape: { x: a[0], y: area.y, width: Math.max(1, b[0] - a[0]), height: area.height }, style: { fill: theme.sleep } };
      }), z: 0, data: sleeps(actions, to) },
      { ...api((params, context) => {
        const y = context.coord([context.value(0), context.value(2)])[1], x = [0, 1].map((at) => context.coord([context.value(at), 0])[0]);
        return { type: "line", shape: { x1: x[0], x2: Math.max(x[0] + 1, x[1]), y1: y, y2: y }, style: { stroke: theme.coast, lineWidth: 3, lineCap: "round" } };
      }), z: 1, data: rows.map((row, y) => [row.first, row.last, y]) },
      { type: "custom", clip: false, z: 2, renderItem: (params, context) => {
        const x = context.coord([context.value(0), 0])[0], area = params.coordSys;
        if (x < area.x || x > area.x + area.width) return undefined;
        return { type: "group", children: [
          { type: "line", shape: { x1: x, x2: x, y1: area.y - 2, y2: area.y + area.height }, style: { stroke: theme.action, lineWidth: 1, lineDash: [3, 3], opacity: 0.5 } },
          { type: "polygon", shape: { points: [[x - 4.5, area.y - 12], [x + 4.5, area.y - 12], [x, area.y - 3]] }, style: { fill: theme.action } }] };
      }, data: actions.filter((one) => !isSleep(one)).map((one) => ({ value: [milliseconds(one.time)], tip: `${shortTime(one.time).slice(11)} ${visible(one.action ?? "")}` })) },
      { type: "scatter", z: 3, data: points(rows).map((mark) => ({ ...mark, ...symbol(mark, theme) })), cursor: "pointer" },
    ],
  };
}

function settings(action) {
  const parts = [];
  const add = (value) => {
    if (value === null || value === undefined || value === "") return;
    if (typeof value === "object") parts.push(Object.entries(value).map(([name, state]) => `${name}: ${state}`).join(", "));
    else parts.push(String(value));
  };
  add(action.setting);
  for (const name of ["default", "asked", "granted", "refused", "told", "told-elsewhere", "trigger", "app"]) if (action[name]) parts.push(`${name}: ${action[name]}`);
  return parts.join("; ");
}

function actionsTable(actions) {
  const head = ["timeline.action.time", "timeline.action.what", "timeline.action.settings"];
  return element("details", { class: "as-table" }, element("summary", {}, `${text("timeline.actions")} (${number(actions.length)})`),
    element("table", { class: "stacked" }, element("thead", {}, element("tr", {}, head.map((key) => element("th", { scope: "col" }, text(key))))),
      element("tbody", {}, actions.slice(0, kActions).map((one) => element("tr", {},
        [shortTime(one.time) + (one["uncertainty-s"] ? ` \u00b1${one["uncertainty-s"]} s` : ""), one.action ?? "", settings(one)]
          .map((cell, at) => element("td", { "data-label": text(head[at]) }, cell)))))));
}

/** Replaces the picture of the static part, in its section. */
export function enhanceTimeline(audit, open) {
  const section = document.getElementById("timeline");
  const rows = rowsOf(audit);
  if (!section || rows.length === 0) return { draw() {} };
  const actions = (audit.actions ?? []).filter((one) => !Number.isNaN(milliseconds(one.time))).sort((a, b) => milliseconds(a.time) - milliseconds(b.time));
  const marks = rows.reduce((sum, row) => sum + row.marks.length, 0);
  const box = element("div", { class: "picture", role: "img", "aria-label": text("timeline.aria", {
    marks: number(marks), hosts: number(rows.length), from: new Date(Math.min(...rows.map((row) => row.first))).toISOString().slice(11, 16),
    to: new Date(Math.max(...rows.map((row) => row.last))).toISOString().slice(11, 16) }) });
  for (const old of section.querySelectorAll(".scroll, .timeline-static")) old.classList.add("without-script");
  const inferred = rows.some((row) => row.marks.some(({ each }) => each.certainty !== "verified"));
  append(section, [actions.length || inferred ? element("ul", { class: "legend" }, inferred ? element("li", {}, text("timeline.legend.inferred")) : null,
    actions.length ? element("li", {}, element("span", { class: "action-mark" }), " ", text("timeline.legend.action")) : null,
    actions.some(isSleep) ? element("li", {}, element("span", { class: "sleep-mark" }), " ", text("timeline.legend.sleep")) : null) : null,
  box, element("p", { class: "soft on-screen" }, text("timeline.zoom")),
  actions.length ? actionsTable(actions) : null]);
  return { draw: () => chart(box, () => rows.length * 24 + (actions.length ? 92 : 74), (width) => option({ rows, actions }, width), ({ data }) => data?.id && open(data.id)) };
}
