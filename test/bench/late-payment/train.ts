/**
 * Fits the late-payment model and the delays on the invoices of
 * `datarisk_payments` issued and matured before 2019 and prints them as the
 * YAML of `forecast.delays` and `forecast.late` in processor/rules/default.yaml:
 *
 *   node test/bench/late-payment/train.ts
 *
 * What the benchmark judges lies after that day.
 */
import { stringify } from "yaml";
import {
  lateOutcomes,
  type LateModel,
} from "../../../processor/src/core/forecast/late-model.ts";
import { shippedRules } from "../../../processor/src/rule-file.ts";
import { datariskHistory, type Outcome } from "./datarisk-records.ts";
import { fitLogit } from "./fit-logit.ts";
import { lateRows, wasLate } from "./late-rows.ts";
import { splitDay } from "./split-day.ts";

/** Days at which the distribution of delays is kept. */
const knotDays = [
  -30, -10, -3, -1, 0, 1, 2, 3, 5, 7, 10, 15, 22, 30, 45, 60, 90,
];
const round = (value: number): number => Number(value.toFixed(4));

/**
 * Kaplan-Meier: open invoices count as long as they were watched. The tail
 * beyond the last knot is halved until day 180; the rest is never paid.
 */
function delayKnots(outcomes: readonly Outcome[]): [number, number][] {
  const watched = outcomes.map(({ due, paid }) =>
    paid === null || paid >= splitDay
      ? { day: splitDay - due, paid: false }
      : { day: paid - due, paid: true },
  );
  watched.sort((a, b) => a.day - b.day || Number(b.paid) - Number(a.paid));
  let open = 1;
  const openAfter = new Map<number, number>();
  watched.forEach(({ day, paid }, i) => {
    if (paid) open *= 1 - 1 / (watched.length - i);
    openAfter.set(day, open);
  });
  const days = [...openAfter.keys()];
  const knots = knotDays.map((knot): [number, number] => {
    const last = days.findLast((day) => day <= knot);
    return [
      knot,
      round(1 - (last === undefined ? 1 : (openAfter.get(last) ?? 1))),
    ];
  });
  const [, share = 0] = knots.at(-1) ?? [];
  return [...knots, [180, round(share + (1 - share) / 2)]];
}

const history = datariskHistory();
if (history === null) throw new Error("datarisk_payments is not there");
const rows = lateRows(history, shippedRules().rules);
const before = rows.flatMap((row) => {
  const outcome = history.outcomes.get(row.invoiceId);
  return outcome && outcome.issue < splitDay ? [{ row, outcome }] : [];
});
const fitted = lateOutcomes.map((what) => {
  const examples = before.flatMap(({ row, outcome }) => {
    const late = wasLate(outcome, what, splitDay - 1);
    return late === null ? [] : [{ values: row.values, late }];
  });
  const { logit, information } = fitLogit(examples);
  const count = `${String(examples.filter((row) => row.late).length)} of ${String(examples.length)}`;
  process.stderr.write(
    `${what}: ${count} late, ${JSON.stringify(information)}\n`,
  );
  return [what, logit] as const;
});
const late: LateModel = {
  trained: "datarisk_payments, invoices issued and matured before 2019-01-01",
  fiveLatePrior: 0.06,
  outcomes: Object.fromEntries(fitted) as LateModel["outcomes"],
};
const delays = delayKnots(before.map(({ outcome }) => outcome));
process.stdout.write(
  stringify({ delays, late }, { collectionStyle: "flow", lineWidth: 0 }),
);
