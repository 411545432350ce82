/** `./riskwall doctor` names what was broken, and a fix, for each way. */
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttp } from "node:http";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { testNamespace, type TestNamespace } from "../support/namespace.ts";
import { orderRecords } from "../support/processor.ts";
import { waitFor } from "../support/stack.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Finding {
  readonly part: string;
  readonly state: string;
  readonly at: string;
  readonly what: string;
  readonly fix: string;
}

interface Visit {
  readonly code: number;
  readonly findings: readonly Finding[];
}

/** What the doctor says of a namespace; the servers of `env` are broken. */
async function doctor(
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Visit> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      ["deploy/local/cli.ts", "doctor", "-o", "json", ...args],
      { cwd: root, env: { ...process.env, ...env } },
      (_, stdout) => {
        const findings = JSON.parse(stdout) as Finding[];
        done({ code: child.exitCode ?? -1, findings });
      },
    );
  });
}

/** Everything that is not well and is not one of our own services. */
function broken({ findings }: Visit): Finding[] {
  const own = "ingest processor historian notifier dashboard".split(" ");
  return findings.filter(
    ({ part, state }) => state !== "up" && !own.includes(part),
  );
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(
    async () => new Promise((done) => server.close(() => done(undefined))),
  );
  return (server.address() as AddressInfo).port;
}

/** A port where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

const noLag = ["--lag-seconds", "0"] as const;

test("names every server that is down", async () => {
  const at = `127.0.0.1:${String(await closedPort())}`;
  const visit = await doctor({
    RISKWALL_KAFKA_BROKERS: at,
    RISKWALL_REGISTRY_URL: `http://${at}`,
    RISKWALL_REDIS_URL: `redis://${at}`,
    RISKWALL_CLICKHOUSE_URL: `http://${at}`,
    RISKWALL_INGEST_PORT: at.split(":")[1] ?? "",
  });
  expect(visit.code).toBe(4);
  for (const [part, variable] of [
    ["Kafka", "RISKWALL_KAFKA_BROKERS"],
    ["schema registry", "RISKWALL_REGISTRY_URL"],
    ["Redis", "RISKWALL_REDIS_URL"],
    ["ClickHouse", "RISKWALL_CLICKHOUSE_URL"],
    ["ingest", "HOME/log/ingest.log"],
  ]) {
    expect(visit.findings).toContainEqual({
      ...{ part, state: "down" },
      at: expect.stringContaining(at) as string,
      what: expect.stringContaining("ECONNREFUSED") as string,
      fix: expect.stringContaining(variable ?? "") as string,
    });
  }
});

test("a namespace that is well has no finding", async () => {
  const ns = await testNamespace();
  const visit = await doctor({ RISKWALL_NAMESPACE: ns.namespace }, ...noLag);
  expect(broken(visit)).toEqual([]);
  // Our own services do not run in this namespace.
  expect(visit.code).toBe(4);
});

/** Answers ApiVersions with a Produce that begins too late. */
async function newBroker(): Promise<number> {
  const apis = [
    [0, 8, 14],
    [1, 4, 17],
    [11, 2, 9],
  ];
  const reply = Buffer.alloc(14 + apis.length * 6);
  reply.writeInt32BE(reply.length - 4, 0);
  reply.writeInt32BE(1, 4);
  reply.writeInt32BE(apis.length, 10);
  apis.forEach((api, i) => {
    api.forEach((value, k) => reply.writeInt16BE(value, 14 + i * 6 + k * 2));
  });
  return listen(
    createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.on("data", () => socket.write(reply));
    }),
  );
}

/** An HTTP server with an answer for each request. */
async function http(answer: (path: string, body: string) => string) {
  const server = createHttp((request, reply) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      reply.end(answer(request.url ?? "", Buffer.concat(chunks).toString()));
    });
  });
  return `http://127.0.0.1:${String(await listen(server))}`;
}

