/** A month of on call, counted from its alerts. */
import type { AlertView } from "@riskwall/schemas";
import type { OncallReport } from "@riskwall/schemas/notify-views";

/** The night: from then to then, hours of the reporting zone. */
const nightFrom = 22;
const nightTo = 7;
const hourMs = 3_600_000;
const hours = 24;

type Counted = Pick<
  AlertView,
  "ruleId" | "openedAt" | "state" | "actions" | "muted" | "quiet" | "parent"
>;

/** Whoever took an alert first, and after how long. */
function takenBy(alert: Counted): { user: string; afterMs: number } | null {
  const first = alert.actions.find(
    ({ action }) => action === "acknowledge" || action === "assign",
  );
  if (!first) return null;
  const afterMs = Date.parse(first.at) - Date.parse(alert.openedAt);
  return { user: first.actor, afterMs: Math.max(0, afterMs) };
}

/** What people last said of it; the end it was given counts where nobody did. */
function isUseful(alert: Counted): boolean | null {
  const words: Readonly<Record<string, boolean>> = {
    ...{ useful: true, confirm: true, useless: false, dismiss: false },
  };
  const said = alert.actions.findLast(({ action }) =>
    Object.hasOwn(words, action),
  );
  if (said) return words[said.action] ?? null;
  if (alert.state === "confirmed") return true;
  return alert.state === "dismissed" ? false : null;
}

const isNight = (hour: number): boolean => hour >= nightFrom || hour < nightTo;

function meanS(times: readonly number[]): number | null {
  if (times.length === 0) return null;
  const sum = times.reduce((all, one) => all + one, 0);
  return Math.round(sum / times.length / 1000);
}

interface Tally {
  readonly times: number[];
  readonly byHour: number[];
}
const newTally = (): Tally => ({
  times: [],
  byHour: Array.from({ length: hours }, () => 0),
});
const nightOf = ({ byHour }: Tally): number =>
  byHour.reduce((sum, count, hour) => sum + (isNight(hour) ? count : 0), 0);
const allOf = ({ byHour }: Tally): number =>
  byHour.reduce((sum, count) => sum + count, 0);

/** `offsetMs`: the reporting zone's, which has no summer time. */
export function oncallReport(
  month: string,
  alerts: readonly Counted[],
  { offsetMs, cut }: { readonly offsetMs: number; readonly cut: boolean },
): OncallReport {
  const all = newTally();
  const people = new Map<string, Tally>();
  const rules = new Map<string, Tally & { useful: number; useless: number }>();
  for (const alert of alerts) {
    // Nobody was told of these.
    if (alert.muted || alert.quiet !== null || alert.parent !== null) continue;
    const local = Date.parse(alert.openedAt) + offsetMs;
    const hour = Math.floor(local / hourMs) % hours;
    const taken = takenBy(alert);
    const known = rules.get(alert.ruleId);
    const rule = known ?? { ...newTally(), useful: 0, useless: 0 };
    rules.set(alert.ruleId, rule);
    const useful = isUseful(alert);
    if (useful === true) rule.useful += 1;
    if (useful === false) rule.useless += 1;
    const tallies: Tally[] = [all, rule];
    if (taken) {
      const person = people.get(taken.user) ?? newTally();
      people.set(taken.user, person);
      tallies.push(person);
    }
    for (const tally of tallies) {
      tally.byHour[hour] = (tally.byHour[hour] ?? 0) + 1;
      if (taken) tally.times.push(taken.afterMs);
    }
  }
  const count = allOf(all);
  return {
    ...{ month, cut, alerts: count, byHour: all.byHour },
    nightShare: count === 0 ? null : nightOf(all) / count,
    ...{ taken: all.times.length, ackMeanS: meanS(all.times) },
    people: [...people]
      .map(([user, tally]) => ({
        ...{ user, taken: tally.times.length, atNight: nightOf(tally) },
        ...{ ackMeanS: meanS(tally.times) ?? 0, byHour: tally.byHour },
      }))
      .sort((a, b) => b.taken - a.taken || (a.user < b.user ? -1 : 1)),
    rules: [...rules]
      .map(([ruleId, { useful, useless, ...tally }]) => ({
        ...{ ruleId, raised: allOf(tally), useful, useless },
        precision: useful + useless === 0 ? null : useful / (useful + useless),
        ackMeanS: meanS(tally.times),
      }))
      .sort((a, b) => b.raised - a.raised || (a.ruleId < b.ruleId ? -1 : 1)),
  };
}
