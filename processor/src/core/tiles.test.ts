import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addToTile,
  compactTiles,
  dayTiles,
  emptyTiles,
  packTiles,
  sumWindows,
  tileFields,
  unpackTiles,
  type TileField,
  type Tiles,
} from "./tiles.ts";

const today = 20_500;
const windows = [7, 30, 90, 180, 365] as const;

interface Fact {
  readonly day: number;
  readonly field: TileField;
  readonly amount: number;
}

const facts = fc.array(
  fc.record({
    day: fc.integer({ min: today - 400, max: today }),
    field: fc.constantFrom(...tileFields),
    amount: fc.integer({ min: -5_000_000, max: 5_000_000_000 }),
  }),
  { maxLength: 120 },
);

function filled(list: readonly Fact[]): Tiles {
  const tiles = emptyTiles();
  for (const { day, field, amount } of list) {
    addToTile(tiles, today, day, field, Math.max(0, amount));
  }
  return tiles;
}

/** First day that a window sees: of a ten-day tile, its first (C12). */
function firstDay(window: number): number {
  const first = today - window + 1;
  return window <= dayTiles ? first : Math.floor(first / 10) * 10;
}

function bruteForce(list: readonly Fact[], window: number): number[] {
  return tileFields.map((name) => {
    const amounts = list
      .filter((fact) => fact.field === name && fact.day >= firstDay(window))
      .map((fact) => Math.max(0, fact.amount));
    return name === "dpdMax"
      ? Math.max(0, ...amounts)
      : amounts.reduce((a, b) => a + b, 0);
  });
}

describe("tiles", () => {
  test("windows equal sums over the facts themselves", () => {
    fc.assert(
      fc.property(facts, (list) => {
        const sums = sumWindows(filled(list), today, windows);
        windows.forEach((window, i) => {
          expect(sums[i]).toEqual(bruteForce(list, window));
        });
      }),
    );
  });

  test("what is packed is read back, negative differences too", () => {
    fc.assert(
      fc.property(facts, (list) => {
        const tiles = emptyTiles();
        for (const { day, field, amount } of list) {
          addToTile(tiles, today, day, field, amount);
        }
        expect(unpackTiles(packTiles(tiles))).toEqual(tiles);
      }),
    );
  });

  test("a later day changes windows only by what leaves them", () => {
    fc.assert(
      fc.property(facts, fc.integer({ min: 1, max: 40 }), (list, days) => {
        const tiles = filled(list);
        const later = today + days;
        compactTiles(tiles, later);
        const [sums] = sumWindows(tiles, later, [30]);
        const kept = list.filter((fact) => fact.day > later - 30);
        expect(sums).toEqual(bruteForce(kept, 90));
      }),
    );
  });
});
