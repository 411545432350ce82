/** Measures, scores, and applies the rules on how a customer stands. */
import { accountAt, type Account } from "./account.ts";
import { raise, review } from "./alert-life.ts";
import type { Chronicle, Dossier } from "./chronicle.ts";
import { growthOf, noteDay } from "./day-marks.ts";
import { type Finding, type Present, type Severity } from "./diary.ts";
import { featuresOf, type Features } from "./features.ts";
import {
  askReview,
  followProposal,
  noteLimits,
  planReview,
} from "./limit-words.ts";
import { lastOrders } from "./log-order.ts";
import type { ClassName, Rules } from "./rules.ts";
import { classByCut, manualHold, scoreOf, type Score } from "./score.ts";
import { standingOf } from "./state-findings.ts";

const dayMs = 86_400_000;
const minuteMs = 60_000;
const classes: readonly ClassName[] = ["A", "B", "C", "D", "E"];
/** Scores that are kept. */
const scoresMost = 24;
const scoreDays = 30;
const weights: Readonly<Record<Severity, number>> = {
  ...{ info: 0, low: 1, medium: 3, high: 6, critical: 10 },
};

/** Σ severity weights of order alerts of 30 days (D3). */
export function alertSeverity({ diary }: Dossier, now: number): number {
  return diary.alerts
    .filter(({ rule }) => rule.startsWith("ORD-"))
    .filter(({ openedAt }) => openedAt > now - 30 * dayMs)
    .reduce((sum, { severity }) => sum + weights[severity], 0);
}

/** All features that a score reads, and those that go with them. */
export function featuresAt(dossier: Dossier, account: Account): Features {
  const { diary, events } = dossier;
  const { papers, ledger, exposure, question, now } = account;
  return {
    ...featuresOf(events, papers, ledger, exposure, {
      ...question,
      now,
      delays: diary.delays.map(({ dbt }) => dbt),
      lastOrders: lastOrders(events, papers),
    }),
    expGrowth: growthOf(diary.days, exposure, question.today),
    alertSev30d: alertSeverity(dossier, now),
  };
}

export function scoreAt(
  dossier: Dossier,
  account: Account,
  features: Features,
): Score {
  const hold = manualHold(dossier.events);
  const { materiality } = account.exposure;
  return scoreOf(features, hold, materiality, account.question.rules);
}

export function evaluate(
  chronicle: Chronicle,
  dossier: Dossier,
  present: Present,
): void {
  const { diary } = dossier;
  const account = accountAt(dossier, present);
  noteDay(diary, account.exposure, present.today);
  const features = featuresAt(dossier, account);
  const score = scoreAt(dossier, account, features);
  const moved = rescore(dossier, score, present);
  diary.owes = account.exposure.total;
  noteLimits(dossier, account, present);
  if (dossier.loadingUntil === null) {
    planReview(dossier, account, present);
    const { findings, holding } = standingOf(dossier, account, present);
    for (const finding of [...findings, ...moved]) {
      raise(dossier, finding, account.exposure, present);
    }
    review(dossier, holding, present);
    askReview(dossier, account, present);
    const known = { account, features, pd: score.pd };
    if (followProposal(dossier, known, moved !== nothing, present)) {
      evaluate(chronicle, dossier, present);
      return;
    }
  }
  diary.asOf = present.now;
}

/** Neither score nor class moved. */
const nothing: readonly Finding[] = [];

