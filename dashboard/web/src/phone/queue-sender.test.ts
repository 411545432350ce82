import { describe, expect, it } from "vitest";
import { waitingMax, type Act, type Queue } from "./act-queue.ts";
import { createSender, type Attempt } from "./queue-sender.ts";

const ended: Attempt = {
  kind: "ended",
  sent: {
    ...{ ok: true, word: "done", message: "", winner: null },
    actionVersion: 1,
  },
};
const noWay = (retryAfterS = 0): Attempt => ({ kind: "no-way", retryAfterS });

function actOf(key: string): Act {
  return {
    ...{ key, user: "li", alertId: "a-1", customerName: "恒远机电", at: 0 },
    ...{ path: "/api/alerts/a-1/actions", body: { action: "comment" } },
  };
}

/** A sender over a queue in memory; answers come from a list, then good ones. */
function stage(answers: Attempt[] = []) {
  const seen = { queue: [] as Queue, sent: [] as string[] };
  const plans: { readonly act: () => void; readonly ms: number }[] = [];
  let user: string | null = "li";
  let gate: Promise<void> = Promise.resolve();
  const sender = createSender({
    store: {
      change: async (update) => {
        seen.queue = update(seen.queue);
        return Promise.resolve(seen.queue);
      },
    },
    send: async ({ key }) => {
      await gate;
      seen.sent.push(key);
      return answers.shift() ?? ended;
    },
    ...{ user: () => user, now: () => 0, random: () => 0.5 },
    plan: (act, ms) => {
      const plan = { act, ms };
      plans.push(plan);
      return () => {
        if (plans.includes(plan)) plans.splice(plans.indexOf(plan), 1);
      };
    },
    onChange: () => undefined,
  });
  return {
    ...{ sender, seen, plans },
    /** Acts done before there was a way. */
    fill: async (...keys: readonly string[]) => {
      user = null;
      for (const key of keys) await sender.add(actOf(key));
      await sender.kick();
      user = "li";
    },
    signIn: (who: string | null) => (user = who),
    hold: (until: Promise<void>) => (gate = until),
  };
}
const states = ({ seen }: ReturnType<typeof stage>): string[] =>
  seen.queue.map(({ key, state }) => `${key} ${state}`);

describe("sending", () => {
  it("sends at once what is done while there is a way", async () => {
    const all = stage();
    expect(await all.sender.add(actOf("a"))).toBe(true);
    await all.sender.kick();
    expect(states(all)).toEqual(["a done"]);
  });

  it("keeps the order and stops at the first that finds no way", async () => {
    const all = stage([noWay()]);
    await all.fill("a", "b", "c");
    await all.sender.kick();
    expect(all.seen.sent).toEqual(["a"]);
    expect(states(all)).toEqual(["a waiting", "b waiting", "c waiting"]);
    await all.sender.kick();
    expect(all.seen.sent).toEqual(["a", "a", "b", "c"]);
    expect(states(all)).toEqual(["a done", "b done", "c done"]);
  });

  it("tries again by itself, later each time, as late as the server asks", async () => {
    const all = stage([noWay(), noWay(), noWay(7)]);
    await all.fill("a");
    const waits: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      await all.sender.kick();
      waits.push(...all.plans.map(({ ms }) => ms));
    }
    expect(waits).toEqual([250, 500, 7000]);
    all.plans[0]?.act();
    await all.sender.kick();
    expect(states(all)).toEqual(["a done"]);
    expect(all.plans).toEqual([]);
  });

  it("sends nothing twice when it is kicked while it sends", async () => {
    const all = stage();
    const open = Promise.withResolvers<undefined>();
    all.hold(open.promise);
    await all.sender.add(actOf("a"));
    const kicks = [all.sender.kick(), all.sender.kick()];
    await all.sender.add(actOf("b"));
    open.resolve(undefined);
    await Promise.all(kicks);
    expect(all.seen.sent).toEqual(["a", "b"]);
  });

  it("sends nothing of a person who is not signed in", async () => {
    const all = stage();
    all.signIn("wang");
    await all.sender.add(actOf("a"));
    await all.sender.kick();
    expect(states(all)).toEqual(["a waiting"]);
  });

  it("says when the queue is full, and takes ended acts off the screen", async () => {
    const all = stage();
    all.signIn(null);
    for (let i = 0; i < waitingMax; i += 1) {
      expect(await all.sender.add(actOf(String(i)))).toBe(true);
    }
    expect(await all.sender.add(actOf("more"))).toBe(false);
    all.signIn("li");
    await all.sender.kick();
    await all.sender.clear();
    expect(all.seen.queue).toEqual([]);
  });
});
