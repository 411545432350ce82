import { describe, expect, it } from "vitest";
import { parseRouting } from "../routing-file.ts";
import { createZoneOffset } from "../zone-offset.ts";
import { sampleBrief } from "../channels/sample-notice.test-support.ts";
import type { Brief } from "./brief.ts";
import type { Notice } from "./notice.ts";
import { emptyPlan, type Plan, type Silence } from "./plan.ts";
import { parseMatcher, type Matcher } from "@riskwall/schemas/matchers";
import { groupAlertsMax, nextDue, stepRouter, type Seen } from "./router.ts";
import { restoreRouter, type RouterState } from "./router-state.ts";
import { stormGroups } from "./storm.ts";
import { whoGetsIt } from "./who-gets-it.ts";

const zoneOffset = createZoneOffset();
const minute = 60_000;
/** A Friday, 10:00 in Shanghai. */
const start = Date.parse("2026-11-27T10:00:00+08:00");

function planOf(route: object, more: object = {}): Plan {
  const routing = parseRouting({
    route: { receiver: "team", ...route },
    receivers: [
      { name: "team", channels: ["chat"] },
      { name: "duty", channels: ["phone"], failover: ["boss"] },
    ],
    ...more,
  });
  if (typeof routing === "string") throw new Error(routing);
  return { ...emptyPlan, ...routing, roots: [routing.root] };
}

function matcher(text: string): Matcher {
  const parsed = parseMatcher(text);
  if (parsed.kind !== "ok") throw new Error(parsed.why);
  return parsed.matcher;
}

/** A router with a clock that the test moves. */
function createRun(plan: Plan, from = start) {
  let state: RouterState = restoreRouter([], []);
  let now = from;
  let current = plan;
  const said: Notice[] = [];
  const step = (seen: readonly Seen[]): void => {
    const change = stepRouter(state, seen, { plan: current, now, zoneOffset });
    said.push(...change.notices.map(({ notice }) => notice));
    // Stored and read back: what is not in the store is not known.
    state = restoreRouter(
      structuredClone([...state.groups.values()]),
      structuredClone([...state.storms]),
    );
  };
  return {
    said,
    state: () => state,
    usePlan: (next: Plan) => {
      current = next;
    },
    raise: (over: Partial<Brief> = {}) => {
      step([{ brief: sampleBrief(over), announce: true, muted: false }]);
    },
    change: (over: Partial<Brief>) => {
      step([{ brief: sampleBrief(over), announce: false, muted: false }]);
    },
    /** Moves the clock and does what falls due on the way, in order. */
    pass: (ms: number) => {
      const until = now + ms;
      for (;;) {
        const due = nextDue(state);
        if (due === null || due > until) break;
        now = Math.max(now, due);
        step([]);
      }
      now = until;
    },
    /** Kinds and alerts of what was said. */
    lines: () =>
      said.map(({ kind, firing, resolved }) =>
        [kind, ...[...firing, ...resolved].map((one) => one.alertId)].join(" "),
      ),
  };
}

const high = (alertId: string, over: Partial<Brief> = {}): Partial<Brief> => ({
  ...{ alertId, severity: "high" },
  ...over,
});

