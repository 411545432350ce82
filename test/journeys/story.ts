/**
 * A story of one customer, told by dates and amounts in yuan as a credit
 * manager would, and played through the fold alone. What the product says is
 * compared in both languages.
 */
import type { Records } from "@riskwall/schemas";
import { describe, expect, test } from "vitest";
import { dayText } from "../../processor/src/core/calendar.ts";
import {
  createWorld,
  fact,
  invoice,
  limit,
  of,
  order,
  payment,
  portfolioRecord,
  type Fact,
  type World,
} from "../../processor/src/core/fold.test-support.ts";
import { shippedTextReader } from "../../ingest/src/text-reader.ts";

const readText = shippedTextReader();

/** A sentence in both languages. */
export interface Said {
  readonly zh: string;
  readonly en: string;
}

const dayMs = 86_400_000;

/** Ten in the morning of a date, in Shanghai. */
function morning(date: string): number {
  return Date.parse(`${date}T10:00:00+08:00`);
}

function dayNumber(date: string): number {
  return Math.floor(Date.parse(`${date}T00:00:00Z`) / dayMs);
}

/** A date some days from another. */
export function after(date: string, days: number): string {
  return dayText(dayNumber(date) + days);
}

const yuan = (amount: number): number => Math.round(amount * 100);

export interface Bill {
  readonly issued: string;
  readonly due: string;
  readonly order?: string;
}

interface Told {
  /** The day has come; what is due by then has happened. */
  on: (date: string) => void;
  trades: (since: string, rating: number) => void;
  limitIs: (
    amount: number,
    over?: Partial<Records["CustomerLimitSet"]>,
  ) => void;
  orders: (id: string, amount: number) => void;
  callsOff: (id: string) => void;
  isBilled: (id: string, amount: number, bill: Bill) => void;
  pays: (id: string, amount: number, invoiceId?: string) => void;
  paymentReturns: (id: string, reason: string) => void;
  promises: (id: string, amount: number, by: string, bills: string[]) => void;
  /** In their own words. */
  complains: (id: string, text: string) => void;
  disputes: (id: string, invoiceId: string, amount: number) => void;
  disputeEnds: (
    id: string,
    outcome: "accepted" | "partly" | "rejected",
  ) => void;
  isInsured: (id: string, amount: number, percent: number, to: string) => void;
  /** Member of a group whose other members owe so much. */
  belongsTo: (group: string, limitOfGroup: number, othersOwe: number) => void;
  /** What the other members owe by the newest record. */
  othersOwe: (group: string, limitOfGroup: number, amount: number) => void;
  isCredited: (invoiceId: string, amount: number) => void;
  decides: (orderId: string, action: "release" | "reject") => void;
}

interface Expected {
  owes: (amount: number) => void;
  score: () => number;
  /** The score against what it was when asked last. */
  scoreHasRisen: () => void;
  scoreHasFallen: (atLeast?: number) => void;
  classIs: (letter: string) => void;
  /** The newest alert of a rule. */
  alert: (ruleId: string, severity: string, title: Said) => void;
  noAlert: (ruleId: string) => void;
  alertIsOver: (ruleId: string) => void;
  allowed: (orderId: string) => void;
  /** Held with these codes, and what would clear it. */
  held: (orderId: string, codes: readonly string[], clears: Said) => void;
  released: (orderId: string, code: string | null) => void;
  /** The limit that the product proposes. */
  proposes: (amount: number) => void;
}

export type Story = Told & Expected;

/** Facts of a story go to one customer; the world is its own. */
function createStory(): Story {
  const world = createWorld();
  let today = "2025-01-06";
  let asked = 0;
  let minute = 0;
  const now = (): number => morning(today) + minute * 60_000;
  const add = (item: Fact): void => {
    minute += 1;
    world.fold([item]);
  };
  const decisionOf = (orderId: string): Records["Decision"] | undefined =>
    of(world, "Decision").findLast((item) => item.orderId === orderId);
  const alertOf = (ruleId: string): Records["Alert"] | undefined =>
    of(world, "Alert").findLast((item) => item.ruleId === ruleId);
  return {
    ...tell(world, now, add, (date) => {
      expect(date >= today, `${date} is before ${today}`).toBe(true);
      for (let day = after(today, 1); day <= date; day = after(day, 1)) {
        world.tick(morning(day) - 9 * 3_600_000);
      }
      today = date;
      minute = 0;
    }),
    owes: (amount) => {
      expect(world.state().summary.receivables).toBe(yuan(amount));
    },
    score: () => {
      asked = world.state().score;
      return asked;
    },
    scoreHasRisen: () => {
      const { score } = world.state();
      expect(score).toBeGreaterThan(asked);
      asked = score;
    },
    scoreHasFallen: (atLeast = 1) => {
      const { score } = world.state();
      expect(asked - score).toBeGreaterThanOrEqual(atLeast);
      asked = score;
    },
    classIs: (letter) => {
      expect(world.state().class).toBe(letter);
    },
    alert: (ruleId, severity, title) => {
      const found = alertOf(ruleId);
      expect({
        severity: found?.severity,
        zh: found?.titleZh,
        en: found?.titleEn,
      }).toEqual({ severity, ...title });
    },
    noAlert: (ruleId) => {
      expect(alertOf(ruleId)).toBeUndefined();
    },
    alertIsOver: (ruleId) => {
      expect(["resolved", "withdrawn"]).toContain(alertOf(ruleId)?.state);
    },
    allowed: (orderId) => {
      expect(decisionOf(orderId)).toMatchObject({
        outcome: "allow",
        codes: [],
      });
    },
    held: (orderId, codes, clears) => {
      const found = decisionOf(orderId);
      expect({
        outcome: found?.outcome,
        codes: found?.codes,
        zh: found?.clearsZh,
        en: found?.clearsEn,
      }).toEqual({ outcome: "hold", codes, ...clears });
    },
    released: (orderId, code) => {
      const before = of(world, "Decision").filter(
        (item) => item.orderId === orderId && item.outcome === "hold",
      );
      expect(before.length, "it was held before").toBeGreaterThan(0);
      expect(decisionOf(orderId)).toMatchObject({
        ...{ outcome: "allow", releaseCode: code },
      });
    },
    proposes: (amount) => {
      const last = of(world, "LimitChange").findLast(
        ({ kind }) => kind === "proposed",
      );
      expect(last?.after).toBe(yuan(amount));
    },
  };
}

