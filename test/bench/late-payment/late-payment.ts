/**
 * How well the product foretells late payment and cash, on real invoices,
 * against naive baselines (domain C7, C8). Each invoice is forecast by the
 * product's own fold as it stands right after its issue; the weights were
 * fitted on what matured before 2019, judged is what was issued since.
 */
import { shippedRules } from "../../../processor/src/rule-file.ts";
import { dataFile, plainRows } from "../../support/real-data.ts";
import type { Benchmark } from "../benchmark.ts";
import type { Figure } from "../figure.ts";
import { cashFigures } from "./cash-figures.ts";
import {
  datariskHistory,
  type History,
  type Outcome,
} from "./datarisk-records.ts";
import { shuffleFuture } from "./future-shuffled.ts";
import { aucOf, brierOf, meanOf, type Judged } from "./judge.ts";
import { lateRows, shrunkenMean, wasLate, type LateRow } from "./late-rows.ts";
import { scoreFigures } from "./score-figures.ts";
import { splitDay } from "./split-day.ts";

interface Pair {
  readonly row: LateRow;
  readonly outcome: Outcome;
}

/** Wanted of the model (the issue's aims), and the words of each outcome. */
const outcomes = [
  { what: "late1", words: "at least 1 day late", auc: 0.89 },
  { what: "late5", words: "at least 5 days late", auc: 0.88 },
  { what: "late15", words: "more than 15 days late", auc: null },
] as const;

function lateFigures(pairs: readonly Pair[]): Figure[] {
  return outcomes.flatMap(({ what, words, auc }): Figure[] => {
    const known = pairs.flatMap(({ row, outcome }) => {
      const late = wasLate(outcome, what);
      return late === null ? [] : [{ row, late }];
    });
    const judged = (scoreOf: (row: LateRow) => number): Judged[] =>
      known.map(({ row, late }) => ({ score: scoreOf(row), late }));
    const ours = judged((row) => row.chances[what]);
    const naive = judged((row) => row.lateRatio);
    const rate = meanOf(known.map(({ late }) => (late ? 1 : 0)));
    const samples = known.length;
    return [
      {
        name: `${words}: AUC`,
        ...{ value: aucOf(ours), unit: "", samples },
        ...(auc === null ? {} : { target: { atLeast: auc } }),
        limit: { what: "past late ratio", value: aucOf(naive) },
      },
      {
        name: `${words}: Brier`,
        ...{ value: brierOf(ours), unit: "", samples },
        limit: { what: "prior rate alone", value: rate * (1 - rate) },
      },
      {
        name: `${words}: foretold ÷ happened`,
        value: meanOf(ours.map((row) => row.score)) / rate,
        ...{ unit: "", samples },
      },
    ];
  });
}

/** Mean error of the payment day of what was paid, days. */
function dateFigures(
  pairs: readonly Pair[],
  before: readonly Pair[],
): Figure[] {
  const delays = before
    .flatMap(({ outcome: { due, paid } }) =>
      paid === null || paid >= splitDay ? [] : [paid - due],
    )
    .sort((a, b) => a - b);
  const middle = delays[Math.floor(delays.length / 2)] ?? 0;
  const mean = meanOf(delays);
  const paid = pairs.filter(({ outcome }) => outcome.paid !== null);
  const error = (foretell: (pair: Pair) => number): number =>
    meanOf(
      paid.map((pair) => Math.abs((pair.outcome.paid ?? 0) - foretell(pair))),
    );
  const limits = [
    ["due day", error(({ outcome }) => outcome.due)],
    ["portfolio median", error(({ outcome }) => outcome.due + middle)],
    [
      "customer mean, shrunken",
      error(({ row, outcome }) => outcome.due + shrunkenMean(row, mean)),
    ],
    [
      "customer EWMA",
      error(({ row, outcome }) => outcome.due + (row.ewma ?? middle)),
    ],
  ] as const;
  const value = error(({ row, outcome }) => row.expected ?? outcome.due);
  const ewma = limits[3][1];
  return limits.map(([what, limit]) => ({
    name: `payment day: mean error against ${what}`,
    ...{ value, unit: "days", samples: paid.length },
    ...(limit === ewma ? { target: { atMost: ewma } } : {}),
    limit: { what, value: limit },
  }));
}

/** Rows of one customer in five that change when the future does. */
function leakageFigure(history: History, rows: readonly LateRow[]): Figure {
  const rules = shippedRules().rules;
  const customers = [
    ...new Set([...history.outcomes.values()].map((o) => o.customerId)),
  ];
  const chosen = new Set(customers.filter((_, i) => i % 5 === 0));
  const records = history.records.filter(({ record }) =>
    chosen.has(record.value.customerId),
  );
  const lastKept = splitDay + 180;
  const issuedBy = (row: LateRow): boolean =>
    (history.outcomes.get(row.invoiceId)?.issue ?? Infinity) <= lastKept;
  const again = new Map(
    lateRows({ records: shuffleFuture(records, lastKept, 7) }, rules).map(
      (row) => [row.invoiceId, JSON.stringify(row)],
    ),
  );
  const checked = rows.filter(
    (row) =>
      chosen.has(history.outcomes.get(row.invoiceId)?.customerId ?? "") &&
      issuedBy(row),
  );
  const changed = checked.filter(
    (row) => again.get(row.invoiceId) !== JSON.stringify(row),
  );
  return {
    name: "rows that change when the future is shuffled",
    ...{ value: changed.length, unit: "rows", samples: checked.length },
    target: { atMost: 0 },
    note: "everything after 2019-06-30 of one customer in five got another day",
  };
}

/** The second set has no payment day: said, and counted, not left out. */
function smeFigure(): Figure[] {
  const file = dataFile("sme_invoices", "sales_invoices.csv.gz");
  if (file === null) return [];
  return [
    {
      name: "sme_invoices: invoices with a payment day",
      ...{ value: 0, unit: "", samples: plainRows(file, ",").length },
      note: "the set holds issue dates only: neither lateness nor a payment day can be judged on it",
    },
  ];
}

export const latePayment: Benchmark = {
  name: "late-payment",
  run: async () => {
    const history = datariskHistory();
    if (history === null) {
      const name = "datarisk_payments is not on this machine: invoices";
      return Promise.resolve([{ name, value: 0, unit: "" }]);
    }
    const { rules } = shippedRules();
    const rows = lateRows(history, rules);
    const pairs = rows.flatMap((row): Pair[] => {
      const outcome = history.outcomes.get(row.invoiceId);
      return outcome ? [{ row, outcome }] : [];
    });
    const judged = pairs.filter(({ outcome }) => outcome.issue >= splitDay);
    const before = pairs.filter(({ outcome }) => outcome.issue < splitDay);
    return Promise.resolve([
      ...lateFigures(judged),
      ...dateFigures(judged, before),
      ...scoreFigures(history, rules),
      ...cashFigures(history, rules),
      leakageFigure(history, rows),
      ...smeFigure(),
    ]);
  },
};
