// What script adds to the report: tables that sort and filter, pictures, cards; hostile strings and very many
// disclosures; nothing that the policy or a screen reader would object to. Where the program was built without npm
// there is no script to test.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { auditOf, hasScript, open, pageOf, pageWith, start, stop } from "./report_page.mjs";

before(start);
after(stop);

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rows = (page) => page.locator("#disclosures [role=row][data-at]");
const firstCells = (page, column) => page.locator(`#disclosures [role=row][data-at] .c-${column}`).allInnerTexts();
const sorted = (list) => [...list].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
const status = (page) => page.locator("#disclosures [role=status]").innerText();

function scripted(name, body) {
  test(name, async (t) => (hasScript() ? body(t) : t.skip("built without npm")));
}

/** The sample's document with what only some audits have. */
function rich() {
  const audit = auditOf("en");
  const found = audit.disclosures.find((each) => each.datum === "location");
  const first = audit.captures[0].first;
  audit.actions = [{ time: first, "uncertainty-s": 2, action: "sleep", rest: true }, { time: found.first, "uncertainty-s": 2, action: "open-camera", setting: "location: on" }];
  audit.links = [{ kind: "account", entry: "account-id", datum: "account-id", disclosures: ["D1", "D2"], recipients: ["a.example", "b.example"] }];
  Object.assign(found, {
    count: 43, dpv: ["https://w3id.org/dpv/pd#Location"], period: { seconds: 270.1, "jitter-s": 3.2, occurrences: 43 },
    timing: { idle: 30, beside: [{ action: 1, count: 12, "median-s": 1.9 }] }, permission: { state: "before-granted", action: 1, "gap-s": 12.5 },
    told: "not-as-far-as-recorded", linked: ["D1"],
    prompting: { kind: "server-message", followed: 12, of: 14, p: 0.00012, "base-rate": 0.03, "latency-s": { min: 0.4, median: 1.2, max: 3 } } });
  Object.assign(found.recipient, { relation: "system-vendor", anycast: true, distance: { "rtt-ms": 12.1, "within-km": 1209, ground: "smallest of 14 TCP handshakes" },
    law: { registered: "US", entity: { name: "Example Ltd", seat: "IE", source: "terms", date: "2012-10-01" }, eea: true,
      adequacy: [{ decision: "2000/520/EC", country: "US", from: "2000-07-26", until: "2015-10-06", covers: "listed-organisation", listed: null, source: "OJ" }] } });
  return { audit, found };
}

scripted("runs under its policy without a complaint", async () => {
  const { page, wrong, close } = await open(pageOf("en"));
  const policy = await page.locator("meta[http-equiv='Content-Security-Policy']").getAttribute("content");
  assert.match(policy, /script-src 'sha256-[^']+'; img-src data:; style-src 'sha256-/);
  await page.locator("#flow canvas").waitFor();
  await rows(page).first().click();
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("script:not([type])").count(), 1);
  assert.deepEqual(await page.evaluate(() => window.violations), []);
  assert.deepEqual(wrong, []);
  await close();
});

scripted("sorts by every column, both ways", async () => {
  const { page, close } = await open(pageOf("en"), { height: 3000 });
  for (const [label, column] of [["Kind of data", "datum"], ["Recipient", "recipient"], ["First (UTC)", "first"], ["Certainty", "certainty"]]) {
    const head = page.locator("#disclosures [role=columnheader]").filter({ hasText: label });
    await head.getByRole("button").click();
    assert.equal(await head.getAttribute("aria-sort"), "ascending");
    const up = await firstCells(page, column);
    assert.ok(up.length > 10);
    if (column !== "datum") assert.deepEqual(up, sorted(up), label);
    await head.getByRole("button").click();
    assert.equal(await head.getAttribute("aria-sort"), "descending");
    const down = await firstCells(page, column);
    if (column !== "datum") assert.deepEqual(down, sorted(down).reverse(), label);
    assert.ok(up[0] !== down[0], label);
  }
  await page.locator("#disclosures [role=columnheader]").filter({ hasText: "Finds" }).getByRole("button").click();
  const counts = (await firstCells(page, "count")).map(Number);
  assert.equal(counts[0], Math.max(...auditOf("en").disclosures.map((each) => each.count)));
  await close();
});

