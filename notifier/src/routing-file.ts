/**
 * Routing as people write it, in Alertmanager's words, and the plan it means.
 * Differences: `critical` routes wait 0 s unless told otherwise; grouping is by
 * `customer_id, rule_family`; a receiver is a list of channels and those that
 * follow when one fails; intervals know working days.
 */
import { z } from "zod";
import { parseMatcher, type Matcher } from "@riskwall/schemas/matchers";
import type { InhibitRule, Receiver, Route } from "./core/plan.ts";
import type { KeptSilence } from "./core/silences.ts";
import type { TimeInterval } from "./core/time-intervals.ts";
import { duration } from "./durations.ts";
import { days, interval } from "./interval-file.ts";

/** Depth and number of routes at most. */
export const routeDepthMax = 8;
export const routesMax = 500;

const matcher = z.string().transform((text, context): Matcher => {
  const parsed = parseMatcher(text);
  if (parsed.kind === "ok") return parsed.matcher;
  const message = `${text}: ${parsed.why}`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});
/** Matchers as people write them; a wrong one is named by its place. */
export const matcherTexts = z.array(matcher).max(20);

const name = z.string().min(1).max(100);

const routeFields = z.object({
  receiver: name.optional(),
  matchers: matcherTexts.default([]),
  continue: z.boolean().default(false),
  group_by: z.array(name).max(10).optional(),
  group_wait: duration.optional(),
  group_interval: duration.optional(),
  repeat_interval: duration.optional(),
  send_resolved: z.boolean().optional(),
  digest: z.boolean().optional(),
  mute_time_intervals: z.array(name).optional(),
  active_time_intervals: z.array(name).optional(),
});
type RouteNode = z.output<typeof routeFields> & {
  readonly routes: readonly RouteNode[];
};
const routeNode: z.ZodType<RouteNode> = routeFields.extend({
  routes: z
    .array(z.lazy(() => routeNode))
    .max(routesMax)
    .default([]),
});

const receiver = z.object({
  name,
  channels: z.array(name).max(20),
  failover: z.array(name).max(20).default([]),
  escalation: name.nullable().default(null),
}) satisfies z.ZodType<Receiver>;

const inhibitRule = z
  .object({
    source_matchers: matcherTexts,
    target_matchers: matcherTexts,
    equal: z.array(name).default([]),
  })
  .transform((one): InhibitRule => {
    const { source_matchers: source, target_matchers: target, equal } = one;
    return { source, target, equal };
  });

const routingShape = z.object({
  version: z.number().int().min(0).default(0),
  route: routeNode,
  receivers: z.array(receiver).max(200),
  inhibit_rules: z.array(inhibitRule).max(200).default([]),
  time_intervals: z
    .array(z.object({ name, time_intervals: z.array(interval).max(50) }))
    .default([]),
  calendar: z
    .object({ holidays: days, workdays: days })
    .default({ holidays: [], workdays: [] }),
  /** Receiver that hears when a channel cannot be used. */
  admins: name.optional(),
});

/** A checked routing; `root` has everything inherited filled in. */
export interface Routing {
  readonly version: number;
  readonly root: Route;
  readonly receivers: ReadonlyMap<string, Receiver>;
  readonly inhibitRules: readonly InhibitRule[];
  readonly intervals: ReadonlyMap<string, readonly TimeInterval[]>;
  readonly holidays: ReadonlySet<string>;
  readonly workdays: ReadonlySet<string>;
  readonly admins: string | null;
}

const minuteMs = 60_000;
const rootDefaults = {
  groupBy: ["customer_id", "rule_family"],
  groupWaitMs: 30_000,
  groupIntervalMs: 5 * minuteMs,
  repeatIntervalMs: 4 * 60 * minuteMs,
  sendResolved: true,
  digest: false,
} as const;

type Inherited = Pick<
  Route,
  | "key"
  | "receiver"
  | "groupBy"
  | "groupWaitMs"
  | "groupIntervalMs"
  | "repeatIntervalMs"
  | "sendResolved"
  | "digest"
>;

const matchersText = (list: readonly Matcher[]): string =>
  list.map(({ name: label, op, value }) => `${label}${op}"${value}"`).join(",");

const wantsCritical = (list: readonly Matcher[]): boolean =>
  list.some(
    ({ name: label, op, value }) =>
      label === "severity" && op === "=" && value === "critical",
  );

