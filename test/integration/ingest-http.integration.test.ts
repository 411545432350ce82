/** The gateway on the real servers: what it answers is what the log holds. */
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { Redis } from "ioredis";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeKey, readTopic, startGateway } from "../support/ingest.ts";
import { testNamespace } from "../support/namespace.ts";
import { stack, waitFor } from "../support/stack.ts";

const order = (id: string, data: object = {}): object => ({
  id,
  source: "test-erp",
  type: "order.placed",
  time: new Date().toISOString(),
  data: {
    customerId: `C-${id}`,
    orderId: `O-${id}`,
    amount: "125.00",
    currency: "CNY",
    ...data,
  },
});

const residentMaxMb = 256;
const streamMb = 100;

describe("the gateway", () => {
  it("has in the log what it accepted, and in the dead letters what not", async () => {
    const test = await testNamespace();
    const { post } = await startGateway(test);
    const bad = order("3", { amount: 5 });
    const answer = await post([order("1"), order("2"), bad]);
    expect(answer.status).toBe(207);
    expect(answer.body).toMatchObject({ accepted: 2 });
    const log = await readTopic(test, test.topics.events);
    expect(log.map(({ key }) => key).sort()).toEqual(["C-1", "C-2"]);
    const [letter] = await readTopic(test, test.topics.deadletters);
    expect(letter?.record).toMatchObject({
      name: "DeadLetter",
      value: {
        stage: "http",
        eventId: "3",
        customerId: "C-3",
        code: "amount_not_string",
        path: "data.amount",
      },
    });
    const { value } = letter?.record ?? {};
    const raw = value !== undefined && "raw" in value ? value.raw : null;
    expect(JSON.parse(Buffer.from(raw ?? "").toString())).toEqual(bad);
  });

  it("knows a duplicate after it was killed, and does not append it", async () => {
    const test = await testNamespace();
    const first = await startGateway(test);
    expect((await first.post(order("1"))).body).toMatchObject({ accepted: 1 });
    await first.service.kill();
    const second = await startGateway(test, first.key);
    expect(await second.post(order("1"))).toMatchObject({
      status: 202,
      body: { accepted: 0, duplicates: 1 },
    });
    expect(await readTopic(test, test.topics.events)).toHaveLength(1);
  });

  it("forgets the oldest ids when both buckets are full", async () => {
    const { createDoor, doorId } = await import("../../ingest/src/io/door.ts");
    const test = await testNamespace();
    const redis = new Redis(stack().redisUrl);
    onTestFinished(async () => {
      const keys = await redis.keys(`{${test.namespace}:door}*`);
      if (keys.length > 0) await redis.del(...keys);
      redis.disconnect();
    });
    const warn = (): void => {
      throw new Error("Redis is away");
    };
    const door = createDoor(redis, test.namespace, { warn }, 10);
    const ids = Array.from({ length: 35 }, (_, i) => doorId("s", String(i)));
    for (const id of ids) await door.mark([id]);
    const known = await door.known(ids);
    expect(known.slice(20).every(Boolean)).toBe(true);
    expect(known.slice(0, 10).some(Boolean)).toBe(false);
    expect(known.filter(Boolean).length).toBeLessThanOrEqual(20);
  });

  it("takes a new key at once, and a revoked one no more", async () => {
    const test = await testNamespace();
    const { post } = await startGateway(test);
    const key = await makeKey(test, { sources: ["other"] });
    const bearer = { authorization: `Bearer ${key}` };
    const answer = await waitFor(async () => {
      const reply = await post(order("1"), bearer);
      return reply.status === 401 ? null : reply;
    });
    expect(answer).toMatchObject({
      status: 422,
      body: { failed: [{ code: "source_forbidden" }] },
    });
  });

  it("answers the decision that an order waits for", async () => {
    const test = await testNamespace();
    const { post } = await startGateway(test);
    const waiting = post(order("1"), { prefer: "wait=10" });
    await waitFor(
      async () => (await readTopic(test, test.topics.events)).length > 0,
    );
    const { decision } = await import("../support/sample-records.ts");
    const record = decision({
      eventId: "1",
      source: "test-erp",
      orderId: "O-1",
      trigger: "order",
      outcome: "hold",
      codes: ["H01"],
    });
    await test.append([{ topic: test.topics.decisions, key: "C-1", record }]);
    expect(await waiting).toMatchObject({
      status: 200,
      body: { decision: { orderId: "O-1", outcome: "hold", codes: ["H01"] } },
    });
  });

  it("takes 100 MB of lines in less than 256 MB of memory", async () => {
    const test = await testNamespace();
    const { service, key } = await startGateway(test);
    const filler = "x".repeat(800);
    let lines = 0;
    const body = Readable.from(
      (function* () {
        for (let bytes = 0; bytes < streamMb * 1_000_000; lines += 1) {
          const event = order(String(lines), { shipTo: "上海", note: filler });
          const line = Buffer.from(`${JSON.stringify(event)}\n`);
          bytes += line.length;
          yield line;
        }
      })(),
      { objectMode: false },
    );
    const reply = await fetch(`${service.url}/v1/events`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${key}`,
        "content-type": "application/x-ndjson",
      },
      body: Readable.toWeb(body) as ReadableStream,
      duplex: "half",
    } as RequestInit);
    expect(await reply.json()).toMatchObject({ accepted: lines });
    const status = readFileSync(`/proc/${String(service.pid)}/status`, "utf8");
    const peakMb = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
    expect(peakMb).toBeLessThan(residentMaxMb);
  });
});
