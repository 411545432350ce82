/**
 * The subject `#portfolio`, folded in partition 0 with every portfolio record:
 * what the records add up to over days, weeks and months, and the rules on it.
 */
import type { Portfolio, PortfolioBook } from "@riskwall/schemas";
import { isActive, type Finding } from "./alerts.ts";
import { civil } from "./calendar.ts";
import type { Customer } from "./customer.ts";
import { momentOf, type RecordPosition } from "./moment.ts";
import type { Emitter } from "./emit.ts";
import type { Env, Moment } from "./env.ts";
import {
  calibrationOff,
  concentration,
  modelDrift,
  rateShift,
  rollRate,
  shortfall,
} from "./portfolio-rules.ts";
import type { RuleSet } from "./rule-set.ts";
import { watchSources, type SourceWatch } from "./source-watch.ts";
import { plainExposure, settleSubject, type SubjectView } from "./subject.ts";

/** Days of settled invoices and month ends that are kept. */
export const lateDaysMax = 400;
export const monthsMax = 14;

function bookOf(customer: Customer, record: Portfolio): PortfolioBook {
  const { state } = customer;
  const { settled, settledLate, received } = record;
  const known = state.across?.portfolio;
  if (known) return known;
  const made: PortfolioBook = {
    ...{ settled, settledLate, received, day: 0, days: [], months: [] },
    ...{ baseline: [], baselineDay: 0, expected: null, missed: 0 },
  };
  state.name = "组合 / Portfolio";
  state.across = {
    ...{ mergedInto: null, mergedAt: 0, aliases: [], portfolio: made },
  };
  return made;
}

/** Months since 1970 of a day. */
function monthOf(day: number): number {
  const [year, month] = civil(day);
  return (year - 1970) * 12 + month - 1;
}

/** Adds what was settled since the record before to the present day. */
function noteSettled(
  book: PortfolioBook,
  record: Portfolio,
  today: number,
): void {
  const settled = Math.max(0, record.settled - book.settled);
  const late = Math.max(0, record.settledLate - book.settledLate);
  book.settled = record.settled;
  book.settledLate = record.settledLate;
  if (settled === 0) return;
  const last = book.days.at(-1);
  if (last && last.day >= today) {
    last.settled += settled;
    last.late += Math.min(settled, late);
  } else {
    book.days.push({ day: today, settled, late: Math.min(settled, late) });
    book.days = book.days.slice(-lateDaysMax);
  }
}

/** The last record of a month says how it ended. */
function noteMonth(
  book: PortfolioBook,
  record: Portfolio,
  today: number,
): void {
  const month = monthOf(today);
  const age1 = record.totals["age1"] ?? 0;
  const age31 = record.totals["age31"] ?? 0;
  const last = book.months.at(-1);
  if (last && last.month >= month) Object.assign(last, { age1, age31 });
  else book.months = [...book.months, { month, age1, age31 }].slice(-monthsMax);
}

/** Ends a week of expected cash whose last day is over, and takes the next. */
function noteWeek(
  book: PortfolioBook,
  record: Portfolio,
  today: number,
  moment: Moment,
): Finding | null {
  const { expected } = book;
  let found: Finding | null = null;
  if (expected !== null && today > expected.to) {
    const received = record.received - expected.received;
    const isShort = received < expected.p10;
    book.missed = isShort ? book.missed + 1 : 0;
    book.expected = null;
    if (isShort)
      found = shortfall(
        expected,
        received,
        book.missed,
        record.overdueTop,
        moment,
      );
  }
  const next = record.expected;
  if (book.expected === null && next !== null && next.to >= today) {
    book.expected = { ...next, received: record.received };
  }
  book.received = record.received;
  return found;
}

/** A baseline is taken once there are enough scores, and with a new card. */
function noteBaseline(
  book: PortfolioBook,
  record: Portfolio,
  isNewCard: boolean,
  today: number,
  rules: RuleSet,
): void {
  const { minScores, baselineDays } = rules.rules.mdl01;
  const scores = record.scores.reduce((sum, n) => sum + n, 0);
  const isOld = today - book.baselineDay >= baselineDays;
  if (book.baseline.length > 0 && !isNewCard && !isOld) return;
  if (scores < minScores) {
    if (isNewCard) book.baseline = [];
    return;
  }
  book.baseline = [...record.scores];
  book.baselineDay = today;
}

/** Folds a portfolio record: keeps what it adds and judges the rules. */
export function foldPortfolio(
  customer: Customer,
  record: Portfolio,
  watch: SourceWatch,
  env: Env,
  at: RecordPosition,
  emitter: Emitter,
): void {
  const moment = momentOf(customer, env, at.logTime, at, {});
  const { today } = moment;
  const book = bookOf(customer, record);
  const isNewDay = book.day !== 0 && today > book.day;
  const isNewMonth = isNewDay && monthOf(today) > monthOf(book.day);
  const isNewCard = customer.state.rulesetVersion !== env.rules.version;
  const findings: Finding[] = [];
  const add = (finding: Finding | null): void => {
    if (finding !== null) findings.push(finding);
  };
  if (isNewDay) {
    const shift = rateShift(book.days, moment);
    if (shift !== null) {
      book.days = book.days.filter(({ day }) => day >= shift.from);
      add(shift.finding);
    }
  }
  if (isNewMonth) add(rollRate(book.months, moment));
  noteSettled(book, record, today);
  noteMonth(book, record, today);
  add(noteWeek(book, record, today, moment));
  noteBaseline(book, record, isNewCard, today, env.rules);
  book.day = today;
  const sources = watchSources(watch, record, moment.now, env.rules);
  const gauges = [
    ...concentration(record, moment),
    modelDrift(book.baseline, record.scores, moment),
    calibrationOff(record.labels, record.bad, moment),
  ].filter((finding) => finding !== null);
  const exposure = plainExposure(record.totals["exposure"] ?? 0, null, moment);
  settleSubject(
    customer,
    {
      exposure,
      findings: [...findings, ...gauges, ...sources.findings],
      holding: new Set([
        ...gauges.map(({ ruleId, ref }) => `${ruleId}|${ref}`),
        ...sources.holding,
      ]),
    },
    moment,
    emitter,
  );
}

/** Between two records nothing is judged anew: what is open stays so. */
export function portfolioView(
  { state }: Customer,
  moment: Moment,
): SubjectView {
  const open = state.alerts.filter(isActive);
  return {
    exposure: plainExposure(state.summary.exposure, null, moment),
    findings: [],
    holding: new Set(open.map(({ ruleId, ref }) => `${ruleId}|${ref}`)),
  };
}

/** A timer or a sweep: snoozes end, old alerts go. */
export function touchPortfolio(
  customer: Customer,
  env: Env,
  at: RecordPosition,
  emitter: Emitter,
): void {
  const moment = momentOf(customer, env, at.logTime, at, {});
  const { rulesetVersion } = customer.state;
  settleSubject(customer, portfolioView(customer, moment), moment, emitter);
  // The next record has to see that the card is a new one.
  customer.state.rulesetVersion = rulesetVersion;
}
