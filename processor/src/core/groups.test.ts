import type { Portfolio, PortfolioGroup } from "@riskwall/schemas";
import fc from "fast-check";
import { expect, test } from "vitest";
import { newCustomer } from "./customer.ts";
import { portfolioRecord } from "./fold.test-support.ts";
import { createGroups, type Groups } from "./groups.ts";
import { changedEntries, groupEntries, groupsNow } from "./portfolio-cut.ts";
import { noRates } from "./rates.ts";

const rates = noRates("CNY");
const none = { groups: {}, book: {} };
const ids = ["A", "B", "C", null] as const;

function register() {
  return { portfolioId: "", portfolioAt: 0, largeFrom: -1, urgent: 0 };
}

/** A partition's hashes as commits leave them. */
function createStore() {
  const stored = {
    groups: {} as Record<string, string>,
    book: {} as Record<string, string>,
  };
  return {
    stored,
    commit: (groups: Groups): void => {
      const taken = groups.take();
      for (const [hash, changes] of [
        [stored.groups, taken.groups],
        [stored.book, taken.book],
      ] as const) {
        for (const [field, value] of changes) {
          if (value === null) Reflect.deleteProperty(hash, field);
          else hash[field] = value;
        }
      }
    },
  };
}

const moves = fc.array(
  fc.record({
    customer: fc.nat(4),
    group: fc.constantFrom(...ids),
    exposure: fc.integer({ min: -1000, max: 100_000 }),
    /** Committed, and claimed anew from what is stored. */
    claim: fc.boolean(),
    /** A portfolio record of all that is committed. */
    record: fc.boolean(),
  }),
  { maxLength: 40 },
);

test("a new claim, at any point, and a record, at any point, change no sum", () => {
  fc.assert(
    fc.property(moves, (list) => {
      const store = createStore();
      const note = register();
      let groups = createGroups(1, note, none);
      groups.define("B", {
        ...{ name: "B", parent: "A", limit: 5000, currency: "CNY" },
      });
      let seq = 0;
      const customers = [0, 1, 2, 3, 4].map((n) =>
        newCustomer(`C-${String(n)}`, "CNY"),
      );
      for (const { customer: n, group, exposure, claim, record } of list) {
        const customer = customers[n];
        if (!customer) throw new Error("no such customer");
        customer.state.groupId = group;
        customer.state.summary.exposure = exposure;
        customer.counted = groups.count(
          customer.state,
          customer.counted,
          rates,
        );
        if (claim || record) store.commit(groups);
        if (record) {
          seq += 1;
          const entries = groupEntries(
            groupsNow([{}, store.stored.groups], rates),
          );
          const message = portfolioRecord({
            ...{ seq, id: `p${String(seq)}`, basis: note.portfolioId },
            groups: changedEntries(entries, store.stored.book),
          });
          groups.apply(message.value as Portfolio, seq);
          store.commit(groups);
        }
        if (claim) groups = createGroups(1, note, store.stored);
      }
      const owed = (...names: (string | null)[]): number =>
        customers.reduce(
          (sum, { state }) =>
            names.includes(state.groupId) ? sum + state.summary.exposure : sum,
          0,
        );
      const use = (id: string) => groups.uses(id, null, 0, rates)[0]?.exposure;
      // B is below A as soon as a record has said so.
      const isBelow = groups.entry("B")?.parent === "A";
      expect(use("A")).toBe(isBelow ? owed("A", "B") : owed("A"));
      expect([use("B"), use("C")]).toEqual([owed("B"), owed("C")]);
    }),
    { numRuns: 200 },
  );
});

const entry = (over: Partial<PortfolioGroup>): PortfolioGroup => ({
  ...{ groupId: "A", name: "A", parent: null, limit: 100, currency: "CNY" },
  ...{ members: 1, parts: [0, 0], top: [], ...over },
});

test("parents in a loop end, and a gone group leaves the book", () => {
  const note = register();
  const groups = createGroups(1, note, none);
  const whole = portfolioRecord({
    groups: [entry({ parent: "B" }), entry({ groupId: "B", parent: "A" })],
  });
  groups.apply(whole.value as Portfolio, 1);
  expect(groups.uses("A", null, 0, rates).map((use) => use.groupId)).toEqual([
    "A",
    "B",
  ]);
  const gone = { name: "", parent: null, limit: null, members: 0 };
  const next = portfolioRecord({
    ...{ seq: 2, id: "p2", basis: "p1", groups: [entry(gone)] },
  });
  groups.apply(next.value as Portfolio, 2);
  expect(groups.entry("A")).toBeNull();
  expect(groups.take().book.get("A")).toBeNull();
});

test("80, 90 and 100 % and a large move ask for a record at once", () => {
  const note = register();
  const groups = createGroups(1, note, none);
  const first = portfolioRecord({
    groups: [entry({ limit: 1000, parts: [750, 0] })],
  });
  groups.apply(first.value as Portfolio, 1);
  const { state } = newCustomer("C-1", "CNY");
  state.groupId = "A";
  const steps: [number, number][] = [
    [40, 0],
    [50, 1],
    [60, 1],
    [100, 1],
    [101, 2],
  ];
  let counted = null;
  for (const [exposure, urgent] of steps) {
    state.summary.exposure = exposure;
    counted = groups.count(state, counted, rates);
    expect([exposure, note.urgent]).toEqual([exposure, urgent]);
  }
});

test("members are named for groups near their limit only, largest first", () => {
  const hash = {
    "m:A\u0000C-1": "50",
    "m:A\u0000C-2": "29",
    "d:A": JSON.stringify({
      ...{ name: "A", parent: null, limit: 100, currency: "CNY" },
    }),
  };
  const now = groupsNow([hash, {}], rates);
  expect(groupEntries(now)[0]?.top).toEqual([]);
  const near = groupsNow([hash, { "m:A\u0000C-3": "31" }], rates);
  expect(groupEntries(near)[0]).toMatchObject({
    ...{ members: 3, parts: [79, 31] },
    top: [
      { customerId: "C-1", exposure: 50 },
      { customerId: "C-3", exposure: 31 },
      { customerId: "C-2", exposure: 29 },
    ],
  });
});
