// A reader's story by e-mail, in a real browser and with a mail server that somebody else wrote: signs up, says that it
// was them, is told of what they asked for and of nothing else, changes their mind, and leaves with one click.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, openSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { launch, patience, until, violations } from "./browser.mjs";
import { missing, openMailbox } from "./mailbox.mjs";

const skip = missing();
const reader = "sam@example.com";
// Is told of everything: what it has got, the reader would have got by then.
const witness = "witness@example.com";
// The mail server knows nobody of this name.
const nobody = "gone@example.com";
let at, browser, child, mailbox, place, token;

before(async () => {
  if (skip) return;
  mkdirSync("shots", { recursive: true });
  [browser, mailbox] = await Promise.all([launch(), openMailbox("--rcpt", "550 5.1.1 no such user", "--only", nobody)]);
  // A port that was free a moment ago: links in mails lead there.
  const spare = createServer();
  await new Promise((done) => spare.listen(0, "127.0.0.1", done));
  const { port } = spare.address();
  await new Promise((done) => spare.close(done));
  at = `http://127.0.0.1:${port}`;
  place = await mkdtemp(join(tmpdir(), "allclear-mail-"));
  await writeFile(join(place, "sources.yaml"), `
page: {title: Acme status, url: "${at}"}
sources: []
services:
  - {name: Checkout, needs: []}
  - {name: Search, needs: []}
notify:
  mail:
    server: "smtp://127.0.0.1:${mailbox.port}?tls=none"
    from: Acme status <status@example.com>
    allow_private: true
  subscribe: true
  confirm: 0s
  group: 0s
  spacing: 0s
`);
  const log = join(place, "log");
  const program = resolve(process.env.ALLCLEAR_BIN ?? "../../target/debug/allclear");
  const args = ["serve", "--config", join(place, "sources.yaml"), "--data", join(place, "data"), "--listen", `127.0.0.1:${port}`];
  child = spawn(program, args, { stdio: ["ignore", "ignore", openSync(log, "w")] });
  await until(() => fetch(`${at}/healthz`).then((answer) => answer.ok, () => false), "it serves");
  const env = { ...process.env, ALLCLEAR_URL: at, ALLCLEAR_PAGE_LOG: log };
  token = execFileSync("python3", ["../fuzz/set_up.py"], { env, encoding: "utf8" }).trim();
});
after(async () => {
  child?.kill();
  mailbox?.close();
  await browser?.close();
  if (place) await rm(place, { recursive: true, force: true });
});

async function ask(method, path, body) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await fetch(at + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text && JSON.parse(text);
}

const declare = (title, service, state, impact) =>
  ask("POST", "/api/v1/incidents", { title, impact, services: [{ id: service, state }], body: `About this: ${title}.` });
const say = (incident, body) => ask("POST", `/api/v1/incidents/${incident.id}/updates`, body);
const subscribers = async () => (await ask("GET", "/api/v1/subscribers")).items;
const subjects = () => mailbox.mails(reader).map((mail) => mail.header("subject"));

async function open(path) {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, bypassCSP: true });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  const shown = await page.goto(path.startsWith("http") ? path : at + path);
  assert.equal(shown.status(), 200, path);
  return { context, page };
}

const press = (page, label) => page.getByRole("button", { name: label, exact: true }).click();

/** The one address in a mail that leads to this path. */
function link(text, path) {
  const found = text.split(/\s+/).filter((word) => word.startsWith(`${at}${path}?`));
  assert.equal(found.length, 1, text);
  return found[0];
}

