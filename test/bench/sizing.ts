/**
 * What a load takes, computed from measured figures. Pure but for its end:
 * `node test/bench/sizing.ts RESULTS.json…` writes docs/sizing.md anew, with
 * the figures of those results of `npm run bench` (later files win) where they
 * have them, else with those that the page states now.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Roles of a process whose CPU is counted, in the page's order. */
export const roles = [
  "processor",
  "historian",
  "dashboard",
  "clickhouse",
  "kafka",
  "ingest",
  "redis",
] as const;
type Role = (typeof roles)[number];

export interface Measured {
  /** CPU of a role per event, µs. */
  readonly cpu: Readonly<Record<Role, number>>;
  /** Resident memory of a role under load, MiB. */
  readonly resident: Readonly<Record<Role, number>>;
  /** Redis per customer after three years, median, B. */
  readonly customerBytes: number;
  /** A record in the log, B (design, architecture 10). */
  readonly logBytes: number;
}

export interface Load {
  readonly eventsPerSecond: number;
  readonly customers: number;
}

export interface Need {
  /** CPUs of all parts, with the reserve. */
  readonly cpus: number;
  readonly processors: number;
  /** True where the historian's one thread cannot keep up with the peak. */
  readonly historyLags: boolean;
  readonly redisMiB: number;
  readonly memoryMiB: number;
  /** Log of the days that Kafka keeps, one copy, GiB. */
  readonly logGiB: number;
}

/** Share of a CPU that a part may use in the long run. */
export const useMax = 0.6;
/** Partitions of a log, fixed when it is made. */
export const partitions = 12;
/** Redis' own use above what its values take. */
const redisOverhead = 1.3;
const logDays = 35;
const million = 1e6;
const mib = 1024 ** 2;

/** Events/s that one thread of a role carries in the long run. */
export function carries(measured: Measured, role: Role): number {
  return (useMax * million) / measured.cpu[role];
}

export function cpuSecondsPerMillion({ cpu }: Measured): number {
  return roles.reduce((sum, role) => sum + cpu[role], 0);
}

export function needOf(measured: Measured, load: Load): Need {
  const { eventsPerSecond, customers } = load;
  const { resident } = measured;
  const busy = (eventsPerSecond * cpuSecondsPerMillion(measured)) / million;
  const processors = Math.ceil(
    eventsPerSecond / carries(measured, "processor"),
  );
  const redisMiB =
    resident.redis + (customers * measured.customerBytes * redisOverhead) / mib;
  const others = roles
    .filter((role) => role !== "redis" && role !== "processor")
    .reduce((sum, role) => sum + resident[role], 0);
  const logBytes = eventsPerSecond * 86_400 * logDays * measured.logBytes;
  return {
    cpus: busy / useMax,
    processors: Math.max(1, processors),
    historyLags: eventsPerSecond > carries(measured, "historian"),
    redisMiB,
    memoryMiB: redisMiB + others + resident.processor * Math.max(1, processors),
    logGiB: logBytes / 1024 ** 3,
  };
}

/** Loads of the page's table. */
export const loads: readonly Load[] = [
  { eventsPerSecond: 50, customers: 10_000 },
  { eventsPerSecond: 500, customers: 100_000 },
  { eventsPerSecond: 2000, customers: 100_000 },
  { eventsPerSecond: 5000, customers: 1_000_000 },
  { eventsPerSecond: 20_000, customers: 1_000_000 },
];

const whole = (value: number): string => Math.round(value).toLocaleString("en");

function table(head: readonly string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join(
    "\n",
  );
}

