// Signing in and the pages behind it, in a real browser on a narrow screen and without a script.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { launch, until, violations } from "./browser.mjs";

const at = process.env.ALLCLEAR_URL ?? "http://127.0.0.1:8080";
const password = "three green bicycles";
let browser;

before(async () => { browser = await launch(); });
after(() => browser?.close());

test("the first admin is made, invites an operator, and all of it works without a script at 360 px", async () => {
  const log = await readFile(process.env.ALLCLEAR_PAGE_LOG, "utf8");
  const [, code] = log.match(/\/admin\/setup\?code=([\w-]+)/);
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${at}/admin/setup?code=${code}`);
  await page.getByLabel("Name").fill("Robin");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByLabel("Password, again").fill(password);
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.getByRole("heading", { name: "Your account" }).waitFor();

  for (const path of ["account", "account/factor", "people", "tokens", "audit"]) {
    await page.goto(`${at}/admin/${path}`);
    const over = await page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
    assert.ok(over <= 0, `${path}: ${over} px too wide`);
    await page.screenshot({ path: `shots/admin-${path.replace("/", "-")}-360.png`, fullPage: true });
  }

  await page.goto(`${at}/admin/people`);
  await page.getByLabel("Name").fill("kim");
  await page.getByRole("button", { name: "Make a link" }).click();
  const link = await page.locator(".once code").innerText();
  const other = await browser.newContext({ javaScriptEnabled: false });
  const kim = await other.newPage();
  await kim.goto(link);
  await kim.getByLabel("Password", { exact: true }).fill(password);
  await kim.getByLabel("Password, again").fill(password);
  await kim.getByRole("button", { name: "Join" }).click();
  await kim.getByRole("heading", { name: "Your account" }).waitFor();
  assert.equal((await kim.goto(`${at}/admin/people`)).status(), 403);
  await kim.goto(`${at}/admin/account`);
  await kim.getByRole("button", { name: "Sign out" }).click();
  await kim.getByText("You are signed out.").waitFor();
  await kim.getByLabel("Name").fill("kim");
  await kim.getByLabel("Password").fill(password);
  await kim.getByRole("button", { name: "Sign in" }).click();
  await kim.getByRole("heading", { name: "Now", exact: true }).waitFor();
  await context.close();
  await other.close();
});

test("a page of another site changes nothing, whoever is signed in", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${at}/admin/sign-in`);
  await page.getByLabel("Name").fill("robin");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Now", exact: true }).waitFor();
  // The same machine by another name: another site to the browser.
  const elsewhere = at.replace("127.0.0.1", "localhost");
  await page.route(`${elsewhere}/evil`, (route) => route.fulfill({
    contentType: "text/html",
    body: `<form method="post" action="${at}/admin/sign-out"><input name="csrf" value="x"><button>Win</button></form>`,
  }));
  await page.goto(`${elsewhere}/evil`);
  const answer = page.waitForResponse(`${at}/admin/sign-out`);
  await page.getByRole("button", { name: "Win" }).click();
  // The browser does not even send the cookie along.
  assert.equal((await answer).status(), 401);
  assert.equal((await page.goto(`${at}/admin/account`)).status(), 200);
  await context.close();
});

test("axe finds nothing serious on the pages behind the sign-in, light or dark", async () => {
  for (const colorScheme of ["light", "dark"]) {
    const context = await browser.newContext({ colorScheme, bypassCSP: true });
    const page = await context.newPage();
    await page.goto(`${at}/admin/sign-in`);
    assert.deepEqual(await violations(page), [], `sign-in ${colorScheme}`);
    await page.getByLabel("Name").fill("robin");
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").waitFor();
    assert.deepEqual(await violations(page), [], `refused ${colorScheme}`);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Now", exact: true }).waitFor();
    for (const path of ["account", "account/factor", "people", "tokens", "audit"]) {
      await page.goto(`${at}/admin/${path}`);
      assert.deepEqual(await violations(page), [], `${path} ${colorScheme}`);
      await page.screenshot({ path: `shots/admin-${path.replace("/", "-")}-${colorScheme}.png`, fullPage: true });
    }
    await context.close();
  }
});

test("a stream of events ends when its session does", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${at}/admin/sign-in`);
  await page.getByLabel("Name").fill("robin");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Now", exact: true }).waitFor();
  await page.evaluate(() => {
    window.states = [];
    const source = new EventSource("/events");
    source.onopen = () => window.states.push("open");
    source.onerror = () => window.states.push("ended");
  });
  await page.waitForFunction(() => window.states.includes("open"));
  const other = await context.newPage();
  await other.goto(`${at}/admin/account`);
  await other.getByRole("button", { name: "Sign out" }).click();
  await until(() => page.evaluate(() => window.states.includes("ended")), "the stream ends");
  await context.close();
});
