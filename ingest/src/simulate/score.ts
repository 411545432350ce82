/** Planted truth against raised alerts: precision, recall, time to alert. */
import { readFileSync } from "node:fs";
import type { Truth } from "./episodes.ts";

export interface RaisedAlert {
  readonly ruleId: string;
  readonly customerId: string;
  /** ms */
  readonly openedAt: number;
  /** When it spoke: at its opening, and when it grew or got graver, ms. */
  readonly spokeAt: readonly number[];
  /** Opened of what history left behind: nobody was woken by it. */
  readonly muted: boolean;
  /** What it says. */
  readonly title: string;
  /** Somebody is told of it: no other alert leads it, and it is more than info. */
  readonly told: boolean;
}

export interface RuleScore {
  /** A rule (`ORD-01`) or a family of rules (`ORD`). */
  readonly rule: string;
  readonly planted: number;
  readonly found: number;
  /** Alerts that woke somebody, and of these: */
  readonly raised: number;
  /** what was planted or is true by the calendar, */
  readonly right: number;
  /** what follows from something planted, and counts for neither side, */
  readonly following: number;
  /** and what nothing explains; */
  readonly false: number;
  /** the false ones of which somebody is told. */
  readonly falseTold: number;
  readonly recall: number | null;
  /** Right ones among right and false ones. */
  readonly precision: number | null;
  /** Seconds after the event that made it true. */
  readonly medianSecondsToAlert: number | null;
  readonly slowestSecondsToAlert: number | null;
}

/** Of all rules together, per customer and thirty days. */
export interface FalseRate {
  readonly falseTold: number;
  readonly perCustomerAndMonth: number;
}

export function readTruth(file: string): Truth[] {
  return (
    readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      // Written by `simulate run` and by nothing else.
      .map((line) => JSON.parse(line) as Truth)
  );
}

/** An alert may be a little older than its event: clocks of two machines. */
const slackMs = 1000;

interface Verdicts {
  readonly delays: ReadonlyMap<string, readonly number[]>;
  readonly found: ReadonlyMap<string, number>;
  readonly planted: ReadonlyMap<string, number>;
  /** Rule and truth. */
  readonly unfound: readonly string[];
  readonly kinds: ReadonlyMap<
    RaisedAlert,
    "right" | "following" | "false" | "muted"
  >;
}

function startOf(truth: Truth): number {
  return Date.parse(truth.startedAt) - slackMs;
}

function add(counts: Map<string, number>, rule: string): void {
  counts.set(rule, (counts.get(rule) ?? 0) + 1);
}

/** Why an alert was raised, as far as the truths of its customer tell. */
function kindOf(
  alert: RaisedAlert,
  truths: readonly Truth[],
  matched: ReadonlySet<RaisedAlert>,
): "right" | "following" | "false" | "muted" {
  if (matched.has(alert)) return "right";
  if (alert.muted) return "muted";
  const about = truths.filter(
    (truth) =>
      alert.openedAt >= startOf(truth) &&
      alert.openedAt <= Date.parse(truth.endsAt ?? "9999-12-31T00:00:00Z"),
  );
  const says = (list: (truth: Truth) => readonly string[]): boolean =>
    about.some((truth) => list(truth).includes(alert.ruleId));
  if (says((truth) => truth.expectedRules)) return "right";
  return says((truth) => truth.consequences) ? "following" : "false";
}

function judge(
  truths: readonly Truth[],
  alerts: readonly RaisedAlert[],
): Verdicts {
  const ofCustomer = Map.groupBy(truths, ({ customerId }) => customerId);
  const byPlace = Map.groupBy(alerts, placeOf);
  const delays = new Map<string, number[]>();
  const [found, planted] = [
    new Map<string, number>(),
    new Map<string, number>(),
  ];
  const matched = new Set<RaisedAlert>();
  const unfound: string[] = [];
  for (const truth of truths) {
    const trueAt = Date.parse(truth.trueAt);
    const to = trueAt + truth.withinMs;
    for (const ruleId of truth.expectedRules) {
      add(planted, ruleId);
      const own = byPlace.get(
        placeOf({ ruleId, customerId: truth.customerId }),
      );
      const times = (own ?? []).flatMap((alert) =>
        alert.spokeAt
          .filter((at) => at >= startOf(truth) && at <= to)
          .map((at) => ({ alert, at })),
      );
      const [first] = times.sort((a, b) => a.at - b.at);
      if (!first) {
        unfound.push(
          `${ruleId} ${truth.customerId} ${truth.kind} ${truth.trueAt}`,
        );
        continue;
      }
      add(found, ruleId);
      matched.add(first.alert);
      if (truth.madeBy !== "event") continue;
      const list = delays.get(ruleId) ?? [];
      list.push(Math.max(0, first.at - trueAt) / 1000);
      delays.set(ruleId, list);
    }
  }
  const kinds = new Map(
    alerts.map((alert) => {
      const own = ofCustomer.get(alert.customerId) ?? [];
      return [alert, kindOf(alert, own, matched)];
    }),
  );
  return { delays, found, planted, kinds, unfound };
}