scripted("filters by kind, recipient, country and words, and says how many are left", async () => {
  const { page, close } = await open(pageOf("en"));
  const audit = auditOf("en");
  await page.locator("#filter-datum").selectOption("location");
  const locations = audit.disclosures.filter((each) => each.datum === "location").length;
  assert.equal(await status(page), `${locations} of ${audit.disclosures.length} shown`);
  await page.locator("#filter-transport").selectOption("clear");
  const clear = audit.disclosures.filter((each) => each.datum === "location" && each.transport === "clear").length;
  assert.equal(await status(page), `${clear} of ${audit.disclosures.length} shown`);
  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.locator("#filter-search").fill("BACKUP.vendor text");
  const words = audit.disclosures.filter((each) => each.recipient.host === "backup.vendor.example" && each.datum === "sms").length;
  await page.waitForFunction((wanted) => document.querySelector("#disclosures [role=status]").textContent.startsWith(`${wanted} of`), words);
  await page.locator("#filter-search").fill("no such words anywhere");
  assert.ok(await page.getByText("No row fits these filters.").first().isVisible());
  await close();
});

scripted("opens the card with the proof, by mouse, by keyboard and by address", async () => {
  const { audit, found } = rich();
  const file = pageWith("rich", audit);
  const { page, wrong, close } = await open(file);
  await page.locator("#disclosures .viewport").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  const dialog = page.locator("dialog[open]");
  assert.match(await dialog.innerText(), /D3/);
  await page.keyboard.press("Escape");
  assert.equal(await dialog.count(), 0);
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-rowindex")), "4", "the focus is back on the row");
  await page.evaluate((id) => { location.hash = id; }, found.id);
  await dialog.waitFor();
  const text = await dialog.innerText();
  for (const said of ["every 4.5 minutes", "30 times beside no action", "12 times after open camera (location: on) (2), median 1.9 s", "12 of 14 times", "about one of 8,333 such recordings", "sent before it was granted, 12.5 s earlier",
    "not as far as recorded", "within 1,209 km", "Example Ltd, seat in Ireland", "on United States, 2000-07-26 to 2015-10-06", "whether it covered this organisation is not known", "vendor of its system",
    "not where the disk is", "pd:Location", `tattle evidence FOLDER ${found.id} -o ${found.id.toLowerCase()}.pcapng`, "frame.number in {"]) assert.ok(text.includes(said), `${said}\n${text}`);
  await dialog.getByRole("button", { name: "Next" }).click();
  assert.notEqual(await page.evaluate(() => location.hash), `#${found.id}`);
  assert.deepEqual(wrong, []);
  await close();
});

scripted("draws the flow, the map and the timeline, and says the same in tables", async () => {
  const { audit } = rich();
  const { page, wrong, close } = await open(pageWith("pictures", audit));
  for (const section of ["flow", "map", "timeline"]) {
    const box = page.locator(`#${section} .picture`);
    assert.ok((await box.getAttribute("aria-label")).length > 40, section);
    const painted = await page.locator(`#${section} canvas`).first().evaluate((canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let inked = 0;
      for (let i = 3; i < data.length; i += 4) inked += data[i] > 0;
      return inked / (data.length / 4);
    });
    assert.ok(painted > 0.02, `${section} ${painted}`);
  }
  const table = await page.locator("#map table").textContent();
  for (const country of ["United States", "Ireland", "Finland"]) assert.ok(table.includes(country), country);
  const told = new Map(audit.disclosures.filter((each) => each.direction === "sent" && each.certainty === "verified").map((each) => [each.id, each]));
  const inUs = (id) => told.get(id)?.recipient.country === "US" && !told.get(id).recipient.local;
  const times = audit.carried.sets.filter((set) => set.disclosures.some(inUs)).reduce((sum, set) => sum + set.messages, 0);
  assert.ok((await page.locator("#map tr").filter({ hasText: "United States" }).textContent()).includes(String(times)));
  const flow = (await page.locator("#flow table tbody td.number").allTextContents()).reduce((sum, text) => sum + Number(text), 0);
  const kinds = (set, of = told) => new Set(set.disclosures.filter((id) => of.has(id)).map((id) => of.get(id)).map((each) =>
    [each.datum, each.recipient.host ?? each.recipient.addresses?.[0], each.recipient.role, each.transport === "clear"].join())).size;
  assert.equal(flow, audit.carried.sets.reduce((sum, set) => sum + set.messages * kinds(set), 0), "inferred ones are another picture");
  await page.locator("#flow input[value=inferred]").check();
  const inferred = (await page.locator("#flow table tbody td.number").allTextContents()).reduce((sum, text) => sum + Number(text), 0);
  const guessed = new Map(audit.disclosures.filter((each) => each.direction === "sent" && each.certainty === "inferred").map((each) => [each.id, each]));
  assert.equal(inferred, audit.carried.sets.reduce((sum, set) => sum + set.messages * kinds(set, guessed), 0));
  assert.deepEqual(wrong, []);
  await close();
});

