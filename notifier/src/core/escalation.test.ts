import { describe, expect, it } from "vitest";
import { sampleBrief } from "../channels/sample-notice.test-support.ts";
import { rowsOf } from "../delivery-rows.ts";
import { parseDuty } from "../duty-file.ts";
import { parseRouting } from "../routing-file.ts";
import { createZoneOffset } from "../zone-offset.ts";
import type { Brief } from "./brief.ts";
import { emptyPlan, type Plan, type Silence } from "./plan.ts";
import { nextDue, stepRouter, type Seen } from "./router.ts";
import { restoreRouter, type Stopped, type Told } from "./router-state.ts";
import { simulate } from "./simulate.ts";

const zoneOffset = createZoneOffset();
const minute = 60_000;
/** A Friday, 10:00 in Shanghai. */
const start = Date.parse("2026-11-27T10:00:00+08:00");

const people = [
  {
    ...{ id: "li", name: "李雷", default: [{ channel: "chat" }] },
    important: [{ channel: "chat" }, { channel: "sms", after: "60s" }],
    contacts: { sms: { mobiles: ["13800000000"] } },
  },
  { id: "han", name: "韩梅梅", default: [{ channel: "mail" }] },
];
const rotations = [
  {
    ...{ name: "week", people: ["li", "han"], turn_days: 7 },
    starts: "2026-11-23T09:00",
  },
];
const steps = [
  { notify: ["schedule:duty"], wait: "5m" },
  { notify: ["person:han", "channel:room"], wait: "10m" },
];

function planOf(chain: object = {}, over: object = {}): Plan {
  const routing = parseRouting({
    route: { receiver: "team", group_wait: "0s", repeat_interval: "4h" },
    receivers: [{ name: "team", channels: ["team"], escalation: "chain" }],
  });
  if (typeof routing === "string") throw new Error(routing);
  const read = parseDuty({
    people,
    teams: [{ id: "credit", name: "信控", people: ["li", "han"] }],
    schedules: [{ id: "duty", name: "值班", rotations }],
    escalations: [{ name: "chain", steps, ...chain }],
    ...over,
  });
  if (read.kind === "bad") throw new Error(JSON.stringify(read.problems));
  const { duty } = read.parsed;
  const roster = { schedules: duty.schedules, overrides: [], swaps: [] };
  return {
    ...emptyPlan,
    ...routing,
    roots: [routing.root],
    duty: { ...duty, roster },
  };
}

/** A router whose state is stored and read back at every step: a restart. */
function createRun(first: Plan) {
  let state = restoreRouter([], []);
  let now = start;
  let plan = first;
  const told: (Told & { readonly at: number })[] = [];
  const stopped: Stopped[] = [];
  const missed: string[] = [];
  const step = (seen: readonly Seen[]): void => {
    const change = stepRouter(state, seen, { plan, now, zoneOffset });
    told.push(...change.notices.map((one) => ({ ...one, at: now - start })));
    stopped.push(...change.stopped);
    missed.push(...change.missed.map((one) => `${one.target} ${one.why}`));
    state = restoreRouter(
      structuredClone([...state.groups.values()]),
      structuredClone([...state.storms]),
    );
  };
  return {
    told,
    stopped,
    missed,
    usePlan: (next: Plan) => {
      plan = next;
    },
    see: (over: Partial<Brief> = {}, announce = true) => {
      step([{ brief: sampleBrief(over), announce, muted: false }]);
    },
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
    /** Nothing runs for a while: the process was away. */
    sleep: (ms: number) => {
      now += ms;
      step([]);
    },
    /** `minute channel` of every push to people. */
    calls: () =>
      told
        .filter(({ notice }) => notice.kind === "escalated")
        .map(({ to, at }) => `${String(at / minute)} ${String(to?.channels)}`),
  };
}

const whole = ["0 chat", "1 sms@li", "5 mail", "5 room"];

