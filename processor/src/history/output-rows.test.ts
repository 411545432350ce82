import type { NamedRecord } from "@riskwall/schemas";
import { describe, expect, test } from "vitest";
import type { Row } from "./log-rows.ts";
import { positionOf, projectOutput } from "./output-rows.ts";

const at = Date.UTC(2026, 10, 20, 3, 4, 5, 678);
const atText = "2026-11-20 03:04:05.678";
const pos = { partition: 4, offset: 77, n: 2 };

function rowsOf(record: NamedRecord): { table: string; row: Row }[] {
  const value = Buffer.alloc(0);
  // The output's own place differs from the input's that it carries.
  return projectOutput({
    partition: 4,
    offset: 9000,
    appendedAt: at + 5,
    key: "C-1",
    value,
    record,
  });
}

const reason = {
  code: "R1",
  textZh: "大额",
  textEn: "large",
  number: "3",
  points: 0,
};

const scoreChange: NamedRecord = {
  name: "ScoreChange",
  value: {
    ...pos,
    id: "4-77-2",
    customerId: "C-1",
    name: "恒远",
    segment: "wholesale",
    at,
    appendedAt: at,
    from: null,
    score: 600,
    classBefore: null,
    class: "C",
    base: 600,
    points: [{ code: "P1", value: "3", bin: "1-5", points: -10, before: 0 }],
    capEffect: -5,
    cap: "CAP1",
    pd: "0.0400",
    reasons: [reason],
    cause: ["e-1", "e-2"],
    corrected: true,
    muted: false,
    rulesetVersion: 3,
    exposure: 125_050,
    overdue: 1,
    limit: null,
    currency: "CNY",
    textZh: "降",
    textEn: "fell",
  },
};

describe("rows of the outputs", () => {
  test("a score change, with points and reasons as JSON", () => {
    const [{ table, row } = { table: "", row: {} }] = rowsOf(scoreChange);
    expect(table).toBe("score_changes");
    expect(row).toMatchObject({
      ...pos,
      customer_id: "C-1",
      occurred_at: atText,
      score_from: null,
      class_before: "",
      exposure: "1250.50",
      overdue: "0.01",
      credit_limit: null,
      cause: ["e-1", "e-2"],
      corrected: true,
    });
    expect(JSON.parse(String(row["points"]))).toEqual([
      { code: "P1", value: "3", bin: "1-5", points: -10 },
    ]);
    expect(JSON.parse(String(row["reasons"]))).toEqual([reason]);
  });

  test("a late record keeps what was sent", () => {
    const [item] = rowsOf({
      name: "Late",
      value: {
        ...pos,
        reason: "beyond-window",
        eventId: "e-1",
        source: "erp",
        type: "order.placed",
        customerId: "C-1",
        time: at,
        appendedAt: at,
        raw: Uint8Array.from([1, 2, 3]),
      },
    });
    expect(item).toMatchObject({
      table: "late",
      row: { ...pos, occurred_at: atText, raw: "AQID" },
    });
  });

  test("a dead letter stands at its own place, its cause beside", () => {
    const [item] = rowsOf({
      name: "DeadLetter",
      value: {
        id: "d-1",
        at,
        stage: "gate",
        source: "erp",
        eventId: null,
        customerId: null,
        type: null,
        code: "missing_field",
        path: null,
        message: "is missing",
        raw: new TextEncoder().encode("{坏}"),
        topic: "inbox",
        partition: 1,
        offset: 5,
      },
    });
    expect(item).toMatchObject({
      table: "dead_letters",
      row: {
        partition: 4,
        offset: 9000,
        source_partition: 1,
        source_offset: 5,
        event_id: "",
        path: "",
        raw: "{坏}",
      },
    });
  });

  test("a change of a limit keeps both people and the amounts", () => {
    const [item] = rowsOf({
      name: "LimitChange",
      value: {
        ...{ ...pos, id: "4-77-2", appendedAt: at, actionId: "a-1", at },
        ...{ customerId: "C-1", name: "恒远", kind: "approved" },
        ...{ limitKind: "standing", before: null, after: 800_000_00 },
        ...{ currency: "CNY", validTo: null, actor: "li" },
        ...{ secondActor: "wang", reason: "good year", proposal: null },
        ...{ cause: ["a-1"], muted: false, rulesetVersion: 1 },
      },
    });
    expect(item).toMatchObject({
      table: "limit_changes",
      row: {
        ...{ ...pos, kind: "approved", actor: "li", second_actor: "wang" },
        ...{ amount_before: null, amount_after: "800000.00", proposal: "" },
        ...{ occurred_at: atText, valid_to: null },
      },
    });
  });

  test("the answer to an action is no row, but it has a position", () => {
    const outcome: NamedRecord = {
      name: "ActionOutcome",
      value: {
        ...pos,
        appendedAt: at,
        actionId: "a-1",
        customerId: "C-1",
        target: "alert",
        targetId: "A-1",
        outcome: "refused",
        code: "STALE",
        message: "",
        current: "{}",
      },
    };
    expect(rowsOf(outcome)).toEqual([]);
    expect(positionOf(outcome)).toEqual({ offset: 77, n: 2 });
    expect(positionOf(scoreChange)).toEqual({ offset: 77, n: 2 });
  });

  test("a record of the log is no output", () => {
    expect(rowsOf({ name: "Tick", value: {} })).toEqual([]);
    expect(positionOf({ name: "Tick", value: {} })).toBeNull();
  });
});
