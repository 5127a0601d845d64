// What the team is told, in a real browser: a channel is tried out, a message that was given up is sent again, and an
// incident says who was told, the same with scripts and without. ALLCLEAR_URL says where it is, ALLCLEAR_PAGE_LOG where
// its log is, and INBOX_PORT where its channel is answered.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { launch, patience, until, violations } from "./browser.mjs";

const at = process.env.ALLCLEAR_URL ?? "http://127.0.0.1:8080";
const name = "robin";
const password = "three green bicycles";
let browser;
/** What the channel's receiver answers. */
let status = 204;
let got = 0;
const inbox = createServer((request, response) => {
  got += 1;
  request.resume().on("end", () => response.writeHead(status).end());
});

before(async () => {
  mkdirSync("shots", { recursive: true });
  await new Promise((resolve) => inbox.listen(Number(process.env.INBOX_PORT ?? 9290), "127.0.0.1", resolve));
  browser = await launch();
});
after(async () => {
  await browser?.close();
  inbox.closeAllConnections();
  inbox.close();
});

async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, bypassCSP: true, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  return { context, page };
}

const press = (page, label) => page.getByRole("button", { name: label }).first().click();

/** Signs in; makes the first account where no other test did. */
async function enter(page) {
  const link = /\/admin\/setup\?code=[\w-]+/.exec(await readFile(process.env.ALLCLEAR_PAGE_LOG, "utf8"))?.[0];
  if (link && (await page.goto(at + link)).status() !== 404) {
    await page.getByLabel("Name").fill(name);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByLabel("Password, again").fill(password);
    await press(page, "Make the account");
    await page.waitForURL("**/admin/account");
    return;
  }
  await page.goto(`${at}/admin/sign-in`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await press(page, "Sign in");
  await page.waitForURL((url) => !url.pathname.endsWith("/sign-in"));
}

/** It is fit to be read: by everybody, and on a phone. */
async function fine(page, what) {
  assert.deepEqual(await violations(page), [], what);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(over <= 0, `${what}: ${over} px too wide`);
}

/** The page of the message says so: by itself where scripts run, else when it is looked at again. */
async function comesTo(page, word, scripts) {
  const state = page.locator("dl.facts [role=status]");
  await until(async () => {
    if ((await state.textContent()).includes(word)) return true;
    const again = page.getByRole("link", { name: "Look again" });
    if (!scripts && (await again.count()) > 0) await again.click();
    return false;
  }, `the message is “${word}”`);
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with scripts" : "without scripts";

  test(`a channel is tried out, and what was given up is sent again, ${how}`, async () => {
    const { context, page } = await open({ javaScriptEnabled });
    await enter(page);
    const before = got;
    status = 204;
    await page.goto(`${at}/admin/channels`);
    await press(page, "Send a test");
    await page.waitForURL(/\/admin\/deliveries\/\d+$/);
    await comesTo(page, "Sent", javaScriptEnabled);
    assert.ok(got > before, "the receiver has it");
    assert.equal(await page.getByRole("button", { name: "Send it again" }).count(), 0, "what arrived is not sent again");

    // What the receiver will never take is given up, which is noticed on every page, and can be sent again.
    status = 400;
    await page.goto(`${at}/admin/channels`);
    await press(page, "Send a test");
    await page.waitForURL(/\/admin\/deliveries\/\d+$/);
    await comesTo(page, "Given up", javaScriptEnabled);
    const dead = page.url();
    await until(async () => {
      await page.goto(`${at}/admin/channels`);
      return (await page.getByRole("navigation", { name: "Console" }).textContent()).includes("1 failing");
    }, "it calls for somebody");
    await page.goto(`${at}/admin/deliveries?status=dead`);
    await page.locator(`a[href="${new URL(dead).pathname}"]`).click();
    status = 204;
    await press(page, "Send it again");
    await comesTo(page, "Sent", javaScriptEnabled);
    await context.close();
  });
}

test("axe finds nothing serious on the pages of what was told, light or dark, and each fits a phone", async () => {
  const first = await open();
  await enter(first.page);
  // Another one that is given up, so that the pages have something to show.
  status = 400;
  await first.page.goto(`${at}/admin/channels`);
  await press(first.page, "Send a test");
  await comesTo(first.page, "Given up", true);
  const dead = new URL(first.page.url()).pathname;
  await first.page.goto(`${at}/admin/incidents/new`);
  await first.page.getByLabel("What is wrong").fill("Told to nobody");
  await press(first.page, "Declare it");
  await first.page.waitForURL(/said=declared/);
  const id = new URL(first.page.url()).pathname.split("/").pop();
  const told = first.page.getByText("it is about something that this receiver did not ask for").first();
  await until(async () => { await first.page.goto(`${at}/incidents/${id}`); return (await told.count()) > 0; }, "it is decided");
  await first.page.locator("#told-all summary").click();
  await told.waitFor();
  const storageState = await first.context.storageState();
  await first.context.close();
  for (const colorScheme of ["light", "dark"]) {
    const { context, page } = await open({ colorScheme, storageState });
    for (const path of ["/admin/channels", "/admin/deliveries", "/admin/deliveries?status=dead", dead, `/incidents/${id}`, `/admin/incidents/${id}`]) {
      const answer = await page.goto(at + path);
      assert.equal(answer.status(), 200, path);
      for (const summary of await page.locator("#told-all summary").all()) await summary.click();
      await fine(page, `${path} ${colorScheme}`);
      const shot = path.slice(1).replace(/[/?=]/g, "-").replace(/i[0-9a-z]{13}/, "one").replace(/\d+$/, "one");
      await page.screenshot({ path: `shots/told-${shot}-${colorScheme}.png`, fullPage: true });
    }
    await context.close();
  }
  // To whoever is not signed in, the page says nothing of it.
  const { context, page } = await open();
  await page.goto(`${at}/incidents/${id}`);
  assert.equal(await page.getByRole("heading", { name: "Who was told" }).count(), 0);
  await context.close();
});
