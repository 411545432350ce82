import { describe, expect, it } from "vitest";
import type { ProducerBatch } from "kafkajs";
import {
  createAppender,
  LogUnavailable,
  queueMax,
  queueMaxBytes,
  type OutRecord,
} from "./appender.ts";

const record = (key: string, size = 10): OutRecord => ({
  topic: "t",
  key,
  value: Buffer.alloc(size),
});

/** A producer whose requests are answered by hand. */
function handProducer() {
  const sent: { batch: ProducerBatch; answer: (error?: Error) => void }[] = [];
  return {
    sent,
    keys: () =>
      sent.map(({ batch }) =>
        (batch.topicMessages ?? []).flatMap(({ messages }) =>
          messages.map(({ key }) => String(key)),
        ),
      ),
    sendBatch: async (batch: ProducerBatch) =>
      new Promise<[]>((done, fail) => {
        sent.push({
          batch,
          answer: (error) => {
            if (error) fail(error);
            else done([]);
          },
        });
      }),
  };
}

const settled = async (): Promise<void> => {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
};

describe("appender", () => {
  it("sends one request at a time; what comes meanwhile travels together", async () => {
    const producer = handProducer();
    const appender = createAppender(producer);
    const first = appender.append([record("a")]);
    const second = appender.append([record("b"), record("c")]);
    const third = appender.append([record("d")]);
    await settled();
    expect(producer.keys()).toEqual([["a"]]);
    expect(appender.depth()).toBe(4);
    producer.sent[0]?.answer();
    await first;
    await settled();
    expect(producer.keys()).toEqual([["a"], ["b", "c", "d"]]);
    producer.sent[1]?.answer();
    await Promise.all([second, third]);
    expect(appender.depth()).toBe(0);
  });

  it("asks for the acknowledgement of all replicas", async () => {
    const producer = handProducer();
    const done = createAppender(producer).append([record("a")]);
    producer.sent[0]?.answer();
    await done;
    expect(producer.sent[0]?.batch.acks).toBe(-1);
  });

  it("splits what is larger than a request, and waits for all of it", async () => {
    const producer = handProducer();
    const appender = createAppender(producer);
    const big = Array.from({ length: 30 }, (_, i) =>
      record(String(i), 64 * 1024),
    );
    const done = appender.append(big);
    let answered = false;
    void done.then(() => {
      answered = true;
    });
    for (let i = 0; i < 3; i += 1) {
      await settled();
      expect(answered).toBe(false);
      producer.sent[i]?.answer();
    }
    await done;
    const sizes = producer.keys().map((keys) => keys.length * 64 * 1024);
    expect(sizes.length).toBe(3);
    expect(Math.max(...sizes)).toBeLessThan(1024 * 1024);
    expect(producer.keys().flat()).toEqual(big.map(({ key }) => key));
  });

  it("fails what is in flight and what waits when the log is away", async () => {
    const producer = handProducer();
    const appender = createAppender(producer);
    const results = Promise.allSettled([
      appender.append([record("a")]),
      appender.append([record("b")]),
    ]);
    producer.sent[0]?.answer(new Error("no broker"));
    for (const result of await results) {
      expect(result).toMatchObject({
        status: "rejected",
        reason: expect.any(LogUnavailable) as unknown,
      });
    }
    const later = appender.append([record("c")]);
    await settled();
    producer.sent[1]?.answer();
    await later;
    expect(producer.keys()).toEqual([["a"], ["c"]]);
  });

  it("answers in time when the broker hangs, and drops what was given up", async () => {
    const producer = handProducer();
    const appender = createAppender(producer, 20);
    const hung = appender.append([record("a")]);
    const queued = appender.append([record("b")]);
    await expect(hung).rejects.toThrow(LogUnavailable);
    await expect(queued).rejects.toThrow(LogUnavailable);
    producer.sent[0]?.answer();
    await settled();
    const next = appender.append([record("c")]);
    await settled();
    producer.sent[1]?.answer();
    await next;
    expect(producer.keys()).toEqual([["a"], ["c"]]);
  });

  it("refuses more than the queue holds", async () => {
    const producer = handProducer();
    const appender = createAppender(producer);
    const first = appender.append([record("a")]);
    const many = Array.from({ length: queueMax }, () => record("b", 0));
    await expect(appender.append(many)).rejects.toThrow(LogUnavailable);
    const heavy = [record("c", queueMaxBytes)];
    await expect(appender.append(heavy)).rejects.toThrow(LogUnavailable);
    producer.sent[0]?.answer();
    await first;
    const after = appender.append(heavy);
    producer.sent[1]?.answer();
    await after;
  });

  it("keeps partition and topic of each record", async () => {
    const producer = handProducer();
    const done = createAppender(producer).append([
      { ...record("#control"), partition: 3 },
      { ...record("x"), topic: "u" },
    ]);
    producer.sent[0]?.answer();
    await done;
    expect(producer.sent[0]?.batch.topicMessages).toMatchObject([
      { topic: "t", messages: [{ key: "#control", partition: 3 }] },
      { topic: "u", messages: [{ key: "x" }] },
    ]);
  });
});
