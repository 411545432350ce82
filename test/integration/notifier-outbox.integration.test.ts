/**
 * The outbox on a real Redis, in the test's own time: what is sent when, what
 * fails over, what is given up. Fake providers count and ban as the real do.
 */
import { alertLinkKey } from "@riskwall/schemas/alert-links";
import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import {
  parseChannel,
  type BoundChannel,
} from "../../notifier/src/channels/channel-kinds.ts";
import {
  createFakeProvider,
  fakeSecrets,
} from "../../notifier/src/channels/fake-provider.test-support.ts";
import { sampleBrief } from "../../notifier/src/channels/sample-notice.test-support.ts";
import type { Brief } from "../../notifier/src/core/brief.ts";
import { emptyPlan, type Plan } from "../../notifier/src/core/plan.ts";
import type { Reply } from "../../notifier/src/core/retry.ts";
import { stepRouter } from "../../notifier/src/core/router.ts";
import { restoreRouter } from "../../notifier/src/core/router-state.ts";
import { chainKey, rowsOf } from "../../notifier/src/delivery-rows.ts";
import { parseDuty } from "../../notifier/src/duty-file.ts";
import type { Transmit } from "../../notifier/src/io/transmit.ts";
import { claimMs, patienceMs } from "../../notifier/src/outbox/limits.ts";
import { createOutbox, type Outbox } from "../../notifier/src/outbox/outbox.ts";
import {
  createRouterStore,
  type RouterStore,
} from "../../notifier/src/outbox/router-store.ts";
import { parseRouting } from "../../notifier/src/routing-file.ts";
import { createSender } from "../../notifier/src/send-due.ts";
import { namespaceRedis } from "../support/dashboard.ts";
import { randomNamespace } from "../support/stack.ts";

const minute = 60_000;
const start = Date.parse("2026-11-27T10:00:00+08:00");

function planOf(route: object, receivers: readonly object[]): Plan {
  const routing = parseRouting({ route, receivers });
  if (typeof routing === "string") throw new Error(routing);
  return { ...emptyPlan, ...routing, roots: [routing.root] };
}

function channelOf(id: string, kind: string, settings: object): BoundChannel {
  const channel = parseChannel({ id, kind, ...settings });
  if (typeof channel === "string") throw new Error(channel);
  return { ...channel, id };
}

const robot = (id: string): BoundChannel =>
  channelOf(id, "dingtalk", {
    url: `https://oapi.dingtalk.com/robot/send?access_token=${id}`,
    secret: fakeSecrets.dingtalk,
  });

interface Run {
  readonly redis: Redis;
  readonly outbox: Outbox;
  readonly store: RouterStore;
  readonly lease: string;
  now: () => number;
  readonly raise: (...over: Partial<Brief>[]) => Promise<void>;
  /** Moves the clock in steps, and sends and fails over on the way. */
  readonly pass: (ms: number, stepMs?: number) => Promise<void>;
  /** Requests by channel, in order. */
  readonly sent: Map<string, { readonly at: number; readonly body: string }[]>;
}

