/** Planted trouble with its truth: what must be found, and when it became so. */
import { amountText, dayOf, dayText, type SimEvent } from "./behaviour.ts";
import type { Profile } from "./population.ts";
import type { Random } from "./random.ts";

export const episodeKinds = [
  "large-order",
  "split-orders",
  "dormant-return",
  "order-burst",
  "broken-promise",
  "returned-payment",
  "complaint-burst",
  "liquidity-language",
] as const;
export type EpisodeKind = (typeof episodeKinds)[number];
/** Planted in the history instead: see `slideTruth`. */
const slowSlide = "slow-slide";

export interface Truth {
  readonly episodeId: string;
  readonly kind: EpisodeKind | typeof slowSlide;
  readonly customerId: string;
  readonly startedAt: string;
  /** Time of the event that makes it true. */
  readonly trueAt: string;
  readonly expectedRules: readonly string[];
  readonly eventIds: readonly string[];
  /** Found up to so long after it became true. */
  readonly withinMs: number;
}

/** A live episode is found within two minutes, or it is not found. */
const liveWithinMs = 120_000;
/** History is judged when loading ends, at the latest after ten minutes. */
const slideWithinMs = 15 * 60_000;

export interface Episode {
  readonly truth: Truth;
  /** Events with their delay after the start, ms. */
  readonly events: readonly {
    readonly afterMs: number;
    readonly event: SimEvent;
  }[];
}

const liquidity = [
  "最近资金紧张,周转困难,货款能否延期付款?",
  "客户说账上没钱,希望分期付款",
  "We are short of cash and need an extension",
  "Cash flow is tight, please let us pay later",
];
const angry = [
  "质量问题很严重,要求退货",
  "又发错货了,非常不满意",
  "Poor quality and late delivery",
  "Damaged again, return the goods",
];

/** An episode of a kind that begins at `start` (ms). */
export function createEpisode(
  kind: EpisodeKind,
  profile: Profile,
  random: Random,
  start: number,
  n: number,
): Episode {
  const episodeId = `E-${String(n)}-${kind}`;
  const { id: customerId, currency } = profile;
  const make = (
    suffix: string,
    source: string,
    type: string,
    afterMs: number,
    data: object,
  ): { afterMs: number; event: SimEvent } => ({
    afterMs,
    event: {
      id: `${episodeId}-${suffix}`,
      source,
      type,
      time: new Date(start + afterMs).toISOString(),
      data: { customerId, ...data },
    },
  });
  const order = (
    suffix: string,
    afterMs: number,
    value: number,
  ): { afterMs: number; event: SimEvent } =>
    make(suffix, "sim-erp", "order.placed", afterMs, {
      orderId: `SO-${episodeId}-${suffix}`,
      amount: amountText(value, currency),
      currency,
      termsDays: profile.terms,
    });
  const today = dayText(dayOf(start));
  const plan = ((): {
    events: { afterMs: number; event: SimEvent }[];
    rules: string[];
  } => {
    switch (kind) {
      case "large-order":
        return {
          events: [order("big", 0, profile.order * (9 + random.next() * 6))],
          rules: ["ORD-01"],
        };
      case "split-orders":
        // One large order in pieces, each below what would be looked at.
        return {
          events: Array.from({ length: 5 }, (_, i) =>
            order(
              `s${String(i)}`,
              i * 1500,
              profile.order * (1.8 + random.next() * 0.2),
            ),
          ),
          rules: ["ORD-03", "ORD-04"],
        };
      case "dormant-return":
        return {
          events: [order("back", 0, profile.order * (1 + random.next()))],
          rules: ["ORD-05"],
        };
      case "order-burst":
        return {
          events: Array.from({ length: 8 }, (_, i) =>
            order(
              `b${String(i)}`,
              i * 700,
              profile.order * (0.8 + random.next() * 0.4),
            ),
          ),
          rules: ["ORD-03"],
        };
      case "broken-promise": {
        const made = dayText(dayOf(start) - 7);
        const event = make("promise", "sim-crm", "payment.promised", 0, {
          promiseId: `PP-${episodeId}`,
          amount: amountText(profile.order, currency),
          currency,
          promiseDate: made,
        });
        return { events: [event], rules: ["PAY-05"] };
      }
      case "returned-payment": {
        const paymentId = `P-${episodeId}`;
        const amount = amountText(profile.order, currency);
        return {
          events: [
            make("pay", "sim-bank", "payment.received", 0, {
              paymentId,
              amount,
              currency,
              valueDate: today,
            }),
            make("return", "sim-bank", "payment.returned", 2500, {
              paymentId,
              reason: "insufficient funds",
            }),
          ],
          rules: ["PAY-06"],
        };
      }
      case "complaint-burst":
        return {
          events: Array.from({ length: 5 }, (_, i) =>
            make(`c${String(i)}`, "sim-crm", "complaint.opened", i * 900, {
              complaintId: `CMP-${episodeId}-${String(i)}`,
              text: random.pick(angry),
            }),
          ),
          rules: ["CMP-01"],
        };
      case "liquidity-language":
        return {
          events: Array.from({ length: 3 }, (_, i) =>
            make(`c${String(i)}`, "sim-crm", "complaint.opened", i * 1200, {
              complaintId: `CMP-${episodeId}-${String(i)}`,
              text: random.pick(liquidity),
            }),
          ),
          rules: ["CMP-01"],
        };
    }
  })();
  const last = plan.events.at(-1) ?? plan.events[0];
  return {
    events: plan.events,
    truth: {
      episodeId,
      kind,
      customerId,
      startedAt: new Date(start).toISOString(),
      trueAt: last?.event.time ?? new Date(start).toISOString(),
      expectedRules: plan.rules,
      eventIds: plan.events.map((item) => item.event.id),
      withinMs: liveWithinMs,
    },
  };
}

/** Truth of a customer whose history ends in a slow slide into default. */
export function slideTruth(profile: Profile, anchor: number): Truth {
  const at = new Date(anchor).toISOString();
  return {
    episodeId: `E-slide-${profile.id}`,
    kind: slowSlide,
    customerId: profile.id,
    startedAt: at,
    trueAt: at,
    expectedRules: ["PAY-01"],
    eventIds: [],
    withinMs: slideWithinMs,
  };
}
