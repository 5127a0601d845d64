// The wall, the strip in other sites' pages, and badges in a real browser. ALLCLEAR_URL says where the page is; what has
// to be stopped and started again is an allclear of this file's own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, patience, until, violations } from "./browser.mjs";

const at = process.env.ALLCLEAR_URL ?? "http://127.0.0.1:8080";
const program = process.env.ALLCLEAR_BIN ?? "../../target/debug/allclear";
const port = Number(process.env.WALL_PORT ?? 9390);
let browser;

before(async () => {
  mkdirSync("shots", { recursive: true });
  browser = await launch();
  await until(async () => (await summary()).sources.every((source) => source.freshness.checked_at), "every vendor is tried");
});
after(() => browser?.close());

const summary = async () => (await fetch(`${at}/api/v1/summary`)).json();

async function open(path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  const wrong = [];
  page.on("console", (message) => { if (message.type() === "error") wrong.push(message.text()); });
  page.on("pageerror", (error) => wrong.push(String(error)));
  if (options.clock) await page.clock.install();
  if (options.still) await page.route((url) => url.pathname === "/wall", (route) => route.fulfill(options.still));
  await page.goto(path.startsWith("http") ? path : at + path, { waitUntil: "load" });
  return { context, page, wrong };
}

const tiles = (page) => page.locator("#tiles .tile:visible .name").allInnerTexts();

/** The wall as it stands now, to be shown again and again, whatever the vendors do meanwhile. */
async function still(path) {
  const answer = await fetch(at + path);
  const headers = Object.fromEntries(answer.headers);
  for (const name of ["content-encoding", "content-length", "transfer-encoding", "etag"]) delete headers[name];
  return { status: answer.status, headers, body: await answer.text() };
}

test("the wall fits screens from 720p to 4K, the same on each, and nothing is cut off", async () => {
  const [dark, light] = await Promise.all(["dark", "light"].map((theme) => still(`/wall?theme=${theme}`)));
  const pages = [];
  for (const [width, height, theme] of [[1280, 720, "dark"], [1920, 1080, "dark"], [3840, 2160, "dark"], [3840, 2160, "light"], [1080, 1920, "dark"]]) {
    const { context, page, wrong } = await open(`/wall?theme=${theme}`, { viewport: { width, height }, still: theme === "dark" ? dark : light });
    await page.locator("html.js").waitFor();
    const over = await page.evaluate(() => [document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]);
    assert.deepEqual(over.map((by) => by <= 0), [true, true], `${width}: ${over}`);
    // In one look: what is there may be exchanged for the same at any moment.
    const cut = await page.evaluate(() => [...document.querySelectorAll(".trouble, .tile, footer, .clock")]
      .map((one) => [one.getBoundingClientRect(), one.innerText])
      .filter(([box]) => box.width && (box.bottom > innerHeight + 1 || box.right > innerWidth + 1))
      .map(([box, text]) => `${text} ends at ${box.right}, ${box.bottom}`));
    assert.deepEqual(cut, [], `${width} × ${height}`);
    const letters = await page.locator(".tile .name, .trouble .name").evaluateAll((all) => Math.min(...all.map((one) => parseFloat(getComputedStyle(one).fontSize))));
    assert.ok(letters >= Math.min(width, height) * 0.03, `${letters} px at ${width} × ${height}`);
    if (width > height) pages.push(await page.locator("#turn").innerText());
    assert.deepEqual(wrong, []);
    await page.screenshot({ path: `shots/wall-${width}x${height}-${theme}.png` });
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await context.close();
  }
  assert.equal(new Set(pages).size, 1, `as much on each: ${pages}`);
});

