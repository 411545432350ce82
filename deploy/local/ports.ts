/** Ports of the local stack, all counted from one base (contract 1). */
import { createServer } from "node:net";

export interface Ports {
  readonly dashboard: number;
  readonly ingest: number;
  readonly processor: number;
  readonly historian: number;
  readonly notifier: number;
  readonly clickhouseHttp: number;
  readonly redis: number;
  readonly registry: number;
  readonly clickhouseNative: number;
  readonly kafka: number;
  readonly kafkaController: number;
}

export function planPorts(base: number): Ports {
  return {
    dashboard: base,
    ingest: base + 100,
    processor: base + 101,
    historian: base + 102,
    notifier: base + 103,
    clickhouseHttp: base + 123,
    redis: base + 179,
    registry: base + 181,
    clickhouseNative: base + 190,
    kafka: base + 192,
    kafkaController: base + 193,
  };
}

/** True when nothing listens on the port of the loopback interface. */
export async function isFree(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const probe = createServer();
    probe.once("error", () => {
      answer(false);
    });
    probe.listen(port, "127.0.0.1", () => {
      probe.close(() => {
        answer(true);
      });
    });
  });
}

/** Names of the ports that are taken. */
export async function takenPorts(
  ports: Readonly<Partial<Ports>>,
): Promise<string[]> {
  const taken: string[] = [];
  for (const [name, port] of Object.entries(ports)) {
    if (!(await isFree(port))) taken.push(`${name} ${String(port)}`);
  }
  return taken;
}

const randomBaseTries = 50;

/** A random base whose ports are all free now. */
export async function freeBase(): Promise<number> {
  for (let i = 0; i < randomBaseTries; i += 1) {
    const base = 20_000 + Math.floor(Math.random() * 10_000);
    if ((await takenPorts(planPorts(base))).length === 0) return base;
  }
  throw new Error("no free range of ports was found");
}
