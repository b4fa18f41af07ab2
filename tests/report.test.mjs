// The report as a person meets it: in Debian's Chromium, on a screen, on a phone, on paper, without any network, and
// also where script is switched off.
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { auditOf, folder, open, pageOf, start, stop } from "./report_page.mjs";

before(start);
after(stop);

const still = { script: false };

test("is whole without script, under a strict policy", async () => {
  const { page, wrong, close } = await open(pageOf("en"), still);
  const policy = await page.locator("meta[http-equiv='Content-Security-Policy']").getAttribute("content");
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*|http/);
  assert.equal(await page.locator("[style], [onclick], [onload], [onerror]").count(), 0);
  for (const section of ["matrix", "timeline", "disclosures", "recipients", "coverage", "method"]) assert.ok(await page.locator(`#${section}`).isVisible(), section);
  assert.ok((await page.locator("article.card").count()) > 50);
  assert.deepEqual(wrong, []);
  await close();
});

test("leads with a sentence made of facts", async () => {
  const { page, close } = await open(pageOf("en"), still);
  assert.match(await page.locator("p.first").innerText(), /^(Twice|\d+ times) in 2\.5 hours this phone told \S+ where it was.*In all, location went out to \d+ recipients \d+ times/);
  await close();
});

test("leads from the matrix to the proof", async () => {
  const { page, close } = await open(pageOf("en"), still);
  const cell = page.locator("table.matrix a.cell").first();
  const target = await cell.getAttribute("href");
  await cell.click();
  const card = page.locator(target);
  assert.ok(await card.isVisible());
  await card.locator("summary").click();
  assert.match(await card.locator("details").innerText(), /frame\.number in \{\d+/);
  assert.ok((await card.locator("ol.path li").count()) >= 1);
  const targets = new Set();
  for (const link of await page.locator("a[href^='#']").all()) targets.add((await link.getAttribute("href")).slice(1));
  for (const id of targets) assert.equal(await page.locator(`[id='${id}']`).count(), 1, id);
  await close();
});

test("hides no column of the matrix on a wide screen", async () => {
  const { page, close } = await open(pageOf("en"), { width: 1440 });
  const [content, shown] = await page.locator("#matrix .scroll").evaluate((box) => [box.scrollWidth, box.clientWidth]);
  assert.ok(content <= shown, `${content} > ${shown}`);
  await close();
});

test("names who they are and the law's facts, without a verdict", async () => {
  for (const language of ["en", "fi"]) {
    const { page, close } = await open(pageOf(language), still);
    const law = await page.locator("#law").innerText();
    assert.ok(law.includes("Microsoft") && law.includes("2000/520/EC"), law);
    const text = await page.locator("main").innerText();
    for (const word of ["transfer", "unlawful", "illegal", "lainvastai", "laiton"]) assert.ok(!text.toLowerCase().includes(word), word);
    assert.equal(await page.locator(".safe, .unsafe").count(), 0);
    await close();
  }
});

test("never mixes verified and inferred", async () => {
  const { page, close } = await open(pageOf("en"), still);
  const audit = auditOf("en");
  const certainty = new Map(audit.disclosures.map((each) => [each.id, each.certainty]));
  let heading = "";
  for (const each of await page.locator("#disclosures h3, #disclosures article.card").all()) {
    if ((await each.evaluate((node) => node.tagName)) === "H3") heading = (await each.innerText()).toLowerCase();
    else assert.ok(heading.startsWith(certainty.get(await each.getAttribute("id"))), heading);
  }
  for (const mark of await page.locator("svg.timeline a").all()) {
    const inferred = certainty.get((await mark.getAttribute("href")).slice(1)) === "inferred";
    assert.equal((await mark.locator(".inferred").count()) > 0, inferred);
  }
  for (const cell of await page.locator("table.matrix a.cell").all()) {
    const inferred = certainty.get((await cell.getAttribute("href")).slice(1)) === "inferred";
    assert.equal((await cell.getAttribute("class")).includes("inferred"), inferred);
  }
  await close();
});

test("says what it could not see, and how it was made", async () => {
  const { page, close } = await open(pageOf("en"), still);
  const coverage = await page.locator("#coverage").innerText();
  for (const word of ["encrypted", "Mobile data", "Bluetooth", "calls over the cell"]) assert.ok(coverage.includes(word), word);
  assert.match(coverage, /\d+ %/);
  const method = await page.locator("#method").innerText();
  for (const word of ["SHA-256", "Clocks", "Interference", "Repeats", "Tattle 0.", "Built from commit", "--subject lumia-evening.yaml, SHA-256", "Limits reached", "not recorded"]) assert.ok(method.includes(word), word);
  await close();
});

for (const script of [true, false]) {
  test(`reads on a phone without sideways scrolling, ${script ? "with" : "without"} script`, async () => {
    const { page, close } = await open(pageOf("en"), { width: 360, height: 740, script });
    // Where country data is installed its source is named, with an address that has no space in it.
    if (script) {
      await page.evaluate(() => {
        const line = document.createElement("p");
        line.textContent = `(https://example.com/${"long".repeat(40)})`;
        document.querySelector("#recipients").append(line);
      });
    }
    const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= window, `${wide} > ${window}`);
    const size = await page.evaluate(() => parseFloat(getComputedStyle(document.body).fontSize));
    assert.ok(size >= 15);
    await close();
  });

  test(`prints on paper with every proof open, ${script ? "with" : "without"} script`, async () => {
    const { page, close } = await open(pageOf("en"), { script, colorScheme: "dark" });
    const file = join(folder, "report.pdf");
    await page.pdf({ path: file, format: "A4" });
    assert.ok(statSync(file).size > 10_000);
    await page.emulateMedia({ media: "print" });
    const proofs = page.locator(".card details li");
    assert.ok((await proofs.count()) > 20);
    const hidden = await proofs.evaluateAll((all) => all.filter((each) => !each.checkVisibility({ contentVisibilityAuto: true })).length);
    assert.equal(hidden, 0);
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)", "ink on white, whatever the screen's colours");
    await close();
  });
}

test("has headings in order, labels for tables and pictures, and nothing planted in it", async () => {
  const { page, close } = await open(pageOf("en"), still);
  const levels = await page.evaluate(() => [...document.querySelectorAll("h1,h2,h3,h4")].map((each) => Number(each.tagName[1])));
  assert.equal(levels.filter((level) => level === 1).length, 1);
  levels.reduce((before, level) => { assert.ok(level <= before + 1); return level; }, 0);
  assert.equal(await page.locator("svg[role='img']:not([aria-label])").count(), 0);
  assert.equal(await page.locator("table:not(:has(th[scope]))").count(), 0);
  const html = await page.content();
  for (const planted of ["356938035643809", "aino.virtanen@example.com", "Kampissa"]) assert.ok(!html.includes(planted), planted);
  await close();
});

test("speaks Finnish throughout", async () => {
  const { page, close } = await open(pageOf("fi"), still);
  assert.equal(await page.locator("html").getAttribute("lang"), "fi");
  assert.match(await page.locator("p.first").innerText(), /kertoi sijaintinsa palvelimelle/);
  const text = await page.locator("main").innerText();
  assert.ok(text.includes("Suomi") && text.includes("2,5 tuntia"));
  for (const english of ["Kind of data", "under TLS", "verified", "Each disclosure", "What could be seen", "Registered"]) assert.ok(!text.includes(english), english);
  assert.doesNotMatch(text, /\{[a-z-]+\}/);
  // What the audit says in English is found in the catalogue too.
  assert.deepEqual(await page.locator("main [lang=en]").allInnerTexts(), []);
  await close();
});
