// The report as a person meets it: in Debian's Chromium, on a screen, on a phone, on paper, without any network.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const program = process.env.TATTLE_PROGRAM ?? join(root, "build/release/tattle");
const sample = join(root, "samples/lumia-evening");
const folder = mkdtempSync(join(tmpdir(), "tattle-report-"));
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
let browser;

before(async () => {
  execFileSync(program, ["audit", `${sample}.pcapng`, "--subject", `${sample}.yaml`, "--places", `${sample}.places.csv`, "--out", folder],
    { stdio: "ignore" });
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: flags });
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

async function open(width, height) {
  const page = await browser.newPage({ viewport: { width, height } });
  const wrong = [];
  page.on("console", (message) => { if (message.type() === "error") wrong.push(message.text()); });
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("request", (request) => { if (!request.url().startsWith("file:")) wrong.push(`asked for ${request.url()}`); });
  await page.goto(`file://${folder}/report.html`);
  return { page, wrong };
}

test("opens without network, script or complaint, under a strict policy", async () => {
  const { page, wrong } = await open(1280, 900);
  assert.equal(await page.locator("script").count(), 0);
  const policy = await page.locator("meta[http-equiv='Content-Security-Policy']").getAttribute("content");
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*|http/);
  assert.notEqual(await page.evaluate(() => getComputedStyle(document.querySelector(".card")).borderLeftStyle), "none");
  assert.deepEqual(wrong, []);
  await page.close();
});

test("leads from the matrix to the proof", async () => {
  const { page } = await open(1280, 900);
  const cell = page.locator("table.matrix a.cell").first();
  const target = await cell.getAttribute("href");
  await cell.click();
  const card = page.locator(target);
  assert.ok(await card.isVisible());
  await card.locator("summary").click();
  assert.match(await card.locator("details").innerText(), /frame\.number in \{\d+/);
  assert.ok((await card.locator("ol.path li").count()) >= 1);
  for (const link of await page.locator("a[href^='#']").all()) {
    assert.equal(await page.locator((await link.getAttribute("href")).replace("#", "[id='") + "']").count(), 1);
  }
  await page.close();
});

test("hides no column of the matrix on a wide screen", async () => {
  const { page } = await open(1440, 900);
  const [content, shown] = await page.locator("#matrix .scroll").evaluate((box) => [box.scrollWidth, box.clientWidth]);
  assert.ok(content <= shown, `${content} > ${shown}`);
  await page.close();
});

test("says what it could not see", async () => {
  const { page } = await open(1280, 900);
  const coverage = await page.locator("#coverage").innerText();
  for (const word of ["encrypted", "Mobile data", "Bluetooth", "calls over the cell"]) assert.ok(coverage.includes(word), word);
  assert.match(coverage, /\d+ %/);
  await page.close();
});

test("reads on a phone without sideways scrolling", async () => {
  const { page } = await open(360, 740);
  // Where country data is installed its source is named, with an address that has no space in it.
  await page.evaluate(() => {
    const line = document.createElement("p");
    line.textContent = `(https://example.com/${"long".repeat(40)})`;
    document.querySelector("#recipients").append(line);
  });
  const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= window, `${wide} > ${window}`);
  const size = await page.evaluate(() => parseFloat(getComputedStyle(document.body).fontSize));
  assert.ok(size >= 15);
  await page.close();
});

test("prints on paper with every proof open", async () => {
  const { page } = await open(1280, 900);
  const file = join(folder, "report.pdf");
  await page.pdf({ path: file, format: "A4" });
  assert.ok(statSync(file).size > 10_000);
  await page.emulateMedia({ media: "print" });
  const proofs = page.locator(".card details li");
  assert.ok((await proofs.count()) > 20);
  const hidden = await proofs.evaluateAll((all) => all.filter((each) => !each.checkVisibility({ contentVisibilityAuto: true })).length);
  assert.equal(hidden, 0);
  await page.close();
});

test("has headings in order, labels for tables and pictures, and nothing planted in it", async () => {
  const { page } = await open(1280, 900);
  const levels = await page.evaluate(() => [...document.querySelectorAll("h1,h2,h3,h4")].map((each) => Number(each.tagName[1])));
  assert.equal(levels.filter((level) => level === 1).length, 1);
  levels.reduce((before, level) => { assert.ok(level <= before + 1); return level; }, 0);
  assert.equal(await page.locator("svg[role='img']:not([aria-label])").count(), 0);
  assert.equal(await page.locator("table:not(:has(th[scope]))").count(), 0);
  const html = await page.content();
  for (const planted of ["356938035643809", "aino.virtanen@example.com", "Kampissa"]) assert.ok(!html.includes(planted), planted);
  await page.close();
});