/** A mail's HTML part, as a mail program that loads nothing shows it. */
async function look(html, name) {
  const asked = [];
  const context = await browser.newContext({ viewport: { width: 360, height: 640 }, offline: true, javaScriptEnabled: true });
  const page = await context.newPage();
  page.on("request", (request) => asked.push(request.url()));
  await page.setContent(html);
  assert.deepEqual(await violations(page), [], name);
  for (const width of [360, 800]) {
    await page.setViewportSize({ width, height: 640 });
    await page.screenshot({ path: `shots/mail-${name}-${width}.png`, fullPage: true });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(over <= 0, `${name} at ${width}: ${over} px too wide`);
  }
  assert.deepEqual(asked, [], "a mail loads nothing");
  const links = await page.locator("a").evaluateAll((all) => all.map((one) => [one.textContent, one.getAttribute("href")]));
  await context.close();
  return Object.fromEntries(links);
}

test("a reader signs up, and nothing is sent before they say that it was them", { skip }, async () => {
  const { context, page } = await open("/");
  await page.getByRole("link", { name: "Get notified" }).first().click();
  await page.getByLabel("Your e-mail address").fill(reader);
  await page.getByLabel("Of what").selectOption({ label: "Checkout" });
  await page.getByLabel("How bad it must be").selectOption("major");
  await press(page, "Send me the mail");
  await page.getByText("a mail is on its way").waitFor();
  const question = await mailbox.mail(reader, "Is it you?");
  const [one] = await subscribers();
  assert.deepEqual([one.address, one.state, one.scope, one.of, one.impact], [reader, "asked", "service", "checkout", "major"]);
  assert.deepEqual(question.parts, ["text/plain", "text/html"]);
  assert.equal(question.header("to"), reader);
  assert.equal(question.header("list-unsubscribe"), undefined, "there is nothing to leave yet");
  await ask("POST", "/api/v1/subscribers", { address: witness, confirmed: true });
  await declare("Before anybody agreed", "checkout", "major_outage", "critical");
  await mailbox.mail(witness, "Before anybody agreed");
  const links = await look(question.html, "question");
  const confirm = link(question.text, "/subscribe/confirm");
  assert.deepEqual(links, { Confirm: confirm });
  await page.goto(confirm);
  assert.equal((await subscribers()).find((one) => one.address === reader).state, "asked", "following a link changes nothing");
  await press(page, "Yes, tell me");
  await page.getByRole("heading", { name: "What you are told" }).waitFor();
  assert.equal((await subscribers()).find((one) => one.address === reader).state, "active");
  assert.deepEqual(subjects().length, 1, "nothing old is told");
  await context.close();
});

test("an incident is one thread, from its first word to its last", { skip }, async () => {
  const incident = await declare("Payments fail", "checkout", "partial_outage", "major");
  const first = await mailbox.mail(reader, "Payments fail");
  assert.deepEqual(first.parts, ["text/plain", "text/html"]);
  assert.match(first.text, /About this: Payments fail\./);
  assert.match(first.header("message-id"), /^<[^<>@\s]+@[^<>@\s]+>$/);
  assert.ok(first.header("date") && first.header("from").includes("status@example.com"));
  assert.equal(first.header("in-reply-to"), undefined);
  assert.equal(first.header("list-unsubscribe-post"), "List-Unsubscribe=One-Click");
  assert.equal(first.header("list-unsubscribe"), `<${link(first.text, "/subscription/leave")}>`);
  await say(incident, { status: "identified", body: "Now all of them fail.", impact: "critical", services: [{ id: "checkout", state: "major_outage" }] });
  const second = await until(() => mailbox.mails(reader).find((mail) => mail.text.includes("Now all of them fail.")), "it became worse");
  await say(incident, { status: "resolved", body: "It was the disk." });
  const last = await until(() => mailbox.mails(reader).find((mail) => mail.text.includes("It was the disk.")), "it is over");
  for (const mail of [second, last]) {
    assert.equal(mail.header("in-reply-to"), first.header("message-id"));
    assert.equal(mail.header("references"), first.header("message-id"));
  }
  assert.equal(new Set([first, second, last].map((mail) => mail.header("message-id"))).size, 3);
  const links = await look(first.html, "opened");
  assert.deepEqual(Object.values(links), [`${at}/incidents/${incident.id}`, link(first.text, "/subscription"), link(first.text, "/subscription/leave")]);
  await look(second.html, "worsened");
  await look(last.html, "resolved");
});

