// Asks a Prometheus what it knows of a serving allclear, and holds that against allclear's own API.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

const { ALLCLEAR_URL, PROMETHEUS_URL } = process.env;

async function json(url) {
  const answer = await fetch(url);
  assert.ok(answer.ok, `${url}: ${answer.status}`);
  return answer.json();
}

async function query(expression) {
  const told = await json(`${PROMETHEUS_URL}/api/v1/query?query=${encodeURIComponent(expression)}`);
  return told.data.result.map(({ metric, value }) => ({ ...metric, value: Number(value[1]) }));
}

// Asks again and again until the check holds; what spoke against it last is told.
async function until(what, check) {
  let problem;
  for (let attempt = 0; attempt < 240; attempt++) {
    try {
      return await check();
    } catch (error) {
      problem = error;
    }
    await pause(250);
  }
  throw new Error(`not within a minute: ${what}`, { cause: problem });
}

await until("the target is up, and takes the newer form", async () => {
  const { data } = await json(`${PROMETHEUS_URL}/api/v1/targets`);
  assert.equal(data.activeTargets.length, 1);
  assert.equal(data.activeTargets[0].lastError, "");
  assert.equal(data.activeTargets[0].health, "up");
  const types = await json(`${PROMETHEUS_URL}/api/v1/metadata?metric=allclear_readings`);
  assert.equal(types.data.allclear_readings[0].type, "counter");
});

const states = async () => {
  const { sources, services } = await json(`${ALLCLEAR_URL}/api/v1/summary`);
  const of = (all) => Object.fromEntries(all.map((one) => [one.id, one.state]));
  return { sources: of(sources), services: of(services) };
};
const seen = async (kind) => {
  const found = await query(`allclear_${kind}_state == 1`);
  assert.equal(new Set(found.map((one) => one[kind])).size, found.length, "each is in one state");
  return Object.fromEntries(found.map((one) => [one[kind], one.state]));
};
const agreed = await until("every state is that of the API", async () => {
  const [before, sources, services, after] = [await states(), await seen("source"), await seen("service"), await states()];
  assert.deepEqual(before, after, "nothing changed meanwhile");
  assert.deepEqual(sources, after.sources);
  assert.deepEqual(services, after.services);
  assert.ok(Object.keys(sources).length >= 10);
  return sources;
});
assert.ok(Object.values(agreed).includes("unknown"), "some pretend vendor cannot be read");

await until("open incidents are as many as in the API", async () => {
  const { incidents } = await json(`${ALLCLEAR_URL}/api/v1/summary`);
  const [told] = await query("sum(allclear_open_incidents)");
  assert.equal(told?.value ?? 0, incidents.length);
});

const firing = async (alert) => (await query(`ALERTS{alertname="${alert}",alertstate="firing"}`)).map((one) => one.source);
await until("who is unknown is told", async () => {
  const unknown = Object.entries(await seen("source")).filter(([, state]) => state === "unknown");
  assert.deepEqual((await firing("VendorUnknown")).sort(), unknown.map(([id]) => id).sort());
});
const broken = await until("a vendor that breaks is told", async () => {
  const told = await firing("VendorOutage");
  const down = Object.entries(await seen("source")).filter(([, state]) => /_outage$/.test(state));
  assert.ok(told.length > 0);
  assert.deepEqual(told.sort(), down.map(([id]) => id).sort());
  return told;
});
for (const alert of ["AllclearDown", "AllclearPresentOld", "AllclearStoreRefused", "AllclearDeliveriesFailing"]) {
  assert.deepEqual(await firing(alert), [], `${alert} is quiet`);
}

const count = Object.keys(agreed).length;
console.log(`Prometheus agrees on the states of ${count} sources, and tells of ${broken.join(", ")}`);