test("what does not fit takes turns, and what is wrong stays", async () => {
  const { context, page } = await open("/wall", { viewport: { width: 800, height: 450 }, clock: true });
  const now = await summary();
  await page.locator("html.js").waitFor();
  const [here, of] = (await page.locator("#turn").innerText()).split(" of ").map(Number);
  assert.ok(here === 1 && of > 1, `${here} of ${of}`);
  const seen = new Set(await tiles(page));
  const first = [...seen];
  const top = await page.locator("#rest").boundingBox();
  await page.clock.runFor(10_500);
  await page.waitForFunction((was) => document.querySelector("#tiles .tile:not([hidden]) .name").textContent !== was, first[0]);
  const names = [...now.sources, ...now.services].map((one) => one.name.trim().slice(0, 20));
  const missing = () => names.filter((name) => ![...seen].some((tile) => tile.includes(name)));
  // Vendors change their states meanwhile, and their places with them: that takes a round more.
  for (let turn = 1; turn < of * 6 && missing().length; turn += 1) {
    for (const name of await tiles(page)) seen.add(name);
    const troubles = await page.locator(".trouble:visible").count();
    assert.equal(troubles, await page.locator(".trouble").count(), "trouble does not take turns");
    await page.keyboard.press("ArrowRight");
  }
  assert.deepEqual(missing(), [], "everything had its turn");
  const end = await page.locator("#rest").boundingBox();
  assert.equal(end.y + end.height, top.y + top.height, "the footer has not moved");
  await page.keyboard.press(" ");
  const held = (await page.locator("#turn").innerText());
  assert.match(held, /held/);
  await page.clock.runFor(25_000);
  assert.equal(await page.locator("#turn").innerText(), held);
  await context.close();
});

test("a wall that is cut off says so loudly, takes good news back, and comes back by itself", async () => {
  const { context, page } = await open("/wall", { clock: true });
  await page.locator("html.js").waitFor();
  assert.equal(await page.locator("#alarm").isVisible(), false);
  await context.setOffline(true);
  await page.clock.runFor(40_000);
  await page.locator("#alarm").waitFor();
  assert.match(await page.locator("#alarm").innerText(), /Connection lost/);
  assert.ok((await page.locator("#alarm").boundingBox()).height >= 720 * 0.06);
  await page.clock.runFor(100_000);
  assert.equal(await page.locator("#head").isVisible(), false);
  assert.match(await page.locator("#stale").innerText(), /Not known since .*before that/s);
  await page.screenshot({ path: "shots/wall-lost.png" });
  await page.clock.runFor(3 * 3600_000);
  assert.match(await page.locator("#alarm").innerText(), /3 h|1[78]\d min/);
  await context.setOffline(false);
  await until(async () => { await page.clock.runFor(15_000); return !(await page.locator("#alarm").isVisible()); }, "it is back");
  assert.equal(await page.locator("#head").isVisible(), true);
  await context.close();
});

test("the wall is whole without a script", async () => {
  const { context, page } = await open("/wall", { javaScriptEnabled: false });
  const now = await summary();
  assert.ok((await page.locator("h1").innerText()).length > 5);
  assert.equal(await page.locator(".tile").count(), now.sources.length + now.services.length);
  assert.equal(await page.locator("meta[http-equiv=refresh]").count(), 1);
  await page.screenshot({ path: "shots/wall-without-script.png", fullPage: true });
  await context.close();
});

test("axe finds nothing serious on the wall or the strip", async () => {
  for (const path of ["/wall", "/wall?theme=light", "/embed?theme=light", "/embed?theme=dark"]) {
    const { context, page } = await open(path, { bypassCSP: true, reducedMotion: "reduce" });
    // A strip has no script, so nothing else can keep it from growing old.
    const found = (await violations(page)).filter((one) => !(path.startsWith("/embed") && one.startsWith("meta-refresh")));
    assert.deepEqual(found, [], path);
    await context.close();
  }
});

test("a new version of the program is taken up by itself, once", async () => {
  const { context, page } = await open("/wall", { clock: true });
  await page.locator("html.js").waitFor();
  let loads = 0;
  page.on("framenavigated", () => { loads += 1; });
  const script = await page.locator("script[src]").getAttribute("src");
  await page.route("**/wall", async (route) => {
    const body = (await (await fetch(`${at}/wall`)).text()).replace(script.split("/").pop(), "wall-0000.js");
    await route.fulfill({ status: 200, contentType: "text/html; charset=utf-8", body });
  });
  let there = false;
  await page.route("**/assets/wall-0000.js", async (route) => {
    if (!there) return route.fulfill({ status: 404 });
    return route.fulfill({ status: 200, contentType: "text/javascript", body: await (await fetch(at + script)).text() });
  });
  await page.clock.runFor(31_000);
  assert.equal(loads, 0, "it waits for the files of the new version");
  there = true;
  await until(async () => { await page.clock.runFor(15_000); return loads; }, "it takes up the new version");
  await page.locator("html.js").waitFor();
  await page.clock.runFor(31_000);
  assert.equal(loads, 1);
  await context.close();
});