describe("an escalation", () => {
  it("calls step by step, by personal rules, and ends", () => {
    const run = createRun(planOf());
    run.see();
    run.pass(3 * 60 * minute);
    expect(run.calls()).toEqual(whole);
    expect(run.told[0]).toMatchObject({ at: 0, notice: { kind: "firing" } });
  });

  it("uses the usual rule for what is not critical", () => {
    const run = createRun(planOf());
    run.see({ severity: "high" });
    run.pass(60 * minute);
    expect(run.calls()).toEqual(["0 chat", "5 mail", "5 room"]);
  });

  it("begins anew as often as its chain says", () => {
    const run = createRun(planOf({ repeat: 5 }));
    run.see({ severity: "high" });
    run.pass(3.9 * 60 * minute);
    const times = run.calls().filter((call) => call.endsWith("room"));
    expect(times).toEqual(
      [5, 20, 35, 50, 65, 80].map((at) => `${String(at)} room`),
    );
  });

  it.each([
    ["at once", 0, ["0 chat"]],
    ["before the second way", 0.5 * minute, ["0 chat"]],
    ["between steps", 3 * minute, ["0 chat", "1 sms@li"]],
    ["after the last", 6 * minute, whole],
  ])("ends when somebody acknowledges %s", (_, after, calls) => {
    const run = createRun(planOf({ repeat: 5 }));
    run.see();
    run.pass(after);
    run.see({ state: "acknowledged" }, false);
    run.pass(3 * 60 * minute);
    expect(run.calls()).toEqual(calls);
    expect(run.stopped.map(({ alertIds }) => alertIds)).toEqual([["A-1"]]);
  });

  it.each(["snoozed", "dismissed", "resolved"])(
    "ends when it is %s",
    (state) => {
      const run = createRun(planOf());
      run.see();
      run.see({ state }, false);
      run.pass(60 * minute);
      expect(run.calls()).toEqual(["0 chat"]);
    },
  );

  it("goes on while another alert of the group waits for somebody", () => {
    const run = createRun(planOf());
    run.see({ severity: "high" });
    run.see({ alertId: "A-2", severity: "high" });
    run.see({ severity: "high", state: "acknowledged" }, false);
    run.pass(60 * minute);
    expect(run.calls()).toEqual(["0 chat", "5 mail", "5 room"]);
    expect(run.stopped).toEqual([]);
  });

  it("begins again when what was snoozed is open again", () => {
    const run = createRun(planOf());
    run.see({ severity: "high" });
    run.see({ severity: "high", state: "snoozed" }, false);
    run.pass(30 * minute);
    run.see({ severity: "high" }, false);
    run.pass(20 * minute);
    expect(run.calls()).toEqual(["0 chat", "30 chat", "35 mail", "35 room"]);
  });

  it("is not begun again by the same alert seen twice", () => {
    const run = createRun(planOf());
    run.see();
    run.see();
    run.pass(60 * minute);
    expect(run.calls()).toEqual(whole);
  });

  it("takes a step that fell due while the process was away, once", () => {
    const run = createRun(planOf());
    run.see();
    run.sleep(30 * minute);
    run.pass(60 * minute);
    expect(run.calls()).toEqual(["0 chat", "30 sms@li", "30 mail", "30 room"]);
  });

  it("waits while its alerts are silenced, and goes on after that", () => {
    const plan = planOf();
    const silence: Silence = {
      ...{ id: "s", startsAt: start, endsAt: start + 20 * minute },
      matchers: [{ name: "customer_id", op: "=", value: "C-1", pattern: null }],
    };
    const run = createRun(plan);
    run.see();
    run.usePlan({ ...plan, silences: [silence] });
    run.pass(19 * minute);
    expect(run.calls()).toEqual(["0 chat"]);
    run.pass(20 * minute);
    expect(run.calls()).toHaveLength(4);
  });

  it("names a gap, and goes on to the next step at once", () => {
    const late = [{ ...rotations[0], starts: "2027-01-04T09:00" }];
    const schedules = [{ id: "duty", name: "值班", rotations: late }];
    const run = createRun(planOf({}, { schedules }));
    run.see();
    run.pass(60 * minute);
    expect(run.missed).toEqual(["schedule:duty nobody_on_call"]);
    expect(run.calls()).toEqual(["0 mail", "0 room"]);
  });

  it("never turns round in no time when every step leads nowhere", () => {
    const empty = [{ ...rotations[0], starts: "2027-01-04T09:00" }];
    const schedules = [{ id: "duty", name: "值班", rotations: empty }];
    const chain = {
      repeat: 5,
      steps: [{ notify: ["schedule:duty"], wait: "1m" }],
    };
    const run = createRun(planOf(chain, { schedules }));
    run.see();
    run.pass(60 * minute);
    expect(run.missed).toHaveLength(6);
    expect(run.calls()).toEqual([]);
  });

  it.each([
    ["graver", { severity: "critical" }, "high", 0],
    ["as grave", { severity: "high" }, "high", 1],
    ["more alerts", { alerts: 2 }, "high", 0],
    [
      "less money",
      { money: { amount: "600000.01", currency: "CNY" } },
      "high",
      0,
    ],
    [
      "as much money",
      { money: { amount: "600000.00", currency: "CNY" } },
      "high",
      1,
    ],
    ["other money", { money: { amount: "1.00", currency: "USD" } }, "high", 0],
  ])("takes a step only if: %s", (_, threshold, severity, calls) => {
    const chain = {
      steps: [{ notify: ["person:han"], wait: "5m", only_if: threshold }],
    };
    const run = createRun(planOf(chain));
    run.see({ severity });
    run.pass(60 * minute);
    expect(run.calls()).toHaveLength(calls);
  });

  it("hands a critical call on to other ways and the next person", () => {
    const run = createRun(planOf());
    run.see();
    const [, call] = run.told;
    expect(call?.to).toEqual({
      channels: ["chat"],
      failover: ["sms@li", "mail", "room"],
    });
    const [row] = call ? rowsOf(call, planOf()) : [];
    expect(row?.failoverAt).toBe(start + 30_000);
    expect(row?.chain).not.toBe("");
  });
});

