/** Planted trouble that others report (domain D2, EXT, CTR, SCR, DQ). */
import { afterScore, type Planner } from "./episode-plan.ts";

/** Bad news makes a limit smaller and an overdue order a held one. */
const afterNews = [...afterScore, "EXP-01", "EXP-02"] as const;

export const outsideEpisodes = {
  "rating-falls": ({ make, today }) => {
    const rated = (
      suffix: string,
      afterMs: number,
      rating: string,
      normalised: number,
    ): ReturnType<typeof make> =>
      make(suffix, "sim-agency", "customer.rated", afterMs, {
        ...{ agency: "sim-rating", rating, normalised, ratedAt: today },
      });
    return {
      events: [rated("was", 0, "BBB", 66), rated("is", 2500, "B-", 31)],
      // From +5 to -60 points (E2, XT1).
      rules: ["EXT-01", "SCR-01"],
      consequences: afterNews,
    };
  },
  "court-entry": ({ make, today, episodeId }) => ({
    events: [
      make("court", "sim-agency", "register.reported", 0, {
        ...{ registerId: `RG-${episodeId}`, kind: "court", date: today },
        authority: "district court",
      }),
    ],
    rules: ["EXT-01"],
    consequences: afterNews,
  }),
  insolvency: ({ make, today, episodeId }) => ({
    events: [
      make("court", "sim-agency", "register.reported", 0, {
        ...{ registerId: `RG-${episodeId}`, kind: "insolvency", date: today },
        authority: "district court",
      }),
    ],
    // The score is capped at 300, which is class E.
    rules: ["EXT-01", "SCR-01", "SCR-02"],
    consequences: afterNews,
  }),
  "industry-worse": ({ make, today }) => {
    const rated = (
      suffix: string,
      afterMs: number,
      level: string,
    ): ReturnType<typeof make> =>
      make(suffix, "sim-agency", "industry.rated", afterMs, {
        ...{ level, ratedAt: today },
      });
    return {
      events: [rated("was", 0, "neutral"), rated("is", 2000, "high")],
      rules: ["EXT-02"],
      consequences: afterNews,
    };
  },
  // Two agencies of different mind, each speaking three times.
  "agencies-disagree": ({ make, today }) => ({
    events: Array.from({ length: 6 }, (_, i) =>
      make(`r${String(i)}`, "sim-agency", "customer.rated", i * 1500, {
        agency: i % 2 === 0 ? "sim-rating" : "sim-bureau",
        ...(i % 2 === 0
          ? { rating: "A", normalised: 84 }
          : { rating: "CCC", normalised: 22 }),
        ratedAt: today,
      }),
    ),
    rules: ["SCR-03"],
    consequences: [...afterNews, "EXT-01"],
  }),
  "milestone-late": ({ make, dayFrom, episodeId }) => ({
    events: [
      make("done", "sim-erp", "milestone.reported", 0, {
        ...{ milestoneId: `MS-${episodeId}`, contractId: `CT-${episodeId}` },
        ...{ dueDate: dayFrom(-18), doneDate: dayFrom(0) },
      }),
    ],
    rules: ["CTR-01"],
    consequences: afterNews,
  }),
  // The ERP's books say that far more is owed.
  "books-differ": ({ make, dayFrom, amount, profile }) => ({
    events: [
      make("balance", "sim-erp", "balance.reported", 0, {
        asOf: dayFrom(-1),
        amount: amount((2 * profile.limit) / profile.order),
        currency: profile.currency,
      }),
    ],
    rules: ["DQ-04"],
    consequences: [],
  }),
} as const satisfies Record<string, Planner>;
