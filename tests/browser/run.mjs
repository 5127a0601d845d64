// The page in a real browser, against the running program: ALLCLEAR_URL says where it is.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, patience, until, violations } from "./browser.mjs";

const at = process.env.ALLCLEAR_URL ?? "http://127.0.0.1:8080";
let browser;

before(async () => {
  mkdirSync("shots", { recursive: true });
  browser = await launch();
  // Every vendor was tried once, so that the page has something to say.
  await until(async () => (await summary()).sources.every((source) => source.freshness.checked_at), "every vendor is tried");
});
after(() => browser?.close());

const summary = async () => (await fetch(`${at}/api/v1/summary`)).json();

/** Opens a page that notes what it asks for and what goes wrong on it. */
async function open(path = "/", options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, bypassCSP: options.bypassCSP ?? false, ...options });
  const page = await context.newPage();
  const seen = { foreign: [], wrong: [], dialogs: 0, bodies: new Map() };
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== new URL(at).origin && url.protocol !== "data:") seen.foreign.push(request.url());
  });
  page.on("response", (response) => {
    // The stream of events never ends: it has no size. What a change fetches anew is not part of opening the page.
    const first = !seen.bodies.has(response.url()) && !response.url().endsWith("/events");
    if (first) seen.bodies.set(response.url(), response.body().then((body) => body.length, () => Number.NaN));
  });
  page.on("console", (message) => { if (message.type() === "error") seen.wrong.push(message.text()); });
  page.on("pageerror", (error) => seen.wrong.push(String(error)));
  page.on("dialog", (dialog) => { seen.dialogs += 1; dialog.dismiss(); });
  await page.goto(at + path, { waitUntil: "load" });
  return { context, page, seen };
}

/** One page of each kind. */
async function paths() {
  const now = await summary();
  const list = ["/", "/docs", "/no-such-page", `/sources/${now.sources[0].id}`];
  if (now.incidents[0]) list.push(`/incidents/${now.incidents[0].id}`);
  if (now.maintenances[0]) list.push(`/maintenances/${now.maintenances[0].id}`);
  if (now.services[0]) list.push(`/services/${now.services[0].id}`);
  return list;
}

test("every page asks nobody else for anything, and nothing goes wrong on it", async () => {
  for (const path of await paths()) {
    const { context, page, seen } = await open(path);
    await page.waitForFunction(() => document.documentElement.classList.contains("js"));
    const wrong = seen.wrong.filter((text) => !(path === "/no-such-page" && text.includes("404")));
    assert.deepEqual({ foreign: seen.foreign, wrong, dialogs: seen.dialogs }, { foreign: [], wrong: [], dialogs: 0 }, path);
    await context.close();
  }
});

test("the page is whole without a script", async () => {
  const { context, page } = await open("/", { javaScriptEnabled: false });
  const now = await summary();
  assert.ok((await page.locator("h1").innerText()).length > 5);
  for (const source of now.sources) assert.ok(await page.locator(`a.cell[href$="/sources/${source.id}"]`).count(), source.id);
  assert.equal(await page.locator("#filter").isVisible(), false, "a filter that cannot work is not shown");
  await page.screenshot({ path: "shots/without-script.png", fullPage: true });
  await context.close();
});

test("all of it is under 100 kB", async () => {
  const { context, page, seen } = await open("/");
  await page.waitForFunction(() => document.documentElement.classList.contains("js"));
  await page.waitForLoadState("load");
  const bytes = (await Promise.all(seen.bodies.values())).reduce((sum, length) => sum + length, 0);
  assert.ok(bytes > 20_000 && bytes < 100_000, `${bytes} bytes`);
  await context.close();
});

test("axe finds nothing serious on any page, light or dark", async () => {
  for (const colorScheme of ["light", "dark"]) {
    for (const path of await paths()) {
      const { context, page } = await open(path, { colorScheme, bypassCSP: true });
      assert.deepEqual(await violations(page), [], `${path} ${colorScheme}`);
      await context.close();
    }
  }
});

