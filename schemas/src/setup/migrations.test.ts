import { describe, expect, test } from "vitest";
import {
  MigrationChanged,
  MigrationUnknown,
  pendingMigrations,
  readMigrations,
  statements,
  type Migration,
} from "./migrations.ts";

const shipped: Migration[] = [
  { id: "001-a", sql: "A", checksum: "a" },
  { id: "002-b", sql: "B", checksum: "b" },
];

describe("which migrations are applied", () => {
  test("all, to an empty database, in order", () => {
    const ids = pendingMigrations(new Map(), shipped).map((item) => item.id);
    expect(ids).toEqual(["001-a", "002-b"]);
  });
  test("only what is new", () => {
    const applied = new Map([["001-a", "a"]]);
    expect(pendingMigrations(applied, shipped)).toEqual([shipped[1]]);
  });
  test("none, when one was changed afterwards", () => {
    const applied = new Map([["001-a", "x"]]);
    expect(() => pendingMigrations(applied, shipped)).toThrow(MigrationChanged);
  });
  test("none, when the database is ahead of the product", () => {
    const applied = new Map([["009-z", "z"]]);
    expect(() => pendingMigrations(applied, shipped)).toThrow(MigrationUnknown);
  });
});

describe("the shipped migrations", () => {
  const all = readMigrations();
  test("are numbered without a hole and without a repeat", () => {
    const numbers = all.map((item) => Number(item.id.slice(0, 3)));
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  });
  test.each(all)("$id: every statement may be run again", ({ sql }) => {
    for (const text of statements(sql, "db")) {
      expect(text).toMatch(/IF NOT EXISTS|OR REPLACE|IF EXISTS/);
      expect(text).not.toContain("{db}");
    }
  });
  test("every stored table drops repeated inserts", () => {
    for (const text of all.flatMap(({ sql }) => statements(sql, "db"))) {
      if (!/^CREATE TABLE/.test(text) || text.includes("history_plan"))
        continue;
      expect(text).toContain("non_replicated_deduplication_window = 10000");
    }
  });
});
