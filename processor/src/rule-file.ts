/**
 * Reads and checks rule sets: the YAML shipped with the product, and the JSON
 * body of `RuleSet` records. Money becomes minor units, dates become days.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { currencyExponent, parseMinor } from "@riskwall/schemas/money";
import { parse } from "yaml";
import { z } from "zod";
import { characteristicCodes, type RuleSet } from "./core/rule-set.ts";
import { forecastSchema } from "./forecast-file.ts";
import {
  alertsSchema,
  buildAlerts,
  dq01Schema,
  dq02Schema,
  dq03Schema,
  buildOverrides,
  buildSeasons,
  buildSeverity,
  buildFloors,
  floorsSchema,
  overridesSchema,
  seasonsSchema,
  severitySchema,
  type FileReader,
} from "./rule-file-parts.ts";
import { ruleProblems } from "./rule-checks.ts";

/** Logic versions this build can fold (architecture 5). */
export const supportedLogic: readonly number[] = [1];

const fraction = z.number().min(0).max(1);
const positive = z.number().positive();
const whole = z.number().int().nonnegative();
const money = z
  .string()
  .regex(/^\d+(\.\d+)?$/, 'is decimal money as text, like "1000.00"');
const perClass = <T extends z.ZodType>(
  value: T,
): z.ZodObject<{ A: T; B: T; C: T; D: T; E: T }> =>
  z.strictObject({ A: value, B: value, C: value, D: value, E: value });
const dates = z.array(
  z.string().regex(/^\d{4}-\d{2}-\d{2}(\.\.\d{4}-\d{2}-\d{2})?$/),
);
const severity = z.enum(["info", "low", "medium", "high", "critical"]);
const segment = z.strictObject({
  lateRatio: fraction,
  logScale: positive,
  orderP95: money,
  orderP99: money,
});
const characteristic = z
  .strictObject({
    code: z.enum(characteristicCodes),
    group: z.string().min(1),
    reason: z.string().regex(/^R\d\d$/),
    compare: z.enum(["le", "ge"]),
    edges: z.array(z.number()).min(1),
    points: z.array(z.number().int()),
    missing: z.number().int(),
  })
  .refine((item) => item.points.length === item.edges.length + 1, {
    message: "needs one more points entry than edges",
  })
  .refine(
    (item) =>
      item.edges.every(
        (edge, i) =>
          i === 0 ||
          (item.compare === "le"
            ? edge > (item.edges[i - 1] ?? edge)
            : edge < (item.edges[i - 1] ?? edge)),
      ),
    { message: "edges must be in order of comparison" },
  );

const limits = z
  .strictObject({
    automatic: z.strictObject({ increase: z.boolean(), decrease: z.boolean() }),
    needDays: whole,
    peakMax: z.number().min(1),
    multiplier: perClass(z.number().nonnegative()),
    lossBudget: money,
    starter: money,
    thinInvoices: whole,
    step: z.strictObject({ small: money, large: money, largeFrom: money }),
    increaseMax: fraction,
    decreaseMax: fraction,
    automaticDays: whole.min(1),
    automaticCeiling: money,
    historyDays: whole,
    temporaryMaxDays: whole.min(1),
    requestDays: whole.min(1),
    reviewMonths: perClass(whole.min(1)),
    alertReviewDays: whole,
    toldFrom: fraction,
  })
  .refine(({ step }) => Number(step.small) > 0 && Number(step.large) > 0, {
    message: "steps must be above zero",
  });

