/**
 * Data quality by source (domain D2: DQ-01 silent, DQ-02 out of order, DQ-03
 * rejected). Every partition counts what it folds of each source; the portfolio
 * record carries the sums, with the number of dead letters there are; the
 * partition of `#portfolio` judges them at each record. All of it comes from
 * the log, so a replay judges the same.
 */
import type { SourceSum } from "@riskwall/schemas";
import {
  dayMs,
  dayStart,
  dayText,
  hourMs,
  isBusinessDay,
  localDay,
  minuteMs,
} from "./calendar.ts";
import type { Finding } from "./alerts.ts";
import type { RuleSet } from "./rule-set.ts";
import { percentText } from "./texts.ts";

/** Sources counted by name; what comes beyond is counted together. */
export const sourcesMax = 64;
const otherSources = "#other";
/** Weight of what was known before a gap: about the last thirty count. */
const gapDecay = 0.97;
/** Weight of the days before: about the last ten count for a source's day. */
const dayDecay = 0.9;
/** Business days, decayed, after which a source's own span is believed. */
const ownSpanDays = 2.5;
/** Parts that the window of a source is measured in, and marks kept of it. */
const marksPerWindow = 12;
const marksMax = 14;
/** Marks of dead letters kept: one a record. */
const lettersMax = 64;

export type SourceCounts = Record<string, SourceSum>;

/** Counts one live record of a source. `behindMs`: behind the customer's newest. */
export function countSource(
  counts: SourceCounts,
  source: string,
  appendedAt: number,
  behindMs: number,
  { dq02 }: RuleSet["rules"],
): void {
  const isKnown = source in counts || Object.keys(counts).length < sourcesMax;
  const name = isKnown ? source : otherSources;
  const sum = counts[name] ?? {
    source: name,
    events: 0,
    late: 0,
    veryLate: 0,
    last: 0,
  };
  counts[name] = sum;
  sum.events += 1;
  if (behindMs > dq02.behindMinutes * minuteMs) sum.late += 1;
  if (behindMs > dq02.veryLateHours * hourMs) sum.veryLate += 1;
  sum.last = Math.max(sum.last, appendedAt);
}

/** Sums of all partitions, by name. */
export function sumSources(all: readonly SourceCounts[]): SourceSum[] {
  const sums = new Map<string, SourceSum>();
  for (const counts of all) {
    for (const part of Object.values(counts)) {
      const sum = sums.get(part.source);
      if (sum === undefined) sums.set(part.source, { ...part });
      else {
        sum.events += part.events;
        sum.late += part.late;
        sum.veryLate += part.veryLate;
        sum.last = Math.max(sum.last, part.last);
      }
    }
  }
  return [...sums.values()].sort((a, b) => (a.source < b.source ? -1 : 1));
}

/** `YYYY-MM-DDTHH:MMZ` of an instant. */
function instantText(ms: number): string {
  const day = localDay(ms, 0);
  const two = (n: number): string => String(n).padStart(2, "0");
  const minute = Math.floor((ms - day * dayMs) / minuteMs);
  return `${dayText(day)}T${two(Math.floor(minute / 60))}:${two(minute % 60)}Z`;
}

interface Mark {
  readonly at: number;
  readonly events: number;
  readonly late: number;
  readonly veryLate: number;
}

interface SourceHabit {
  events: number;
  last: number;
  /** Gaps seen, business ms: how many, their decayed sum and sum of squares. */
  gaps: number;
  gapSum: number;
  gapSquares: number;
  marks: Mark[];
  /** Business days followed, and the ms of day they began and ended; decayed. */
  days: number;
  firstSum: number;
  lastSum: number;
  /** Business day followed now, and its first and last event, ms of day. */
  day: number;
  first: number;
  lastHeard: number;
}

const freshHabit = {
  ...{ gaps: 0, gapSum: 0, gapSquares: 0 },
  ...{ days: 0, firstSum: 0, lastSum: 0, day: 0, first: 0, lastHeard: 0 },
} as const;

/** What partition 0 remembers between two portfolio records. */
export interface SourceWatch {
  sources: Record<string, SourceHabit>;
  letters: {
    readonly at: number;
    readonly events: number;
    readonly dead: number;
  }[];
}

export function emptyWatch(): SourceWatch {
  return { sources: {}, letters: [] };
}

/** A part of each day, ms since its midnight. */
interface DaySpan {
  readonly from: number;
  readonly to: number;
}

function businessSpan({ rules }: RuleSet): DaySpan {
  const { fromHour, toHour } = rules.dq01;
  return { from: fromHour * hourMs, to: toHour * hourMs };
}

