/**
 * An upgrade: states that the build before this one stored are read, folded
 * on, and written in the present layout. `states-of-layout-N.txt` holds the
 * golden log's customers as that build left them, base64, one a line.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { CustomerState, OrderItem } from "@riskwall/schemas";
import { schemaText } from "@riskwall/schemas/codec";
import {
  decodeHead,
  heldStatus,
  decodeListed,
  decodeState,
  encodeState,
  stateLayout,
} from "@riskwall/schemas/state";
import { expect, test } from "vitest";
import {
  closeCustomer,
  openCustomer,
} from "../../processor/src/core/customer.ts";
import { emptyRegister } from "../../processor/src/core/partition-register.ts";
import { createPartition } from "../../processor/src/core/partition.ts";
import { slotOf } from "../../processor/src/core/slot.ts";
import { parseRuleBody, shippedRules } from "../../processor/src/rule-file.ts";

const before = readFileSync(
  new URL(`./states-of-layout-${String(stateLayout - 1)}.txt`, import.meta.url),
  "utf8",
)
  .trimEnd()
  .split("\n")
  .map((line) => Buffer.from(line, "base64"));

const heldOf = ({ orders }: CustomerState): OrderItem[] =>
  orders.filter(({ status }) => status === heldStatus);

test("states of the layout before are read and written anew on touch", () => {
  expect(before.map((bytes) => bytes[0])).toEqual(
    before.map(() => stateLayout - 1),
  );
  const fold = createPartition({
    ...{ partition: 0, register: emptyRegister() },
    subjects: before.map((bytes) => {
      const { id, wake } = decodeState(bytes);
      return [id, wake] as const;
    }),
    ...{ bootstrapRules: shippedRules().rules, parseRules: parseRuleBody },
  });
  const slots = new Map(
    before.map((bytes) => {
      const state = decodeState(bytes);
      return [state.id, slotOf(openCustomer(state))] as const;
    }),
  );
  const at = Date.parse("2026-07-24T00:00:00Z");
  const tick = { name: "Tick", value: {} } as const;
  const raw = new Uint8Array(0);
  const item = { offset: 0, appendedAt: at, record: tick, problem: null, raw };
  expect(fold.needs(item).length).toBeGreaterThan(0);
  fold.fold(item, slots);
  for (const bytes of before) {
    const old = decodeState(bytes);
    const listed = decodeListed(bytes);
    expect(listed.head).toEqual(decodeHead(bytes));
    expect(listed.head).toMatchObject({ id: old.id, score: old.score });
    expect(listed.alerts).toEqual(old.alerts);
    expect(listed.held).toEqual(heldOf(old));
    const { customer } = slots.get(old.id) ?? { customer: null };
    if (customer === null) throw new Error(`${old.id} is gone`);
    const { receivables } = old.summary;
    const now = encodeState(closeCustomer(customer));
    expect(now[0]).toBe(stateLayout);
    const again = decodeState(now);
    expect(decodeListed(now).head).toEqual(decodeHead(now));
    expect(decodeListed(now).alerts).toEqual(again.alerts);
    expect(decodeListed(now).held).toEqual(heldOf(again));
    expect(again.id).toBe(old.id);
    expect(again.invoices.map(({ id, amount }) => [id, amount])).toEqual(
      expect.arrayContaining(
        old.invoices
          .filter(({ open }) => open > 0)
          .map(({ id, amount }) => [id, amount]),
      ),
    );
    expect(again.summary.receivables).toBe(receivables);
    expect(again.asOf).toBe(at);
  }
});

test("a layout nobody knows is refused", () => {
  const bytes = Buffer.from(before[0] ?? Buffer.alloc(1));
  for (const layout of [0, stateLayout + 1]) {
    bytes[0] = layout;
    expect(() => decodeState(bytes)).toThrow("is not supported");
  }
});

/**
 * When this fails: keep the schema as it was as `schemas/avro/layouts/N.avsc`
 * and the states it wrote as `states-of-layout-N.txt`, raise `stateLayout`,
 * and put the new digest here.
 */
test("the schema of the state does not change without a new layout", () => {
  const digest = createHash("sha256").update(schemaText("CustomerState"));
  expect([stateLayout, digest.digest("hex").slice(0, 16)]).toEqual([
    3,
    "2e580ee90fc9066b",
  ]);
});
