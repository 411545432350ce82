import { describe, expect, it } from "vitest";
import {
  endedMax,
  endedMs,
  nextAct,
  tidied,
  waitingMax,
  waitingMs,
  waitingOn,
  withAct,
  withEnd,
  withoutEnded,
  type Act,
  type ActBody,
  type Queue,
  type Sent,
} from "./act-queue.ts";

function actOf(key: string, body: ActBody, over: Partial<Act> = {}): Act {
  return {
    ...{ key, user: "li", alertId: "a-1", customerName: "恒远机电", body },
    ...{ path: "/api/alerts/a-1/actions", at: 1000, ...over },
  };
}
function queueOf(...acts: readonly Act[]): Queue {
  return acts.reduce<Queue>((queue, act) => withAct(queue, act) ?? queue, []);
}
const taken = (actionVersion: number | null): Sent => ({
  ...{ ok: true, word: "done", message: "", winner: null, actionVersion },
});
const refused: Sent = {
  ...{ ok: false, word: "stale", message: "somebody acted before you" },
  winner: { actor: "wang", action: "snooze", at: "2026-11-23T08:00:00Z" },
  actionVersion: null,
};

describe("the queue of acts", () => {
  it("sends in the order things were done, and each person's own only", () => {
    const queue = queueOf(
      actOf("k1", { action: "acknowledge" }, { user: "wang" }),
      actOf("k2", { action: "acknowledge" }),
      actOf("k3", { action: "comment" }),
    );
    expect(nextAct(queue, "li")?.key).toBe("k2");
    const later = withEnd(queue, "k2", taken(1), 2000);
    expect(nextAct(later, "li")?.key).toBe("k3");
    expect(nextAct(later, "wang")?.key).toBe("k1");
    expect(nextAct(later, "nobody")).toBeNull();
  });

  it("takes no more than may wait; what ended makes room", () => {
    const acts = Array.from({ length: waitingMax }, (_, i) =>
      actOf(`k${String(i)}`, { action: "comment" }),
    );
    const full = queueOf(...acts);
    const more = actOf("more", { action: "comment" });
    expect(withAct(full, more)).toBeNull();
    const freed = withEnd(full, "k0", taken(null), 2000);
    expect(withAct(freed, more)).toHaveLength(waitingMax + 1);
  });

  it("keeps what the server said and who won", () => {
    const queue = queueOf(actOf("k1", { action: "acknowledge", expected: 0 }));
    expect(withEnd(queue, "k1", refused, 2000)[0]).toMatchObject({
      ...{ state: "refused", word: "stale", endedAt: 2000 },
      ...{ message: "somebody acted before you", winner: refused.winner },
    });
    expect(withEnd(queue, "unknown", refused, 2000)).toBe(queue);
  });

  it.each<[string, Sent, number, number]>([
    [
      "one's own act moved it: the next expects the new version",
      taken(5),
      4,
      5,
    ],
    ["somebody else acted between: the server has to say so", taken(6), 4, 4],
    ["it was refused: nothing moved", refused, 4, 4],
    ["the version was not told", taken(null), 4, 4],
  ])("%s", (_, sent, expected, then) => {
    const other = "/api/orders/SO-1/actions";
    const queue = queueOf(
      actOf("k1", { action: "acknowledge", expected }),
      actOf("k2", { action: "snooze", expected }),
      actOf("k3", { action: "release" }, { path: other }),
    );
    const after = withEnd(queue, "k1", sent, 2000);
    expect(after[1]?.body).toEqual({ action: "snooze", expected: then });
    expect(after[2]?.body).toEqual({ action: "release" });
  });

  it("does not send what waited too long", () => {
    const queue = queueOf(actOf("k1", { action: "acknowledge" }));
    expect(tidied(queue, 1000 + waitingMs)).toBe(queue);
    const late = tidied(queue, 1001 + waitingMs);
    expect(late[0]).toMatchObject({ state: "refused", word: "late" });
    expect(nextAct(late, "li")).toBeNull();
  });

  it("shows ended acts for a while, the latest of them", () => {
    const acts = Array.from({ length: endedMax + 2 }, (_, i) =>
      actOf(`k${String(i)}`, { action: "comment" }),
    );
    let queue: Queue = [];
    for (const act of acts) {
      queue = withAct(queue, act) ?? queue;
      queue = withEnd(queue, act.key, taken(null), 2000);
    }
    queue = withAct(queue, actOf("w", { action: "comment" })) ?? queue;
    const shown = tidied(queue, 2000);
    expect(shown.map(({ key }) => key).slice(0, 2)).toEqual(["k2", "k3"]);
    expect(shown).toHaveLength(endedMax + 1);
    expect(tidied(shown, 2001 + endedMs).map(({ key }) => key)).toEqual(["w"]);
    expect(withoutEnded(shown).map(({ key }) => key)).toEqual(["w"]);
  });

  it("knows what waits on an alert", () => {
    const queue = queueOf(
      actOf("k1", { action: "acknowledge" }),
      actOf("k2", { action: "comment" }, { alertId: "a-2" }),
    );
    expect(waitingOn(queue, "a-1").map(({ key }) => key)).toEqual(["k1"]);
    const ended = withEnd(queue, "k1", taken(1), 2000);
    expect(waitingOn(ended, "a-1")).toEqual([]);
  });
});