const fileSchema = z.strictObject({
  version: z.number().int().positive(),
  logic: z.number().int().positive(),
  currency: z.string().refine((code) => currencyExponent(code) !== null),
  zoneOffsetMinutes: z.number().int().min(-840).max(840),
  graceDays: whole,
  calendar: z.strictObject({
    years: z.tuple([z.number().int(), z.number().int()]),
    holidays: dates,
    workdays: dates,
    seasons: seasonsSchema,
  }),
  materiality: z.strictObject({ floor: money, limitShare: fraction }),
  residual: z.strictObject({ floor: money, share: fraction }),
  ledger: z.strictObject({
    keepDays: whole.min(8),
    orphanDays: whole,
    orphanMax: whole.max(64),
    reservationDays: whole,
    disputePauseDays: whole,
    itemMax: whole.max(20_000),
    holdMax: whole,
  }),
  score: z.strictObject({
    base: z.number().int(),
    min: z.number().int(),
    max: z.number().int(),
    factor: positive,
    offset: z.number(),
    overdueFloor: z.number().int(),
    characteristics: z.array(characteristic).length(characteristicCodes.length),
    caps: z.strictObject({
      overdue90: z.number().int(),
      returnedTwice: z.number().int(),
      fraud: z.number().int(),
      insolvency: z.number().int(),
      writtenOff: z.number().int(),
    }),
    reasonMinPoints: whole,
    lateShrink: positive,
  }),
  classes: z.strictObject({
    cut: z.strictObject({
      A: z.number().int(),
      B: z.number().int(),
      C: z.number().int(),
      D: z.number().int(),
    }),
    upMargin: whole,
    upDays: whole,
    floors: floorsSchema,
  }),
  loss: z.strictObject({ lgd: fraction, ccf: fraction }),
  segments: z.record(z.string(), segment),
  defaultSegment: segment,
  segmentMinOrders: whole,
  holds: z.strictObject({
    overdueDays: perClass(whole),
    limitShare: perClass(fraction.nullable()),
    documentCap: money.nullable(),
    recheckHours: positive,
    overdueAmount: perClass(money.nullable()),
    coverShare: perClass(fraction.nullable()),
    stretchedTerms: z.boolean(),
    splitOrders: z.boolean(),
  }),
  limits,
  rules: z.strictObject({
    ord01: z.strictObject({
      z: positive,
      zMedian: positive,
      maxMedian: positive,
      overMax: positive,
      farMedian: positive,
      limitShare: fraction,
      minOrders: whole,
      scaleFloor: positive,
      shrink: positive,
      highShare: fraction,
    }),
    ord03: z.strictObject({ p: fraction, highShare: fraction }),
    ord04: z.strictObject({
      threshold: money.nullable(),
      medians: positive,
      minOrders: whole,
      low: fraction,
      count: whole,
      sum: positive,
      hours: whole,
      pairLow: fraction,
      pairHours: whole,
      p: fraction,
    }),
    ord07: z.strictObject({ days: whole }),
    ord08: z.strictObject({ days: whole, median: positive }),
    ord09: z.strictObject({ minGaps: whole, medians: positive }),
    ord10: z.strictObject({
      times: positive,
      min: whole,
      p: fraction,
      shrink: positive,
    }),
    ord05: z.strictObject({
      days: whole,
      gapFactor: positive,
      highMedian: positive,
    }),
    ord06: z.strictObject({ days: whole, orders: whole, limitShare: fraction }),
    exp01: z.strictObject({ warn: fraction, rearm: fraction, high: fraction }),
    exp02: z.strictObject({ critical: positive, clear: positive }),
    exp04: z.strictObject({
      growth: positive,
      high: positive,
      collection: fraction,
      minDue: whole,
    }),
    pay03: z.strictObject({
      baseline: whole,
      recent: whole,
      minBaseline: whole,
      shrink: positive,
      scale: positive,
      scaleFloor: positive,
      cap: positive,
      drift: positive,
      medium: positive,
      high: positive,
    }),
    pay09: z.strictObject({ days: whole, high: whole }),
    pay12: z.strictObject({ businessDays: whole }),
    pay13: z.strictObject({ days: whole }),
    dsp01: z.strictObject({
      p: fraction,
      nearDueDays: whole,
      nearDueShare: fraction,
      min: whole,
    }),
    dsp02: z.strictObject({ days: whole, medium: whole }),
    cmp02: z.strictObject({ severity: fraction }),
    cmp03: z.strictObject({ severity: fraction, days: whole }),
    scr03: z.strictObject({ changes: whole, points: whole, days: whole }),
    scr04: z.strictObject({ days: whole }),
    ext01: z.strictObject({
      notchPoints: positive,
      registers: z.strictObject({
        court: severity,
        execution: severity,
        insolvency: severity,
        "tax-default": severity,
      }),
    }),
    exp07: z.strictObject({ warnDays: whole, pastDays: whole.max(40) }),
    pay07: z.strictObject({
      days: whole.min(1).max(90),
      times: positive,
      min: whole,
      shrink: positive,
      usual: fraction,
    }),
    pay08: z.strictObject({
      days: whole.min(1).max(365),
      taken: fraction,
      last: whole.min(1),
      min: whole.min(1),
    }),
    ctr01: z
      .strictObject({
        days: whole,
        rate: fraction,
        clear: fraction,
        min: whole.min(1),
      })
      .refine((item) => item.clear >= item.rate, {
        message: "clear must not be below rate",
      }),
    col01: z.strictObject({ level: whole.min(1).max(9) }),
    dq04: z.strictObject({
      share: fraction,
      floor: money,
      maxAgeDays: whole.max(30),
    }),
    dq01: dq01Schema,
    dq02: dq02Schema,
    dq03: dq03Schema,
    exp05: z.strictObject({ share: fraction, hhi: fraction }),
    exp06: z.strictObject({ use: positive }),
    prt01: z.strictObject({
      delta: fraction,
      minDays: whole.min(1),
      minSettled: whole.min(1),
      rollRise: positive,
      rollMin: money,
    }),
    col02: z.strictObject({ high: whole.min(1) }),
    mdl01: z.strictObject({
      watch: positive,
      act: positive,
      minScores: whole.min(1),
      baselineDays: whole.min(1),
    }),
    mdl02: z.strictObject({
      intercept: positive,
      slopeLow: positive,
      slopeHigh: positive,
      minLabels: whole.min(1),
      minBad: whole.min(1),
      badDays: whole.min(1),
      windowDays: whole.min(1),
    }),
    exp03: z.strictObject({
      warnDays: whole,
      warnTemporaryDays: whole,
      highDays: whole,
    }),
    pay01: z
      .strictObject({
        stages: z.array(whole).min(1),
        severities: z.array(severity).min(1),
      })
      .refine((item) => item.stages.length === item.severities.length, {
        message: "needs one severity per stage",
      }),
    pay02: z.strictObject({
      share: fraction,
      rise: fraction,
      days: whole,
      high: fraction,
      clear: fraction,
    }),
    pay04: z.strictObject({
      days: whole,
      spreads: positive,
      highShare: fraction,
    }),
    pay10: z.strictObject({
      chance: fraction,
      medium: fraction,
      clear: fraction,
    }),
    pay05: z.strictObject({ businessDays: whole, keptShare: fraction }),
    scr01: z.strictObject({
      days: whole,
      medium: whole,
      high: whole,
      clear: whole,
    }),
    cmp01: z.strictObject({ p: fraction, min: whole }),
  }),
  forecast: forecastSchema,
  alerts: alertsSchema,
  severity: severitySchema,
  overrides: overridesSchema,
  disabled: z.array(z.string()),
});
type RuleFile = z.infer<typeof fileSchema>;

