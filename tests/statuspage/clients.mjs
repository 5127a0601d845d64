// Clients from npm, as they are, read the running program and say what /api/v1 says: ALLCLEAR_URL says where it is.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { before, test } from "node:test";
import { launch, until } from "../browser/browser.mjs";

const require = createRequire(import.meta.url);
const { Statuspage } = require("statuspage.io");
const at = process.env.ALLCLEAR_URL ?? "http://127.0.0.1:8080";
const get = async (path) => (await fetch(at + path)).json();
const INDICATORS = { operational: "none", under_maintenance: "maintenance", degraded_performance: "minor", partial_outage: "major", major_outage: "critical", unknown: "minor" };
const status = (state) => (state === "unknown" ? "degraded_performance" : state);

/** What a client says, and what /api/v1 says of the same present: the vendors do not wait for us. */
async function together(read) {
  return until(async () => {
    const before = await get("/api/v1/summary");
    const said = await read();
    const ours = await get("/api/v1/summary");
    return before.seq === ours.seq && before.generated_at === ours.generated_at && { said, ours };
  }, "the present holds still");
}

const shown = (one) => one.counted || (one.verdict?.affects === "no" && one.verdict.stands);
const name = (one) => (one.source === null ? one.title : `${one.source_name}: ${one.title}`);
const sorted = (list) => [...list].sort();

before(() => until(async () => {
  const { sources } = await get("/api/v1/summary");
  return sources.every((source) => source.freshness.checked_at) && sources.some((source) => source.state === "unknown");
}, "every vendor is tried"));

test("the client statuspage.io lists every source, part and service as it is, and nothing unknown as operational", async () => {
  const client = new Statuspage("allclear");
  client.setApiUrl(at);
  const { said, ours } = await together(() => client.api.getSummary());
  assert.equal(said.status.indicator, INDICATORS[ours.headline.state]);
  const rows = new Map(said.components.map((row) => [row.id, row]));
  const path = (row) => (row.group_id ? `${rows.get(row.group_id).name}/${row.name}` : row.name);
  const theirs = said.components.map((row) => `${path(row)}: ${row.status}`);
  const expected = ours.sources.flatMap((source) => [
    `${source.name}: ${status(source.state)}`,
    ...source.components.filter((part) => part.counted).map((part) => `${source.name}/${part.path}: ${status(part.state)}`),
  ]);
  const services = ours.services.map((service) => `Services/${service.name}: ${status(service.state)}`);
  assert.deepEqual(sorted(theirs.filter((row) => !row.startsWith("Services: "))), sorted([...expected, ...services]));
  assert.ok(ours.sources.some((source) => source.state === "unknown"), "some vendors cannot be read in this world");
  for (const row of said.components.filter((row) => row.group)) {
    assert.deepEqual(row.components, said.components.filter((part) => part.group_id === row.id).map((part) => part.id));
  }
  const state = await together(() => client.api.getStatus());
  assert.equal(state.said.status.indicator, INDICATORS[state.ours.headline.state]);
  assert.deepEqual((await together(() => client.api.getComponents())).said.components.map((row) => row.id), said.components.map((row) => row.id));
});

test("it tells the same incidents and maintenances", async () => {
  const client = new Statuspage("allclear");
  client.setApiUrl(at);
  const incidents = await together(() => client.api.incidents.getUnresolved());
  const open = incidents.ours.incidents.filter(shown);
  assert.ok(open.length > 0, "something goes on in this world");
  const words = (one) => `${name(one)} is ${one.status ?? "investigating"}, ${one.impact ?? "minor"}`;
  assert.deepEqual(sorted(incidents.said.incidents.map((one) => `${one.name} is ${one.status}, ${one.impact}`)), sorted(open.map(words)));
  for (const one of incidents.said.incidents) {
    const same = open.find((other) => name(other) === one.name && other.updates.length === one.incident_updates.length);
    assert.ok(same, one.name);
    assert.ok(one.incident_updates.every((update) => update.incident_id === one.id));
  }
  const all = await together(() => client.api.incidents.getAll());
  const ids = new Set(all.said.incidents.map((one) => one.id));
  assert.ok(incidents.said.incidents.every((one) => ids.has(one.id)) || all.said.incidents.length === 50);
  const works = await together(async () => (await client.api.getSummary()).scheduled_maintenances);
  const planned = works.ours.maintenances.filter((one) => one.counted);
  const word = (one) => `${name(one)} ${one.status}`;
  assert.deepEqual(sorted(works.said.map((one) => `${one.name} ${one.status}`)), sorted(planned.map(word)));
  // This client asks for upcoming ones, whichever of its three calls is used.
  const upcoming = await together(async () => (await client.api.scheduledMaintenances.getUpcoming()).scheduled_maintenances);
  const scheduled = upcoming.ours.maintenances.filter((one) => one.counted && one.status === "scheduled");
  assert.deepEqual(sorted(upcoming.said.map((one) => `${one.name} ${one.status}`)), sorted(scheduled.map(word)));
});

test("Statuspage's own widget, on a page of another site, shows what the headline says", async () => {
  const script = await readFile(require.resolve("@statuspage/status-widget/dist/index.js"));
  const site = createServer((request, response) => {
    const isScript = request.url === "/widget.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : `<!doctype html><body><script src="/widget.js"></script><statuspage-widget src="${at}"></statuspage-widget>`);
  });
  await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
  const browser = await launch();
  try {
    const { said, ours } = await together(async () => {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${site.address().port}/`);
      const light = page.locator("statuspage-widget .status-indicator");
      await light.waitFor({ state: "attached" });
      const text = await page.locator("statuspage-widget .status-text").textContent();
      const answer = { light: await light.getAttribute("class"), text };
      await page.close();
      return answer;
    });
    assert.equal(said.light, `status-indicator ${INDICATORS[ours.headline.state]}`);
    assert.equal(said.text, (await get("/api/v2/status.json")).status.description);
  } finally {
    await browser.close();
    site.close();
  }
});