describe("the simulator", () => {
  const ask = (ackAfterMs: number | null, plan = planOf()) =>
    simulate(
      sampleBrief(),
      { plan, now: start, zoneOffset },
      { ackAfterMs, horizonMs: 60 * minute },
    ).map(({ afterMs, kind, channels }) =>
      [afterMs / minute, kind, ...channels].join(" "),
    );
  it("says who gets what when", () => {
    expect(ask(null)).toEqual([
      "0 firing team",
      "0 escalated chat",
      "1 escalated sms@li",
      "5 escalated mail",
      "5 escalated room",
    ]);
  });
  it("ends with an acknowledgement", () => {
    expect(ask(2 * minute)).toEqual([
      "0 firing team",
      "0 escalated chat",
      "1 escalated sms@li",
    ]);
  });
  it("names a step that reaches nobody", () => {
    const late = [{ ...rotations[0], starts: "2027-01-04T09:00" }];
    const schedules = [{ id: "duty", name: "值班", rotations: late }];
    expect(ask(null, planOf({}, { schedules }))).toContain("0 nobody");
  });
});

describe("a file of people", () => {
  it.each([
    [
      "a person twice",
      { people: [...people, people[0]] },
      "people[2]",
      "duplicate_id",
    ],
    [
      "a team of strangers",
      { teams: [{ id: "t", name: "t", people: ["who"] }] },
      "teams[0].people[0]",
      "person_unknown",
    ],
    [
      "a target of no kind",
      { escalations: [{ name: "c", steps: [{ notify: ["li"] }] }] },
      "escalations[0].steps[0].notify[0]",
      "target_malformed",
    ],
    [
      "a schedule that is not there",
      { escalations: [{ name: "c", steps: [{ notify: ["schedule:x"] }] }] },
      "escalations[0].steps[0].notify[0]",
      "schedule_unknown",
    ],
    [
      "more than five rounds",
      { escalations: [{ name: "c", repeat: 6, steps }] },
      "escalations[0].repeat",
      "too_big",
    ],
    [
      "rounds without a wait",
      {
        escalations: [
          {
            name: "c",
            repeat: 1,
            steps: [{ notify: ["person:li"], wait: "0s" }],
          },
        ],
      },
      "escalations[0].steps",
      "repeat_without_wait",
    ],
    [
      "money that is a number",
      {
        escalations: [
          {
            name: "c",
            steps: [
              {
                notify: ["person:li"],
                only_if: { money: { amount: "1.005", currency: "CNY" } },
              },
            ],
          },
        ],
      },
      "escalations[0].steps[0].only_if.money",
      "amount_too_precise",
    ],
  ])("refuses %s", (_, over, path, code) => {
    const read = parseDuty({
      people,
      schedules: [{ id: "duty", name: "值班", rotations }],
      ...over,
    });
    const found = read.kind === "bad" ? read.problems : [];
    expect(found.map((one) => [one.path, one.code])).toContainEqual([
      path,
      code,
    ]);
  });
});
