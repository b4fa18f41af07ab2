// The catalogue that the page carries (web/messages/*.json), and the words of its language.

let catalogue = {};
let language = "en";
let regions = null;
let numbers = null;

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

export const locale = () => language;

export function has(key) {
  return Object.hasOwn(catalogue, key);
}

/** The text of a key with its {placeholders} filled. */
export function text(key, values = {}) {
  const pattern = has(key) ? catalogue[key] : key;
  return pattern.replace(/\{([\w-]+)\}/g, (whole, name) => (Object.hasOwn(values, name) ? String(values[name]) : whole));
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

export function duration(seconds) {
  if (seconds < 1) return text("duration.moment");
  if (seconds < 120) return counted("duration.seconds", Math.round(seconds * 10) / 10);
  if (seconds < 7200) return counted("duration.minutes", Math.round(seconds / 6) / 10);
  if (seconds < 48 * 3600) return text("duration.hours", { count: number(Math.round(seconds / 360) / 10) });
  return text("duration.days", { count: number(Math.round(seconds / 8640) / 10) });
}

/** `2012-11-26T16:45:00.015116Z` as `2012-11-26 16:45:00`. */
export function shortTime(time) {
  return String(time ?? "").slice(0, 19).replace("T", " ");
}