scripted("a country on the map filters the table", async () => {
  const { page, close } = await open(pageOf("en"));
  const audit = auditOf("en");
  // The mark of the country with most values is the largest; it is looked for by its colour.
  const spot = await page.locator("#map canvas").first().evaluate((canvas) => {
    const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const columns = new Map();
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] > 150 && data[i] < 90 && data[i + 1] < 95 && data[i + 2] < 110) {
        const x = (i / 4) % width, y = Math.floor(i / 4 / width), key = `${Math.floor(x / 80)},${Math.floor(y / 80)}`;
        const one = columns.get(key) ?? { n: 0, x: 0, y: 0 };
        columns.set(key, { n: one.n + 1, x: one.x + x, y: one.y + y });
      }
    }
    const [most] = [...columns.values()].sort((a, b) => b.n - a.n);
    const scale = canvas.clientWidth / width;
    return { x: (most.x / most.n) * scale, y: (most.y / most.n) * scale };
  });
  await page.locator("#map canvas").first().click({ position: spot });
  assert.equal(await page.locator("#filter-country").inputValue(), "US");
  assert.equal(await status(page), `${audit.disclosures.filter((each) => each.recipient.country === "US").length} of ${audit.disclosures.length} shown`);
  await close();
});

scripted("leads from a card to the tester's log and back", async () => {
  const { audit, found } = rich();
  const { page, wrong, close } = await open(pageWith("log", audit));
  await page.evaluate((id) => { location.hash = id; }, found.id);
  const dialog = page.locator("dialog[open]");
  await dialog.locator("a[href='#A2']").first().click();
  assert.equal(await dialog.count(), 0, "the log stands in the page, under the card");
  assert.equal(await page.evaluate(() => location.hash), "#A2");
  await page.goBack();
  await page.evaluate(() => { location.hash = "D1"; });
  await dialog.waitFor();
  assert.deepEqual(wrong, []);
  await close();
});

scripted("draws the tester's actions with their doubt, and stretches of sleep", async () => {
  const inked = async (name, change) => {
    const { audit } = rich();
    change(audit);
    const { page, close } = await open(pageWith(name, audit));
    const counts = await page.locator("#timeline canvas").first().evaluate((canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let purple = 0, grey = 0;
      for (let i = 0; i < data.length; i += 4) {
        const [r, g, b, a] = data.slice(i, i + 4);
        purple += a > 0 && r > g + 12 && b > g + 12;
        grey += a === 255 && r === 238 && g === 241 && b === 245;
      }
      return { purple, grey };
    });
    await close();
    return counts;
  };
  const none = await inked("log-none", (audit) => { audit.actions = []; });
  const sure = await inked("log-sure", (audit) => audit.actions.forEach((each) => { each["uncertainty-s"] = 0; }));
  const unsure = await inked("log-unsure", (audit) => audit.actions.forEach((each) => { each["uncertainty-s"] = 300; }));
  assert.ok(sure.purple > none.purple + 300, `${sure.purple} ${none.purple}`);
  assert.ok(unsure.purple > 5 * sure.purple, `${unsure.purple} ${sure.purple}`);
  assert.ok(sure.grey > 1000 && none.grey === 0, `${sure.grey} ${none.grey}`);
});

scripted("shows hostile strings harmlessly", async () => {
  const { audit } = rich();
  const evil = "</script><img src=x onerror=alert(1)><b>{a|b}</b>\u202egnp.exe\u2028<!--";
  audit.disclosures.forEach((each) => {
    Object.assign(each, { entry: evil, value: evil, corroboration: evil, form: evil, datum: evil });
    Object.assign(each.recipient, { host: evil, organisation: evil, network: evil, operator: evil });
    each.sender = { kind: evil, name: evil, ground: evil };
    each.path = [{ step: evil, detail: evil }];
  });
  audit.recipients.forEach((each) => Object.assign(each, { host: evil, network: evil, country: "<img src=x>" }));
  audit.actions.forEach((each) => Object.assign(each, { action: evil, setting: evil }));
  audit.links[0].entry = evil;
  const { page, wrong, close } = await open(pageWith("hostile", audit));
  await rows(page).first().click();
  assert.ok((await page.locator("dialog[open]").innerText()).includes("<img src=x onerror=alert(1)>"));
  assert.equal(await page.locator("main img, dialog img, main b:has-text('{a|b}')").count(), 0);
  assert.equal(await page.evaluate(() => [...document.querySelectorAll("main, main *, dialog *")].some((each) =>
    [each.textContent, each.getAttribute("aria-label"), each.getAttribute("title")].some((text) => text?.includes("\u202e")))), false, "no mark that turns the direction of reading");
  assert.deepEqual(await page.evaluate(() => window.violations), []);
  assert.deepEqual(wrong, []);
  await close();
});

