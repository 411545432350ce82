/**
 * Parts of a rule set file beside thresholds: alert hygiene, severity beyond a
 * rule's table, and dated overrides. What is missing in an older rule set has
 * the values of the shipped one.
 */
import type { Severity } from "@riskwall/schemas";
import { z } from "zod";
import type { ThresholdPatch } from "./core/rule-overrides.ts";
import type { RuleSet } from "./core/rule-set.ts";

const fraction = z.number().min(0).max(1);
const positive = z.number().positive();
const whole = z.number().int().nonnegative();
const severity = z.enum(["info", "low", "medium", "high", "critical"]);
const names = z.array(z.string().min(1));
const classes = z.array(z.enum(["A", "B", "C", "D", "E"]));
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, "is a day like 2026-12-01");
const row = z.tuple([severity, severity, severity]);
const three = (
  a: Severity,
  b: Severity,
  c: Severity,
): [Severity, Severity, Severity] => [a, b, c];

const maintenance = z.strictObject({
  from: z.iso.datetime({ offset: true }),
  until: z.iso.datetime({ offset: true }),
  rules: names.default([]),
  segments: names.default([]),
  reason: z.string().min(1),
});

export const alertsSchema = z.strictObject({
  cooldownHours: positive,
  growth: positive,
  keepDays: whole,
  max: whole,
  budget: z
    .strictObject({ analysts: whole, perDay: whole, upTo: severity })
    .nullable()
    .default(null),
  fdr: z
    .strictObject({ q: fraction, rules: names })
    .default({ q: 0.1, rules: [] }),
  maintenance: z.array(maintenance).default([]),
});

export const severitySchema = z
  .strictObject({
    shares: z.tuple([fraction, fraction]),
    matrix: z.strictObject({
      info: row,
      low: row,
      medium: row,
      high: row,
      critical: row,
    }),
    byMatrix: names,
    weakClasses: classes,
    insuredFrom: fraction,
  })
  .default({
    shares: [0.1, 0.5],
    matrix: {
      info: three("info", "info", "info"),
      low: three("low", "low", "medium"),
      medium: three("low", "medium", "medium"),
      high: three("medium", "high", "high"),
      critical: three("high", "critical", "critical"),
    },
    byMatrix: [],
    weakClasses: ["D", "E"],
    insuredFrom: 1,
  });

export const seasonsSchema = z
  .array(
    z.strictObject({
      name: z.string().min(1),
      spans: z.array(
        z.string().regex(/^\d{4}-\d{2}-\d{2}\.\.\d{4}-\d{2}-\d{2}$/),
      ),
    }),
  )
  .default([]);

/** Spans in order, each after the one before. */
export function buildSeasons(
  seasons: z.infer<typeof seasonsSchema>,
  reader: FileReader,
): RuleSet["calendar"]["seasons"] {
  return seasons.map(({ name, spans }, i) => {
    let last = -Infinity;
    const days = spans.map((text, at) => {
      const path = `calendar.seasons.${String(i)}.spans.${String(at)}`;
      const [from = "", to = ""] = text.split("..");
      const span = [reader.day(from, path), reader.day(to, path)] as const;
      if (span[0] <= last || span[1] < span[0]) {
        reader.problems.push(`${path}: spans follow each other`);
      }
      last = span[1];
      return span;
    });
    return { name, spans: days };
  });
}

const hour = z.number().int().min(0).max(24);

export const dq01Schema = z
  .strictObject({
    times: positive,
    minutes: whole,
    minGaps: whole,
    fromHour: hour,
    toHour: hour,
    forgetDays: whole,
  })
  .default({
    ...{ times: 4, minutes: 30, minGaps: 10 },
    ...{ fromHour: 9, toHour: 18, forgetDays: 30 },
  });

export const dq02Schema = z
  .strictObject({
    share: fraction,
    minutes: whole.min(1),
    behindMinutes: whole,
    veryLateHours: whole,
    minEvents: whole,
  })
  .default({
    ...{ share: 0.01, minutes: 60, behindMinutes: 5 },
    ...{ veryLateHours: 24, minEvents: 100 },
  });

export const dq03Schema = z
  .strictObject({
    share: fraction,
    count: whole,
    minutes: whole.min(1),
    minRejected: whole,
  })
  .default({ share: 0.001, count: 20, minutes: 10, minRejected: 5 });