/** Time between two instants, ms, in a span of business days. */
export function businessMs(
  from: number,
  to: number,
  { zoneOffsetMinutes: zone, calendar }: RuleSet,
  span: DaySpan,
): number {
  let sum = 0;
  for (let day = localDay(from, zone); day <= localDay(to, zone); day += 1) {
    if (!isBusinessDay(day, calendar)) continue;
    const open = dayStart(day, zone) + span.from;
    const close = dayStart(day, zone) + span.to;
    sum += Math.max(0, Math.min(to, close) - Math.max(from, open));
  }
  return sum;
}

/**
 * When a source speaks: a bank that closes at 16 is not silent at 17. Business
 * hours, once some days are known no more of them than from the time of day
 * at which the source usually begins until it usually ends.
 */
function ownSpan(habit: SourceHabit, rules: RuleSet): DaySpan {
  const span = businessSpan(rules);
  const { days, firstSum, lastSum } = habit;
  if (days < ownSpanDays) return span;
  return {
    from: Math.max(span.from, firstSum / days),
    to: Math.min(span.to, lastSum / days),
  };
}

/** Notes when a source speaks; a business day that is over becomes habit. */
function hear(habit: SourceHabit, at: number, rules: RuleSet): void {
  const { zoneOffsetMinutes: zone, calendar } = rules;
  const day = localDay(at, zone);
  if (!isBusinessDay(day, calendar)) return;
  const time = at - dayStart(day, zone);
  if (day > habit.day) {
    if (habit.day > 0) {
      habit.days = habit.days * dayDecay + 1;
      habit.firstSum = habit.firstSum * dayDecay + habit.first;
      habit.lastSum = habit.lastSum * dayDecay + habit.lastHeard;
    }
    habit.day = day;
    habit.first = time;
    habit.lastHeard = time;
  }
  if (day === habit.day) habit.lastHeard = Math.max(habit.lastHeard, time);
}

/** What a portfolio record says of sources and dead letters. */
export interface SourceReport {
  readonly sources: readonly SourceSum[];
  readonly deadLetters: number;
}

export interface WatchResult {
  readonly findings: readonly Finding[];
  /** `rule|ref` of alerts that may stay open. */
  readonly holding: ReadonlySet<string>;
}

/** Gaps that came to an end, and the counts a window is measured from. */
function follow(
  watch: SourceWatch,
  seen: SourceSum,
  now: number,
  rules: RuleSet,
): SourceHabit {
  const { events, last, late, veryLate } = seen;
  const known = watch.sources[seen.source];
  // A habit that was stored before a field came lacks it.
  const habit: SourceHabit = {
    ...freshHabit,
    marks: [],
    ...{ events, last },
    ...known,
  };
  watch.sources[seen.source] = habit;
  if (events > habit.events) {
    const end = Math.max(habit.last, last);
    const gap = businessMs(habit.last, end, rules, ownSpan(habit, rules));
    hear(habit, end, rules);
    if (gap >= minuteMs) {
      habit.gaps += 1;
      habit.gapSum = habit.gapSum * gapDecay + gap;
      habit.gapSquares = habit.gapSquares * gapDecay + gap * gap;
    }
    habit.events = events;
    habit.last = Math.max(habit.last, last);
  }
  const newest = habit.marks.at(-1);
  const every = (rules.rules.dq02.minutes * minuteMs) / marksPerWindow;
  if (newest === undefined || now - newest.at >= every) {
    const mark = { at: now, events, late, veryLate };
    habit.marks = [...habit.marks, mark].slice(-marksMax);
  }
  return habit;
}

/**
 * The gap usual at a random moment: long gaps weigh by their length, so that a
 * nightly batch of a thousand records is not taken for one a second.
 */
function usualGap({ gapSum, gapSquares }: SourceHabit): number {
  return gapSum === 0 ? 0 : gapSquares / gapSum;
}

const minutes = (ms: number): number => Math.round(ms / minuteMs);

