/** Faults of a release and of a long load: rules change, an import breaks off. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { logPartitions, partitionKeys } from "@riskwall/schemas/names";
import type { BenchNamespace } from "../bench/bench-namespace.ts";
import { withNamespace } from "../bench/bench-namespace.ts";
import { ownProcesses } from "../bench/processes.ts";
import { waitFor } from "../support/stack.ts";
import { killNow, pause, type Fault, type Site } from "./fault.ts";
import { control } from "./log-time.ts";
import { movedRules } from "./moved-rules.ts";

const root = resolve(fileURLToPath(new URL("../..", import.meta.url)));
/** No build knows it yet. */
const laterLogic = "999";
const haltedPartition = 3;

async function setLogic(site: Site, logic: string): Promise<void> {
  const { namespace, redis } = site.space;
  await redis.hset(
    partitionKeys(namespace, haltedPartition).meta,
    "logic",
    logic,
  );
}

async function readiness(site: Site): Promise<string> {
  return (await fetch(`${site.processorUrl}/readyz?verbose`)).text();
}

/**
 * A build that meets the state of a logic it does not know halts that
 * partition and says so; the others go on. With the logic it knows, it goes on.
 */
async function meetLaterLogic(site: Site): Promise<void> {
  await site.space.settled();
  const meta = partitionKeys(site.space.namespace, haltedPartition).meta;
  const known = (await site.space.redis.hget(meta, "logic")) ?? "";
  killNow(site.pidOf("processor"));
  await setLogic(site, laterLogic);
  await waitFor(
    async () => (await readiness(site)).includes("LOGIC_UNSUPPORTED"),
    { timeoutMs: 60_000 },
  );
  const before = await site.space.committed();
  await site.sendAgain();
  await waitFor(
    async () => {
      const now = await site.space.committed();
      return now.some((next, p) => next > (before[p] ?? 0));
    },
    { timeoutMs: 60_000 },
  );
  const after = await site.space.committed();
  if (after[haltedPartition] !== before[haltedPartition]) {
    throw new Error("a partition of an unknown logic went on");
  }
  await setLogic(site, known);
  killNow(site.pidOf("processor"));
  await site.space.settled();
}

let rulesVersion = 1;

export const rollingRules: Fault = {
  number: 27,
  what: "rule sets change in a rolling restart, the product's processor dies between outputs and commit; last, a state of a logic no build knows",
  times: 2,
  load: { eventsPerSecond: 300, customers: 500 },
  env: { RISKWALL_DIE_AT: "after-send", RISKWALL_DIE_AFTER: "60" },
  act: async (site) => {
    const other = await site.addProcessor();
    // It dies and comes back all the time, also while the other one started.
    const ownPid = (): number | null =>
      ownProcesses().find(
        ({ role, pid }) => role === "processor" && pid !== other.pid,
      )?.pid ?? null;
    const before = ownPid();
    rulesVersion += 1;
    await control(site.space, movedRules(rulesVersion));
    await waitFor(() => ownPid() !== before, { timeoutMs: 60_000 });
    const took = await site.nextCommit();
    await other.stop();
    return Math.max(took, await site.nextCommit());
  },
  problem: async (site) => {
    const { namespace, redis } = site.space;
    await meetLaterLogic(site);
    for (let p = 0; p < logPartitions; p += 1) {
      const { meta } = partitionKeys(namespace, p);
      const register = (await redis.hget(meta, "register")) ?? "";
      if (!register.includes(`"rulesVersion":${String(rulesVersion)}`)) {
        return `partition ${String(p)} has other rules`;
      }
    }
    return null;
  },
};

const importCustomers = 100;
const importMonths = 36;
const firstMonth = 2023 * 12;
const unpaidFrom = importMonths - 1;

const mapping = `
format: csv
delimiter: ";"
timezone: Asia/Shanghai
source: old
decimals: 2
events:
  - type: invoice.issued
    id: "invoice-{row}"
    time: "{ISSUED}"
    data: { customerId: "{CUSTOMER}", invoiceId: "OLD-{row}", amount: "{AMOUNT}", currency: CNY, issueDate: "{ISSUED}", dueDate: "{DUE}" }
  - type: payment.received
    when: "{PAID}"
    id: "payment-{row}"
    time: "{PAID}"
    data: { customerId: "{CUSTOMER}", paymentId: "OP-{row}", invoiceId: "OLD-{row}", amount: "{AMOUNT}", currency: CNY, valueDate: "{PAID}" }
`;

const day = (month: number, date: number): string =>
  `${String(Math.floor(month / 12))}-${String((month % 12) + 1).padStart(2, "0")}-${String(date).padStart(2, "0")}`;

