/** The notifier of a test namespace, and a receiver that it sends to. */
import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { Kafka, logLevel } from "kafkajs";
import { onTestFinished } from "vitest";
import type { TestNamespace } from "./namespace.ts";
import { alert } from "./sample-records.ts";
import { serviceSecret } from "@riskwall/schemas/home-keys";
import { startService, testHome, type Service } from "./service.ts";
import { stack } from "./stack.ts";

/** Starts the notifier; on a port of its own when a test starts it again. */
export async function startNotifier(
  space: TestNamespace,
  port?: number,
): Promise<Service> {
  return startService({
    ...(port === undefined ? {} : { port }),
    entry: "notifier/src/main.ts",
    portVariable: "RISKWALL_NOTIFIER_PORT",
    env: { RISKWALL_NAMESPACE: space.namespace, LOG_LEVEL: "warn" },
  });
}

/** Asks a notifier of `startNotifier` as a service of its home does. */
export async function askNotifier(
  { url }: Service,
  path: string,
): Promise<Response> {
  const authorization = `Bearer ${serviceSecret(testHome())}`;
  return fetch(`${url}${path}`, { headers: { authorization } });
}

/** Secret of the receiver's signatures. */
export const receiverSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

export interface Received {
  readonly id: string;
  readonly type: string;
  readonly alertId: string;
  readonly signed: boolean;
  readonly at: number;
}

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** Status of the next answers; the last one stays. */
  readonly statuses: number[];
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

function isSigned(request: IncomingMessage, body: string): boolean {
  const { headers } = request;
  const id = String(headers["webhook-id"]);
  const text = `${id}.${String(headers["webhook-timestamp"])}.${body}`;
  const key = Buffer.from(receiverSecret.slice("whsec_".length), "base64");
  const wanted = createHmac("sha256", key).update(text).digest("base64");
  return headers["webhook-signature"] === `v1,${wanted}`;
}

/** A webhook's receiver that notes what it is sent. */
export async function startReceiver(answerAfterMs = 0): Promise<Receiver> {
  const received: Received[] = [];
  const statuses = [200];
  const server = createServer((request, reply) => {
    void bodyOf(request).then((body) => {
      const json = JSON.parse(body) as {
        type: string;
        data: { alertId: string };
      };
      received.push({
        id: String(request.headers["webhook-id"]),
        type: json.type,
        alertId: json.data.alertId,
        signed: isSigned(request, body),
        at: Date.now(),
      });
      const status = statuses.length > 1 ? statuses.shift() : statuses[0];
      setTimeout(() => reply.writeHead(status ?? 200).end(), answerAfterMs);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { url: `http://127.0.0.1:${String(port)}/hook`, received, statuses };
}

/** Appends one snapshot of an alert to partition 5 of the alerts topic. */
export async function raise(
  space: TestNamespace,
  offset: number,
  over: Parameters<typeof alert>[0],
): Promise<void> {
  await space.append([
    {
      topic: space.topics.alerts,
      key: "C-1",
      record: alert({ partition: 5, offset, ...over }),
      partition: 5,
    },
  ]);
}

/** Writes an entry of the settings topic. */
export async function writeSetting(
  space: Pick<TestNamespace, "topics">,
  key: string,
  value: object,
): Promise<void> {
  const kafka = new Kafka({
    clientId: "riskwall-test",
    brokers: [...stack().brokers],
    logLevel: logLevel.NOTHING,
  });
  const producer = kafka.producer();
  await producer.connect();
  const messages = [{ key, value: JSON.stringify(value) }];
  await producer.send({ topic: space.topics.settings, acks: -1, messages });
  await producer.disconnect();
}