function placeOf(at: Pick<RaisedAlert, "ruleId" | "customerId">): string {
  return `${at.ruleId}|${at.customerId}`;
}

const share = (part: number, whole: number): number | null =>
  whole === 0 ? null : part / whole;

/** Score of the rules that `isMember` takes, as one row. */
function rowOf(
  rule: string,
  { delays, found, planted, kinds }: Verdicts,
  isMember: (ruleId: string) => boolean,
): RuleScore {
  const sum = (counts: ReadonlyMap<string, number>): number =>
    [...counts].reduce((total, [id, n]) => total + (isMember(id) ? n : 0), 0);
  const own = [...kinds].filter(([alert]) => isMember(alert.ruleId));
  const count = (kind: string): number =>
    own.filter(([, is]) => is === kind).length;
  const times = [...delays]
    .flatMap(([id, list]) => (isMember(id) ? list : []))
    .sort((a, b) => a - b);
  const [right, wrong] = [count("right"), count("false")];
  const following = count("following");
  return {
    ...{ rule, planted: sum(planted), found: sum(found) },
    falseTold: own.filter(([{ told }, is]) => told && is === "false").length,
    ...{ raised: right + wrong + following, right, following, false: wrong },
    recall: share(sum(found), sum(planted)),
    precision: share(right, right + wrong),
    medianSecondsToAlert: times[Math.floor(times.length / 2)] ?? null,
    slowestSecondsToAlert: times.at(-1) ?? null,
  };
}

/** Family of a rule: the letters before its number. */
export function familyOf(ruleId: string): string {
  return ruleId.split("-")[0] ?? ruleId;
}

/** Alerts that nothing explains, and truths that nobody found. */
export function misses(
  truths: readonly Truth[],
  alerts: readonly RaisedAlert[],
): {
  readonly unexplained: RaisedAlert[];
  readonly unfound: readonly string[];
} {
  const { kinds, unfound } = judge(truths, alerts);
  const unexplained = [...kinds].flatMap(([alert, kind]) =>
    kind === "false" ? [alert] : [],
  );
  return { unexplained, unfound };
}

/** Score per rule, and per family, of all that was planted or raised. */
export function scoreRules(
  truths: readonly Truth[],
  alerts: readonly RaisedAlert[],
): { readonly rules: RuleScore[]; readonly families: RuleScore[] } {
  const verdicts = judge(truths, alerts);
  const said = [...verdicts.kinds].filter(([, kind]) => kind !== "muted");
  const rules = [
    ...new Set([
      ...verdicts.planted.keys(),
      ...said.map(([alert]) => alert.ruleId),
    ]),
  ].sort();
  const families = [...new Set(rules.map(familyOf))];
  return {
    rules: rules.map((rule) => rowOf(rule, verdicts, (id) => id === rule)),
    families: families.map((family) =>
      rowOf(family, verdicts, (id) => familyOf(id) === family),
    ),
  };
}

/** False alerts of all rows per customer and month of thirty days. */
export function falseRate(
  rows: readonly RuleScore[],
  customers: number,
  days: number,
): FalseRate {
  const wrong = rows.reduce((sum, row) => sum + row.falseTold, 0);
  const perCustomerAndMonth =
    customers === 0 || days === 0 ? 0 : (wrong / customers) * (30 / days);
  return { falseTold: wrong, perCustomerAndMonth };
}

/** Bars of a family (issue of the decision core, proof). */
export const bars = {
  recall: 0.9,
  precision: 0.9,
  falseRate: 0.05,
  seconds: 1,
} as const;

/** Which bars a row misses; empty = none. */
export function missedBars(row: RuleScore): string[] {
  const { recall, precision, slowestSecondsToAlert: slowest } = row;
  return [
    ...(recall !== null && recall < bars.recall ? ["recall"] : []),
    ...(precision !== null && precision < bars.precision ? ["precision"] : []),
    ...(slowest !== null && slowest > bars.seconds ? ["time"] : []),
  ];
}