/** Takes a score; answers what the rules say of the move. */
function rescore(
  dossier: Dossier,
  score: Score,
  present: Present,
): readonly Finding[] {
  const { diary } = dossier;
  const { now, rules } = present;
  const before = diary.score;
  const classBefore = diary.class;
  const highest = Math.max(before, highestOf(dossier, present));
  const name = nextClass(dossier, score.score, rules, now);
  diary.points = score.points;
  if (before === score.score && classBefore === name) return nothing;
  if (classBefore !== name) {
    diary.classBefore = before === 0 ? null : classBefore;
    diary.classAt = now;
  }
  diary.score = score.score;
  diary.class = name;
  if (before !== score.score) {
    const minute = Math.floor(now / minuteMs);
    const oldest = minute - scoreDays * 1440;
    const marks = [...diary.scores, { minute, score: score.score }];
    while (
      marks.length > scoresMost ||
      (marks.length > 1 && (marks[1]?.minute ?? minute) < oldest)
    ) {
      marks.shift();
    }
    diary.scores = marks;
  }
  if (before === 0) return [];
  return [
    scoreDrop(before, score.score, highest, rules),
    unstableScore(dossier, present),
    downgrade(classBefore, name, score.score),
  ].filter((item) => item !== null);
}

/** Highest score in force within the window (C4). */
function highestOf({ diary }: Dossier, { now, rules }: Present): number {
  const from = now - rules.rules.scr01.days * dayMs;
  const inForce = diary.scores.filter((_, i) => {
    const until = diary.scores[i + 1]?.minute ?? Infinity;
    return until * minuteMs >= from;
  });
  return Math.max(0, ...inForce.map(({ score }) => score));
}

/** Down at once; up after so many days above the cut-off plus the margin. */
function nextClass(
  { diary }: Dossier,
  score: number,
  rules: Rules,
  now: number,
): ClassName {
  const rank = (name: ClassName): number => classes.indexOf(name);
  const byCut = classByCut(score, rules);
  const present = diary.class;
  if (diary.score === 0 || rank(byCut) >= rank(present)) {
    diary.climbing = [];
    return byCut;
  }
  const { upMargin, upDays } = rules.classes;
  const safe = rank(classByCut(score - upMargin, rules));
  const since = classes.slice(0, rank(present)).map((_, better) => {
    if (better < safe) return 0;
    const known = diary.climbing[better] ?? 0;
    return known === 0 ? now : known;
  });
  const reached = since.findIndex(
    (from) => from > 0 && now - from >= upDays * dayMs,
  );
  const left = reached < 0 ? since : since.slice(0, reached);
  diary.climbing = left.some((from) => from > 0) ? left : [];
  return classes[reached] ?? present;
}

function scoreDrop(
  before: number,
  after: number,
  highest: number,
  { rules: { scr01 } }: Rules,
): Finding | null {
  const drop = highest - after;
  if (after >= before || drop < scr01.medium) return null;
  const severity = drop >= scr01.high ? "high" : "medium";
  return { rule: "SCR-01", ref: "", severity, value: drop, moneyAtRisk: 0 };
}

function downgrade(
  from: ClassName,
  to: ClassName,
  score: number,
): Finding | null {
  if (classes.indexOf(to) <= classes.indexOf(from)) return null;
  const severity: Severity =
    to === "E" ? "critical" : to === "D" ? "high" : "medium";
  return { rule: "SCR-02", ref: to, severity, value: score, moneyAtRisk: 0 };
}

/** SCR-03: the direction changed again and again, by so many points. */
function unstableScore(
  { diary }: Dossier,
  { now, rules }: Present,
): Finding | null {
  const { changes: most, points, days } = rules.rules.scr03;
  const from = (now - days * dayMs) / minuteMs;
  const series = diary.scores
    .filter(({ minute }) => minute >= from)
    .map(({ score }) => score);
  let turn = series[0] ?? 0;
  let direction = 0;
  let changes = 0;
  for (const score of series) {
    const way = Math.sign(score - turn);
    if (direction !== 0 && way === direction) turn = score;
    else if (Math.abs(score - turn) >= points) {
      if (direction !== 0) changes += 1;
      direction = way;
      turn = score;
    }
  }
  if (changes < most) return null;
  const about = { rule: "SCR-03", ref: "", severity: "low" } as const;
  return { ...about, value: changes, moneyAtRisk: 0 };
}
