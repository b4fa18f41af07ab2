// When which host got what, with what the tester did.
import { hostOf, milliseconds, protection } from "./audit.js";
import { chart, plain, tooltip } from "./chart.js";
import { element, visible } from "./dom.js";
import { actionName } from "./facts.js";
import { number, shortTime, text, word } from "./messages.js";
import { colours, font, isPrinting } from "./theme.js";

const kRows = 24, kLanes = 4, kLane = 15;

/** The tester's log, as the table in the page counts its lines. */
function actionsOf(audit) {
  const all = (audit.actions ?? []).map((one, at) => ({ time: milliseconds(one.time), doubt: (one["uncertainty-s"] ?? 0) * 1000, number: at + 1, sleep: isSleep(one),
    label: actionName(one) }));
  return all.filter((one) => !Number.isNaN(one.time)).sort((a, b) => a.time - b.time);
}

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
  return actions.flatMap((one, at) => (one.sleep ? [[one.time, at + 1 < actions.length ? actions[at + 1].time : end]] : []));
}

// The first lane that is free where a label begins; near the right edge a label ends at its mark.
function room(lanes, x, width, right) {
  const ends = x + width > right, begin = ends ? x - width : x;
  for (let lane = 0; lane < kLanes; ++lane) {
    if ((lanes[lane] ?? -Infinity) > begin) continue;
    lanes[lane] = begin + width + 8;
    return { lane, ends };
  }
  return null;
}

/** Lines of the actions over the rows, with as many names as find room above them: drawn anew for every zoom. */
function actionSeries(actions, theme, width) {
  const top = (area) => area.y - 8;
  return { type: "custom", clip: false, z: 2, renderItem: (params, context) => {
    const one = actions[params.dataIndexInside], area = params.coordSys;
    const x = context.coord([one.time, 0])[0], begin = context.coord([one.time - one.doubt, 0])[0], end = context.coord([one.time + one.doubt, 0])[0];
    if (x < area.x - 1 || x > area.x + area.width + 1) return undefined;
    params.context.lanes ??= [];
    const label = `${one.number} ${one.label}`, found = width < 620 ? room(params.context.lanes, x, 8 + 6.5 * String(one.number).length, area.x + area.width)
      : room(params.context.lanes, x, 8 + 6.2 * label.length, area.x + area.width + 10);
    const y = found ? top(area) - kLane * (kLanes - found.lane) : top(area);
    const children = [{ type: "line", shape: { x1: x, x2: x, y1: y, y2: area.y + area.height }, style: { stroke: theme.action, lineWidth: 1, lineDash: [3, 3], opacity: 0.65 } }];
    if (one.doubt > 0) children.unshift({ type: "rect", shape: { x: Math.max(begin, area.x), y: top(area), width: Math.max(1, Math.min(end, area.x + area.width) - Math.max(begin, area.x)), height: area.height + 8 }, style: { fill: theme.action, opacity: 0.16 } });
    if (found) children.push({ type: "text", style: { text: plain(visible(width < 620 ? String(one.number) : label)), x: x + (found.ends ? -3 : 3), y, align: found.ends ? "right" : "left", verticalAlign: "top", fill: theme.action, font: `11px ${font()}` } });
    return { type: "group", children };
  }, data: actions.map((one) => ({ value: [one.time, 0], tip: `${new Date(one.time).toISOString().slice(11, 19)}${one.doubt ? ` \u00b1${one.doubt / 1000} s` : ""} ${visible(one.label)}`, number: one.number })) };
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
  const from = Math.min(...rows.map((row) => row.first)), to = Math.max(...rows.map((row) => row.last));
  const pad = Math.max(1000, (to - from) * 0.012);
  const api = (render) => ({ type: "custom", renderItem: render, silent: true, clip: true });
  return {
    textStyle: { fontFamily: font() },
    tooltip: tooltip(theme, ({ data }) => (data?.tip ? plain(data.tip) : "")),
    grid: { left, right: 14, top: actions.length ? 34 + kLane * kLanes : 26, bottom: isPrinting() ? 8 : 44 },
    dataZoom: isPrinting() ? [] : [
      { type: "inside", zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false, moveOnMouseMove: true, filterMode: "none" },
      { type: "slider", bottom: 8, height: 20, filterMode: "none", borderColor: theme.line, fillerColor: "rgba(128,144,168,.22)", showDataShadow: false,
        textStyle: { color: theme.soft }, labelFormatter: (value) => new Date(value).toISOString().slice(11, 16), handleStyle: { color: theme.paper, borderColor: theme.soft } }],
    xAxis: { type: "time", position: "top", min: from - pad, max: to + pad, axisLine: { show: false }, axisTick: { show: false },
      splitLine: { show: true, lineStyle: { color: theme.line } }, axisLabel: { color: theme.soft, hideOverlap: true, margin: actions.length ? 14 + kLane * kLanes : 8,
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
      actionSeries(actions, theme, width),
      { type: "scatter", z: 3, data: points(rows).map((mark) => ({ ...mark, ...symbol(mark, theme) })), cursor: "pointer" },
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
    marks: number(marks), hosts: number(rows.length), from: new Date(Math.min(...rows.map((row) => row.first))).toISOString().slice(11, 16),
    to: new Date(Math.max(...rows.map((row) => row.last))).toISOString().slice(11, 16) }) });
  const drawn = section.querySelector(".scroll");
  drawn?.classList.add("without-script");
  drawn?.after(box, element("p", { class: "soft on-screen" }, text("timeline.zoom")));
  return { draw: () => chart(box, () => rows.length * 24 + (actions.length ? 82 + kLane * kLanes : 74), (width) => option({ rows, actions }, width), ({ data }) => data?.id && open(data.id)) };
}