/** A rule set that cannot be used, with every problem and its path. */
export class RuleFileError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`rule set is not valid:\n  ${problems.join("\n  ")}`);
    this.problems = problems;
  }
}

function createReader(currency: string): FileReader {
  const problems: string[] = [];
  return {
    problems,
    minor: (text, path) => {
      const minor = parseMinor(text, currency);
      if (typeof minor === "number") return minor;
      problems.push(`${path}: ${minor}`);
      return 0;
    },
    day: (text, path) => {
      const ms = Date.parse(`${text}T00:00:00Z`);
      // A day that its month does not have is read as one of the next.
      const isDay =
        !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
      if (isDay) return Math.floor(ms / 86_400_000);
      problems.push(`${path}: no date ${text}`);
      return 0;
    },
  };
}

/** Expands `a..b` ranges; refuses days outside the covered years. */
function days(
  list: readonly string[],
  years: readonly [number, number],
  path: string,
  reader: FileReader,
): Set<number> {
  const out = new Set<number>();
  list.forEach((text, i) => {
    const at = `${path}.${String(i)}`;
    const [from = text, to = from] = text.split("..");
    const last = reader.day(to, at);
    for (let day = reader.day(from, at); day <= last; day += 1) out.add(day);
    const year = Number(from.slice(0, 4));
    if (year < years[0] || year > years[1]) {
      reader.problems.push(`${at}: ${text} is outside the years`);
    }
  });
  return out;
}

function limitRules(
  own: RuleFile["limits"],
  reader: FileReader,
): RuleSet["limits"] {
  const minor = (text: string, name: string): number =>
    reader.minor(text, `limits.${name}`);
  return {
    ...own,
    lossBudget: minor(own.lossBudget, "lossBudget"),
    starter: minor(own.starter, "starter"),
    automaticCeiling: minor(own.automaticCeiling, "automaticCeiling"),
    step: {
      small: minor(own.step.small, "step.small"),
      large: minor(own.step.large, "step.large"),
      largeFrom: minor(own.step.largeFrom, "step.largeFrom"),
    },
  };
}

function thresholdsOf(
  rules: RuleFile["rules"],
  path: string,
  reader: FileReader,
): RuleSet["rules"] {
  const { threshold } = rules.ord04;
  const at = `${path}.ord04.threshold`;
  return {
    ...rules,
    ord04: {
      ...rules.ord04,
      threshold: threshold === null ? null : reader.minor(threshold, at),
    },
    dq04: {
      ...rules.dq04,
      floor: reader.minor(rules.dq04.floor, `${path}.dq04.floor`),
    },
    prt01: {
      ...rules.prt01,
      rollMin: reader.minor(rules.prt01.rollMin, `${path}.prt01.rollMin`),
    },
  };
}

function overridesOf(file: RuleFile, reader: FileReader): RuleSet["overrides"] {
  const check = (merged: unknown, path: string): RuleSet["rules"] | null => {
    const result = fileSchema.shape.rules.safeParse(merged);
    if (result.success) return thresholdsOf(result.data, path, reader);
    for (const problem of issuesOf(result.error, `${path}.`)) {
      reader.problems.push(problem);
    }
    return null;
  };
  return buildOverrides(file.overrides, file.rules, reader, check);
}