/** DQ-01 数据源静默. */
function silent(
  source: string,
  habit: SourceHabit,
  now: number,
  rules: RuleSet,
): Finding | null {
  const { dq01 } = rules.rules;
  if (habit.gaps < dq01.minGaps) return null;
  const gap = businessMs(habit.last, now, rules, ownSpan(habit, rules));
  const usual = usualGap(habit);
  const allowed = Math.max(dq01.times * usual, dq01.minutes * minuteMs);
  if (gap <= allowed || now - habit.last > dq01.forgetDays * dayMs) return null;
  const [is, was] = [String(minutes(gap)), String(minutes(usual))];
  const titleZh = `数据源 ${source} 已静默 ${is} 分钟(工作时间),平时间隔 ${was} 分钟`;
  const titleEn = `Source ${source} has been silent for ${is} business minutes, usually ${was}`;
  return {
    ...{ ruleId: "DQ-01", ref: source, severity: "high" },
    value: minutes(gap),
    ...{ titleZh, titleEn, moneyAtRisk: 0 },
    reasons: [
      {
        code: "DQ-01",
        textZh: titleZh,
        textEn: titleEn,
        number: is,
        points: 0,
      },
    ],
    explain: {
      source,
      lastEvent: instantText(habit.last),
      gapMinutes: minutes(gap),
      usualMinutes: minutes(usual),
      thresholdMinutes: minutes(allowed),
    },
  };
}

/** DQ-02 迟到/乱序, over the last hour. */
function disordered(
  seen: SourceSum,
  { marks }: SourceHabit,
  now: number,
  rules: RuleSet,
): Finding | null {
  const { dq02 } = rules.rules;
  const { source } = seen;
  const begin = now - dq02.minutes * minuteMs;
  const from = marks.findLast((mark) => mark.at <= begin) ?? marks[0];
  if (from === undefined) return null;
  const events = seen.events - from.events;
  const late = seen.late - from.late;
  const veryLate = seen.veryLate - from.veryLate;
  const share = events === 0 ? 0 : late / events;
  const isMuch = events >= dq02.minEvents && share > dq02.share;
  if (!isMuch && veryLate === 0) return null;
  const [part, far] = [percentText(share), String(veryLate)];
  const span = String(dq02.minutes);
  const titleZh = `数据源 ${source} 近 ${span} 分钟乱序 ${part},迟到超过 ${String(dq02.veryLateHours)} 小时 ${far} 条`;
  const titleEn = `Source ${source}: ${part} out of order in ${span} minutes, ${far} by more than ${String(dq02.veryLateHours)} h`;
  return {
    ...{ ruleId: "DQ-02", ref: source, severity: "medium" },
    value: Math.max(late, veryLate),
    ...{ titleZh, titleEn, moneyAtRisk: 0 },
    reasons: [
      {
        code: "DQ-02",
        textZh: titleZh,
        textEn: titleEn,
        number: part,
        points: 0,
      },
    ],
    explain: {
      source,
      events,
      late,
      veryLate,
      share: Number(share.toFixed(4)),
    },
  };
}

/** DQ-03 无效事件, of all sources together. */
function rejected(watch: SourceWatch, rules: RuleSet): Finding | null {
  const { dq03 } = rules.rules;
  const now = watch.letters.at(-1);
  if (now === undefined) return null;
  const from =
    watch.letters.findLast(
      (mark) => mark.at <= now.at - dq03.minutes * minuteMs,
    ) ??
    watch.letters[0] ??
    now;
  const dead = now.dead - from.dead;
  const events = now.events - from.events + dead;
  const share = events === 0 ? 0 : dead / events;
  const isMuch =
    dead >= dq03.count || (dead >= dq03.minRejected && share > dq03.share);
  if (!isMuch) return null;
  const [n, part, span] = [
    String(dead),
    percentText(share),
    String(dq03.minutes),
  ];
  const titleZh = `近 ${span} 分钟拒收 ${n} 条事件,占 ${part}`;
  const titleEn = `${n} events rejected in ${span} minutes, ${part} of them`;
  return {
    ...{ ruleId: "DQ-03", ref: "rejected", severity: "medium" },
    value: dead,
    ...{ titleZh, titleEn, moneyAtRisk: 0 },
    reasons: [
      { code: "DQ-03", textZh: titleZh, textEn: titleEn, number: n, points: 0 },
    ],
    explain: { rejected: dead, events, share: Number(share.toFixed(4)) },
  };
}

/** Judges a portfolio record; `watch` remembers for the next one. */
export function watchSources(
  watch: SourceWatch,
  report: SourceReport,
  now: number,
  rules: RuleSet,
): WatchResult {
  const events = report.sources.reduce((sum, item) => sum + item.events, 0);
  const mark = { at: now, events, dead: report.deadLetters };
  watch.letters = [...watch.letters, mark].slice(-lettersMax);
  const findings = [rejected(watch, rules)];
  for (const seen of report.sources) {
    const habit = follow(watch, seen, now, rules);
    findings.push(silent(seen.source, habit, now, rules));
    findings.push(disordered(seen, habit, now, rules));
  }
  const found = findings.filter((item) => item !== null);
  const holding = new Set(found.map(({ ruleId, ref }) => `${ruleId}|${ref}`));
  return { findings: found, holding };
}
