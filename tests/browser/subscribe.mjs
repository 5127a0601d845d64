// Readers who are told, in a real browser: what the console shows of them, and the form to sign up where mail can be
// sent. ALLCLEAR_URL says where it is, and ALLCLEAR_PAGE_LOG where its log is, which holds the link to set it up.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { launch, patience, violations } from "./browser.mjs";

const at = process.env.ALLCLEAR_URL ?? "http://127.0.0.1:8080";
const name = "robin";
const password = "three green bicycles";
let browser;

before(async () => {
  mkdirSync("shots", { recursive: true });
  browser = await launch();
});
after(() => browser?.close());

async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, bypassCSP: true, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  return { context, page };
}

const press = (page, label) => page.getByRole("button", { name: label, exact: true }).first().click();

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

for (const colorScheme of ["light", "dark"]) {
  test(`an admin adds, stops and erases readers, ${colorScheme}`, async () => {
    const { context, page } = await open({ colorScheme });
    await enter(page);
    await page.goto(`${at}/admin/subscribers`);
    const reader = `${colorScheme}-with-a-rather-long-address-${Date.now()}@mail.example.com`;
    await page.getByLabel("Addresses").fill(`${reader}\nno address`);
    await page.getByLabel("They have agreed: tell them at once").check();
    await press(page, "Add them");
    await page.getByText("1 added, 0 known already").waitFor();
    await fine(page, `the list, ${colorScheme}`);
    await page.screenshot({ path: `shots/subscribers-360-${colorScheme}.png`, fullPage: true });
    await page.getByRole("button", { name: `Stop ${reader}` }).click();
    await page.getByText("suspended (admin)").first().waitFor();
    await page.getByRole("link", { name: `Erase ${reader}` }).click();
    await fine(page, `to be sure, ${colorScheme}`);
    await press(page, "Delete it");
    await page.getByText("It is erased.").waitFor();
    assert.equal(await page.getByText(reader).count(), 0);
    await context.close();
  });

  test(`a reader can sign up where mail can be sent, ${colorScheme}`, async (t) => {
    const { context, page } = await open({ colorScheme, javaScriptEnabled: true });
    const shown = await page.goto(`${at}/subscribe`);
    if (shown.status() === 404) {
      await fine(page, "there is nothing to sign up to");
      assert.equal(await page.getByRole("link", { name: "Get notified" }).count(), 0);
      t.diagnostic("no mail is configured here: the form is not served");
      await context.close();
      return;
    }
    await fine(page, `the form, ${colorScheme}`);
    await page.getByLabel("Your e-mail address").fill("reader@example.com");
    await page.getByLabel("How bad it must be").selectOption("major");
    await page.screenshot({ path: `shots/subscribe-360-${colorScheme}.png`, fullPage: true });
    await press(page, "Send me the mail");
    await page.getByText("a mail is on its way").waitFor();
    await page.goto(`${at}/subscription?token=x`);
    await page.getByRole("heading", { name: "This link does not work any more" }).waitFor();
    await fine(page, `a link that does not work, ${colorScheme}`);
    await context.close();
  });
}
