/** `./riskwall customers …`, `./riskwall alerts …` and `./riskwall dlq …`. */
import { Command, CommanderError } from "commander";
import { z } from "zod";
import { CommandFailed, connectApi } from "./cli/api-client.ts";
import { addDlq } from "./cli/dlq.ts";
import {
  outputOption,
  printRows,
  type Column,
  type Format,
} from "./cli/print.ts";

const { env } = process;
const base = env["RISKWALL_PORT_BASE"] ?? "4000";
const port = env["RISKWALL_DASHBOARD_PORT"] ?? base;
const url = env["RISKWALL_DASHBOARD_URL"] ?? `http://127.0.0.1:${port}`;
const home = env["RISKWALL_HOME"] ?? ".riskwall";
const api = connectApi(url.replace(/\/+$/, ""), home);

const alertShape = z.looseObject({
  alertId: z.string(),
  ruleId: z.string(),
  severity: z.string(),
  state: z.string(),
  actionVersion: z.number(),
  customerId: z.string(),
  customerName: z.string(),
  titleEn: z.string(),
  openedAt: z.string(),
});
type AlertRow = z.output<typeof alertShape>;
const alertPage = z.object({
  items: z.array(alertShape),
  next: z.string().nullable(),
});
const customerShape = z.looseObject({
  customerId: z.string(),
  profile: z.looseObject({ name: z.string(), segment: z.string() }),
  score: z.number(),
  class: z.string(),
  pd: z.string(),
  exposure: z.looseObject({ total: z.string(), currency: z.string() }),
  overdue: z.string(),
  limit: z.looseObject({
    effective: z.string().nullable(),
    utilisation: z.string().nullable(),
  }),
  reasons: z.array(z.looseObject({ textEn: z.string() })),
  openAlerts: z.array(alertShape),
  holds: z.array(z.looseObject({ orderId: z.string() })),
  asOf: z.string(),
});
type CustomerRow = z.output<typeof customerShape>;

const alertColumns: readonly Column<AlertRow>[] = [
  { head: "alert", cell: (row) => row.alertId },
  { head: "severity", cell: (row) => row.severity },
  { head: "state", cell: (row) => row.state },
  { head: "rule", cell: (row) => row.ruleId },
  { head: "customer", cell: (row) => `${row.customerId} ${row.customerName}` },
  { head: "what", cell: (row) => row.titleEn },
  { head: "opened", cell: (row) => row.openedAt },
];

/** A customer's table: one line per fact. */
function facts(row: CustomerRow): readonly (readonly [string, string])[] {
  const { total, currency } = row.exposure;
  return [
    ["customer", `${row.customerId} ${row.profile.name}`],
    ["score", `${String(row.score)} class ${row.class} PD ${row.pd}`],
    ["exposure", `${total} ${currency}`],
    ["overdue", `${row.overdue} ${currency}`],
    ["limit", row.limit.effective ?? "none"],
    ["utilisation", row.limit.utilisation ?? "–"],
    ["reasons", row.reasons.map((reason) => reason.textEn).join("; ")],
    ["open alerts", String(row.openAlerts.length)],
    ["held orders", row.holds.map((hold) => hold.orderId).join(" ") || "none"],
    ["as of", row.asOf],
  ];
}

const program = new Command("riskwall").showHelpAfterError().exitOverride();
const customers = program.command("customers").description("customers");
customers
  .command("show")
  .description("one customer: score, reasons, exposure, limit, alerts")
  .argument("<id>")
  .addOption(outputOption())
  .action(async (id: string, options: { output: Format }) => {
    const path = `/api/customers/${encodeURIComponent(id)}`;
    const row = await api.get(path, customerShape);
    if (options.output === "table") {
      const columns = [
        { head: "fact", cell: (fact: readonly [string, string]) => fact[0] },
        { head: "value", cell: (fact: readonly [string, string]) => fact[1] },
      ];
      process.stdout.write(printRows(facts(row), columns, "table"));
    } else if (options.output === "json") {
      process.stdout.write(`${JSON.stringify(row, null, 2)}\n`);
    } else process.stdout.write(`${JSON.stringify(row)}\n`);
  });

const alerts = program.command("alerts").description("alerts");
interface ListOptions {
  readonly output: Format;
  readonly state: string;
  readonly severity?: string;
  readonly rule?: string;
  readonly customer?: string;
  readonly limit: string;
}
alerts
  .command("list")
  .description("alerts, newest opening first")
  .option("--state <states>", "comma separated, or all", "open")
  .option("--severity <severities>", "comma separated")
  .option("--rule <rule>")
  .option("--customer <id>")
  .option("--limit <n>", "at most", "50")
  .addOption(outputOption())
  .action(async (options: ListOptions) => {
    const query = new URLSearchParams({ limit: options.limit });
    if (options.state !== "all") query.set("state", options.state);
    for (const name of ["severity", "rule", "customer"] as const) {
      const value = options[name];
      if (value !== undefined) query.set(name, value);
    }
    const page = await api.get(`/api/alerts?${query.toString()}`, alertPage);
    process.stdout.write(printRows(page.items, alertColumns, options.output));
    if (page.next !== null) process.stderr.write("more: raise --limit\n");
  });
alerts
  .command("ack")
  .description("acknowledge an alert")
  .argument("<id>")
  .option("--note <text>")
  .addOption(outputOption())
  .action(async (id: string, options: { note?: string; output: Format }) => {
    const path = `/api/alerts/${encodeURIComponent(id)}`;
    const { actionVersion } = await api.get(path, alertShape);
    const answer = await api.post(`${path}/actions`, {
      action: "acknowledge",
      expected: actionVersion,
      ...(options.note === undefined ? {} : { note: options.note }),
    });
    const state = answer["pending"] === true ? "pending" : answer["state"];
    process.stdout.write(
      options.output === "table"
        ? `${id} ${String(state)}\n`
        : `${JSON.stringify({ alertId: id, ...answer })}\n`,
    );
  });

addDlq(program, api);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommandFailed) {
    process.stderr.write(`riskwall: ${error.message}\n`);
    process.exitCode = error.exitCode;
  } else if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else throw error;
}