/** A page of another site. */
async function elsewhere(html, headers = {}) {
  const server = createServer((_, answer) => {
    answer.setHeader("content-type", "text/html");
    for (const [name, value] of Object.entries(headers)) answer.setHeader(name, value);
    answer.end(html);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

test("the strip works in a frame of another site, and nothing else does", async () => {
  const site = await elsewhere(`<!doctype html><title>Elsewhere</title>
    <iframe id="strip" title="status" src="${at}/embed" width="600" height="180" sandbox="allow-top-navigation-by-user-activation allow-popups"></iframe>
    <iframe id="page" title="page" src="${at}/"></iframe><iframe id="console" title="console" src="${at}/admin/sign-in"></iframe>
    <iframe id="wall" title="wall" src="${at}/wall"></iframe>`);
  const { context, page, wrong } = await open(site.url);
  const strip = page.frameLocator("#strip");
  assert.equal(await strip.locator("h1").innerText(), (await summary()).headline.text);
  assert.equal(await strip.locator("main").evaluate((main) => getComputedStyle(main).display), "flex", "its style is loaded");
  for (const id of ["page", "console", "wall"]) assert.equal(await page.frameLocator(`#${id}`).locator("main").count(), 0, id);
  assert.ok(wrong.some((text) => text.includes("frame-ancestors")), wrong.join("\n"));
  await page.screenshot({ path: "shots/embed-elsewhere.png" });
  await strip.locator("h1 a").click();
  await page.waitForURL(`${at}/`);
  await context.close();
  site.close();
});

test("badges and pictures are shown on pages of other sites, also strict ones", async () => {
  const images = `<!doctype html><title>Elsewhere</title><img id="badge" src="${at}/badge/all.svg" alt=""><img id="picture" src="${at}/og.png" alt="">`;
  const site = await elsewhere(images, { "cross-origin-embedder-policy": "require-corp" });
  const { context, page } = await open(site.url);
  for (const id of ["badge", "picture"]) await page.waitForFunction((id) => document.getElementById(id).naturalWidth > 60, id);
  await context.close();
  site.close();
});

test("the letters of a badge are as wide as they were measured", async () => {
  const { context, page } = await open("/badge/all.svg?label=Wonderful%20status%20illuminated");
  const off = await page.evaluate(() => [...document.querySelectorAll("text")].map((text) => {
    const measured = text.textLength.baseVal.value;
    text.removeAttribute("textLength");
    return text.getComputedTextLength() / measured;
  }));
  assert.ok(off.every((ratio) => ratio > 0.93 && ratio < 1.07), `${off}`);
  await context.close();
});

test("a wall outlives a restart of the server", async (t) => {
  const place = mkdtempSync(join(tmpdir(), "allclear-wall-"));
  let good = true;
  const vendor = createServer((_, answer) => answer.end(good ? "pong" : "down"));
  await new Promise((listening) => vendor.listen(0, "127.0.0.1", listening));
  const config = join(place, "sources.yaml");
  writeFileSync(config, `page: {title: Restarted}\nsources:\n  - name: A plain check\n    url: http://127.0.0.1:${vendor.address().port}/\n    format: http\n    interval: 5s\n    allow_private: true\n    http: {contains: pong, otherwise: major_outage}\n`);
  let server;
  const start = async () => {
    server = spawn(program, ["serve", "--config", config, "--data", join(place, "data"), "--listen", `127.0.0.1:${port}`], { stdio: "ignore" });
    await until(async () => fetch(`http://127.0.0.1:${port}/healthz`).then((answer) => answer.ok, () => false), "it serves");
  };
  const stop = () => new Promise((gone) => {
    if (server.exitCode !== null || server.signalCode) return gone();
    server.once("exit", gone);
    server.kill("SIGKILL");
  });
  t.after(async () => { await stop(); vendor.close(); rmSync(place, { recursive: true, force: true }); });
  await start();
  const { context, page } = await open(`http://127.0.0.1:${port}/wall`, { clock: true });
  await page.locator("#head.operational").waitFor();
  await stop();
  await page.clock.runFor(45_000);
  await page.locator("#alarm").waitFor();
  good = false;
  await start();
  await until(async () => { await page.clock.runFor(15_000); return !(await page.locator("#alarm").isVisible()); }, "it is connected again");
  // What changed while it was away, and what changes from now on.
  await page.locator("#head:not(.operational)").waitFor();
  await page.locator(".trouble").first().waitFor();
  good = true;
  await page.locator("#head.operational").waitFor();
  await context.close();
});
