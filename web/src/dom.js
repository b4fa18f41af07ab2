// Elements without markup: whatever came from traffic becomes a text node and nothing else.

import { said } from "./messages.js";

const spoken = new Set(["aria-label", "title"]);

/** `element("a", {class: "cell", href: "#D1", onclick: f}, "text", child, …)`; null children are left out. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "class") made.className = value;
    else made.setAttribute(key, value === true ? "" : spoken.has(key) ? visible(String(value)) : value);
  }
  append(made, children);
  return made;
}

export function append(parent, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === "") continue;
    parent.append(child instanceof Node ? child : visible(String(child)));
  }
  return parent;
}

/** Controls and marks that turn the direction of reading become visible, as in the part that C++ writes. */
export function visible(text) {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (mark) =>
    mark === "\n" || mark === "\t" ? mark : `[U+${mark.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`);
}

/** A host's name that may break after its dots, not within a word. */
export function host(name) {
  return String(name).split(/(?<=\.)/).flatMap((part, at) => (at ? [document.createElement("wbr"), part] : [part]));
}

/** A text whose --options do not break at their hyphens. */
export function options(said) {
  return String(said).split(/(--[a-z-]+)/).map((part, at) => (at % 2 ? element("span", { class: "option" }, part) : part));
}

/** A sentence of the audit's in the page's language, or marked as English; `ground(…)` in small print and brackets. */
export function sentence(english) {
  const [words, foreign] = said(english);
  return foreign ? element("span", { lang: "en" }, words) : words;
}

export const ground = (english) => (english ? element("span", { class: "soft" }, " (", sentence(english), ")") : null);
