// The operators' console in a real browser, the same story with scripts and without. ALLCLEAR_URL says where it is, and
// ALLCLEAR_PAGE_LOG where its log is, which holds the link to set it up.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { launch, patience, until, violations } from "./browser.mjs";

const at = process.env.ALLCLEAR_URL ?? "http://127.0.0.1:8080";
const name = "robin";
const password = "three green bicycles";
/** What is said is everywhere within this time; the slowest is told at the end, since a loaded machine proves nothing. */
const PROMISED = 1_000;
let slowest = 0;
let browser;
const events = [];
const stop = new AbortController();

before(async () => {
  mkdirSync("shots", { recursive: true });
  browser = await launch();
  listen();
});
after(() => {
  console.log(`the slowest of what was said was everywhere after ${slowest} ms; promised: ${PROMISED} ms`);
  stop.abort();
  return browser?.close();
});

/** Keeps what /events tells, with the time at which it was heard. */
async function listen() {
  try {
    const answer = await fetch(`${at}/events`, { signal: stop.signal });
    let text = "";
    for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
      text += part;
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const data = text.slice(0, end).split("\n").find((line) => line.startsWith("data: "));
        text = text.slice(end + 2);
        if (data) events.push(data);
      }
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
}

async function within(what, condition) {
  const began = Date.now();
  while (!(await condition())) {
    assert.ok(Date.now() - began < patience, `waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  slowest = Math.max(slowest, Date.now() - began);
}

const read = async (path) => (await fetch(at + path)).text();

/** These words come to the page of the incident, to API, feed and stream. */
async function told(id, words) {
  await within(`the page says ${words}`, async () => (await read(`/incidents/${id}`)).includes(words));
  await within(`the API says ${words}`, async () => (await read(`/api/v1/incidents/${id}`)).includes(words));
  await within(`the feed says ${words}`, async () => (await read("/feed.atom")).includes(words));
  await within(`the stream says ${words}`, () => events.some((data) => data.includes(words)));
}

async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("console", (message) => { if (message.type() === "error" && !/status of (409|422)/.test(message.text())) wrong.push(message.text()); });
  return { context, page, wrong };
}

async function enter(page) {
  await page.goto(`${at}/admin`);
  if (!page.url().includes("/admin/sign-in")) return;
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

const press = (page, label) => page.getByRole("button", { name: label, exact: true }).first().click();

async function fits(page, path) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(over <= 0, `${path}: ${over} px too wide`);
}

test("from a fresh start: the link, the first admin", async () => {
  const { context, page, wrong } = await open();
  const log = await readFile(process.env.ALLCLEAR_PAGE_LOG, "utf8");
  const link = /\/admin\/setup\?code=[\w-]+/.exec(log)?.[0];
  assert.ok(link, "the log holds the link");
  // The tests of signing in may have made the account before: the link is spent then.
  const spent = (await page.goto(at + link)).status() === 404;
  if (spent) { await enter(page); await page.getByRole("heading", { name: "Now", exact: true }).waitFor(); await context.close(); return; }
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByLabel("Password, again").fill(password);
  await press(page, "Make the account");
  await page.waitForURL("**/admin/account");
  assert.deepEqual(wrong, []);
  await context.close();
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with scripts" : "without scripts";

  test(`an incident is declared, told of three times, resolved and learned from, ${how}`, async () => {
    const { context, page, wrong } = await open({ javaScriptEnabled });
    await enter(page);
    const mark = `${javaScriptEnabled ? "on" : "off"}-${Date.now()}`;

    // Declared from a phone: the title is all that must be typed.
    const began = Date.now();
    await page.getByRole("link", { name: "Declare an incident" }).click();
    await page.getByLabel("What is wrong").fill(`Checkout is slow ${mark}`);
    await press(page, "Declare it");
    await page.waitForURL(/\/admin\/incidents\/i\w+\?said=declared/);
    console.log(`declared from a phone after ${Date.now() - began} ms; promised: 20,000 ms`);
    const id = new URL(page.url()).pathname.split("/").pop();
    await told(id, `Checkout is slow ${mark}`);
    await page.screenshot({ path: `shots/console-incident-360-${mark.split("-")[0]}.png`, fullPage: true });

    for (const [status, words] of [["Identified", `A full disk ${mark}.`], ["Monitoring", `It is emptied ${mark}.`], ["Resolved", `All is well ${mark}.`]]) {
      await page.locator("#f-body").fill(words);
      await page.locator("#f-status").selectOption({ label: status });
      await press(page, "Send the update");
      await page.waitForURL(/said=said/);
      await told(id, words);
    }
    await page.locator("#f-postmortem").fill(`We watch the disk now ${mark}.`);
    await press(page, "Write it down");
    await page.waitForURL(/said=learned/);
    await within("the page shows what was learned", async () => (await read(`/incidents/${id}`)).includes(`We watch the disk now ${mark}.`));
    assert.deepEqual(wrong, []);
    await context.close();
  });

  test(`a preview keeps what was typed, ${how}`, async () => {
    const { context, page } = await open({ javaScriptEnabled });
    await enter(page);
    await page.goto(`${at}/admin/incidents/new`);
    await page.getByLabel("What is wrong").fill("Only looked at");
    await page.getByLabel("What readers should know").fill("It is **slow**.");
    await press(page, "Preview");
    const preview = page.getByRole("region", { name: "As readers will see it" });
    assert.equal(await preview.locator("h1").innerText(), "Only looked at");
    assert.equal(await preview.locator("strong").innerText(), "slow");
    assert.equal(await page.getByLabel("What is wrong").inputValue(), "Only looked at");
    await page.screenshot({ path: `shots/console-preview-360-${javaScriptEnabled}.png`, fullPage: true });
    assert.ok(!(await read("/")).includes("Only looked at"));
    await context.close();
  });

  test(`who is overtaken loses nothing, ${how}`, async () => {
    const { context, page } = await open({ javaScriptEnabled, bypassCSP: true });
    await enter(page);
    await page.goto(`${at}/admin/incidents/new`);
    await page.getByLabel("What is wrong").fill(`Shared ${Date.now()}`);
    await press(page, "Declare it");
    await page.waitForURL(/said=declared/);
    const other = await context.newPage();
    await other.goto(page.url());
    await other.locator("#f-body").fill("I was first");
    await press(other, "Send the update");
    await other.waitForURL(/said=said/);
    await page.locator("#f-body").fill("I was late");
    await press(page, "Send the update");
    await page.getByRole("heading", { name: "What changed meanwhile" }).waitFor();
    assert.match(await page.locator("main").innerText(), /I was first/);
    assert.equal(await page.getByLabel("What is to be said").inputValue(), "I was late");
    if (javaScriptEnabled) {
      await axed(page, "the page of who was overtaken");
      await fits(page, "the page of who was overtaken");
    }
    await press(page, "Send it over that");
    await page.waitForURL(/said=said/);
    assert.match(await page.locator("main").innerText(), /I was late[\s\S]*I was first/);
    await press(page, "Resolve it now");
    await page.waitForURL(/said=said/);
    await context.close();
  });

  test(`a maintenance that comes again stands in the next weeks, and comes no more, ${how}`, async () => {
    const { context, page } = await open({ javaScriptEnabled });
    await enter(page);
    await page.goto(`${at}/admin/maintenances/new`);
    const title = `Patch night ${javaScriptEnabled}`;
    const day = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
    await page.getByLabel("What is planned").fill(title);
    await page.getByLabel("Planned start").first().fill(`${day}T22:00`);
    await page.getByLabel("Planned end").first().fill(`${day}T23:00`);
    await page.getByLabel("Comes again").selectOption({ label: "Every week" });
    await press(page, "Announce it");
    await page.waitForURL(/said=planned/);
    const planned = async () => {
      const { items } = await (await fetch(`${at}/api/v1/maintenances?origin=local&status=open`)).json();
      return items.filter((one) => one.title === title).map((one) => Date.parse(one.starts_at));
    };
    const starts = await until(async () => { const all = await planned(); return all.length >= 4 && all; }, "the next weeks are announced");
    for (let at = 1; at < starts.length; at += 1) assert.equal(starts[at] - starts[at - 1], 7 * 86_400_000);
    await page.goto(`${at}/admin/maintenances`);
    await page.locator("li", { hasText: title }).getByRole("link", { name: /^End it/ }).click();
    await press(page, "End it");
    await page.waitForURL(/said=/);
    await until(async () => (await planned()).length === 0, "it comes no more");
    await context.close();
  });

  test(`a maintenance is planned, begun and completed, ${how}`, async () => {
    const { context, page } = await open({ javaScriptEnabled });
    await enter(page);
    await page.goto(`${at}/admin/maintenances/new`);
    const year = new Date().getFullYear() + 1;
    await page.getByLabel("What is planned").fill(`Move the database ${javaScriptEnabled}`);
    await page.getByLabel("Planned start").first().fill(`${year}-01-05T10:00`);
    await page.getByLabel("Planned end").first().fill(`${year}-01-05T12:00`);
    await press(page, "Announce it");
    await page.waitForURL(/said=planned/);
    await press(page, "Start it");
    await page.waitForURL(/said=said/);
    await press(page, "Complete it");
    await page.waitForURL(/said=said/);
    assert.match(await page.locator("main").innerText(), /Completed/);
    await context.close();
  });
}

test("a vendor's incident that does not affect us leaves the first page of the console with one tap", async () => {
  const { context, page } = await open({ javaScriptEnabled: false });
  await enter(page);
  const waits = page.locator("#decide ~ ul > li", { hasText: "Does it affect us?" });
  await until(async () => { await page.reload(); return (await waits.count()) > 0; }, "a vendor's incident waits");
  await page.screenshot({ path: "shots/console-home-360.png", fullPage: true });
  const title = await waits.first().locator("h3").innerText();
  await waits.first().getByRole("button", { name: /^Does not/ }).click();
  await page.waitForURL(/said=judged/);
  assert.equal(await waits.filter({ hasText: title }).count(), 0);
  await context.close();
});

/** One page of each kind of the console. */
async function paths() {
  const now = await (await fetch(`${at}/api/v1/summary`)).json();
  const ours = (await (await fetch(`${at}/api/v1/incidents?origin=local`)).json()).items[0].id;
  const planned = (await (await fetch(`${at}/api/v1/maintenances?origin=local`)).json()).items[0].id;
  const list = [
    "/admin", "/admin/incidents", "/admin/incidents/new", "/admin/incidents/new?template=slow", `/admin/incidents/${ours}`, `/admin/incidents/${ours}/edit`,
    `/admin/incidents/${ours}/delete`, "/admin/services", `/admin/sources/${now.sources[0].id}/override`, "/admin/templates", "/admin/templates/new",
    "/admin/templates/slow", "/admin/maintenances", "/admin/maintenances/new", `/admin/maintenances/${planned}`, `/admin/maintenances/${planned}/edit`,
    "/admin/sources", "/admin/account", "/admin/account/factor", "/admin/people", "/admin/tokens", "/admin/audit",
  ];
  const upstream = now.incidents.find((incident) => incident.origin === "upstream");
  if (upstream) list.push(`/admin/incidents/${upstream.id}/verdict`);
  if (now.services[0]) list.push(`/admin/services/${now.services[0].id}`);
  return list;
}

async function axed(page, what) {
  assert.deepEqual(await violations(page), [], what);
}

test("axe finds nothing serious on any page of the console, light or dark, and each fits a phone", async () => {
  const first = await open();
  await enter(first.page);
  await first.page.goto(`${at}/admin/templates/new`);
  await first.page.getByLabel("Name").fill("Slow");
  await first.page.getByLabel("Title of the incident").fill("Slow in {{region}}");
  await press(first.page, "Keep it");
  await first.page.waitForURL(/said=kept/);
  const storageState = await first.context.storageState();
  await first.context.close();
  for (const colorScheme of ["light", "dark"]) {
    const { context, page } = await open({ colorScheme, bypassCSP: true, storageState });
    for (const path of await paths()) {
      const answer = await page.goto(at + path);
      assert.equal(answer.status(), 200, path);
      await fits(page, path);
      await axed(page, `${path} ${colorScheme}`);
      const shot = path.replace(/^\/|\?.*$/g, "").replace(/\//g, "-").replace(/i[0-9a-z]{13}/, "one");
      if (colorScheme === "light") await page.screenshot({ path: `shots/console-${shot}.png`, fullPage: true });
    }
    await context.close();
  }
  const wide = await open({ viewport: { width: 1280, height: 900 }, storageState });
  for (const [path, shot] of [["/admin", "home"], ["/admin/incidents/new", "new"], ["/admin/maintenances", "maintenances"]]) {
    await wide.page.goto(at + path);
    await wide.page.screenshot({ path: `shots/console-${shot}-1280.png`, fullPage: true });
  }
  await wide.context.close();
});

test("the keys lead where they say", async () => {
  const { context, page, wrong } = await open();
  await enter(page);
  await page.goto(`${at}/admin/templates`);
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("h");
  await page.waitForURL(`${at}/admin`);
  await page.keyboard.press("n");
  await page.waitForURL("**/admin/incidents/new");
  await page.getByLabel("What is wrong").fill("Sent by key n?");
  assert.ok(page.url().endsWith("/admin/incidents/new"), "a letter typed into a field is a letter");
  await page.keyboard.press("Control+Enter");
  await page.waitForURL(/said=declared/);
  assert.deepEqual(wrong, []);
  await context.close();
});
