// Signing in through an identity provider that somebody else wrote, in a real browser.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import Provider from "oidc-provider";
import { launch, until } from "./browser.mjs";

const people = {
  robin: { preferred_username: "Robin", groups: ["platform"] },
  kim: { preferred_username: "kim", groups: ["sales"] },
};
let browser, server, child, place, at;

before(async () => {
  browser = await launch();
  server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  // A port that was free a moment ago: the provider has to know the address to send people back to.
  const spare = createServer();
  await new Promise((done) => spare.listen(0, "127.0.0.1", done));
  const port = spare.address().port;
  await new Promise((done) => spare.close(done));
  at = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: "allclear", client_secret: "a secret of the tests & more", redirect_uris: [`${at}/admin/oidc/callback`],
      post_logout_redirect_uris: [`${at}/admin/sign-in?said=signed-out`], grant_types: ["authorization_code"], response_types: ["code"],
    }],
    claims: { openid: ["sub"], profile: ["preferred_username"], groups: ["groups"], email: ["email"] },
    cookies: { keys: ["of the tests"] },
    pkce: { required: () => true },
    findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id, ...people[id] }) }),
  });
  server.on("request", provider.callback());
  place = await mkdtemp(join(tmpdir(), "allclear-oidc-"));
  await writeFile(join(place, "sources.yaml"), `
page: {url: "${at}", access: private}
poll: {allow_networks: [127.0.0.1]}
auth:
  passwords: false
  oidc: {name: The company, issuer: "${issuer}", client_id: allclear, client_secret: "a secret of the tests & more", roles: {platform: admin}}
sources: []
`);
  const program = resolve(process.env.ALLCLEAR_BIN ?? "../../target/debug/allclear");
  child = spawn(program, ["serve", "--config", join(place, "sources.yaml"), "--data", join(place, "data"), "--listen", `127.0.0.1:${port}`], { stdio: ["ignore", "ignore", "inherit"] });
  await until(() => fetch(`${at}/healthz`).then((answer) => answer.ok, () => false), "it serves");
});
after(async () => {
  child?.kill();
  server?.close();
  server?.closeAllConnections();
  await browser?.close();
  if (place) await rm(place, { recursive: true, force: true });
});

async function signIn(name) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${at}/`);
  await page.getByRole("link", { name: "Sign in with The company" }).click();
  await page.locator("input[name=login]").fill(name);
  await page.locator("input[name=password]").fill("anything");
  await page.locator("button[type=submit]").click();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL((url) => url.origin === at);
  return { context, page };
}

test("whoever is in a group that may is let in, led back, and can sign out at both", async () => {
  const { context, page } = await signIn("robin");
  assert.equal(new URL(page.url()).pathname, "/");
  await page.goto(`${at}/admin/people`);
  await page.getByRole("heading", { name: "robin (you)" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("link", { name: "Sign out there, too" }).click();
  await page.getByRole("button", { name: "Yes, sign me out" }).click();
  await page.getByText("You are signed out.").waitFor();
  assert.equal((await page.goto(`${at}/api/v1/people`)).status(), 401);
  await context.close();
});

test("whoever is in none is told so and not let in", async () => {
  const { context, page } = await signIn("kim");
  await page.getByText("is in no group that may sign in").waitFor();
  assert.equal((await page.goto(`${at}/api/v1/summary`)).status(), 401);
  await context.close();
});
