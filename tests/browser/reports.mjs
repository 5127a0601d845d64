// Reports and the past in a real browser: readable by everybody, at every width, and on paper.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, until, violations } from "./browser.mjs";

const at = process.env.ALLCLEAR_URL ?? "http://127.0.0.1:8080";
let browser;
let paths;

before(async () => {
  mkdirSync("shots", { recursive: true });
  browser = await launch();
  const summary = async () => (await fetch(`${at}/api/v1/summary`)).json();
  // Somebody has incidents: their review has something to show.
  const told = await until(async () => (await summary()).incidents.find((incident) => incident.source), "a vendor has an incident");
  const others = (await summary()).sources.slice(0, 2).map((source) => `source=${source.id}`);
  paths = {
    all: "/reports?window=30d",
    compare: `/reports/compare?window=90d&${others.join("&")}&source=${told.source}`,
    review: `/reports/sources/${told.source}?window=365d`,
    claim: `/reports/sources/${told.source}/claim?target=99.99&window=365d`,
    ask: `/reports/sources/${told.source}/claim`,
    bar: `/sources/${told.source}?days=365`,
    then: `/?at=${new Date().toISOString()}`,
    diff: `/diff?from=${new Date().toISOString()}`,
    history: "/history",
  };
});
after(() => browser?.close());

async function open(path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => { if (message.type() === "error") wrong.push(message.text()); });
  page.on("pageerror", (error) => wrong.push(String(error)));
  const answer = await page.goto(at + path, { waitUntil: "load" });
  assert.equal(answer.status(), 200, path);
  return { context, page, wrong };
}

test("axe finds nothing serious on any report, light or dark", async () => {
  for (const colorScheme of ["light", "dark"]) {
    for (const path of Object.values(paths)) {
      const { context, page } = await open(path, { colorScheme, bypassCSP: true });
      assert.deepEqual(await violations(page), [], `${path} ${colorScheme}`);
      await context.close();
    }
  }
});

test("reports fit every width, and nothing goes wrong on them", async () => {
  for (const width of [320, 768, 1440]) {
    for (const [name, path] of Object.entries(paths)) {
      const { context, page, wrong } = await open(path, { viewport: { width, height: 900 } });
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${path} at ${width}: ${over} px too wide`);
      assert.deepEqual(wrong, [], path);
      await page.screenshot({ path: `shots/report-${name}-${width}.png`, fullPage: true });
      await context.close();
    }
  }
});

test("a page of the past says so, stays as it is, and leads to others", async () => {
  const { context, page } = await open(paths.then);
  assert.match(await page.locator(".past").textContent(), /This is how the page stood at/);
  assert.equal(await page.locator("#main").getAttribute("data-live"), null);
  assert.equal(await page.locator("#age").isVisible(), false);
  assert.ok(await page.locator("#now .item").count() > 0, "what was wrong then is there");
  await page.getByRole("link", { name: "what changed since" }).click();
  await page.waitForURL(/\/diff\?from=/);
  assert.match(await page.locator("#main").textContent(), /Between .* and/s);
  await page.getByRole("link", { name: "History" }).click();
  await page.selectOption("select[name=origin]", "upstream");
  await Promise.all([page.waitForURL(/origin=upstream/), page.getByRole("button", { name: "Show" }).click()]);
  assert.ok(await page.locator(".day .item").count() > 0);
  await context.close();
});

test("every plot has its words and a table that says the same", async () => {
  const { context, page } = await open(paths.review);
  const plots = page.locator("figure.plot");
  assert.equal(await plots.count(), 3);
  for (const plot of await plots.all()) {
    assert.ok((await plot.locator("svg > title").textContent()).length > 5);
    assert.ok((await plot.locator("svg > desc").textContent()).length > 10);
    assert.ok(await plot.locator("tbody tr").count() > 0);
  }
  await context.close();
});

test("the window is chosen without a script", async () => {
  const { context, page } = await open("/reports", { javaScriptEnabled: false });
  await page.selectOption("select[name=window]", "30d");
  await Promise.all([page.waitForURL(/window=30d/), page.locator("form.ask button").click()]);
  assert.equal(await page.locator("select[name=window]").inputValue(), "30d");
  await context.close();
});

test("a review prints: no navigation, addresses of the evidence on paper, a PDF of A4", async () => {
  const { context, page } = await open(paths.review);
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator("header nav").isVisible(), false);
  assert.equal(await page.locator("form.ask").isVisible(), false);
  const papers = page.locator(".paper");
  for (const paper of (await papers.all()).slice(0, 5)) assert.ok(await paper.isVisible());
  const pdf = await page.pdf({ preferCSSPageSize: true });
  writeFileSync("shots/review.pdf", pdf);
  assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
  const text = pdf.toString("latin1");
  assert.match(text, /\/MediaBox\s*\[\s*0 0 59[45](\.\d+)? 84[12](\.\d+)?\s*\]/);
  assert.ok(pdf.length > 10_000, `${pdf.length} bytes`);
  await context.close();
});