async function createRun(
  plan: Plan,
  channels: readonly BoundChannel[],
  answer: (channel: string, body: string, now: number) => Reply | null,
): Promise<Run> {
  const namespace = randomNamespace();
  const redis = namespaceRedis(namespace);
  const outbox = createOutbox(redis, namespace);
  const store = createRouterStore(redis, namespace);
  const token = randomUUID();
  expect(await store.lead("here:1", token)).toBe(true);
  const lease = `here:1 ${token}`;
  const keepLease = setInterval(() => void store.renew(lease), 500);
  onTestFinished(() => {
    clearInterval(keepLease);
  });
  const state = restoreRouter([], []);
  const byId = new Map(channels.map((one) => [one.id, one]));
  let now = start;
  let step = 0;
  const sent: Run["sent"] = new Map();

  const route = async (briefs: readonly Brief[]): Promise<void> => {
    const seen = briefs.map((brief) => {
      return { brief, announce: true, muted: false };
    });
    const zoneOffset = (): number => 480;
    const change = stepRouter(state, seen, { plan, now, zoneOffset });
    const work = {
      ...{ positions: [], storms: [], acknowledged: [] },
      groups: [...change.groups].map(
        (id) => [id, state.groups.get(id) ?? null] as const,
      ),
      rows: change.notices.flatMap((told) => rowsOf(told, plan)),
      stopped: change.stopped.map(({ groupId, bornAt, alertIds: alerts }) => {
        return { chain: chainKey(groupId, bornAt), alerts };
      }),
    };
    expect(await store.commit(lease, step, work)).toBe(true);
    step += 1;
  };
  /** The channel is told by the address, which each has for itself. */
  const transmit: Transmit = async (sending) => {
    if (sending.kind !== "http") throw new Error("by HTTP only");
    const { url, body } = sending;
    const id =
      [...byId.keys()].find((name) => url.includes(`=${name}`)) ?? "hook";
    const list = sent.get(id) ?? [];
    sent.set(id, [...list, { at: now, body: body.toString() }]);
    const reply = answer(
      id,
      JSON.stringify({ url, body: body.toString() }),
      now,
    );
    return Promise.resolve(
      reply === null
        ? { kind: "failed", why: "nobody there" }
        : { kind: "reply", reply },
    );
  };
  const sender = createSender({
    ...{ outbox, transmit, publicUrl: "https://risk.example" },
    linkKey: alertLinkKey("rw_service_test"),
    channel: (id) => byId.get(id) ?? null,
    now: () => now,
    random: () => 0.5,
    log: { warn: () => undefined, error: () => undefined },
    onOutcome: () => undefined,
  });
  const sendAll = async (): Promise<void> => {
    await sender.send();
    await sender.idle();
  };
  return {
    ...{ redis, outbox, store, lease, sent },
    now: () => now,
    raise: async (...over) => {
      await route(over.map((one) => sampleBrief(one)));
      await sendAll();
    },
    pass: async (ms, stepMs = 500) => {
      const until = now + ms;
      while (now < until) {
        now = Math.min(until, now + stepMs);
        await route([]);
        await outbox.failOver(now);
        await sendAll();
      }
    },
  };
}

const ok: Reply = { status: 200, headers: {}, body: '{"errcode":0}' };

test("1,000 alerts in a minute: no ban, each critical told in its time", async () => {
  // Class limits: a critical within 30 s, all others within 15 minutes.
  const criticalWithinMs = 10_000;
  const plan = planOf({ receiver: "team", group_wait: "0s" }, [
    { name: "team", channels: ["robot"] },
  ]);
  const provider = createFakeProvider("dingtalk");
  const run = await createRun(plan, [robot("robot")], (_, text, now) => {
    const { url, body } = JSON.parse(text) as { url: string; body: string };
    return provider.answer(
      { kind: "http", method: "POST", url, headers: {}, body },
      now,
    );
  });
  const critical = new Map<string, number>();
  const total = 1000;
  const perStep = 10;
  for (let i = 0; i < total; i += perStep) {
    const batch = Array.from({ length: perStep }, (_, k) => {
      const number = i + k;
      const grave = number % 10 === 3;
      if (grave) critical.set(`严重号${String(number)}号`, run.now());
      return {
        alertId: `A-${String(number)}`,
        customerId: `C-${String(number)}`,
        severity: grave ? "critical" : number % 3 === 0 ? "high" : "medium",
        titleZh: grave ? `严重号${String(number)}号` : "大额订单",
      };
    });
    await run.raise(...batch);
    await run.pass((minute * perStep) / total, 300);
  }
  await run.pass(15 * minute, 2000);
  expect(provider.throttled()).toBe(0);
  const told = run.sent.get("robot") ?? [];
  expect(critical.size).toBe(100);
  for (const [title, at] of critical) {
    const first = told.find(({ body }) => body.includes(title));
    expect(first, title).toBeDefined();
    expect((first?.at ?? 0) - at, title).toBeLessThanOrEqual(criticalWithinMs);
  }
  expect([...(await run.outbox.depth()).values()]).toEqual([0]);
  for (let i = 0; i < total; i += 97) {
    const { deliveries } = await run.outbox.ofAlert(`A-${String(i)}`);
    expect(
      deliveries.some(({ state }) => state === "accepted"),
      `A-${String(i)}`,
    ).toBe(true);
  }
}, 240_000);

