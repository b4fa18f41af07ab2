// Where Wireshark shows a value, and the last step by hand; as src/report/page/html_see.cc says it.
import { element } from "./dom.js";
import { text } from "./messages.js";

const kPlaces = { question: "dns", answer: "dns", target: "target", url: "target", header: "header", multipart: "multipart", form: "form", zstd: "zstd", gzip: "uncompressed", deflate: "uncompressed", br: "uncompressed", json: "json" };
const kCodings = ["gzip", "deflate", "br"];
const kEncodings = ["base64", "base64url", "hex", "quoted-printable"], kInner = ["json", "gzip", "deflate", "zstd", "br"];
const kHolders = ["json", "form", "query", "header", "cookie"], kHashes = ["md5", "sha1", "sha256", "sha512"];

function byHand(path) {
  let holder = "";
  for (const [at, { step, detail }] of path.entries()) {
    if (step === "exif") return text("see.exif");
    if (step === "utf-16" || step === "utf-32") return text("see.utf-16");
    if (step === "percent" && at > 0 && path[at - 1].step !== "form") return text("see.percent");
    if (kEncodings.includes(step) || (holder && kInner.includes(step))) return text("see.decode", { what: holder || step });
    if (kHolders.includes(step)) holder = detail;
  }
  return null;
}

export function see(each) {
  const all = each.path ?? [], last = all.findLastIndex((step) => step.step.startsWith("http/") || step.step === "dns");
  if (last < 0) return null;
  const path = all.slice(last + 1);
  // What is JSON or a form behind a coding Wireshark goes on to read.
  const at = path.length > 1 && kCodings.includes(path[0].step) && ["json", "form"].includes(path[1].step) ? 1 : 0;
  const place = path.length ? kPlaces[path[at].step] : "body";
  const sentences = [place ? text(`see.${place}`, { what: path[at]?.detail ?? "" }) : null, byHand(path), kHashes.includes(each.form) ? text("see.hash", { what: `${each.form}sum` }) : null].filter(Boolean);
  return sentences.length ? element("ul", { class: "plain see" }, sentences.map((sentence) => element("li", {}, sentence))) : null;
}
