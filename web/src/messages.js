// The catalogue that the page carries (web/messages/*.json), and the words of its language.

let catalogue = {};
let language = "en";
let regions = null;
let numbers = null;
let clockOffset = 0;  // milliseconds from UTC
let zone = "UTC";

export function setUpMessages(messages, lang) {
  catalogue = messages;
  language = lang || "en";
  numbers = new Intl.NumberFormat(language, { maximumFractionDigits: 1, useGrouping: "always" });
  try {
    regions = new Intl.DisplayNames([language], { type: "region" });
  } catch {
    regions = null;
  }
}

/** @param clock  The document's: times are shown by it, else in UTC. */
export function setUpClock(clock) {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(clock?.offset ?? "") ?? [];
  clockOffset = sign ? (sign === "-" ? -1 : 1) * (60 * hours + Number(minutes)) * 60e3 : 0;
  zone = clockOffset === 0 ? "UTC" : `UTC${clock.offset}`;
}

// Sentences that the audit wrote in English, found again by their pattern (as src/report/say/said.cc does).
let sentences = [];

/** @param english  The English texts of the keys `said.*`; none on an English page. */
export function setUpSentences(english) {
  sentences = Object.entries(english ?? {}).map(([key, pattern]) => {
    const names = [...pattern.matchAll(/\{([\w-]+)\}/g)].map((found) => found[1]), literals = pattern.split(/\{[\w-]+\}/);
    return { key, names, literals, weight: literals.join("").length, words: /[a-z]/i.test(literals.join("")) };
  }).sort((a, b) => b.weight - a.weight);
}

function valuesOf(literals, said) {
  if (!said.startsWith(literals[0])) return null;
  const values = [];
  let at = literals[0].length;
  for (let i = 1; i < literals.length; ++i) {
    const last = i + 1 === literals.length, next = literals[i];
    const end = last ? said.length - next.length : said.indexOf(next, at);
    if (end <= at || (last && !said.endsWith(next))) return null;
    values.push(said.slice(at, end));
    at = end + next.length;
  }
  return at === said.length ? values : null;
}

function translate(said, depth) {
  for (const { key, names, literals, words } of sentences) {
    const values = valuesOf(literals, said);
    if (!values) continue;
    let known = words;
    const filled = Object.fromEntries(names.map((name, i) => {
      const inner = depth > 0 ? translate(values[i], depth - 1) ?? translateParts(values[i], "; ", depth - 1) : null;
      known ||= inner !== null;
      return [name, inner ?? values[i]];
    }));
    if (known) return text(key, filled);
  }
  return null;
}

function translateParts(said, between, depth) {
  const parts = said.split(between);
  if (parts.length < 2) return null;
  const found = parts.map((part) => translate(part, depth) ?? (between === ". " ? translateParts(part, "; ", depth) : null));
  return found.every((part) => part !== null) ? found.join(between) : null;
}

/** [text, whether it stayed English on a page of another language]. */
export function said(english) {
  const whole = String(english ?? "");
  if (sentences.length === 0) return [whole, false];
  const found = translate(whole, 3);
  if (found !== null) return [found, false];
  const stop = whole.endsWith(".") ? "." : "", text = stop ? whole.slice(0, -1) : whole;
  const parts = (stop ? translate(text, 3) : null) ?? translateParts(text, ". ", 3) ?? translateParts(text, "; ", 3);
  return parts === null ? [whole, true] : [parts + stop, false];
}

export const locale = () => language;

export function has(key) {
  return Object.hasOwn(catalogue, key);
}

/** The text of a key with its {placeholders} filled. */
export function text(key, values = {}) {
  const pattern = has(key) ? catalogue[key] : key;
  return pattern.replace(/\{([\w-]+)\}/g, (whole, name) => (Object.hasOwn(values, name) ? String(values[name]) : name === "zone" ? zone : whole));
}

/** The text of `key.one` or `key.other`. */
export function counted(key, count, values = {}) {
  return text(`${key}.${count === 1 ? "one" : "other"}`, { ...values, count: number(count) });
}

export function number(value) {
  return numbers.format(value);
}

/** A word of an enumeration: its text, else the word itself, readable. */
export function word(kind, name) {
  const key = `${kind}.${name}`;
  return has(key) ? catalogue[key] : String(name ?? "").replaceAll("-", " ");
}

const countries = new Map();

export function country(code) {
  if (!code) return text("place.unknown");
  let name = countries.get(code);
  if (name === undefined) {
    try {
      name = (regions && regions.of(code)) || code;
    } catch {
      name = code;
    }
    countries.set(code, name);
  }
  return name;
}

const bytesUnits = ["kB", "MB", "GB", "TB"];

export function size(bytes) {
  if (bytes < 1000) return counted("count.bytes", bytes);
  let scaled = bytes / 1000, unit = 0;
  while (scaled >= 999.95 && unit + 1 < bytesUnits.length) {
    scaled /= 1000;
    ++unit;
  }
  return `${new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(scaled)} ${bytesUnits[unit]}`;
}

export function share(part) {
  if (part > 0 && part < 0.01) return text("share.under", { share: 1 });
  if (part < 1 && part > 0.99) return text("share.over", { share: 99 });
  return `${Math.round(part * 100)} %`;
}

/** @param kind  `duration`, or `span` where the language has another form for "every …". */
export function duration(seconds, kind = "duration") {
  if (seconds < 1) return text(`${kind}.moment`);
  if (seconds < 120) return counted(`${kind}.seconds`, Math.round(seconds * 10) / 10);
  if (seconds < 7200) return counted(`${kind}.minutes`, Math.round(seconds / 6) / 10);
  if (seconds < 48 * 3600) return text(`${kind}.hours`, { count: number(Math.round(seconds / 360) / 10) });
  return text(`${kind}.days`, { count: number(Math.round(seconds / 8640) / 10) });
}

function local(moment) {
  const shifted = new Date(moment + clockOffset);
  return Number.isNaN(shifted.getTime()) ? null : shifted.toISOString();
}

/** The day of a moment (milliseconds), as the language writes it; `time.day` leaves out the year. */
export function dayOf(moment, kind = "time.date") {
  const iso = local(moment);
  const digits = (two) => (text("time.two-digits") === "yes" ? two : Number(two));
  return iso === null ? "" : text(kind, { year: iso.slice(0, 4), month: digits(iso.slice(5, 7)), day: digits(iso.slice(8, 10)) });
}

/** @param characters  5: to the minute, 8: to the second, 12: to the millisecond. */
export function timeOfDay(moment, characters = 8) {
  return (local(moment) ?? "").slice(11, 11 + characters).replace(".", text("number.decimal")).replaceAll(":", text("time.colon"));
}

/** Milliseconds by which that clock is ahead of UTC: for axes whose round numbers shall be its. */
export const clockAhead = () => clockOffset;

/** `2012-11-26T16:45:00.015116Z` as `2012-11-26 18:45:00`. */
export function shortTime(time) {
  const moment = Date.parse(time ?? "");
  return Number.isNaN(moment) ? "" : `${dayOf(moment)} ${timeOfDay(moment)}`;
}