describe("a group's life", () => {
  it("waits group_wait, then group_interval, then repeats", () => {
    const run = createRun(planOf({}));
    run.raise(high("a"));
    run.pass(29_999);
    expect(run.said).toEqual([]);
    run.pass(1);
    expect(run.lines()).toEqual(["firing a"]);
    run.raise(high("b", { updatedAt: "2026-11-21T00:00:00.000Z" }));
    run.pass(5 * minute - 1);
    expect(run.said).toHaveLength(1);
    run.pass(1);
    expect(run.lines()[1]).toBe("firing b a");
    run.pass(4 * 60 * minute - 1);
    expect(run.said).toHaveLength(2);
    run.pass(1);
    expect(run.lines()[2]).toBe("firing b a");
    expect(run.said.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it("tells a critical at once, also in a group that has spoken", () => {
    const plan = planOf({ routes: [{ matchers: ['severity="critical"'] }] });
    const run = createRun(plan);
    run.raise({ alertId: "a" });
    run.raise({ alertId: "b" });
    expect(run.lines()).toEqual(["firing a", "firing a b"]);
  });

  it("tells what ended, and forgets it", () => {
    const run = createRun(planOf({ group_wait: "0s" }));
    run.raise(high("a"));
    run.raise(high("c", { customerId: "C-2" }));
    run.change(high("a", { state: "resolved" }));
    run.pass(5 * minute);
    expect(run.lines()).toEqual(["firing a", "firing c", "resolved a"]);
    expect([...run.state().groupsOfAlert.keys()]).toEqual(["c"]);
  });

  it("says nothing of what came and went before it was told", () => {
    const run = createRun(planOf({}));
    run.raise(high("a"));
    run.change(high("a", { state: "withdrawn" }));
    run.pass(24 * 60 * minute);
    expect(run.said).toEqual([]);
    expect(run.state().groups.size).toBe(0);
  });

  it("does not repeat what somebody acknowledged", () => {
    const run = createRun(planOf({ group_wait: "0s" }));
    run.raise(high("a"));
    run.change(high("a", { state: "acknowledged" }));
    run.pass(24 * 60 * minute);
    expect(run.lines()).toEqual(["firing a"]);
  });

  it.each([
    ["muted", true, true],
    ["not announced", false, false],
  ])("ignores one that is %s", (_, announce, muted) => {
    const state = restoreRouter([], []);
    const seen = { brief: sampleBrief(), announce, muted };
    const plan = planOf({ group_wait: "0s" });
    const change = stepRouter(state, [seen], { plan, now: start, zoneOffset });
    expect(change.notices).toEqual([]);
    expect(state.groups.size).toBe(0);
  });

  it("moves an alert that became graver to where its severity leads", () => {
    const run = createRun(
      planOf({
        group_wait: "0s",
        routes: [{ matchers: ['severity="critical"'], receiver: "duty" }],
      }),
    );
    run.raise(high("a"));
    run.change({ alertId: "a", severity: "critical" });
    expect(run.said.map((one) => one.receiver)).toEqual(["team", "duty"]);
    run.change({ alertId: "a", severity: "critical", state: "resolved" });
    run.pass(5 * minute);
    expect(run.lines()).toEqual(["firing a", "firing a", "resolved a"]);
  });

  it("keeps two lives of one group apart", () => {
    const run = createRun(planOf({ group_wait: "0s" }));
    run.raise(high("a"));
    run.change(high("a", { state: "resolved" }));
    run.pass(5 * minute);
    run.raise(high("b"));
    expect(run.said.map(({ seq }) => seq)).toEqual([1, 2, 1]);
    const [group] = [...run.state().groups.values()];
    expect(group?.bornAt).toBe(start + 5 * minute);
  });
});

describe("the tree", () => {
  const plan = planOf({
    routes: [
      {
        matchers: ['severity="critical"'],
        receiver: "duty",
        continue: true,
        repeat_interval: "1h",
      },
      { matchers: ['rule_family=~"ORD|EXP"'], group_by: ["..."] },
    ],
  });

  it.each([
    ["critical order", { severity: "critical" }, ["duty", "team"]],
    ["high order", { severity: "high" }, ["team"]],
    ["critical other", { severity: "critical", ruleId: "COL-01" }, ["duty"]],
    ["high other", { severity: "high", ruleId: "COL-01" }, ["team"]],
  ])("%s goes to %j", (_, over, receivers) => {
    const moment = { plan, now: start, zoneOffset };
    const outlooks = whoGetsIt(sampleBrief(over), moment);
    expect(outlooks.map((one) => one.receiver)).toEqual(receivers);
  });

  it("says who, when and why", () => {
    const moment = { plan, now: start, zoneOffset };
    const [first, second] = whoGetsIt(sampleBrief(), moment);
    expect(first).toMatchObject({
      receiver: "duty",
      channels: ["phone"],
      failover: ["boss"],
      because: ['severity="critical"'],
      afterMs: 0,
      repeatMs: 60 * minute,
      heldBack: null,
    });
    expect(first?.group).toContain('customer_id="C-1",rule_family="ORD"');
    expect(second).toMatchObject({ afterMs: 30_000 });
    expect(second?.group).toContain('alert_id="A-1"');
  });
});

describe("what holds a message back", () => {
  const silence = (endsAt: number): Silence => ({
    id: "s1",
    matchers: [matcher('customer_id="C-1"')],
    startsAt: start,
    endsAt,
  });

  it("a silence, until it ends", () => {
    const plan = planOf({ group_wait: "0s" });
    const silences = [silence(start + 10 * minute)];
    const run = createRun({ ...plan, silences });
    run.raise(high("a"));
    run.raise(high("b", { customerId: "C-2" }));
    run.pass(9 * minute);
    expect(run.lines()).toEqual(["firing b"]);
    run.pass(2 * minute);
    expect(run.lines()).toEqual(["firing b", "firing a"]);
  });

  it("a graver alert of the same customer, and no other", () => {
    const plan = planOf(
      { group_wait: "0s" },
      {
        inhibit_rules: [
          {
            source_matchers: ['severity="critical"'],
            target_matchers: ['severity="high"'],
            equal: ["customer_id"],
          },
        ],
      },
    );
    const run = createRun(plan);
    run.raise({ alertId: "worse", ruleId: "EXP-01" });
    run.raise(high("a"));
    run.raise(high("b", { customerId: "C-2" }));
    run.pass(minute);
    expect(run.lines()).toEqual(["firing worse", "firing b"]);
    run.change({ alertId: "worse", ruleId: "EXP-01", state: "resolved" });
    run.pass(6 * minute);
    expect(run.lines().slice(2)).toEqual(["firing a", "resolved worse"]);
    const moment = { plan, now: start, zoneOffset };
    const labels = { alert_id: "w", severity: "critical", customer_id: "C-1" };
    expect(
      whoGetsIt(sampleBrief({ severity: "high" }), moment, [labels])[0]
        ?.heldBack,
    ).toBe("inhibited by w");
  });

  const windows = (name: string, one: object) => ({
    time_intervals: [{ name, time_intervals: [one] }],
  });

  it("a mute window in a zone", () => {
    const plan = planOf(
      { group_wait: "0s", mute_time_intervals: ["lunch"] },
      windows("lunch", {
        times: [{ start_time: "12:00", end_time: "13:00" }],
        location: "Asia/Shanghai",
      }),
    );
    const run = createRun(plan, Date.parse("2026-11-27T12:30:00+08:00"));
    run.raise(high("a"));
    run.pass(29 * minute);
    expect(run.said).toEqual([]);
    run.pass(2 * minute);
    expect(run.lines()).toEqual(["firing a"]);
  });

  it.each([
    // The weekend before the spring festival is worked, the week after is not.
    ["2026-11-27", true],
    ["2026-11-28", false],
    ["2026-02-14", true],
    ["2026-02-18", false],
  ])("%s is a working day: %s", (day, working) => {
    const plan = planOf(
      { group_wait: "0s", active_time_intervals: ["work"] },
      {
        ...windows("work", { days: "working" }),
        calendar: {
          holidays: ["2026-02-16..2026-02-20"],
          workdays: ["2026-02-14"],
        },
      },
    );
    const now = Date.parse(`${day}T00:30:00+08:00`);
    const [outlook] = whoGetsIt(sampleBrief(), { plan, now, zoneOffset });
    expect(outlook?.heldBack === null).toBe(working);
  });

  it("gathers the low ones for the morning of the next working day", () => {
    const plan = planOf(
      {
        ...{ group_by: ["severity"], digest: true, group_interval: "15m" },
        active_time_intervals: ["morning"],
      },
      windows("morning", {
        times: [{ start_time: "09:00", end_time: "09:30" }],
        days: "working",
      }),
    );
    const run = createRun(plan);
    run.raise({ alertId: "a", severity: "low" });
    run.pass(30 * minute);
    run.raise({ alertId: "b", severity: "low", customerId: "C-2" });
    const monday = Date.parse("2026-11-30T09:02:00+08:00");
    run.pass(monday - start - 30 * minute);
    expect(run.lines()).toEqual(["digest a b"]);
    expect(run.said[0]?.at).toBeLessThan(monday);
  });
});

describe("a storm", () => {
  it("is one notice, but never of what is critical", () => {
    const plan = planOf({ group_wait: "30s" });
    const run = createRun(plan);
    const count = stormGroups + 30;
    for (let i = 0; i < count; i += 1) {
      run.raise(high(`a${String(i)}`, { customerId: `C-${String(i)}` }));
    }
    run.raise({ alertId: "worst", customerId: "C-x" });
    run.pass(minute);
    const storms = run.said.filter(({ storm }) => storm);
    expect(storms).toHaveLength(1);
    const alone = run.said.filter(({ storm }) => !storm);
    expect(alone).toHaveLength(stormGroups + 1);
    run.pass(10 * minute);
    const all = new Set(
      [...run.state().groups.values()].flatMap((group) =>
        Object.values(group.alerts)
          .filter(({ told }) => told)
          .map(({ brief }) => brief.alertId),
      ),
    );
    expect(all.size).toBe(count + 1);
    run.raise(high("after", { customerId: "C-after" }));
    run.pass(minute);
    expect(run.said.at(-1)).toMatchObject({ storm: false });
  });
});

it("continues a full group in another, and loses nothing", () => {
  const run = createRun(planOf({ group_by: ["severity"] }));
  const count = groupAlertsMax + 3;
  for (let i = 0; i < count; i += 1) run.raise(high(`a${String(i)}`));
  run.pass(minute);
  expect(run.said.map(({ firingCount }) => firingCount)).toEqual([
    groupAlertsMax,
    3,
  ]);
});

it("sends on what is not told when its route is gone", () => {
  const run = createRun(
    planOf({ routes: [{ matchers: ['severity="high"'], receiver: "duty" }] }),
  );
  run.raise(high("a"));
  run.usePlan(planOf({}));
  run.pass(2 * minute);
  expect(run.said.map((one) => one.receiver)).toEqual(["team"]);
});
