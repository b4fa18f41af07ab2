// A table of any length: only the rows in view exist. Sorts by its heads, moves by arrow keys.
import { element } from "./dom.js";
import { number, text } from "./messages.js";

const kSpare = 8;

/**
 * @param columns  [{key, label, number, width, value(row), sort(row), cell(row)}]; `cell` may return nodes.
 * @param open     What Enter or a click on a row does.
 */
export function virtualTable({ label, columns, rows, open, rowHeight = 42, narrowHeight = 108, widest = 620, initial }) {
  let shown = rows, sorted = { key: null, descending: false }, focused = 0, first = -1, last = -1;
  const heads = columns.map((column) => element("span", { role: "columnheader", class: column.number ? "number" : null, "aria-sort": "none" },
    element("button", { type: "button", onclick: () => sortBy(column) }, column.label)));
  const body = element("div", { role: "rowgroup", class: "rows" });
  const header = element("div", { role: "rowgroup", class: "heads" }, element("div", { role: "row", "aria-rowindex": "1" }, heads));
  const table = element("div", { role: "grid", class: "grid", "aria-label": label, "aria-colcount": String(columns.length) }, header, body);
  const box = element("div", { class: "viewport", tabindex: "0", role: "region", "aria-label": label }, table);
  const none = element("p", { class: "soft", hidden: true }, text("table.none"));
  const status = element("p", { class: "soft", role: "status" }), more = element("p", { class: "soft", hidden: true }, text("table.scroll"));
  const height = () => (box.clientWidth < widest && box.clientWidth > 0 ? narrowHeight : rowHeight);

  function rowElement(at) {
    const row = shown[at];
    const made = element("div", { role: "row", "aria-rowindex": String(at + 2), tabindex: at === focused ? "0" : "-1", class: at % 2 ? "odd" : null, "data-at": String(at),
      onclick: () => open(row), onfocus: () => { focused = at; } },
    columns.map((column) => element("span", { role: "gridcell", class: `${column.number ? "number " : ""}c-${column.key}`, "data-label": column.label }, column.cell ? column.cell(row) : column.value(row))));
    made.style.transform = `translateY(${at * height()}px)`;
    made.style.height = `${height()}px`;
    return made;
  }

  function draw(force) {
    const each = height(), top = Math.max(0, box.scrollTop - header.offsetHeight);
    const from = Math.max(0, Math.floor(top / each) - kSpare), to = Math.min(shown.length, Math.ceil((top + box.clientHeight) / each) + kSpare);
    if (!force && from === first && to === last) return;
    const hadFocus = body.contains(document.activeElement);
    first = from;
    last = to;
    table.classList.toggle("narrow", each === narrowHeight);
    table.setAttribute("aria-rowcount", String(shown.length + 1));
    body.style.height = `${shown.length * each}px`;
    body.replaceChildren(...Array.from({ length: to - from }, (_, i) => rowElement(from + i)));
    if (hadFocus) body.querySelector(`[data-at="${focused}"]`)?.focus({ preventScroll: true });
  }

  function update() {
    none.hidden = shown.length > 0;
    box.hidden = shown.length === 0;
    status.textContent = text("table.shown", { shown: number(shown.length), all: number(rows.length) });
    // Whole rows only: a cut one looks like the end of a broken table.
    const fit = Math.max(3, Math.min(12, Math.floor((0.7 * innerHeight - header.offsetHeight) / height())));
    more.hidden = shown.length <= fit;
    box.style.setProperty("--rows-height", `${Math.min(shown.length, fit) * height() + header.offsetHeight + 2}px`);
    focused = 0;
    box.scrollTop = 0;
    draw(true);
  }

  function order(list) {
    const column = columns.find(({ key }) => key === sorted.key);
    if (!column) return list;
    const sign = sorted.descending ? -1 : 1;
    const keyed = list.map((row, at) => [column.sort(row), at, row]);
    keyed.sort((a, b) => (a[0] < b[0] ? -sign : a[0] > b[0] ? sign : a[1] - b[1]));
    return keyed.map(([, , row]) => row);
  }

  let unordered = rows;
  function sortBy(column) {
    sorted = { key: column.key, descending: sorted.key === column.key ? !sorted.descending : Boolean(column.number) };
    heads.forEach((head, at) => head.setAttribute("aria-sort", columns[at].key === sorted.key ? (sorted.descending ? "descending" : "ascending") : "none"));
    shown = order(unordered);
    update();
  }

  function move(to) {
    focused = Math.max(0, Math.min(shown.length - 1, to));
    const each = height(), top = focused * each;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + each + header.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = top + each + header.offsetHeight - box.clientHeight;
    draw(true);
    body.querySelector(`[data-at="${focused}"]`)?.focus({ preventScroll: true });
  }

  box.addEventListener("scroll", () => draw(false), { passive: true });
  box.addEventListener("keydown", (event) => {
    const page = Math.max(1, Math.floor(box.clientHeight / height()) - 2);
    const to = { ArrowDown: focused + 1, ArrowUp: focused - 1, PageDown: focused + page, PageUp: focused - page, Home: 0, End: shown.length - 1 }[event.key];
    const onRow = event.target.getAttribute?.("role") === "row";
    if (to !== undefined && (onRow || event.target === box)) {
      event.preventDefault();
      move(onRow ? to : focused);
    } else if (event.key === "Enter" && onRow) {
      event.preventDefault();
      open(shown[focused]);
    }
  });
  new ResizeObserver(() => draw(true)).observe(box);
  if (initial) sorted = initial;
  return {
    nodes: [status, box, more, none],
    /** Shows the rows that `keep` keeps, in the order chosen. */
    filter(keep) {
      unordered = keep ? rows.filter(keep) : rows;
      shown = order(unordered);
      update();
    },
    current: () => shown,
  };
}