/** The page's figures: what was measured, and what follows for each load. */
export function figuresText(measured: Measured): string {
  const inputs = table(
    [
      "Part",
      "CPU per event, µs",
      "Resident, MiB",
      "One thread carries, events/s",
    ],
    roles.map((role) => [
      role,
      whole(measured.cpu[role]),
      whole(measured.resident[role]),
      role === "processor" || role === "historian" || role === "dashboard"
        ? whole(carries(measured, role))
        : "–",
    ]),
  );
  const seconds = cpuSecondsPerMillion(measured);
  const results = table(
    [
      ...["Events/s", "Customers", "CPUs", "Processors", "Redis, GiB"],
      ...["All memory, GiB", "Log of 35 days, GiB", "Historian"],
    ],
    loads.map((load) => {
      const need = needOf(measured, load);
      return [
        ...[whole(load.eventsPerSecond), whole(load.customers)],
        need.cpus.toFixed(1),
        need.processors > partitions
          ? `${String(need.processors)}: more than partitions`
          : String(need.processors),
        (need.redisMiB / 1024).toFixed(2),
        (need.memoryMiB / 1024).toFixed(1),
        whole(need.logGiB),
        need.historyLags ? "falls behind" : "keeps up",
      ];
    }),
  );
  return [
    inputs,
    `Redis per customer: ${whole(measured.customerBytes)} B (median, three years). A record in the log: ${whole(measured.logBytes)} B. A million events take ${whole(seconds)} CPU seconds in all, ${(seconds / 3600).toFixed(2)} CPU hours.`,
    results,
  ].join("\n\n");
}

const begin = "<!-- computed by test/bench/sizing.ts: begin -->";
const end = "<!-- computed: end -->";

/** The computed part of a page. */
export function computedPart(page: string): string {
  return page
    .slice(page.indexOf(begin) + begin.length, page.indexOf(end))
    .trim();
}

/** What a page says was measured; throws where it does not. */
export function measuredOf(page: string): Measured {
  const part = computedPart(page).replaceAll(",", "");
  const number = (pattern: RegExp): number => {
    const value = Number(pattern.exec(part)?.[1]);
    if (Number.isFinite(value)) return value;
    throw new Error(`the page has no ${String(pattern)}`);
  };
  const of = (role: Role, column: number): number =>
    number(
      new RegExp(`\\| ${role} *\\|${" *[\\d.–]+ *\\|".repeat(column)} *(\\d+)`),
    );
  const each = (column: number): Record<Role, number> => ({
    processor: of("processor", column),
    historian: of("historian", column),
    dashboard: of("dashboard", column),
    clickhouse: of("clickhouse", column),
    kafka: of("kafka", column),
    ingest: of("ingest", column),
    redis: of("redis", column),
  });
  return {
    ...{ cpu: each(0), resident: each(1) },
    customerBytes: number(/per customer: (\d+)/),
    logBytes: number(/in the log: (\d+)/),
  };
}

interface Row {
  readonly name: string;
  readonly value: number;
  readonly note?: string;
}

/** Numbers by role as a figure's note lists them. */
function byRole(row: Row | undefined, known: Measured["cpu"]): Measured["cpu"] {
  const found = [...(row?.note ?? "").matchAll(/([a-z]+) ([\d.]+)/g)];
  const told = Object.fromEntries(
    found.map(([, role, value]) => [role, Number(value)]),
  );
  return { ...known, ...told };
}

/** The figures of a results file over those that are known. */
export function withResults(known: Measured, json: string): Measured {
  // Written by `npm run bench`.
  const { results } = JSON.parse(json) as {
    readonly results: readonly { readonly figures: readonly Row[] }[];
  };
  const rows = results.flatMap(({ figures }) => figures);
  const find = (name: RegExp): Row | undefined =>
    rows.find((row) => name.test(row.name));
  return {
    ...known,
    cpu: byRole(find(/^CPU per event, all processes/), known.cpu),
    resident: byRole(find(/^resident memory, all/), known.resident),
    customerBytes:
      find(/^Redis per customer.*median/i)?.value ?? known.customerBytes,
  };
}

if (import.meta.main) {
  const file = fileURLToPath(new URL("../../docs/sizing.md", import.meta.url));
  const page = readFileSync(file, "utf8");
  const measured = process.argv
    .slice(2)
    .reduce(
      (known, path) => withResults(known, readFileSync(path, "utf8")),
      measuredOf(page),
    );
  const before = page.slice(0, page.indexOf(begin) + begin.length);
  const after = page.slice(page.indexOf(end));
  writeFileSync(file, `${before}\n\n${figuresText(measured)}\n\n${after}`);
}