test("what a reader did not ask for is not sent to them", { skip }, async () => {
  const before = subjects();
  await declare("Search is slow", "search", "major_outage", "critical");
  await mailbox.mail(witness, "Search is slow");
  await declare("Checkout looks odd", "checkout", "degraded_performance", "minor");
  await mailbox.mail(witness, "Checkout looks odd");
  await declare("Cards fail", "checkout", "partial_outage", "major");
  await mailbox.mail(reader, "Cards fail");
  assert.deepEqual(subjects().slice(before.length).length, 1, String(subjects()));
});

test("a reader changes to a summary and back by the link of any message", { skip }, async () => {
  const { text } = await mailbox.mail(reader, "Cards fail");
  const { context, page } = await open(link(text, "/subscription"));
  const choose = async (digest) => {
    await page.getByLabel("When").selectOption(digest);
    await press(page, "Save");
    await page.waitForURL((url) => url.searchParams.get("said") === "saved");
    assert.equal((await subscribers()).find((one) => one.address === reader).digest, digest);
  };
  await choose("daily");
  assert.deepEqual(await violations(page), []);
  const quiet = await declare("Told in the morning", "checkout", "major_outage", "critical");
  await mailbox.mail(witness, "Told in the morning");
  await say(quiet, { status: "resolved", body: "Over before the summary." });
  await until(() => mailbox.mails(witness).some((mail) => mail.text.includes("Over before the summary.")), "its end is told");
  assert.ok(!subjects().some((subject) => subject.includes("Told in the morning")));
  await choose("none");
  await declare("Told at once", "checkout", "major_outage", "critical");
  await mailbox.mail(reader, "Told at once");
  await context.close();
});

test("an address that the mail server does not know is suspended, and what was for it is given up", { skip }, async () => {
  const gone = await ask("POST", "/api/v1/subscribers", { address: nobody, confirmed: true });
  await declare("Nobody reads this", "search", "major_outage", "critical");
  const stopped = await until(async () => {
    const now = await ask("GET", `/api/v1/subscribers/${gone.id}`);
    return now.state === "suspended" && now;
  }, "the reader is suspended");
  assert.equal(stopped.suspended_for, "bounce");
  assert.ok(mailbox.refused().some((line) => line.reader === nobody));
  const refusals = mailbox.refused().length;
  await declare("Nobody reads that", "search", "major_outage", "critical");
  await mailbox.mail(witness, "Nobody reads that");
  assert.equal(mailbox.refused().length, refusals, "nothing more is tried");
  const { items } = await ask("GET", "/api/v1/deliveries?to=readers&status=dead");
  assert.equal(items.length, 1);
});

test("one click in the mail program ends it, and nothing of the reader is left", { skip }, async () => {
  const id = (await subscribers()).find((one) => one.address === reader).id;
  const leave = (await mailbox.mail(reader, "Told at once")).header("list-unsubscribe").slice(1, -1);
  const click = () => fetch(leave, { method: "POST", body: new URLSearchParams({ "List-Unsubscribe": "One-Click" }) });
  assert.equal((await click()).status, 200);
  assert.equal((await click()).status, 404, "it works once");
  const left = mailbox.mails(reader).length;
  await declare("Nobody of that name", "checkout", "major_outage", "critical");
  await mailbox.mail(witness, "Nobody of that name");
  assert.equal(mailbox.mails(reader).length, left);
  const kept = JSON.stringify([await subscribers(), await ask("GET", "/api/v1/deliveries?to=all&limit=100")]);
  assert.ok(kept.includes(witness) && !kept.includes(reader) && !kept.includes(id));
  const manage = link((await mailbox.mail(reader, "Told at once")).text, "/subscription");
  assert.equal((await fetch(manage)).status, 404);
  assert.deepEqual(mailbox.malformed(), [], "every mail was well-formed");
});
