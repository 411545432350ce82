import {
  chainStart,
  sealEntry,
  type AuditEntry,
} from "@riskwall/schemas/audit";
import { describe, expect, it } from "vitest";
import { emptyHead, followChain } from "./chain-head.ts";
import {
  mergeCopies,
  verifyChain,
  type AuditRecord,
  type FaultKind,
} from "./verify-chain.ts";

function entry(head: { seq: number; hash: string }, id: string): AuditEntry {
  const event = {
    ...{ actor: "li", role: "viewer", address: "::1", action: "user.create" },
    ...{ targetKind: "user", targetId: id, customerId: "", requestId: "r" },
    outcome: "done",
    ...{ reason: null, before: null, after: { id } },
  } as const;
  return sealEntry(event, head, id, "2026-01-01T00:00:00.000Z");
}

function chain(length: number): AuditEntry[] {
  const entries: AuditEntry[] = [];
  let head = { seq: 0, hash: chainStart };
  for (let i = 0; i < length; i += 1) {
    head = entry(head, `e${String(i)}`);
    entries.push(head as AuditEntry);
  }
  return entries;
}
const rows = (entries: readonly AuditEntry[]): AuditRecord[] =>
  entries.map((item, offset) => ({ offset, text: JSON.stringify(item) }));
const kinds = (
  records: readonly AuditRecord[],
  heads: Parameters<typeof verifyChain>[1] = [],
): FaultKind[] => verifyChain(records, heads).faults.map(({ kind }) => kind);

describe("the chain as it was written", () => {
  it("is whole, and ends where its head was published", () => {
    const entries = chain(5);
    const [, , third] = entries;
    const heads = [{ seq: 3, hash: third?.hash ?? "", at: "x" }];
    expect(verifyChain(rows(entries), heads)).toMatchObject({
      ...{ entries: 5, voids: 0, faults: [] },
      head: { seq: 5, hash: entries[4]?.hash },
    });
  });

  it("may hold entries that lost a race, and sends that were repeated", () => {
    const [one, two, three] = chain(3);
    const slower = entry({ seq: 1, hash: one?.hash ?? "" }, "slow");
    const records = rows([one, two, slower, three, three] as AuditEntry[]);
    const found = verifyChain(records, []);
    expect(found).toMatchObject({ entries: 3, voids: 2, faults: [] });
  });
});

describe("what is noticed", () => {
  const entries = chain(6);
  const last = entries[5] as AuditEntry;
  const head = { seq: 6, hash: last.hash, at: "noon" };
  const changed = rows(entries).map((row) =>
    row.offset === 2
      ? { ...row, text: row.text.replace('"role":"viewer"', '"role":"king"') }
      : row,
  );
  /** Changed, and its own hash made to fit: the next one tells. */
  const resealed = entries.map((item, i) =>
    i === 2 ? entry({ seq: 2, hash: item.prev }, "other") : item,
  );
  it.each<[string, AuditRecord[], FaultKind[]]>([
    ["a changed entry", changed, ["changed"]],
    ["one changed with its hash", rows(resealed), ["removed"]],
    ["a removed entry", rows(entries).toSpliced(2, 1), ["removed"]],
    ["a removed first entry", rows(entries).slice(1), ["removed"]],
    ["the last ones removed", rows(entries).slice(0, 4), ["truncated"]],
    ["all of them removed", [], ["truncated"]],
    [
      "a record that is none",
      [...rows(entries), { offset: 9, text: "{" }],
      ["unreadable"],
    ],
  ])("%s", (_, records, expected) => {
    expect(kinds(records, [head])).toEqual(expected);
  });

  it("a whole chain written anew: its published head is of another", () => {
    let at = { seq: 0, hash: chainStart };
    const forged = Array.from({ length: 8 }, (_, i) => {
      at = entry(at, `f${String(i)}`);
      return at as AuditEntry;
    });
    expect(kinds(rows(forged), [head])).toEqual(["truncated"]);
  });
});

describe("two copies", () => {
  const [a, b, c] = rows(chain(3)) as [AuditRecord, AuditRecord, AuditRecord];
  it.each([
    ["alike", [a, b, c], [a, b, c], 3, []],
    ["one a little behind", [a, b, c], [a, b], 2, []],
    ["the old part aged out of the topic", [b, c], [a, b, c], 3, []],
    ["one lacks a record", [a, b, c], [a, c], 3, [1]],
    ["the topic lacks a record", [a, c], [a, b, c], 3, [1]],
    ["one was changed", [a, b, c], [a, { offset: 1, text: "x" }, c], 3, [1]],
  ] as const)("%s", (_, topic, copy, copiedTo, offsets) => {
    const merged = mergeCopies(topic, copy, copiedTo);
    expect(merged.faults.map(({ offset }) => offset)).toEqual(offsets);
    expect(merged.records).toHaveLength(3);
  });
});

describe("following the head", () => {
  const [one, two] = chain(2) as [AuditEntry, AuditEntry];
  it("moves with what fits and past what does not", () => {
    const first = followChain(emptyHead, 0, one, 0);
    expect(first).toMatchObject({ fits: true, head: { seq: 1, next: 1 } });
    const again = followChain(first.head, 1, one, 0);
    expect(again).toMatchObject({ fits: false, head: { seq: 1, next: 2 } });
    expect(followChain(again.head, 2, two, 0)).toMatchObject({ fits: true });
    expect(followChain(again.head, 2, null, 0).head.next).toBe(3);
  });
  it("adopts a head where the beginning was not read", () => {
    expect(followChain(emptyHead, 7, two, 8).fits).toBe(true);
    expect(followChain(emptyHead, 7, two, 7).fits).toBe(false);
  });
  it("does not go back", () => {
    const head = { seq: 2, hash: two.hash, next: 9 };
    expect(followChain(head, 3, one, 0).head).toEqual(head);
  });
});
