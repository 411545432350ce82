/** Limits in the fold: dates, four eyes, automatic changes (C9, EXP-03, H02). */
import { describe, expect, test } from "vitest";
import { shippedRules } from "../rule-file.ts";
import { addMonths, civil, dayOfCivil, dayText } from "./calendar.ts";
import {
  createWorld,
  dayMs,
  fact,
  invoice,
  limit,
  of,
  order,
  payment,
  start,
  startDay,
  type World,
} from "./fold.test-support.ts";

const yuan = (n: number): number => n * 100;
const hourMs = 3_600_000;

/** Passes days one at a time, as the owner's ticks do. */
function pass(world: World, from: number, days: number): void {
  for (let day = 1; day <= days; day += 1) world.tick(from + day * dayMs);
}
const open = (world: World, ruleId: string): { severity: string }[] =>
  world.state().alerts.filter((alert) => alert.ruleId === ruleId);

describe("calendar months", () => {
  test.each([
    ["2026-01-31", 1, "2026-02-28"],
    ["2027-11-30", 3, "2028-02-29"],
    ["2026-03-02", 12, "2027-03-02"],
    ["2026-12-31", 6, "2027-06-30"],
  ])("%s + %i months = %s", (from, months, to) => {
    const [y = 0, m = 0, d = 0] = from.split("-").map(Number);
    expect(dayText(addMonths(dayOfCivil(y, m, d), months))).toBe(to);
  });

  test("dayOfCivil undoes civil for every day of 400 years", () => {
    for (let day = -80_000; day < 66_097; day += 1) {
      if (dayOfCivil(...civil(day)) !== day) expect(day).toBe("wrong");
    }
  });
});

describe("EXP-03", () => {
  test("a limit's end is told 14 days before, when it passed, 30 days later", () => {
    const world = createWorld();
    const validTo = start + 40 * dayMs;
    world.fold([limit(yuan(100_000), start, { validTo })]);
    const seen: string[] = [];
    for (let day = 1; day <= 75; day += 1) {
      world.tick(start + day * dayMs + 1);
      const [alert] = open(world, "EXP-03");
      const now = alert?.severity ?? "none";
      if (now !== seen.at(-1)?.split(" ")[1])
        seen.push(`${String(day)} ${now}`);
    }
    expect(seen).toEqual(["1 none", "26 low", "40 medium", "70 high"]);
    expect(of(world, "Alert").at(-1)?.titleEn).toBe(
      "The credit limit ended on 2026-04-11, 30 days ago",
    );
  });

  test("a temporary limit warns 7 days before and ends by itself", () => {
    const world = createWorld();
    const temporary = { kind: "temporary", validTo: start + 20 * dayMs };
    world.fold([
      limit(yuan(10_000), start),
      limit(yuan(90_000), start, temporary),
      order("O1", yuan(40_000), start + 1),
    ]);
    expect(of(world, "Decision").at(-1)?.outcome).toBe("allow");
    pass(world, start, 12);
    expect(open(world, "EXP-03")).toEqual([]);
    pass(world, start + 12 * dayMs, 1);
    expect(open(world, "EXP-03")).toMatchObject([{ severity: "low" }]);
    pass(world, start + 13 * dayMs, 8);
    expect(open(world, "EXP-03")).toEqual([]);
    expect(open(world, "EXP-02")).toMatchObject([{ severity: "critical" }]);
    expect(world.state().temporary).toBeNull();
    expect(of(world, "LimitChange").at(-1)).toMatchObject({
      ...{ kind: "expired", limitKind: "temporary", before: yuan(90_000) },
    });
  });

  test("a temporary limit with nothing behind it expires, it does not lift", () => {
    const world = createWorld();
    const temporary = { kind: "temporary", validTo: start + 2 * dayMs };
    world.fold([limit(yuan(90_000), start, temporary)]);
    pass(world, start, 4);
    world.fold([order("O1", yuan(1000), start + 4 * dayMs + 1)]);
    expect(of(world, "Decision").at(-1)).toMatchObject({
      ...{ outcome: "hold", codes: ["H02"] },
    });
    expect(of(world, "Decision").at(-1)?.hits).toMatchObject([
      { code: "H02", value: "2 d", threshold: "2026-03-04" },
    ]);
  });

  test.each([
    // New file: class C, three months. 2026-03-02 + 3 months = 2026-06-02.
    { title: "is told 14 days before", day: 78, severity: "low" },
    { title: "is late the day after", day: 93, severity: "medium" },
    { title: "is grave after 30 days", day: 122, severity: "high" },
  ])("a review $title", ({ day, severity }) => {
    const world = createWorld();
    world.fold([limit(yuan(100_000), start)]);
    world.tick(start + (day - 1) * dayMs);
    const before = open(world, "EXP-03").map((alert) => alert.severity);
    expect(before).not.toContain(severity);
    world.tick(start + day * dayMs);
    expect(open(world, "EXP-03")).toMatchObject([{ severity, ref: "review" }]);
    // Deciding again, even on the same amount, is the review.
    world.fold([limit(yuan(100_000), start + day * dayMs + hourMs)]);
    expect(open(world, "EXP-03")).toEqual([]);
  });

  test("a high alert brings the review to 5 business days, once", () => {
    const world = createWorld();
    world.fold([
      limit(yuan(10_000), start),
      payment("P1", yuan(100), startDay, start + 1),
      fact("PaymentReturned", start + 2, { paymentId: "P1", reason: null }),
    ]);
    expect(open(world, "PAY-06")).toMatchObject([{ severity: "high" }]);
    const due = startDay + 7;
    expect(world.state().limits).toMatchObject({
      ...{ reviewDue: due, reviewAsked: true },
    });
    expect(open(world, "EXP-03")).toEqual([]);
    pass(world, start, 7);
    expect(open(world, "EXP-03")).toEqual([]);
    expect(world.features().revOverdue).toBe(0);
    pass(world, start + 7 * dayMs, 1);
    // Medium, one step more in class D.
    expect(open(world, "EXP-03")).toMatchObject([{ severity: "high" }]);
    expect(world.features()).toMatchObject({ revOverdue: 1, limAge: 8 });
    world.fold([limit(yuan(10_000), start + 9 * dayMs)]);
    expect(world.state().limits?.reviewDue).toBe(addMonths(startDay + 9, 1));
    expect(open(world, "EXP-03")).toEqual([]);
  });

  test("master data are no review: none is due until an alert asks", () => {
    const world = createWorld();
    const master = { name: "Acme", creditLimit: yuan(10_000) };
    const rest = { segment: null, industry: null, country: null };
    const none = { currency: "CNY", termsDays: null, since: null };
    const last = { groupId: null, owner: null };
    world.fold([
      fact("CustomerUpserted", start, { ...master, ...rest, ...none, ...last }),
    ]);
    pass(world, start, 3);
    expect(world.features()).toMatchObject({ revOverdue: null, limAge: 3 });
  });
});