function tell(
  world: World,
  now: () => number,
  add: (item: Fact) => void,
  on: (date: string) => void,
): Told {
  const today = (): number => Math.floor((now() + 8 * 3_600_000) / dayMs);
  let records = 0;
  const othersOwe: Told["othersOwe"] = (groupId, limitOfGroup, amount) => {
    records += 1;
    const about = { groupId, name: groupId, parent: null, currency: "CNY" };
    const sums = { limit: yuan(limitOfGroup), members: 3, top: [] };
    const group = { ...about, ...sums, parts: [0, yuan(amount)] };
    const id = `p${String(records)}`;
    const basis = records === 1 ? "" : `p${String(records - 1)}`;
    const seq = { seq: records, id, basis };
    world.control(portfolioRecord({ ...seq, groups: [group] }));
  };
  return {
    on,
    trades: (since, rating) => {
      add(
        fact("CustomerUpserted", now(), {
          ...{ name: "Story", segment: "wholesale", industry: null },
          ...{ country: "CN", currency: "CNY", termsDays: 30 },
          ...{ since: dayNumber(since), groupId: null, owner: null },
          creditLimit: null,
        }),
      );
      add(
        fact("CustomerRated", now(), {
          ...{ agency: "agency", rating: String(rating), normalised: rating },
          ratedAt: today(),
        }),
      );
    },
    limitIs: (amount, over = {}) => {
      add(limit(yuan(amount), now(), over));
    },
    orders: (id, amount) => {
      add(order(id, yuan(amount), now()));
    },
    callsOff: (id) => {
      add(fact("OrderCancelled", now(), { orderId: id, reason: null }));
    },
    isBilled: (id, amount, bill) => {
      const dates = [dayNumber(bill.issued), dayNumber(bill.due)] as const;
      const over = { orderId: bill.order ?? null };
      add(invoice(id, yuan(amount), ...dates, now(), over));
    },
    pays: (id, amount, invoiceId) => {
      const over = { invoiceId: invoiceId ?? null };
      add(payment(id, yuan(amount), today(), now(), over));
    },
    paymentReturns: (id, reason) => {
      add(fact("PaymentReturned", now(), { paymentId: id, reason }));
    },
    promises: (id, amount, by, invoiceIds) => {
      add(
        fact("PaymentPromised", now(), {
          ...{ promiseId: id, amount: yuan(amount), currency: "CNY" },
          ...{ promiseDate: dayNumber(by), invoiceIds },
        }),
      );
    },
    complains: (id, text) => {
      add(
        fact("ComplaintOpened", now(), {
          ...{ complaintId: id, text, language: null, category: null },
          ...{ severity: null, orderId: null, invoiceId: null },
          ...{ disputedAmount: null, currency: null, facts: readText(text) },
        }),
      );
    },
    disputes: (id, invoiceId, amount) => {
      add(
        fact("ComplaintOpened", now(), {
          ...{ complaintId: id, text: null, language: null, orderId: null },
          ...{ category: "quality", severity: 500, invoiceId, facts: null },
          ...{ disputedAmount: yuan(amount), currency: "CNY" },
        }),
      );
    },
    disputeEnds: (id, outcome) => {
      const note = null;
      add(fact("ComplaintResolved", now(), { complaintId: id, outcome, note }));
    },
    isInsured: (id, amount, percent, to) => {
      add(
        fact("CoverSet", now(), {
          ...{ coverId: id, kind: "insurance", amount: yuan(amount) },
          ...{ currency: "CNY", coverage: percent * 10, countsIn: "exposure" },
          ...{ validFrom: null, validTo: morning(to), issuer: "insurer" },
          policy: id,
        }),
      );
    },
    belongsTo: (groupId, limitOfGroup, amount) => {
      add(
        fact("CustomerUpserted", now(), {
          ...{ name: null, segment: null, industry: null, country: null },
          ...{ currency: null, termsDays: null, since: null, owner: null },
          ...{ groupId, creditLimit: null },
        }),
      );
      othersOwe(groupId, limitOfGroup, amount);
    },
    othersOwe,
    isCredited: (invoiceId, amount) => {
      add(
        fact("InvoiceCredited", now(), {
          ...{ invoiceId, creditNoteId: `CN-${invoiceId}`, currency: "CNY" },
          ...{ amount: yuan(amount), reason: null },
        }),
      );
    },
    decides: (targetId, action) => {
      world.action({ target: "order", targetId, action }, now());
    },
  };
}

/** A story whose chapters are tests, in order; a chapter needs those before. */
export function journey(
  title: Said,
  chapters: (
    chapter: (what: Said, play: () => void) => void,
    story: Story,
  ) => void,
): void {
  describe(`${title.zh} · ${title.en}`, () => {
    const story = createStory();
    chapters((what, play) => {
      test(`${what.zh} · ${what.en}`, play);
    }, story);
  });
}