test("it fits every screen from 320 px to a wall", async () => {
  for (const [width, height, colorScheme] of [[320, 700, "light"], [320, 700, "dark"], [768, 1024, "light"], [1440, 900, "light"], [1440, 900, "dark"], [3840, 2160, "dark"]]) {
    for (const path of await paths()) {
      const { context, page } = await open(path, { viewport: { width, height }, colorScheme });
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${path} at ${width}: ${over} px too wide`);
      const name = path === "/" ? "home" : path.split("/")[1];
      await page.screenshot({ path: `shots/${name}-${width}-${colorScheme}.png` });
      await context.close();
    }
  }
});

test("the filter is reached by a key, works, and stays in the address", async () => {
  const { context, page } = await open("/");
  const now = await summary();
  const wanted = now.sources[1];
  await page.keyboard.press("/");
  await page.keyboard.type(wanted.id);
  await page.waitForFunction(() => [...document.querySelectorAll("#all .cell")].filter((cell) => !cell.hidden).length === 1);
  assert.match(page.url(), /\?q=/);
  await page.reload();
  await page.waitForFunction(() => [...document.querySelectorAll("#all .cell")].filter((cell) => !cell.hidden).length === 1);
  await page.selectOption("#state", "trouble");
  assert.match(page.url(), /state=trouble/);
  await context.close();
});

test("a change reaches the open page without a reload and what is above it stays", async () => {
  const { context, page } = await open("/");
  let loads = 0;
  page.on("framenavigated", () => { loads += 1; });
  const before = await summary();
  const known = new Set(before.incidents.map((incident) => `${incident.id} ${incident.status}`));
  const top = await page.evaluate(() => document.querySelector("#now h2").getBoundingClientRect().top);
  let fresh;
  await until(async () => {
    fresh = (await summary()).incidents.find((incident) => incident.counted !== false && !known.has(`${incident.id} ${incident.status}`));
    return fresh;
  }, "an incident opens or goes on at a vendor");
  const said = Date.now();
  const word = fresh.status[0].toUpperCase() + fresh.status.slice(1);
  await page.waitForFunction(
    ([title, word]) => [...document.querySelectorAll("#now .item")].some((item) => item.textContent.includes(title) && item.textContent.includes(word)),
    [fresh.title, word],
    { timeout: patience },
  );
  console.log(`shown ${Date.now() - said} ms after the API told it`);
  assert.equal(loads, 0);
  assert.equal(await page.evaluate(() => document.querySelector("#now h2").getBoundingClientRect().top), top);
  await context.close();
});

test("hostile names are text", async () => {
  const { context, page, seen } = await open("/");
  assert.equal(await page.locator("main script, main iframe, main img, main [onmouseover], main [onerror]").count(), 0);
  const hostile = (await summary()).sources.find((source) => source.name.includes("<"));
  assert.ok(hostile, "the world has a hostile vendor");
  await page.goto(`${at}/sources/${hostile.id}`);
  assert.equal(await page.locator("main script, main iframe, main img, main [onmouseover]").count(), 0);
  assert.ok((await page.locator("h1").innerText()).includes("<"));
  assert.equal(seen.dialogs, 0);
  await context.close();
});

test("a page that is cut off says so itself", async () => {
  const { context, page } = await open("/");
  await page.waitForFunction(() => document.querySelector("#age").hidden);
  await context.setOffline(true);
  await page.waitForFunction(() => !document.querySelector("#age").hidden, null, { timeout: patience });
  assert.match(await page.locator("#age").innerText(), /out of date/);
  await context.setOffline(false);
  await page.waitForFunction(() => document.querySelector("#age").hidden, null, { timeout: patience });
  await context.close();
});

test("everything is reached by the keyboard", async () => {
  const { context, page } = await open("/");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  const links = await page.locator("main a[href]:visible").evaluateAll((all) => [...new Set(all.map((link) => link.getAttribute("href")))]);
  const seen = new Set();
  for (let step = 0; step < links.length * 2 + 30; step += 1) {
    await page.keyboard.press("Tab");
    seen.add(await page.evaluate(() => document.activeElement?.getAttribute("href") ?? document.activeElement?.id));
  }
  const missed = links.filter((link) => !seen.has(link));
  assert.ok(missed.length <= links.length / 10, `not reached: ${missed}`);
  await context.close();
});
