// When which host got what, with what the tester did.
import { hostOf, milliseconds, protection } from "./audit.js";
import { chart, plain, tooltip } from "./chart.js";
import { element, visible } from "./dom.js";
import { actionName } from "./facts.js";
import { clockAhead, dayOf, number, text, timeOfDay, word } from "./messages.js";
import { colours, font, isPrinting } from "./theme.js";

const kRows = 40, kMostLanes = 9, kLane = 15, kLongest = 44;

// The axis counts in the clock's own time, so that its round numbers are those of the clock.
const moment = (time) => milliseconds(time) + clockAhead();
const shown = (value, characters) => timeOfDay(value - clockAhead(), characters);
const cut = (label) => (label.length > kLongest ? `${label.slice(0, kLongest - 1)}\u2026` : label);

/** The tester's log, as the table in the page counts its lines. */
function actionsOf(audit) {
  const all = (audit.actions ?? []).map((one, at) => ({ time: moment(one.time), doubt: (one["uncertainty-s"] ?? 0) * 1000, number: at + 1, sleep: isSleep(one),
    label: cut(actionName(one)) }));
  return all.filter((one) => !Number.isNaN(one.time)).sort((a, b) => a.time - b.time);
}

/** Whether an action of the log says that the phone was left alone. */
const isSleep = (action) => action.rest === true;

function rowsOf(audit) {
  const rows = new Map();
  const at = (label) => rows.get(label) ?? rows.set(label, { label, first: Infinity, last: -Infinity, bytes: 0, marks: [] }).get(label);
  const extend = (row, time) => {
    if (Number.isNaN(time)) return;
    row.first = Math.min(row.first, time);
    row.last = Math.max(row.last, time);
  };
  for (const each of audit.recipients ?? []) {
    const row = at(hostOf(each));
    extend(row, moment(each.first));
    extend(row, moment(each.last));
    row.bytes += (each["sent-bytes"] ?? 0) + (each["received-bytes"] ?? 0);
  }
  for (const each of audit.disclosures) {
    const row = at(hostOf(each.recipient));
    const times = (each.evidence ?? []).map((one) => one.time).filter(Boolean);
    for (const time of times.length ? times : [each.first]) {
      extend(row, moment(time));
      row.marks.push({ time, each });
    }
  }
  const seen = [...rows.values()].filter((row) => row.last >= row.first);
  const most = seen.sort((a, b) => b.marks.length - a.marks.length || b.bytes - a.bytes).slice(0, kRows);
  return most.sort((a, b) => a.first - b.first);
}

function sleeps(actions, end) {
  return actions.flatMap((one, at) => (one.sleep ? [[one.time, at + 1 < actions.length ? actions[at + 1].time : end]] : []));
}

// The first lane that is free where a label begins; near the right edge a label ends at its mark.
function room(lanes, x, width, right, most) {
  const ends = x + width > right, begin = ends ? x - width : x;
  for (let lane = 0; lane < most; ++lane) {
    if ((lanes[lane] ?? -Infinity) > begin) continue;
    lanes[lane] = begin + width + 8;
    return { lane, ends };
  }
  return null;
}

const labelOf = (one, narrow) => (narrow ? String(one.number) : `${one.number} ${one.label}`);
const widthOf = (label) => 8 + 6.2 * label.length;

/** How many lanes the labels need while all of the time is in view. */
function lanesNeeded(actions, from, to, left, right, narrow) {
  const lanes = [];
  for (const one of actions) {
    if (one.time >= from && one.time <= to) room(lanes, left + ((right - left) * (one.time - from)) / (to - from), widthOf(labelOf(one, narrow)), right, kMostLanes);
  }
  return lanes.length;
}

/** Lines of the actions over the rows, and on top of them as many names as find room: drawn anew for every zoom. */
function actionSeries(actions, theme, narrow, lanes) {
  const top = (area) => area.y - 8;
  const series = (z, draw) => ({ type: "custom", clip: false, z, data: actions.map((one) => ({ value: [one.time, 0], number: one.number,
    tip: `${shown(one.time)}${one.doubt ? ` \u00b1${number(one.doubt / 1000)} s` : ""} ${visible(one.label)}` })),
  renderItem: (params, context) => {
    const one = actions[params.dataIndexInside], area = params.coordSys, x = context.coord([one.time, 0])[0];
    if (x < area.x - 1 || x > area.x + area.width + 1) return undefined;
    params.context.lanes ??= [];
    const label = labelOf(one, narrow), found = room(params.context.lanes, x, widthOf(label), area.x + area.width + (narrow ? 0 : 10), lanes);
    return draw({ one, area, x, label, found, y: found ? top(area) - kLane * (lanes - found.lane) : top(area), context });
  } });
  return [series(2, ({ one, area, x, y, context }) => {
    const begin = Math.max(area.x, context.coord([one.time - one.doubt, 0])[0]), end = Math.min(area.x + area.width, context.coord([one.time + one.doubt, 0])[0]);
    const line = { type: "line", shape: { x1: x, x2: x, y1: y, y2: area.y + area.height }, style: { stroke: theme.action, lineWidth: 1, lineDash: [3, 3], opacity: 0.65 } };
    const doubt = { type: "rect", shape: { x: begin, y: top(area), width: Math.max(1, end - begin), height: area.height + 8 }, style: { fill: theme.action, opacity: 0.16 } };
    return { type: "group", children: one.doubt > 0 ? [doubt, line] : [line] };
  }), series(3, ({ x, y, label, found }) => (found ? { type: "text", style: { text: plain(visible(label)), x: x + (found.ends ? -3 : 3), y, align: found.ends ? "right" : "left", verticalAlign: "top",
    fill: theme.action, stroke: theme.paper, lineWidth: 4, font: `11px ${font()}` } } : undefined))];
}