describe("a standing limit that begins later", () => {
  const later = { validFrom: start + 10 * dayMs };
  const begun = (): World => {
    const world = createWorld();
    world.fold([
      limit(yuan(10_000), start),
      limit(yuan(90_000), start + 1, later),
      order("O1", yuan(5_100), start + 2),
    ]);
    return world;
  };

  test("leaves the present one in force until its day, then holds are checked", () => {
    const world = begun();
    expect(world.state()).toMatchObject({
      standing: { amount: yuan(10_000) },
      coming: { amount: yuan(90_000) },
    });
    // 5,100 is above the class's share of 10,000: H05.
    expect(of(world, "Decision").at(-1)?.codes).toEqual(["H05"]);
    pass(world, start, 9);
    expect(world.state().standing?.amount).toBe(yuan(10_000));
    expect(of(world, "Decision").at(-1)?.outcome).toBe("hold");
    pass(world, start + 9 * dayMs, 1);
    expect(world.state()).toMatchObject({
      ...{ standing: { amount: yuan(90_000) }, coming: null },
    });
    expect(of(world, "Decision").at(-1)).toMatchObject({
      ...{ outcome: "allow", releaseCode: "L02", limit: yuan(90_000) },
    });
    expect(of(world, "LimitChange").at(-1)).toMatchObject({
      kind: "began",
    });
  });

  test("wakes the customer on its day without any event", () => {
    const world = createWorld();
    world.fold([limit(yuan(90_000), start, later)]);
    expect(world.state().standing).toBeNull();
    expect(world.state().wake).toBeLessThanOrEqual(later.validFrom);
    world.tick(later.validFrom);
    expect(world.state().standing?.amount).toBe(yuan(90_000));
  });

  test.each([
    { title: "a newer decision takes its place", at: 3, coming: null },
    { title: "an older one that comes late does not", at: 0.5, coming: 90_000 },
  ])("$title", ({ at, coming }) => {
    const world = begun();
    world.fold([{ ...limit(yuan(20_000), start + at), appendedAt: start + 9 }]);
    const own = world.state().coming?.amount ?? null;
    expect(own).toBe(coming === null ? null : yuan(coming));
  });
});