test("a critical nobody accepts in 30 s goes to the next, once", async () => {
  const plan = planOf({ receiver: "duty", group_wait: "0s" }, [
    { name: "duty", channels: ["first"], failover: ["second", "third"] },
  ]);
  const down = new Set(["first", "second"]);
  const run = await createRun(
    plan,
    [robot("first"), robot("second"), robot("third")],
    (channel) => (down.has(channel) ? null : ok),
  );
  await run.raise({ alertId: "a" }, { alertId: "b", severity: "high" });
  await run.pass(patienceMs - 1000);
  expect(run.sent.has("second")).toBe(false);
  await run.pass(2000);
  expect(run.sent.has("second")).toBe(true);
  expect(run.sent.has("third")).toBe(false);
  await run.pass(patienceMs);
  expect(run.sent.get("third")).toHaveLength(1);
  const { deliveries } = await run.outbox.ofAlert("a");
  expect(deliveries.map(({ channel, state }) => `${channel} ${state}`)).toEqual(
    ["first queued", "second queued", "third accepted"],
  );
  expect(deliveries[2]?.insteadOf).toBe(deliveries[1]?.id);
  // Opened in a browser: the first time counts, and only for its own alert.
  const third = deliveries[2]?.id ?? "";
  const { outbox } = run;
  expect(await outbox.see(third, "elsewhere", 1000)).toBe(false);
  expect(await outbox.see("msg_gone", "a", 1000)).toBe(false);
  expect(await outbox.delivery("msg_gone")).toBeNull();
  expect(await outbox.see(third, "a", 1000)).toBe(true);
  expect(await outbox.see(third, "a", 2000)).toBe(true);
  expect((await outbox.delivery(third))?.seenAt).toBe(
    "1970-01-01T00:00:01.000Z",
  );
  await run.pass(10 * minute, 5000);
  expect(run.sent.get("third")).toHaveLength(1);
});

test("five failures open the circuit; one try a minute until it works", async () => {
  const plan = planOf(
    { receiver: "team", group_by: ["..."], group_wait: "0s" },
    [{ name: "team", channels: ["robot"] }],
  );
  let up = false;
  const run = await createRun(plan, [robot("robot")], () => (up ? ok : null));
  await run.raise({ alertId: "a", severity: "high" });
  await run.pass(10 * minute, 1000);
  const tries = run.sent.get("robot") ?? [];
  const gaps = tries.map(({ at }, i) => at - (tries[i - 1]?.at ?? at));
  expect(tries.length).toBeGreaterThan(5);
  expect(gaps.slice(5).every((gap) => gap >= minute)).toBe(true);
  expect((await run.outbox.health("robot"))["health"]).toBe("failing");
  up = true;
  await run.pass(35 * minute, 5000);
  const { deliveries } = await run.outbox.ofAlert("a");
  expect(deliveries[0]).toMatchObject({ state: "accepted" });
  expect((await run.outbox.health("robot"))["health"]).toBe("ok");
});

test("a wrong set-up is a dead letter at once, others hear, and it can be sent again", async () => {
  const plan = planOf({ receiver: "duty", group_wait: "0s" }, [
    { name: "duty", channels: ["first"], failover: ["second"] },
  ]);
  let right = false;
  const refused = '{"errcode":310000,"errmsg":"sign not match"}';
  const run = await createRun(
    plan,
    [robot("first"), robot("second")],
    (channel) =>
      channel === "first" && !right ? { ...ok, body: refused } : ok,
  );
  await run.raise({ alertId: "a", severity: "high" });
  await run.pass(1000);
  expect(run.sent.get("second")).toHaveLength(1);
  const [dead] = await run.outbox.dead(10);
  expect(dead).toMatchObject({
    channel: "first",
    state: "dead",
    why: "310000 sign not match",
    answer: `200 ${refused}`,
  });
  expect((await run.outbox.health("first"))["health"]).toBe("config");
  right = true;
  expect(await run.outbox.resend(dead?.id ?? "", run.now())).toBe(true);
  expect(await run.outbox.resend(dead?.id ?? "", run.now())).toBe(false);
  await run.pass(2 * minute, 5000);
  const again = await run.outbox.delivery(dead?.id ?? "");
  expect(again).toMatchObject({ state: "accepted", attempts: 2 });
  expect(await run.outbox.dead(10)).toEqual([]);
});

test("a ban is waited out, and Retry-After of a 429 too", async () => {
  const plan = planOf({ receiver: "team", group_wait: "0s" }, [
    { name: "team", channels: ["robot", "hook"] },
  ]);
  const hook = channelOf("hook", "webhook", {
    url: "https://hooks.example/in",
    secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  });
  const run = await createRun(
    plan,
    [robot("robot"), hook],
    (channel, _, now) => {
      if (channel === "robot") {
        const banned = now < start + 5000;
        return banned ? { ...ok, body: '{"errcode":130101}' } : ok;
      }
      const headers = { "retry-after": "90" };
      return now < start + 1000 ? { status: 429, headers, body: "" } : ok;
    },
  );
  await run.raise({ alertId: "a", severity: "high" });
  await run.pass(80_000);
  expect(run.sent.get("hook")).toHaveLength(1);
  await run.pass(20_000);
  expect(run.sent.get("hook")).toHaveLength(2);
  expect(run.sent.get("robot")).toHaveLength(1);
  await run.pass(9 * minute, 2000);
  expect(run.sent.get("robot")).toHaveLength(2);
});

