/**
 * The shortened run of `npm run faults`: one product under load suffers the
 * faults that take seconds, one after the other, and is judged once, by the
 * same criteria and the same independent oracle.
 */
import { expect, test } from "vitest";
import { faults } from "../faults/faults.ts";
import type { Fault, Site } from "../faults/fault.ts";
import { runFault } from "../faults/run-fault.ts";

/** Number of a fault, and how often it is done here. */
const chosen = [
  [1, 1],
  [10, 2],
  [11, 1],
] as const;
/** Small, so that a busy machine is not behind for long. */
const load = { eventsPerSecond: 400, customers: 300 };

function faultOf(number: number): Fault {
  const found = faults.find((fault) => fault.number === number);
  if (!found) throw new Error(`there is no fault ${String(number)}`);
  return found;
}

async function sufferAll(site: Site): Promise<null> {
  for (const [number, times] of chosen) {
    const { act } = faultOf(number);
    for (let i = 0; i < times; i += 1) await act(site);
  }
  await site.sendAgain();
  return null;
}

test("killed, its replies lost, its store full: nothing lost, nothing double", async () => {
  const short: Fault = {
    ...{ number: 0, what: "the short ones", times: 1, proxied: true, load },
    act: sufferAll,
  };
  const row = await runFault(short, 1);
  expect(row.problems).toEqual([]);
  expect(row.acknowledged).toBeGreaterThan(3000);
  expect(row.findings).toMatchObject({
    ...{ lost: 0, differing: 0, changed: 0, doubled: 0, missing: 0 },
    atEnd: true,
  });
  expect(row.findings?.compared).toBe(load.customers);
});
