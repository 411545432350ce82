/** The golden log and what the fold makes of it. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { NamedRecord } from "@riskwall/schemas";
import { encodeState } from "@riskwall/schemas/state";
import {
  closeCustomer,
  openCustomer,
} from "../../processor/src/core/customer.ts";
import { slotOf, type Slot } from "../../processor/src/core/slot.ts";
import { decodeState } from "@riskwall/schemas/state";
import { freshFold } from "../support/fresh-fold.ts";

/** A record with its append time, ms. */
export interface GoldenLine {
  readonly at: number;
  readonly name: string;
  readonly value: unknown;
}

export interface Digests {
  readonly records: number;
  readonly customers: number;
  readonly states: string;
  /** By name of the output: how many, and the digest of all of them. */
  readonly outputs: Readonly<Record<string, string>>;
}

export function readGoldenLog(): GoldenLine[] {
  const path = fileURLToPath(new URL("./log.ndjson", import.meta.url));
  return readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as GoldenLine);
}

/** Folds the log; every state is stored and read again after `cut` records. */
export function digestsOf(lines: readonly GoldenLine[], cut: number): Digests {
  const fold = freshFold(0);
  const slots = new Map<string, Slot>();
  const outputs = new Map<string, string[]>();
  lines.forEach(({ at, name, value }, offset) => {
    // Written by make-log.ts from records of the schemas.
    const record = { name, value } as NamedRecord;
    const raw = new Uint8Array(0);
    const item = { offset, appendedAt: at, record, problem: null, raw };
    for (const id of fold.needs(item)) {
      if (!slots.has(id)) slots.set(id, slotOf(null));
    }
    for (const output of fold.fold(item, slots).outputs) {
      const list = outputs.get(output.name) ?? [];
      list.push(JSON.stringify(output.value));
      outputs.set(output.name, list);
    }
    if ((offset + 1) % cut !== 0) return;
    for (const slot of slots.values()) {
      if (slot.customer === null) continue;
      const bytes = encodeState(closeCustomer(slot.customer));
      slot.customer = openCustomer(decodeState(bytes));
    }
  });
  const hash = createHash("sha256");
  let customers = 0;
  for (const [id, { customer }] of [...slots].sort()) {
    if (customer === null) continue;
    customers += 1;
    hash.update(id).update(encodeState(closeCustomer(customer)));
  }
  return {
    records: lines.length,
    customers,
    states: hash.digest("hex"),
    outputs: Object.fromEntries(
      [...outputs].sort().map(([name, list]) => {
        const digest = createHash("sha256").update(list.join("\n"));
        return [name, `${String(list.length)} ${digest.digest("hex")}`];
      }),
    ),
  };
}
