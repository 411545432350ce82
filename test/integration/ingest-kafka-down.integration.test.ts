/**
 * The broker is killed under load and comes back: while it is away the gateway
 * says 503 and when to try again, and what it had accepted is in the log.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { freeBase, planPorts } from "../../deploy/local/ports.ts";
import { startKafka } from "../../deploy/local/servers.ts";
import {
  createSupervisor,
  type Supervisor,
} from "../../deploy/local/supervisor.ts";
import {
  readTopic,
  startGateway,
  type TestGateway,
} from "../support/ingest.ts";
import { testNamespace } from "../support/namespace.ts";
import { waitFor } from "../support/stack.ts";

const clients = 4;

let home: string;
let supervisor: Supervisor;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "riskwall-kafka-"));
  supervisor = createSupervisor(home, () => undefined);
  const ports = planPorts(await freeBase());
  await startKafka(home, ports, supervisor);
  const brokers = `127.0.0.1:${String(ports.kafka)}`;
  vi.stubEnv("RISKWALL_KAFKA_BROKERS", brokers);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await supervisor.stop();
  rmSync(home, { recursive: true, force: true });
});

function order(id: string): object {
  return {
    id,
    source: "erp",
    type: "order.placed",
    time: new Date().toISOString(),
    data: {
      customerId: `C-${id}`,
      orderId: `O-${id}`,
      amount: "120.00",
      currency: "CNY",
    },
  };
}

interface Load {
  readonly accepted: Set<string>;
  /** Ids answered 503, with the Retry-After of the answer. */
  readonly refused: Map<string, string | null>;
  readonly others: number[];
  readonly stop: () => Promise<void>;
}

/** Posts one order after the other from several clients. */
function startLoad(gateway: TestGateway): Load {
  let going = true;
  const accepted = new Set<string>();
  const refused = new Map<string, string | null>();
  const others: number[] = [];
  const client = async (n: number): Promise<void> => {
    for (let i = 0; going; i += 1) {
      const id = `${String(n)}-${String(i)}`;
      const { status, headers } = await gateway.post(order(id));
      if (status === 202) accepted.add(id);
      else if (status === 503) refused.set(id, headers.get("retry-after"));
      else others.push(status);
    }
  };
  const all = Array.from({ length: clients }, async (_, n) => client(n));
  return {
    accepted,
    refused,
    others,
    stop: async () => {
      going = false;
      await Promise.all(all);
    },
  };
}

it("refuses while the broker is away and loses nothing it accepted", async () => {
  const ns = await testNamespace();
  const gateway = await startGateway(ns);
  const load = startLoad(gateway);
  await waitFor(() => load.accepted.size > 200);
  const pid = supervisor.pids().get("kafka");
  if (pid === undefined) throw new Error("no broker");
  process.kill(pid, "SIGKILL");
  const before = load.accepted.size;
  await waitFor(() => load.refused.size >= clients, { timeoutMs: 60_000 });
  expect((await fetch(`${gateway.service.url}/livez`)).status).toBe(200);
  // The supervisor brings the broker back.
  await waitFor(() => load.accepted.size > before + 200, {
    timeoutMs: 120_000,
  });
  await load.stop();
  expect(load.others).toEqual([]);
  for (const [id, retryAfter] of load.refused) {
    expect(Number(retryAfter)).toBeGreaterThan(0);
    const again = await gateway.post(order(id));
    expect(again.status).toBe(202);
    load.accepted.add(id);
  }
  const found = new Set(
    (await readTopic(ns, ns.topics.events)).map(({ record }) =>
      "eventId" in record.value ? record.value.eventId : "",
    ),
  );
  const lost = [...load.accepted].filter((id) => !found.has(id));
  expect(lost).toEqual([]);
});
