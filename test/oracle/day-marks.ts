/**
 * Exposure by day (domain D3): growth, peak of use, days over the limit and the
 * high-water mark. A day's value is the last one that was seen on it; a day on
 * which nobody looked is as the day before.
 */
import type { DayMark, Diary } from "./diary.ts";
import type { Exposure } from "./exposure.ts";
import { utilisationOf } from "./exposure.ts";
import { windowStart, type Features } from "./features.ts";

const utilisationMost = 9999;
/** Days known before growth says anything. */
const growthMin = 30;

const notNegative = (amount: bigint): bigint => (amount < 0n ? 0n : amount);

export function markOf(exposure: Exposure, day: number): DayMark {
  const { total, receivables, overdue } = exposure;
  const use = utilisationOf(exposure);
  return {
    day,
    exposure: notNegative(total),
    utilisation:
      use === null ? null : Math.min(utilisationMost, Math.round(use * 1000)),
    overdueShare:
      receivables === 0n
        ? 0
        : Math.round((Number(overdue) * 1000) / Number(receivables)),
  };
}

/** Notes how things stand; days never go back. */
export function noteDay(diary: Diary, exposure: Exposure, today: number): void {
  const last = diary.days.at(-1);
  const mark = markOf(exposure, Math.max(today, last?.day ?? today));
  if (last?.day === mark.day) diary.days.pop();
  diary.days.push(mark);
  if (exposure.dpdMax > 0) {
    const known = diary.worst.get(today) ?? 0;
    diary.worst.set(today, Math.max(known, exposure.dpdMax));
  }
}

/** The mark that holds on a day; undefined before the first one. */
export function markOn(
  days: readonly DayMark[],
  day: number,
): DayMark | undefined {
  return days.findLast((mark) => mark.day <= day);
}

/** Features of a customer that stands at `exposure` now. */
export function dayFeatures(
  diary: Pick<Diary, "days" | "worst">,
  exposure: Exposure,
  today: number,
): Features {
  const { days, worst } = diary;
  const use = utilisationOf(exposure);
  /** Every day of a window before today with the mark that held on it. */
  const before = (window: number): DayMark[] => {
    const marks: DayMark[] = [];
    for (let day = today - window + 1; day < today; day += 1) {
      const mark = markOn(days, day);
      if (mark) marks.push(mark);
    }
    return marks;
  };
  const uses = before(30)
    .map(({ utilisation }) => utilisation)
    .filter((value) => value !== null)
    .map((value) => value / 1000);
  const over = before(90).filter(
    ({ utilisation }) => utilisation !== null && utilisation > 1000,
  ).length;
  const top = [...uses, ...(use === null ? [] : [use])];
  const high = before(365)
    .map((mark) => mark.exposure)
    .reduce((a, b) => (b > a ? b : a), notNegative(exposure.total));
  const first = windowStart(365, today);
  return {
    expGrowth: growthOf(days, exposure, today),
    expUtilMax30d: top.length === 0 ? null : Math.max(...top),
    daysOverLimit90d: over + (use !== null && use > 1 ? 1 : 0),
    expHwm: high,
    dpdMax12m: Math.max(
      exposure.dpdMax,
      ...[...worst]
        .filter(([day]) => day >= first && day <= today)
        .map(([, dpd]) => dpd),
    ),
  };
}

/** E against its mean of the days before (EX2); today is what is compared. */
export function growthOf(
  days: readonly DayMark[],
  exposure: Exposure,
  today: number,
): number | null {
  const since = Math.max(days[0]?.day ?? today, today - 89);
  if (today - since < growthMin) return null;
  let sum = 0;
  for (const [i, mark] of days.entries()) {
    const until = Math.min(days[i + 1]?.day ?? today, today);
    const held = until - Math.max(mark.day, since);
    if (held > 0) sum += held * Number(mark.exposure);
  }
  const mean = sum / (today - since);
  if (mean <= Number(exposure.materiality)) return null;
  return Number(notNegative(exposure.total)) / mean;
}