describe("four eyes", () => {
  const ask = {
    ...{ target: "customer", targetId: "C-1", action: "set-limit" },
    ...{ kind: "standing", currency: "CNY" },
  } as const;
  const reply = { ...ask, action: "approve-limit", kind: null };
  const outcome = (world: World): unknown => of(world, "ActionOutcome").at(-1);
  const asked = (): World => {
    const world = createWorld();
    world.fold([limit(yuan(10_000), start)]);
    world.action({ ...ask, amount: yuan(800_000) }, start + 1);
    return world;
  };

  test("one person may raise up to the ceiling", () => {
    const world = createWorld();
    world.action({ ...ask, amount: yuan(500_000) }, start);
    expect(world.state().standing).toMatchObject({ by: "li", second: "" });
    expect(of(world, "LimitChange").at(0)).toMatchObject({ kind: "set" });
  });

  test("above it the change waits, and the order with it", () => {
    const world = asked();
    world.fold([order("O1", yuan(20_000), start + 2)]);
    expect(outcome(world)).toMatchObject({ code: "SECOND_PERSON" });
    expect(world.state().standing?.amount).toBe(yuan(10_000));
    expect(of(world, "Decision").at(-1)?.outcome).toBe("hold");
    world.action({ ...reply, actor: "wang" }, start + 3);
    expect(world.state().standing).toMatchObject({
      ...{ amount: yuan(800_000), by: "li", second: "wang" },
    });
    expect(world.state().limits?.request).toBeNull();
    expect(of(world, "Decision").at(-1)).toMatchObject({
      ...{ outcome: "allow", releaseCode: "L02" },
    });
    const told = of(world, "LimitChange").filter((one) => one.actor !== null);
    expect(told).toMatchObject([
      { kind: "requested", actor: "li", secondActor: null },
      { kind: "approved", actor: "li", secondActor: "wang" },
    ]);
  });

  test.each([
    { title: "the same person", over: { actor: "li" }, code: "SAME_PERSON" },
    { title: "another version", over: { expected: 7 }, code: "STALE" },
  ])("$title is refused", ({ over, code }) => {
    for (const action of ["approve-limit", "reject-limit"]) {
      const world = asked();
      world.action({ ...reply, actor: "wang", ...over, action }, start + 2);
      expect(outcome(world)).toMatchObject({ outcome: "refused", code });
      expect(world.state().standing?.amount).toBe(yuan(10_000));
      expect(world.state().limits?.request).toMatchObject({ version: 1 });
    }
  });

  test("who rejects ends the request", () => {
    const world = asked();
    const no = { ...reply, action: "reject-limit", actor: "wang" };
    world.action(no, start + 2);
    expect(outcome(world)).toMatchObject({ outcome: "applied" });
    world.action({ ...reply, actor: "wang" }, start + 3);
    expect(outcome(world)).toMatchObject({ code: "NO_REQUEST" });
    expect(world.state().standing?.amount).toBe(yuan(10_000));
  });

  test("a request replaced is another version", () => {
    const world = asked();
    world.action({ ...ask, amount: yuan(900_000) }, start + 2);
    world.action({ ...reply, expected: 1, actor: "wang" }, start + 3);
    expect(outcome(world)).toMatchObject({ code: "STALE" });
    world.action({ ...reply, expected: 2, actor: "wang" }, start + 4);
    expect(world.state().standing?.amount).toBe(yuan(900_000));
  });

  test("a request lapses after 14 days without another event", () => {
    const world = asked();
    pass(world, start, 13);
    expect(world.state().limits?.request).not.toBeNull();
    pass(world, start + 13 * dayMs, 2);
    expect(world.state().limits?.request).toBeNull();
    expect(of(world, "LimitChange").at(-1)).toMatchObject({ kind: "lapsed" });
  });

  test.each([
    { title: "in the past", until: start - 1, code: "ENDS_IN_PAST" },
    { title: "beyond 90 days", until: start + 92 * dayMs, code: "TOO_LONG" },
  ])("a temporary limit that ends $title is refused", ({ until, code }) => {
    const world = createWorld();
    const temporary = { ...ask, kind: "temporary", amount: 1, until };
    world.action(temporary, start);
    expect(outcome(world)).toMatchObject({ outcome: "refused", code });
  });

  test("a system with the right to it needs nobody", () => {
    const world = createWorld();
    world.fold([limit(yuan(5_000_000), start)]);
    expect(world.state().standing).toMatchObject({ amount: yuan(5_000_000) });
  });
});