scripted("stays usable with 100,000 disclosures", async () => {
  const audit = auditOf("en");
  const pattern = audit.disclosures;
  audit.disclosures = Array.from({ length: 100_000 }, (_, i) => {
    const each = pattern[i % pattern.length];
    return { ...each, id: `D${i + 1}`, count: 1 + (i % 97), recipient: { ...each.recipient, host: `h${i % 5000}.example` } };
  });
  const file = pageWith("many", audit);
  const { page, wrong, busy, close } = await open(file);
  await rows(page).first().waitFor();
  const loaded = await busy();
  const filtered = [];
  for (const word of ["h17.", "h1700.example", "location"]) {
    const before = await busy();
    await page.evaluate((text) => {
      const search = document.querySelector("#filter-search");
      search.value = text;
      search.dispatchEvent(new Event("input"));
      document.body.getBoundingClientRect();
    }, word);
    filtered.push((await busy()) - before);
  }
  assert.ok((await rows(page).count()) < 80, "only the rows in view exist");
  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.locator("#disclosures .viewport").evaluate((box) => { box.scrollTop = box.scrollHeight; });
  await page.locator("[data-at='99999']").waitFor();
  console.log(`100,000 disclosures: loaded in ${loaded.toFixed(2)} s, filtered in ${filtered.map((one) => one.toFixed(3)).join(", ")} s`);
  assert.ok(loaded < 5, `${loaded}`);
  assert.ok(Math.max(...filtered) < 0.3, `${filtered}`);
  assert.deepEqual(wrong, []);
  await close();
});

for (const [name, options] of [["light", {}], ["dark", { colorScheme: "dark" }], ["on a phone", { width: 360, height: 740 }]]) {
  scripted(`axe finds nothing, ${name}`, async () => {
    const { audit } = rich();
    const { page, close } = await open(pageWith(`axe-${name}`, audit), options);
    for (const card of [false, true]) {
      if (card) await rows(page).first().click();
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      assert.deepEqual(violations.map((each) => `${each.id}: ${each.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`), []);
    }
    await close();
  });
}

scripted("is dark where the reader wants it, and light on paper", async () => {
  const { page, close } = await open(pageOf("en"), { colorScheme: "dark" });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const land = () => page.locator("#map canvas").first().evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const counts = new Map();
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) counts.set(data[i], (counts.get(data[i]) ?? 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1])[0][0];
  });
  assert.equal(await ground(), "rgb(18, 22, 29)");
  assert.ok((await land()) < 90);
  await page.emulateMedia({ media: "print" });
  await page.waitForFunction(() => document.querySelector("#map .picture").clientWidth > 0);
  assert.equal(await page.locator("fieldset.choice").isVisible(), false);
  assert.equal(await page.locator("#flow .only-print").innerText(), "verified", "paper says which of the two pictures it shows");
  assert.equal(await ground(), "rgb(255, 255, 255)");
  assert.ok((await land()) > 180, "pictures are drawn again for paper");
  await close();
});

scripted("speaks Finnish in what script draws", async () => {
  const { page, wrong, close } = await open(pageOf("fi"));
  const text = await page.locator("main").innerText();
  for (const finnish of ["Minne tiedot menivät", "Minne osoitteet on rekisteröity", "Tietolaji", "Yhdysvallat"]) assert.ok(text.includes(finnish), finnish);
  for (const english of ["Where it went", "Search", "shown", "verified"]) assert.ok(!text.includes(english), english);
  for (const datum of ["sms", "location", "imei"]) {
    await page.locator("#filter-datum").selectOption(datum);
    await rows(page).first().click();
    const dialog = page.locator("dialog[open]");
    assert.match(await dialog.innerText(), /Vastaanottaja/);
    assert.deepEqual(await dialog.locator("[lang=en]").allInnerTexts(), [], "a sentence of the audit's that the catalogue lacks");
    await page.keyboard.press("Escape");
  }
  assert.deepEqual(wrong, []);
  await close();
});