/** Three years of invoices; those of the last month are not paid. */
function csv(): string {
  const lines = ["CUSTOMER;AMOUNT;ISSUED;DUE;PAID"];
  for (let month = 0; month < importMonths; month += 1) {
    for (let n = 0; n < importCustomers; n += 1) {
      const at = firstMonth + month;
      const paid = month >= unpaidFrom ? "" : day(at + 1, 10 + (n % 15));
      const amount = `${String(3000 + ((n * 37 + month * 11) % 900))}.00`;
      lines.push(
        `OLD-${String(n)};${amount};${day(at, 5)};${day(at + 1, 5)};${paid}`,
      );
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Starts the public import; `ended` answers null where a signal ended it. */
function startImport(
  space: BenchNamespace,
  home: string,
): { readonly kill: () => void; readonly ended: Promise<number | null> } {
  const child = spawn(
    process.execPath,
    [
      ...["ingest/src/cli.ts", "import", join(home, "in.csv")],
      ...["--map", join(home, "map.yaml"), "--historical", "-o", "json"],
    ],
    {
      cwd: root,
      env: {
        ...process.env,
        RISKWALL_NAMESPACE: space.namespace,
        RISKWALL_HOME: home,
      },
      stdio: "ignore",
    },
  );
  const ended = new Promise<number | null>((done) => {
    child.once("exit", done);
  });
  return { ended, kill: () => child.kill("SIGKILL") };
}

/** What the log holds of the import, by customer, in order, repeats left out. */
async function imported(
  space: BenchNamespace,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const seen = new Set<string>();
  const lives = new Map<string, string[]>();
  await space.read(space.topics.events, ({ batch }) => {
    for (const { value } of batch.messages) {
      const decoded = space.codec.decode(value ?? Buffer.alloc(0));
      if (decoded.kind !== "record") continue;
      const record = decoded.record.value;
      if (!("source" in record) || record.source !== "old") continue;
      if (!("customerId" in record) || record.customerId === null) continue;
      if (!("eventId" in record) || record.eventId === null) continue;
      if (seen.has(record.eventId)) continue;
      seen.add(record.eventId);
      const life = lives.get(record.customerId) ?? [];
      life.push(JSON.stringify(record));
      lives.set(record.customerId, life);
    }
  });
  return lives;
}

/** Names a difference between a broken and a whole import, if there is one. */
async function compareImports(space: BenchNamespace): Promise<string | null> {
  return withNamespace(async (other) => {
    const home = importHome();
    try {
      const code = await startImport(other, home).ended;
      if (code !== 0) return `the whole import ended with ${String(code)}`;
      const [broken, whole] = [await imported(space), await imported(other)];
      const differing = [...whole].filter(
        ([id, life]) => broken.get(id)?.join() !== life.join(),
      );
      if (whole.size !== importCustomers) {
        return `${String(whole.size)} of ${String(importCustomers)} imported`;
      }
      return differing.length + Math.abs(broken.size - whole.size) === 0
        ? null
        : `${String(differing.length)} customers imported otherwise`;
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
}

function importHome(): string {
  const home = mkdtempSync(join(tmpdir(), "riskwall-import-"));
  writeFileSync(join(home, "in.csv"), csv());
  writeFileSync(join(home, "map.yaml"), mapping);
  return home;
}

/** Alerts of imported customers that are pushed, or of what was paid. */
async function falseAlerts(space: BenchNamespace): Promise<string | null> {
  let pushed = 0;
  let paid = 0;
  const firstUnpaid = importCustomers * unpaidFrom;
  await space.read(space.topics.alerts, ({ batch }) => {
    for (const { value } of batch.messages) {
      const decoded = space.codec.decode(value ?? Buffer.alloc(0));
      if (decoded.kind !== "record") continue;
      if (decoded.record.name !== "Alert") continue;
      const { customerId, muted, ruleId, ref } = decoded.record.value;
      if (!customerId.startsWith("OLD-")) continue;
      if (!muted) pushed += 1;
      const row = Number(ref.slice("OLD-".length));
      if (ruleId === "PAY-01" && row <= firstUnpaid) paid += 1;
    }
  });
  const problems = [
    ...(pushed === 0 ? [] : [`${String(pushed)} alerts of history pushed`]),
    ...(paid === 0 ? [] : [`${String(paid)} false overdue alerts`]),
  ];
  return problems.length === 0 ? null : problems.join(", ");
}

/** Records of the log after which the import is killed, in turn. */
const killAfter = [300, 2500, 5000];

export const brokenImport: Fault = {
  number: 28,
  what: "an import of three years of 100 customers, killed three times and run again",
  times: 1,
  load: { eventsPerSecond: 50, customers: 100 },
  act: async (site) => {
    const { space } = site;
    const home = importHome();
    const size = async (): Promise<number> =>
      (await space.ends(space.topics.events)).reduce((sum, n) => sum + n, 0);
    try {
      const before = await size();
      for (const more of killAfter) {
        const run = startImport(space, home);
        await waitFor(async () => (await size()) >= before + more, {
          timeoutMs: 60_000,
          everyMs: 20,
        });
        run.kill();
        await run.ended;
        await pause(500);
      }
      const code = await startImport(space, home).ended;
      if (code !== 0) throw new Error(`the import ended with ${String(code)}`);
      return await site.nextCommit();
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  },
  problem: async ({ space }) =>
    (await falseAlerts(space)) ?? (await compareImports(space)),
};