/** Fills in what is inherited, downwards; intervals are not (Alertmanager). */
function expand(
  node: RouteNode,
  from: Inherited,
  depth: number,
  taken: Set<string>,
): Route {
  if (depth > routeDepthMax) throw new RangeError("routes are nested too deep");
  const waitDefault = wantsCritical(node.matchers) ? 0 : from.groupWaitMs;
  const base = `${from.key}{${matchersText(node.matchers)}}`;
  // Two routes of the same matchers are two routes.
  let key = base;
  for (let i = 2; taken.has(key); i += 1) key = `${base}#${String(i)}`;
  taken.add(key);
  const own: Inherited = {
    key,
    receiver: node.receiver ?? from.receiver,
    groupBy: node.group_by?.includes("...")
      ? null
      : (node.group_by ?? from.groupBy),
    groupWaitMs: node.group_wait ?? waitDefault,
    groupIntervalMs: node.group_interval ?? from.groupIntervalMs,
    repeatIntervalMs: node.repeat_interval ?? from.repeatIntervalMs,
    sendResolved: node.send_resolved ?? from.sendResolved,
    digest: node.digest ?? from.digest,
  };
  return {
    ...own,
    matchers: node.matchers,
    goesOn: node.continue,
    sendUpdates: true,
    muteIntervals: node.mute_time_intervals ?? [],
    activeIntervals: node.active_time_intervals ?? [],
    routes: node.routes.map((child) => expand(child, own, depth + 1, taken)),
  };
}

function namesOf(route: Route): { receivers: string[]; intervals: string[] } {
  const below = route.routes.map(namesOf);
  return {
    receivers: [route.receiver, ...below.flatMap((one) => one.receivers)],
    intervals: [
      ...route.muteIntervals,
      ...route.activeIntervals,
      ...below.flatMap((one) => one.intervals),
    ],
  };
}

/** The routing of a parsed file; every problem in one text otherwise. */
export function parseRouting(value: unknown): Routing | string {
  const parsed = routingShape.safeParse(value);
  if (!parsed.success) return z.prettifyError(parsed.error);
  const file = parsed.data;
  const { receiver: rootReceiver } = file.route;
  if (rootReceiver === undefined) return "route: the root needs a receiver";
  if (file.route.matchers.length > 0) return "route: the root matches all";
  let root: Route;
  try {
    const from = { ...rootDefaults, key: "", receiver: rootReceiver };
    root = expand(file.route, from, 0, new Set());
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
  const receivers = new Map(file.receivers.map((one) => [one.name, one]));
  const intervals = new Map(
    file.time_intervals.map((one) => [one.name, one.time_intervals]),
  );
  const used = namesOf(root);
  const admins = file.admins ?? null;
  const wanted = [...used.receivers, ...(admins === null ? [] : [admins])];
  const problems = [
    ...wanted
      .filter((one) => !receivers.has(one))
      .map((one) => `receiver ${one} is not defined`),
    ...used.intervals
      .filter((one) => !intervals.has(one))
      .map((one) => `time interval ${one} is not defined`),
  ];
  if (problems.length > 0) return [...new Set(problems)].join("\n");
  return {
    version: file.version,
    ...{ root, receivers, intervals, admins },
    inhibitRules: file.inhibit_rules,
    holidays: new Set(file.calendar.holidays),
    workdays: new Set(file.calendar.workdays),
  };
}

const silenceShape = z
  .object({
    id: name,
    matchers: matcherTexts,
    startsAt: z.iso.datetime({ offset: true }),
    endsAt: z.iso.datetime({ offset: true }),
    createdBy: z.string().default(""),
    comment: z.string().default(""),
  })
  .refine(({ matchers: list }) => list.length > 0, {
    error: "a silence needs a matcher",
  });

/** A silence of a stored setting; else what is wrong with it. */
export function parseSilence(value: unknown): KeptSilence | string {
  const parsed = silenceShape.safeParse(value);
  if (!parsed.success) return z.prettifyError(parsed.error);
  const { id, matchers: list, startsAt, endsAt } = parsed.data;
  const { createdBy, comment } = parsed.data;
  return {
    ...{ id, createdBy, comment },
    matchers: list,
    startsAt: Date.parse(startsAt),
    endsAt: Date.parse(endsAt),
  };
}