// What is drawn last lies on top: what is only inferred lies under what is verified, and beside it.
const rank = (mark) => (mark.inferred ? 0 : mark.received ? 1 : 2);

function points(rows) {
  return rows.flatMap((row, y) => row.marks.map(({ time, each }) => ({
    value: [moment(time), y], id: each.id, received: each.direction === "received", how: protection(each), inferred: each.certainty !== "verified",
    tip: text("timeline.mark", { id: each.id, datum: word("datum", each.datum), direction: word("direction", each.direction), time: shown(moment(time)) }) }))).sort((a, b) => rank(a) - rank(b));
}

function symbol(mark, theme) {
  const colour = mark.received ? theme.closed : theme[mark.how];
  const shape = mark.received ? "triangle" : mark.how === "clear" ? "rect" : mark.how === "closed" ? "circle" : "diamond";
  const hollow = mark.received || mark.inferred;
  return { symbol: shape, symbolSize: mark.inferred ? 8 : mark.received || mark.how === "unknown" ? 11 : 10, symbolOffset: [0, mark.inferred ? -7 : mark.received ? 7 : 0],
    itemStyle: { opacity: 1, color: hollow ? theme.paper : colour, borderColor: hollow ? colour : theme.paper, borderWidth: hollow ? 1.6 : 1, borderType: mark.inferred ? [2, 1.5] : "solid" } };
}

function option({ rows, actions }, width) {
  const theme = colours(), narrow = width < 620, left = narrow ? 112 : 230;
  const from = Math.min(...rows.map((row) => row.first)), to = Math.max(...rows.map((row) => row.last));
  const pad = Math.max(1000, (to - from) * 0.012);
  const lanes = lanesNeeded(actions, from - pad, to + pad, left, width - 14, narrow);
  const api = (render) => ({ type: "custom", renderItem: render, silent: true, clip: true });
  return {
    useUTC: true,
    textStyle: { fontFamily: font() },
    tooltip: tooltip(theme, ({ data }) => (data?.tip ? plain(data.tip) : "")),
    grid: { left, right: 14, top: lanes ? 34 + kLane * lanes : 26, bottom: isPrinting() ? 8 : 44 },
    dataZoom: isPrinting() ? [] : [
      { type: "inside", zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false, moveOnMouseMove: true, filterMode: "none" },
      { type: "slider", bottom: 8, height: 20, filterMode: "none", borderColor: theme.line, fillerColor: "rgba(128,144,168,.22)", showDataShadow: false,
        textStyle: { color: theme.soft }, labelFormatter: (value) => shown(value, 5), handleStyle: { color: theme.paper, borderColor: theme.soft } }],
    xAxis: { type: "time", position: "top", min: from - pad, max: to + pad, axisLine: { show: false }, axisTick: { show: false },
      splitLine: { show: true, lineStyle: { color: theme.line } }, axisLabel: { color: theme.soft, hideOverlap: true, margin: lanes ? 14 + kLane * lanes : 8,
        formatter: (value) => (to - from > 2 * 86400e3 ? dayOf(value - clockAhead(), "time.day") : shown(value, to - from < 600e3 ? 8 : 5)) } },
    yAxis: { type: "category", inverse: true, data: rows.map((row) => row.label), axisLine: { show: false }, axisTick: { show: false },
      axisLabel: { color: theme.ink, fontSize: narrow || isPrinting() ? 11 : 13, width: left - 12, overflow: "truncate", interval: 0, formatter: (name) => plain(visible(name)) } },
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
      ...actionSeries(actions, theme, narrow, lanes),
      { type: "scatter", z: 4, data: points(rows).map((mark) => ({ ...mark, ...symbol(mark, theme) })), cursor: "pointer" },
    ],
  };
}

/** Replaces the picture of the static part, in its section. */
export function enhanceTimeline(audit, open) {
  const section = document.getElementById("timeline");
  const rows = rowsOf(audit);
  if (!section || rows.length === 0) return { draw() {} };
  const actions = actionsOf(audit);
  const marks = rows.reduce((sum, row) => sum + row.marks.length, 0);
  const box = element("div", { class: "picture", role: "img", "aria-label": text("timeline.aria", {
    marks: number(marks), hosts: number(rows.length), from: shown(Math.min(...rows.map((row) => row.first)), 5),
    to: shown(Math.max(...rows.map((row) => row.last)), 5) }) });
  const drawn = section.querySelector(".scroll");
  drawn?.classList.add("without-script");
  drawn?.after(box, element("p", { class: "soft on-screen" }, text("timeline.zoom")));
  const made = (width) => option({ rows, actions }, width);
  return { draw: () => chart(box, (width) => rows.length * (isPrinting() ? 16 : 24) + made(width).grid.top + made(width).grid.bottom, made, ({ data }) => data?.id && open(data.id)) };
}
