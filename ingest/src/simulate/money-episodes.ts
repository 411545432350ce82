/** Planted trouble of payments, limits and cover (domain D2, PAY and EXP). */
import { afterLate, afterScore, type Planner } from "./episode-plan.ts";

export const moneyEpisodes = {
  "broken-promise": ({ make, dayFrom, amount, profile, episodeId }) => ({
    events: [
      make("promise", "sim-crm", "payment.promised", 0, {
        promiseId: `PP-${episodeId}`,
        amount: amount(1),
        currency: profile.currency,
        promiseDate: dayFrom(-7),
      }),
    ],
    rules: ["PAY-05"],
    consequences: afterScore,
  }),
  "returned-payment": ({ make, today, amount, profile, episodeId }) => {
    const paymentId = `P-${episodeId}`;
    return {
      events: [
        make("pay", "sim-bank", "payment.received", 0, {
          ...{ paymentId, amount: amount(1), currency: profile.currency },
          ...{ valueDate: today, payerAccount: profile.account },
        }),
        make("return", "sim-bank", "payment.returned", 2500, {
          paymentId,
          reason: "insufficient funds",
        }),
      ],
      rules: ["PAY-06"],
      consequences: afterLate,
    };
  },
  // Money from somebody who never paid for this customer before.
  "strange-payer": ({ make, today, amount, profile, episodeId }) => ({
    events: [
      make("pay", "sim-bank", "payment.received", 0, {
        paymentId: `P-${episodeId}`,
        ...{ amount: amount(1.1), currency: profile.currency },
        ...{ valueDate: today, payerAccount: `KY-${episodeId}` },
      }),
    ],
    rules: ["PAY-11"],
    consequences: ["PAY-12", "ORD-08"],
  }),
  // The same transfer once more, an hour later by the bank's clock.
  "paid-twice": ({ make, today, amount, profile, episodeId }) => {
    const pay = (suffix: string, afterMs: number): ReturnType<typeof make> =>
      make(suffix, "sim-bank", "payment.received", afterMs, {
        paymentId: `P-${episodeId}-${suffix}`,
        ...{ amount: amount(1), currency: profile.currency },
        orderId: `SO-${episodeId}`,
        ...{ valueDate: today, payerAccount: profile.account },
      });
    return {
      events: [pay("once", 0), pay("again", 3000)],
      rules: ["PAY-13"],
      consequences: ["PAY-12"],
    };
  },
  // Agreed for five more days only.
  "temporary-ends": ({ make, dayFrom, amount, profile }) => ({
    events: [
      make("limit", "sim-crm", "customer.limit-set", 0, {
        amount: amount((1.3 * profile.limit) / profile.order),
        ...{ currency: profile.currency, kind: "temporary" },
        ...{ reason: "season", validTo: dayFrom(5) },
      }),
    ],
    rules: ["EXP-03"],
    consequences: ["EXP-01", "EXP-02", ...afterScore],
  }),
  "cover-ends": ({ make, dayFrom, amount, profile, episodeId }) => ({
    events: [
      make("cover", "sim-crm", "cover.set", 0, {
        coverId: `CV-${episodeId}`,
        ...{ kind: "insurance", coverage: 90, countsIn: "limit" },
        ...{ amount: amount(4), currency: profile.currency },
        ...{ validTo: dayFrom(20), issuer: "insurer", policy: episodeId },
      }),
    ],
    rules: ["EXP-07"],
    consequences: ["EXP-01", "EXP-02", ...afterScore],
  }),
} as const satisfies Record<string, Planner>;
