/** E2: the floor of a class by dated exception, and edges of tenure. */
import { describe, expect, test } from "vitest";
import { checkRules, shippedRules } from "../rule-file.ts";
import { dayText } from "./calendar.ts";
import {
  createWorld,
  dayMs,
  fact,
  invoice,
  of,
  start,
  startDay,
  type Fact,
} from "./fold.test-support.ts";
import type { RuleSet } from "./rule-set.ts";

const exception = {
  ...{ id: "hospital", class: "C", customers: ["C-1"] },
  ...{ from: dayText(startDay), to: dayText(startDay + 99) },
  ...{ reason: "owned by the city", approvedBy: "head of credit" },
};

function withFloors(...floors: object[]): RuleSet {
  const data = JSON.parse(shippedRules().body) as {
    classes: Record<string, unknown>;
  };
  return checkRules({ ...data, classes: { ...data.classes, floors } });
}

/** Due on the first day, and never paid. */
const unpaid = (): Fact =>
  invoice("I-1", 90_000_00, startDay, startDay + 1, start);

/** Classes a customer had, by day, of a bill that nobody pays. */
function classes(rules: RuleSet, days: readonly number[]): string[] {
  const world = createWorld(rules);
  world.fold([unpaid()]);
  return days.map((day) => {
    world.tick(start + day * dayMs);
    return world.state().class;
  });
}

describe("the floor of a class", () => {
  const days = [95, 98, 101];
  test.each([
    ["without an exception the class falls", [], ["E", "E", "E"]],
    ["holds until its last day", [exception], ["C", "C", "E"]],
    [
      "of another customer",
      [{ ...exception, customers: ["C-2"] }],
      ["E", "E", "E"],
    ],
    [
      "of another segment",
      [{ ...exception, customers: [], segments: ["retail"] }],
      ["E", "E", "E"],
    ],
    [
      "of insured ones only, without cover",
      [{ ...exception, insured: true }],
      ["E", "E", "E"],
    ],
    [
      "the best of two wins",
      [{ ...exception, id: "d", class: "D" }, exception],
      ["C", "C", "E"],
    ],
  ] as const)("%s", (_, floors, wanted) => {
    expect(classes(withFloors(...floors), days)).toEqual(wanted);
  });

  test("the record of the change says why the class is held", () => {
    const world = createWorld(withFloors(exception));
    world.fold([unpaid()]);
    world.tick(start + 95 * dayMs);
    const last = of(world, "ScoreChange").at(-1);
    expect(last?.class).toBe("C");
    const { classes: shown } = shippedRules().rules;
    expect(last?.score).toBeLessThan(shown.cut.D);
    expect(last?.textEn).toContain(
      `class no worse than C until ${exception.to}: owned by the city`,
    );
    expect(last?.textZh).toContain(`至 ${exception.to}`);
  });

  test.each([
    ["nobody named", { customers: [] }, "classes.floors.0: says for whom"],
    ["ends before it begins", { to: "2020-01-01" }, "classes.floors.0.to"],
    ["no such day", { from: "2026-02-30" }, "classes.floors.0.from"],
    ["no approval", { approvedBy: "" }, "classes.floors.0.approvedBy"],
  ] as const)("a rule set is refused: %s", (_, over, path) => {
    expect(() => withFloors({ ...exception, ...over })).toThrow(path);
  });
});

test("tenure reaches an edge of the card without any event", () => {
  const world = createWorld();
  const since = startDay - 300;
  world.fold([
    fact("CustomerUpserted", start, {
      ...{ name: null, segment: null, industry: null, country: null },
      ...{ currency: null, termsDays: null, since, groupId: null },
      ...{ owner: null, creditLimit: null },
    }),
  ]);
  const before = world.state().score;
  // A year is 365.25 days: the edge is the 366th.
  world.tick(start + 65 * dayMs);
  expect(world.state().score).toBe(before);
  world.tick(start + 67 * dayMs);
  expect(world.state().score).toBe(before + 15);
});