function build(file: RuleFile, reader: FileReader): RuleSet {
  const segmentOf = (
    item: RuleFile["defaultSegment"],
    path: string,
  ): RuleSet["defaultSegment"] => ({
    lateRatio: item.lateRatio,
    logScale: item.logScale,
    orderP95: reader.minor(item.orderP95, `${path}.orderP95`),
    orderP99: reader.minor(item.orderP99, `${path}.orderP99`),
  });
  const { materiality, residual, holds, calendar } = file;
  const orNone = (text: string | null, path: string): number | null =>
    text === null ? null : reader.minor(text, path);
  const dates = (name: "holidays" | "workdays"): Set<number> =>
    days(calendar[name], calendar.years, `calendar.${name}`, reader);
  return {
    ...file,
    calendar: {
      holidays: dates("holidays"),
      workdays: dates("workdays"),
      seasons: buildSeasons(calendar.seasons, reader),
    },
    materiality: {
      floor: reader.minor(materiality.floor, "materiality.floor"),
      limitShare: materiality.limitShare,
    },
    residual: {
      floor: reader.minor(residual.floor, "residual.floor"),
      share: residual.share,
    },
    defaultSegment: segmentOf(file.defaultSegment, "defaultSegment"),
    segments: Object.fromEntries(
      Object.entries(file.segments).map(([name, item]) => [
        name,
        segmentOf(item, `segments.${name}`),
      ]),
    ),
    holds: {
      ...holds,
      documentCap: orNone(holds.documentCap, "holds.documentCap"),
      overdueAmount: {
        A: orNone(holds.overdueAmount.A, "holds.overdueAmount.A"),
        B: orNone(holds.overdueAmount.B, "holds.overdueAmount.B"),
        C: orNone(holds.overdueAmount.C, "holds.overdueAmount.C"),
        D: orNone(holds.overdueAmount.D, "holds.overdueAmount.D"),
        E: orNone(holds.overdueAmount.E, "holds.overdueAmount.E"),
      },
    },
    rules: thresholdsOf(file.rules, "rules", reader),
    classes: {
      ...file.classes,
      floors: buildFloors(file.classes.floors, reader),
    },
    limits: limitRules(file.limits, reader),
    alerts: buildAlerts(file.alerts),
    severity: buildSeverity(file.severity),
    overrides: overridesOf(file, reader),
    disabled: new Set(file.disabled),
  };
}

function issuesOf(error: z.ZodError, prefix: string): string[] {
  return error.issues.map(
    (issue) => `${prefix}${issue.path.map(String).join(".")}: ${issue.message}`,
  );
}

/** Checks a rule set's data; throws `RuleFileError` with all problems. */
export function checkRules(data: unknown): RuleSet {
  const result = fileSchema.safeParse(data);
  if (!result.success) throw new RuleFileError(issuesOf(result.error, ""));
  const reader = createReader(result.data.currency);
  const rules = build(result.data, reader);
  const problems = [...reader.problems, ...ruleProblems(rules)];
  if (problems.length > 0) throw new RuleFileError(problems);
  return rules;
}

/** A rule set file as JSON text (the body of its record) and parsed. */
export function readRuleFile(path: string): {
  readonly body: string;
  readonly rules: RuleSet;
} {
  const data: unknown = parse(readFileSync(path, "utf8"));
  return { body: JSON.stringify(data), rules: checkRules(data) };
}

/** The rule set shipped with this build. */
export function shippedRules(): {
  readonly body: string;
  readonly rules: RuleSet;
} {
  const url = new URL("../rules/default.yaml", import.meta.url);
  return readRuleFile(fileURLToPath(url));
}

/** Rule sets remembered: the present one, and others during a change. */
const parsedMax = 4;
const parsed: { body: string; version: number; rules: RuleSet | null }[] = [];

/**
 * Parses the body of a `RuleSet` record; null when this build cannot use it.
 * The last ones are remembered: every partition asks, at each portfolio record.
 */
export function parseRuleBody(body: string, version: number): RuleSet | null {
  const known = parsed.find(
    (item) => item.version === version && item.body === body,
  );
  if (known) return known.rules;
  const rules = parseBody(body, version);
  parsed.unshift({ body, version, rules });
  parsed.length = Math.min(parsed.length, parsedMax);
  return rules;
}

function parseBody(body: string, version: number): RuleSet | null {
  try {
    const rules = checkRules(JSON.parse(body));
    return rules.version === version ? rules : { ...rules, version };
  } catch (error) {
    if (error instanceof RuleFileError || error instanceof SyntaxError) {
      return null;
    }
    throw error;
  }
}