const override = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/, "is a name like winter-2026"),
  classes: classes.default([]),
  segments: names.default([]),
  from: day,
  to: day,
  reason: z.string().min(1),
  approvedBy: z.string().min(1),
  // Checked against the schema of the thresholds together with the rest.
  rules: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  materiality: z
    .strictObject({
      floor: z.string().optional(),
      limitShare: fraction.optional(),
    })
    .default({}),
  disabled: names.default([]),
});

export const overridesSchema = z.array(override).default([]);

const floor = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/, "is a name like city-hospitals"),
  class: z.enum(["A", "B", "C", "D"]),
  customers: names.default([]),
  segments: names.default([]),
  insured: z.boolean().default(false),
  from: day,
  to: day,
  reason: z.string().min(1),
  approvedBy: z.string().min(1),
});

export const floorsSchema = z.array(floor).default([]);

/** Floors of classes with their days; each names whom it is for. */
export function buildFloors(
  floors: z.infer<typeof floorsSchema>,
  reader: FileReader,
): RuleSet["classes"]["floors"] {
  return floors.map((item, i) => {
    const path = `classes.floors.${String(i)}`;
    const { customers, segments, insured } = item;
    if (customers.length === 0 && segments.length === 0 && !insured) {
      reader.problems.push(`${path}: says for whom it is`);
    }
    const from = reader.day(item.from, `${path}.from`);
    const to = reader.day(item.to, `${path}.to`);
    if (to < from) reader.problems.push(`${path}.to: lies before from`);
    return { ...item, from, to };
  });
}

/** Turns texts into numbers and keeps what it could not. */
export interface FileReader {
  readonly problems: string[];
  /** Minor units of the reporting currency; 0 with a problem. */
  readonly minor: (text: string, path: string) => number;
  /** Days since 1970; 0 with a problem. */
  readonly day: (text: string, path: string) => number;
}

export function buildAlerts(
  alerts: z.infer<typeof alertsSchema>,
): RuleSet["alerts"] {
  return {
    ...alerts,
    fdr: { q: alerts.fdr.q, rules: new Set(alerts.fdr.rules) },
    maintenance: alerts.maintenance.map((window) => ({
      ...window,
      from: Date.parse(window.from),
      until: Date.parse(window.until),
    })),
  };
}

export function buildSeverity(
  severities: z.infer<typeof severitySchema>,
): RuleSet["severity"] {
  return { ...severities, byMatrix: new Set(severities.byMatrix) };
}

type OverridesFile = z.infer<typeof overridesSchema>;

/** The settings of `patch` as `whole`, the checked and converted rule, has them. */
function picked(
  whole: object | undefined,
  patch: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const values = new Map(Object.entries(whole ?? {}));
  return Object.fromEntries(
    Object.keys(patch).map((name) => [name, values.get(name)]),
  );
}

/**
 * Overrides with their thresholds checked. `check` reads the thresholds of the
 * rule set with one override merged in.
 */
export function buildOverrides(
  overrides: OverridesFile,
  thresholds: Readonly<Record<string, object>>,
  reader: FileReader,
  check: (merged: unknown, path: string) => RuleSet["rules"] | null,
): RuleSet["overrides"] {
  return overrides.map((item, i) => {
    const path = `overrides.${String(i)}`;
    const merged = { ...thresholds };
    for (const [rule, patch] of Object.entries(item.rules)) {
      merged[rule] = { ...thresholds[rule], ...patch };
    }
    const read = check(merged, `${path}.rules`);
    const known = new Map<string, object>(Object.entries(read ?? {}));
    const rules = Object.fromEntries(
      Object.entries(item.rules).map(([rule, patch]) => [
        rule,
        picked(known.get(rule), patch),
      ]),
    );
    const { floor, limitShare } = item.materiality;
    const at = `${path}.materiality.floor`;
    return {
      ...item,
      from: reader.day(item.from, `${path}.from`),
      to: reader.day(item.to, `${path}.to`),
      // Parts of thresholds that the schema just took.
      rules: rules as ThresholdPatch,
      materiality: {
        ...(floor === undefined ? {} : { floor: reader.minor(floor, at) }),
        ...(limitShare === undefined ? {} : { limitShare }),
      },
    };
  });
}