test("names wrong versions, a wrong clock, a full disk, refused schemas", async () => {
  const ns = await testNamespace();
  const old = await http((_, query) => {
    const rows = query.includes("version()")
      ? { version: "23.8.1", now: String(Date.now() - 120_000) }
      : { path: "/data/", free: "4", total: "100" };
    return `${JSON.stringify(rows)}\n`;
  });
  const registry = await http((path) =>
    path === "/subjects"
      ? "[]"
      : JSON.stringify({
          is_compatible: !path.includes("riskwall.OrderPlaced"),
          messages: ["READER_FIELD_MISSING_DEFAULT_VALUE"],
        }),
  );
  const visit = await doctor(
    {
      RISKWALL_NAMESPACE: ns.namespace,
      RISKWALL_KAFKA_BROKERS: `127.0.0.1:${String(await newBroker())}`,
      RISKWALL_CLICKHOUSE_URL: old,
      RISKWALL_REGISTRY_URL: registry,
    },
    ...noLag,
  );
  const said = broken(visit).map(({ part, what }) => `${part}: ${what}`);
  expect(said).toEqual([
    "Kafka: wrong version: Produce 8 to 14, needs 3 to 7",
    "schema: not compatible with the registered one: READER_FIELD_MISSING_DEFAULT_VALUE",
    "ClickHouse: version 23.8.1, needs 24.3",
    "clock: its clock is 120 s behind",
    "disk: 4.0 % free, less than 10 %",
  ]);
  for (const { fix } of broken(visit)) expect(fix).not.toBe("");

  const page = await http(() => "<html>");
  const other = await doctor(
    { RISKWALL_NAMESPACE: ns.namespace, RISKWALL_REGISTRY_URL: page },
    ...["--disk-free", "101"],
    ...noLag,
  );
  expect(broken(other).map(({ part }) => part)).toContain("schema registry");
  expect(broken(other).map(({ part }) => part)).toContain("disk");
});

/** A Redis of the test's own that throws keys away when it is full. */
async function evictingRedis(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "riskwall-redis-"));
  const port = String(await closedPort());
  const child = spawn(
    "redis-server",
    ["--port", port, "--dir", folder, "--save", ""].concat([
      ...["--bind", "127.0.0.1", "--maxmemory", "8mb"],
      ...["--maxmemory-policy", "allkeys-lru"],
    ]),
    { stdio: "ignore" },
  );
  onTestFinished(() => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  const url = `redis://127.0.0.1:${port}`;
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => 50 });
  redis.on("error", () => undefined);
  await redis.connect().catch(() => undefined);
  await waitFor(async () => (await redis.ping()) === "PONG");
  redis.disconnect();
  return url;
}

test("names an evicting Redis", async () => {
  const ns = await testNamespace();
  const url = await evictingRedis();
  const env = { RISKWALL_NAMESPACE: ns.namespace, RISKWALL_REDIS_URL: url };
  expect(broken(await doctor(env, ...noLag))).toMatchObject([
    {
      ...{ part: "Redis", state: "wrong" },
      what: expect.stringContaining("allkeys-lru") as string,
      fix: expect.stringContaining("noeviction") as string,
    },
  ]);
});

/** Makes one topic too narrow, and another stamped by its producers. */
async function spoilTopics(ns: TestNamespace): Promise<void> {
  const admin = ns.kafka.admin();
  await admin.connect();
  const { scores, late } = ns.topics;
  await admin.deleteTopics({ topics: [scores] });
  await waitFor(async () => !(await admin.listTopics()).includes(scores));
  await waitFor(async () =>
    admin.createTopics({
      topics: [
        {
          topic: scores,
          numPartitions: 3,
          configEntries: [
            { name: "message.timestamp.type", value: "LogAppendTime" },
            { name: "max.message.bytes", value: "1048576" },
          ],
        },
      ],
    }),
  );
  const configEntries = [
    { name: "message.timestamp.type", value: "CreateTime" },
    { name: "max.message.bytes", value: "1048576" },
  ];
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: 2, name: late, configEntries }],
  });
  await admin.disconnect();
}

test("names topics with wrong partitions or settings", async () => {
  const ns = await testNamespace();
  await spoilTopics(ns);
  const { scores, late } = ns.topics;
  const visit = await doctor({ RISKWALL_NAMESPACE: ns.namespace }, ...noLag);
  expect(broken(visit)).toMatchObject([
    {
      ...{ part: "topic", state: "wrong", fix: "make it anew" },
      what: `${scores} has 3 partitions, needs 12`,
    },
    {
      ...{ part: "topic", state: "wrong", fix: "alter the topic" },
      what: `${late}: message.timestamp.type is CreateTime, needs LogAppendTime`,
    },
  ]);
});

test("names a lag that grows", async () => {
  const ns = await testNamespace();
  await ns.append(orderRecords(ns, { from: 0, count: 1500, customers: 50 }));
  let done = false;
  // Nobody folds, and records go on arriving.
  const visiting = doctor({ RISKWALL_NAMESPACE: ns.namespace }).finally(() => {
    done = true;
  });
  for (let from = 1500; !done; from += 20) {
    await ns.append(orderRecords(ns, { from, count: 20, customers: 50 }));
    await new Promise((go) => setImmediate(go));
  }
  const lags = broken(await visiting);
  expect(lags.map(({ part, at }) => `${part} ${at}`)).toEqual([
    "lag processor",
    "lag historian",
  ]);
  expect(lags[0]?.what).toMatch(/records behind, \d+ more than 3 s ago/);
});
