// What the tests of the report share: Chromium, the sample's report, and pages made of other documents.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const folder = mkdtempSync(join(tmpdir(), "tattle-report-"));
const program = process.env.TATTLE_PROGRAM ?? join(root, "build/release/tattle");
const sample = join(root, "samples/lumia-evening");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
let browser;

export async function start() {
  const audit = (out, ...more) => execFileSync(program, ["audit", `${sample}.pcapng`, "--subject", `${sample}.yaml`, "--places", `${sample}.places.csv`,
    "--out", join(folder, out), ...more], { stdio: "ignore" });
  audit("en");
  audit("fi", "--language", "fi");
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: flags });
}

export async function stop() {
  await browser?.close();
  rmSync(folder, { recursive: true });
}

export const pageOf = (name) => join(folder, name, "report.html");
export const auditOf = (name) => JSON.parse(readFileSync(join(folder, name, "audit.json"), "utf8"));
export const hasScript = (name = "en") => readFileSync(pageOf(name), "utf8").includes('id="audit"');

/** The sample's page with another document in its island, as if the program had audited something else. */
export function pageWith(name, document) {
  const island = /(<script type="application\/json" id="audit">)[^<]*/;
  const text = JSON.stringify(document).replaceAll("<", "\\u003c");
  const file = join(folder, `${name}.html`);
  writeFileSync(file, readFileSync(pageOf("en"), "utf8").replace(island, (_, open) => open + text));
  return file;
}

/** Opens a page; `wrong` collects whatever a policy, a script or the network has to complain of. */
export async function open(file, { width = 1280, height = 900, script = true, ...more } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, javaScriptEnabled: script, ...more });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => { if (message.type() === "error") wrong.push(message.text()); });
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("dialog", (dialog) => { wrong.push(`dialog ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => { if (!request.url().startsWith("file:")) wrong.push(`asked for ${request.url()}`); });
  if (script) {
    await page.addInitScript(() => {
      window.violations = [];
      document.addEventListener("securitypolicyviolation", (event) => window.violations.push(`${event.violatedDirective} ${event.sample}`));
    });
  }
  const client = await context.newCDPSession(page);
  await client.send("Performance.enable", { timeDomain: "threadTicks" });
  await page.goto(`file://${file}`);
  /** Seconds of processor that the page's thread has used: what a reader waits for who is alone with it. */
  const busy = async () => (await client.send("Performance.getMetrics")).metrics.find((each) => each.name === "TaskDuration").value;
  return { page, wrong, busy, close: () => context.close() };
}
