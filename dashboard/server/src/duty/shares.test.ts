import { describe, expect, it } from "vitest";
import { caller, createMemoryDuty } from "./memory-duty.test-support.ts";
import { createShares, type Shares } from "./shares.ts";

const now = Date.parse("2026-11-25T02:00:00Z");
const li = caller("li", "operator");
const han = caller("hmm", "operator");
const stranger = caller("wang", "operator");
const admin = caller("root", "administrator");

const span = {
  ...{ schedule: "duty", reason: "wedding" },
  from: "2026-11-26T09:00:00+08:00",
  to: "2026-11-27T09:00:00+08:00",
};

function setUp() {
  const memory = createMemoryDuty();
  const shares = createShares({ ...memory, now: () => now });
  return { ...memory, shares };
}
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: unknown) => (error as { code: string }).code,
  );

describe("who may what", () => {
  const offer = async (shares: Shares): Promise<string> =>
    (await shares.offer(li, { ...span, gives: "li", takes: null })).id;
  it.each<[string, (shares: Shares) => Promise<unknown>, string]>([
    [
      "an override for oneself",
      (shares) => shares.override(han, { ...span, person: "han" }),
      "done",
    ],
    [
      "an override for somebody else",
      (shares) => shares.override(han, { ...span, person: "li" }),
      "not_yours",
    ],
    [
      "an administrator's override",
      (shares) => shares.override(admin, { ...span, person: "li" }),
      "done",
    ],
    [
      "a swap of somebody else's shift",
      (shares) => shares.offer(han, { ...span, gives: "li", takes: null }),
      "not_yours",
    ],
    [
      "a swap that says who has to take it",
      (shares) => shares.offer(li, { ...span, gives: "li", takes: "han" }),
      "not_yours",
    ],
    [
      "an administrator's whole swap",
      (shares) => shares.offer(admin, { ...span, gives: "li", takes: "han" }),
      "done",
    ],
    [
      "taking what is offered",
      async (shares) => shares.take(han, await offer(shares), null),
      "done",
    ],
    [
      "taking it for another",
      async (shares) => shares.take(stranger, await offer(shares), "han"),
      "not_yours",
    ],
    [
      "taking it as nobody of the schedules",
      async (shares) => shares.take(stranger, await offer(shares), null),
      "person_wanted",
    ],
    [
      "withdrawing what another offers",
      async (shares) => shares.withdraw(han, await offer(shares)),
      "not_yours",
    ],
    [
      "giving a taken shift back",
      async (shares) => {
        const id = await offer(shares);
        await shares.take(han, id, null);
        await shares.withdraw(han, id);
      },
      "not_yours",
    ],
    [
      "removing another's override",
      async (shares) => {
        const made = await shares.override(han, { ...span, person: "han" });
        await shares.removeOverride(li, made.id);
      },
      "not_yours",
    ],
    ["what is not there", (shares) => shares.withdraw(li, "s"), "swap_unknown"],
    [
      "an override not there",
      (shares) => shares.removeOverride(li, "o"),
      "override_unknown",
    ],
  ])("%s: done or refused", async (_, work, expected) => {
    const { shares, refused, written } = setUp();
    expect(await codeOf(work(shares))).toBe(expected);
    expect(refused).toHaveLength(expected === "not_yours" ? 1 : 0);
    if (expected === "done") expect(written).not.toHaveLength(0);
  });
});

describe("an override", () => {
  it("is written as the notifier reads it, and written down", async () => {
    const { shares, written, deeds } = setUp();
    const { id } = await shares.override(han, { ...span, person: "han" });
    expect(id).toMatch(/^o-[0-9a-f]{12}$/);
    expect(written).toEqual([
      [
        `override:${id}`,
        {
          ...{ id, schedule: "duty", person: "han", reason: "wedding" },
          from: "2026-11-26T01:00:00.000Z",
          to: "2026-11-27T01:00:00.000Z",
          ...{ createdBy: "hmm", createdAt: "2026-11-25T02:00:00.000Z" },
        },
      ],
    ]);
    await shares.removeOverride(han, id);
    expect(written[1]).toEqual([`override:${id}`, null]);
    expect(deeds).toMatchObject([
      { actor: "hmm", action: "override.create", reason: "wedding" },
      { actor: "hmm", action: "override.remove", targetId: id },
    ]);
  });

  it("that makes no sense is refused with code and path, unwritten", async () => {
    const { shares, written, state } = setUp();
    state.problems = [{ path: "to", code: "already_over", message: "past" }];
    const wanted = { ...span, person: "han" };
    await expect(shares.override(han, wanted)).rejects.toMatchObject({
      ...{ status: 422, code: "already_over", extra: { path: "to" } },
    });
    expect(written).toEqual([]);
  });
});

describe("a swap", () => {
  it("goes to the first of two who take it at the same time", async () => {
    const { shares, deeds } = setUp();
    const gives = { ...span, gives: "li", takes: null };
    const { id } = await shares.offer(li, gives);
    const [first, second] = await Promise.all([
      codeOf(shares.take(han, id, null)),
      codeOf(shares.take(admin, id, "han")),
    ]);
    expect([first, second]).toEqual(["done", "swap_taken"]);
    expect(deeds.map(({ action }) => action)).toEqual([
      "swap.offer",
      "swap.take",
    ]);
  });

  it("says to each what they may do with it", async () => {
    const { shares } = setUp();
    await shares.offer(li, { ...span, gives: "li", takes: null });
    const seen = async (who: typeof li) =>
      (await shares.list(who)).swaps.map(({ mayTake, mayRemove }) => [
        mayTake,
        mayRemove,
      ]);
    expect(await seen(li)).toEqual([[false, true]]);
    expect(await seen(han)).toEqual([[true, false]]);
    expect(await seen(stranger)).toEqual([[false, false]]);
    expect(await seen(admin)).toEqual([[false, true]]);
    expect(await seen(caller("li", "viewer"))).toEqual([[false, false]]);
  });
});
