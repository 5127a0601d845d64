// A published page in a real browser, from a plain web server: PUBLISHED_URL says where it is, PUBLISHED_DIR where its files are.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, until, violations } from "./browser.mjs";

const at = process.env.PUBLISHED_URL;
const folder = process.env.PUBLISHED_DIR;
const sources = process.env.PUBLISHED_SOURCES.split(",");
const made = Date.parse(JSON.parse(readFileSync(`${folder}/status.json`)).generated_at);
const MINUTE = 60_000;
let browser;

before(async () => {
  mkdirSync("shots", { recursive: true });
  browser = await launch();
});
after(() => browser?.close());

/** Opens a page so many minutes after it was made, and notes what goes wrong on it. */
async function open(path, { age = 1, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const seen = { foreign: [], failed: [], wrong: [], asked: [] };
  page.on("request", (request) => {
    seen.asked.push(new URL(request.url()).pathname);
    if (!request.url().startsWith(at)) seen.foreign.push(request.url());
  });
  page.on("response", (response) => { if (response.status() >= 400) seen.failed.push(response.url()); });
  // What was on its way when the page was left is broken off by the browser.
  page.on("requestfailed", (request) => { if (!request.failure()?.errorText.includes("ERR_ABORTED")) seen.failed.push(request.url()); });
  page.on("console", (message) => { if (message.type() === "error") seen.wrong.push(message.text()); });
  page.on("pageerror", (error) => seen.wrong.push(String(error)));
  if (options.javaScriptEnabled !== false) {
    await page.clock.install({ time: made + age * MINUTE });
    // The server's clock goes on: as far as this page knows, no time has passed there either.
    await page.route("**", async (route) => {
      const response = await route.fetch();
      const headers = { ...response.headers() };
      delete headers.date;
      await route.fulfill({ response, headers });
    });
  }
  await page.goto(at + path, { waitUntil: "load" });
  // What is on its way is let go of first: it would fail after the test.
  const close = async () => {
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await context.close();
  };
  return { page, seen, close };
}

for (const base of ["", "/deep/er"]) {
  test(`under ${base || "the root"} every page opens by its link, and nothing is missing or asked of others`, async () => {
    const { page, seen, close } = await open(`${base}/`);
    await page.waitForFunction(() => document.documentElement.classList.contains("js"));
    assert.ok((await page.locator("h1").innerText()).length > 5);
    assert.ok(await page.locator("#age").isHidden(), "it is young");
    for (const id of sources) assert.equal(await page.locator(`a.cell[href$="sources/${id}/index.html"]`).count(), 1, id);
    const origin = new URL(at).origin;
    const links = (within) => within.evaluateAll((all, origin) => all.map((one) => one.href).filter((href) => href.startsWith(origin)), origin);
    const todo = new Set((await links(page.locator("a[href]"))).map((href) => href.split("#")[0]));
    const done = new Set();
    for (const href of todo) {
      if (done.has(href)) continue;
      done.add(href);
      assert.ok(href.startsWith(`${at}${base}/`), `${href} leads out of the page`);
      if (!href.endsWith(".html")) {
        assert.equal((await fetch(href)).status, 200, href);
        continue;
      }
      await page.goto(href, { waitUntil: "load" });
      assert.ok((await page.locator("h1").innerText()).length > 1, href);
      for (const next of await links(page.locator("a[href]"))) todo.add(next.split("#")[0]);
    }
    assert.ok([...done].some((href) => href.includes("/incidents/")), "an incident was among them");
    assert.deepEqual({ foreign: seen.foreign, failed: seen.failed, wrong: seen.wrong }, { foreign: [], failed: [], wrong: [] });
    await close();
  });
}

test("a page that nobody writes anew says so by itself, and shows no old good news", async () => {
  const { page, seen, close } = await open("/");
  const was = await page.locator("#headline h1").innerText();
  await until(() => seen.asked.filter((path) => path === "/status.json").length, "it asks how old it is");
  assert.ok(await page.locator("#age").isHidden());
  await page.clock.fastForward(10 * MINUTE);
  await page.locator("#age:not([hidden])").waitFor();
  assert.match(await page.locator("#age").innerText(), /has grown old/);
  assert.match(await page.locator("#headline h1").innerText(), /^Not known/);
  assert.ok((await page.locator("#headline p").innerText()).includes(was), "what it was is said");
  assert.match(await page.locator("#headline").getAttribute("class"), /unknown/);
  assert.match(await page.title(), /^Not known/);
  assert.equal(await page.locator("#now-h").innerText(), "Then");
  const state = page.locator(".cell.operational .state").first();
  assert.equal(await state.evaluate((one) => getComputedStyle(one, "::before").content), '"was "');
  await page.screenshot({ path: "shots/published-old.png", fullPage: true });
  assert.deepEqual(seen.wrong, []);

  // Somebody writes it anew: it comes back by itself.
  const now = new Date(made + 11.5 * MINUTE).toISOString().replace(/\.\d+Z$/, "Z");
  const files = [`${folder}/index.html`, `${folder}/status.json`];
  const before = files.map((file) => readFileSync(file, "utf8"));
  const old = JSON.parse(before[1]).generated_at;
  try {
    for (const [place, file] of files.entries()) writeFileSync(file, before[place].replaceAll(old, now));
    await page.clock.fastForward(1 * MINUTE);
    await until(async () => (await page.locator("#headline h1").innerText()) === was, "the headline is back");
    assert.equal(await page.locator("#now-h").innerText(), "Now");
    assert.ok(await page.locator("#age").isHidden());
  } finally {
    for (const [place, file] of files.entries()) writeFileSync(file, before[place]);
  }
  await close();
});

test("a page that is old when it is opened says so at once, and so does the page of one thing", async () => {
  for (const path of ["/index.html", `/sources/${sources[0]}/index.html`]) {
    const { page, close } = await open(path, { age: 30 });
    await page.locator("#age:not([hidden])").waitFor();
    assert.match(await page.locator("h1").first().innerText(), /^Not known/, path);
    await close();
  }
});

test("without a script the page says when it was made, and how old is too old", async () => {
  const { page, close } = await open("/", { javaScriptEnabled: false });
  assert.match(await page.locator("#made").innerText(), /Published .* UTC\. If that is more than 5 minutes ago, this page does not tell the present\./);
  await page.goto(`${at}/sources/${sources[0]}/index.html`);
  assert.ok((await page.content()).includes("this does not tell the present"));
  await close();
});

test("axe finds nothing serious on a young page or on an old one", async () => {
  for (const age of [1, 30]) {
    const { page, close } = await open("/", { age, bypassCSP: true });
    if (age > 5) await page.locator("#age:not([hidden])").waitFor();
    assert.deepEqual(await violations(page), []);
    await page.screenshot({ path: `shots/published-${age}.png`, fullPage: true });
    await close();
  }
});
