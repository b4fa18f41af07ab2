// Colours of the pictures: Okabe and Ito's, which colour-blind readers can tell apart, in light, dark and print.

const light = {
  ink: "#1b2330", soft: "#566072", line: "#d8dde5", paper: "#ffffff", land: "#e4e7ec", coast: "#c3cad5",
  node: "#566072", mark: "#1b2330", clear: "#d55e00", closed: "#0072b2", unknown: "#e69f00", action: "#7a5195", sleep: "#eef1f5",
};
const dark = {
  ink: "#e6eaf0", soft: "#a4afc0", line: "#3a4454", paper: "#12161d", land: "#2b3340", coast: "#455063",
  node: "#a4afc0", mark: "#e6eaf0", clear: "#ee7733", closed: "#56b4e9", unknown: "#e9b949", action: "#cc99dd", sleep: "#1d2430",
};

const darkQuery = matchMedia("(prefers-color-scheme: dark)");
const printQuery = matchMedia("print");
const redraws = [];
let printing = printQuery.matches;

/** Width in pixels of the type area of A4 with the style sheet's margins. */
export const kPrintWidth = 660;

export const isPrinting = () => printing;
export const colours = () => (darkQuery.matches && !printing ? dark : light);
export const font = () => getComputedStyle(document.body).fontFamily;

/** Calls `redraw` when the colours or the medium change. */
export function onTheme(redraw) {
  redraws.push(redraw);
}

function changed(print) {
  printing = print;
  for (const redraw of redraws) redraw();
}

darkQuery.addEventListener("change", () => changed(printing));
printQuery.addEventListener("change", (event) => changed(event.matches));
addEventListener("beforeprint", () => changed(true));
addEventListener("afterprint", () => changed(false));
