/**
 * A network namespace that reaches the broker (and the registry) by one link
 * and Redis by another, each a veth pair of its own: what is cut there is
 * silent, as a broken cable is. Needs root and iproute2.
 */
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { stack, waitFor } from "../support/stack.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import type { ProcessorPlace } from "./extra-processor.ts";

const relayEntry = resolve(
  fileURLToPath(new URL("./relay.ts", import.meta.url)),
);

export interface Link {
  /** Nothing passes, either way. */
  readonly cut: () => void;
  /** Requests arrive, replies do not. */
  readonly cutReplies: () => void;
  readonly restore: () => void;
}

export interface CutOffPlace {
  readonly place: ProcessorPlace;
  readonly broker: Link;
  readonly redis: Link;
  readonly close: () => Promise<void>;
}

interface Wire {
  readonly link: Link;
  /** This end's address. */
  readonly host: string;
}

const ip = (...args: string[]): void => {
  execFileSync("ip", args, { stdio: ["ignore", "ignore", "pipe"] });
};

/** A veth pair between here and a namespace. */
function layWire(name: string, space: string, subnet: string): Wire {
  const [here, there] = [`${name}a`, `${name}b`];
  const [host, guest] = [`${subnet}.1`, `${subnet}.2`];
  ip("link", "add", here, "type", "veth", "peer", "name", there);
  ip("link", "set", there, "netns", space);
  ip("addr", "add", `${host}/24`, "dev", here);
  ip("link", "set", here, "up");
  ip("-n", space, "addr", "add", `${guest}/24`, "dev", there);
  ip("-n", space, "link", "set", there, "up");
  let undo = (): void => undefined;
  return {
    host,
    link: {
      cut: () => {
        ip("link", "set", here, "down");
        undo = () => {
          ip("link", "set", here, "up");
        };
      },
      cutReplies: () => {
        ip("route", "add", "blackhole", `${guest}/32`);
        undo = () => {
          ip("route", "del", "blackhole", `${guest}/32`);
        };
      },
      restore: () => {
        undo();
        undo = () => undefined;
      },
    },
  };
}

/** Lets a server of this machine answer at the wire's end. */
async function offer(
  wire: Wire,
  address: URL,
): Promise<{ readonly proxy: TcpProxy; readonly pair: string }> {
  const proxy = await startTcpProxy(
    { host: address.hostname, port: Number(address.port) },
    { host: wire.host, port: 0 },
  );
  return { proxy, pair: `${address.port}=${wire.host}:${String(proxy.port)}` };
}

export async function openCutOffPlace(): Promise<CutOffPlace> {
  const id = randomBytes(3).toString("hex");
  const space = `rw${id}`;
  const net = 64 + Math.floor(Math.random() * 128);
  ip("netns", "add", space);
  const undo: (() => void | Promise<void>)[] = [
    // Its ends of the wires go with it, and ours with those.
    () => {
      ip("netns", "del", space);
    },
  ];
  const close = async (): Promise<void> => {
    for (const step of undo.toReversed()) await step();
  };
  try {
    ip("-n", space, "link", "set", "lo", "up");
    const toBroker = layWire(`k${id}`, space, `10.231.${String(net)}`);
    const toRedis = layWire(`r${id}`, space, `10.232.${String(net)}`);
    const { brokers, registryUrl, redisUrl } = stack();
    const offers = await Promise.all([
      offer(toBroker, new URL(`kafka://${brokers[0] ?? ""}`)),
      offer(toBroker, new URL(registryUrl)),
      offer(toRedis, new URL(redisUrl)),
    ]);
    for (const { proxy } of offers) undo.push(proxy.close);
    const within = ["ip", "netns", "exec", space];
    const relay = spawn(
      "ip",
      [
        ...within.slice(1),
        ...[process.execPath, relayEntry],
        ...offers.map(({ pair }) => pair),
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    undo.push(() => {
      relay.kill("SIGKILL");
    });
    let said = "";
    relay.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    await waitFor(() => said.includes("relaying"));
    return {
      place: { within },
      ...{ broker: toBroker.link, redis: toRedis.link, close },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