describe("proposals in the fold", () => {
  const automatic = (increase: boolean, decrease: boolean): string => {
    const body = JSON.parse(shippedRules().body) as {
      limits: Record<string, unknown>;
    };
    body.limits["automatic"] = { increase, decrease };
    return JSON.stringify(body);
  };
  const turnOn = (world: World, increase: boolean, decrease: boolean): void => {
    world.control({
      name: "RuleSet",
      value: {
        ...{ version: 2, effectiveAt: 0, logic: 1 },
        body: automatic(increase, decrease),
      },
    });
  };
  /** Seven months of invoices of 300,000, each paid when due. */
  const trade = (world: World): number => {
    for (let month = 0; month < 7; month += 1) {
      const day = startDay + month * 30;
      const at = start + month * 30 * dayMs;
      const id = String(month);
      world.fold([
        order(`O${id}`, yuan(300_000), at + 1),
        invoice(`I${id}`, yuan(300_000), day, day + 20, at + 2, {
          orderId: `O${id}`,
        }),
      ]);
      pass(world, at, 15);
      const paid = { invoiceId: `I${id}` };
      const paidAt = at + 15 * dayMs + hourMs;
      world.fold([payment(`P${id}`, yuan(300_000), day + 15, paidAt, paid)]);
      pass(world, at + 15 * dayMs, 15);
    }
    return start + 7 * 30 * dayMs;
  };

  test("a new customer is offered the starter limit", () => {
    const world = createWorld();
    world.fold([order("O1", yuan(1000), start)]);
    const [told] = of(world, "LimitChange");
    expect(told).toMatchObject({ kind: "proposed", after: yuan(50_000) });
    const arithmetic: unknown = JSON.parse(told?.proposal ?? "");
    expect(arithmetic).toMatchObject({ bound: "starter", capacity: null });
  });

  test("nothing changes by itself unless the rule set turns it on", () => {
    const world = createWorld();
    world.fold([limit(yuan(320_000), start)]);
    trade(world);
    expect(world.state().standing?.amount).toBe(yuan(320_000));
    const kinds = of(world, "LimitChange").map((told) => told.kind);
    expect(new Set(kinds)).toEqual(new Set(["proposed"]));
  });

  test("turned on, a good payer's limit grows ten per cent and waits", () => {
    const world = createWorld();
    world.fold([limit(yuan(320_000), start)]);
    turnOn(world, true, false);
    trade(world);
    expect(world.state().class).toMatch(/[AB]/);
    const told = of(world, "LimitChange").filter(
      (one) => one.kind === "automatic",
    );
    expect(told).toMatchObject([
      { before: yuan(320_000), after: yuan(352_000), actor: null },
    ]);
    expect(told[0]?.proposal).toContain('"bound"');
    expect(world.state().standing?.amount).toBe(yuan(352_000));
  });

  test("turned on, a limit falls by a quarter and the debt stays", () => {
    const world = createWorld();
    world.fold([
      limit(yuan(1_000_000), start),
      invoice("I1", yuan(900_000), startDay, startDay + 60, start + 1),
    ]);
    turnOn(world, false, true);
    world.fold([order("O1", yuan(1000), start + 2)]);
    const { standing, summary } = world.state();
    expect(standing?.amount).toBe(yuan(750_000));
    expect(summary).toMatchObject({
      ...{ exposure: yuan(900_000), limit: yuan(750_000) },
    });
    // One of the customer's debt, one of the order that is held.
    expect(open(world, "EXP-02")).toMatchObject([{ ref: "" }, { ref: "O1" }]);
    expect(of(world, "Decision").at(-1)).toMatchObject({
      ...{ outcome: "hold", limit: yuan(750_000) },
    });
  });
});