test("a claim of one who died runs out, and the delivery goes under its id", async () => {
  const plan = planOf({ receiver: "team", group_wait: "0s" }, [
    { name: "team", channels: ["robot"] },
  ]);
  const run = await createRun(plan, [], () => ok);
  // No such channel here: what the sender tried of it is a dead letter.
  await run.raise({ alertId: "a", severity: "high" });
  const [gone] = await run.outbox.dead(1);
  expect(gone?.why).toBe("the channel is gone or off");
  expect(await run.outbox.resend(gone?.id ?? "", start)).toBe(true);
  const rules = { quotas: [], digestMax: 0 };
  const later = start + minute;
  const first = await run.outbox.claim("robot", rules, later);
  expect(first.kind).toBe("row");
  expect((await run.outbox.claim("robot", rules, later)).kind).toBe("none");
  const again = await run.outbox.claim("robot", rules, later + claimMs);
  if (first.kind !== "row" || again.kind !== "row") throw new Error("no row");
  expect(again.row.id).toBe(first.row.id);
  // The one thought dead answers late: a failure counts no more, a success does.
  const verdict = { why: "", answer: "", dueAt: later, pausedUntil: 0 };
  const at = later + claimMs + 1;
  await run.outbox.finish(first.row, { ...verdict, outcome: "payload" }, at);
  expect((await run.outbox.delivery(first.row.id))?.state).toBe("sent");
  await run.outbox.finish(first.row, { ...verdict, outcome: "ok" }, at);
  expect((await run.outbox.delivery(first.row.id))?.state).toBe("accepted");
});

test("only who holds the lease stores a step, and each step once", async () => {
  const run = await createRun(
    planOf({ receiver: "team" }, [{ name: "team", channels: ["robot"] }]),
    [],
    () => ok,
  );
  const { store, lease } = run;
  const row = {
    ...{ id: "msg_1", channel: "robot", kind: "firing", severity: "high" },
    ...{ body: "{}", at: start, failoverAt: 0, failover: [], alerts: ["a"] },
    chain: "",
  };
  const work = {
    positions: [[3, { next: 7, posOffset: 6, posN: 1 }]] as const,
    ...{ groups: [], storms: [], acknowledged: [], rows: [row] },
    stopped: [],
  };
  expect(await store.commit(lease, 0, work)).toBe(true);
  // The reply was lost: the same step again is the same step.
  expect(await store.commit(lease, 0, work)).toBe(true);
  expect((await store.load()).step).toBe(1);
  expect((await store.load()).positions.get(3)?.next).toBe(7);
  expect([...(await run.outbox.depth())]).toEqual([["robot", 1]]);
  expect(await store.lead("there:1", "t")).toBe(false);
  expect(await store.lead("here:1", "next")).toBe(true);
  expect(await store.commit(lease, 1, work)).toBe(false);
  expect(await store.commit("here:1 next", 0, { ...work, rows: [] })).toBe(
    true,
  );
  expect(await store.commit("here:1 next", 5, work)).toBe(false);
});

test("what still waits to call people is dropped when somebody takes it", async () => {
  const read = parseDuty({
    people: [{ id: "li", name: "李雷", default: [{ channel: "phone" }] }],
    escalations: [{ name: "chain", steps: [{ notify: ["person:li"] }] }],
  });
  if (read.kind === "bad") throw new Error(JSON.stringify(read.problems));
  const receivers = [
    { name: "team", channels: ["robot"], escalation: "chain" },
  ];
  const plan = planOf({ receiver: "team", group_wait: "0s" }, receivers);
  const duty = { ...plan.duty, ...read.parsed.duty };
  const channels = [robot("robot"), robot("phone")];
  const run = await createRun({ ...plan, duty }, channels, (channel) =>
    channel === "phone" ? null : ok,
  );
  await run.raise({ alertId: "A-1" });
  expect(run.sent.get("phone")).toHaveLength(1);
  await run.raise({ alertId: "A-1", state: "acknowledged" });
  const tries = run.sent.get("phone")?.length;
  await run.pass(2 * minute, 5000);
  expect(run.sent.get("phone")).toHaveLength(tries ?? 0);
  const { deliveries } = await run.outbox.ofAlert("A-1");
  const states = deliveries.map(({ kind, state }) => `${kind} ${state}`);
  expect(states.sort()).toEqual(["escalated cancelled", "firing accepted"]);
});
