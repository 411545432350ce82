/** What nobody is told of, through the running product; rules tried on it. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startDashboard } from "../support/dashboard.ts";
import { startHistorian } from "../support/historian.ts";
import { fileIn, testFolder } from "../support/ingest.ts";
import { testNamespace } from "../support/namespace.ts";
import { orderPlaced } from "../support/sample-records.ts";
import { startService } from "../support/service.ts";
import { waitFor } from "../support/stack.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

interface Suppressed {
  readonly ruleId: string;
  readonly reason: string;
  readonly customerId: string;
  readonly alertId: string | null;
  readonly parent: string | null;
  readonly moneyAtRisk: string;
}

interface Tried {
  readonly records: number;
  readonly touched: number;
  readonly rules: readonly {
    readonly ruleId: string;
    readonly before: { readonly raised: number };
    readonly after: { readonly raised: number };
  }[];
}

test("one cause is told once, the rest is recorded, and rules can be tried on it", async () => {
  const space = await testNamespace();
  await startService({
    entry: "processor/src/main.ts",
    portVariable: "RISKWALL_PROCESSOR_PORT",
    env: { RISKWALL_NAMESPACE: space.namespace, LOG_LEVEL: "warn" },
  });
  await startHistorian(space.namespace);
  const dashboard = await startDashboard(space);
  const envelope = { source: "test-erp", time: Date.now(), historical: false };
  const topic = space.topics.events;
  const limit = {
    name: "CustomerLimitSet",
    value: {
      ...{ ...envelope, eventId: "limit", customerId: "C-1", reason: "test" },
      ...{ amount: 100_000_00, currency: "CNY", kind: "standing" },
      ...{ validFrom: null, validTo: null },
    },
  } as const;
  const order = (n: number, amount: number) => ({
    ...{ topic, key: "C-1" },
    record: orderPlaced(n, { customerId: "C-1", amount }),
  });
  await space.append([
    { topic, key: "C-1", record: limit },
    ...Array.from({ length: 12 }, (_, i) => order(i + 1, 1000_00)),
    order(99, 200_000_00),
  ]);

  const suppressed = async (query = ""): Promise<readonly Suppressed[]> => {
    const answer = await dashboard.get(`/api/alerts/suppressed${query}`);
    const { status, body } = answer;
    expect({ status, code: body["code"] }).toEqual({ status: 200 });
    return (body["items"] ?? []) as readonly Suppressed[];
  };
  await waitFor(async () =>
    (await suppressed()).some((item) => item.ruleId === "EXP-02"),
  );
  const [breach] = await suppressed("?rule=EXP-02&reason=cause&customer=C-1");
  expect(breach?.parent).toMatch(/^[0-9a-f]+$/);
  expect(Number(breach?.moneyAtRisk)).toBeGreaterThan(0);
  expect(await suppressed("?reason=budget")).toEqual([]);
  const { body } = await dashboard.get(`/api/alerts/${breach?.alertId ?? ""}`);
  expect(body).toMatchObject({ state: "open", parent: breach?.parent });
  const { body: leader } = await dashboard.get(
    `/api/alerts/${breach?.parent ?? ""}`,
  );
  expect(leader).toMatchObject({ parent: null, quiet: null });

  const shipped = readFileSync(`${root}/processor/rules/default.yaml`, "utf8");
  const changed = shipped.replace(/^disabled: \[\]$/m, "disabled: [ORD-01]");
  expect(changed).not.toBe(shipped);
  const file = fileIn(testFolder(), "rules.yaml", changed);
  const verb = ["processor/src/cli.ts", "rules", "backtest", "--rules", file];
  const options = {
    cwd: root,
    env: { ...process.env, RISKWALL_NAMESPACE: space.namespace },
  };
  const json = await run(process.execPath, [...verb, "-o", "json"], options);
  const tried = JSON.parse(json.stdout) as Tried;
  const large = tried.rules.find((rule) => rule.ruleId === "ORD-01");
  expect(large).toMatchObject({ before: { raised: 1 }, after: { raised: 0 } });
  expect(tried).toMatchObject({ touched: 1 });
  expect(tried.records).toBeGreaterThanOrEqual(14);
  const table = await run(process.execPath, verb, options);
  expect(table.stdout).toContain("ORD-01");
  expect(table.stdout).toContain("1 → 0 (−1)");
});
